import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'
import { besideRedis } from '../../support/beside-redis.ts'
import { redisMissing } from '../../support/redis.ts'

interface Exports {
  arena(): number
  scan(ptr: number, len: number): number
  parse(ptr: number, len: number): number
  value(): number
  isOutOfRange(): number
  format(value: number, dst: number): number
  format17(value: number, dst: number): number
}

let engine: Instance<Exports>
let arena: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./double.as.ts', import.meta.url))
  arena = engine.exports.arena()
})

/** What strtod takes of the text, and its value. */
function scan(text: string): [taken: number, value: number] {
  const taken = engine.exports.scan(arena, engine.write(arena, text))
  return [taken, engine.exports.value()]
}

function parse(text: string): number | null {
  return engine.exports.parse(arena, engine.write(arena, text)) ? engine.exports.value() : null
}

const format = (value: number) =>
  engine.read(arena, engine.exports.format(value, arena)).toString('latin1')
const format17 = (value: number) =>
  engine.read(arena, engine.exports.format17(value, arena)).toString('latin1')

const bits = new DataView(new ArrayBuffer(8))
const fromBits = (word: bigint) => (bits.setBigUint64(0, word), bits.getFloat64(0))

/** The exact decimal text of significand × 2^scale. */
function decimal(significand: bigint, scale: number): string {
  if (scale >= 0) return String(significand << BigInt(scale))
  const digits = String(significand * 5n ** BigInt(-scale)).padStart(1 - scale, '0')
  return `${digits.slice(0, scale)}.${digits.slice(scale)}`
}

/** Significand and scale of a positive double. */
function parts(value: number): [bigint, number] {
  bits.setFloat64(0, value)
  const word = bits.getBigUint64(0)
  const field = Number(word >> 52n)
  const fraction = word & ((1n << 52n) - 1n)
  return field ? [fraction | (1n << 52n), field - 1075] : [fraction, -1074]
}

/** Doubles of all sizes, and the kinds that people use. */
function randomDouble(random: Random): number {
  for (;;) {
    const value = [
      () => fromBits(random.u64()),
      () => random.u32() / 2 ** 32,
      () => random.below(100_000_000) / 100,
      () => fromBits(random.u64() >> 12n),
      () => 2 ** random.between(-1074, 1023) * (random.once(2) ? 1 : 1 + 2 ** -52),
      () => 10 ** random.between(-300, 300),
      () => random.between(-(2 ** 31), 2 ** 31) * 10 ** random.between(0, 12),
    ][random.below(7)]!()
    if (Number.isFinite(value)) return value
  }
}

