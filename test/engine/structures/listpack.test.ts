import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

type Fn = (...args: number[]) => number
interface Exports extends Record<string, unknown> {
  boot: Fn
  alloc: Fn
  free: Fn
  used: Fn
  sizeOf: Fn
  create: Fn
  copy: Fn
  trim: Fn
  bytes: Fn
  length: Fn
  told: Fn
  canGrow: Fn
  first: Fn
  last: Fn
  next: Fn
  prev: Fn
  end: Fn
  seek: Fn
  read: Fn
  text: Fn
  ptr: Fn
  len: Fn
  at: Fn
  equals: Fn
  find: Fn
  append: Fn
  prepend: Fn
  insertBefore: Fn
  insertAfter: Fn
  replace: Fn
  remove: Fn
  deleteRange: Fn
  appendBody: Fn
  split: Fn
  entrySize: Fn
  validate: Fn
  value(): bigint
  appendInteger(lp: number, value: bigint): number
  insertIntegerBefore(lp: number, p: number, value: bigint): number
}

let module: WebAssembly.Module
let engine: Instance<Exports>
let x: Exports
let scratch: number

beforeAll(async () => {
  module = await compileEntry(new URL('./listpack.as.ts', import.meta.url))
})

beforeEach(() => {
  engine = instantiate<Exports>(module)
  x = engine.exports
  x.boot(0)
  scratch = x.alloc(1 << 20) >>> 0
})

/** Puts a text into scratch memory; its arguments for the engine. */
const give = (text: string): [number, number] => [
  scratch,
  engine.write(scratch, Buffer.from(text, 'latin1')),
]

function textAt(p: number): string {
  x.text(p)
  return engine.read(x.ptr(), x.len()).toString('latin1')
}

function entries(lp: number): string[] {
  const all: string[] = []
  for (let p = x.first(lp); p; p = x.next(p)) all.push(textAt(p))
  return all
}

function entriesBackwards(lp: number): string[] {
  const all: string[] = []
  for (let p = x.last(lp); p; p = x.prev(lp, p)) all.push(textAt(p))
  return all
}

const blockOf = (lp: number) => engine.read(lp, x.bytes(lp))

function build(values: string[]): number {
  let lp = x.create(0)
  for (const value of values) lp = x.append(lp, ...give(value))
  return lp
}

// A second, slow writing of the format, to compare bytes with.

