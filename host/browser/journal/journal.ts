// Keeps the effects log of an engine, and a snapshot where the log would outgrow the dataset.
//
//   engine ─► take ─► queue ─► commit (one at a time) ─► release: gated replies leave
//
// One commit covers everything that was logged while the one before ran. Small records of the log are put
// together later, within a commit that is due anyway, so that a store that was written to a thousand times opens
// as fast as one that was written to at once.

import { concat } from '../../core/bytes.ts'
import type { Engine } from '../../core/engine.ts'
import type { Runtime, Timer } from '../../core/runtime.ts'
import { StaleOwnerError } from '../errors.ts'
import type { Durability, Storage } from '../storage/storage.ts'
import {
  logName,
  MANIFEST,
  type Manifest,
  snapshotName,
  snapshotRange,
  writeManifest,
} from './manifest.ts'
import { eachOrigin, type Origins } from './origins.ts'
import { type Codec, writeRecord } from './record.ts'

export interface JournalParts {
  engine: Engine
  storage: Storage
  runtime: Pick<Runtime, 'later' | 'clock'>
  durability: Durability
  /** Whether what the engine answers waits until its log is kept. */
  isGated: boolean
  codec: Codec | undefined
  /** What the storage was found to hold. */
  epoch: number
  manifest: Manifest
  nextLog: number
  /** Bytes of the log that is stored. */
  logBytes: number
  origins: Origins
  /** More of the log is safe: sessions may have output. */
  released: () => void
  /** What was logged cannot be kept now; unless the owner is stale, it is tried again. */
  failed: (error: Error) => void
  /** What could not be kept now is. */
  recovered: () => void
  /**
   * Bytes of the log, for whoever follows it, and its offset at their end: as soon as they are logged, or where
   * answers wait when they are kept. They are not changed.
   */
  follow?: (bytes: Uint8Array, offset: number) => void
}

/** With `relaxed` durability the log is gathered for so long. */
const RELAXED_MS = 10
/**
 * The most bytes in one record: values above 64 KB are files of their own in Chromium's IndexedDB, and take twice
 * as long.
 */
const RECORD_BYTES = 65_000
/** The most bytes in one commit, of the log and of a snapshot. */
const COMMIT_BYTES = 1 << 23
const SNAPSHOT_COMMIT_BYTES = 1 << 20
/** Records of the log below so many bytes are put together, so many at a time. */
const SMALL_BYTES = 32_000
const SMALL_RECORDS = 32
/** The log may grow to this before a snapshot is worth it. */
const LOG_BYTES = 1 << 21
/** What was not kept is tried again after so long, and ever less often. */
const RETRY_MS = 250
const MOST_RETRY_MS = 30_000
/** A store that was just opened answers first. */
const SETTLE_MS = 1000
/** A snapshot's turn. */
const SNAPSHOT_TURN_US = 2000

/** Some of the log that is to be committed. */
interface Segment {
  bytes: Uint8Array
  /** The offset of the log at its end. */
  offset: number
  /** A snapshot was begun here: what follows goes into other records. */
  cut?: (logFrom: number) => void
}

