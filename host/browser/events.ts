// What a store tells whoever listens. What happened before anyone did is kept, and told to the first who does.

import type { StorageError, StorageFullError } from './errors.ts'

export interface Warning {
  /** `no-indexeddb`, `no-locks`, `no-opfs`, `no-lua`, `damaged`, `waiting` … */
  code: string
  message: string
}

export interface StoreEvents {
  /** Something is not as it was asked for: the store works, but with less. */
  warning: Warning
  /** The browser has no room for what was written last; it is tried again. */
  quota: StorageFullError
  /** Storage failed, or the engine crashed. */
  error: StorageError | Error
  /** Who owns the store changed; whether it is this tab, and its epoch. */
  owner: { isOwner: boolean; epoch: number }
}

export type Listener<T> = (event: T) => void

const KEPT = 32

export class Events {
  readonly #listeners = new Map<keyof StoreEvents, Set<Listener<never>>>()
  readonly #kept = new Map<keyof StoreEvents, unknown[]>()

  /** Listens; the answer ends it. */
  on<K extends keyof StoreEvents>(kind: K, listener: Listener<StoreEvents[K]>): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, listeners)
    listeners.add(listener)
    const kept = (this.#kept.get(kind) ?? []) as StoreEvents[K][]
    this.#kept.delete(kind)
    for (const event of kept) listener(event)
    return () => listeners.delete(listener)
  }

  emit<K extends keyof StoreEvents>(kind: K, event: StoreEvents[K]): void {
    const listeners = this.#listeners.get(kind)
    if (listeners?.size) {
      for (const listener of listeners) (listener as Listener<StoreEvents[K]>)(event)
      return
    }
    const kept = this.#kept.get(kind) ?? []
    this.#kept.set(kind, [...kept.slice(1 - KEPT), event])
  }
}
