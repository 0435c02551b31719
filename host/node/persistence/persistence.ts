// What a server keeps on disk: loaded at its start, written while it runs, finished when it leaves.

import { LoadState, SnapshotOption } from '../../core/abi.ts'
import { RdbError } from '../../core/errors.ts'
import type { Server } from '../server.ts'
import { Aof } from './aof.ts'
import { LoadError, type Slice } from './aof-load.ts'
import { slices } from './slice.ts'
import type { ReadFile, Storage } from './storage.ts'

export interface PersistenceParts {
  server: Server
  storage: Storage
  /** Unix time in ms. */
  now: () => number
}

const TICK_MS = 100
const READ_BYTES = 1 << 18

interface Loading {
  startedMs: number
  totalBytes: number
  loadedBytes: number
}

export class Persistence {
  readonly aof: Aof
  readonly #parts: PersistenceParts
  #loading: Loading | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(parts: PersistenceParts) {
    this.#parts = parts
    const { server, storage, now } = parts
    server.info.add('persistence', () => this.#fields())
    this.aof = new Aof({
      server,
      storage,
      now,
      loadRdb: (file, path, slice) => this.#loadRdb(file, path, slice),
      snapshot: () => server.engine.snapshot(SnapshotOption.aofBase),
      isSaving: () => false,
      slice: slices(),
    })
    server.shutdown.addStep(() => this.aof.shutdown())
  }

  /** Loads the dataset; clients are answered `-LOADING` until then. @throws {LoadError} the log says why */
  async start(): Promise<void> {
    const { server } = this.#parts
    this.aof.prepare()
    if (server.settings.isOn('appendonly')) {
      await this.#load(this.aof.totalBytes, (progress) => this.aof.load(progress))
      await this.aof.openAtStart()
    }
    this.#timer = setInterval(() => this.aof.tick(), TICK_MS)
  }

  /** Lets go of everything, without saving. */
  stop(): void {
    clearInterval(this.#timer)
  }

  async #load(
    totalBytes: number,
    load: (progress: (bytes: number) => void) => Promise<unknown>,
  ): Promise<void> {
    const { server, now } = this.#parts
    const loading = (this.#loading = { startedMs: now(), totalBytes, loadedBytes: 0 })
    server.internal.call('WADI.STATE', 'loading', 'yes')
    await load((bytes) => (loading.loadedBytes = bytes))
    server.internal.call('WADI.STATE', 'loading', 'no')
    this.#loading = undefined
  }

  /** Loads a file that is an RDB, or begins as one; answers where that ends. */
  async #loadRdb(file: ReadFile, path: string, slice: Slice): Promise<number> {
    const { engine, log } = this.#parts.server
    engine.beginLoad(0)
    try {
      const piece = Buffer.allocUnsafe(READ_BYTES)
      let state: number = LoadState.running
      for (let at = 0; at < file.size && state === LoadState.running;) {
        const count = file.read(piece, at)
        if (count === 0) break
        state = engine.loadPiece(piece.subarray(0, count))
        at += count
        const pause = slice()
        if (pause) await pause
      }
      engine.endLoad()
      return engine.loadedBytes
    } catch (error) {
      if (!(error instanceof RdbError)) throw error
      log.warning(
        `Internal error in RDB reading offset ${error.offset}, function at rdb.c: ${error.reason}`,
      )
      const text = path.endsWith('.rdb')
        ? `Error reading the RDB base file ${path}, AOF loading aborted`
        : `Error reading the RDB preamble of the AOF file ${path}, AOF loading aborted`
      log.warning(text)
      throw new LoadError(text)
    }
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
