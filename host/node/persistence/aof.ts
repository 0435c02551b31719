// The append-only file of a server: loaded and opened at its start, turned on and off while it runs, fed by
// the engine's log, rewritten when it has grown.
//
//   off ──CONFIG SET appendonly yes──► starting ──first base is written──► on ──CONFIG SET … no──► off

import { join } from 'node:path'
import { ReplyError } from '../../core/errors.ts'
import { type HostReply, Simple } from '../../core/reply.ts'
import type { Server } from '../server.ts'
import { systemMessage } from '../system-error.ts'
import { AofFeed } from './aof-feed.ts'
import { AofLoad, LoadError, type LoadRdb, type Slice } from './aof-load.ts'
import { AofLog, type Policy } from './aof-log.ts'
import {
  type AofFile,
  Manifest,
  ManifestError,
  readManifest,
  writeManifest,
} from './aof-manifest.ts'
import {
  deleteHistory,
  replaceBase,
  RewriteAborted,
  type RewriteParts,
  writeSnapshot,
} from './aof-rewrite.ts'
import type { AppendFile, Storage } from './storage.ts'
import { type Durability, registerWaits } from './wait.ts'

export interface AofParts {
  server: Server
  storage: Storage
  loadRdb: LoadRdb
  /** The dataset as it is now, as an RDB in pieces. */
  snapshot: () => Iterator<Uint8Array>
  /** Whether another snapshot is being written. */
  isSaving: () => boolean
  slice: Slice
  now: () => number
}

const TURN_ON_FAILED = 'Unable to turn on AOF. Check server logs.'
const REWRITE_FAILED =
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information."
/** After so many failures rewrites wait, at first a minute, at most an hour. */
const FAILURES_MAX = 3
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

interface Rewriting {
  startedMs: number
  done: Promise<void>
  abort: AbortController
}

export class Aof implements Durability {
  state: 'off' | 'starting' | 'on' = 'off'
  readonly #parts: AofParts
  readonly #log: AofLog
  readonly #feed = new AofFeed()
  #manifest = new Manifest()
  #rewriting: Rewriting | undefined
  #isScheduled = false
  /** Bytes of all files but the one that is appended to, and of all when the base was written. */
  #otherBytes = 0
  #baseBytes = 0
  #isTurnDue = false
  #failures = 0
  #notBeforeMs = 0
  #stats = { rewrites: 0, lastStatus: 'ok', lastSeconds: -1 }
  #waiting: { offset: number; resolve: () => void }[] = []

