// The line that is typed: completion above it, the command's syntax and summary below.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'
import { complete, type Completion, type Place, placeOf } from './completion.ts'
import { type CommandDocs, commandDocs, syntax } from './docs.ts'
import { History } from './history.ts'

interface Props {
  /** In front of the line: the database, an open transaction. */
  label: string
  line: string
  onLine: (line: string) => void
  onEnter: (line: string) => void
  onClear: () => void
  /** Ctrl C, as in a terminal. */
  onStop: () => void
}

const NONE: Completion = { choices: [], start: 0, end: 0 }

/** Whether Ctrl C would copy something. */
const isSelected = ({ target }: KeyboardEvent): boolean => {
  const { selectionStart, selectionEnd } = target as HTMLInputElement
  return selectionStart !== selectionEnd || String(getSelection()) !== ''
}

export function Prompt({ label, line, onLine, onEnter, onClear, onStop }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const history = useMemo(() => new History(), [])
  const [docs, setDocs] = useState<CommandDocs[]>([])
  const [place, setPlace] = useState<Place>()
  const [completion, setCompletion] = useState(NONE)
  const [chosen, setChosen] = useState(-1)
  const isAsked = useRef(0)

  useEffect(() => {
    void commandDocs().then(setDocs)
    if (matchMedia('(hover: hover)').matches) input.current?.focus()
  }, [])

  const close = () => {
    isAsked.current++
    setCompletion(NONE)
    setChosen(-1)
  }

  const write = (next: string, cursor = next.length) => {
    onLine(next)
    const at = placeOf(next, cursor, docs)
    setPlace(at)
    setChosen(-1)
    const asked = ++isAsked.current
    complete(at, docs).then(
      (found) => asked === isAsked.current && setCompletion(found),
      () => undefined,
    )
  }

  const take = (index: number) => {
    const { start, end, choices } = completion
    const next = `${line.slice(0, start)}${choices[index]!.text} `
    // What was typed of the word since the choices were found is in them, too.
    write(next + line.slice(end).replace(/^\S*\s*/, ''), next.length)
    input.current?.focus()
  }

  const enter = () => {
    const entered = line.trim()
    close()
    setPlace(undefined)
    onLine('')
    if (!entered) return
    history.add(entered)
    onEnter(entered)
  }

  const keys = (event: KeyboardEvent) => {
    const { choices } = completion
    const isOpen = choices.length > 0
    const action = ((): (() => void) | undefined => {
      if (event.ctrlKey && event.key === 'l') return onClear
      if (event.ctrlKey && event.key === 'c' && !isSelected(event)) return onStop
      if (event.key === 'Enter') return isOpen && chosen >= 0 ? () => take(chosen) : enter
      if (event.key === 'Tab' && isOpen && !event.shiftKey) return () => take(Math.max(0, chosen))
      if (event.key === 'Escape') return close
      if (event.key === 'ArrowDown' && isOpen) {
        return () => setChosen((chosen + 1) % choices.length)
      }
      if (event.key === 'ArrowUp' && isOpen && chosen >= 0) return () => setChosen(chosen - 1)
      if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
        const by = event.key === 'ArrowUp' ? 1 : -1
        return () => {
          onLine(history.move(by, line))
          close()
        }
      }
      return undefined
    })()
    if (!action) return
    event.preventDefault()
    action()
  }

  return (
    <div class="prompt">
      {completion.choices.length > 0 && (
        <ul class="choices" id="choices" role="listbox" aria-label="Completions">
          {completion.choices.map(({ text, note }, i) => (
            <li
              key={text}
              id={`choice-${i}`}
              role="option"
              aria-selected={i === chosen}
              onMouseDown={(event) => {
                event.preventDefault()
                take(i)
              }}
            >
              <code>{text}</code>
              <span>{note}</span>
            </li>
          ))}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          enter()
        }}
      >
        <span class="caret" aria-hidden="true">
          {label}›
        </span>
        <input
          ref={input}
          class="typed"
          aria-label="Command"
          role="combobox"
          aria-expanded={completion.choices.length > 0}
          aria-controls="choices"
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `choice-${chosen}` : undefined}
          aria-describedby="command-help"
          placeholder="SET key value"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="send"
          value={line}
          onInput={({ currentTarget }) =>
            write(currentTarget.value, currentTarget.selectionStart ?? undefined)
          }
          onKeyDown={keys}
          onBlur={close}
        />
        <button class="button primary square" aria-label="Run the command" title="Run">
          <Icon name="play" />
        </button>
      </form>
      <Help place={place} />
    </div>
  )
}

function Help({ place }: { place: Place | undefined }) {
  const command = place?.command
  return (
    <div class="help" id="command-help">
      {command ? (
        <>
          <p class="syntax">
            <strong>{command.name}</strong>{' '}
            {command.arguments.map((argument, i) => (
              <span key={i}>
                <span class={i === place.argument ? 'here' : ''}>{syntax(argument)}</span>{' '}
              </span>
            ))}
          </p>
          <p class="soft">
            {command.summary}. <span class="fact">Since {command.since}</span>
            {command.complexity && <span class="fact">{command.complexity}</span>}
          </p>
        </>
      ) : (
        <p class="soft keys">
          <span>
            <kbd>Tab</kbd> completes
          </span>
          <span>
            <kbd>↑</kbd> <kbd>↓</kbd> earlier lines
          </span>
          <span>
            <kbd>Ctrl</kbd> <kbd>L</kbd> clears
          </span>
          <span>
            <kbd>Ctrl</kbd> <kbd>C</kbd> stops what waits
          </span>
        </p>
      )}
    </div>
  )
}
