// Takes the engine's log apart: batch records become the bytes of the append-only file.
// A file begins with a SELECT of its own, and each second with an annotation where that is wanted.

import type { Engine } from '../../core/engine.ts'
import { BatchHeader } from '../../core/records.ts'
import type { ByteQueue } from './byte-queue.ts'

export class AofFeed {
  #needsSelect = true
  #second = 0

  /** A file begins. */
  begin(): void {
    this.#needsSelect = true
    this.#second = 0
  }

  /** Adds all that is sealed to a queue; answers the offset of the log at its end, undefined when nothing is. */
  take(engine: Engine, withTime: boolean, queue: ByteQueue): number | undefined {
    const length = engine.log()
    if (length === 0) return undefined
    const memory = engine.bytes
    let at = engine.address
    const until = at + length
    let end = 0
    while (at < until) {
      const size = BatchHeader.length(memory, at)
      // What the log selected before, unless it selects a database itself.
      if (this.#needsSelect) queue.add(BatchHeader.select(memory, at))
      this.#needsSelect = false
      if (withTime) this.#annotate(BatchHeader.timeMs(memory, at), queue)
      queue.add(memory, at + BatchHeader.bytes, size)
      end = BatchHeader.offset(memory, at) + size
      at += BatchHeader.bytes + size
    }
    engine.logTaken(length)
    return end
  }

  #annotate(timeMs: number, queue: ByteQueue): void {
    const second = Math.floor(timeMs / 1000)
    if (second === this.#second) return
    this.#second = second
    queue.add(Buffer.from(`#TS:${second}\r\n`))
  }
}
