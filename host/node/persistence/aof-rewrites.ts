// When the append-only file is rewritten, one rewrite at a time, and how it ended: grown files, BGREWRITEAOF,
// failures that are tried again with growing pauses.

import { systemMessage } from '../system-error.ts'
import type { Home } from './home.ts'
import { RewriteAborted } from './aof-rewrite.ts'

/** After so many failures rewrites wait, at first a minute, at most an hour. */
const FAILURES_MAX = 3
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

interface Running {
  startedMs: number
  done: Promise<void>
  abort: AbortController
}

export class AofRewrites {
  /** Whether one begins as soon as it can. */
  isScheduled = false
  readonly #home: Home
  readonly #now: () => number
  #running: Running | undefined
  #failures = 0
  #notBeforeMs = 0
  #count = 0
  #lastStatus = 'ok'
  #lastSeconds = -1

  constructor(home: Home, now: () => number) {
    this.#home = home
    this.#now = now
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Whether failures do not forbid it for now. */
  get mayTry(): boolean {
    return this.#now() >= this.#notBeforeMs
  }

  /** A rewrite runs from here to its end, well or not. */
  run(steps: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController()
    const startedMs = this.#now()
    this.#count++
    const done = steps(abort.signal).catch((error: unknown) => this.#failed(error))
    this.#running = { startedMs, abort, done: done.then(() => this.#ended(startedMs)) }
  }

  /** Gives up the one that runs. */
  async abort(): Promise<void> {
    const running = this.#running
    if (!running) return
    running.abort.abort()
    await running.done
  }

  succeeded(): void {
    this.#home.log.notice('Background AOF rewrite terminated with success')
    this.#failures = 0
    this.#notBeforeMs = 0
    this.#lastStatus = 'ok'
  }

  noteFailure(): void {
    this.#lastStatus = 'err'
    this.#failures++
    if (this.#failures < FAILURES_MAX) return
    const waitMs = Math.min(MINUTE_MS * 2 ** (this.#failures - FAILURES_MAX), HOUR_MS)
    this.#notBeforeMs = this.#now() + waitMs
    this.#home.log.warning(
      'Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ' +
        `${waitMs / MINUTE_MS} minutes`,
    )
  }

  /** How much the file has grown, in percent, where that asks for a rewrite. */
  growth(currentBytes: number, baseBytes: number): number | undefined {
    const { settings } = this.#home
    const percentage = settings.number('auto-aof-rewrite-percentage')
    if (!percentage || currentBytes <= settings.number('auto-aof-rewrite-min-size'))
      return undefined
    if (!this.mayTry) return undefined
    const growth = Math.floor((currentBytes * 100) / (baseBytes || 1)) - 100
    return growth < percentage ? undefined : growth
  }

  fields(): Record<string, string | number> {
    const { startedMs } = this.#running ?? {}
    return {
      aof_rewrite_in_progress: Number(this.isRunning),
      aof_rewrite_scheduled: Number(this.isScheduled),
      aof_last_rewrite_time_sec: this.#lastSeconds,
      aof_current_rewrite_time_sec:
        startedMs === undefined ? -1 : Math.floor((this.#now() - startedMs) / 1000),
      aof_last_bgrewrite_status: this.#lastStatus,
      aof_rewrites: this.#count,
      aof_rewrites_consecutive_failures: this.#failures,
    }
  }

  #failed(error: unknown): void {
    const { log } = this.#home
    if (error instanceof RewriteAborted)
      return log.warning('Background AOF rewrite terminated by signal 10')
    log.warning(error instanceof Error && !('code' in error) ? error.message : systemMessage(error))
    log.warning('Background AOF rewrite terminated with error')
    this.noteFailure()
  }

  #ended(startedMs: number): void {
    this.#running = undefined
    this.#lastSeconds = Math.floor((this.#now() - startedMs) / 1000)
  }
}