describe('strtod', () => {
  test.each<[text: string, taken: number, value: number]>([
    ['0', 1, 0],
    ['-0', 2, -0],
    ['.5', 2, 0.5],
    ['5.', 2, 5],
    ['+1e3', 4, 1000],
    [' \t\n12', 5, 12],
    ['1e', 1, 1],
    ['1e+', 1, 1],
    ['1e5x', 3, 100000],
    ['1.2.3', 3, 1.2],
    ['1_0', 1, 1],
    ['0x', 1, 0],
    ['0xg', 1, 0],
    ['0x.', 1, 0],
    ['0x10', 4, 16],
    ['0X1.8P+1', 8, 3],
    ['0x.8', 4, 0.5],
    ['0x1.', 4, 1],
    ['0x1p', 3, 1],
    ['0x1p-1074', 9, 2 ** -1074],
    ['0x1.8p-1075', 11, 2 ** -1074],
    ['0x1fffffffffffff.8', 18, 2 ** 53],
    ['0x1fffffffffffff.7ffffffffffff', 30, 2 ** 53 - 1],
    ['0x20000000000001', 16, 2 ** 53],
    ['0x20000000000001.000000000000000001', 35, 2 ** 53 + 2],
    ['inf', 3, Infinity],
    ['-INFINITY', 9, -Infinity],
    ['infinit', 3, Infinity],
    ['nan', 3, NaN],
    ['NaN(a_1)', 8, NaN],
    ['nan(', 3, NaN],
    ['nan(a b)', 3, NaN],
    ['', 0, 0],
    ['-', 0, 0],
    ['+-1', 0, 0],
    ['.', 0, 0],
    ['e5', 0, 0],
    ['in', 0, 0],
  ])('takes %j to byte %d as %d', (text, taken, value) => {
    expect(scan(text)).toEqual([taken, value])
    expect(engine.exports.isOutOfRange()).toBe(0)
  })

  test.each([
    ['1e400', Infinity],
    ['-1e99999999999', -Infinity],
    ['1e-400', 0],
    ['0x1p-1075', 0],
    ['0x1p1024', Infinity],
    ['1.7976931348623159e308', Infinity],
    ['2.4703282292062327e-324', 0],
  ])('says that %s is out of range', (text, value) => {
    expect(scan(text)).toEqual([text.length, value])
    expect(engine.exports.isOutOfRange()).toBe(1)
  })

  test('does not call a zero with a large exponent out of range', () => {
    for (const text of ['0e-99999999999', '0.000e99999', '0x0p99999999999']) {
      expect(scan(text)).toEqual([text.length, 0])
      expect(engine.exports.isOutOfRange()).toBe(0)
    }
  })

  test(`rounds random decimals as JavaScript does (seed ${seed})`, () => {
    const random = new Random()
    for (let i = 0; i < 50_000; i++) {
      const digits = random.text(random.between(1, random.once(20) ? 900 : 25), '0123456789')
      const point = random.below(digits.length + 1)
      const exponent = random.once(2) ? '' : `e${random.between(-350, 350)}`
      const text = `${digits.slice(0, point)}.${digits.slice(point)}${exponent}`
      expect([text, ...scan(text)]).toEqual([text, text.length, Number(text)])
    }
  })

  test(`rounds halfway cases to even, and their neighbours apart (seed ${seed})`, () => {
    const random = new Random()
    for (let i = 0; i < 3000; i++) {
      const value = Math.abs(randomDouble(random))
      const [significand, scale] = parts(value)
      const halfway = decimal(2n * significand + 1n, scale - 1)
      const above = `${halfway}${halfway.includes('.') ? '' : '.'}${'0'.repeat(random.below(900))}1`
      const below = halfway.replace(/[1-9](?=[0.]*$)/, (digit) => `${Number(digit) - 1}9`)
      for (const text of [halfway, above, below]) expect(scan(text)[1]).toBe(Number(text))
    }
  })
})

describe('the number of a command', () => {
  test.each(['', ' 1', '1 ', '1x', 'nan', '-nan', '1e400', '1e-400', '0x', '--1', '1,5', '١'])(
    'is not %j',
    (text) => {
      expect(parse(text)).toBeNull()
    },
  )

  test.each([
    ['1e308', 1e308],
    ['-inf', -Infinity],
    ['0x1p3', 8],
    ['0e-400', 0],
    ['5e-324', 5e-324],
  ])('may be %s', (text, value) => {
    expect(parse(text)).toBe(value)
  })
})

