// Keeps the effects log of an engine, and a snapshot where the log would outgrow the dataset.
//
//   engine ─► take ─► queue ─► commit (one at a time) ─► release: gated replies leave
//
// One commit covers everything that was logged while the one before ran. Small records of the log are put
// together later, within a commit that is due anyway, so that a store that was written to a thousand times opens
// as fast as one that was written to at once.
//
// The log is only added to, and each record has the number behind the last one. That is its fence: a commit is one
// request, and needs no look at the epoch.
//
//   owner 7   claim · add 40 (mark) · add 41 · add 42 ┄ asleep ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ add 43: there is one. Stale
//   owner 8                                             claim · add 43 (mark) · reads up to 43 · add 44 · …
//
//   · A new owner claims the storage: from there on all commits of owners before that look at the epoch fail. It
//     reads the manifest, which is therefore the last, and adds an empty record, the mark, behind the last of the log. If
//     the number is taken, the owner before was not asleep: it looks again. What it reads after that is the whole log.
//   · An owner adds a record only once it knows the one before it to be there, so the number that it will use next is
//     always the one that a new owner marks: behind the last record, or `logFrom` where there is none.
//   · Records that are put together get the newest number, and the old ones go in the same commit:
//     40 41 42 43 → 44. What is not an addition (a snapshot, the manifest) looks at the epoch.
//   · A failure may have been reported of a commit that was carried out. It is tried again with the very same
//     records under the same numbers, and the storage sees that they are there.
//
// Formats before the third look at the epoch in each commit. What format the log has is what the manifest on disk
// says, or an older one; so an owner that goes on from any crash understands all of it.

import { concat } from '../../core/bytes.ts'
import type { Engine } from '../../core/engine.ts'
import type { Runtime, Timer } from '../../core/runtime.ts'
import { StaleOwnerError } from '../errors.ts'
import type { Changes, Durability, Storage } from '../storage/storage.ts'
import {
  logName,
  MANIFEST,
  type Manifest,
  snapshotName,
  snapshotRange,
  writeManifest,
} from './manifest.ts'
import { eachOrigin, type Origins } from './origins.ts'
import { ADDING_FORMAT, type Codec, NEWEST_FORMAT, writeRecord } from './record.ts'

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
  logRecords: number
  origins: Origins
  /** More of the log is safe: sessions may have output. */
  released: () => void
  /** What was logged cannot be kept now; unless the owner is stale, it is tried again. */
  failed: (error: Error) => void
  /** A snapshot could not be kept; the log is, and it is tried again. */
  snapshotFailed: (error: Error) => void
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
/** The log may grow to this before a snapshot is worth it, and while there is no rest to this. */
const LOG_BYTES = 1 << 21
const MOST_LOG_BYTES = 1 << 24
/** More records than this make opening slow, however small they are. */
const LOG_RECORDS = 512
/** Nothing was kept for so long: there is a rest. */
const REST_MS = 50
/** What was not kept is tried again after so long, and ever less often. */
const RETRY_MS = 250
const MOST_RETRY_MS = 30_000
/** A store that was just opened answers first. */
const SETTLE_MS = 1000
/** Tabs that are open have said by then which formats they know. */
const RENEW_MS = 2000
/** A snapshot's turn. */
const SNAPSHOT_TURN_US = 2000

/** Some of the log that is to be committed. */
interface Segment {
  bytes: Uint8Array
  /** The offset of the log at its end. */
  offset: number
  /** A snapshot was begun here: what follows goes into other records. */
  cut?: (cut: Cut) => void
  /** The commit that was tried last. */
  step?: Step
}

/** Where a snapshot begins: the number of the log's next record, and how many it has before that. */
interface Cut {
  logFrom: number
  records: number
}

/** A commit of the log, and what is true after it. */
interface Step {
  changes: Changes
  nextLog: number
  tail: Tail | undefined
  /** How many records there are more. */
  records: number
}

/** The small records at the end of the log: the number of the first, their bytes in order. */
interface Tail {
  from: number
  pieces: Uint8Array[]
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
  #logRecords: number
  #tail: Tail | undefined
  #compacting: Promise<void> | undefined
  /** A snapshot has failed: the next one is not tried yet. */
  #isPutOff = false
  /** Commits of the log so far, and the timer that waits for a moment without one. */
  #commits = 0
  #resting: Timer | undefined
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
    this.#logRecords = parts.logRecords
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

  /** A store of an older format becomes one of the newest, once it is known that no older tab shares it. */
  renewLater(oldest: () => number = () => NEWEST_FORMAT): void {
    if (this.#format === NEWEST_FORMAT) return
    this.#parts.runtime.later(RENEW_MS, () => {
      if (this.#isStopped) return
      this.writeFormat(oldest()).catch((error: unknown) =>
        this.#parts.snapshotFailed(error as Error),
      )
    })
  }

