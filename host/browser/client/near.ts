// What this tab has read of a store that nobody else can reach, so that it need not ask its Worker again.
//
//   GET k ─┬─ kept ──────────────────► the answer, at once
//          ├─ the first time ────────► the Worker
//          └─ the second time ───────► the Worker: GET k, PEXPIRETIME k ─► kept, if k never expires and nothing
//                                                                          touched it meanwhile
//   SET k, … ─► k is not kept from now on, nor kept anew by a read that left before
//   EVAL, FLUSHALL, … ─► the same with all keys
//
// Every command that can change a key passes through here before it leaves. What is read here is read on the store's main
// session, which the Worker carries out in order; commands of other sessions may wait there, so what they touch is not
// kept until they have their answer. Besides commands only two things change keys: time, so a key with an expiry is never kept,
// and eviction, so nothing is kept any more once somebody has configured anything. What is not known to be harmless touches
// all keys. The first read of a key costs nothing: only the second asks for the expiry.

import type { Reply } from '../../core/decode.ts'
import { type Argument, toText } from '../../core/encode.ts'
import { commandName } from '../../core/remote/session-state.ts'

/** Which keys a command may touch: none, its first argument, any of its arguments, every second one, all there are. */
type Touches = 'none' | 'first' | 'any' | 'pairs' | 'all'

const touches = new Map<string, Touches>()
function say(what: Touches, names: string): void {
  for (const name of names.split(' ')) touches.set(name, what)
}
// They make no key, and change none that GET would answer: they read, or take from values that are no strings.
say(
  'none',
  'GET MGET EXISTS TTL PTTL EXPIRETIME PEXPIRETIME TYPE STRLEN GETRANGE SUBSTR LCS GETBIT BITCOUNT BITPOS DUMP OBJECT TOUCH ' +
    'HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HRANDFIELD HSCAN HDEL LRANGE LLEN LINDEX LPOS LPOP RPOP LMPOP ' +
    'LREM LTRIM LSET SMEMBERS SCARD SISMEMBER SMISMEMBER SRANDMEMBER SINTER SUNION SDIFF SSCAN SREM SPOP ' +
    'ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE ZCARD ZSCORE ZMSCORE ZRANK ZREVRANK ZCOUNT ZLEXCOUNT ' +
    'ZINTER ZUNION ZDIFF ZSCAN ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX ZPOPMIN ZPOPMAX ZMPOP ' +
    'GEOPOS GEODIST GEOSEARCH XRANGE XREVRANGE XLEN XREAD XINFO XPENDING XREADGROUP XACK XCLAIM XAUTOCLAIM XDEL XTRIM ' +
    'BLPOP BRPOP BLMPOP BZPOPMIN BZPOPMAX BZMPOP PING ECHO TIME DBSIZE INFO KEYS SCAN RANDOMKEY CLIENT COMMAND ' +
    'PUBLISH SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE PUBSUB WATCH UNWATCH WAIT WAITAOF ' +
    'SAVE BGSAVE BGREWRITEAOF LASTSAVE',
)
say(
  'first',
  'SET SETEX PSETEX SETNX GETSET GETDEL GETEX DELIFEQ APPEND INCR INCRBY INCRBYFLOAT DECR DECRBY SETRANGE SETBIT ' +
    'BITFIELD EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST RESTORE PFADD HSET HMSET HSETNX HINCRBY HINCRBYFLOAT ' +
    'LPUSH RPUSH LPUSHX RPUSHX LINSERT SADD ZADD ZINCRBY GEOADD XADD',
)
say(
  'any',
  'DEL UNLINK RENAME RENAMENX COPY MOVE BITOP PFCOUNT PFMERGE LMOVE BLMOVE RPOPLPUSH BRPOPLPUSH SMOVE SUNIONSTORE ' +
    'SINTERSTORE SDIFFSTORE ZUNIONSTORE ZINTERSTORE ZDIFFSTORE ZRANGESTORE GEOSEARCHSTORE',
)
say('pairs', 'MSET MSETNX')

/** Limits of a generation, of which there are two: keys, and characters of keys and values. */
const MAX_KEYS = 10_000
const MAX_CHARS = 2 << 20
/** Longer ones are not kept. */
const MAX_VALUE = 1 << 16
const MAX_KEY = 256

/** A bit for each hash of a key that was read once, and how many are set before all are cleared. */
const ONCE_BITS = 18
const MAX_ONCE = 1 << 14

/** A session of the store; reads of the main one may be answered here. */
export interface NearSession {
  readonly number: number
  readonly inMulti: boolean
  /** Asks for what changes nothing. */
  read(...args: Argument[]): Promise<Reply>
  /** Lets what was called leave now. */
  flush(): void
}

/** It has an expiry, or is too long. */
const NEVER = false

/** A value; that there is none; a read under way, whose answer may be kept; why none is. */
type Known = string | null | symbol | typeof NEVER

export class NearReads {
  #main!: NearSession
  /** What was read since the last generation ended, and in that: what is not read for a whole generation is let go. */
  #young = new Map<string, Known>()
  #old = new Map<string, Known>()
  #chars = 0
  /** Keys that were read once, and now and then one that was not. */
  readonly #once = new Uint32Array(1 << (ONCE_BITS - 5))
  #marks = 0
  /** Commands of other sessions under way that touch a key; those of any session that touch all. */
  readonly #touching = new Map<string, number>()
  #touchingAll = 0
  #hasEnded = false
  #isPaused = true

  readonly #maxKeys: number

  /** With so many keys in a generation. */
  constructor(maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys
  }

  /** The session whose reads are answered here. */
  serve(main: NearSession): void {
    this.#main = main
  }

