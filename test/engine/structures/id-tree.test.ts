import { beforeEach, describe, expect, test } from 'vitest'
import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  boot(stride: number): void
  used(): number
  bytes(): number
  size(): number
  height(): number
  add(ms: bigint, seq: bigint, mark: number): number
  find(ms: bigint, seq: bigint): number
  remove(ms: bigint, seq: bigint): number
  removeLastLeaf(): void
  seek(ms: bigint, seq: bigint): number
  seekBack(ms: bigint, seq: bigint): number
  collect(target: number): number
  alloc(size: number): number
  free(block: number): void
}

const module = await compileEntry(new URL('./id-tree.as.ts', import.meta.url))
let engine: Instance<Exports>
let tree: Exports

function start(stride: number) {
  engine = instantiate<Exports>(module)
  tree = engine.exports
  tree.boot(stride)
}

const toId = (ms: bigint, seq: bigint) => (ms << 64n) | seq
const msOf = (id: bigint) => BigInt.asIntN(64, id >> 64n)
const seqOf = (id: bigint) => BigInt.asIntN(64, id)

function idAt(pointer: number): bigint | null {
  if (!pointer) return null
  const bytes = engine.read(pointer, 16)
  return toId(bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8))
}

function contents(stride: number): { id: bigint; mark: number | undefined }[] {
  const target = tree.alloc(tree.size() * stride + 1)
  const count = tree.collect(target)
  const bytes = engine.read(target, count * stride)
  tree.free(target)
  return Array.from({ length: count }, (_, i) => ({
    id: toId(bytes.readBigUInt64LE(i * stride), bytes.readBigUInt64LE(i * stride + 8)),
    mark: stride > 16 ? bytes[i * stride + 16] : undefined,
  }))
}

describe.each([16, 20, 36])(`entries of %d bytes (seed ${seed})`, (stride) => {
  beforeEach(() => start(stride))

  const mark = (value: number) => (stride > 16 ? value & 255 : undefined)

  test.each([
    ['few ids', 12n, 400],
    ['some leaves', 700n, 6000],
    ['a deep tree', 40000n, 60000],
  ])('behave as a sorted map: %s', (_, space, steps) => {
    const random = new Random()
    const model = new Map<bigint, number>()
    const bigBase = 2n ** 64n - 20n
    // Small spaces make ids collide; the upper half of them lies at the end of the u64 range.
    const draw = () => {
      const n = BigInt(random.below(Number(space)))
      const ms = n & 1n ? bigBase + (n % 19n) : n >> 2n
      return toId(ms, n)
    }
    let growing = true
    for (let step = 0; step < steps; step++) {
      if (step % 1000 === 0) growing = !random.once(3)
      const id = draw()
      if (random.below(10) < (growing ? 7 : 2)) {
        const value = random.below(256)
        expect(Boolean(tree.add(msOf(id), seqOf(id), value))).toBe(!model.has(id))
        model.set(id, value)
      } else {
        expect(Boolean(tree.remove(msOf(id), seqOf(id)))).toBe(model.delete(id))
      }
      if (step % 16 === 0) {
        const wanted = draw()
        expect(idAt(tree.find(msOf(wanted), seqOf(wanted)))).toBe(model.has(wanted) ? wanted : null)
      }
      if (step % Math.ceil(steps / 40) === 0) {
        const ids = [...model.keys()].sort((a, b) => (a < b ? -1 : 1))
        const wanted = draw()
        expect(idAt(tree.seek(msOf(wanted), seqOf(wanted)))).toBe(
          ids.find((other) => other >= wanted) ?? null,
        )
        expect(idAt(tree.seekBack(msOf(wanted), seqOf(wanted)))).toBe(
          ids.findLast((other) => other <= wanted) ?? null,
        )
        expect(tree.used()).toBe(tree.bytes())
        expect(tree.size()).toBe(ids.length)
      }
    }
    const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
    expect(contents(stride)).toEqual(expected.map(([id, value]) => ({ id, mark: mark(value) })))
  })

  test('use no memory once every id is removed, in any order', () => {
    const random = new Random()
    const ids = Array.from({ length: 20000 }, (_, i) => BigInt(i))
    for (const id of ids) tree.add(id, 0n, 0)
    expect(tree.height()).toBeGreaterThan(1)
    ids.sort(() => random.below(3) - 1)
    for (const id of ids) expect(tree.remove(id, 0n)).toBe(1)
    expect([tree.size(), tree.height(), tree.used(), tree.bytes()]).toEqual([0, 0, 0, 0])
  })

  test('leave no room unused when ids come in order', () => {
    for (let i = 0n; i < 100000n; i++) tree.add(i, 0n, 0)
    expect(tree.bytes() / 100000).toBeLessThan(stride * 1.06)
  })

  test('stay at most four times as large as their entries when most are removed', () => {
    const random = new Random()
    for (let i = 0n; i < 50000n; i++) tree.add(i, 0n, 0)
    for (let i = 0n; i < 50000n; i++) if (!random.once(20)) tree.remove(i, 0n)
    expect(tree.bytes() / tree.size()).toBeLessThan(stride * 5)
  })

  test('are freed leaf by leaf from the end', () => {
    for (let i = 0n; i < 10000n; i++) tree.add(i, 0n, 7)
    tree.removeLastLeaf()
    const left = contents(stride)
    expect(left).toEqual(left.map((_, i) => ({ id: toId(BigInt(i), 0n), mark: mark(7) })))
    tree.add(20000n, 5n, 9)
    expect(contents(stride).at(-1)).toEqual({ id: toId(20000n, 5n), mark: mark(9) })
    while (tree.size()) tree.removeLastLeaf()
    expect([tree.used(), tree.height()]).toEqual([0, 0])
  })
})
