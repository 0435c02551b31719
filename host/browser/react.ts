// `wadi/react`: components that show what a store holds, and are drawn again when it changes.
//
//   const name = useKey(db, 'user:1:name')         // 'Ada'; undefined until it is known
//   const users = useKeys(db, 'user:*')            // ['user:1:name', 'user:2:name']
//
// The same value is the same reference: what was read again and has not changed leaves a component alone.

import { useCallback, useSyncExternalStore } from 'react'
import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import type { ChangeHandler } from './types.ts'

/** What a hook needs of a store: any store has it. */
export interface Watched {
  call(...args: Argument[]): Reply | Promise<Reply>
  watch(keyOrPattern: string, callback: ChangeHandler): () => void
}

/**
 * The value of a key: text for a string, an object for a hash, a list for a list, a set or a stream, pairs of
 * member and score for a sorted set; null for a key that is not there.
 */
export type KeyValue = string | string[] | Record<string, string> | Reply[] | null

/**
 * The value of a key, kept up to date; undefined until it is known, on the server, and without a store.
 *
 *   const user = useKey<{ name: string }>(db, 'user:1')
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only who asks knows the shape of a hash
export function useKey<T = KeyValue>(
  store: Watched | undefined,
  key: string,
): T | null | undefined {
  return useReading(store, key, readKey) as T | null | undefined
}

/** The keys that match a pattern, in order, kept up to date. */
export function useKeys(store: Watched | undefined, pattern: string): readonly string[] {
  return (useReading(store, pattern, readKeys) as string[] | undefined) ?? NONE
}

const NONE: readonly string[] = []

type Read = (store: Watched, name: string) => Reply | Promise<Reply>

const nothing = (): undefined => undefined

function useReading(store: Watched | undefined, name: string, read: Read): Reply | undefined {
  const subscribe = useCallback(
    (changed: () => void) =>
      store ? readingOf(store, name, read).subscribe(changed) : () => undefined,
    [store, name, read],
  )
  const snapshot = useCallback(
    () => (store ? readingOf(store, name, read).value : undefined),
    [store, name, read],
  )
  return useSyncExternalStore(subscribe, snapshot, nothing)
}

// ── readings ─────────────────────────────────────────────────────────────────────────────────

const readings = new WeakMap<Watched, Map<Read, Map<string, Reading>>>()

function readingOf(store: Watched, name: string, read: Read): Reading {
  const kinds = readings.get(store) ?? new Map<Read, Map<string, Reading>>()
  readings.set(store, kinds)
  const names = kinds.get(read) ?? new Map<string, Reading>()
  kinds.set(read, names)
  const known = names.get(name)
  if (known) return known
  const reading = new Reading(store, name, read, () => names.delete(name))
  names.set(name, reading)
  return reading
}

/** What several components show of the same key. */
class Reading {
  readonly #store: Watched
  readonly #name: string
  readonly #read: Read
  readonly #forget: () => void
  readonly #listeners = new Set<() => void>()
  #value: Reply | undefined
  #isRead = false
  #version = 0
  #unwatch: (() => void) | undefined

  constructor(store: Watched, name: string, read: Read, forget: () => void) {
    this.#store = store
    this.#name = name
    this.#read = read
    this.#forget = forget
  }

  get value(): Reply | undefined {
    if (!this.#isRead) this.#refresh()
    return this.#value
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    if (!this.#unwatch) {
      this.#unwatch = this.#watch()
      this.#refresh() // it may have changed since it was first drawn
    }
    return () => {
      this.#listeners.delete(listener)
      // A component that is drawn anew subscribes again at once.
      queueMicrotask(() => this.#rest())
    }
  }

  #watch(): () => void {
    const name = this.#read === readKeys ? this.#name : literal(this.#name)
    try {
      return this.#store.watch(name, () => this.#refresh())
    } catch {
      return () => undefined // a store that is closed changes no more
    }
  }

  #rest(): void {
    if (this.#listeners.size || !this.#unwatch) return
    this.#unwatch()
    this.#unwatch = undefined
    this.#forget()
  }

  #refresh(): void {
    this.#isRead = true
    const version = ++this.#version
    try {
      const answer = this.#read(this.#store, this.#name)
      if (!(answer instanceof Promise)) return this.#set(answer)
      answer.then(
        (value) => {
          if (version === this.#version) this.#set(value)
        },
        () => undefined,
      )
    } catch {
      // A store that is closed has nothing new to show.
    }
    return undefined
  }

  #set(value: Reply): void {
    if (this.#value !== undefined && isSame(this.#value, value)) return
    this.#value = value
    for (const listener of this.#listeners) listener()
  }
}

const COMMANDS: { [type: string]: (key: string) => Argument[] } = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, 0, -1],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, 0, -1, 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
}

const readKey: Read = (store, key) => {
  const go = (type: Reply): Reply | Promise<Reply> => {
    const command = COMMANDS[type as string]
    return command ? store.call(...command(key)) : null
  }
  const type = store.call('TYPE', key)
  return type instanceof Promise ? type.then(go) : go(type)
}

const readKeys: Read = (store, pattern) => {
  const sort = (keys: Reply): Reply => (keys as string[]).toSorted()
  const keys = store.call('KEYS', pattern)
  return keys instanceof Promise ? keys.then(sort) : sort(keys)
}

/** A key as a pattern that matches it alone. */
const literal = (key: string): string => key.replace(/[*?[\\]/g, String.raw`\$&`)

function isSame(a: Reply, b: Reply): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [Object.entries(a), Object.entries(b)]
  if (Array.isArray(a) !== Array.isArray(b) || left.length !== right.length) return false
  const other = b as { [field: string]: Reply }
  return left.every(([field, value]) => field in other && isSame(value as Reply, other[field]!))
}