  constructor(parts: AofParts) {
    this.#parts = parts
    const { engine, log, internal, loop, settings } = parts.server
    this.#log = new AofLog({
      log,
      policy: () => settings.get('appendfsync') as Policy,
      restsFlushing: () =>
        settings.isOn('no-appendfsync-on-rewrite') && (this.isRewriting || parts.isSaving()),
      durable: (offset) => {
        engine.release(offset)
        loop.deliverReady()
        this.#wake(offset)
      },
      failing: (reason) => internal.call('WADI.STATE', 'log-error', reason),
      fatal: (text) => {
        log.warning(text)
        parts.server.exit(1)
      },
    })
    this.#register()
  }

  get isRewriting(): boolean {
    return this.#rewriting !== undefined
  }

  // ── the start ──────────────────────────────────────────────────────────────────────────────

  /** Reads the manifest. @throws {LoadError} */
  prepare(): void {
    const { log } = this.#parts.server
    const path = join(this.#dir, `${this.#filename}.manifest`)
    try {
      this.#manifest = readManifest(this.#parts.storage, path) ?? new Manifest()
    } catch (error) {
      if (error instanceof ManifestError) for (const line of error.report()) log.warning(line)
      else
        log.warning(
          `Fatal error: can't open the AOF manifest file ${path} for reading: ${systemMessage(error)}`,
        )
      throw new LoadError(String(error))
    }
  }

  /** Loads the dataset; whether there was one. @throws {LoadError} */
  async load(progress: (bytes: number) => void): Promise<boolean> {
    const { server, storage, loadRdb, slice } = this.#parts
    await this.#migrate()
    if (this.#manifest.isEmpty) return false
    const { engine, log, settings } = server
    const loadsTruncated = () => settings.isOn('aof-load-truncated')
    const load = new AofLoad({ engine, storage, log, loadRdb, slice, loadsTruncated, progress })
    const started = performance.now()
    const { totalBytes, baseBytes } = await load.load(this.#manifest, this.#dir)
    this.#otherBytes = totalBytes
    this.#baseBytes = baseBytes
    log.notice(
      `DB loaded from append only file: ${((performance.now() - started) / 1000).toFixed(3)} seconds`,
    )
    return true
  }

  /** The bytes of all files to load. */
  get totalBytes(): number {
    const { storage } = this.#parts
    return this.#manifest.files.reduce((sum, { name }) => {
      const path = join(this.#dir, name)
      if (storage.kind(path) !== 'file') return sum
      const file = storage.read(path)
      file.close()
      return sum + file.size
    }, 0)
  }

  /** Begins to append, after the dataset is loaded. @throws {LoadError} */
  async openAtStart(): Promise<void> {
    const { server, storage, snapshot } = this.#parts
    const { engine, log } = server
    try {
      this.#makeDirectory()
      const isNew = this.#manifest.isEmpty
      if (isNew) {
        const base = this.#manifest.nextBase(this.#filename, 'rdb')
        log.notice(`Creating AOF base file ${base.name} on server start`)
        this.#baseBytes = await writeSnapshot(
          join(this.#dir, base.name),
          snapshot(),
          this.#rewriteParts(),
        )
        this.#otherBytes = this.#baseBytes
        this.#manifest = this.#manifest.withBase(base)
      }
      const last = this.#manifest.incrs.at(-1)
      const incr = last ?? this.#manifest.nextIncr(this.#filename)
      const file = storage.append(join(this.#dir, incr.name), { empty: !last })
      if (!last) {
        this.#manifest = this.#manifest.withIncr(incr)
        await writeManifest(storage, this.#dir, this.#filename, this.#manifest)
      }
      log.notice(`${last ? 'Opening' : 'Creating'} AOF incr file ${incr.name} on server start`)
      this.#otherBytes -= file.openedBytes
      engine.logOn(true)
      this.#beginFile(file)
      this.#turnedOn()
      this.#manifest = await this.#collect(this.#manifest)
    } catch (error) {
      const reason =
        error instanceof Error && error.name === 'ManifestWriteError'
          ? error.message
          : systemMessage(error)
      log.warning(`Can't open the append-only file: ${reason}`)
      throw new LoadError(reason)
    }
  }

  /** A file of a Redis before 7 becomes the base. */
  async #migrate(): Promise<void> {
    const { server, storage } = this.#parts
    const old = server.path('appendfilename')
    if (!this.#manifest.isEmpty || storage.kind(old) !== 'file') return
    const manifest = new Manifest({ base: { name: this.#filename, seq: 1 } })
    try {
      this.#makeDirectory()
      await writeManifest(storage, this.#dir, this.#filename, manifest)
      await storage.rename(old, join(this.#dir, this.#filename))
      await storage.syncDirectory(this.#dir)
    } catch (error) {
      const text = `Error trying to move the old AOF file ${old} into dir ${this.#dir}: ${systemMessage(error)}`
      server.log.warning(text)
      throw new LoadError(text)
    }
    server.log.notice(
      `Successfully migrated an old-style AOF file (${this.#filename}) into the AOF directory (${this.#dirname}).`,
    )
    this.#manifest = manifest
  }

  /** DEBUG LOADAOF: the dataset is what the files say. @throws {LoadError} */
  async reload(progress: (bytes: number) => void): Promise<void> {
    await this.#abortRewrite()
    const { engine, internal, log } = this.#parts.server
    const wasOpen = this.#log.isOpen
    if (wasOpen) {
      await this.#log.flush()
      // From here to the load nothing is waited for: no client may come in between.
      this.#take()
      this.#log.writeAll()
    }
    engine.logOn(false)
    internal.call('FLUSHALL')
    internal.call('WADI.STATE', 'loading', 'yes')
    await this.load(progress)
    internal.call('WADI.STATE', 'loading', 'no')
    if (wasOpen) {
      this.#otherBytes -= this.#log.currentBytes
      this.#feed.begin()
      engine.logOn(true)
    }
    log.warning('Append Only File loaded by DEBUG LOADAOF')
  }

  // ── on and off ─────────────────────────────────────────────────────────────────────────────

  /** CONFIG SET appendonly yes: a text is the reason why it cannot be. */
  turnOn(): string | undefined {
    if (this.state !== 'off') return undefined
    if (this.#parts.isSaving()) {
      this.#parts.server.log.notice(
        'AOF was enabled but there is already another background operation. An AOF background was ' +
          'scheduled to start when possible.',
      )
      this.state = 'starting'
      return undefined
    }
    let incr: { file: AofFile; handle: AppendFile }
    try {
      this.#makeDirectory()
      incr = this.#openNextIncr(this.#manifest)
    } catch (error) {
      this.#parts.server.log.warning(
        `Can't open or create append-only dir ${this.#dirname}: ${systemMessage(error)}`,
      )
      return TURN_ON_FAILED
    }
    this.state = 'starting'
    queueMicrotask(() => void this.#start(incr))
    return undefined
  }

  /** The first base could not be written: once more, with what the dataset is now. */
  #startAgain(): boolean {
    try {
      this.#log.close()
      void this.#start(this.#openNextIncr(this.#manifest))
      return true
    } catch {
      this.#noteFailure()
      return false
    }
  }

  async #start(incr: { file: AofFile; handle: AppendFile }): Promise<void> {
    await this.#abortRewrite()
    const { engine } = this.#parts.server
    engine.logOn(true)
    this.#discardLog()
    this.#beginFile(incr.handle)
    this.#run(async (parts) => {
      const before = this.#manifest.withIncr(incr.file)
      const { manifest, baseBytes } = await replaceBase(before, incr.file, parts.snapshot(), parts)
      await this.#log.flush()
      this.#switched(manifest, baseBytes)
      this.#turnedOn()
    })
  }

  /** CONFIG SET appendonly no, or the end. */
  async turnOff(): Promise<void> {
    if (this.state === 'off') return
    const { engine, log } = this.#parts.server
    this.state = 'off'
    await this.#abortRewrite()
    this.#take()
    try {
      await this.#log.flush()
    } catch (error) {
      log.warning(`Fail to fsync the AOF file: ${systemMessage(error)}`)
    }
    engine.gate(false)
    engine.logOn(false)
    this.#log.close()
    this.#parts.server.loop.deliverReady()
  }

  #turnedOn(): void {
    this.state = 'on'
    this.#followPolicy()
  }

  /** Replies wait for the disk with `always`, once there is a file to wait for. */
  #followPolicy(): void {
    const { engine, settings, loop } = this.#parts.server
    if (this.state !== 'on') return
    engine.gate(settings.get('appendfsync') === 'always')
    loop.deliverReady()
    this.#scheduleTurn()
  }

  // ── the log ────────────────────────────────────────────────────────────────────────────────

  /** The engine logged something: it is written once this turn of the event loop is over. */
  #scheduleTurn(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isTurnDue = false
    if (this.#parts.server.engine.crash || !this.#log.isOpen) return
    this.#take()
    this.#log.turn(this.#parts.now())
  }

  #take(): void {
    const { engine, settings } = this.#parts.server
    const withTime = settings.isOn('aof-timestamp-enabled')
    const end = this.#feed.take(engine, withTime, this.#log.pending)
    if (end !== undefined) this.#log.reaches(end)
  }

  /** What was logged before a file begins is in the snapshot that it begins with. */
  #discardLog(): void {
    const { engine } = this.#parts.server
    engine.logTaken(engine.log())
  }

  #beginFile(file: AppendFile): void {
    this.#feed.begin()
    this.#log.open(file, this.#parts.server.engine.logEnd)
  }

  /** Ten times a second. */
  tick(): void {
    if (this.state === 'off' && !this.#isScheduled) return
    if (this.#log.isOpen) {
      this.#take()
      this.#log.tick(this.#parts.now())
    }
    if (this.#rewriting || this.#parts.isSaving()) return
    if (this.#isScheduled || (this.state === 'starting' && this.#parts.now() >= this.#notBeforeMs))
      this.rewrite()
    else if (this.state === 'on') this.#rewriteIfGrown()
  }

  /** Before the process leaves. */
  async shutdown(): Promise<void> {
    const { log, settings } = this.#parts.server
    if (this.#rewriting) {
      log.warning('There is a child rewriting the AOF. Killing it!')
      await this.#abortRewrite()
    }
    if (this.state === 'off') return
    log.notice('Calling fsync() on the AOF file.')
    this.#take()
    try {
      await this.#log.flush()
    } catch (error) {
      log.warning(`Fail to fsync the AOF file: ${systemMessage(error)}.`)
      if (settings.get('appendfsync') === 'always') throw error
    }
  }

  // ── rewriting ──────────────────────────────────────────────────────────────────────────────

  /** Begins a rewrite; whether it did. */
  rewrite(): boolean {
    if (this.#rewriting || this.#parts.isSaving()) return false
    this.#isScheduled = false
    if (this.state === 'starting') return this.#startAgain()
    const { log } = this.#parts.server
    let incr: { file: AofFile; handle: AppendFile } | undefined
    try {
      this.#makeDirectory()
      if (this.state !== 'off') incr = this.#openNextIncr(this.#manifest)
    } catch (error) {
      log.warning(`Can't open or create append-only dir ${this.#dirname}: ${systemMessage(error)}`)
      this.#noteFailure()
      return false
    }
    log.notice(`Background append only file rewriting started by pid ${process.pid}`)
    this.#run(async (parts) => {
      // The engine is not asked for a snapshot inside the command that begins the rewrite.
      await Promise.resolve()
      let pieces: Iterator<Uint8Array>
      if (incr) {
        const longer = this.#manifest.withIncr(incr.file)
        await writeManifest(parts.storage, parts.dir, parts.filename, longer)
        this.#manifest = longer
        pieces = this.#switchTo(incr.handle)
        await this.#log.flush()
      } else {
        pieces = parts.snapshot()
      }
      const { manifest, baseBytes } = await replaceBase(this.#manifest, incr?.file, pieces, parts)
      this.#switched(manifest, baseBytes)
    })
    return true
  }

  /** The log goes into a new file from here on, and the snapshot is of this moment. */
  #switchTo(handle: AppendFile): Iterator<Uint8Array> {
    this.#take()
    this.#log.writeAll()
    this.#otherBytes += this.#log.currentBytes
    this.#log.switch(handle)
    this.#feed.begin()
    return begun(this.#parts.snapshot())
  }

  /** A rewrite runs from here to its end, well or not. */
  #run(steps: (parts: RewriteParts) => Promise<void>): void {
    const abort = new AbortController()
    const parts = this.#rewriteParts(abort.signal)
    const startedMs = this.#parts.now()
    this.#stats.rewrites++
    const done = steps(parts).then(
      () => this.#succeeded(),
      (error: unknown) => this.#failed(error),
    )
    this.#rewriting = { startedMs, abort, done: done.then(() => this.#ended(startedMs)) }
  }

  #ended(startedMs: number): void {
    this.#rewriting = undefined
    this.#stats.lastSeconds = Math.floor((this.#parts.now() - startedMs) / 1000)
  }

  #switched(manifest: Manifest, baseBytes: number): void {
    this.#manifest = manifest
    this.#baseBytes = baseBytes
    this.#otherBytes = baseBytes
  }

  async #succeeded(): Promise<void> {
    const { log } = this.#parts.server
    log.notice('Background AOF rewrite terminated with success')
    this.#failures = 0
    this.#notBeforeMs = 0
    this.#stats.lastStatus = 'ok'
    this.#baseBytes = this.#currentBytes
    try {
      this.#manifest = await this.#collect(this.#manifest)
    } catch (error) {
      log.warning(error instanceof Error ? error.message : String(error))
    }
    log.notice('Background AOF rewrite finished successfully')
  }

  #failed(error: unknown): void {
    const { log } = this.#parts.server
    if (error instanceof RewriteAborted)
      return log.warning('Background AOF rewrite terminated by signal 10')
    log.warning(error instanceof Error && !('code' in error) ? error.message : systemMessage(error))
    log.warning('Background AOF rewrite terminated with error')
    this.#noteFailure()
  }

  #noteFailure(): void {
    this.#stats.lastStatus = 'err'
    this.#failures++
    if (this.#failures < FAILURES_MAX) return
    const waitMs = Math.min(MINUTE_MS * 2 ** (this.#failures - FAILURES_MAX), HOUR_MS)
    this.#notBeforeMs = this.#parts.now() + waitMs
    this.#parts.server.log.warning(
      'Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ' +
        `${waitMs / MINUTE_MS} minutes`,
    )
  }

  #rewriteIfGrown(): void {
    const { settings, log } = this.#parts.server
    const percentage = settings.number('auto-aof-rewrite-percentage')
    const current = this.#currentBytes
    if (!percentage || current <= settings.number('auto-aof-rewrite-min-size')) return
    if (this.#parts.now() < this.#notBeforeMs) return
    const growth = Math.floor((current * 100) / (this.#baseBytes || 1)) - 100
    if (growth < percentage) return
    log.notice(`Starting automatic rewriting of AOF on ${growth}% growth`)
    this.rewrite()
  }

  async #abortRewrite(): Promise<void> {
    const rewriting = this.#rewriting
    if (!rewriting) return
    rewriting.abort.abort()
    await rewriting.done
  }

  async #collect(manifest: Manifest): Promise<Manifest> {
    if (this.#parts.server.settings.isOn('aof-disable-auto-gc')) return manifest
    return deleteHistory(manifest, this.#rewriteParts())
  }

  // ── the files ──────────────────────────────────────────────────────────────────────────────

  get #filename(): string {
    return this.#parts.server.settings.get('appendfilename')
  }

  get #dirname(): string {
    return this.#parts.server.settings.get('appenddirname')
  }

  get #dir(): string {
    return this.#parts.server.path('appenddirname')
  }

  get #currentBytes(): number {
    return this.#otherBytes + this.#log.currentBytes
  }

  #makeDirectory(): void {
    this.#parts.storage.makeDirectory(this.#dir)
  }

  #openNextIncr(manifest: Manifest): { file: AofFile; handle: AppendFile } {
    const file = manifest.nextIncr(this.#filename)
    const handle = this.#parts.storage.append(join(this.#dir, file.name), { empty: true })
    this.#parts.server.log.notice(`Creating AOF incr file ${file.name} on background rewrite`)
    return { file, handle }
  }

  #rewriteParts(signal: AbortSignal = new AbortController().signal): RewriteParts {
    const { storage, server, slice, snapshot } = this.#parts
    return {
      storage,
      log: server.log,
      dir: this.#dir,
      filename: this.#filename,
      temporary: join(server.settings.get('dir'), `temp-rewriteaof-bg-${process.pid}.aof`),
      snapshot,
      slice,
      signal,
    }
  }

  // ── what clients see ───────────────────────────────────────────────────────────────────────

  #register(): void {
    const { settings, loop, commands, info } = this.#parts.server
    loop.onLog = () => this.#scheduleTurn()
    settings.onChange('appendonly', (value) => {
      if (value === 'yes') return this.turnOn()
      queueMicrotask(() => void this.turnOff())
      return undefined
    })
    settings.onChange('appendfsync', () => queueMicrotask(() => this.#followPolicy()))
    commands.on('bgrewriteaof', () => this.#bgrewriteaof())
    registerWaits(this.#parts.server, this)
    info.add('persistence', () => this.#fields())
  }

  #bgrewriteaof(): HostReply {
    if (this.#rewriting)
      throw new ReplyError('ERR Background append only file rewriting already in progress')
    if (this.#parts.isSaving() || !this.#parts.server.engine.mayAnswerLater) {
      this.#isScheduled = true
      return new Simple('Background append only file rewriting scheduled')
    }
    if (!this.rewrite()) throw new ReplyError(REWRITE_FAILED)
    return new Simple('Background append only file rewriting started')
  }

  get isOn(): boolean {
    return this.state !== 'off'
  }

  isDurable(): boolean {
    return this.#log.durableEnd >= this.#parts.server.engine.logEnd
  }

  durable(timeoutMs: number): Promise<void> {
    const offset = this.#parts.server.engine.logEnd
    return new Promise((resolve) => {
      if (timeoutMs > 0) setTimeout(resolve, timeoutMs).unref()
      this.#waiting.push({ offset, resolve })
    })
  }

  #wake(offset: number): void {
    const woken = this.#waiting.filter((waiter) => waiter.offset <= offset)
    if (woken.length === 0) return
    this.#waiting = this.#waiting.filter((waiter) => waiter.offset > offset)
    for (const { resolve } of woken) resolve()
  }

  #fields(): Record<string, string | number> {
    const { startedMs } = this.#rewriting ?? {}
    const { isOn } = this
    return {
      aof_enabled: Number(isOn),
      aof_rewrite_in_progress: Number(this.isRewriting),
      aof_rewrite_scheduled: Number(this.#isScheduled),
      aof_last_rewrite_time_sec: this.#stats.lastSeconds,
      aof_current_rewrite_time_sec:
        startedMs === undefined ? -1 : Math.floor((this.#parts.now() - startedMs) / 1000),
      aof_last_bgrewrite_status: this.#stats.lastStatus,
      aof_rewrites: this.#stats.rewrites,
      aof_rewrites_consecutive_failures: this.#failures,
      aof_last_write_status: this.#log.writeError ? 'err' : 'ok',
      aof_last_cow_size: 0,
      module_fork_in_progress: 0,
      module_fork_last_cow_size: 0,
      ...(isOn && {
        aof_current_size: this.#currentBytes,
        aof_base_size: this.#baseBytes,
        aof_pending_rewrite: Number(this.#isScheduled),
        aof_buffer_length: this.#log.pending.length,
        aof_pending_bio_fsync: Number(this.#log.isSyncing),
        aof_delayed_fsync: this.#log.delayedFsyncs,
      }),
    }
  }
}

/** A snapshot that has begun: its first piece is there already. */
function begun(pieces: Iterator<Uint8Array>): Iterator<Uint8Array> {
  let first: IteratorResult<Uint8Array> | undefined = pieces.next()
  return {
    next() {
      const step = first ?? pieces.next()
      first = undefined
      return step
    },
    return: (value) => pieces.return?.(value) ?? { done: true, value: undefined },
  }
}
