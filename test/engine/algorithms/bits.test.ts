import { beforeAll, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  arena(): number
  count(ptr: number, first: bigint, last: bigint): bigint
  position(ptr: number, first: bigint, last: bigint, bit: number): bigint
  combine(operation: number, dst: number, a: number, b: number, len: number): void
  invert(dst: number, a: number, len: number): void
  field(ptr: number, len: number, offset: bigint, width: number): bigint
  signedField(ptr: number, len: number, offset: bigint, width: number): bigint
  setField(ptr: number, offset: bigint, width: number, value: bigint): void
}

let engine: Instance<Exports>
let arena: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./bits.as.ts', import.meta.url))
  arena = engine.exports.arena()
})

/** The bytes as a text of zeros and ones. */
const bitsOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')

/** Bytes with long runs of equal bits. */
function randomBytes(random: Random): Uint8Array {
  const bytes = new Uint8Array(random.between(1, random.once(4) ? 300 : 20))
  const fill = random.pick([0, 0xff, 0xaa])
  return bytes.map(() => (random.once(30) ? random.u32() : fill))
}

/** Puts the bytes at the end of memory, so that reading past them is caught. */
function place(bytes: Uint8Array): number {
  const at = engine.memory.buffer.byteLength - bytes.length
  engine.write(at, bytes)
  return at
}

test(`bits are counted and found as in a text of zeros and ones (seed ${seed})`, () => {
  const random = new Random()
  for (let i = 0; i < 20_000; i++) {
    const bytes = randomBytes(random)
    const text = bitsOf(bytes)
    const first = random.below(text.length)
    const last = random.between(first, text.length - 1)
    const part = text.slice(first, last + 1)
    const at = place(bytes)
    const { count, position } = engine.exports
    expect(count(at, BigInt(first), BigInt(last))).toBe(BigInt(part.replaceAll('0', '').length))
    for (const bit of [0, 1]) {
      const found = part.indexOf(String(bit))
      const expected = found < 0 ? -1n : BigInt(first + found)
      expect(position(at, BigInt(first), BigInt(last), bit)).toBe(expected)
    }
  }
})

test.each([
  [0, 'and', (a: number, b: number) => a & b],
  [1, 'or', (a: number, b: number) => a | b],
  [2, 'xor', (a: number, b: number) => a ^ b],
] as const)(`operation %d is %s, in place too (seed ${seed})`, (operation, _, model) => {
  const random = new Random()
  for (let length = 0; length < 200; length++) {
    const [a, b] = [random.bytes(length), random.bytes(length)]
    const expected = Buffer.from(a.map((byte, i) => model(byte, b[i]!)))
    const at = arena
    engine.write(at + 1024, b)
    for (const target of [at, at + 2048]) {
      engine.write(at, Buffer.concat([a, Buffer.from('guard')]))
      engine.write(target + length, Buffer.from('guard'))
      engine.exports.combine(operation, target, at, at + 1024, length)
      expect(engine.read(target, length).equals(expected)).toBe(true)
      expect(engine.read(target + length, 5).toString()).toBe('guard')
    }
  }
})

test(`inverting turns every bit (seed ${seed})`, () => {
  const random = new Random()
  for (let length = 0; length < 200; length++) {
    const bytes = random.bytes(length)
    engine.write(arena, bytes)
    engine.write(arena + 1024 + length, Buffer.from('guard'))
    engine.exports.invert(arena + 1024, arena, length)
    const expected = Buffer.from(bytes.map((byte) => ~byte))
    expect(engine.read(arena + 1024, length).equals(expected)).toBe(true)
    expect(engine.read(arena + 1024 + length, 5).toString()).toBe('guard')
  }
})

test(`integers of any width are read and written at any bit (seed ${seed})`, () => {
  const random = new Random()
  for (let i = 0; i < 20_000; i++) {
    const bytes = random.bytes(random.between(1, 24))
    const width = random.between(1, 64)
    const offset = random.below(bytes.length * 8 + 10)
    const at = place(bytes)
    const text = `${bitsOf(bytes)}${'0'.repeat(100)}`
    const field = text.slice(offset, offset + width)
    const { exports } = engine
    const read = exports.field(at, bytes.length, BigInt(offset), width)
    expect(BigInt.asUintN(64, read)).toBe(BigInt(`0b${field}`))
    expect(exports.signedField(at, bytes.length, BigInt(offset), width)).toBe(
      BigInt.asIntN(width, BigInt(`0b${field}`)),
    )

    if (offset + width > bytes.length * 8) continue
    const value = random.u64()
    exports.setField(at, BigInt(offset), width, value)
    const written = BigInt.asUintN(width, value).toString(2).padStart(width, '0')
    const expected = text.slice(0, offset) + written + text.slice(offset + width)
    expect(bitsOf(engine.read(at, bytes.length))).toBe(expected.slice(0, bytes.length * 8))
  }
})