  /** Writes the format of an older tab that is open, or the newest again. */
  async writeFormat(format: number): Promise<void> {
    if (this.#isStopped || format === this.#format) return
    if (format < 2 && this.#parts.codec) return
    this.#format = format
    await this.#compacting?.catch(() => undefined)
    if (format === this.#format) await this.compact()
  }

  /** The format that the log is written in: never one that the manifest does not promise. */
  get #logFormat(): number {
    return Math.min(this.#format, this.#manifest.format)
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
    this.#resting?.cancel()
  }

  // ── the log ────────────────────────────────────────────────────────────────────────────────

  /** Moves what the engine has logged into the queue. */
  #take(cut?: (cut: Cut) => void): void {
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
      segment.cut?.({ logFrom: this.#nextLog, records: this.#logRecords })
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
    const { storage, epoch, durability } = this.#parts
    while (segment.bytes.length > 0) {
      const bytes = segment.bytes.subarray(0, COMMIT_BYTES)
      const step = (segment.step ??= await this.#prepare(bytes))
      await storage.commit(epoch, step.changes, durability)
      delete segment.step
      segment.bytes = segment.bytes.subarray(bytes.length)
      this.#nextLog = step.nextLog
      this.#tail = step.tail
      this.#logRecords += step.records
      this.#logBytes += bytes.length
      this.#commits++
    }
  }

  async #prepare(bytes: Uint8Array): Promise<Step> {
    const format = this.#logFormat
    const areNew = format >= ADDING_FORMAT
    const isSmall = bytes.length < SMALL_BYTES
    const tail = isSmall ? this.#tail : undefined
    const from = this.#nextLog
    if (tail && tail.pieces.length >= SMALL_RECORDS) {
      const all = concat([...tail.pieces, bytes])
      const put = [[logName(from), await this.#record(all, format)] as const]
      const remove = [[logName(tail.from), logName(from - 1)] as const]
      return {
        changes: { put, remove, areNew },
        nextLog: from + 1,
        tail: all.length < SMALL_BYTES ? { from, pieces: [all] } : undefined,
        records: 1 - tail.pieces.length,
      }
    }
    const put: [string, Uint8Array][] = []
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      const record = await this.#record(bytes.subarray(at, at + RECORD_BYTES), format)
      put.push([logName(from + put.length), record])
    }
    return {
      changes: { put, areNew },
      nextLog: from + put.length,
      tail: isSmall
        ? { from: tail?.from ?? from, pieces: [...(tail?.pieces ?? []), bytes] }
        : undefined,
      records: put.length,
    }
  }

  async #record(plain: Uint8Array, format: number): Promise<Uint8Array> {
    const { codec, epoch } = this.#parts
    const payload = codec ? await codec.encode(plain) : plain
    return writeRecord(format, epoch, payload, plain.length)
  }

  #fail(error: Error): void {
    const isNew = !this.#failure
    this.#failure = error
    // What was under way when this ended concerns nobody.
    if (this.#isStopped) return
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
    return this.#hasOutgrown(LOG_BYTES, 1) || this.#logRecords >= LOG_RECORDS
  }

  #hasOutgrown(bytes: number, times: number): boolean {
    return this.#logBytes >= Math.max(bytes, times * (this.#manifest.snapshot?.bytes ?? 0))
  }

  /** Snapshots wait for a moment in which nobody writes, but not for ever. */
  #compactIfDue(): void {
    if (!this.#mayCompact) return
    if (this.#hasOutgrown(MOST_LOG_BYTES, 2)) this.#compactNow()
    else if (!this.#resting) this.#awaitRest()
  }

  get #mayCompact(): boolean {
    const isBusy = this.#failure || this.#compacting || this.#isPutOff
    return !this.#isStopped && !isBusy && this.#isDue
  }

  #awaitRest(): void {
    const commits = this.#commits
    this.#resting = this.#parts.runtime.later(REST_MS, () => {
      this.#resting = undefined
      if (!this.#mayCompact) return
      if (commits === this.#commits && !this.#running) this.#compactNow()
      else this.#awaitRest()
    })
  }

  /** The log is kept as it was where a snapshot cannot be: that is no reason to refuse writes. */
  #compactNow(): void {
    const { failed, snapshotFailed, runtime } = this.#parts
    this.compact().catch((error: unknown) => {
      if (this.#isStopped) return undefined
      if (error instanceof StaleOwnerError || this.#parts.engine.crash)
        return failed(error as Error)
      this.#isPutOff = true
      this.#resting?.cancel()
      this.#resting = runtime.later(MOST_RETRY_MS, () => {
        this.#resting = undefined
        this.#isPutOff = false
        this.#compactIfDue()
      })
      return snapshotFailed(error as Error)
    })
  }

  async #compact(): Promise<void> {
    const { engine, storage, epoch, durability, runtime, origins } = this.#parts
    const format = this.#format
    const id = (this.#manifest.snapshot?.id ?? 0) + 1
    const pieces = engine.snapshot()
    const first = pieces.next()
    const soFar = origins.entries()
    const cut = new Promise<Cut>((resolve) => this.#take(resolve))
    const bytesBehind =
      this.#logBytes + this.#queue.reduce((sum, each) => sum + each.bytes.length, 0)
    void this.#run()
    let records = 0
    let bytes = 0
    const keep = async (plain: Uint8Array): Promise<void> => {
      bytes += plain.length
      const put: [string, Uint8Array][] = []
      for (let at = 0; at < plain.length; at += RECORD_BYTES) {
        const record = await this.#record(plain.subarray(at, at + RECORD_BYTES), format)
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
      const { logFrom, records: recordsBehind } = await cut
      const manifest: Manifest = {
        format,
        snapshot: { id, records, bytes },
        logFrom,
        codec: this.#parts.codec?.name ?? '',
        origins: soFar,
      }
      await this.#switch(manifest)
      this.#logBytes -= bytesBehind
      this.#logRecords -= recordsBehind
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
