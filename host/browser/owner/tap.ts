// The effects log of a store that is kept nowhere: taken for those who follow it, as the journal does for others.

import type { Engine } from '../../core/engine.ts'

export class Tap {
  readonly #engine: Engine
  readonly #follow: (bytes: Uint8Array, offset: number) => void

  constructor(engine: Engine, follow: (bytes: Uint8Array, offset: number) => void) {
    this.#engine = engine
    this.#follow = follow
    engine.logOn(true)
  }

  /** The engine's log may have bytes. */
  logged(): void {
    this.gather()
  }

  gather(): void {
    const engine = this.#engine
    for (let length = engine.log(); length; length = engine.log()) {
      const bytes = engine.bytes.slice(engine.address, engine.address + length)
      engine.logTaken(length)
      this.#follow(bytes, engine.logEnd)
    }
  }
}
