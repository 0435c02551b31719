// The clock of a Worker stands still while code runs and moves when events come. So nothing here waits for
// it to move: time is only compared, and work is counted in units.

import type { Clock } from '../host/core/clock.ts'

export class TurnTime implements Clock {
  readonly #now: () => number
  #latestMs = 0

  /** @param now Unix time in ms, which may stand still and may be set back */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now
  }

  monotonicUs(): number {
    const nowMs = this.#now()
    if (nowMs > this.#latestMs) this.#latestMs = nowMs
    return this.#latestMs * 1000
  }

  wallUs(): number {
    return this.#now() * 1000
  }

  get nowMs(): number {
    return this.#now()
  }
}
