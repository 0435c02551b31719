import { beforeAll, expect, test } from 'vitest'
import { load } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  sin(x: number): number
  cos(x: number): number
  asin(x: number): number
}

let engine: Exports

beforeAll(async () => {
  engine = (await load<Exports>(new URL('./trigonometry.as.ts', import.meta.url))).exports
})

const BITS = 200n
const ONE = 1n << BITS

/** A double as an integer in units of 2^-200. */
function fixed(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const word = view.getBigUint64(0)
  const exponent = Number(word >> 52n) - 1075
  const fraction = (word & ((1n << 52n) - 1n)) | (1n << 52n)
  const shift = exponent + Number(BITS)
  const magnitude = shift >= 0 ? fraction << BigInt(shift) : fraction >> BigInt(-shift)
  return value === 0 ? 0n : value < 0 ? -magnitude : magnitude
}

/** The double nearest to an integer in units of 2^-200. */
function nearest(value: bigint): number {
  const magnitude = value < 0n ? -value : value
  const extra = BigInt(Math.max(0, magnitude.toString(2).length - 54))
  const kept = magnitude >> extra
  const isExact = kept << extra === magnitude
  const rounded = Number(isExact ? kept : kept * 2n + 1n) / (isExact ? 1 : 2)
  return (value < 0n ? -1 : 1) * rounded * 2 ** (Number(extra) - Number(BITS))
}

function series(x: bigint, first: bigint, from: number): bigint {
  let sum = 0n
  let term = first
  for (let n = from; term !== 0n; n += 2) {
    sum += term
    term = -(((term * x) >> BITS) * x) / BigInt((n + 1) * (n + 2)) / ONE
  }
  return sum
}

const sine = (x: bigint) => series(x, x, 1)
const cosine = (x: bigint) => series(x, ONE, 0)

/** How many of the results are not the double nearest to the true value. */
function misses(count: number, check: () => boolean): number {
  let missed = 0
  for (let i = 0; i < count; i++) if (!check()) missed++
  return missed
}

test(`sines are nearly always the nearest double (seed ${seed})`, () => {
  const random = new Random()
  const check = () => {
    const x = (random.u32() / 2 ** 31 - 1) * Math.PI
    const result = engine.sin(x)
    expect(Math.abs(result - Math.sin(x))).toBeLessThan(2.3e-16)
    return result === nearest(sine(fixed(x)))
  }
  expect(misses(5000, check)).toBeLessThan(40)
})

test(`cosines are nearly always the nearest double (seed ${seed})`, () => {
  const random = new Random()
  const check = () => {
    const x = (random.u32() / 2 ** 31 - 1) * 1.5
    return engine.cos(x) === nearest(cosine(fixed(x)))
  }
  expect(misses(5000, check)).toBeLessThan(40)
})

test(`arc sines are nearly always the nearest double (seed ${seed})`, () => {
  const random = new Random()
  const check = () => {
    const x = (random.u32() / 2 ** 32) * 0.99
    const y = engine.asin(x)
    // The nearest double is the one whose sine's distance from x is the least for its slope.
    const miss = fixed(x) - sine(fixed(y))
    const slope = cosine(fixed(y))
    const error = Number((miss * ONE) / slope) / 2 ** Number(BITS)
    const unit = 2 ** (Math.floor(Math.log2(y)) - 52)
    return Math.abs(error) <= unit / 2
  }
  expect(misses(5000, check)).toBeLessThan(40)
})

test.each([0, -0, 1e-300, -1e-20, 2 ** -53, Math.PI, -Math.PI, Math.PI / 2, 1.5781249, 1.5781251])(
  'the sine of %d is as close as it can be',
  (x) => {
    expect(Math.abs(engine.sin(x) - Math.sin(x))).toBeLessThanOrEqual(2 ** -53)
  },
)

test('the cosine of any angle is a number', () => {
  for (const x of [0, 1.6, 3, -100, 1e10, 1e300]) {
    expect(engine.cos(x)).toBeCloseTo(Math.cos(x), 14)
  }
  expect(engine.cos(Infinity)).toBeNaN()
})

test('the arc sine of the ends is that of Math', () => {
  expect(engine.asin(0)).toBe(0)
  expect(engine.asin(1)).toBe(Math.PI / 2)
})
