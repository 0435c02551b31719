/**
 * The command table as objects: what `assembly/table/commands/<group>.json` says of each command
 * and subcommand, with what follows from it computed once (categories, legacy key range, parents).
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Bits of a command's flags, in the order in which COMMAND INFO lists them. */
export const FLAGS = [
  'WRITE',
  'READONLY',
  'DENYOOM',
  'ADMIN',
  'PUBSUB',
  'NOSCRIPT',
  'BLOCKING',
  'LOADING',
  'STALE',
  'SKIP_MONITOR',
  'SKIP_SLOWLOG',
  'ASKING',
  'FAST',
  'NO_AUTH',
  'MAY_REPLICATE',
  'SENTINEL',
  'ONLY_SENTINEL',
  'NO_MANDATORY_KEYS',
  'PROTECTED',
  'NO_ASYNC_LOADING',
  'NO_MULTI',
  'MOVABLE_KEYS',
  'ALLOW_BUSY',
  'TOUCHES_ARBITRARY_KEYS',
  'HOST',
  'BREAKS',
  'CHEAP',
  'INTERNAL',
] as const

/** Bits of the ACL categories, in the order in which Redis lists them. */
export const CATEGORIES = [
  'KEYSPACE',
  'READ',
  'WRITE',
  'SET',
  'SORTEDSET',
  'LIST',
  'HASH',
  'STRING',
  'BITMAP',
  'HYPERLOGLOG',
  'GEO',
  'STREAM',
  'PUBSUB',
  'ADMIN',
  'FAST',
  'SLOW',
  'BLOCKING',
  'DANGEROUS',
  'CONNECTION',
  'TRANSACTION',
  'SCRIPTING',
] as const

/** Bits of a key spec's flags, in the order in which COMMAND INFO lists them. */
export const KEY_FLAGS = [
  'RO',
  'RW',
  'OW',
  'RM',
  'ACCESS',
  'UPDATE',
  'INSERT',
  'DELETE',
  'NOT_KEY',
  'INCOMPLETE',
  'VARIABLE_FLAGS',
] as const

/** How a command finds some of its keys; neither index nor keyword means that it cannot be told. */
export interface KeySpec {
  flags: string
  index?: number
  keyword?: string
  /** Where the search for the keyword begins; negative counts from the end, backwards. */
  startFrom?: number
  /** Last key (relative to the first, negative from the end), step, limit. */
  range?: [number, number, number]
  /** Where the number of keys is, where the first key is (both relative), step. */
  keynum?: [number, number, number]
  notes?: string
}

export interface Argument {
  name: string
  type: string
  token?: string
  display?: string
  keySpec?: number
  optional?: boolean
  multiple?: boolean
  multipleToken?: boolean
  since?: string
  deprecatedSince?: string
  arguments?: Argument[]
}

/** An entry of the table as it stands in the file. */
interface Entry {
  summary?: string
  since: string
  complexity?: string
  history?: [string, string][]
  doc?: string
  deprecatedSince?: string
  replacedBy?: string
  arity: number
  flags: string
  acl?: string
  tips?: string
  wadi?: string
  handler?: string
  reply?: string
  keySpecs?: KeySpec[]
  arguments?: Argument[]
}

export interface Command extends Omit<Entry, 'flags' | 'acl' | 'tips' | 'wadi' | 'doc'> {
  /** `CONFIG GET`; a subcommand's name has a blank in it. */
  name: string
  group: string
  flags: Set<string>
  categories: Set<string>
  tips: string[]
  doc: string[]
  /** First key, last key, step: zeros when no plain range of arguments holds keys. */
  legacyRange: [number, number, number]
  parent?: Command
  children: Command[]
  /** Whether the engine has a handler for it or for one of its subcommands. */
  supported: boolean
}

const words = (text = ''): string[] => text.split(' ').filter(Boolean)

