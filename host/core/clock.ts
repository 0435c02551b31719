// The engine reads no clock: whoever hosts it brings one. Both readings are microseconds.

export interface Clock {
  /** Never goes back; where it starts means nothing. */
  monotonicUs(): number
  /** Since 1970, at the moment that `monotonicUs` read so much. */
  wallUs(monotonicUs: number): number
}

/** The parts of `performance` and `Date` that a clock needs. */
export interface TimeSource {
  performance: { now(): number }
  Date: { now(): number }
}

/** How far the two clocks may drift apart before the wall clock was set by someone. */
const DRIFT_US = 10_000

/**
 * A clock with one reading a call: wall time is monotonic time plus an offset. `adjust`, called now and
 * then, follows a wall clock that was set.
 */
export class SystemClock implements Clock {
  // Taken once: on a global they are getters.
  readonly #performance: TimeSource['performance']
  readonly #date: TimeSource['Date']
  #offsetUs: number

  constructor(source: TimeSource) {
    this.#performance = source.performance
    this.#date = source.Date
    this.#offsetUs = this.#date.now() * 1000 - this.monotonicUs()
  }

  monotonicUs(): number {
    return this.#performance.now() * 1000
  }

  wallUs(monotonicUs: number): number {
    return monotonicUs + this.#offsetUs
  }

  adjust(): void {
    const offsetUs = this.#date.now() * 1000 - this.monotonicUs()
    if (Math.abs(offsetUs - this.#offsetUs) > DRIFT_US) this.#offsetUs = offsetUs
  }
}
