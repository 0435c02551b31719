// The public types of `wadi/browser`.

import type { Connection, PushListener } from '../core/connection.ts'
import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import type { Answer, Commands, Many } from '../core/generated/commands.ts'
import type { MessageHandler } from '../core/remote/messages.ts'
import type { Wasm } from './engine-file.ts'
import type { Listener, StoreEvents, Warning } from './events.ts'
import type { Codec } from './journal/record.ts'
import type { Durability, Storage } from './storage/storage.ts'

/**
 * Where the engine runs:
 *
 * - `shared` in a Worker of one of the tabs that have the store open; all of them see one dataset
 * - `worker` in a Worker of this tab, which owns the store alone
 * - `here` in the calling thread, which owns the store alone; calls answer at once
 * - `memory` in the calling thread, and nothing is kept
 */
export type Mode = 'shared' | 'worker' | 'here' | 'memory'

export interface OpenOptions {
  mode?: Mode
  /**
   * When a write is answered: `relaxed`, the default, at once, and the last moments before a crash may be lost;
   * `strict` when the disk has it. Where calls answer at once (`here`), `await db.flush()` says that.
   */
  durability?: Durability
  /**
   * `owner` asks the owner each time. `local` keeps a replica in this tab, in `db.local`, which answers reads at once.
   * `cached`, the default of mode `worker` and for no other, keeps what GET answered: the same GET is answered without asking
   * the Worker until something may have changed its key.
   */
  reads?: 'owner' | 'local' | 'cached'
  /** The engine's file; beside this package unless told. */
  wasm?: Wasm
  /** Lua's file, which is fetched when the first script comes; beside this package unless told. */
  lua?: Wasm
  /** Where the Worker's script lies, or what starts it; beside this package unless told. */
  worker?: URL | string | (() => Worker)
  /**
   * Where the store is kept. `auto`, the default, leaves it where it lies, and makes a new one in files where a Worker
   * has the engine and the browser lets it write to them at once, else in IndexedDB. `opfs` (files) and `indexeddb`
   * move one that lies in the other; so does mode `here`, which needs IndexedDB.
   */
  storage?: 'auto' | 'indexeddb' | 'opfs' | Storage
  /**
   * Changes what is stored: an object in the modes `here` and `memory`; else what the Worker's own `serve({ codec })`
   * is called with, which must be something that `postMessage` can send.
   */
  codec?: Codec | CodecSeed
  /** Opens a damaged store with what could be saved, and warns. */
  recover?: boolean
  /** The most memory that the engine may take. */
  maxMemoryBytes?: number
  /** A tab takes the store over from an owner that has not answered for so long; 5 s unless told. */
  ownerTimeoutMs?: number
}

/** What the Worker makes its codec of: a key, a password, a name. */
export type CodecSeed = CryptoKey | string | Uint8Array | { readonly [name: string]: unknown }

/** Options of a store whose calls answer at once. */
export type SyncOptions = OpenOptions & { mode: 'here' | 'memory' }

/** Options of a store whose calls answer with promises. */
export type AsyncOptions = OpenOptions & { mode?: 'shared' | 'worker' }

/** Options of a store with a replica in this tab. */
export type LocalOptions = AsyncOptions & { reads: 'local' }

/** Commands whose names a store uses for something of its own. */
export type Taken = 'persist' | 'watch'

export interface Estimate {
  /** Bytes that the engine's dataset takes. */
  datasetBytes: number
  /** Bytes that this origin takes on disk, and may take; undefined where the browser does not say. */
  usage: number | undefined
  quota: number | undefined
}

/** A key has changed; null: all of them may have. */
export type ChangeHandler = (key: string | null) => void

/** What every store has besides the commands. */
export interface StoreParts<IsAsync extends boolean> {
  readonly name: string
  readonly mode: Mode
  /** Whether the engine runs in this tab. */
  readonly isOwner: boolean
  /** Runs any command; text comes back as strings. An error reply throws, or rejects. */
  call(...args: Argument[]): Answer<Reply, IsAsync>
  /** Runs any command; text comes back as bytes. */
  callBytes(...args: Argument[]): Answer<Reply, IsAsync>
  /** Another connection to the same data, for transactions and blocking commands. */
  connect(): IsAsync extends true ? AsyncConnection : Connection
  /** Calls back with messages on channels; the answer ends it. */
  subscribe(channels: Many<string>, handler: MessageHandler): Answer<() => void, IsAsync>
  /** Calls back with messages on all channels that match patterns. */
  psubscribe(patterns: Many<string>, handler: MessageHandler): Answer<() => void, IsAsync>
  /**
   * Calls back when a key has changed, or one that matches a pattern (`user:*`): whoever changed it, and expiry
   * and eviction too. The answer ends it.
   */
  watch(keyOrPattern: string, callback: ChangeHandler): () => void
  /** Listens to the store's events; the answer ends it. */
  on<K extends keyof StoreEvents>(kind: K, listener: Listener<StoreEvents[K]>): () => void
  /** Asks the browser not to drop what this origin keeps; whether it will not. */
  persist(): Promise<boolean>
  /** Removes the expiry of a key. */
  persist(key: Argument): Answer<number, IsAsync>
  estimate(): Promise<Estimate>
  /** Everything written so far has reached the disk when this resolves. @throws {StorageFullError} */
  flush(): Promise<void>
  /** The whole store as an RDB file, which a Redis server loads too. */
  export(): Promise<Uint8Array<ArrayBuffer>>
  /** Makes the keys of an RDB file the store's; with `keep` they join those that are there. */
  import(file: Uint8Array | ArrayBuffer | Blob, options?: { keep?: boolean }): Promise<void>
  /** Keeps what was written, and lets go of the store. */
  close(): Promise<void>
}

/** A store whose calls answer at once: modes `here` and `memory`. */
export interface SyncStore extends Omit<Commands<false>, Taken>, StoreParts<false> {}

/** A store whose calls answer with promises: modes `shared` and `worker`. */
export interface AsyncStore extends Omit<Commands<true>, Taken>, StoreParts<true> {
  /** With `reads: 'local'`, the replica of this tab: it answers reads at once, and refuses writes. */
  readonly local: Commands<false> | undefined
}

/** A store with a replica in this tab. */
export interface LocalStore extends AsyncStore {
  readonly local: Commands<false>
}

export type Store = SyncStore | AsyncStore

/** A connection of its own to a store: it has its own database, transaction and subscriptions. */
export interface AsyncConnection extends Commands<true> {
  call(...args: Argument[]): Promise<Reply>
  callBytes(...args: Argument[]): Promise<Reply>
  /** Called with each push: published messages, invalidations. */
  onPush: PushListener | undefined
  close(): void
}

export type { MessageHandler }
export type { Codec, Durability, Listener, Storage, StoreEvents, Warning, Wasm }
