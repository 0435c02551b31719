// Takes the engine's log apart: batch records become the bytes of the append-only file.
//
//   record: header of 64 bytes │ commands       length at 4, time at 32, offset at 40, database at 60
//
// A file begins with a SELECT of its own, and each second with an annotation where that is wanted.

import type { Engine } from '../../core/engine.ts'
import type { ByteQueue } from './byte-queue.ts'

const HEADER_BYTES = 64
const NO_DATABASE = 0xffffffff

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
      const size = u32(memory, at + 4)
      if (this.#needsSelect) this.#select(u32(memory, at + 60), queue)
      if (withTime) this.#annotate(u64(memory, at + 32), queue)
      queue.add(memory, at + HEADER_BYTES, size)
      end = u64(memory, at + 40) + size
      at += HEADER_BYTES + size
    }
    engine.logTaken(length)
    return end
  }

  /** The database that the log selected before, unless it selects one itself. */
  #select(db: number, queue: ByteQueue): void {
    this.#needsSelect = false
    if (db === NO_DATABASE) return
    const digits = String(db)
    queue.add(Buffer.from(`*2\r\n$6\r\nSELECT\r\n$${digits.length}\r\n${digits}\r\n`))
  }

  #annotate(timeMs: number, queue: ByteQueue): void {
    const second = Math.floor(timeMs / 1000)
    if (second === this.#second) return
    this.#second = second
    queue.add(Buffer.from(`#TS:${second}\r\n`))
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

/** As far as a number can hold it exactly. */
function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32
}
