// Snapshots on disk: SAVE, BGSAVE, LASTSAVE, save points, DEBUG RELOAD, and what is told of them.
//
// BGSAVE writes the dataset as it was when it began, in slices of the event loop. One is written at a time;
// while the append-only file is rewritten it waits, where it may.

import { LoadOption } from '../../core/abi.ts'
import { ReplyError } from '../../core/errors.ts'
import { type HostReply, OK, Simple } from '../../core/reply.ts'
import type { HostCall } from '../commands.ts'
import type { ShutdownWish } from '../shutdown.ts'
import { LoadError } from './aof-load.ts'
import type { Home } from './home.ts'
import { RdbSaveError, readRdb, writeRdb } from './rdb-file.ts'
import { LOADING_MS, slices, unbroken, WRITING_MS } from './slice.ts'
import { isMissing, type Storage } from './storage.ts'

export interface SnapshotsParts {
  home: Home
  storage: Storage
  /** Whether the append-only file is being rewritten. */
  isRewriting: () => boolean
  /** Unix time in ms. */
  now: () => number
}

/** A failed snapshot is tried again after so long. */
const RETRY_MS = 5000

export class Snapshots {
  readonly #parts: SnapshotsParts
  #running: Promise<void> | undefined
  #abort = new AbortController()
  #isScheduled = false
  #isStarting = false
  #startedMs = 0
  #lastSaveMs: number
  #lastTryMs = -RETRY_MS
  #lastStatus: 'ok' | 'err' = 'ok'
  #lastSeconds = -1
  #saves = 0

