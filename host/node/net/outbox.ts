// Output leaves through memory of the host, never from linear memory itself: what a socket cannot send at
// once stays with the kernel's queue in libuv as a raw pointer, and linear memory may move or be
// detached when it grows. Copying 64 KB costs a few µs beside the 20 that sending them takes.

/** The largest piece that is sent at once. */
export const PIECE_BYTES = 65536

export class Outbox {
  #piece = Buffer.allocUnsafeSlow(PIECE_BYTES)

  /** The bytes as a piece to send; it is valid until the next call unless it was kept. */
  take(bytes: Uint8Array, start: number, length: number): Buffer {
    this.#piece.set(bytes.subarray(start, start + length))
    return this.#piece.subarray(0, length)
  }

  /** The piece taken last was not sent at once: it belongs to its socket now. */
  keep(): void {
    this.#piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
  }
}