function isInteger(text: string): boolean {
  return /^(0|-?[1-9]\d{0,18})$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

function encodeModel(text: string): Buffer {
  let body: Buffer
  if (isInteger(text)) {
    const value = BigInt(text)
    const fits = (bits: number) => BigInt.asIntN(bits, value) === value
    const wide = Buffer.alloc(8)
    wide.writeBigInt64LE(value)
    if (value >= 0n && value < 128n) body = Buffer.from([Number(value)])
    else if (fits(13)) body = Buffer.from([0xc0 | (wide[1]! & 31), wide[0]!])
    else if (fits(16)) body = Buffer.from([0xf1, ...wide.subarray(0, 2)])
    else if (fits(24)) body = Buffer.from([0xf2, ...wide.subarray(0, 3)])
    else if (fits(32)) body = Buffer.from([0xf3, ...wide.subarray(0, 4)])
    else body = Buffer.from([0xf4, ...wide])
  } else {
    const bytes = Buffer.from(text, 'latin1')
    const size = bytes.length
    const head =
      size < 64
        ? [0x80 | size]
        : size < 4096
          ? [0xe0 | (size >> 8), size & 255]
          : [0xf0, size & 255, (size >> 8) & 255, (size >> 16) & 255, size >>> 24]
    body = Buffer.concat([Buffer.from(head), bytes])
  }
  const sevens: number[] = []
  const widths = [127, 16382, 2097150, 268435454, Infinity]
  const width = widths.findIndex((limit) => body.length <= limit) + 1
  for (let i = 0, rest = body.length; i < width; i++, rest >>>= 7) {
    sevens.unshift((rest & 127) | (i < width - 1 ? 128 : 0))
  }
  return Buffer.concat([body, Buffer.from(sevens)])
}

function blockModel(values: string[]): Buffer {
  const body = Buffer.concat(values.map(encodeModel))
  const block = Buffer.alloc(body.length + 7, 0xff)
  block.writeUInt32LE(block.length, 0)
  block.writeUInt16LE(Math.min(values.length, 65535), 4)
  body.copy(block, 6)
  return block
}

const limits = [
  '0', '127', '128', '-1', '4095', '4096', '-4096', '-4097', '32767', '-32768', '32768', '-32769',
  '8388607', '-8388608', '8388608', '-8388609', '2147483647', '-2147483648', '2147483648', '-2147483649',
  '9223372036854775807', '-9223372036854775808', '9223372036854775808', '-9223372036854775809',
  '007', '-0', '-', '', ' 1', '1 ', '+1', '99999999999999999999', '18446744073709551616',
  ...[1, 62, 63, 64, 125, 126, 127, 4094, 4095, 4096, 4097, 16380, 16381, 16382, 16383].map((n) => 'x'.repeat(n)),
] // prettier-ignore

test('an empty listpack is seven bytes', () => {
  expect(blockOf(x.create(0)).toString('hex')).toBe('070000000000ff')
})

test('entries are encoded as Redis encodes them', () => {
  // Taken from DUMP of a list on redis-server 7.0.15.
  const values = [
    'a', '0', '127', '128', '-1', '4095', '4096', '-4096', '-4097', '32767', '-32768', '32768', '8388607',
    '-8388608', '8388608', '2147483647', '-2147483648', '2147483648', '9223372036854775807',
    '-9223372036854775808', '9223372036854775808', '007', '',
  ] // prettier-ignore
  const golden =
    '81610200017f01c08002dfff02cfff02f1001003d00002f1ffef03f1ff7f03f1008003f200800004f2ffff7f04f200008004' +
    'f30000800005f3ffffff7f05f30000008005f4000000800000000009f4ffffffffffffff7f09f4000000000000008009' +
    '93393232333337323033363835343737353830381483303037048001'
  expect(blockOf(build(values)).subarray(6, -1).toString('hex')).toBe(golden)
})

test.each(limits)('%j is written and read back', (value) => {
  const lp = build(['left', value, 'right'])
  expect(blockOf(lp).equals(blockModel(['left', value, 'right']))).toBe(true)
  expect(entries(lp)).toEqual(['left', value, 'right'])
  expect(entriesBackwards(lp)).toEqual(['right', value, 'left'])
  const p = x.next(x.first(lp))
  expect(!!x.read(p)).toBe(isInteger(value))
  expect(!!x.equals(p, ...give(value))).toBe(true)
  expect(!!x.equals(p, ...give(value + ' '))).toBe(false)
  expect(x.find(x.first(lp), ...give(value), 0)).toBe(p)
  expect(x.entrySize(...give(value))).toBe(encodeModel(value).length)
  expect(x.validate(lp, x.bytes(lp), 1)).toBe(1)
})

test('a text of several megabytes has a longer back length', () => {
  const big = x.alloc(3 << 20)
  engine.bytes().fill(65, big, big + (3 << 20))
  const lp = x.append(build(['a']), big, 3 << 20)
  expect(x.bytes(lp)).toBe(7 + 3 + (3 << 20) + 5 + 4)
  expect(x.prev(lp, x.end(lp))).toBe(x.next(x.first(lp)))
  expect(x.validate(lp, x.bytes(lp), 1)).toBe(1)
  expect(x.canGrow(lp, 2 ** 29)).toBe(1)
  expect(x.canGrow(lp, 2 ** 30)).toBe(0)
  expect(x.canGrow(lp, 2 ** 32)).toBe(0)
})

test('seek finds every index from both ends and nothing else', () => {
  const values = Array.from({ length: 100 }, (_, i) => `value ${i}`)
  const lp = build(values)
  for (let i = 0; i < 100; i++) {
    expect(textAt(x.seek(lp, i))).toBe(values[i])
    expect(textAt(x.seek(lp, i - 100))).toBe(values[i])
  }
  for (const index of [100, -101, 2 ** 31 - 1, -(2 ** 31)]) expect(x.seek(lp, index)).toBe(0)
  expect(x.seek(x.create(0), 0)).toBe(0)
  expect(x.seek(x.create(0), -1)).toBe(0)
})

test('find passes over the values of field and value pairs', () => {
  const lp = build(['a', 'b', 'b', '7', '7', 'c'])
  const found = (text: string, step: number) => x.find(x.first(lp), ...give(text), step)
  expect(found('b', 1)).toBe(x.seek(lp, 2))
  expect(found('b', 0)).toBe(x.seek(lp, 1))
  expect(found('7', 1)).toBe(x.seek(lp, 4))
  expect(found('c', 1)).toBe(0)
  expect(found('c', 2)).toBe(0)
  expect(found('7', 2)).toBe(x.seek(lp, 3))
  expect(x.find(0, ...give('a'), 0)).toBe(0)
})

test('above 65534 entries the number is counted, and known again below', () => {
  let lp = x.create(0)
  for (let i = 0; i < 65534; i++) lp = x.appendInteger(lp, 5n)
  expect(x.told(lp)).toBe(65534)
  lp = x.appendInteger(lp, 6n)
  lp = x.insertIntegerBefore(lp, x.first(lp), 4n)
  expect(x.told(lp)).toBe(65535)
  expect(x.length(lp)).toBe(65536)
  expect(textAt(x.seek(lp, 65535))).toBe('6')
  expect(textAt(x.seek(lp, -65536))).toBe('4')
  expect(x.seek(lp, 65536)).toBe(0)
  expect(x.validate(lp, x.bytes(lp), 1)).toBe(1)
  lp = x.deleteRange(lp, 10, 4)
  expect(x.told(lp)).toBe(65535)
  expect(x.length(lp)).toBe(65532)
  expect(x.told(lp)).toBe(65532)
})

test('memory comes back: a block that is mostly empty shrinks, a trimmed one is tight', () => {
  const before = x.used()
  let lp = build(Array.from({ length: 2000 }, (_, i) => `element ${i}`))
  expect(x.sizeOf(lp)).toBeLessThan(x.bytes(lp) * 1.3)
  lp = x.deleteRange(lp, 10, 100000)
  expect(x.sizeOf(lp)).toBeLessThanOrEqual(x.bytes(lp) * 3)
  lp = x.trim(lp)
  expect(x.sizeOf(lp) - x.bytes(lp)).toBeLessThan(16)
  expect(entries(lp)).toEqual(Array.from({ length: 10 }, (_, i) => `element ${i}`))
  x.free(lp)
  expect(x.used()).toBe(before)
})

function randomValue(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return String(random.below(300) - 100)
    case 1:
      return String(random.i64())
    case 2:
      return random.text(random.below(200), 'abc')
    case 3:
      return random.once(20) ? random.text(4000 + random.below(200), 'xyz') : ''
    case 4:
      return random.pick(limits)
    default:
      return random.text(random.below(12), '0123456789-')
  }
}

