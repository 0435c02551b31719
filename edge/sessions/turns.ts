// A turn: commands run, what they changed is stored, what they answered is sent, in this order and without
// a pause in between.

import { Flag } from '../../host/core/abi.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Outlet } from './outlet.ts'

export interface Timers {
  nowMs(): number
  /** Calls `wake` after so many ms, as long as the object is awake; it stays awake for it. */
  after(ms: number, wake: () => void): { cancel(): void }
  /** Wakes the object at this time even if it sleeps; undefined: no more. */
  alarmAt(ms: number | undefined): void
}

/** Background work of one tick, in the engine's units. */
const TICK_WORK = 2000
/** An engine that is fed is looked after so often. */
const TICK_MS = 100
/** Where expiry is told of, expired keys are looked for so often. */
const LOOK_MS = 1000
/** A wait that ends sooner than this keeps the object awake; a longer one is for the alarm. */
const SHORT_WAIT_MS = 10_000

export class Turns {
  readonly #data: Dataset
  readonly #timers: Timers
  readonly #outlets = new Map<number, Outlet>()
  readonly #failed: (error: unknown) => void
  #ticked = 0
  #timer: { cancel(): void; atMs: number } | undefined
  #alarmMs: number | undefined
  #settings = -1
  #tellsExpiry = false

  /** @param failed a turn threw: the engine is ahead of what is stored, or broken. It must not return. */
  constructor(data: Dataset, timers: Timers, failed: (error: unknown) => void) {
    this.#data = data
    this.#timers = timers
    this.#failed = failed
  }

  attach(session: number, outlet: Outlet): void {
    this.#outlets.set(session, outlet)
  }

  get sessions(): number {
    return this.#outlets.size
  }

  /** Feeds what a session received, of any size. */
  feed(session: number, bytes: Uint8Array): void {
    this.#run(() => {
      const { engine } = this.#data
      let flags = 0
      for (let at = 0; at < bytes.length && this.#outlets.has(session); at += engine.windowBytes) {
        flags = engine.feedChunk(session, bytes.subarray(at, at + engine.windowBytes))
        flags = this.#goOn(session, flags)
      }
      this.#finish(session, flags, true)
    })
  }

  /** The other end is gone. */
  close(session: number): void {
    if (!this.#outlets.delete(session)) return
    this.#run(() => this.#data.engine.close(session))
  }

  /** A turn of something else: a session that came back, a command of the host. */
  run<T>(work: () => T): T {
    return this.#run(work)
  }

  /** Time has passed. */
  tick(): void {
    this.#run(() => this.#tick())
  }

  /** The alarm that was asked for has come. */
  alarm(): void {
    this.#alarmMs = undefined
    this.tick()
  }

  #run<T>(work: () => T): T {
    try {
      // First, since a session's login may be over by now.
      if (this.#timers.nowMs() - this.#ticked >= TICK_MS) this.#tick()
      const result = work()
      this.#data.persist()
      this.#deliverReady()
      this.#arm()
      if (this.#data.wantsSnapshot) this.#data.save().catch((error) => this.#failed(error))
      return result
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  /** The engine pauses where much output waits: what there is leaves, and it goes on. */
  #goOn(session: number, flags: number): number {
    while (flags & Flag.more && this.#outlets.has(session)) {
      this.#finish(session, flags & ~Flag.more, false)
      if (!this.#outlets.has(session)) return 0
      flags = this.#data.engine.feedMore(session)
    }
    return flags
  }

  /** Stores, then sends; `isAll`: the engine has no more to do for this session now. */
  #finish(session: number, flags: number, isAll: boolean): void {
    this.#data.persist()
    const outlet = this.#outlets.get(session)
    if (!outlet) return
    const { engine } = this.#data
    if (flags & Flag.timer) this.#wakeIn(0)
    if (flags & Flag.output && !(flags & Flag.closeNow)) {
      const bytes = engine.drain(session)
      if (bytes.length) outlet.send(bytes)
    }
    if (flags & (Flag.closeAfter | Flag.closeNow)) {
      this.#outlets.delete(session)
      engine.close(session)
      outlet.close((flags & Flag.closeNow) !== 0)
    } else if (isAll) {
      outlet.settled?.((flags & Flag.blocked) !== 0)
    }
  }

  /** Sends what the doing of others left for a session. */
  #deliverReady(): void {
    const { engine } = this.#data
    for (let session = engine.ready(); session; session = engine.ready()) {
      const flags = this.#goOn(session, engine.status(session))
      this.#finish(session, flags, true)
    }
  }

  #tick(): void {
    const nextMs = this.#data.engine.tick(TICK_WORK)
    this.#data.persist()
    this.#deliverReady()
    this.#ticked = this.#timers.nowMs()
    if (nextMs < TICK_MS) this.#wakeIn(nextMs)
  }

  /** Sees to it that the next wait ends in time. */
  #arm(): void {
    const { deadlineMs } = this.#data.engine
    const leftMs = deadlineMs - this.#timers.nowMs()
    if (deadlineMs && leftMs <= SHORT_WAIT_MS) this.#wakeIn(Math.max(leftMs, 0))
    const longMs = deadlineMs && leftMs > SHORT_WAIT_MS ? deadlineMs : undefined
    const alarmMs = this.#expiresAloud ? this.#nextLookMs(longMs) : longMs
    if (alarmMs === this.#alarmMs) return
    this.#alarmMs = alarmMs
    this.#timers.alarmAt(alarmMs)
  }

  /** Whether somebody may want to hear of keys that expire. */
  get #expiresAloud(): boolean {
    const { settingsVersion } = this.#data.engine
    if (settingsVersion !== this.#settings) {
      this.#settings = settingsVersion
      this.#tellsExpiry = this.#data.tellsExpiry
    }
    return this.#tellsExpiry && this.#data.hasVolatile
  }

  /** Keys that expire are looked for by alarms, so that their events come in time: an alarm stays until it came. */
  #nextLookMs(longMs: number | undefined): number {
    const nowMs = this.#timers.nowMs()
    const lookMs = this.#alarmMs && this.#alarmMs > nowMs ? this.#alarmMs : nowMs + LOOK_MS
    return Math.min(lookMs, nowMs + LOOK_MS, longMs ?? Infinity)
  }

  #wakeIn(ms: number): void {
    const atMs = this.#timers.nowMs() + ms
    if (this.#timer && this.#timer.atMs <= atMs) return
    this.#timer?.cancel()
    const timer = this.#timers.after(ms, () => {
      this.#timer = undefined
      this.tick()
    })
    this.#timer = { cancel: () => timer.cancel(), atMs }
  }
}
