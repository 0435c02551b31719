// Bytes on their way to a file: one buffer that is used again and again, since making one for each turn of the
// event loop costs more than all that is done with it.

const INITIAL_BYTES = 1 << 16
/** A buffer that grew beyond this is given back once it is empty. */
const KEPT_BYTES = 1 << 20
/** Up to here a loop is faster than a view. */
const SHORT_BYTES = 96

export class ByteQueue {
  length = 0
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)

  /** What is in it; valid until something is added. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }

  /** Adds a part of what lies elsewhere. */
  add(source: Uint8Array, from = 0, length = source.length): void {
    this.#makeRoom(length)
    const target = this.#buffer
    let at = this.length
    if (length <= SHORT_BYTES) {
      for (const end = from + length; from < end; from++) target[at++] = source[from]!
    } else {
      target.set(source.subarray(from, from + length), at)
    }
    this.length += length
  }

  /** Drops the first bytes. */
  drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.length)
    this.length -= count
  }

  clear(): void {
    this.length = 0
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  }

  #makeRoom(count: number): void {
    let size = this.#buffer.length
    if (this.length + count <= size) return
    while (size < this.length + count) size *= 2
    const grown = Buffer.allocUnsafeSlow(size)
    this.#buffer.copy(grown, 0, 0, this.length)
    this.#buffer = grown
  }
}
