// Who wants to hear of changes, over the engine's tracking: what a command, an expiry or an eviction has changed
// comes back as an invalidation.
//
// Keys are tracked by having been read on a session: an invalidation ends that, so the key is read again before
// anyone is told. Patterns have a session for each literal prefix, which broadcasts whatever begins with it.

import type { Reply } from '../../core/decode.ts'
import type { ChangeHandler } from '../types.ts'
import { isPattern, literalPrefix, matches } from './glob.ts'
import type { Line } from '../../core/remote/line.ts'
import { ignore } from '../../core/remote/messages.ts'

interface Prefix {
  line: Line
  patterns: Map<string, Set<ChangeHandler>>
}

export class Watches {
  readonly #connect: () => Line
  #line: Line | undefined
  readonly #keys = new Map<string, Set<ChangeHandler>>()
  readonly #prefixes = new Map<string, Prefix>()

  constructor(connect: () => Line) {
    this.#connect = connect
  }

  watch(keyOrPattern: string, callback: ChangeHandler): () => void {
    return isPattern(keyOrPattern)
      ? this.#watchPattern(keyOrPattern, callback)
      : this.#watchKey(keyOrPattern, callback)
  }

  close(): void {
    this.#line?.close()
    this.#line = undefined
    for (const { line } of this.#prefixes.values()) line.close()
    this.#prefixes.clear()
    this.#keys.clear()
  }

  #watchKey(key: string, callback: ChangeHandler): () => void {
    const callbacks = this.#keys.get(key) ?? new Set()
    callbacks.add(callback)
    if (callbacks.size === 1) {
      this.#keys.set(key, callbacks)
      this.#track([key])
    }
    return () => {
      if (callbacks.delete(callback) && callbacks.size === 0) this.#keys.delete(key)
    }
  }

  #watchPattern(pattern: string, callback: ChangeHandler): () => void {
    const start = literalPrefix(pattern)
    const prefix = this.#prefixes.get(start) ?? this.#openPrefix(start)
    const callbacks = prefix.patterns.get(pattern) ?? new Set()
    prefix.patterns.set(pattern, callbacks.add(callback))
    return () => {
      if (!callbacks.delete(callback) || callbacks.size) return
      prefix.patterns.delete(pattern)
      if (prefix.patterns.size) return
      prefix.line.close()
      this.#prefixes.delete(start)
    }
  }

  #openPrefix(start: string): Prefix {
    const line = this.#connect()
    const prefix: Prefix = { line, patterns: new Map() }
    line.onPush = (push) => this.#tellPatterns(prefix, push)
    const scope = start ? ['PREFIX', start] : []
    ignore(line.call('CLIENT', 'TRACKING', 'ON', 'BCAST', ...scope))
    line.flush?.()
    this.#prefixes.set(start, prefix)
    return prefix
  }

  #track(keys: string[]): void {
    if (!this.#line) {
      this.#line = this.#connect()
      this.#line.onPush = (push) => this.#tellKeys(push)
      ignore(this.#line.call('CLIENT', 'TRACKING', 'ON'))
    }
    ignore(this.#line.call('EXISTS', ...keys))
    this.#line.flush?.()
  }

  #tellKeys(push: Reply[]): void {
    const changed = invalidated(push)
    if (changed === undefined) return
    const keys = changed ?? [...this.#keys.keys()]
    const watched = keys.filter((key) => this.#keys.has(key))
    if (watched.length) this.#track(watched)
    for (const key of watched)
      for (const callback of this.#keys.get(key) ?? []) callback(changed ? key : null)
  }

  #tellPatterns({ patterns }: Prefix, push: Reply[]): void {
    const changed = invalidated(push)
    if (changed === undefined) return
    for (const [pattern, callbacks] of patterns) {
      const told = changed ? changed.filter((key) => matches(pattern, key)) : [null]
      for (const key of told) for (const callback of callbacks) callback(key)
    }
  }
}

/** The keys of an invalidation; null: all; undefined: it is none. */
function invalidated([kind, keys]: Reply[]): string[] | null | undefined {
  if (kind !== 'invalidate') return undefined
  return keys === null ? null : (keys as Reply[]).map(String)
}