/** Appends all of `other`, which goes. */
function join(lp: number, other: number): number {
  const body = x.end(other) - x.first(other)
  if (x.first(other)) lp = x.appendBody(lp, x.first(other), body, x.told(other))
  x.free(other)
  return lp
}

test.each([0, 1, 2, 3])(`random changes agree with an array (seed ${seed} + %i)`, (offset) => {
  const random = new Random(seed + offset)
  const before = x.used()
  const model: string[] = []
  let lp = x.create(0)
  for (let step = 0; step < 1500; step++) {
    const value = randomValue(random)
    const index = model.length ? random.below(model.length) : 0
    const p = model.length ? x.seek(lp, random.once(2) ? index : index - model.length) : 0
    const operation = random.below(model.length > 60 ? 15 : 11)
    if (operation === 0) {
      lp = x.prepend(lp, ...give(value))
      model.unshift(value)
      expect(textAt(x.at())).toBe(value)
    } else if (operation === 1 && p) {
      lp = x.insertBefore(lp, p, ...give(value))
      model.splice(index, 0, value)
      expect(textAt(x.at())).toBe(value)
    } else if (operation === 2 && p) {
      lp = x.insertAfter(lp, p, ...give(value))
      model.splice(index + 1, 0, value)
      expect(textAt(x.at())).toBe(value)
    } else if ((operation === 3 || operation === 4) && p) {
      lp = x.replace(lp, p, ...give(value))
      model[index] = value
      expect(textAt(x.at())).toBe(value)
    } else if (operation === 5 && p) {
      const number = random.i64()
      lp = x.insertIntegerBefore(lp, p, number)
      model.splice(index, 0, String(number))
    } else if (operation === 6) {
      const number = random.i64()
      lp = x.appendInteger(lp, number)
      model.push(String(number))
    } else if (operation === 7) {
      const other = Array.from({ length: random.below(5) }, () => randomValue(random))
      lp = join(lp, build(other))
      model.push(...other)
    } else if (operation === 8 && p) {
      const tail = x.split(lp, p)
      expect(entries(tail)).toEqual(model.slice(index))
      expect(blockOf(tail).equals(blockModel(model.slice(index)))).toBe(true)
      expect(entries(lp)).toEqual(model.slice(0, index))
      lp = join(lp, tail)
    } else if (operation === 9) {
      const twin = x.copy(lp)
      x.free(lp)
      lp = random.once(2) ? x.trim(twin) : twin
    } else if ((operation === 10 || operation === 11) && p) {
      lp = x.remove(lp, p)
      model.splice(index, 1)
      expect(x.at() ? textAt(x.at()) : undefined).toBe(model[index])
    } else if (operation === 12) {
      const count = random.below(20)
      lp = x.deleteRange(lp, random.once(2) ? index : index - model.length, count)
      model.splice(index, count)
    } else {
      lp = x.append(lp, ...give(value))
      model.push(value)
      expect(textAt(x.at())).toBe(value)
    }
    expect(x.length(lp)).toBe(model.length)
    if (!blockOf(lp).equals(blockModel(model))) expect(entries(lp)).toEqual(model)
    expect(x.sizeOf(lp)).toBeGreaterThanOrEqual(x.bytes(lp))
    if (step % 50 === 0) {
      expect(entriesBackwards(lp)).toEqual([...model].reverse())
      expect(x.validate(lp, x.bytes(lp), 1)).toBe(1)
      const found = x.find(x.first(lp), ...give(value), 0)
      const expected = model.indexOf(value)
      expect(found).toBe(expected < 0 ? 0 : x.seek(lp, expected))
    }
  }
  x.free(lp)
  expect(x.used()).toBe(before)
})

