/** How replies are taken out of linear memory. */
import { describe, expect, test } from 'vitest'
import { Outbox, PIECE_BYTES } from '../../host/node/net/outbox.ts'

const START = 1000
const memory = Uint8Array.from({ length: START + PIECE_BYTES }, (_, i) => (i * 7) % 251)

describe('a piece', () => {
  const lengths = [1, 2, 63, 64, 65, 255, 256, 257, PIECE_BYTES]

  test.each(lengths)('of %i bytes has these bytes', (length) => {
    const outbox = new Outbox()
    for (const start of [0, START]) {
      const piece = outbox.take(memory, start, length)
      expect(piece.equals(memory.subarray(start, start + length))).toBe(true)
    }
  })

  test.each(lengths)('of %i bytes that waits in a socket stays as it is', (length) => {
    const outbox = new Outbox()
    const kept = outbox.take(memory, 0, length)
    outbox.keep()
    const next = outbox.take(memory, START, length)
    expect(kept.equals(memory.subarray(0, length))).toBe(true)
    expect(next.equals(memory.subarray(START, START + length))).toBe(true)
  })
})