describe('the short form', () => {
  test.each([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [1e15, '1000000000000000'],
    [2 ** 62, '4611686018427387904'],
    [2 ** 63, '9223372036854776000'],
    [1e19, '1e+19'],
    [1e20, '1e+20'],
    [123456789012345680000, '123456789012345680000'],
    [1.5, '1.5'],
    [0.1, '0.1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [100000.5, '100000.5'],
    [1.5e-7, '1.5e-7'],
    [1.5e-5, '0.000015'],
    [1.5e-6, '1.5e-6'],
    [0.00001, '0.00001'],
    [0.00001234, '1.234e-5'],
    [3.141592653589793, '3.141592653589793'],
    [12345.678901234567, '1.2345678901234567e+4'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
    [-NaN, 'nan'],
  ])('of %d is %s', (value, text) => {
    expect(format(value)).toBe(text)
  })

  // Where Grisu2 does not find the shortest or the closest digits, Redis 7.2 prints what it finds.
  test.each([
    [1e126, '9.999999999999999e+125'],
    [2.9802322387695312e-8, '2.9802322387695313e-8'],
    [2.759728343221581e136, '2.7597283432215813e+136'],
    [1228612322884332.8, '1228612322884332.7'],
    [380521.5803655778, '3.8052158036557783e+5'],
    [37239219523704320000, '37239219523704324000'],
    [4.705381145962702e-237, '4.7053811459627017e-237'],
  ])('of %d is that of Grisu2, %s', (value, text) => {
    expect(format(value)).toBe(text)
  })

  test(`reads back as the same number, and is nearly always the shortest (seed ${seed})`, () => {
    const random = new Random()
    const digitsOf = (text: string) => text.replace(/e.*|[-.]/g, '').replace(/^0+|0+$/g, '')
    let longer = 0
    for (let i = 0; i < 50_000; i++) {
      const value = randomDouble(random)
      const text = format(value)
      expect([text, Number(text), scan(text)]).toEqual([text, value, [text.length, value]])
      expect(digitsOf(text).length).toBeLessThanOrEqual(19)
      if (digitsOf(text) !== digitsOf(String(value))) longer++
    }
    expect(longer).toBeLessThan(500)
  })
})

/** `%.17g` by exact arithmetic. */
function model17(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const sign = value < 0 ? '-' : ''
  const [significand, scale] = parts(Math.abs(value))
  const [top, bottom] =
    scale >= 0 ? [significand << BigInt(scale), 1n] : [significand, 1n << BigInt(-scale)]
  const scaled = (shift: number) =>
    [
      shift >= 0 ? top * 10n ** BigInt(shift) : top,
      shift >= 0 ? bottom : bottom * 10n ** BigInt(-shift),
    ] as const
  let order = Math.floor(Math.log10(Math.abs(value))) + 2
  for (let [n, d] = scaled(-order); n < d; [n, d] = scaled(-order)) order--
  const [n, d] = scaled(16 - order)
  const twice = 2n * (n % d)
  let whole = n / d + (twice > d || (twice === d && (n / d) & 1n) ? 1n : 0n)
  if (whole === 10n ** 17n) {
    whole /= 10n
    order++
  }
  const digits = String(whole).replace(/0+$/, '')
  if (order < -4 || order >= 17) {
    const exponent = String(Math.abs(order)).padStart(2, '0')
    const point = digits.length > 1 ? '.' : ''
    return `${sign}${digits[0]}${point}${digits.slice(1)}e${order < 0 ? '-' : '+'}${exponent}`
  }
  if (order < 0) return `${sign}0.${'0'.repeat(-order - 1)}${digits}`
  const padded = digits.padEnd(order + 1, '0')
  return (
    sign +
    padded.slice(0, order + 1) +
    (padded.length > order + 1 ? '.' : '') +
    padded.slice(order + 1)
  )
}

describe('%.17g', () => {
  test.each([
    [0, '0'],
    [-0, '-0'],
    [0.1, '0.10000000000000001'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [1e-5, '1.0000000000000001e-05'],
    [0.0001, '0.0001'],
    [1e22, '1e+22'],
    [1e23, '9.9999999999999992e+22'],
    [5e-324, '4.9406564584124654e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [562949953421312.125, '562949953421312.12'],
    [2.98023223876953125e-8, '2.9802322387695312e-08'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('of %d is %s', (value, text) => {
    expect(format17(value)).toBe(text)
  })

  test(`is exact for every size, ties included (seed ${seed})`, () => {
    const random = new Random()
    for (let i = 0; i < 20_000; i++) {
      const value = random.once(4)
        ? (random.between(2 ** 30, 2 ** 31) * 2 ** 22 + random.u32()) / 2 ** random.between(1, 6)
        : randomDouble(random)
      expect([value, format17(value)]).toEqual([value, model17(value)])
    }
  })
})

describe.skipIf(redisMissing())('beside redis-server', () => {
  const redis = besideRedis()

  test(`ZADD takes the same texts, and ZSCORE prints them alike (seed ${seed})`, async () => {
    const random = new Random()
    const texts = Array.from({ length: 10_000 }, () => {
      switch (random.below(6)) {
        case 0:
          return random.text(random.below(7), '0123456789.e+-xX aAfFpPiInN()_')
        case 1:
          return `0x${random.text(random.below(25), '0123456789abcdefF.')}p${random.between(-1100, 1050)}`
        case 2:
          return String(randomDouble(random))
        case 3:
          return random.pick([
            'inf',
            '-inf',
            '+Infinity',
            'nan',
            'infinity1',
            ' 1',
            '1\n',
            'nan(1)',
          ])
        default:
          return `${random.text(random.below(30), '0123456789')}.${random.text(random.below(9), '0123456789')}e${random.between(-340, 330)}`
      }
    })
    const replies = await redis.exchange(
      texts.flatMap((text) => [
        ['DEL', 'z'],
        ['ZADD', 'z', text, 'm'],
        ['ZSCORE', 'z', 'm'],
      ]),
    )
    for (const [i, text] of texts.entries()) {
      const [added, score] = replies.slice(3 * i + 1, 3 * i + 3)
      const value = parse(text)
      expect([text, value === null]).toEqual([text, added!.isError])
      // The packed form of a sorted set, where this score is, has no negative zero.
      if (value !== null) expect([text, format17(value + 0)]).toEqual([text, score!.text])
    }
  })
})
