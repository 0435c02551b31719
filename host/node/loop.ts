// The turns of the engine: background work by a timer, sessions that became ready because of others, and
// sessions that have more to do, each in its turn.

import { Flag } from '../core/abi.ts'
import type { SystemClock } from '../core/clock.ts'
import type { Engine } from '../core/engine.ts'

/** The host's end of a session. */
export interface Outlet {
  /** The engine has something to send here, or wants the session closed. */
  deliver(flags: number): void
  /** Goes on with what an earlier feed left; answers false when it waits for its client. */
  proceed(): void
}

interface Flushes {
  /** Sends what the engine has for the client. */
  flush(): void
}

/** What a tick should take, in µs: well under what a client notices. */
const TICK_US = 500
const MIN_WORK = 64
const MAX_WORK = 1 << 20

export class Loop {
  /** Called when the effects log has bytes for the host. */
  onLog: (() => void) | undefined

  readonly #engine: Engine
  readonly #clock: SystemClock
  readonly #outlets = new Map<number, Outlet>()
  #flushing: Flushes[] = []
  #flushingNext: Flushes[] = []
  #proceeding: Outlet[] = []
  #proceedingNext: Outlet[] = []
  #isDraining = false
  #isDelivering = false
  #isStopped = false
  #timer: NodeJS.Timeout | undefined
  #isHurrying = false
  #work = 1000

  constructor(engine: Engine, clock: SystemClock) {
    this.#engine = engine
    this.#clock = clock
  }

  attach(session: number, outlet: Outlet): void {
    this.#outlets.set(session, outlet)
  }

  detach(session: number): void {
    this.#outlets.delete(session)
  }

  /** What a feed, tick or answer left for others: output of other sessions, bytes of the log. */
  settle(flags: number): void {
    if (flags & Flag.log) this.onLog?.()
    if (flags & Flag.ready) this.#deliverSoon()
    if (flags & Flag.timer) this.#hurry()
  }

  /** Delivers after all sockets that are readable now were read: what many send to one leaves in one write. */
  #deliverSoon(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    setImmediate(() => {
      this.#isDelivering = false
      if (!this.#isStopped) this.deliverReady()
    })
  }

  /** Sends what became ready by the doing of others. */
  deliverReady(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    try {
      for (let session = this.#engine.ready(); session; session = this.#engine.ready()) {
        const flags = this.#engine.status(session)
        this.#outlets.get(session)?.deliver(flags)
        if (flags & Flag.log) this.onLog?.()
      }
    } finally {
      this.#isDraining = false
    }
  }

  /**
   * Sends after all sockets that are readable now were read: clients that are woken one by one, between the
   * commands of others, cost the kernel up to twice as much.
   */
  flushLater(outlet: Flushes): void {
    if (this.#flushing.length === 0) setImmediate(this.#flush)
    this.#flushing.push(outlet)
  }

  readonly #flush = (): void => {
    const outlets = this.#flushing
    this.#flushing = this.#flushingNext
    this.#flushingNext = outlets
    for (const outlet of outlets) outlet.flush()
    outlets.length = 0
  }

  /** Lets a session go on after all others had their turn. */
  proceedLater(outlet: Outlet): void {
    if (this.#proceeding.length === 0) setImmediate(() => this.#proceed())
    this.#proceeding.push(outlet)
  }

  start(): void {
    this.#tick()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isStopped = true
  }

  #proceed(): void {
    const outlets = this.#proceeding
    this.#proceeding = this.#proceedingNext
    this.#proceedingNext = outlets
    for (const outlet of outlets) outlet.proceed()
    outlets.length = 0
  }

  /** Ticks as soon as may be: it will say when the timer is due. */
  #hurry(): void {
    if (this.#isHurrying || !this.#timer) return
    this.#isHurrying = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#tick(), 0)
  }

  #tick(): void {
    this.#isHurrying = false
    this.#clock.adjust()
    const start = this.#clock.monotonicUs()
    const nextMs = this.#engine.tick(this.#work)
    this.#calibrate(this.#clock.monotonicUs() - start, nextMs)
    this.onLog?.()
    this.deliverReady()
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#tick(), nextMs)
  }

  /** Finds how many units of work take as long as a tick should; only full ticks tell. */
  #calibrate(elapsedUs: number, nextMs: number): void {
    if (nextMs > 1 || elapsedUs <= 0) return
    const ideal = (this.#work * TICK_US) / elapsedUs
    this.#work = Math.round(Math.min(Math.max((this.#work + ideal) / 2, MIN_WORK), MAX_WORK))
  }
}
