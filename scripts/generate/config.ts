/**
 * The table of directives: `assembly/table/config.json` as the engine reads it (the layout is drawn
 * in `assembly/settings/directive.ts`), with a getter for each value that compiles to one load.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Bytes, Pool } from './bytes.ts'

/** Kinds of directives: their numbers in the records. */
const KINDS = [
  'bool',
  'enum',
  'integer',
  'memory',
  'percent-or-memory',
  'octal',
  'string',
  'special',
]

/** Bits of a directive's flags. */
const FLAGS = [
  'immutable',
  'sensitive',
  'multi-arg',
  'deny-loading',
  'host',
  'noeffect',
  'protected',
  'hidden',
  'volatile',
]

/** Size of a record and where in it the value is, as 64 bits and cut off at 32 bits. */
const RECORD_SIZE = 64
const CLAMPED = 12
const VALUE = 40
const I64_MAX = 0x7fff_ffff_ffff_ffffn

/** An entry of the table as it stands in the file. */
interface Entry {
  summary: string
  type: string
  default: boolean | number | string
  /** Lowest and highest value; null means as far as 64 bits go, a text is a number above 2^53. */
  range?: [number, number | string | null]
  /** Names of an enum's values. */
  values?: string
  /** The name of former versions. */
  alias?: string
  flags?: string
  /** What to call when it was set: `sessions/notify.Notify.configured`. */
  apply?: string
}

export interface Directive extends Omit<Entry, 'flags' | 'values' | 'range'> {
  name: string
  flags: string[]
  values: string[]
  lowest: bigint
  highest: bigint
}

export function loadDirectives(path: string): Directive[] {
  const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, Entry>)
  return entries.map(([name, entry]) => complete(name, entry))
}

function complete(name: string, entry: Entry): Directive {
  const flags = entry.flags?.split(' ') ?? []
  const unknown = flags.find((flag) => !FLAGS.includes(flag))
  if (unknown) throw new Error(`${name}: unknown flag ${unknown}`)
  if (!KINDS.includes(entry.type)) throw new Error(`${name}: unknown type ${entry.type}`)
  const [lowest, highest] = entry.range ?? [0, null]
  return {
    ...entry,
    name,
    flags,
    values: entry.values?.split(' ') ?? [],
    lowest: BigInt(lowest),
    highest: highest === null ? I64_MAX : BigInt(highest),
  }
}

/** `hashMaxListpackEntries`. */
const camel = (name: string): string =>
  name.replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase())
const pascal = (name: string): string => camel(`-${name}`)
const constant = (name: string): string => name.replaceAll('-', '_').toUpperCase()

export function engineConfig(directives: Directive[]): string {
  const names = new Pool()
  const texts = new Pool()
  const records = new Bytes()
  for (const directive of directives) record(records, names, texts, directive)
  const enums = directives.filter(({ values }) => values.length)
  return `// Made by scripts/generate.ts from assembly/table/config.json; do not edit.

import { Text } from "../memory/text";

export const DIRECTIVE_COUNT: i32 = ${directives.length};

export const DIRECTIVES: usize = ${records.toStatic(16)};

export const DIRECTIVE_NAMES: usize = ${names.bytes.toStatic(8)};

/** Texts that values begin with: a length of 4 bytes, then the bytes, padded to 4. */
export const INITIAL_TEXTS: usize = ${texts.bytes.toStatic(8)};

/** The numbers of the directives. */
export class Setting {
${directives.map(({ name }, i) => `  static readonly ${camel(name)}: i32 = ${i};`).join('\n')}
}

/** The current values. */
export class Config {
${directives.map(getter).join('\n')}
}
${enums.map(enumClass).join('\n')}`
}

/** Layout: Directive in assembly/settings/directive.ts. */
function record(bytes: Bytes, names: Pool, texts: Pool, directive: Directive): void {
  const { name, alias = '', type, values, flags } = directive
  const isText = typeof directive.default === 'string' && !values.length
  const offset = isText ? initialText(texts, directive.default as string) : 0
  const initial = isText ? BigInt(offset) : BigInt(initialNumber(directive))
  bytes.u16(names.offset(name)).u8(name.length).u8(KINDS.indexOf(type))
  bytes.u16(flags.reduce((all, flag) => all | (1 << FLAGS.indexOf(flag)), 0))
  bytes.u16(names.offset(alias)).u8(alias.length).zeros(3)
  bytes.u32(initial > 0xffff_ffffn ? 0xffff_ffff : Number(initial & 0xffff_ffffn))
  if (values.length) {
    bytes.i64(BigInt(names.offset(values.map((v) => String.fromCharCode(v.length) + v).join(''))))
    bytes.i64(BigInt(values.length))
  } else {
    bytes.i64(directive.lowest).i64(BigInt.asIntN(64, directive.highest))
  }
  bytes.i64(initial)
  bytes.i64(initial)
  bytes.zeros(RECORD_SIZE - 48) // what a running CONFIG SET keeps
}