  /** How many keys are known, at most. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** GET on the store's main session. */
  get(key: Argument): Promise<Reply> {
    const main = this.#main
    const name = keyOf(key)
    if (name === undefined || main.inMulti) return main.read('GET', key)
    const known = this.#find(name)
    if (typeof known === 'string' || known === null) return Promise.resolve(known)
    return known === undefined && this.#isDue(name) ? this.#ask(name, key) : main.read('GET', key)
  }

  /** A command is about to leave; what is answered is to be called when it has been answered. */
  begin(session: number, args: readonly Argument[]): (() => void) | undefined {
    const name = commandName(args)
    const what = touches.get(name) ?? 'all'
    const isMain = session === this.#main.number
    if (what === 'none') {
      if (isMain && name === 'CLIENT') this.#end(wordOf(args[1]) === 'TRACKING') // it must see all reads
      return undefined
    }
    if (what === 'all') {
      this.#end((name === 'CONFIG' && wordOf(args[1]) !== 'GET') || name === 'MONITOR')
      return this.beginAll()
    }
    if (isMain && this.size === 0) return undefined
    if (isMain && what === 'first') return this.#drop(keyOf(args[1] ?? ''))
    const keys = keysOf(what, args)
    for (const key of keys) this.#drop(key)
    return isMain ? undefined : this.#touch(keys)
  }

  /** Something that may change all keys is about to begin. */
  beginAll(): () => void {
    this.#main.flush()
    this.forget()
    this.#touchingAll++
    return () => this.#touchingAll--
  }

  /** The store is another's, or will soon be: nothing is known any more, or kept until `resume`. */
  pause(): void {
    this.#isPaused = true
    this.forget()
  }

  /** The Worker has the store. */
  resume(): void {
    this.#isPaused = false
    this.forget()
  }

  /** Nothing is known any more. */
  forget(): void {
    this.#young.clear()
    this.#old.clear()
    this.#chars = 0
  }

  #end(isEnd: boolean): void {
    if (!isEnd) return
    this.#hasEnded = true
    this.forget()
  }

  /** Keeps off keys that a command of another session touches: reads that were called before it leave before it. */
  #touch(keys: readonly string[]): () => void {
    this.#main.flush()
    for (const key of keys) this.#touching.set(key, (this.#touching.get(key) ?? 0) + 1)
    return () => {
      for (const key of keys) {
        const left = this.#touching.get(key)! - 1
        if (left) this.#touching.set(key, left)
        else this.#touching.delete(key)
      }
    }
  }

  /** Whether the answer of a read may be kept, and is worth it. */
  #isDue(key: string): boolean {
    if (this.#isPaused || this.#hasEnded || this.#touchingAll > 0) return false
    if (this.#touching.size > 0 && this.#touching.has(key)) return false
    if (key.length > MAX_KEY) return false
    const hash = hashOf(key)
    const word = hash >>> (37 - ONCE_BITS)
    const bit = 1 << (hash & 31)
    this.#once[word]! ^= bit
    if (!(this.#once[word]! & bit)) return true
    if (++this.#marks > MAX_ONCE) {
      this.#once.fill(0)
      this.#marks = 0
    }
    return false
  }

  /** Both leave in one piece, which nothing comes between. */
  #ask(name: string, key: Argument): Promise<Reply> {
    const asked = Symbol()
    this.#put(name, asked)
    const answer = this.#main.read('GET', key)
    Promise.all([answer, this.#main.read('PEXPIRETIME', key)]).then(
      ([reply, expiry]) => this.#find(name) === asked && this.#put(name, kept(reply, expiry)),
      () => this.#find(name) === asked && this.#drop(name),
    )
    return answer.then((reply) => reply) // one that fails is noticed if nobody waits for it
  }

  #find(key: string): Known | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#put(key, old)
    return old
  }

  #put(key: string, known: Known): void {
    if (this.#young.size >= this.#maxKeys || this.#chars >= MAX_CHARS) {
      this.#old = this.#young
      this.#young = new Map()
      this.#chars = 0
    }
    this.#young.set(key, known)
    this.#chars += key.length + (typeof known === 'string' ? known.length : 0)
  }

  #drop(key: string | undefined): undefined {
    if (key === undefined) return
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

/** What is known of a key that GET and PEXPIRETIME answered this of. */
function kept(value: Reply, expiry: Reply): Known {
  if (value === null) return expiry === -2 ? null : NEVER
  return typeof value === 'string' && value.length <= MAX_VALUE && expiry === -1 ? value : NEVER
}

/** FNV-1a, with its upper bits mixed into the lower ones. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
}

/** The keys that a command may touch, and perhaps more. */
function keysOf(what: Touches, args: readonly Argument[]): string[] {
  const end = what === 'first' ? 2 : args.length
  const step = what === 'pairs' ? 2 : 1
  const keys: string[] = []
  for (let at = 1; at < end; at += step) {
    const key = at < args.length ? keyOf(args[at]!) : undefined
    if (key !== undefined) keys.push(key)
  }
  return keys
}

const encoder = new TextEncoder()
const lenient = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
/** Half of a pair, which is sent as another character. */
const LONE = /[\ud800-\udfff]/u

/** A command's second word in capitals. */
const wordOf = (arg: Argument = ''): string =>
  (typeof arg === 'object' ? lenient.decode(arg) : String(arg)).toUpperCase()

/** The one text of a key; undefined for bytes that no text is sent as. */
function keyOf(key: Argument): string | undefined {
  if (typeof key === 'string') return LONE.test(key) ? lenient.decode(encoder.encode(key)) : key
  if (typeof key !== 'object') return toText(key)
  try {
    return strict.decode(key)
  } catch {
    return undefined
  }
}