describe('validate', () => {
  test.each([
    ['too short', '0600000000ff'],
    ['a length that is not the size', '080000000000ff'],
    ['no end mark', '07000000000000'],
    ['fewer entries than told', '0a0000000200816102ff'],
    ['more entries than told', '090000000000' + '0101ff'],
    ['a kind that does not exist', '09000000' + '0100f501ff'],
    ['an end mark in the middle', '09000000' + '0100ff01ff'],
    ['a text that runs over the end', '0b000000' + '0100bf6161' + '03ff'],
    ['a text that takes the end mark', '0a000000' + '0100826161ff'],
    ['a long text whose length wraps', '0e000000' + '0100f0faffffff6101ff'],
    ['a long text cut in its length', '09000000' + '0100f0ffff'],
    ['a 12 bit text cut in its length', '08000000' + '0100e0ff'],
    ['an integer cut short', '09000000' + '0100f400ff'],
    ['a wrong back length', '0a000000' + '0100816103ff'],
    ['a back length with a bit too many', '0a000000' + '0100816182ff'],
  ])('refuses %s', (_, hex) => {
    const size = engine.write(scratch, Buffer.from(hex, 'hex'))
    expect(x.validate(scratch, size, 1)).toBe(0)
  })

  test('shallow, looks at the header and the end only', () => {
    const size = engine.write(scratch, Buffer.from('0a0000000200816102ff', 'hex'))
    expect(x.validate(scratch, size, 0)).toBe(1)
    expect(x.validate(scratch, 9, 0)).toBe(0)
    expect(x.validate(scratch, 0, 1)).toBe(0)
  })

  test(`damaged blocks are refused or can be walked in bounds (seed ${seed})`, () => {
    const random = new Random()
    let accepted = 0
    for (let round = 0; round < 3000; round++) {
      const values = Array.from({ length: random.below(6) }, () =>
        randomValue(random).slice(0, 300),
      )
      const block = blockModel(values)
      for (let hits = random.between(1, 3); hits; hits--) {
        const at = random.once(3)
          ? random.below(block.length)
          : random.below(Math.min(block.length, 24))
        block[at] = random.once(2) ? random.u32() : block[at]! ^ (1 << random.below(8))
      }
      if (random.once(2)) block.writeUInt32LE(block.length, 0)
      // At the very end of memory: reading outside the block is a trap.
      const place = engine.memory.buffer.byteLength - block.length
      engine.write(place, block)
      if (!x.validate(place, block.length, 1)) continue
      accepted++
      const forwards = entries(place)
      expect(entriesBackwards(place).reverse()).toEqual(forwards)
      expect(x.length(place)).toBe(forwards.length)
    }
    expect(accepted).toBeGreaterThan(0)
  })
})
