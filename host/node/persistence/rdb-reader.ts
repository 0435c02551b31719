// The primitives of an RDB file, read one after the other: what a check needs that looks at the form of a file
// without making anything of it.

import type { ReadFile } from './storage.ts'

/** The file ends within what is read. */
export class RdbEnd extends Error {
  override name = 'RdbEnd'
}

const BUFFER_BYTES = 1 << 18
const INTEGER_BYTES = [1, 2, 4]
const LZF = 3

export class RdbReader {
  readonly #file: ReadFile
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  /** Where the buffer's bytes are in the file, and how many they are. */
  #start = 0
  #length = 0
  /** Where the next byte is read. */
  offset = 0

  constructor(file: ReadFile) {
    this.#file = file
  }

  /** So many bytes; valid until the next call, unless they are more than the buffer holds. @throws {RdbEnd} */
  bytes(count: number): Buffer {
    if (this.offset + count > this.#file.size) throw new RdbEnd()
    if (count > BUFFER_BYTES) {
      const large = Buffer.alloc(count)
      this.#file.read(large, this.offset)
      this.offset += count
      return large
    }
    let at = this.offset - this.#start
    if (at < 0 || at + count > this.#length) {
      this.#start = this.offset
      this.#length = this.#file.read(this.#buffer, this.offset)
      at = 0
      if (count > this.#length) throw new RdbEnd()
    }
    this.offset += count
    return this.#buffer.subarray(at, at + count)
  }

  skip(count: number): void {
    if (this.offset + count > this.#file.size) throw new RdbEnd()
    this.offset += count
  }

  byte(): number {
    return this.bytes(1)[0]!
  }

  length(): number {
    const { value, isEncoded } = this.#head()
    return isEncoded ? 0 : value
  }

  /** The bytes of a string, as latin1. */
  string(): string {
    const { value, isEncoded } = this.#head()
    if (!isEncoded) return this.bytes(value).toString('latin1')
    if (value !== LZF) return String(this.#integer(value))
    const compressed = this.length()
    const length = this.length()
    return decompress(this.bytes(compressed), length).toString('latin1')
  }

  skipString(): void {
    const { value, isEncoded } = this.#head()
    if (!isEncoded) return this.skip(value)
    if (value !== LZF) return void this.#integer(value)
    const compressed = this.length()
    this.length()
    this.skip(compressed)
  }

  #head(): { value: number; isEncoded: boolean } {
    const first = this.byte()
    const low = first & 63
    switch (first >> 6) {
      case 0:
        return { value: low, isEncoded: false }
      case 1:
        return { value: (low << 8) | this.byte(), isEncoded: false }
      case 2:
        // 32 bits, or 64 for an odd form of the byte.
        if (low !== 1) return { value: this.bytes(4).readUInt32BE(), isEncoded: false }
        return { value: Number(this.bytes(8).readBigUInt64BE()), isEncoded: false }
      default:
        return { value: low, isEncoded: true }
    }
  }

  #integer(form: number): number {
    const bytes = INTEGER_BYTES[form]
    if (bytes === undefined) throw new RdbEnd()
    return this.bytes(bytes).readIntLE(0, bytes)
  }
}

/** Undoes LZF; what does not fit stays zero. */
function decompress(from: Buffer, length: number): Buffer {
  const to = Buffer.alloc(Math.min(length, 1 << 20))
  let out = 0
  for (let at = 0; at < from.length && out < to.length;) {
    const control = from[at++]!
    if (control < 32) {
      out += from.copy(to, out, at, at + control + 1)
      at += control + 1
      continue
    }
    let count = control >> 5
    if (count === 7) count += from[at++] ?? 0
    const back = ((control & 31) << 8) + (from[at++] ?? 0) + 1
    for (count += 2; count > 0 && out < to.length && out >= back; count--, out++)
      to[out] = to[out - back]!
    if (out < back) break
  }
  return to
}
