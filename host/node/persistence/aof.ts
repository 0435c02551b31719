// The append-only file of a server: loaded and opened at its start, turned on and off while it runs, fed by
// the engine's log, rewritten when it has grown.
//
//   off ──CONFIG SET appendonly yes──► starting ──first base is written──► on ──CONFIG SET … no──► off

import { join } from 'node:path'
import { systemMessage } from '../system-error.ts'
import { AofFeed } from './aof-feed.ts'
import { AofLoad, LoadError, type LoadRdb, type Slice } from './aof-load.ts'
import { AofLog, type Policy } from './aof-log.ts'
import { AofFiles, type OpenedFile } from './aof-files.ts'
import { type BaseFormat, type Manifest, ManifestWriteError } from './aof-manifest.ts'
import { begun, replaceBase, stamped, type RewriteParts, writeSnapshot } from './aof-rewrite.ts'
import { AofRewrites } from './aof-rewrites.ts'
import type { Home } from './home.ts'
import { LOADING_MS, slices } from './slice.ts'
import type { AppendFile, Storage } from './storage.ts'
import { type Durability, Waiters } from './wait.ts'

export interface AofParts {
  home: Home
  storage: Storage
  loadRdb: LoadRdb
  /** The dataset as it is now, in pieces. */
  snapshot: (format: BaseFormat) => Iterator<Uint8Array>
  /** Whether another snapshot is being written. */
  isSaving: () => boolean
  slice: Slice
  now: () => number
}

const TURN_ON_FAILED = 'Unable to turn on AOF. Check server logs.'
export class Aof implements Durability {
  state: 'off' | 'starting' | 'on' = 'off'
  readonly #parts: AofParts
  readonly #log: AofLog
  readonly #feed = new AofFeed()
  readonly #files: AofFiles
  readonly #rewrites: AofRewrites
  /** Bytes of all files but the one that is appended to, and of all when the base was written. */
  #otherBytes = 0
  #baseBytes = 0
  #isTurnDue = false
  readonly #waiters = new Waiters()

