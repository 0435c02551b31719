// What the store itself says of its commands: COMMAND DOCS, asked once.

import { call } from '../store/store.ts'

export interface ArgumentDocs {
  name: string
  type: string
  token?: string
  flags?: string[]
  arguments?: ArgumentDocs[]
}

export interface CommandDocs {
  name: string
  summary: string
  since: string
  group: string
  complexity?: string
  arguments: ArgumentDocs[]
  subcommands: CommandDocs[]
}

interface Reply {
  [name: string]: {
    summary: string
    since: string
    group: string
    complexity?: string
    arguments?: ArgumentDocs[]
    subcommands?: Reply
  }
}

let asked: Promise<CommandDocs[]> | undefined

/** All commands by name. */
export function commandDocs(): Promise<CommandDocs[]> {
  asked ??= call('COMMAND', 'DOCS').then((reply) => fromReply(reply as unknown as Reply))
  return asked
}

function fromReply(reply: Reply): CommandDocs[] {
  return Object.entries(reply)
    .map(([name, docs]) => ({
      ...docs,
      name: name.toUpperCase().replace('|', ' '),
      arguments: docs.arguments ?? [],
      subcommands: docs.subcommands ? fromReply(docs.subcommands) : [],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The command that words begin with, and how many of them are its name. */
export function commandOf(all: CommandDocs[], typed: string[]): [CommandDocs, number] | undefined {
  const [first = '', second = ''] = typed.map((word) => word.toUpperCase())
  const command = all.find(({ name }) => name === first)
  if (!command) return undefined
  const sub = command.subcommands.find(({ name }) => name === `${first} ${second}`)
  return sub ? [sub, 2] : [command, 1]
}

/** An argument as documentation writes it: `[EX seconds | PX milliseconds]`. */
export function syntax(argument: ArgumentDocs): string {
  const { flags = [] } = argument
  let text = core(argument)
  if (argument.token && argument.type !== 'pure-token') text = `${argument.token} ${text}`.trim()
  if (flags.includes('multiple')) {
    const again = flags.includes('multiple_token') ? text : core(argument)
    text = `${text} [${again} …]`
  }
  return flags.includes('optional') ? `[${text}]` : text
}

function core({ name, type, token, arguments: inner = [] }: ArgumentDocs): string {
  if (type === 'pure-token') return token ?? name.toUpperCase()
  if (type === 'oneof') return inner.map(syntax).join(' | ')
  if (type === 'block') return inner.map(syntax).join(' ')
  return name
}

/** The words that an argument may begin with. */
export function tokens({ type, token, arguments: inner = [] }: ArgumentDocs): string[] {
  if (token) return [token]
  if (type === 'oneof') return inner.flatMap(tokens)
  return type === 'block' && inner[0] ? tokens(inner[0]) : []
}

/**
 * Which of a command's arguments the word at `position` (counted from the first behind the name) is
 * for: leading ones of one word each are counted, later ones stand in any order.
 */
export function argumentAt(command: CommandDocs, position: number): number {
  let left = position
  for (const [
    i,
    { flags = [], type, token, arguments: inner = [] },
  ] of command.arguments.entries()) {
    if (flags.includes('optional') || flags.includes('multiple')) return i
    const size = (token ? 1 : 0) + (type === 'block' ? inner.length : type === 'pure-token' ? 0 : 1)
    if (left < size) return i
    left -= size
  }
  return command.arguments.length
}