/** A default that is no text. */
function initialNumber({ name, default: value, values }: Directive): number {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  const index = values.indexOf(value)
  if (index < 0) throw new Error(`${name}: its default is none of its values`)
  // Values that may be combined are bits; none of them is the first.
  return index
}

function initialText(texts: Pool, value: string): number {
  const length = Buffer.byteLength(value)
  const header = String.fromCharCode(length & 255, length >> 8, 0, 0)
  return texts.offset(header + value + '\0'.repeat(-length & 3))
}

/** What a value is read as: small types where the range allows it. */
function getter(directive: Directive, index: number): string {
  const { name, type, lowest, highest } = directive
  const at = RECORD_SIZE * index
  const head = `  /** ${directive.summary}. */\n  @inline static get ${camel(name)}`
  if (name === 'notify-keyspace-events') {
    return `${head}(): u32 {\n    return load<u32>(DIRECTIVES, ${at + CLAMPED});\n  }`
  }
  if (type === 'string' || type === 'special') {
    return `${head}(): Text {\n    return changetype<Text>(load<usize>(DIRECTIVES, ${at + VALUE}));\n  }`
  }
  if (type === 'bool')
    return `${head}(): bool {\n    return load<u32>(DIRECTIVES, ${at + CLAMPED}) != 0;\n  }`
  const signed = lowest < 0n
  const small = signed ? highest <= 0x7fff_ffffn : highest <= I64_MAX
  const read = type === 'enum' ? 'u32' : signed ? (small ? 'i32' : 'i64') : small ? 'u32' : 'u64'
  const field = read === 'u32' ? CLAMPED : VALUE
  return `${head}(): ${read} {\n    return load<${read}>(DIRECTIVES, ${at + field});\n  }`
}

function enumClass({ name, values }: Directive): string {
  const lines = values.map((value, i) => `  static readonly ${constant(value)}: u32 = ${i};`)
  return `\nexport class ${pascal(name)} {\n${lines.join('\n')}\n}`
}

/** The file that knows which parts of the engine keep something of a directive's own. */
export function engineApplied(directives: Directive[]): string {
  const calls = new Map<string, number[]>()
  for (const [number, { apply }] of directives.entries()) {
    if (apply) calls.set(apply, [...(calls.get(apply) ?? []), number])
  }
  const imports = new Set<string>()
  const call = (apply: string): string => {
    const [path, ...names] = apply.split('.') as [string, string]
    imports.add(`import { ${names[0]} } from "../${path}";`)
    return `${names.join('.')}();`
  }
  const cases = [...calls].map(([apply, numbers]) => {
    const labels = numbers.map((each) => `    case ${each}:\n`).join('')
    return `${labels}      ${call(apply)}\n      break;`
  })
  const all = [...calls.keys()].map((apply) => `  ${call(apply)}`)
  return `// Made by scripts/generate.ts from assembly/table/config.json; do not edit.

${[...imports].join('\n')}

/** A directive was set: tells the part of the engine that keeps something of its own of it. */
export function applied(number: i32): void {
  switch (number) {
${cases.join('\n')}
  }
}

/** Once, when the engine boots: the values that directives begin with. */
export function appliedAll(): void {
${all.join('\n')}
}
`
}

/**
 * Tells of a directive whether anyone reads its value: the engine by its getter (or what `apply` names), or
 * a host by its name.
 */
export function directiveReaders(root: string): (directive: Directive) => boolean {
  const engine = sources(join(root, 'assembly'))
  const hosts = sources(join(root, 'host'))
  return ({ name, apply, flags }) => {
    const byEngine = flags.includes('host') ? 'Config' : '(?:Config|Setting)'
    const isRead = new RegExp(String.raw`\b${byEngine}\.${camel(name)}\b`).test(engine)
    return apply !== undefined || isRead || hosts.includes(`'${name}'`)
  }
}

/** All TypeScript below a folder that is not made by a script. */
function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n')
}