/** All commands: first those without a parent by name, then the subcommands of each. */
export function loadCommands(assembly: string): Command[] {
  const folder = join(assembly, 'table/commands')
  const byName = new Map<string, Command>()
  for (const file of readdirSync(folder).sort()) {
    const text = readFileSync(join(folder, file), 'utf8')
    const entries = JSON.parse(text) as Record<string, Entry>
    if (text.match(/^ {2}"/gm)?.length !== Object.keys(entries).length)
      throw new Error(`${file}: a command stands twice in the table`)
    for (const [name, entry] of Object.entries(entries)) {
      if (byName.has(name)) throw new Error(`${file}: ${name} stands twice in the table`)
      byName.set(name, command(name, file.replace('.json', ''), entry))
    }
  }
  const commands = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const handlers = new Handlers(join(assembly, 'commands'))
  for (const each of commands) {
    each.supported = each.handler !== undefined && handlers.has(each.handler)
    if (!each.name.includes(' ')) continue
    const parent = byName.get(each.name.split(' ')[0]!)
    if (!parent) throw new Error(`${each.name} has no parent in the table`)
    each.parent = parent
    parent.children.push(each)
  }
  for (const { children } of commands) dropLonelyHelp(children)
  for (const each of commands) each.supported ||= each.children.some((child) => child.supported)
  const parents = commands.filter((each) => !each.parent)
  return [...parents, ...parents.flatMap((parent) => parent.children)]
}

/** HELP is made from the table: it is there where another subcommand is. */
function dropLonelyHelp(children: Command[]): void {
  const isHelp = (child: Command): boolean => child.name.endsWith(' HELP')
  if (children.some((child) => child.supported && !isHelp(child))) return
  for (const child of children) child.supported = false
}

function command(name: string, group: string, entry: Entry): Command {
  const flags = new Set([...words(entry.flags), ...words(entry.wadi?.toUpperCase())])
  const keySpecs = entry.keySpecs ?? []
  const { range, movable } = legacyRange(keySpecs)
  if (movable) flags.add('MOVABLE_KEYS')
  check(name, flags, FLAGS)
  for (const spec of keySpecs) check(name, words(spec.flags), KEY_FLAGS)
  const categories = implied(flags, new Set(words(entry.acl)))
  check(name, categories, CATEGORIES)
  return {
    ...entry,
    name,
    group,
    flags,
    categories,
    tips: words(entry.tips),
    doc: words(entry.doc),
    legacyRange: range,
    children: [],
    supported: false,
  }
}

function check(name: string, found: Iterable<string>, known: readonly string[]): void {
  for (const word of found) {
    if (!known.includes(word)) throw new Error(`${name}: unknown word ${word}`)
  }
}

/** The categories that follow from the flags are not written in the table. */
function implied(flags: Set<string>, categories: Set<string>): Set<string> {
  if (flags.has('WRITE')) categories.add('WRITE')
  if (flags.has('READONLY') && !categories.has('SCRIPTING')) categories.add('READ')
  if (flags.has('ADMIN')) categories.add('ADMIN').add('DANGEROUS')
  if (flags.has('PUBSUB')) categories.add('PUBSUB')
  if (flags.has('BLOCKING')) categories.add('BLOCKING')
  categories.add(flags.has('FAST') ? 'FAST' : 'SLOW')
  return categories
}

/**
 * The range of arguments that hold keys, for clients that know no key specs: the specs of plain
 * ranges that follow each other, joined. What it cannot say makes the keys "movable".
 */
function legacyRange(specs: KeySpec[]): { range: [number, number, number]; movable: boolean } {
  let movable = specs.some(({ flags }) => flags.includes('INCOMPLETE'))
  const [only] = specs
  if (specs.length === 1 && only?.index !== undefined && only.range) {
    const [last, step] = only.range
    return { range: [only.index, last < 0 ? last : only.index + last, step], movable }
  }
  let first = 0
  let last = 0
  for (const { index, range } of specs) {
    const plain = index !== undefined && range?.[1] === 1 && (!last || last === index - 1)
    if (!plain) {
      movable = true
      continue
    }
    first ||= index
    last = range[0] < 0 ? range[0] : index + range[0]
  }
  return { range: first ? [first, last, 1] : [0, 0, 0], movable }
}

/** Knows which functions the engine's command files export. */
class Handlers {
  #exports = new Map<string, Set<string>>()

  #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Whether the host answers the command, or `file.name` names a function that the file exports. A file
   * that is not there is a family to come; a file without the function is a name misspelt.
   */
  has(handler: string): boolean {
    if (handler === 'host') return true
    const [file, name] = handler.split('.') as [string, string]
    const names = this.#namesOf(file)
    if (names && !names.has(name)) {
      throw new Error(`handler ${handler}: assembly/commands/${file}.ts exports no such function`)
    }
    return names !== undefined
  }

  #namesOf(file: string): Set<string> | undefined {
    const path = join(this.#folder, `${file}.ts`)
    if (!this.#exports.has(file) && existsSync(path)) {
      const functions = readFileSync(path, 'utf8').matchAll(/^export function (\w+)\(/gm)
      this.#exports.set(file, new Set([...functions].map((match) => match[1]!)))
    }
    return this.#exports.get(file)
  }
}
