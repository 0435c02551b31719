// What the word under the cursor could become: a command, a subcommand, a key, or a word of the syntax.

import { texts } from '../store/store.ts'
import { argumentAt, type CommandDocs, commandOf, tokens } from './docs.ts'
import { words } from './words.ts'

export interface Choice {
  text: string
  note: string
}

export interface Completion {
  choices: Choice[]
  /** The part of the line that a choice takes the place of. */
  start: number
  end: number
}

export interface Place {
  command: CommandDocs | undefined
  /** Index of the argument that the cursor is in. */
  argument: number
  typed: string[]
  start: number
  end: number
}

const MOST = 8
/** Keys are looked for no longer than somebody waits who types. */
const SEARCH_MS = 200
const decoder = new TextDecoder()

/** Where in its command the cursor stands. */
export function placeOf(line: string, cursor: number, all: CommandDocs[]): Place {
  const before = line.slice(0, cursor)
  let found: ReturnType<typeof words> = []
  try {
    found = words(before, true)
  } catch {
    // a word right behind a quote: there is nothing to complete
  }
  const typed = found.map(({ value }) =>
    typeof value === 'string' ? value : decoder.decode(value),
  )
  if (before === '' || /\s$/.test(before)) typed.push('')
  const start = found.length === typed.length ? found.at(-1)!.start : cursor
  const match = commandOf(all, typed)
  const position = match ? typed.length - 1 - match[1] : -1
  return {
    command: match?.[0],
    argument: match && position >= 0 ? argumentAt(match[0], position) : -1,
    typed,
    start,
    end: cursor,
  }
}

export async function complete(place: Place, all: CommandDocs[]): Promise<Completion> {
  const choices = await candidates(place, all)
  return { choices: choices.slice(0, MOST), start: place.start, end: place.end }
}

async function candidates(place: Place, all: CommandDocs[]): Promise<Choice[]> {
  const { typed, command } = place
  const word = typed.at(-1)!
  const upper = word.toUpperCase()
  if (typed.length === 1) {
    if (!word) return []
    const starting = all.filter(({ name }) => name.startsWith(upper))
    const containing = all.filter(({ name }) => name.indexOf(upper) > 0)
    return [...starting, ...containing].map(({ name, summary }) => ({ text: name, note: summary }))
  }
  if (!command) return []
  if (typed.length === 2 && command.subcommands.length) {
    const prefix = `${command.name} ${upper}`
    return command.subcommands
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, summary }) => ({ text: name.split(' ')[1]!, note: summary }))
  }
  const argument = command.arguments[place.argument]
  if (argument?.type === 'key') return keys(word)
  if (!word) return []
  return command.arguments
    .slice(Math.max(0, place.argument))
    .flatMap(tokens)
    .filter((token) => token.startsWith(upper) && token !== upper)
    .map((text) => ({ text, note: '' }))
}

async function keys(prefix: string): Promise<Choice[]> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`
  const found = new Set<string>()
  const began = performance.now()
  let cursor = '0'
  do {
    const reply = await texts('SCAN', cursor, 'MATCH', pattern, 'COUNT', '5000')
    const [next, keys] = reply as unknown as [string, string[]]
    for (const key of keys) if (key !== prefix) found.add(key)
    cursor = next
  } while (cursor !== '0' && found.size < MOST && performance.now() - began < SEARCH_MS)
  const some = [...found].sort().slice(0, MOST)
  const types = await Promise.all(some.map((key) => texts('TYPE', key)))
  return some.map((key, i) => ({
    text: /[\s"']/.test(key) ? JSON.stringify(key) : key,
    note: String(types[i]),
  }))
}
