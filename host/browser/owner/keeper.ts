// An engine and what is kept of it, put together: the same for a page that owns its store and for a Worker that
// serves many tabs.

import { concat } from '../../core/bytes.ts'
import { LoadOption } from '../../core/abi.ts'
import { Database } from '../../core/embedded.ts'
import type { Events } from '../events.ts'
import { StaleOwnerError, StorageFullError } from '../errors.ts'
import { Journal } from '../journal/journal.ts'
import type { Codec } from '../journal/record.ts'
import { recover } from '../journal/recovery.ts'
import type { Durability, Storage } from '../storage/storage.ts'
import type { Runtime } from '../../core/runtime.ts'
import { StoreHost } from './host.ts'
import { Tap } from './tap.ts'

export interface KeeperParts {
  module: WebAssembly.Module
  /** Lua, when the first script comes. */
  lua?: () => WebAssembly.Module | undefined
  runtime: Runtime
  /** Where to keep the dataset; undefined: nowhere. */
  storage: Storage | undefined
  durability: Durability
  /** Whether answers may come later, and wait for the disk with `strict`. */
  isGated: boolean
  codec: Codec | undefined
  recover: boolean
  maxMemoryBytes: number | undefined
  events: Pick<Events, 'emit'>
  /** Whether the store's lock is still held, as far as is known. */
  isOwner?: () => boolean
  /** A newer owner has taken over: this engine serves nobody any more. */
  onStale: () => void
  /** More of the log is kept, or less than should be. */
  onSettled?: () => void
  onFailed?: (error: Error) => void
  /** Bytes of the log, for replicas. */
  follow?: (bytes: Uint8Array, offset: number) => void
}

export class Keeper {
  readonly db: Database
  readonly #parts: KeeperParts
  #journal: Journal | undefined
  #tap: Tap | undefined
  #tell!: (...args: string[]) => void

  private constructor(parts: KeeperParts) {
    this.#parts = parts
    const { runtime } = parts
    this.db = new Database({
      module: parts.module,
      runtime,
      host: new StoreHost({
        engine: () => this.db.engine,
        save: async () => this.#journal?.compact(),
        flush: () => this.flush(),
        mayWait: parts.isGated,
        answered: () => this.db.settle(),
        nowMs: () => runtime.clock.wallUs(runtime.clock.monotonicUs()) / 1000,
      }),
      logged: () => (this.#journal ?? this.#tap)?.logged(),
      ...(parts.lua && { lua: parts.lua }),
      ...(parts.maxMemoryBytes !== undefined && { maxMemoryBytes: parts.maxMemoryBytes }),
    })
  }

  /** Opens what is kept. @throws {StoreDamagedError | StoreVersionError | StorageError} */
  static async open(parts: KeeperParts): Promise<Keeper> {
    const keeper = new Keeper(parts)
    const { storage } = parts
    try {
      if (storage) await keeper.#recover(storage)
    } catch (error) {
      keeper.abandon()
      throw error
    }
    return keeper
  }

  get journal(): Journal | undefined {
    return this.#journal
  }

  /** Who takes the log, for those who follow it: a store that is kept nowhere has one from then on. */
  log(): Pick<Journal, 'gather'> {
    const { follow = () => undefined } = this.#parts
    return this.#journal ?? (this.#tap ??= new Tap(this.db.engine, follow))
  }

  async #recover(storage: Storage): Promise<void> {
    const { codec, events, durability, runtime, onStale, follow } = this.#parts
    const { engine } = this.db
    this.#tell = (...args) => void this.db.tell(...args)
    const found = await recover({
      engine,
      storage,
      codec,
      recover: this.#parts.recover,
      isOwner: this.#parts.isOwner ?? (() => true),
      tell: this.#tell,
    })
    for (const { record, reason } of found.damages)
      events.emit('warning', {
        code: 'damaged',
        message: `the stored record ${record} is damaged, and was left out: ${reason}`,
      })
    this.#journal = new Journal({
      engine,
      storage,
      runtime,
      durability,
      isGated: this.#parts.isGated && durability === 'strict',
      codec,
      ...found,
      released: () => {
        this.db.settle()
        if (this.#journal?.isSettled) this.#parts.onSettled?.()
      },
      snapshotFailed: (error) =>
        events.emit(error instanceof StorageFullError ? 'quota' : 'error', error),
      failed: (error) => {
        if (error instanceof StaleOwnerError) return onStale()
        this.#parts.onFailed?.(error)
        if (engine.crash) return undefined
        events.emit(error instanceof StorageFullError ? 'quota' : 'error', error)
        this.#tell('WADI.STATE', 'log-error', error.message || error.name)
        return this.db.settle()
      },
      recovered: () => this.#tell('WADI.STATE', 'log-error', ''),
      ...(follow && { follow }),
    })
    if (found.damages.length) await this.#journal.compact()
  }

  /** Which of these commands only read. */
  reads(names: readonly string[]): boolean[] {
    const known = this.db.tell('COMMAND', 'INFO', ...names) as ([string, number, string[]] | null)[]
    return known.map((command) => command?.[2].includes('readonly') ?? false)
  }

  async flush(): Promise<void> {
    await this.#journal?.flush()
  }

  /** The dataset as an RDB file, in slices between which commands run. */
  async export(): Promise<Uint8Array<ArrayBuffer>> {
    const { runtime } = this.#parts
    const pieces: Uint8Array[] = []
    let turnUs = runtime.clock.monotonicUs()
    for (const piece of this.db.engine.snapshot()) {
      pieces.push(piece)
      if (runtime.clock.monotonicUs() - turnUs < EXPORT_TURN_US) continue
      await new Promise<void>((resolve) => runtime.later(0, resolve))
      turnUs = runtime.clock.monotonicUs()
    }
    return concat(pieces) as Uint8Array<ArrayBuffer>
  }

  /**
   * Loads an RDB file, and keeps the result as a snapshot: the log does not tell of it. A file that is no such
   * file, or broken, changes nothing: an engine that is thrown away reads it first.
   */
  async import(file: Uint8Array, { keep = false } = {}): Promise<void> {
    const rule = keep ? LoadOption.replaces : LoadOption.empties
    this.#read(file)
    try {
      this.db.engine.load([file], LoadOption.dropsExpired | rule)
    } finally {
      this.db.settle()
      await this.#journal?.compact()
    }
  }

  /** @throws {RdbError} */
  #read(file: Uint8Array): void {
    const { module, runtime, lua, maxMemoryBytes } = this.#parts
    const trial = new Database({
      module,
      runtime,
      ...(lua && { lua }),
      ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
    })
    try {
      trial.engine.load([file], LoadOption.dropsExpired | LoadOption.empties)
    } finally {
      trial.close()
    }
  }

  /** Keeps what was written, if it can, and ends. */
  async close(): Promise<void> {
    try {
      if (!this.db.engine.crash) await this.#journal?.flush()
    } finally {
      this.abandon()
    }
  }

  /** Ends at once. */
  abandon(): void {
    this.#journal?.stop()
    this.#parts.storage?.close()
    this.db.close()
  }
}

const EXPORT_TURN_US = 4000
