// Output leaves through memory of the host, never from linear memory itself: what a socket cannot send at
// once stays with the kernel's queue in libuv as a raw pointer, and linear memory may move or be
// detached when it grows. Copying 64 KB costs a few µs beside the 20 that sending them takes.

import { copyBytes } from './copy.ts'

/** The largest piece that is sent at once. */
export const PIECE_BYTES = 65536

/** Pieces up to this length are made once for each length: most replies are short. */
const SHORT_BYTES = 256

export class Outbox {
  #room = Buffer.allocUnsafeSlow(PIECE_BYTES)
  #short: (Buffer | undefined)[] = emptyPieces()

  /** The bytes as a piece to send; it is valid until the next call unless it was kept. */
  take(bytes: Uint8Array, start: number, length: number): Buffer {
    copyBytes(bytes, start, length, this.#room, 0)
    if (length > SHORT_BYTES) return this.#room.subarray(0, length)
    return (this.#short[length] ??= this.#room.subarray(0, length))
  }

  /** The piece taken last was not sent at once: it belongs to its socket now. */
  keep(): void {
    this.#room = Buffer.allocUnsafeSlow(PIECE_BYTES)
    this.#short = emptyPieces()
  }
}

const emptyPieces = () => Array<Buffer | undefined>(SHORT_BYTES + 1).fill(undefined)
