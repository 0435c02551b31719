import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'
import { besideRedis } from '../../support/beside-redis.ts'
import { redisMissing } from '../../support/redis.ts'

interface Exports {
  arena(): number
  parse(which: number, ptr: number, len: number): number
  setInteger(value: bigint): void
  setDouble(value: number): void
  add(): number
  format(dst: number): number
}

let engine: Instance<Exports>
let arena: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./long-double.as.ts', import.meta.url))
  arena = engine.exports.arena()
})

const FIRST = 0
const SECOND = 1

const parse = (which: number, text: string) =>
  engine.exports.parse(which, arena, engine.write(arena, text)) !== 0
const format = () => engine.read(arena, engine.exports.format(arena)).toString('latin1')

/** The reply to INCRBYFLOAT on a string that holds the first number. */
function increment(value: string, by: string): string {
  if (!parse(FIRST, value) || !parse(SECOND, by)) return 'ERR value is not a valid float'
  return engine.exports.add() ? format() : 'ERR increment would produce NaN or Infinity'
}

test.each([
  ['0.1', '0.2', '0.3'],
  ['3', '1.1', '4.1'],
  ['5.0e3', '2.0e2', '5200'],
  ['-0', '-0', '0'],
  ['1', '-1', '0'],
  ['10.50', '0.1', '10.6'],
  ['1e17', '0.5', '100000000000000000.5'],
  ['1e-17', '0', '0.00000000000000001'],
  ['4e-18', '0', '0'],
  ['-4e-18', '0', '0'],
  ['0.99999999999999999999', '0', '1'],
  ['18446744073709551615', '0', '18446744073709551615'],
  ['18446744073709551615', '1', '18446744073709551616'],
  ['18446744073709551616', '1', '18446744073709551616'],
  ['18446744073709551616', '3', '18446744073709551620'],
  ['0x1p70', '-0x1p6', '1180591620717411303360'],
  ['1e400', '0', /^10{15}\d{385}$/],
  ['1e-4940', '1', '1'],
  ['inf', '1', 'ERR increment would produce NaN or Infinity'],
  ['1.1e4932', '1.1e4932', 'ERR increment would produce NaN or Infinity'],
  ['1.2e4932', '0', 'ERR value is not a valid float'],
  ['1e-4960', '0', 'ERR value is not a valid float'],
  ['nan', '0', 'ERR value is not a valid float'],
  ['', '0', 'ERR value is not a valid float'],
  [' 1', '0', 'ERR value is not a valid float'],
  ['1 ', '0', 'ERR value is not a valid float'],
])('%s + %s = %s', (value, by, sum) => {
  if (typeof sum === 'string') expect(increment(value, by)).toBe(sum)
  else expect(increment(value, by)).toMatch(sum)
})

test('a text of 5 KB is too long', () => {
  expect(increment('1'.padEnd(5120, '0'), '0')).toBe('ERR value is not a valid float')
  expect(increment(`0.${'1'.padEnd(5117, '0')}`, '0')).toBe('0.1')
})

test('integers of 64 bits are exact', () => {
  for (const value of [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 1234567890123456789n]) {
    engine.exports.setInteger(value)
    expect(format()).toBe(String(value))
  }
})

test.each([
  [0, '0'],
  [-0, '0'],
  [0.1, '0.10000000000000001'],
  [-1.5, '-1.5'],
  [13.36138933897018433, '13.36138933897018433'],
  [2 ** 70, '1180591620717411303424'],
  [5e-324, '0'],
  [2 ** -17, '0.00000762939453125'],
])('the double %d is %s', (value, text) => {
  engine.exports.setDouble(value)
  expect(format()).toBe(text)
})

/** Numbers as people write them, and as nobody should. */
function randomText(random: Random): string {
  const digits = (most: number) => random.text(random.below(most), '0123456789')
  const sign = random.pick(['', '-', '', '+'])
  switch (random.below(10)) {
    case 0:
      return sign + random.text(random.below(8), '0123456789.e+-xXaFpPinf _')
    case 1:
      return `${sign}0x${random.text(random.below(30), '0123456789abcdefF.')}p${random.between(-100, 100)}`
    case 2:
      return `${sign}${digits(40)}.${digits(40)}e${random.between(-5000, 5000)}`
    case 3:
      return `${sign}${digits(30)}.${digits(30)}e${random.between(-40, 40)}`
    case 4:
      return String(random.i64())
    case 5:
      return `${sign}${2n ** BigInt(random.below(130)) + BigInt(random.between(-2, 2))}`
    case 6:
      return `${sign}${random.below(1000)}.${random.pick(['5', '25', '125', '0', '000000000000000005', '99999999999999999'])}`
    case 7:
      return `${sign}0x${random.text(16, '08f')}.${random.text(3, '08f')}p${random.between(-70, 5)}`
    default:
      return `${sign}${digits(8)}.${digits(9)}`
  }
}

describe.skipIf(redisMissing())('beside redis-server', () => {
  const redis = besideRedis()

  async function compare(pairs: [value: string, by: string][]): Promise<void> {
    const replies = await redis.exchange(
      pairs.flatMap(([value, by]) => [
        ['SET', 'k', value],
        ['INCRBYFLOAT', 'k', by],
      ]),
    )
    for (const [i, [value, by]] of pairs.entries()) {
      expect([value, by, increment(value, by)]).toEqual([value, by, replies[2 * i + 1]!.text])
    }
  }

  test(`sums of random numbers are the same (seed ${seed})`, async () => {
    const random = new Random()
    for (let round = 0; round < 10; round++) {
      await compare(Array.from({ length: 3000 }, () => [randomText(random), randomText(random)]))
    }
  })

  test(`sums of numbers of like size, ties among them, are the same (seed ${seed})`, async () => {
    const random = new Random()
    const tie = () => {
      const scale = random.between(-80, 10)
      const text = () =>
        `${random.pick(['', '-'])}0x${random.text(16, '08f7')}p${scale + random.between(-68, 68)}`
      return [text(), text()] as [string, string]
    }
    await compare(Array.from({ length: 10_000 }, tie))
  })

  test(`huge and tiny numbers with many digits are the same (seed ${seed})`, async () => {
    const random = new Random()
    const text = () => {
      const digits = random.text(random.between(1, 5100), '0123456789')
      const point = random.below(digits.length)
      return `${digits.slice(0, point)}.${digits.slice(point)}`
    }
    const small = () => `${random.text(30, '0123456789')}e${random.between(-4990, -4900)}`
    await compare(Array.from({ length: 100 }, () => [text(), text()]))
    await compare(Array.from({ length: 100 }, () => [small(), small()]))
  })
})