  constructor(parts: SnapshotsParts) {
    this.#parts = parts
    this.#lastSaveMs = parts.now()
    const { commands, info, settings } = parts.home
    commands.onLate('save', () => this.#saveCommand())
    commands.on('bgsave', (call) => this.#bgsaveCommand(call))
    commands.on('lastsave', () => Math.floor(this.#lastSaveMs / 1000))
    info.add('persistence', () => this.#fields())
    settings.onChange('save', () => queueMicrotask(() => this.#judge()))
  }

  /** Whether one is being written. */
  get isSaving(): boolean {
    return this.#isStarting || this.#running !== undefined
  }

  /** The file's path. */
  get path(): string {
    return this.#parts.home.path('dbfilename')
  }

  // ── loading ────────────────────────────────────────────────────────────────────────────────

  /** The size of the file; undefined when there is none. */
  get fileBytes(): number | undefined {
    try {
      const file = this.#parts.storage.read(this.path)
      file.close()
      return file.size
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Loads the file. @throws {LoadError} */
  async load(options: number, progress?: (bytes: number) => void): Promise<void> {
    const { home, storage } = this.#parts
    const { engine, log } = home
    const started = performance.now()
    const file = storage.read(this.path)
    try {
      await readRdb(file, {
        engine,
        log,
        options,
        slice: slices(LOADING_MS),
        ...(progress && { progress }),
      })
    } finally {
      file.close()
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(3)
    log.notice(`DB loaded from disk: ${seconds} seconds`)
  }

  // ── saving ─────────────────────────────────────────────────────────────────────────────────

  /** Writes the file, in slices or at once; fails where that fails. */
  async #write(inBackground: boolean): Promise<void> {
    const { home, storage, now } = this.#parts
    const { engine, log, settings } = home
    const changes = engine.changes()
    await writeRdb({
      storage,
      log,
      path: this.path,
      temporary: home.file(`temp-${process.pid}.rdb`),
      pieces: engine.snapshot(),
      slice: inBackground ? slices(WRITING_MS) : unbroken,
      signal: this.#abort.signal,
      syncsOften: settings.isOn('rdb-save-incremental-fsync'),
    })
    engine.changesSaved(changes)
    this.#lastSaveMs = now()
    this.#saves++
  }

  /** Writes the file now. @throws {RdbSaveError} */
  async save(): Promise<void> {
    await this.#run(this.#write(false))
    this.#lastStatus = 'ok'
    this.#judge()
  }

  async #run(work: Promise<void>): Promise<void> {
    this.#startedMs = this.#parts.now()
    this.#isScheduled = false
    this.#running = work
    try {
      await work
    } finally {
      this.#running = undefined
    }
  }

  async #runInBackground(): Promise<void> {
    const { log } = this.#parts.home
    try {
      await this.#run(this.#write(true))
      this.#lastStatus = 'ok'
      log.notice('Background saving terminated with success')
    } catch (error) {
      if (this.#abort.signal.aborted) return
      this.#lastStatus = 'err'
      if (!(error instanceof RdbSaveError))
        log.warning(`Background saving failed: ${String(error)}`)
      log.warning('Background saving error')
    }
    this.#lastSeconds = Math.floor((this.#parts.now() - this.#startedMs) / 1000)
    this.#judge()
  }

  #startInBackground(): void {
    const { log } = this.#parts.home
    this.#lastTryMs = this.#parts.now()
    log.notice(`Background saving started by pid ${process.pid}`)
    void this.#runInBackground()
  }

  /** Whether writes stop because the last snapshot failed. */
  #judge(): void {
    const { internal } = this.#parts.home
    const stops = this.#lastStatus === 'err' && this.#points.length > 0
    internal.call('WADI.STATE', 'snapshot-failed', stops ? 'yes' : 'no')
  }

  /** Seconds and changes of each save point. */
  get #points(): [number, number][] {
    const words = this.#parts.home.settings.get('save').split(' ').filter(Boolean).map(Number)
    return words.flatMap((seconds, i) => (i % 2 ? [] : [[seconds, words[i + 1]!]]))
  }

  /** Looks after save points: called several times a second. */
  tick(): void {
    const { home, isRewriting, now } = this.#parts
    if (this.isSaving || isRewriting()) return
    const nowMs = now()
    const mayTry = this.#lastStatus === 'ok' || nowMs - this.#lastTryMs > RETRY_MS
    if (this.#isScheduled && mayTry) return this.#startInBackground()
    const points = this.#points
    if (!points.length || !mayTry) return
    const changes = home.engine.changes()
    const due = points.find(
      ([seconds, count]) => changes >= count && nowMs - this.#lastSaveMs > seconds * 1000,
    )
    if (!due) return
    home.log.notice(`${due[1]} changes in ${due[0]} seconds. Saving...`)
    this.#startInBackground()
  }

  // ── commands ───────────────────────────────────────────────────────────────────────────────

  async #saveCommand(): Promise<HostReply> {
    await Promise.resolve()
    if (this.isSaving) throw new ReplyError('ERR Background save already in progress')
    try {
      await this.save()
    } catch (error) {
      if (error instanceof RdbSaveError) return new ReplyError('ERR')
      throw error
    }
    return OK
  }

  #bgsaveCommand(call: HostCall): HostReply {
    const isScheduling = call.args.length === 2 && call.word(1) === 'schedule'
    if (call.args.length > 1 && !isScheduling) return new ReplyError('ERR syntax error')
    if (this.isSaving) return new ReplyError('ERR Background save already in progress')
    const isInTransaction = !this.#parts.home.engine.mayAnswerLater
    if (isInTransaction || this.#parts.isRewriting()) {
      if (!isScheduling && !isInTransaction) {
        return new ReplyError(
          "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
        )
      }
      this.#isScheduled = true
      return new Simple('Background saving scheduled')
    }
    // The engine is in the midst of this command: the snapshot begins right behind it.
    this.#isStarting = true
    queueMicrotask(() => {
      this.#isStarting = false
      this.#startInBackground()
    })
    return new Simple('Background saving started')
  }

  /** DEBUG RELOAD: saves, and begins anew from the file. */
  async reload(call: HostCall): Promise<HostReply> {
    const words = call.args.slice(2).map((_, i) => call.word(i + 2))
    if (words.some((word) => !/^(nosave|noflush|merge)$/.test(word)))
      throw new ReplyError('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
    await Promise.resolve()
    const { internal, log } = this.#parts.home
    if (!words.includes('nosave')) await this.save()
    const empties = words.includes('noflush') ? 0 : LoadOption.empties
    const replaces = words.includes('merge') ? LoadOption.replaces : 0
    internal.call('WADI.STATE', 'loading', 'yes')
    try {
      await this.load(empties | replaces)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      throw new ReplyError('ERR Error trying to load the RDB dump, check server logs.')
    } finally {
      internal.call('WADI.STATE', 'loading', 'no')
    }
    log.warning('DB reloaded by DEBUG RELOAD')
    return OK
  }

  /** SHUTDOWN saves where it is asked to, or where there are save points. */
  async shutdown(wish: ShutdownWish): Promise<void> {
    const { log } = this.#parts.home
    const saves = wish.save ?? this.#points.length > 0
    if (this.#running) {
      log.warning('There is a child saving an .rdb. Killing it!')
      this.#abort.abort()
      await this.#running.catch(() => undefined)
      this.#abort = new AbortController()
    }
    if (!saves) return
    log.notice('Saving the final RDB snapshot before exiting.')
    try {
      await this.save()
    } catch (error) {
      log.warning("Error trying to save the DB, can't exit.")
      throw error
    }
  }

  #fields(): Record<string, string | number> {
    const { now } = this.#parts
    return {
      current_cow_size_age: 0,
      current_fork_perc: '0.00',
      rdb_bgsave_in_progress: Number(this.isSaving),
      rdb_last_save_time: Math.floor(this.#lastSaveMs / 1000),
      rdb_last_bgsave_status: this.#lastStatus,
      rdb_last_bgsave_time_sec: this.#lastSeconds,
      rdb_current_bgsave_time_sec: this.isSaving
        ? Math.floor((now() - this.#startedMs) / 1000)
        : -1,
      rdb_saves: this.#saves,
    }
  }
}
