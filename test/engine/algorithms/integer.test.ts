import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  arena(): number
  parse(ptr: number, len: number): number
  parseUnsigned(ptr: number, len: number): number
  value(): bigint
  unsigned(): bigint
  format(value: bigint, dst: number): number
  formatUnsigned(value: bigint, dst: number): number
  length(value: bigint): number
}

let engine: Instance<Exports>
let arena: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./integer.as.ts', import.meta.url))
  arena = engine.exports.arena()
})

function parse(text: string): bigint | null {
  const length = engine.write(arena, Buffer.from(text, 'latin1'))
  return engine.exports.parse(arena, length) ? engine.exports.value() : null
}

function parseUnsigned(text: string): bigint | null {
  const length = engine.write(arena, Buffer.from(text, 'latin1'))
  if (!engine.exports.parseUnsigned(arena, length)) return null
  return BigInt.asUintN(64, engine.exports.unsigned())
}

const format = (value: bigint) =>
  engine.read(arena, engine.exports.format(value, arena)).toString('latin1')
const formatUnsigned = (value: bigint) =>
  engine.read(arena, engine.exports.formatUnsigned(value, arena)).toString('latin1')

function parseModel(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return null
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value : null
}

function parseUnsignedModel(text: string): bigint | null {
  const strict = parseModel(text)
  if (strict !== null) return strict < 0n ? null : strict
  const [, sign, digits] = /^[ \t-\r]*([+-]?)([0-9]+)$/.exec(text) ?? []
  if (digits === undefined || BigInt(digits) >= 2n ** 64n) return null
  return BigInt.asUintN(64, sign === '-' ? -BigInt(digits) : BigInt(digits))
}

test.each([
  ['0', 0n],
  ['-1', -1n],
  ['10', 10n],
  ['12345678', 12345678n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
])('%s is an integer', (text, value) => {
  expect(parse(text)).toBe(value)
})

test.each(
  [
    '',
    '-',
    '-0',
    '+1',
    '01',
    '-01',
    '--1',
    ' 1',
    '1 ',
    '1\0',
    '1.0',
    '1e3',
    '0x10',
    '½',
    '1234567:',
  ]
    .concat(['1234567/', '9223372036854775808', '-9223372036854775809', '18446744073709551616'])
    .concat(['99999999999999999999', '-99999999999999999999', '100000000000000000000']),
)('%j is not an integer', (text) => {
  expect(parse(text)).toBeNull()
})

test.each([
  ['18446744073709551615', 2n ** 64n - 1n],
  ['9223372036854775808', 2n ** 63n],
  ['+5', 5n],
  ['  007', 7n],
  ['0000000000000000000000000000000012', 12n],
  ['-05', 2n ** 64n - 5n],
])('%j is an unsigned integer', (text, value) => {
  expect(parseUnsigned(text)).toBe(value)
})

test.each(['', ' ', '+', '-5', '5 ', '18446744073709551616', '+ 5', '1-1'])(
  '%j is not an unsigned integer',
  (text) => {
    expect(parseUnsigned(text)).toBeNull()
  },
)

describe(`as the model does (seed ${seed})`, () => {
  test('texts of digits and neighbours of digits are parsed', () => {
    const random = new Random()
    for (let i = 0; i < 50_000; i++) {
      const alphabet = random.once(3) ? '0123456789 +-/:a\0' : '0123456789'
      const text = (random.once(3) ? '-' : '') + random.text(random.below(23), alphabet)
      expect([text, parse(text), parseUnsigned(text)]).toEqual([
        text,
        parseModel(text),
        parseUnsignedModel(text),
      ])
    }
  })

  test('numbers of every length are written, and read back', () => {
    const random = new Random()
    const numbers = Array.from({ length: 30_000 }, () => random.i64())
    for (let n = 0n; n < 64n; n++) numbers.push(2n ** n, 2n ** n - 1n, -(2n ** n))
    for (let n = 0n; n < 20n; n++) numbers.push(10n ** n, 10n ** n - 1n, -(10n ** n))
    for (const number of numbers) {
      const signed = BigInt.asIntN(64, number)
      const unsigned = BigInt.asUintN(64, number)
      expect(format(signed)).toBe(String(signed))
      expect(engine.exports.length(signed)).toBe(String(signed).length)
      expect(parse(String(signed))).toBe(signed)
      expect(formatUnsigned(unsigned)).toBe(String(unsigned))
      expect(parseUnsigned(String(unsigned))).toBe(unsigned)
    }
  })
})
