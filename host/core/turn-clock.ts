// Reading a clock costs as much as half a GET of an embedded engine. So within one turn of the event loop, and
// while calls follow each other closely, the engine's time is set with every 16th call only.

import type { Engine } from './engine.ts'

/** Calls that may share one reading. */
const SHARED_CALLS = 16

/** Calls follow each other closely when so many of them take less than this. */
const CLOSE_US = 100

export class TurnClock {
  readonly #engine: Engine
  /** The last reading. */
  lastUs = 0
  #left = 0
  #armed = false
  readonly #endTurn = (): void => {
    this.#left = 0
    this.#armed = false
  }

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Before a call: sets the time unless a reading of a moment ago still holds. */
  set(): void {
    if (--this.#left < 0) this.#read()
  }

  #read(): void {
    const now = this.#engine.setTime()
    this.#left = now - this.lastUs < CLOSE_US && this.#armed ? SHARED_CALLS - 1 : 0
    this.lastUs = now
    if (this.#armed) return
    this.#armed = true
    queueMicrotask(this.#endTurn)
  }
}
