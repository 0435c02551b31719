// The end of the append-only file: what the engine logged is appended, flushed as `appendfsync` says, and
// then released.
//
//   engine ─► pending ─► append (the kernel has it) ─► fsync beside the event loop ─► release
//
// With `always` one flush covers everything that arrived while the one before ran. A write that fails leaves
// the file as it was before it: its torn end is cut off, what could not be written stays pending and is
// tried again. A flush that fails is the end: nobody knows what the disk has.

import type { Logger } from '../logger.ts'
import { sleep } from '../process/sleep.ts'
import { systemMessage } from '../system-error.ts'
import { ByteQueue } from './byte-queue.ts'
import type { AppendFile } from './storage.ts'

export type Policy = 'always' | 'everysec' | 'no'

export interface AofLogParts {
  log: Logger
  policy: () => Policy
  /** Whether a rewrite or a snapshot uses the disk. */
  isDiskBusy: () => boolean
  /** Whether flushing rests, since a rewrite or a snapshot uses the disk. */
  restsFlushing: () => boolean
  /** The log is on the disk up to this offset. */
  durable: (offset: number) => void
  /** The file takes nothing, and why; an empty text: it does again. */
  failing: (reason: string) => void
  /** Events took so many ms. */
  took: (ms: number, ...events: string[]) => void
  /** The process must end. */
  fatal: (text: string) => void
}

const SECOND_MS = 1000
/** How long writes wait for a slow flush, with `everysec`. */
const PATIENCE_MS = 2000
const COMPLAINT_MS = 30_000

export class AofLog {
  /** Bytes of the file that is appended to. */
  currentBytes = 0
  /** Writes that did not wait for a slow flush any longer. */
  delayedFsyncs = 0
  /** DEBUG AOF-FLUSH-SLEEP: waits so long before each write. */
  beforeWriteMs = 0
  /** Why the last write failed; '' if it did not. */
  writeError = ''

  readonly #parts: AofLogParts
  #file: AppendFile | undefined
  /** What waits to be written; whoever adds to it says how far the log reaches with that. */
  readonly pending = new ByteQueue()
  /** The offset of the log at the end of what is pending, written, and on the disk. */
  #pendingEnd = 0
  #writtenEnd = 0
  #durableEnd = 0
  #syncing: Promise<void> | undefined
  /** Files that were left before they were flushed. */
  #left: AppendFile[] = []
  #lastSyncMs = 0
  #postponedMs = 0
  #complainedMs = -COMPLAINT_MS
  #isDead = false

  constructor(parts: AofLogParts) {
    this.#parts = parts
  }

  get isOpen(): boolean {
    return this.#file !== undefined
  }

  get isSyncing(): boolean {
    return this.#syncing !== undefined
  }

  /** The offset up to which the log is on the disk. */
  get durableEnd(): number {
    return this.#durableEnd
  }

  /** Appends to a file from now on; what is pending goes there too. `offset` is where the log stands. */
  open(file: AppendFile, offset: number): void {
    this.#file = file
    this.currentBytes = file.openedBytes
    this.#pendingEnd = this.#writtenEnd = this.#durableEnd = offset
  }

  /** What was added to the queue ends at this offset of the log. */
  reaches(offset: number): void {
    this.#pendingEnd = offset
  }

