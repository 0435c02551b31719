// What one can type: the server's own documentation of its commands, as completions, hints and help.

import type { Frame } from '../../core/decode.ts'
import { textOf } from './format.ts'

export interface CommandDoc {
  /** In upper case, with that of its subcommand. */
  name: string
  summary: string
  since: string
  group: string
  /** What follows the name: `key value [NX|XX]`. */
  syntax: string
}

/** The reply to COMMAND DOCS, in RESP2 or RESP3. */
export function readDocs(reply: Frame): Map<string, CommandDoc> {
  const docs = new Map<string, CommandDoc>()
  for (const [name, doc] of pairs(reply)) addDoc(docs, textOf(name), doc)
  return docs
}

function addDoc(docs: Map<string, CommandDoc>, fullName: string, doc: Frame): void {
  const fields = new Map(pairs(doc).map(([name, value]) => [textOf(name), value]))
  const text = (name: string) => {
    const value = fields.get(name)
    return value ? textOf(value) : ''
  }
  const subcommands = fields.get('subcommands')
  const name = fullName.replace('|', ' ').toUpperCase()
  const syntax = (fields.get('arguments')?.items ?? []).map(syntaxOf).join(' ')
  if (!subcommands || syntax)
    docs.set(name, {
      name,
      summary: text('summary'),
      since: text('since'),
      group: text('group'),
      syntax,
    })
  if (subcommands) for (const [child, its] of pairs(subcommands)) addDoc(docs, textOf(child), its)
}

/** Fields and values of a map, or of the list that RESP2 makes of it. */
function pairs(frame: Frame): [Frame, Frame][] {
  const items = frame.items ?? []
  return items.flatMap((item, i) => (i % 2 ? [] : [[item, items[i + 1]!] as [Frame, Frame]]))
}

/** One argument, as command references write it. */
function syntaxOf(argument: Frame): string {
  const fields = new Map(pairs(argument).map(([name, value]) => [textOf(name), value]))
  const text = (name: string) => {
    const value = fields.get(name)
    return value ? textOf(value) : ''
  }
  const flags = new Set((fields.get('flags')?.items ?? []).map(textOf))
  const parts = (fields.get('arguments')?.items ?? []).map(syntaxOf)
  const token = text('token')
  let what: string
  switch (text('type')) {
    case 'pure-token':
      what = token
      break
    case 'oneof':
      what = withToken(token, parts.join('|'))
      break
    case 'block':
      what = withToken(token, parts.join(' '))
      break
    default:
      what = withToken(token, text('display_text') || text('name'))
  }
  if (flags.has('multiple')) {
    const again = flags.has('multiple_token') ? what : what.slice(token ? token.length + 1 : 0)
    what += ` [${again} ...]`
  }
  return flags.has('optional') ? `[${what}]` : what
}

const withToken = (token: string, rest: string): string => (token ? `${token} ${rest}` : rest)

/** The command that a line begins with, of one word or two. */
export function docOf(
  docs: ReadonlyMap<string, CommandDoc>,
  words: readonly string[],
): { doc: CommandDoc; given: number } | undefined {
  for (const count of [2, 1]) {
    if (words.length < count) continue
    const doc = docs.get(words.slice(0, count).join(' ').toUpperCase())
    if (doc) return { doc, given: words.length - count }
  }
  return undefined
}

/** What is left to type behind a line; '' where nobody knows. */
export function hintFor(docs: ReadonlyMap<string, CommandDoc>, line: string): string {
  const words = line.trimStart().split(/\s+/).filter(Boolean)
  const found = docOf(docs, words)
  if (!found?.doc.syntax) return ''
  const isBetween = /\s$/.test(line)
  // A word that is being typed stands for its argument already.
  let rest = splitSyntax(found.doc.syntax)
  for (let i = 0; i < found.given && rest.length; i++) {
    if (rest[0]!.startsWith('[')) break
    rest = rest.slice(1)
  }
  const text = rest.join(' ')
  return text && !isBetween ? ` ${text}` : text
}

/** The arguments of a syntax, what is in brackets as one. */
function splitSyntax(syntax: string): string[] {
  const parts: string[] = []
  let depth = 0
  let current = ''
  for (const char of syntax) {
    if (char === '[') depth++
    if (char === ']') depth--
    if (char === ' ' && !depth) {
      parts.push(current)
      current = ''
    } else {
      current += char
    }
  }
  return current ? [...parts, current] : parts
}

/** Names of commands that go on from what is typed, in its letter case. */
export function completions(docs: ReadonlyMap<string, CommandDoc>, line: string): string[] {
  const typed = line.toUpperCase()
  const isLower = line === line.toLowerCase()
  const names = [...docs.keys()].filter((name) => name.startsWith(typed))
  return isLower ? names.map((name) => name.toLowerCase()) : names
}

/** HELP of a command, or of all of a group: `help @list`. */
export function help(docs: ReadonlyMap<string, CommandDoc>, words: readonly string[]): string {
  if (!words.length) return HELP
  const wanted = words.join(' ')
  const found = wanted.startsWith('@')
    ? [...docs.values()].filter(({ group }) => group === wanted.slice(1).toLowerCase())
    : [...docs.values()].filter(
        ({ name }) => name === wanted.toUpperCase() || name.startsWith(`${wanted.toUpperCase()} `),
      )
  return `${found.map(entry).join('')}\n`
}

function entry({ name, syntax, summary, since, group }: CommandDoc): string {
  return (
    `\n  ${name}${syntax ? ` ${syntax}` : ''}\n  summary: ${summary}\n` +
    `  since: ${since}\n${group ? `  group: ${group}\n` : ''}`
  )
}

const HELP = `To get help about Redis commands type:
      "help @<group>" to get a list of commands in <group>
      "help <command>" for help on <command>
      "help <tab>" to get a list of possible help topics
      "quit" to exit

To set wadi cli preferences:
      ":set hints" enable online hints
      ":set nohints" disable online hints
`
