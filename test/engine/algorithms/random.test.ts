import { beforeEach, expect, test } from 'vitest'
import { load } from '../../support/compile.ts'

interface Exports {
  seed(value: bigint): void
  next(): bigint
  below(limit: number): number
  real(): number
}

let random: Exports

beforeEach(async () => {
  random = (await load<Exports>(new URL('./random.as.ts', import.meta.url))).exports
  random.seed(1n)
})

const WORD = (1n << 64n) - 1n
const rotate = (word: bigint, bits: bigint) => ((word << bits) | (word >> (64n - bits))) & WORD

/** splitmix64 and xoshiro256** as their authors give them. */
function* model(seed: bigint): Generator<bigint> {
  const s = [1n, 2n, 3n, 4n].map((n) => {
    let z = (seed + n * 0x9e3779b97f4a7c15n) & WORD
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & WORD
    return z ^ (z >> 31n)
  }) as [bigint, bigint, bigint, bigint]
  for (;;) {
    yield (rotate((s[1] * 5n) & WORD, 7n) * 9n) & WORD
    const t = (s[1] << 17n) & WORD
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotate(s[3], 45n)
  }
}

test.each([0n, 1n, 12345n, WORD])('seed %d gives the sequence of the model', (seed) => {
  random.seed(seed)
  const expected = model(seed)
  for (let i = 0; i < 1000; i++) {
    expect(BigInt.asUintN(64, random.next())).toBe(expected.next().value)
  }
})

test('the same seed gives the same numbers', () => {
  const first = Array.from({ length: 10 }, () => random.below(1000))
  random.seed(1n)
  expect(Array.from({ length: 10 }, () => random.below(1000))).toEqual(first)
})

test.each([1, 2, 3, 7, 10, 64])('every number below %d comes about equally often', (limit) => {
  const counts = new Array<number>(limit).fill(0)
  const draws = 20_000 * limit
  for (let i = 0; i < draws; i++) counts[random.below(limit)]!++
  for (const count of counts) expect(Math.abs(count - 20_000)).toBeLessThan(1000)
})

test('a limit that does not divide the range is even too', () => {
  const limit = 0xc0000000
  let low = 0
  for (let i = 0; i < 30_000; i++) if (random.below(limit) >>> 0 < limit / 3) low++
  expect(Math.abs(low - 10_000)).toBeLessThan(600)
})

test('the largest limit is never passed', () => {
  for (let i = 0; i < 1000; i++) {
    expect(random.below(0xffffffff) >>> 0).toBeLessThan(0xffffffff)
  }
})

test('real numbers fill the range from 0 to 1', () => {
  const reals = Array.from({ length: 10_000 }, () => random.real())
  expect(Math.min(...reals)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...reals)).toBeLessThan(1)
  expect(reals.reduce((sum, real) => sum + real) / reals.length).toBeCloseTo(0.5, 1)
})
