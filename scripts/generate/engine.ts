/**
 * The command table as the engine reads it: records and key specs in static memory, laid out as
 * `assembly/execution/info.ts` draws them, and the functions that carry the commands out.
 */
import { Bytes, Pool } from './bytes.ts'
import { ARGUMENT_FLAGS, DOC_FLAGS, docs, type Docs, GROUPS, TYPES } from './docs.ts'
import { CATEGORIES, FLAGS, KEY_FLAGS, type Command, type KeySpec } from './commands.ts'

const HEADER = `// Made by scripts/generate.ts from assembly/table/commands; do not edit.\n`

/** The bits that stand for the words. */
function bits(words: Iterable<string>, known: readonly string[]): number {
  let value = 0
  for (const word of words) value |= 1 << known.indexOf(word)
  return value >>> 0
}

export function engineCommands(commands: Command[], absent: readonly Command[]): string {
  const numbers = new Map(commands.map((command, number) => [command, number]))
  const names = new Pool()
  const records = new Bytes()
  const specs = new Bytes()
  const documentation = docs(commands)
  let specCount = 0
  for (const [number, command] of commands.entries()) {
    const own = (command.name.split(' ')[1] ?? command.name).toLowerCase()
    const children = command.children.filter((child) => numbers.has(child))
    const [first, last, step] = command.legacyRange
    records.u16(number)
    records.i16(command.parent ? numbers.get(command.parent)! : -1)
    records.u16(names.offset(own)).u8(own.length)
    records.u8(command.keySpecs?.length ?? 0)
    records.u32(command.arity)
    const flags = isHosted(command) ? [...command.flags, 'HOST'] : command.flags
    records.u32(bits(flags, FLAGS))
    records.u32(bits(command.categories, CATEGORIES))
    records.i16(first).i16(last).i16(step)
    records.u16(children.length ? numbers.get(children[0]!)! : 0).u16(children.length)
    records.u16(specCount)
    records.u32(0) // handler: known when the module starts
    records.zeros(60 - 36) // counters
    records.u32(documentation.offsets[number]!)
    for (const spec of command.keySpecs ?? []) {
      keySpec(specs, names, documentation, spec)
      specCount++
    }
  }
  const top = commands.filter((command) => !command.parent).length
  return `${HEADER}
/** Commands and subcommands have the numbers 0 to COMMAND_COUNT - 1. */
export const COMMAND_COUNT: i32 = ${commands.length};

/** Numbers below it are commands; the others are subcommands, those of a parent side by side. */
export const TOP_COUNT: i32 = ${top};

/** Spreads the names of the commands best over the index. */
export const INDEX_FACTOR: u64 = ${indexFactor(commands.slice(0, top).map(({ name }) => name))};

export const NAMES: usize = ${names.bytes.toStatic(8)};

export const DOCS: usize = ${documentation.stream.toStatic(8)};

export const TEXTS: usize = ${documentation.texts.toStatic(8)};

export const KEY_SPECS: usize = ${specs.toStatic(8)};

export const RECORDS: usize = ${records.toStatic(64)};

${nameLists(absent)}`
}

/** Flags that COMMAND INFO does not tell. */
const UNTOLD = new Set([
  'MAY_REPLICATE',
  'SENTINEL',
  'ONLY_SENTINEL',
  'PROTECTED',
  'TOUCHES_ARBITRARY_KEYS',
  'HOST',
  'BREAKS',
  'CHEAP',
  'INTERNAL',
])

/** Names that clients see, by number or bit; each after a byte with its length, 255 at the end. */
function nameLists(absent: readonly Command[]): string {
  const flag = (name: string): string =>
    UNTOLD.has(name) ? '' : name.toLowerCase().replace('movable_keys', 'movablekeys')
  const keyFlag = (name: string): string => (name.length === 2 ? name : name.toLowerCase())
  const lower = (name: string): string => name.toLowerCase()
  const lists: Record<string, readonly string[]> = {
    FLAG_NAMES: [...FLAGS.map(flag), ''],
    CATEGORY_NAMES: CATEGORIES.map(lower),
    KEY_FLAG_NAMES: KEY_FLAGS.map(keyFlag),
    GROUP_NAMES: GROUPS,
    DOC_FLAG_NAMES: DOC_FLAGS.map(lower),
    ARGUMENT_TYPE_NAMES: TYPES,
    ARGUMENT_FLAG_NAMES: ARGUMENT_FLAGS,
    ABSENT_NAMES: absent.map(({ name }) => name.toLowerCase().replace(' ', '|')),
  }
  return Object.entries(lists)
    .map(([list, names]) => {
      const bytes = new Bytes()
      for (const name of names) bytes.u8(name.length).text(name)
      return `export const ${list}: usize = ${bytes.u8(255).toStatic(8)};\n`
    })
    .join('\n')
}

