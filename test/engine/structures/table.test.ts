import { beforeAll, beforeEach, expect, test } from 'vitest'
import { compileEntry, instantiate } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

type Fn = (...args: number[]) => number
interface Exports extends Record<string, unknown> {
  memory: WebAssembly.Memory
  boot: Fn
  create: Fn
  add: Fn
  has: Fn
  remove: Fn
  count: Fn
  buckets: Fn
  size: Fn
  random(table: number, draw: bigint): number
  nextCursor(table: number, cursor: bigint): bigint
  keysAt(table: number, cursor: bigint, out: number): number
  alloc: Fn
  used: Fn
}

let module: WebAssembly.Module
let x: Exports
let table: number
let out: number

beforeAll(async () => {
  module = await compileEntry(new URL('./table.as.ts', import.meta.url))
})

beforeEach(() => {
  x = instantiate<Exports>(module).exports
  x.boot()
  out = x.alloc(65_536)
  table = x.create()
})

/** The keys of one step of a scan. */
function keysAt(cursor: bigint): number[] {
  const keys = x.keysAt(table, cursor, out)
  return [...new Uint32Array(x.memory.buffer, out, keys)]
}

test(`finds what was added and not removed, through growth and shrinking (seed ${seed})`, () => {
  const random = new Random()
  const model = new Set<number>()
  for (const [steps, adds] of [
    [40_000, 8],
    [60_000, 2],
    [20_000, 5],
  ] as const) {
    for (let step = 0; step < steps; step++) {
      const key = random.below(60_000)
      if (random.below(10) < adds) {
        if (!model.has(key)) x.add(table, key)
        model.add(key)
      } else {
        expect(Boolean(x.remove(table, key))).toBe(model.delete(key))
      }
    }
    expect(x.count(table)).toBe(model.size)
    for (let key = 0; key < 60_000; key += 11)
      expect(Boolean(x.has(table, key))).toBe(model.has(key))
  }
  for (const key of model) x.remove(table, key)
  expect(x.count(table)).toBe(0)
  expect(x.buckets(table)).toBeLessThanOrEqual(8)
})

test('takes about ten bytes a key besides the item', () => {
  for (let key = 0; key < 200_000; key++) x.add(table, key)
  expect(x.size(table) / 200_000).toBeLessThan(12)
})

test.each([
  ['grows', 0, 20_000],
  ['shrinks', 20_000, 0],
  ['shrinks and grows', 10_000, 10_000],
])('a scan sees every key that stays, while the table %s', (_how, removed, added) => {
  for (let key = 0; key < 3000; key++) x.add(table, key)
  for (let key = 0; key < removed; key++) x.add(table, 1_000_000 + key)
  const seen = new Set<number>()
  let cursor = 0n
  let gone = 0
  let come = 0
  do {
    for (const key of keysAt(cursor)) seen.add(key)
    cursor = x.nextCursor(table, cursor)
    for (let i = 0; i < 20; i++) {
      if (gone < removed) x.remove(table, 1_000_000 + gone++)
      else if (come < added) x.add(table, 2_000_000 + come++)
    }
  } while (cursor !== 0n)
  for (let key = 0; key < 3000; key++) expect(seen.has(key)).toBe(true)
})

test('a scan of a table that does not change sees each key once', () => {
  for (let key = 0; key < 10_000; key++) x.add(table, key)
  const seen: number[] = []
  let cursor = 0n
  do {
    seen.push(...keysAt(cursor))
    cursor = x.nextCursor(table, cursor)
  } while (cursor !== 0n)
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
})

test('random items are drawn evenly: chi-square over 1,000 keys', () => {
  const random = new Random(7)
  for (let key = 0; key < 1000; key++) x.add(table, key)
  const counts = new Uint32Array(1000)
  const draws = 200_000
  for (let i = 0; i < draws; i++) {
    const key = x.random(table, BigInt(random.below(2 ** 31)) * BigInt(random.below(2 ** 31)))
    counts[key]!++
  }
  const expected = draws / 1000
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // 999 degrees of freedom: beyond 1150 once in a thousand times.
  expect(chiSquare).toBeLessThan(1150)
})
