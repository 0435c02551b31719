// What this tab has read of a store that nobody else can reach, so that it need not ask its Worker again.
//
//   GET k ─┬─ kept ──────────────────────────────────────────────────────────────► the answer, at once
//          └─ not kept ─► GET k, PEXPIRETIME k ─► the Worker ─► kept, if k never expires and nothing touched it meanwhile
//
//   SET k, … ─► k is not kept from now on, nor kept anew before this has its answer
//   EVAL, FLUSHALL, … ─► the same with all keys
//
// Every command that can change a key passes through here before it leaves, and the Worker carries them out in the order in
// which they left. Besides them only two things change keys: time, so a key with an expiry is never kept, and eviction,
// so nothing is kept any more once somebody has configured anything. What is not known to be harmless touches all keys.

import type { Reply } from '../../core/decode.ts'
import { type Argument, toText } from '../../core/encode.ts'
import { keyPlaces } from '../../core/keys.ts'
import { commandName } from '../../core/remote/session-state.ts'

const words = (text: string): Set<string> => new Set(text.split(' '))

/** They change no key, and make no other answer of GET right. */
const HARMLESS = words(
  'GET MGET EXISTS TTL PTTL EXPIRETIME PEXPIRETIME TYPE STRLEN GETRANGE SUBSTR DUMP OBJECT HGET HMGET HGETALL ' +
    'PING ECHO TIME DBSIZE INFO KEYS SCAN RANDOMKEY PUBLISH SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE PUBSUB ' +
    'CLIENT COMMAND WATCH UNWATCH WAIT WAITAOF SAVE BGSAVE BGREWRITEAOF LASTSAVE',
)
/** They may touch other keys than they name. */
const WIDE = words('EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO MIGRATE SORT')
/** From then on keys may be evicted. */
const ENDS = words('CONFIG')

/** Limits of what is kept: values, characters in all, characters of one. */
const MAX_VALUES = 20_000
const MAX_CHARS = 8 << 20
const MAX_TEXT = 1 << 16

/** The session whose reads may be answered here. */
export interface NearSession {
  readonly inMulti: boolean
  call(...args: Argument[]): Promise<Reply>
}

export class NearReads {
  readonly #kept = new Map<string, string | null>()
  #chars = 0
  /** Reads under way whose answer will be kept, by key: the last one of each. */
  readonly #asked = new Map<string, Promise<Reply>>()
  /** Commands under way that touch a key; all keys. */
  readonly #touching = new Map<string, number>()
  #touchingAll = 0
  #hasEnded = false
  #isPaused = true

  /** Values that are kept. */
  get size(): number {
    return this.#kept.size
  }

  /** GET on the store's main session. */
  get(session: NearSession, key: Argument): Promise<Reply> {
    const name = keyOf(key)
    if (name === undefined || session.inMulti) return session.call('GET', key)
    const value = this.#kept.get(name)
    if (value !== undefined) return Promise.resolve(value)
    const answer = session.call('GET', key)
    if (this.#isPaused || this.#hasEnded || this.#touchingAll > 0 || this.#touching.has(name))
      return answer
    this.#asked.set(name, answer)
    // Both leave in one piece, which nothing comes between.
    Promise.all([answer, session.call('PEXPIRETIME', key)]).then(
      ([reply, expiry]) => this.#keep(name, answer, reply, expiry),
      () => this.#asked.get(name) === answer && this.#asked.delete(name),
    )
    return answer.then((reply) => reply) // one that fails is noticed if nobody waits for it
  }

  /** A command is about to leave, on any session; what is answered is to be called when it has been answered. */
  begin(args: readonly Argument[]): (() => void) | undefined {
    const name = commandName(args)
    if (HARMLESS.has(name)) return undefined
    if (ENDS.has(name)) this.#hasEnded = true
    const keys = WIDE.has(name) ? undefined : keysOf(args)
    return keys === undefined ? this.beginAll() : this.#begin(keys)
  }

  /** Something that may change all keys is about to begin. */
  beginAll(): () => void {
    this.#forget()
    this.#touchingAll++
    return () => this.#touchingAll--
  }

  /** The store is another's, or will soon be: nothing is known any more, or kept until `resume`. */
  pause(): void {
    this.#isPaused = true
    this.#forget()
  }

  /** The Worker has the store. */
  resume(): void {
    this.#isPaused = false
    this.#forget()
  }

  #forget(): void {
    this.#kept.clear()
    this.#asked.clear()
    this.#chars = 0
  }

  #begin(keys: readonly string[]): () => void {
    for (const key of keys) {
      this.#drop(key)
      this.#asked.delete(key)
      this.#touching.set(key, (this.#touching.get(key) ?? 0) + 1)
    }
    return () => {
      for (const key of keys) {
        const left = this.#touching.get(key)! - 1
        if (left) this.#touching.set(key, left)
        else this.#touching.delete(key)
      }
    }
  }

  #keep(key: string, answer: Promise<Reply>, value: Reply, expiry: Reply): void {
    if (this.#asked.get(key) !== answer) return
    this.#asked.delete(key)
    const isLasting = value === null ? expiry === -2 : typeof value === 'string' && expiry === -1
    if (!isLasting) return
    const text = value as string | null
    const chars = key.length + (text?.length ?? 0)
    if (chars > MAX_TEXT) return
    this.#drop(key)
    this.#kept.set(key, text)
    this.#chars += chars
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_VALUES && this.#chars <= MAX_CHARS) break
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const text = this.#kept.get(key)
    if (text === undefined) return
    this.#kept.delete(key)
    this.#chars -= key.length + (text?.length ?? 0)
  }
}

/** The keys that a command names; undefined where that cannot be told. */
function keysOf(args: readonly Argument[]): string[] | undefined {
  const places = keyPlaces(args.map(wordOf))
  if (places.length === 0) return undefined
  const keys: string[] = []
  for (const place of places) {
    const key = keyOf(args[place]!)
    if (key !== undefined) keys.push(key)
  }
  return keys
}

const encoder = new TextEncoder()
const lenient = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const ASCII = /^[\x20-\x7e]*$/

/** What may be a command's word or a number among its arguments. */
function wordOf(arg: Argument): string {
  if (typeof arg === 'string') return arg
  return typeof arg !== 'object' ? toText(arg) : arg.length > 64 ? '' : lenient.decode(arg)
}

/** The one text of a key; undefined for bytes that no text is sent as. */
function keyOf(key: Argument): string | undefined {
  if (typeof key === 'string') return ASCII.test(key) ? key : lenient.decode(encoder.encode(key))
  if (typeof key !== 'object') return toText(key)
  try {
    return strict.decode(key)
  } catch {
    return undefined
  }
}
