import { beforeAll, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  arena(): number
  seed(k0: bigint, k1: bigint): void
  hash(ptr: number, len: number): bigint
}

let engine: Instance<Exports>

beforeAll(async () => {
  engine = await load<Exports>(new URL('./siphash.as.ts', import.meta.url))
})

const WORD = (1n << 64n) - 1n
const rotate = (word: bigint, bits: bigint) => ((word << bits) | (word >> (64n - bits))) & WORD

/** SipHash-c-d as the paper gives it. */
function sipHash(c: number, d: number, k0: bigint, k1: bigint, text: Uint8Array): bigint {
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const round = () => {
    v0 = (v0 + v1) & WORD
    v1 = rotate(v1, 13n) ^ v0
    v0 = rotate(v0, 32n)
    v2 = (v2 + v3) & WORD
    v3 = rotate(v3, 16n) ^ v2
    v0 = (v0 + v3) & WORD
    v3 = rotate(v3, 21n) ^ v0
    v2 = (v2 + v1) & WORD
    v1 = rotate(v1, 17n) ^ v2
    v2 = rotate(v2, 32n)
  }
  const padded = new Uint8Array((text.length & ~7) + 8)
  padded.set(text)
  padded[padded.length - 1] = text.length
  const words = new BigUint64Array(padded.buffer)
  for (const word of words) {
    v3 ^= word
    for (let i = 0; i < c; i++) round()
    v0 ^= word
  }
  v2 ^= 0xffn
  for (let i = 0; i < d; i++) round()
  return v0 ^ v1 ^ v2 ^ v3
}

const K0 = 0x0706050403020100n
const K1 = 0x0f0e0d0c0b0a0908n

test("the model gives the paper's vector for SipHash-2-4", () => {
  const text = Uint8Array.from({ length: 15 }, (_, i) => i)
  expect(sipHash(2, 4, K0, K1, text)).toBe(0xa129ca6149be45e5n)
})

test(`every length hashes as in the model, to the last byte of memory (seed ${seed})`, () => {
  const random = new Random()
  const end = engine.memory.buffer.byteLength
  const { seed: setSeed, hash } = engine.exports
  for (const [k0, k1] of [[K0, K1] as const, [random.u64(), random.u64()] as const]) {
    setSeed(k0, k1)
    for (let length = 0; length < 130; length++) {
      const text = random.bytes(length)
      engine.write(end - length, text)
      expect(BigInt.asUintN(64, hash(end - length, length))).toBe(sipHash(1, 3, k0, k1, text))
    }
  }
})

test('a byte before or after the text does not count', () => {
  const { arena, hash } = engine.exports
  const ptr = arena() + 8
  for (let length = 0; length < 40; length++) {
    engine.bytes().fill(1, ptr - 8, ptr + 64)
    const first = hash(ptr, length)
    engine.bytes().fill(2, ptr - 8, ptr)
    engine.bytes().fill(3, ptr + length, ptr + 64)
    expect(hash(ptr, length)).toBe(first)
  }
})