  /** A turn of the event loop is over: writes what is pending, unless it must wait for a flush. */
  turn(nowMs: number): void {
    if (!this.#file || this.#isDead) return
    const policy = this.#parts.policy()
    if (policy === 'always') {
      if (!this.#syncing && !this.writeError) this.#commit()
      return
    }
    if (policy === 'everysec' && this.#syncing && this.#mustWait(nowMs)) return
    this.#postponedMs = 0
    if (this.writeError) return
    this.#write(nowMs)
  }

  /** Ten times a second: flushes, and tries again what failed. */
  tick(nowMs: number): void {
    if (!this.#file || this.#isDead) return
    if (this.writeError && !this.#syncing) {
      if (!this.#write(nowMs)) return
      this.#parts.log.warning('AOF write error looks solved, Redis can write again.')
      this.#setError('')
    }
    const policy = this.#parts.policy()
    if (policy === 'always') return this.turn(nowMs)
    if (this.pending.length) this.turn(nowMs)
    if (policy !== 'everysec' || this.#parts.restsFlushing()) return
    const isDue = nowMs - this.#lastSyncMs >= SECOND_MS
    if (isDue && !this.#syncing && this.#durableEnd < this.#writtenEnd) {
      this.#lastSyncMs = nowMs
      void this.#sync()
    }
  }

  /** Goes on in another file, once nothing is pending; the one before is closed when it is flushed. */
  switch(file: AppendFile): void {
    if (this.#file) this.#left.push(this.#file)
    this.#file = file
    this.currentBytes = file.openedBytes
  }

  /** Everything pending goes to the kernel now. @throws {NodeJS.ErrnoException} */
  writeAll(): void {
    const file = this.#file
    if (!file) return
    if (!this.#write(performance.now())) {
      throw Object.assign(new Error(this.writeError), { code: 'ENOSPC' })
    }
  }

  /** Everything pending is on the disk when this ends. */
  async flush(): Promise<void> {
    while (this.#syncing) await this.#syncing
    if (this.#isDead || !this.#file) return
    this.writeAll()
    await this.#sync()
  }

  /** Lets go of the file; what is pending is dropped. */
  close(): void {
    this.#file?.close()
    this.#file = undefined
    this.pending.clear()
    this.#setError('')
  }

  #mustWait(nowMs: number): boolean {
    if (!this.#postponedMs) this.#postponedMs = nowMs
    if (nowMs - this.#postponedMs < PATIENCE_MS) return true
    this.delayedFsyncs++
    this.#parts.log.notice(
      'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without ' +
        'waiting for fsync to complete, this may slow down Redis.',
    )
    return false
  }

  /** With `always`: one write and one flush for all that is pending. */
  #commit(): void {
    if (this.#pendingEnd === this.#durableEnd && this.#left.length === 0) return
    if (this.#write(performance.now())) void this.#sync()
  }

  /** Appends what is pending; false when that failed, and the file is what it was. */
  #write(nowMs: number): boolean {
    const file = this.#file!
    if (this.pending.length === 0) return true
    const { bytes } = this.pending
    const started = performance.now()
    if (this.beforeWriteMs) sleep(this.beforeWriteMs)
    let at = 0
    try {
      while (at < bytes.length) {
        const count = file.append(at ? bytes.subarray(at) : bytes)
        if (count <= 0) throw Object.assign(new Error('short write'), { code: 'ENOSPC' })
        at += count
      }
    } catch (error) {
      this.#failWrite(error, at, bytes.length, nowMs)
      return false
    }
    this.#parts.took(performance.now() - started, this.#writeEvent, 'aof-write')
    this.currentBytes += bytes.length
    this.pending.clear()
    this.#writtenEnd = this.#pendingEnd
    return true
  }

  /** What the latency monitor calls a write now. */
  get #writeEvent(): string {
    if (this.#syncing) return 'aof-write-pending-fsync'
    return this.#parts.isDiskBusy() ? 'aof-write-active-child' : 'aof-write-alone'
  }

  #failWrite(error: unknown, written: number, expected: number, nowMs: number): void {
    const { log } = this.#parts
    const reason = systemMessage(error)
    if (nowMs - this.#complainedMs >= COMPLAINT_MS) {
      this.#complainedMs = nowMs
      log.warning(
        written
          ? `Short write while writing to the AOF file: (nwritten=${written}, expected=${expected})`
          : `Error writing to the AOF file: ${reason}`,
      )
    }
    if (written) this.#cutTorn(written)
    this.#setError(reason)
  }

  /** Cuts off the part of a write that was written; if that fails, that part counts as written. */
  #cutTorn(written: number): void {
    try {
      this.#file!.truncate(this.currentBytes)
    } catch (error) {
      this.#parts.log.warning(
        'Could not remove short write from the append-only file.  Redis may refuse to load the AOF ' +
          `the next time it starts.  ftruncate: ${systemMessage(error)}`,
      )
      this.currentBytes += written
      this.pending.drop(written)
    }
  }

  #setError(reason: string): void {
    if (this.writeError === reason) return
    this.writeError = reason
    this.#parts.failing(reason)
  }

  /** Flushes what is written, and then what came meanwhile, with `always`. */
  #sync(): Promise<void> {
    const left = this.#left
    this.#left = []
    return (this.#syncing = this.#flushFiles(this.#file!, left, this.#writtenEnd))
  }

  async #flushFiles(file: AppendFile, left: AppendFile[], offset: number): Promise<void> {
    const started = performance.now()
    try {
      await Promise.all([...left, file].map((each) => each.sync()))
    } catch (error) {
      return this.#die(error)
    }
    for (const each of left) each.close()
    this.#syncing = undefined
    if (this.#parts.policy() === 'always') {
      this.#parts.took(performance.now() - started, 'aof-fsync-always')
    }
    this.#reach(offset)
    if (this.#file && this.#parts.policy() === 'always' && !this.writeError) this.#commit()
  }

  #reach(offset: number): void {
    this.#durableEnd = offset
    this.#parts.durable(offset)
  }

  #die(error: unknown): void {
    this.#isDead = true
    this.#syncing = undefined
    this.#parts.fatal(
      `Can't persist AOF for fsync error when the AOF fsync policy is '${this.#parts.policy()}': ` +
        `${systemMessage(error)}. Exiting...`,
    )
  }
}
