// What a server keeps on disk: loaded at its start, written while it runs, finished when it leaves.

import { LoadOption, SnapshotOption } from '../../core/abi.ts'
import { ReplyError } from '../../core/errors.ts'
import { type HostReply, OK, Simple } from '../../core/reply.ts'
import { Aof } from './aof.ts'
import { LoadError, type Slice } from './aof-load.ts'
import type { Home } from './home.ts'
import { readRdb } from './rdb-file.ts'
import { slices, WRITING_MS } from './slice.ts'
import { Snapshots } from './snapshots.ts'
import type { ReadFile, Storage } from './storage.ts'
import { registerWaits } from './wait.ts'

export interface PersistenceParts {
  home: Home
  storage: Storage
  /** Unix time in ms. */
  now: () => number
}

const TICK_MS = 100
const REWRITE_FAILED =
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information."

interface Loading {
  startedMs: number
  totalBytes: number
  loadedBytes: number
}

export class Persistence {
  readonly aof: Aof
  readonly snapshots: Snapshots
  readonly #parts: PersistenceParts
  #loading: Loading | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(parts: PersistenceParts) {
    this.#parts = parts
    const { home, storage, now } = parts
    home.info.add('persistence', () => this.#fields())
    this.snapshots = new Snapshots({
      home,
      storage,
      now,
      isRewriting: () => this.aof.isRewriting,
    })
    this.aof = new Aof({
      home,
      storage,
      now,
      loadRdb: (file, path, slice) => this.#loadRdb(file, path, slice),
      snapshot: (format) => {
        const isCommands = format === 'aof' ? SnapshotOption.commands : 0
        return home.engine.snapshot(SnapshotOption.aofBase | isCommands)
      },
      isSaving: () => this.snapshots.isSaving,
      slice: slices(WRITING_MS),
    })
    home.commands.on('bgrewriteaof', () => this.#bgrewriteaof())
    registerWaits(home, this.aof)
    home.shutdown.addStep(() => this.aof.shutdown())
    home.shutdown.addStep((wish) => this.snapshots.shutdown(wish))
    home.commands.onLate('debug|reload', (call) => this.snapshots.reload(call))
    home.commands.onLate('debug|loadaof', async () => {
      await Promise.resolve()
      try {
        await this.aof.reload(() => undefined)
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        home.exit(1)
      }
      return OK
    })
  }

  /** Whether a dataset is being loaded. */
  get isLoading(): boolean {
    return this.#loading !== undefined
  }

  /**
   * Loads the dataset, the snapshot only where it is wanted; clients are answered `-LOADING` until then.
   *
   * @throws {LoadError} the log says why
   */
  async start({ withSnapshot = true } = {}): Promise<void> {
    const { home } = this.#parts
    this.aof.prepare()
    if (home.settings.isOn('appendonly')) {
      await this.#load(this.aof.totalBytes, async (progress) => {
        await this.aof.load(progress)
        await this.aof.openAtStart()
      })
    } else if (withSnapshot) {
      await this.#loadSnapshot()
    }
    this.#timer = setInterval(() => {
      this.aof.tick()
      this.snapshots.tick()
    }, TICK_MS)
  }

  /** Lets go of everything, without saving. */
  stop(): void {
    clearInterval(this.#timer)
  }

  async #loadSnapshot(): Promise<void> {
    const { log } = this.#parts.home
    const bytes = this.snapshots.fileBytes
    if (bytes === undefined) return
    try {
      await this.#load(bytes, (progress) => this.snapshots.load(LoadOption.dropsExpired, progress))
    } catch (error) {
      log.warning('Fatal error loading the DB, check server logs. Exiting.')
      throw error
    }
  }

  async #load(
    totalBytes: number,
    load: (progress: (bytes: number) => void) => Promise<unknown>,
  ): Promise<void> {
    const { home, now } = this.#parts
    const loading = (this.#loading = { startedMs: now(), totalBytes, loadedBytes: 0 })
    home.internal.call('WADI.STATE', 'loading', 'yes')
    await load((bytes) => (loading.loadedBytes = bytes))
    home.internal.call('WADI.STATE', 'loading', 'no')
    this.#loading = undefined
  }

  /** Loads a file that is an RDB, or begins as one; answers where that ends. */
  async #loadRdb(file: ReadFile, path: string, slice: Slice): Promise<number> {
    const { engine, log } = this.#parts.home
    try {
      return await readRdb(file, { engine, log, slice, options: 0 })
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      const text = path.endsWith('.rdb')
        ? `Error reading the RDB base file ${path}, AOF loading aborted`
        : `Error reading the RDB preamble of the AOF file ${path}, AOF loading aborted`
      log.warning(text)
      throw new LoadError(text)
    }
  }

  #bgrewriteaof(): HostReply {
    const { aof, snapshots } = this
    if (aof.isRewriting)
      throw new ReplyError('ERR Background append only file rewriting already in progress')
    if (snapshots.isSaving || !this.#parts.home.engine.mayAnswerLater) {
      aof.schedule()
      return new Simple('Background append only file rewriting scheduled')
    }
    if (!aof.rewrite()) throw new ReplyError(REWRITE_FAILED)
    return new Simple('Background append only file rewriting started')
  }

  #fields(): Record<string, string | number> {
    const loading = this.#loading
    const head = { loading: Number(loading !== undefined), async_loading: 0 }
    if (!loading) return head
    const { startedMs, totalBytes, loadedBytes } = loading
    const seconds = (this.#parts.now() - startedMs) / 1000
    const left = loadedBytes ? (seconds / loadedBytes) * (totalBytes - loadedBytes) : 1
    return {
      ...head,
      loading_start_time: Math.floor(startedMs / 1000),
      loading_total_bytes: totalBytes,
      loading_rdb_used_mem: 0,
      loading_loaded_bytes: loadedBytes,
      loading_loaded_perc: ((loadedBytes * 100) / (totalBytes || 1)).toFixed(2),
      loading_eta_seconds: Math.floor(left),
    }
  }
}
