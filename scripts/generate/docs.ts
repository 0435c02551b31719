/**
 * What COMMAND DOCS and COMMAND INFO tell beyond the records, as one stream of bytes over a pool in
 * which each text stands once, most used first, so that its number is short. The layout is drawn in
 * `assembly/execution/docs.ts`.
 */
import { Bytes } from './bytes.ts'
import type { Argument, Command } from './commands.ts'

/** Order of the groups, argument types and doc flags: their numbers in the stream. */
export const GROUPS = [
  'generic',
  'string',
  'list',
  'set',
  'sorted-set',
  'hash',
  'pubsub',
  'transactions',
  'connection',
  'server',
  'scripting',
  'hyperloglog',
  'cluster',
  'sentinel',
  'geo',
  'stream',
  'bitmap',
  'internal',
]
export const TYPES = [
  'string',
  'integer',
  'double',
  'key',
  'pattern',
  'unix-time',
  'pure-token',
  'oneof',
  'block',
]
export const DOC_FLAGS = ['DEPRECATED', 'SYSCMD']
/** Bits 4 to 6 of the first byte of an argument. */
export const ARGUMENT_FLAGS = ['', '', '', '', 'optional', 'multiple', 'multiple_token']

export interface Docs {
  /** Where the documentation of each command begins. */
  offsets: number[]
  stream: Bytes
  texts: Bytes
  /** Where a text stands in `texts`. */
  text(value: string): number
}

export function docs(commands: Command[]): Docs {
  const pool = new TextPool()
  for (const command of commands) writeCommand(new Bytes(), command, pool)
  pool.settle()
  const stream = new Bytes()
  const offsets = commands.map((command) => {
    const offset = stream.length
    writeCommand(stream, command, pool)
    return offset
  })
  return { offsets, stream, texts: pool.bytes, text: (value) => pool.offset(value) }
}

function writeCommand(bytes: Bytes, command: Command, pool: TextPool): void {
  const text = (value = ''): void => varint(bytes, pool.offset(value))
  bytes.u8(GROUPS.indexOf(command.group.replace('_', '-')))
  bytes.u8(command.doc.reduce((bits, flag) => bits | (1 << DOC_FLAGS.indexOf(flag)), 0))
  text(command.summary)
  text(command.since)
  text(command.complexity)
  text(command.deprecatedSince)
  text(command.replacedBy)
  bytes.u8(command.tips.length)
  for (const tip of command.tips) text(tip)
  bytes.u8(command.history?.length ?? 0)
  for (const [version, change] of command.history ?? []) {
    text(version)
    text(change)
  }
  writeArguments(bytes, command.arguments ?? [], pool)
  for (const spec of command.keySpecs ?? []) pool.offset(spec.notes ?? '')
}

function writeArguments(bytes: Bytes, list: Argument[], pool: TextPool): void {
  bytes.u8(list.length)
  for (const argument of list) {
    const texts = [argument.token, argument.display, argument.since, argument.deprecatedSince]
    const type = TYPES.indexOf(argument.type)
    if (type < 0) throw new Error(`unknown type of argument: ${argument.type}`)
    const { optional, multiple, multipleToken } = argument
    bytes.u8(type | (optional ? 16 : 0) | (multiple ? 32 : 0) | (multipleToken ? 64 : 0))
    const present = texts.reduce((bits, value, i) => bits | (value === undefined ? 0 : 1 << i), 0)
    bytes.u8(present | (argument.keySpec === undefined ? 0 : 16 + (argument.keySpec << 5)))
    varint(bytes, pool.offset(argument.name))
    for (const value of texts) if (value !== undefined) varint(bytes, pool.offset(value))
    if (argument.arguments) writeArguments(bytes, argument.arguments, pool)
  }
}

/** Seven bits a byte, low ones first; the high bit says that more follow. */
function varint(bytes: Bytes, value: number): void {
  for (; value > 0x7f; value >>= 7) bytes.u8((value & 0x7f) | 0x80)
  bytes.u8(value)
}

/** Texts with their length in a byte before them; number 0 is the empty text, which means none. */
class TextPool {
  bytes = new Bytes()
  #uses = new Map<string, number>()
  #offsets?: Map<string, number>

  /** Where the text stands; before `settle` it only counts the use. */
  offset(text: string): number {
    if (this.#offsets) return this.#offsets.get(text)!
    this.#uses.set(text, (this.#uses.get(text) ?? 0) + 1)
    return 0
  }

  settle(): void {
    this.#offsets = new Map()
    this.#uses.set('', Infinity)
    for (const [text] of [...this.#uses].sort((a, b) => b[1] - a[1])) {
      this.#offsets.set(text, this.bytes.length)
      const length = Buffer.byteLength(text)
      if (length > 255) throw new Error(`too long a text: ${text}`)
      this.bytes.u8(length).text(text)
    }
  }
}