/** Layout: KeySpec in assembly/execution/info.ts. */
function keySpec(bytes: Bytes, names: Pool, documentation: Docs, spec: KeySpec): void {
  const [a, b, c] = spec.range ?? spec.keynum ?? [0, 0, 0]
  bytes.u32(bits(spec.flags.split(' '), KEY_FLAGS))
  bytes.u8(spec.index !== undefined ? 1 : spec.keyword !== undefined ? 2 : 0)
  bytes.u8(spec.range ? 1 : spec.keynum ? 2 : 0)
  bytes.i16(spec.index ?? spec.startFrom ?? 0)
  bytes.u16(spec.keyword ? names.offset(spec.keyword) : 0).u16(spec.keyword?.length ?? 0)
  bytes.i16(a)
  // A range has its step second and its limit third; a number of keys the first key and the step.
  if (spec.range) bytes.i16(c).i16(b)
  else bytes.i16(b).i16(c)
  bytes.u16(documentation.text(spec.notes ?? ''))
}

/** The odd factor of a multiplicative hash, of many tried, under which names collide least. */
function indexFactor(names: string[]): string {
  const words = names.map((name) => {
    const bytes = Buffer.alloc(16)
    bytes.write(name.toLowerCase().slice(0, 16), 'latin1')
    return [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)] as const
  })
  let factor = 0x9e3779b97f4a7c15n
  let best = factor
  let fewest = Infinity
  for (let tries = 0; tries < 400 && fewest; tries++) {
    const taken = new Set<number>()
    let collisions = 0
    for (const [low, high] of words) {
      const mixed = low ^ ((high << 23n) | (high >> 41n))
      const slot = Number(BigInt.asUintN(64, mixed * factor) >> 54n)
      if (taken.has(slot)) collisions++
      taken.add(slot)
    }
    if (collisions < fewest) {
      fewest = collisions
      best = factor
    }
    factor = BigInt.asUintN(64, factor * 0xd1342543de82ef95n + 2n) | 1n
  }
  return `0x${best.toString(16)}`
}

/** Whether the host answers it: as the table says, or since the engine has no handler yet. */
function isHosted(command: Command): boolean {
  return command.handler === 'host' || (!command.supported && command.handler !== undefined)
}

/** The file that knows every handler, so that the table itself depends on none of them. */
export function engineHandlers(commands: Command[]): string {
  const handled = commands.filter((each) => each.handler && !isHosted(each))
  const hosted = commands.filter(isHosted)
  const files = [...new Set(handled.map((command) => command.handler!.split('.')[0]!))].sort()
  const alias = (file: string): string => `${file.replaceAll('-', '_')}_commands`
  const imports = files.map((file) => `import * as ${alias(file)} from "../commands/${file}";`)
  const binds = handled.map((command) => {
    const [file, name] = command.handler!.split('.') as [string, string]
    return `  bind(${commands.indexOf(command)}, ${alias(file)}.${name});`
  })
  return `${HEADER}
import { commandInfo } from "../execution/info";
import { Command } from "../execution/command";
${imports.join('\n')}

function bind(number: i32, handler: (cmd: Command) => void): void {
  commandInfo(number).handler = handler.index;
}

/** A command that the host answers: it has no function, but can be called. */
const HOST: u32 = u32.MAX_VALUE;

/** Gives each command its function; once, when the engine boots. */
export function bindHandlers(): void {
${binds.join('\n')}
${hosted.map((each) => `  commandInfo(${commands.indexOf(each)}).handler = HOST;`).join('\n')}
}

/** Carries a command out. It has a handler: a command that only has subcommands never runs. */
// @ts-ignore: decorator
@inline
export function runHandler(number: i32, cmd: Command): void {
  call_indirect<void>(commandInfo(number).handler, cmd);
}
`
}
