// Where a command goes in a store of several shards.

import { commandArity } from '../../host/core/generated/command-keys.ts'
import { commandName, keyPlaces } from '../../host/core/keys.ts'
import { shardOf, slotOf, type SlotMap } from './slots.ts'

export type Route =
  /** To one shard; `slot` is that of its keys, undefined where it has none. */
  | { kind: 'one'; shard: number; slot?: number }
  /** Its keys, from argument `first` on, are in several: a part to each. */
  | { kind: 'parts'; parts: Part[]; first: number; merge: Merge }
  /** To all shards. */
  | { kind: 'all'; merge: Merge }
  | { kind: 'scan' }
  /** To all shards, whose replies become one in a way of their own. */
  | { kind: 'gather'; name: string }
  /** The session itself answers. */
  | { kind: 'session' }
  | { kind: 'refused'; error: string }

/** The keys of a command that are in one shard, by their places among the arguments. */
export interface Part {
  shard: number
  places: number[]
}

/** How the replies of several become one. */
export type Merge = 'sum' | 'items' | 'distinct' | 'values' | 'first' | 'any' | 'every'

/** Commands of several keys whose parts can be carried out apart. */
const BY_KEY: Record<string, Merge> = {
  mget: 'values',
  del: 'sum',
  unlink: 'sum',
  exists: 'sum',
  touch: 'sum',
}

/** Commands without keys that mean the whole store. */
const EVERYWHERE: Record<string, Merge> = {
  dbsize: 'sum',
  keys: 'items',
  flushall: 'first',
  flushdb: 'first',
  swapdb: 'first',
  save: 'first',
  bgsave: 'first',
  bgrewriteaof: 'first',
  'config set': 'first',
  'config resetstat': 'first',
  'config rewrite': 'first',
  'script load': 'first',
  'script flush': 'first',
  'script exists': 'every',
  'script kill': 'any',
  'function load': 'first',
  'function delete': 'first',
  'function flush': 'first',
  'function restore': 'first',
  'acl setuser': 'first',
  'acl deluser': 'first',
  'client pause': 'first',
  'client unpause': 'first',
  'latency reset': 'sum',
  'memory purge': 'first',
  'pubsub channels': 'distinct',
  'pubsub shardchannels': 'distinct',
  'slowlog len': 'sum',
  'slowlog reset': 'first',
}

const GATHERED = /^(info|randomkey|slowlog get|acl log|memory stats)$/

const SESSION =
  /^(multi|exec|discard|watch|unwatch|hello|auth|select|reset|quit|ping|echo|client|subscribe|unsubscribe|psubscribe|punsubscribe|ssubscribe|sunsubscribe|monitor|readonly|readwrite|asking)( |$)/

const NOT_HERE = /^(migrate|psync|sync|replicaof|slaveof|failover|cluster|shutdown|debug)( |$)/

const decoder = new TextDecoder('latin1')

export function routeOf(args: readonly Uint8Array[], map: SlotMap): Route {
  const words = args.map((arg) => decoder.decode(arg))
  const name = commandName(words) ?? words[0]?.toLowerCase() ?? ''
  const merge = EVERYWHERE[name]
  if (merge) return { kind: 'all', merge }
  if (GATHERED.test(name)) return { kind: 'gather', name }
  if (SESSION.test(name)) return { kind: 'session' }
  if (NOT_HERE.test(name))
    return {
      kind: 'refused',
      error: `ERR ${name.toUpperCase()} is not there in a store of several shards`,
    }
  if (name === 'scan') return { kind: 'scan' }
  if (name === 'publish') return channel(args[1], map)
  if (name === 'pubsub numsub' || name === 'pubsub shardnumsub') return byChannel(args, map)
  const places = keyPlaces(words)
  if (places.length === 0) return { kind: 'one', shard: 0 }
  const slots = places.map((place) => slotOf(args[place]!))
  if (slots.every((slot) => slot === slots[0]))
    return { kind: 'one', shard: shardOf(slots[0]!, map), slot: slots[0]! }
  // What is wrong with it at first sight is said first, by any shard.
  if (!fits(commandArity.get(name)!, args.length)) return { kind: 'one', shard: 0 }
  const apart = BY_KEY[name]
  if (apart)
    return { kind: 'parts', parts: group(places, slots, map), first: places[0]!, merge: apart }
  return { kind: 'refused', error: "CROSSSLOT Keys in request don't hash to the same slot" }
}

const fits = (arity: number, count: number): boolean =>
  arity < 0 ? count >= -arity : count === arity

function group(places: number[], slots: number[], map: SlotMap): Part[] {
  const parts = new Map<number, number[]>()
  for (const [i, place] of places.entries()) {
    const shard = shardOf(slots[i]!, map)
    const part = parts.get(shard)
    if (part) part.push(place)
    else parts.set(shard, [place])
  }
  return [...parts].map(([shard, own]) => ({ shard, places: own }))
}

/** Whoever listens does so on all shards: this one keeps the order of what is published to the channel. */
function channel(name: Uint8Array | undefined, map: SlotMap): Route {
  return { kind: 'one', shard: name ? shardOf(slotOf(name), map) : 0 }
}

/** Channels behind `PUBSUB NUMSUB`, each asked of its shard. */
function byChannel(args: readonly Uint8Array[], map: SlotMap): Route {
  const places = args.slice(2).map((_, i) => i + 2)
  if (places.length === 0) return { kind: 'one', shard: 0 }
  const slots = places.map((place) => slotOf(args[place]!))
  return { kind: 'parts', parts: group(places, slots, map), first: 2, merge: 'values' }
}
