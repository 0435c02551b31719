import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  arena(): number
  format(value: number, decimals: number, dst: number): number
}

let engine: Instance<Exports>

beforeAll(async () => {
  engine = await load<Exports>(new URL('./fixed-point.as.ts', import.meta.url))
})

function format(value: number, decimals: number): string {
  const arena = engine.exports.arena()
  return engine.read(arena, engine.exports.format(value, decimals, arena)).toString('latin1')
}

/** The same by exact arithmetic: value × 10^decimals as a fraction, rounded half to even. */
function exact(value: number, decimals: number): string {
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!
  const field = Number((bits >> 52n) & 2047n)
  const fraction = bits & ((1n << 52n) - 1n)
  const significand = field ? fraction | (1n << 52n) : fraction
  const scale = Math.max(field, 1) - 1075
  const top = significand * 10n ** BigInt(decimals) * (scale > 0 ? 1n << BigInt(scale) : 1n)
  const bottom = scale < 0 ? 1n << BigInt(-scale) : 1n
  let rounded = top / bottom
  const rest = (top % bottom) * 2n
  if (rest > bottom || (rest === bottom && rounded & 1n)) rounded++
  const digits = rounded.toString().padStart(decimals + 1, '0')
  return `${bits >> 63n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

const known: [value: number, decimals: number, text: string][] = [
  [0, 4, '0.0000'],
  [-0, 4, '-0.0000'],
  [1, 4, '1.0000'],
  [0.00005, 4, '0.0001'],
  [0.5, 1, '0.5'],
  [0.125, 2, '0.12'],
  [0.375, 2, '0.38'],
  [0.99999, 4, '1.0000'],
  [166274.1516, 4, '166274.1516'],
  [-200, 6, '-200.000000'],
  [5e-324, 6, '0.000000'],
  [2 ** 53, 6, '9007199254740992.000000'],
  [4503599627370495.5, 1, '4503599627370495.5'],
  [Infinity, 6, 'inf'],
  [-Infinity, 6, '-inf'],
  [NaN, 6, 'nan'],
]

describe(`a double with a fixed number of decimals (seed ${seed})`, () => {
  for (const [value, decimals, text] of known) {
    test(`${Object.is(value, -0) ? '-0' : value} with ${decimals} is ${text}`, () => {
      expect(format(value, decimals)).toBe(text)
    })
  }

  test('is the nearest to any number', () => {
    const random = new Random()
    const words = new BigUint64Array(1)
    for (let i = 0; i < 20_000; i++) {
      words[0] = random.u64()
      const any = new Float64Array(words.buffer)[0]!
      const value = random.once(3) ? any : (random.u32() / 2 ** 20) * 2 ** random.between(-40, 40)
      if (!Number.isFinite(value)) continue
      const decimals = random.between(1, 9)
      expect(format(value, decimals), `${value} with ${decimals}`).toBe(exact(value, decimals))
    }
  })

  test('rounds ties to the even neighbour', () => {
    const random = new Random()
    for (let i = 0; i < 5000; i++) {
      const value = (random.below(1 << 20) * 2 + 1) / 2 ** random.between(1, 9)
      const decimals = random.between(1, 8)
      expect(format(value, decimals), `${value} with ${decimals}`).toBe(exact(value, decimals))
    }
  })
})