export class Journal {
  readonly #parts: JournalParts
  #manifest: Manifest
  #format: number
  #queue: Segment[] = []
  #running: Promise<void> | undefined
  #isScheduled = false
  #timer: Timer | undefined
  #isStopped = false
  #failure: Error | undefined
  #retryMs = RETRY_MS
  #nextLog: number
  #logBytes: number
  /** The small records at the end of the log: the number of the first, their bytes in order. */
  #tail: { from: number; pieces: Uint8Array[]; bytes: number } | undefined
  #compacting: Promise<void> | undefined
  readonly #turn = (): void => {
    this.#isScheduled = false
    this.#timer = undefined
    void this.#run()
  }

  constructor(parts: JournalParts) {
    this.#parts = parts
    this.#manifest = parts.manifest
    this.#format = parts.manifest.format
    this.#nextLog = parts.nextLog
    this.#logBytes = parts.logBytes
    parts.engine.logOn(true)
    if (parts.isGated) parts.engine.gate(true)
    parts.engine.writer(parts.epoch, 0, 0)
    // A tab that was closed soon after it wrote much has left that to the next one.
    if (this.#isDue) parts.runtime.later(SETTLE_MS, () => this.#compactIfDue())
  }

  get epoch(): number {
    return this.#parts.epoch
  }

  /** Why what was logged last is not kept. */
  get failure(): Error | undefined {
    return this.#failure
  }

  get origins(): Origins {
    return this.#parts.origins
  }

  /** The engine's log may have bytes. */
  logged(): void {
    if (this.#isScheduled || this.#running || this.#isStopped || this.#failure) return
    this.#isScheduled = true
    if (this.#parts.durability === 'strict') queueMicrotask(this.#turn)
    else this.#timer = this.#parts.runtime.later(RELAXED_MS, this.#turn)
  }

  /** Takes what was logged now, so that followers have it before any answer leaves. */
  gather(): void {
    this.#take()
  }

  /** Whether everything that was logged is kept. */
  get isSettled(): boolean {
    return this.#queue.length === 0 && !this.#parts.engine.log()
  }

  /** Everything that was logged until now is kept when this resolves. @throws what kept it from that */
  async flush(): Promise<void> {
    this.#take()
    await this.#running
    await this.#run()
    if (this.#failure) throw this.#failure
  }

  /** Writes the format of an older tab that is open, or the newest again. */
  async writeFormat(format: number): Promise<void> {
    if (format === this.#format || (format < 2 && this.#parts.codec)) return
    this.#format = format
    await this.compact()
  }

  /** Replaces the log by a snapshot of the dataset as it is now, while commands go on. */
  compact(): Promise<void> {
    this.#compacting ??= this.#compact().finally(() => (this.#compacting = undefined))
    return this.#compacting
  }

  /** Keeps nothing more. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  // ── the log ────────────────────────────────────────────────────────────────────────────────

  /** Moves what the engine has logged into the queue. */
  #take(cut?: (logFrom: number) => void): void {
    const { engine, origins, follow, isGated } = this.#parts
    const length = engine.log()
    if (!length && !cut) return
    const bytes = engine.bytes.slice(engine.address, engine.address + length)
    engine.logTaken(length)
    eachOrigin(bytes, (origin, sequence) => origins.note(origin, sequence))
    if (length && !isGated) follow?.(bytes, engine.logEnd)
    this.#queue.push({ bytes, offset: engine.logEnd, ...(cut && { cut }) })
  }

  #run(): Promise<void> {
    this.#running ??= this.#commitAll()
      .catch((error: unknown) => this.#parts.failed(error as Error))
      .finally(() => (this.#running = undefined))
    return this.#running
  }

  async #commitAll(): Promise<void> {
    const { engine, durability, isGated } = this.#parts
    while (!this.#isStopped) {
      this.#take()
      const segment = this.#queue[0]
      if (!segment) break
      const { bytes } = segment
      try {
        await this.#commit(segment)
      } catch (error) {
        return this.#fail(error as Error)
      }
      this.#queue.shift()
      if (this.#failure) this.#recover()
      segment.cut?.(this.#nextLog)
      if (segment.cut) this.#tail = undefined
      if (engine.crash) return undefined
      if (isGated && bytes.length) this.#parts.follow?.(bytes, segment.offset)
      if (isGated) engine.release(segment.offset)
      this.#parts.released()
      if (durability === 'relaxed' && this.#queue.length === 0) {
        if (engine.log()) queueMicrotask(() => this.logged())
        break
      }
    }
    this.#compactIfDue()
    return undefined
  }

  /** Commits a segment, in several commits if it is very large; what is kept of it is not tried again. */
  async #commit(segment: Segment): Promise<void> {
    while (segment.bytes.length > 0) {
      const bytes = segment.bytes.subarray(0, COMMIT_BYTES)
      await this.#commitBytes(bytes)
      this.#logBytes += bytes.length
      segment.bytes = segment.bytes.subarray(bytes.length)
    }
  }

  async #commitBytes(bytes: Uint8Array): Promise<void> {
    const { storage, epoch, durability } = this.#parts
    const isSmall = bytes.length < SMALL_BYTES
    const tail = isSmall ? this.#tail : undefined
    if (tail && tail.pieces.length >= SMALL_RECORDS) {
      const all = concat([...tail.pieces, bytes])
      const record = await this.#record(all)
      const remove = [[logName(tail.from), logName(this.#nextLog)] as const]
      await storage.commit(epoch, { put: [[logName(tail.from), record]], remove }, durability)
      const isFull = all.length >= SMALL_BYTES
      this.#tail = isFull
        ? undefined
        : { from: tail.from, pieces: [all.slice()], bytes: all.length }
      return
    }
    const put: [string, Uint8Array][] = []
    let number = this.#nextLog
    for (let at = 0; at < bytes.length; at += RECORD_BYTES)
      put.push([logName(number++), await this.#record(bytes.subarray(at, at + RECORD_BYTES))])
    await storage.commit(epoch, { put }, durability)
    if (!isSmall) this.#tail = undefined
    else if (tail) tail.pieces.push(bytes)
    else this.#tail = { from: this.#nextLog, pieces: [bytes], bytes: bytes.length }
    this.#nextLog = number
  }

  async #record(plain: Uint8Array): Promise<Uint8Array> {
    const { codec, epoch } = this.#parts
    const payload = codec ? await codec.encode(plain) : plain
    return writeRecord(this.#format, epoch, payload, plain.length)
  }

  #fail(error: Error): void {
    const isNew = !this.#failure
    this.#failure = error
    if (error instanceof StaleOwnerError) this.stop()
    if (isNew || this.#isStopped) this.#parts.failed(error)
    if (this.#isStopped) return
    this.#timer = this.#parts.runtime.later(this.#retryMs, this.#turn)
    this.#isScheduled = true
    this.#retryMs = Math.min(this.#retryMs * 2, MOST_RETRY_MS)
  }

  #recover(): void {
    this.#failure = undefined
    this.#retryMs = RETRY_MS
    this.#parts.recovered()
  }

  // ── the snapshot ───────────────────────────────────────────────────────────────────────────

  /** Whether the log has outgrown the dataset. */
  get #isDue(): boolean {
    return this.#logBytes >= Math.max(LOG_BYTES, this.#manifest.snapshot?.bytes ?? 0)
  }

  #compactIfDue(): void {
    if (this.#isStopped || this.#failure || !this.#isDue) return
    this.compact().catch((error: unknown) => this.#parts.failed(error as Error))
  }

  async #compact(): Promise<void> {
    const { engine, storage, epoch, durability, runtime, origins } = this.#parts
    const id = (this.#manifest.snapshot?.id ?? 0) + 1
    const pieces = engine.snapshot()
    const first = pieces.next()
    const soFar = origins.entries()
    const cut = new Promise<number>((resolve) => this.#take(resolve))
    const behind = this.#logBytes + this.#queue.reduce((sum, each) => sum + each.bytes.length, 0)
    void this.#run()
    let records = 0
    let bytes = 0
    const keep = async (plain: Uint8Array): Promise<void> => {
      bytes += plain.length
      const put: [string, Uint8Array][] = []
      for (let at = 0; at < plain.length; at += RECORD_BYTES) {
        const record = await this.#record(plain.subarray(at, at + RECORD_BYTES))
        put.push([snapshotName(id, records++), record])
      }
      await storage.commit(epoch, { put }, durability)
    }
    try {
      let gathered: Uint8Array[] = []
      let size = 0
      let turnUs = runtime.clock.monotonicUs()
      for (let piece = first; !piece.done; piece = pieces.next()) {
        gathered.push(piece.value)
        size += piece.value.length
        if (size >= SNAPSHOT_COMMIT_BYTES) {
          await keep(concat(gathered))
          gathered = []
          size = 0
        } else if (runtime.clock.monotonicUs() - turnUs < SNAPSHOT_TURN_US) {
          continue
        } else {
          await new Promise<void>((resolve) => runtime.later(0, resolve))
        }
        turnUs = runtime.clock.monotonicUs()
        if (this.#isStopped) return
      }
      if (size) await keep(concat(gathered))
      const logFrom = await cut
      const manifest: Manifest = {
        format: this.#format,
        snapshot: { id, records, bytes },
        logFrom,
        codec: this.#parts.codec?.name ?? '',
        origins: soFar,
      }
      await this.#switch(manifest)
      this.#logBytes -= behind
    } catch (error) {
      pieces.return()
      await storage
        .commit(epoch, { put: [], remove: [snapshotRange(id)] }, 'relaxed')
        .catch(() => undefined)
      throw error
    }
  }

  /** Makes a snapshot and the log behind it the store, and drops those before, in one commit. */
  async #switch(manifest: Manifest): Promise<void> {
    const { storage, epoch, durability } = this.#parts
    const before = this.#manifest
    const remove: [string, string][] = []
    if (manifest.logFrom > 0) remove.push([logName(0), logName(manifest.logFrom - 1)])
    if (before.snapshot) remove.push(snapshotRange(before.snapshot.id))
    const put = [[MANIFEST, writeManifest(manifest, epoch)] as const]
    await storage.commit(epoch, { put, remove }, durability)
    this.#manifest = manifest
  }
}
