// Which arguments of a command are keys, by the key specs of the table.

import { commandKeys, waitingCommands } from './generated/command-keys.ts'

interface Spec {
  /** The argument where it begins, or behind which word from which argument on. */
  index: number
  keyword?: string
  /** Keys up to `last` (negative: from the end), each `step`-th, of the first `limit`-th part. */
  range?: readonly [last: number, step: number, limit: number]
  /** Where their number stands, and from where on they do: both from `index` on. */
  keynum?: readonly [count: number, first: number, step: number]
}

const parsed = new Map<string, readonly Spec[]>()

function parse(text: string): Spec[] {
  return text.split(' ').map((one) => {
    const [begin = '', find = ''] = one.split(':')
    const [word = '', start] = begin.split('@')
    const numbers = find.slice(1).split(',').map(Number) as [number, number, number]
    return {
      index: Number(start ?? word),
      ...(start !== undefined && { keyword: word.toLowerCase() }),
      ...(find.startsWith('r') ? { range: numbers } : { keynum: numbers }),
    }
  })
}

/** The name in the table of a command, with its subcommand; undefined for one that there is not. */
export function commandName(args: readonly string[]): string | undefined {
  const name = (args[0] ?? '').toLowerCase()
  const child = `${name} ${(args[1] ?? '').toLowerCase()}`
  if (commandKeys.has(child)) return child
  return commandKeys.has(name) ? name : undefined
}

/** Whether a command may wait for what others do with its keys. */
export function mayWait(args: readonly string[]): boolean {
  const name = commandName(args)
  if (name === undefined || !waitingCommands.has(name)) return false
  return !name.startsWith('xread') || args.some((arg) => arg.toLowerCase() === 'block')
}

/** The places of the keys (and of shard channels) among the arguments; argument 0 is the command's name. */
export function keyPlaces(args: readonly string[]): number[] {
  const name = commandName(args)
  const text = name === undefined ? '' : commandKeys.get(name)!
  if (!text) return []
  let specs = parsed.get(text)
  if (!specs) parsed.set(text, (specs = parse(text)))
  if (name!.startsWith('xread')) return streamPlaces(args)
  const places: number[] = []
  for (const spec of specs) {
    const own = placesOf(spec, args)
    if (!own) return []
    places.push(...own)
  }
  if (name === 'sort') places.push(...storePlace(args))
  return places
}

/** The keys of XREAD and XREADGROUP: STREAMS may be the value of another option. */
function streamPlaces(args: readonly string[]): number[] {
  for (let at = 1; at < args.length; at++) {
    const word = args[at]!.toLowerCase()
    if (word === 'block' || word === 'count') at++
    else if (word === 'group') at += 2
    else if (word === 'streams') {
      const half = (args.length - at - 1) / 2
      return Number.isInteger(half) ? span(at + 1, at + half, 1, args.length) : []
    } else if (word !== 'noack') return []
  }
  return []
}

/** Undefined: there are fewer keys than it says, so that none counts. */
function placesOf(spec: Spec, args: readonly string[]): number[] | undefined {
  const index = spec.keyword === undefined ? spec.index : find(spec, args) + 1
  if (index <= 0 || index >= args.length) return []
  if (spec.keynum) {
    const [at, first, step] = spec.keynum
    // As Redis takes it here: up to what is no digit.
    const count = Number.parseInt(args[index + at]!, 10)
    if (!(count > 0)) return undefined
    if (index + first + (count - 1) * step >= args.length) return undefined
    return span(index + first, index + first + (count - 1) * step, step, args.length)
  }
  const [last, step, limit] = spec.range!
  let end = last >= 0 ? index + last : args.length + last
  if (last < 0 && limit > 1) end = index + Math.floor((args.length - index) / limit) - 1
  return span(index, end, step, args.length)
}

/** Where the keyword stands; -1: nowhere. */
function find({ keyword, index }: Spec, args: readonly string[]): number {
  if (index >= 0) return args.findIndex((arg, at) => at >= index && arg.toLowerCase() === keyword)
  return args.findLastIndex((arg, at) => at <= args.length + index && arg.toLowerCase() === keyword)
}

/** The key of SORT's last STORE; a word may be the value of another option. */
function storePlace(args: readonly string[]): number[] {
  let place: number[] = []
  for (let at = 2; at < args.length; at++) {
    const word = args[at]!.toLowerCase()
    if (word === 'limit') at += 2
    else if (word === 'by' || word === 'get') at++
    else if (word === 'store' && at + 1 < args.length) place = [at + 1]
  }
  return place
}

function span(first: number, last: number, step: number, length: number): number[] {
  const places: number[] = []
  for (let at = first; at <= Math.min(last, length - 1); at += step) places.push(at)
  return places
}
