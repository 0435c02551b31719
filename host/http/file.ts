// A store in one file: an RDB file, and behind it the log of what changed since. A turn's changes are added to it before
// anything of that turn is answered; when the log has become longer than what it changes, the file is written anew.
//
// What a file is, the runtime says: a few lines over `node:fs` do on Node, Deno and Bun.

import type { Engine } from '../core/engine.ts'
import type { InternalSession } from '../core/internal.ts'
import { LogError } from '../core/records.ts'
import { replay } from '../core/replay.ts'
import { concat } from '../core/bytes.ts'

export interface StoreFile {
  /** All of it; nothing where there is none yet. */
  read(): Uint8Array
  /** Adds to its end; it is safe on return. */
  append(bytes: Uint8Array): void
  /** Puts this in its place: it is there as a whole, or what was there before is. */
  replace(bytes: Uint8Array): void
}

/** A log that is shorter stays, however little it changes. */
const LOG_BYTES = 4 << 20

export class FileLog {
  readonly #engine: Engine
  readonly #file: StoreFile
  #baseBytes = 0
  #logBytes = 0

  /** Loads what is in the file. @throws {RdbError | LogError} it is damaged */
  constructor(engine: Engine, internal: InternalSession, file: StoreFile) {
    this.#engine = engine
    this.#file = file
    const bytes = file.read()
    const isWhole = bytes.length > 0 && this.#load(internal, bytes)
    engine.logOn(true)
    // A log that ends inside a record was being written when all ended: that record was never answered.
    if (!isWhole) this.#replace()
  }

  #load(internal: InternalSession, bytes: Uint8Array): boolean {
    internal.call('WADI.STATE', 'loading', 'yes')
    try {
      this.#engine.load([bytes], 0)
      this.#baseBytes = this.#engine.loadedBytes
      this.#logBytes = bytes.length - this.#baseBytes
      replay(this.#engine, [bytes.subarray(this.#baseBytes)])
      return true
    } catch (error) {
      if (error instanceof LogError && error.isTorn) return false
      throw error
    } finally {
      internal.call('WADI.STATE', 'loading', 'no')
    }
  }

  /** Adds what changed; afterwards it may be answered. */
  persist(): void {
    const engine = this.#engine
    const length = engine.log()
    if (!length) return
    this.#file.append(engine.bytes.slice(engine.address, engine.address + length))
    engine.logTaken(length)
    this.#logBytes += length
    if (this.#logBytes > Math.max(LOG_BYTES, this.#baseBytes)) this.#replace()
  }

  #replace(): void {
    const base = concat([...this.#engine.snapshot()])
    this.#file.replace(base)
    this.#engine.logTaken(this.#engine.log())
    this.#baseBytes = base.length
    this.#logBytes = 0
  }
}
