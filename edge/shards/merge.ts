// The replies of several shards as one.

import {
  arrayReply,
  bulkReply,
  errorReply,
  integerReply,
  isError,
  itemsOf,
  textOf,
} from './replies.ts'
import type { Merge, Part } from './routes.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** The replies of the parts of a command, put together as its keys stood. */
export function mergeParts(
  replies: readonly Uint8Array[],
  route: { parts: readonly Part[]; first: number; merge: Merge },
): Uint8Array {
  if (route.merge !== 'values') return mergeReplies(replies, route.merge)
  const failed = replies.find(isError)
  if (failed) return failed
  const values: Uint8Array[][] = []
  for (const [i, { places }] of route.parts.entries()) {
    const items = itemsOf(replies[i]!)
    const each = items.length / places.length
    for (const [k, place] of places.entries())
      values[place - route.first] = items.slice(k * each, (k + 1) * each)
  }
  return arrayReply(values.flat())
}

/** The replies of all shards to the same command, or of some to their parts. */
export function mergeReplies(replies: readonly Uint8Array[], merge: Merge): Uint8Array {
  const failed = replies.find(isError)
  if (merge === 'any')
    return replies.find((reply) => !isError(reply) && !isNull(reply)) ?? failed ?? replies[0]!
  if (failed) return failed
  switch (merge) {
    case 'sum':
      return integerReply(replies.reduce((sum, reply) => sum + Number(textOf(reply)), 0))
    case 'items':
      return arrayReply(replies.flatMap(itemsOf))
    case 'distinct': {
      const items = new Map(replies.flatMap(itemsOf).map((item) => [textOf(item), item]))
      return arrayReply([...items.values()])
    }
    case 'every': {
      const all = replies.map((reply) => itemsOf(reply).map((item) => Number(textOf(item))))
      return arrayReply(all[0]!.map((_, i) => integerReply(Math.min(...all.map((one) => one[i]!)))))
    }
    default:
      return replies[0] ?? errorReply('ERR no shard answered')
  }
}

const isNull = (reply: Uint8Array): boolean =>
  reply[0] === 95 || (reply[0] === 36 && reply[1] === 45)

/**
 * Where a step of SCAN goes. The cursor of a store is that of a shard times the number of shards, plus the number
 * of the shard: 0 begins with the first.
 */
export function scanStart(
  args: readonly Uint8Array[],
  shards: number,
): { shard: number; args: Uint8Array[] } | undefined {
  const text = decoder.decode(args[1])
  if (!/^\d{1,20}$/.test(text)) return undefined
  const cursor = BigInt(text)
  const own = encoder.encode(String(cursor / BigInt(shards)))
  return { shard: Number(cursor % BigInt(shards)), args: [args[0]!, own, ...args.slice(2)] }
}

/** A shard's step as the store's: behind the last key of a shard comes the next one. */
export function scanReply(reply: Uint8Array, shard: number, shards: number): Uint8Array {
  const [cursor, keys] = itemsOf(reply)
  const own = BigInt(textOf(cursor!))
  const isDone = own === 0n
  if (isDone && shard + 1 === shards) return reply
  const next = isDone ? BigInt(shard + 1) : own * BigInt(shards) + BigInt(shard)
  return arrayReply([bulkReply(String(next)), keys!])
}
