// A value in a table that becomes a field when it is clicked.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { escaped, text } from '../ui/format.ts'
import { attempt } from '../ui/toast.tsx'

interface Props {
  value: Uint8Array
  /** What the value is, for those who cannot see the head of its column. */
  label: string
  /** Without it the value can only be read. */
  onSave?: (text: string) => Promise<unknown>
}

export function Cell({ value, label, onSave }: Props) {
  const asText = text(value)
  const [isEdited, setEdited] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const wasTyped = useRef(false)
  useLayoutEffect(() => {
    // At once, before anything else is typed. Who ends it with a key goes on from where it was.
    if (!isEdited && wasTyped.current) button.current?.focus()
    wasTyped.current = false
  }, [isEdited])
  if (!onSave || asText === undefined)
    return <span class="value mono">{asText ?? escaped(value)}</span>
  if (isEdited) {
    const end = (isTyped: boolean) => {
      wasTyped.current = isTyped
      setEdited(false)
    }
    return <Editor start={asText} label={label} onSave={onSave} onEnd={end} />
  }
  return (
    <button
      ref={button}
      class="value mono"
      onClick={() => setEdited(true)}
      title="Edit"
      aria-label={`${label}: ${asText}`}
    >
      {asText || <span class="soft">(empty)</span>}
    </button>
  )
}

interface EditorProps {
  start: string
  label: string
  onSave: (text: string) => Promise<unknown>
  /** Whether a key has ended it. */
  onEnd: (isTyped: boolean) => void
}

function Editor({ start, label, onSave, onEnd }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const isDone = useRef(false)
  useLayoutEffect(() => {
    area.current?.focus()
    area.current?.select()
  }, [])
  const end = (isSaved: boolean, isTyped: boolean) => {
    if (isDone.current) return
    isDone.current = true
    const typed = area.current!.value
    onEnd(isTyped)
    if (isSaved && typed !== start) attempt(() => onSave(typed))
  }
  return (
    <textarea
      ref={area}
      class="field mono"
      aria-label={label}
      rows={Math.min(8, start.split('\n').length)}
      defaultValue={start}
      onBlur={() => end(true, false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') end(false, true)
        if (event.key === 'Enter' && !event.shiftKey) {
          event.preventDefault()
          end(true, true)
        }
      }}
    />
  )
}
