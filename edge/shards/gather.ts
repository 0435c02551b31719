// Commands whose reply is about the whole store and more than a sum: all shards are asked, and this makes one reply of
// what they say.

import { mergeInfo } from './info.ts'
import {
  arrayReply,
  bulkReply,
  errorReply,
  isError,
  itemsOf,
  mapReply,
  nullReply,
  textOf,
} from './replies.ts'
import type { Args } from './session-state.ts'

/** Asks every shard the same commands; the replies of each shard. */
type AskAll = (commands: readonly Args[]) => Promise<Uint8Array[][]>

const utf8 = new TextEncoder()
const decoder = new TextDecoder()

export async function gather(
  name: string,
  args: Args,
  protocol: number,
  askAll: AskAll,
): Promise<Uint8Array> {
  if (name === 'randomkey') return randomKey(args, protocol, askAll)
  const all = (await askAll([args])).map(([reply]) => reply!)
  const failed = all.find(isError)
  if (failed) return failed
  switch (name) {
    case 'info':
      return info(args, all)
    case 'slowlog get':
      return newest(all, (entry) => Number(textOf(itemsOf(entry)[1]!)), limitOf(args[2], 10))
    case 'acl log':
      return /^\d*$/.test(decoder.decode(args[2] ?? utf8.encode('')))
        ? newest(all, (entry) => -ageOf(entry), limitOf(args[2], 10))
        : all[0]!
    case 'memory stats':
      return addUp(all)
    default:
      return all[0] ?? errorReply('ERR no shard answered')
  }
}

/** Each key is as likely as any other: a shard is chosen by how many it has. */
async function randomKey(args: Args, protocol: number, askAll: AskAll): Promise<Uint8Array> {
  const all = await askAll([args, [utf8.encode('DBSIZE')]])
  const failed = all.flat().find(isError)
  if (failed) return failed
  const sizes = all.map(([, size]) => Number(textOf(size!)))
  let left = Math.random() * sizes.reduce((sum, size) => sum + size, 0)
  for (const [shard, size] of sizes.entries()) if ((left -= size) < 0) return all[shard]![0]!
  return nullReply(protocol)
}

function info(args: Args, all: readonly Uint8Array[]): Uint8Array {
  const sections = args.slice(1).map((arg) => decoder.decode(arg).toLowerCase())
  const isWhole =
    sections.length === 0 || sections.some((one) => /^(all|everything|default|shards)$/.test(one))
  // RESP3 has a type for text.
  const isVerbatim = all[0]![0] === VERBATIM
  const texts = all.map((reply) => (isVerbatim ? textOf(reply).slice(TXT.length) : textOf(reply)))
  const merged = mergeInfo(texts, isWhole)
  if (!isVerbatim) return bulkReply(merged)
  const reply = bulkReply(TXT + merged)
  reply[0] = VERBATIM
  return reply
}

const VERBATIM = 61
const TXT = 'txt:'

function limitOf(arg: Uint8Array | undefined, usual: number): number {
  const limit = arg ? Number(decoder.decode(arg)) : usual
  return limit < 0 ? Infinity : limit
}

/** Entries of all shards, the newest first. */
function newest(
  all: readonly Uint8Array[],
  when: (entry: Uint8Array) => number,
  limit: number,
): Uint8Array {
  const entries = all.flatMap(itemsOf).map((entry) => ({ entry, at: when(entry) }))
  entries.sort((a, b) => b.at - a.at)
  return arrayReply(entries.slice(0, limit).map(({ entry }) => entry))
}

/** `age-seconds` of an entry of ACL LOG. */
function ageOf(entry: Uint8Array): number {
  const items = itemsOf(entry)
  const at = items.findIndex((item) => textOf(item) === 'age-seconds')
  return Number(textOf(items[at + 1]!))
}

/** Replies of the same form, their integers added up; what else they hold is the first's. */
function addUp(all: readonly Uint8Array[]): Uint8Array {
  const [first] = all
  const type = String.fromCharCode(first![0]!)
  if (type === ':')
    return utf8.encode(`:${all.reduce((sum, one) => sum + Number(textOf(one)), 0)}\r\n`)
  if (type !== '*' && type !== '%') return first!
  const byName = all.map((one) => {
    const items = itemsOf(one)
    return new Map(items.flatMap((item, i) => (i % 2 ? [] : [[textOf(item), items[i + 1]!]])))
  })
  const names = [...new Set(byName.flatMap((map) => [...map.keys()]))]
  const items = names.flatMap((name) => [
    bulkReply(name),
    addUp(byName.flatMap((map) => map.get(name) ?? [])),
  ])
  return type === '%' ? mapReply(items) : arrayReply(items)
}