  constructor(parts: AofParts) {
    this.#parts = parts
    const { engine, log, internal, loop, settings } = parts.home
    this.#files = new AofFiles(parts.home, parts.storage)
    this.#rewrites = new AofRewrites(parts.home, parts.now)
    this.#log = new AofLog({
      log,
      policy: () => settings.get('appendfsync') as Policy,
      isDiskBusy: () => this.isRewriting || parts.isSaving(),
      restsFlushing: () =>
        settings.isOn('no-appendfsync-on-rewrite') && (this.isRewriting || parts.isSaving()),
      took: (ms, ...events) => parts.home.latency.note(ms, ...events),
      durable: (offset) => {
        engine.release(offset)
        loop.deliverReady()
        this.#waiters.wake(offset)
      },
      failing: (reason) => internal.call('WADI.STATE', 'log-error', reason),
      fatal: (text) => {
        log.warning(text)
        parts.home.exit(1)
      },
    })
    this.#register()
  }

  /** DEBUG AOF-FLUSH-SLEEP: waits so long before each write. */
  set beforeWriteMs(ms: number) {
    this.#log.beforeWriteMs = ms
  }

  get isRewriting(): boolean {
    return this.#rewrites.isRunning
  }

  // ── the start ──────────────────────────────────────────────────────────────────────────────

  /** Reads the manifest. @throws {LoadError} */
  prepare(): void {
    this.#files.read()
  }

  /** Loads the dataset; whether there was one. @throws {LoadError} */
  async load(progress: (bytes: number) => void): Promise<boolean> {
    const { home, storage, loadRdb } = this.#parts
    await this.#files.migrate()
    const { manifest, dir } = this.#files
    if (manifest.isEmpty) return false
    const { engine, log, settings } = home
    const loadsTruncated = () => settings.isOn('aof-load-truncated')
    const slice = slices(LOADING_MS)
    const load = new AofLoad({ engine, storage, log, loadRdb, slice, loadsTruncated, progress })
    const started = performance.now()
    const { totalBytes, baseBytes } = await load.load(manifest, dir)
    this.#otherBytes = totalBytes
    this.#baseBytes = baseBytes
    log.notice(
      `DB loaded from append only file: ${((performance.now() - started) / 1000).toFixed(3)} seconds`,
    )
    return true
  }

  /** The bytes of all files to load. */
  get totalBytes(): number {
    return this.#files.totalBytes
  }

  /** Begins to append, after the dataset is loaded. @throws {LoadError} */
  async openAtStart(): Promise<void> {
    const { home, storage } = this.#parts
    const { engine, log } = home
    const files = this.#files
    try {
      files.makeDirectory()
      let { manifest } = files
      if (manifest.isEmpty) {
        const parts = this.#rewriteParts()
        const base = manifest.nextBase(files.name, parts.format)
        log.notice(`Creating AOF base file ${base.name} on server start`)
        this.#baseBytes = await writeSnapshot(join(files.dir, base.name), parts.snapshot(), parts)
        this.#otherBytes = this.#baseBytes
        manifest = manifest.withBase(base)
      }
      const last = manifest.incrs.at(-1)
      const incr = last ?? manifest.nextIncr(files.name)
      const file = storage.append(join(files.dir, incr.name), { empty: !last })
      if (!last) await files.write(manifest.withIncr(incr))
      log.notice(`${last ? 'Opening' : 'Creating'} AOF incr file ${incr.name} on server start`)
      this.#otherBytes -= file.openedBytes
      engine.logOn(true)
      this.#beginFile(file)
      this.#turnedOn()
      await files.collect()
    } catch (error) {
      const reason = error instanceof ManifestWriteError ? error.message : systemMessage(error)
      log.warning(`Can't open the append-only file: ${reason}`)
      throw new LoadError(reason)
    }
  }

  /** DEBUG LOADAOF: the dataset is what the files say. @throws {LoadError} */
  async reload(progress: (bytes: number) => void): Promise<void> {
    await this.#rewrites.abort()
    const { engine, internal, log } = this.#parts.home
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
      this.#parts.home.log.notice(
        'AOF was enabled but there is already another background operation. An AOF background was ' +
          'scheduled to start when possible.',
      )
      this.state = 'starting'
      return undefined
    }
    let incr: OpenedFile
    try {
      this.#files.makeDirectory()
      incr = this.#files.openNextIncr()
    } catch (error) {
      this.#parts.home.log.warning(
        `Can't open or create append-only dir ${this.#files.dirname}: ${systemMessage(error)}`,
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
      void this.#start(this.#files.openNextIncr())
      return true
    } catch {
      this.#rewrites.noteFailure()
      return false
    }
  }

  async #start(incr: OpenedFile): Promise<void> {
    await this.#rewrites.abort()
    const { engine } = this.#parts.home
    engine.logOn(true)
    this.#discardLog()
    this.#beginFile(incr.handle)
    this.#run(async (parts) => {
      const before = this.#files.manifest.withIncr(incr.file)
      const { manifest, baseBytes } = await replaceBase(before, incr.file, parts.snapshot(), parts)
      await this.#log.flush()
      this.#switched(manifest, baseBytes)
      this.#turnedOn()
    })
  }

  /** CONFIG SET appendonly no, or the end. */
  async turnOff(): Promise<void> {
    if (this.state === 'off') return
    const { engine, log } = this.#parts.home
    this.state = 'off'
    await this.#rewrites.abort()
    this.#take()
    try {
      await this.#log.flush()
    } catch (error) {
      log.warning(`Fail to fsync the AOF file: ${systemMessage(error)}`)
    }
    engine.gate(false)
    engine.logOn(false)
    this.#log.close()
    this.#parts.home.loop.deliverReady()
  }

  #turnedOn(): void {
    this.state = 'on'
    this.#followPolicy()
  }

  /** Replies wait for the disk with `always`, once there is a file to wait for. */
  #followPolicy(): void {
    const { engine, settings, loop } = this.#parts.home
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
    if (this.#parts.home.engine.crash || !this.#log.isOpen) return
    this.#take()
    this.#log.turn(this.#parts.now())
  }

  #take(): void {
    const { engine, settings } = this.#parts.home
    const withTime = settings.isOn('aof-timestamp-enabled')
    const end = this.#feed.take(engine, withTime, this.#log.pending)
    if (end !== undefined) this.#log.reaches(end)
  }

  /** What was logged before a file begins is in the snapshot that it begins with. */
  #discardLog(): void {
    const { engine } = this.#parts.home
    engine.logTaken(engine.log())
  }

  #beginFile(file: AppendFile): void {
    this.#feed.begin()
    this.#log.open(file, this.#parts.home.engine.logEnd)
  }

  /** Ten times a second. */
  tick(): void {
    if (this.state === 'off' && !this.#rewrites.isScheduled) return
    if (this.#log.isOpen) {
      this.#take()
      this.#log.tick(this.#parts.now())
    }
    if (this.isRewriting || this.#parts.isSaving()) return
    if (this.#rewrites.isScheduled || (this.state === 'starting' && this.#rewrites.mayTry))
      this.rewrite()
    else if (this.state === 'on') this.#rewriteIfGrown()
  }

  /** Before the process leaves. */
  async shutdown(): Promise<void> {
    const { log, settings } = this.#parts.home
    if (this.isRewriting) {
      log.warning('There is a child rewriting the AOF. Killing it!')
      await this.#rewrites.abort()
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
    if (this.isRewriting || this.#parts.isSaving()) return false
    this.#rewrites.isScheduled = false
    if (this.state === 'starting') return this.#startAgain()
    const { log } = this.#parts.home
    let incr: OpenedFile | undefined
    try {
      this.#files.makeDirectory()
      if (this.state !== 'off') incr = this.#files.openNextIncr()
    } catch (error) {
      log.warning(
        `Can't open or create append-only dir ${this.#files.dirname}: ${systemMessage(error)}`,
      )
      this.#rewrites.noteFailure()
      return false
    }
    log.notice(`Background append only file rewriting started by pid ${process.pid}`)
    this.#run(async (parts) => {
      // The engine is not asked for a snapshot inside the command that begins the rewrite.
      await Promise.resolve()
      let pieces: Iterator<Uint8Array>
      if (incr) {
        await this.#files.write(this.#files.manifest.withIncr(incr.file))
        pieces = this.#switchTo(incr.handle, parts)
        await this.#log.flush()
      } else {
        pieces = parts.snapshot()
      }
      const before = this.#files.manifest
      const { manifest, baseBytes } = await replaceBase(before, incr?.file, pieces, parts)
      this.#switched(manifest, baseBytes)
    })
    return true
  }

  /** The log goes into a new file from here on, and the snapshot is of this moment. */
  #switchTo(handle: AppendFile, parts: RewriteParts): Iterator<Uint8Array> {
    this.#take()
    this.#log.writeAll()
    this.#otherBytes += this.#log.currentBytes
    this.#log.switch(handle)
    this.#feed.begin()
    return begun(parts.snapshot())
  }

  /** A rewrite runs from here to its end, well or not. */
  #run(steps: (parts: RewriteParts) => Promise<void>): void {
    this.#rewrites.run(async (signal) => {
      await steps(this.#rewriteParts(signal))
      await this.#succeeded()
    })
  }

  #switched(manifest: Manifest, baseBytes: number): void {
    this.#files.manifest = manifest
    this.#baseBytes = baseBytes
    this.#otherBytes = baseBytes
  }

  async #succeeded(): Promise<void> {
    const { log } = this.#parts.home
    this.#rewrites.succeeded()
    this.#baseBytes = this.#currentBytes
    try {
      await this.#files.collect()
    } catch (error) {
      log.warning(error instanceof Error ? error.message : String(error))
    }
    log.notice('Background AOF rewrite finished successfully')
  }

  #rewriteIfGrown(): void {
    const growth = this.#rewrites.growth(this.#currentBytes, this.#baseBytes)
    if (growth === undefined) return
    this.#parts.home.log.notice(`Starting automatic rewriting of AOF on ${growth}% growth`)
    this.rewrite()
  }

  get #currentBytes(): number {
    return this.#otherBytes + this.#log.currentBytes
  }

  #rewriteParts(signal: AbortSignal = new AbortController().signal): RewriteParts {
    const { storage, home, slice, snapshot } = this.#parts
    const format = home.settings.isOn('aof-use-rdb-preamble') ? 'rdb' : 'aof'
    return {
      storage,
      log: home.log,
      dir: this.#files.dir,
      filename: this.#files.name,
      temporary: join(home.settings.get('dir'), `temp-rewriteaof-bg-${process.pid}.aof`),
      format,
      syncsOften: () => home.settings.isOn('aof-rewrite-incremental-fsync'),
      snapshot: () => {
        const pieces = snapshot(format)
        const isStamped = format === 'aof' && home.settings.isOn('aof-timestamp-enabled')
        return isStamped ? stamped(pieces, this.#parts.now()) : pieces
      },
      slice,
      signal,
    }
  }

  // ── what clients see ───────────────────────────────────────────────────────────────────────

  #register(): void {
    const { settings, loop, info } = this.#parts.home
    loop.onLog = () => this.#scheduleTurn()
    settings.onChange('appendonly', (value) => {
      if (value === 'yes') return this.turnOn()
      queueMicrotask(() => void this.turnOff())
      return undefined
    })
    settings.onChange('appendfsync', () => queueMicrotask(() => this.#followPolicy()))
    info.add('persistence', () => this.#fields())
  }

  /** A rewrite begins as soon as it can. */
  schedule(): void {
    this.#rewrites.isScheduled = true
  }

  /** Whether there is a file, or the first is being written. */
  get isOn(): boolean {
    return this.state !== 'off'
  }

  isDurable(): boolean {
    return this.#log.durableEnd >= this.#parts.home.engine.logEnd
  }

  durable(timeoutMs: number): Promise<void> {
    return this.#waiters.reached(this.#parts.home.engine.logEnd, timeoutMs)
  }

  #fields(): Record<string, string | number> {
    const { isOn } = this
    return {
      aof_enabled: Number(isOn),
      ...this.#rewrites.fields(),
      aof_last_write_status: this.#log.writeError ? 'err' : 'ok',
      module_fork_in_progress: 0,
      module_fork_last_cow_size: 0,
      ...(isOn && {
        aof_current_size: this.#currentBytes,
        aof_base_size: this.#baseBytes,
        aof_pending_rewrite: Number(this.#rewrites.isScheduled),
        aof_buffer_length: this.#log.pending.length,
        aof_pending_bio_fsync: Number(this.#log.isSyncing),
        aof_delayed_fsync: this.#log.delayedFsyncs,
      }),
    }
  }
}
