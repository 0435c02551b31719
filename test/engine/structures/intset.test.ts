import { beforeAll, beforeEach, expect, test } from 'vitest'
import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

type Fn = (...args: number[]) => number
type Keyed = (set: number, value: bigint) => number
interface Exports extends Record<string, unknown> {
  boot: Fn
  alloc: Fn
  used: Fn
  sizeOf: Fn
  create: Fn
  free: Fn
  copy: Fn
  length: Fn
  bytes: Fn
  at(set: number, index: number): bigint
  has: Keyed
  indexOf: Keyed
  add: Keyed
  remove: Keyed
  removeAt: Fn
  changed: Fn
  validate: Fn
}

let module: WebAssembly.Module
let engine: Instance<Exports>
let x: Exports

beforeAll(async () => {
  module = await compileEntry(new URL('./intset.as.ts', import.meta.url))
})

beforeEach(() => {
  engine = instantiate<Exports>(module)
  x = engine.exports
  x.boot(0)
})

const members = (set: number) => Array.from({ length: x.length(set) }, (_, i) => x.at(set, i))
const blockOf = (set: number) => engine.read(set, x.bytes(set)).toString('hex')

function build(values: bigint[]): number {
  let set = x.create()
  for (const value of values) set = x.add(set, value)
  return set
}

test('integers lie sorted behind width and count', () => {
  expect(blockOf(build([5n, -1n, 300n]))).toBe('0200000003000000' + 'ffff05002c01')
})

test.each([
  [40000n, '04000000' + '02000000' + '01000000' + '409c0000'],
  [-40000n, '04000000' + '02000000' + 'c063ffff' + '01000000'],
  [2n ** 40n, '08000000' + '02000000' + '0100000000000000' + '0000000000010000'],
  [-(2n ** 63n), '08000000' + '02000000' + '0000000000000080' + '0100000000000000'],
])('%d widens the others', (value, hex) => {
  expect(blockOf(build([1n, value]))).toBe(hex)
})

test('a set that was widened stays wide', () => {
  let set = build([1n, 70000n])
  set = x.remove(set, 70000n)
  expect(blockOf(set)).toBe('0400000001000000' + '01000000')
})

test.each([
  ['nothing', ''],
  ['no width', '0000000001000000' + '0100'],
  ['an unknown width', '0300000001000000' + '010000'],
  ['an empty set', '0200000000000000'],
  ['fewer than told', '0200000002000000' + '0100'],
  ['more than told', '0200000001000000' + '01000200'],
  ['a count that wraps', '0800000000000020'],
  ['the same twice', '0200000002000000' + '01000100'],
  ['a wrong order', '0200000002000000' + '02000100'],
])('validate refuses %s', (_, hex) => {
  const place = x.alloc(64)
  const size = engine.write(place, Buffer.from(hex, 'hex'))
  expect(x.validate(place, size, 1)).toBe(0)
})

test.each([0, 1, 2])(`random changes agree with a sorted array (seed ${seed} + %i)`, (offset) => {
  const random = new Random(seed + offset)
  const before = x.used()
  const model = new Set<bigint>()
  let set = x.create()
  for (let step = 0; step < 3000; step++) {
    const bits = BigInt(random.pick(offset ? [8, 15, 16, 17, 31, 32, 33, 63, 64] : [7, 8, 9]))
    let value = BigInt.asIntN(Number(bits), random.u64())
    const filling = step % 1000 < 600
    if (!filling && model.size && random.once(2)) value = random.pick([...model])
    expect(x.has(set, value)).toBe(Number(model.has(value)))
    if (random.once(filling ? 4 : 2)) {
      set = x.remove(set, value)
      expect(x.changed()).toBe(Number(model.delete(value)))
    } else if (filling || random.once(4)) {
      set = x.add(set, value)
      expect(x.changed()).toBe(Number(!model.has(value)))
      model.add(value)
    } else if (model.size) {
      const index = random.below(model.size)
      model.delete(x.at(set, index))
      set = x.removeAt(set, index)
    }
    expect(x.sizeOf(set)).toBeGreaterThanOrEqual(x.bytes(set))
    if (step % 25) continue
    const sorted = [...model].sort((a, b) => (a < b ? -1 : 1))
    expect(members(set)).toEqual(sorted)
    sorted.forEach((member, i) => expect(x.indexOf(set, member)).toBe(i))
    expect(x.validate(set, x.bytes(set), 1)).toBe(Number(sorted.length > 0))
    const twin = x.copy(set)
    expect(blockOf(twin)).toBe(blockOf(set))
    x.free(twin)
  }
  x.free(set)
  expect(x.used()).toBe(before)
})
