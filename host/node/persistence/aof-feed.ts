// Takes the engine's log apart: batch records become the bytes of the append-only file.
//
//   record: header of 64 bytes │ commands       length at 4, time at 32, offset at 40, database at 60
//
// A file begins with a SELECT of its own, and each second with an annotation where that is wanted.

import type { Engine } from '../../core/engine.ts'

const HEADER_BYTES = 64
const NO_DATABASE = 0xffffffff

export interface Batch {
  commands: Uint8Array
  /** The offset of the log at their end. */
  end: number
}

export class AofFeed {
  #needsSelect = true
  #second = 0

  /** A file begins. */
  begin(): void {
    this.#needsSelect = true
    this.#second = 0
  }

  /** Takes all that is sealed; undefined when nothing is. */
  take(engine: Engine, withTime: boolean): Batch | undefined {
    const length = engine.log()
    if (length === 0) return undefined
    const from = engine.address
    const memory = engine.bytes
    const view = new DataView(memory.buffer, from, length)
    const parts: Uint8Array[] = []
    let end = 0
    for (let at = 0; at < length;) {
      const size = view.getUint32(at + 4, true)
      if (this.#needsSelect) this.#select(view.getUint32(at + 60, true), parts)
      if (withTime)
        this.#annotate(
          view.getUint32(at + 32, true) + view.getUint32(at + 36, true) * 2 ** 32,
          parts,
        )
      parts.push(memory.subarray(from + at + HEADER_BYTES, from + at + HEADER_BYTES + size))
      end = view.getUint32(at + 40, true) + view.getUint32(at + 44, true) * 2 ** 32 + size
      at += HEADER_BYTES + size
    }
    const commands = Buffer.concat(parts)
    engine.logTaken(length)
    return { commands, end }
  }

  /** The database that the log selected before, unless it selects one itself. */
  #select(db: number, parts: Uint8Array[]): void {
    this.#needsSelect = false
    if (db === NO_DATABASE) return
    const digits = String(db)
    parts.push(Buffer.from(`*2\r\n$6\r\nSELECT\r\n$${digits.length}\r\n${digits}\r\n`))
  }

  #annotate(timeMs: number, parts: Uint8Array[]): void {
    const second = Math.floor(timeMs / 1000)
    if (second === this.#second) return
    this.#second = second
    parts.push(Buffer.from(`#TS:${second}\r\n`))
  }
}
