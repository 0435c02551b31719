import { beforeEach, describe, expect, test } from 'vitest'
import { Random, seed } from '../../support/random.ts'
import {
  addPending,
  api,
  append,
  BUFFER,
  buffer,
  dump,
  engine,
  type Entry,
  HIGHEST,
  type Id,
  LOWEST,
  order,
  pendingOf,
  range,
  start,
} from './stream-driver.ts'

/** Nodes of a radix tree of 16-byte keys where a chain without choices is one node. */
function radixNodes(ids: Id[]): number {
  const count = (keys: string[], depth: number): number => {
    if (depth === 16) return 1
    const branches = Map.groupBy(keys, (key) => key.slice(depth * 2, depth * 2 + 2))
    if (branches.size > 1) {
      return 1 + [...branches.values()].reduce((sum, below) => sum + count(below, depth + 1), 0)
    }
    let end = depth + 1
    while (end < 16 && keys.every((key) => key.startsWith(keys[0]!.slice(0, end * 2 + 2)))) end++
    return 1 + count(keys, end)
  }
  const keys = ids.map(([ms, seq]) => ((ms << 64n) | seq).toString(16).padStart(32, '0'))
  return keys.length ? count(keys, 0) : 1
}

/** What a stream does, in terms of nodes that hold up to `maxEntries` entries. */
class Model {
  nodes: { entries: (Entry & { deleted: boolean })[] }[] = []
  constructor(readonly maxEntries: number) {}

  get live(): Entry[] {
    return this.nodes
      .flatMap(({ entries }) => entries.filter((entry) => !entry.deleted))
      .map(({ id, texts }) => ({ id, texts }))
  }
  append(entry: Entry) {
    const last = this.nodes.at(-1)
    if (last && last.entries.length < this.maxEntries)
      last.entries.push({ ...entry, deleted: false })
    else this.nodes.push({ entries: [{ ...entry, deleted: false }] })
  }
  delete(id: Id): boolean {
    for (const node of this.nodes) {
      const entry = node.entries.find((one) => !one.deleted && order(one.id, id) === 0)
      if (!entry) continue
      entry.deleted = true
      if (node.entries.every(({ deleted }) => deleted)) {
        this.nodes.splice(this.nodes.indexOf(node), 1)
      }
      return true
    }
    return false
  }
  trim(done: (entry: Entry) => boolean, approximately: boolean, limit: number): number {
    let deleted = 0
    while (this.nodes.length) {
      const node = this.nodes[0]!
      const live = node.entries.filter((entry) => !entry.deleted)
      if (limit && deleted + live.length > limit) break
      const kept = node.entries.findIndex((entry) => done(entry))
      if (kept === -1) {
        this.nodes.shift()
        deleted += live.length
        continue
      }
      if (approximately) break
      for (const entry of node.entries.slice(0, kept)) {
        if (!entry.deleted) deleted++
        entry.deleted = true
      }
      break
    }
    return deleted
  }
}

describe.each([
  ['small nodes', 3, 900],
  ['nodes of the usual size', 100, 3000],
  ['nodes whose counts need two bytes', 300, 3000],
])(`a stream of %s (seed ${seed})`, (_, maxEntries, steps) => {
  beforeEach(() => start(0, maxEntries))

  test('behaves as a list of entries', () => {
    const random = new Random()
    const stream = api.create()
    const model = new Model(maxEntries)
    let last: Id = [random.once(2) ? 1n : 2n ** 63n - 500n, 0n]
    let added = 0n
    const words = ['', 'a', '12', '-7', '70000', '3000000000', 'field', 'x'.repeat(70), '\xff\x00']
    const fieldSets = [['f'], ['f', 'g'], ['1', '2', '3'], ['']]
    const anyId = (): Id => {
      const live = model.live
      const id = live.length && !random.once(4) ? random.pick(live).id : last
      return random.once(3) ? [id[0], BigInt.asUintN(64, id[1] - BigInt(random.below(3)))] : id
    }
    for (let step = 0; step < steps; step++) {
      const what = random.below(100)
      if (what < 75) {
        last = random.once(3)
          ? [last[0], last[1] + 1n + BigInt(random.below(3))]
          : [last[0] + BigInt(random.below(3) + 1), BigInt(random.below(300))]
        const fields = random.once(5) ? random.pick(fieldSets) : fieldSets[0]!
        const texts = fields.flatMap((field) => [
          field,
          random.once(3) ? String(random.i64()) : random.pick(words),
        ])
        append(stream, last, texts)
        model.append({ id: last, texts })
        added++
      } else if (what < 93) {
        const id = anyId()
        expect(Boolean(api.deleteEntry(stream, ...id))).toBe(model.delete(id))
      } else if (random.once(6)) {
        const approximately = random.once(2)
        const limit = approximately && random.once(2) ? random.below(maxEntries * 2) : 0
        const live = model.live
        if (random.once(2)) {
          const left = random.below(live.length + 3)
          // A model of trimming by length: whatever lies behind the last `left` entries goes.
          const kept = new Set(left ? live.slice(-left).map(({ id }) => id) : [])
          const expected =
            live.length <= left
              ? 0
              : model.trim((entry) => kept.has(entry.id), approximately, limit)
          expect(
            Number(api.trimToLength(stream, BigInt(left), Number(approximately), BigInt(limit))),
          ).toBe(expected)
        } else {
          const id = anyId()
          const expected = model.trim((entry) => order(entry.id, id) >= 0, approximately, limit)
          expect(Number(api.trimToId(stream, ...id, Number(approximately), BigInt(limit)))).toBe(
            expected,
          )
        }
      }
      if (step % 50 === 0) {
        const live = model.live
        expect(api.length(stream)).toBe(BigInt(live.length))
        expect(api.nodes(stream)).toBe(model.nodes.length)
        expect(api.radixNodes(stream)).toBe(
          radixNodes(model.nodes.map(({ entries }) => entries[0]!.id)),
        )
        expect(
          [api.firstMs(stream), api.firstSeq(stream)].map((n) => BigInt.asUintN(64, n)),
        ).toEqual(live[0]?.id ?? LOWEST)
        const [a, b] = [anyId(), anyId()].sort(order) as [Id, Id]
        const inside = live.filter(({ id }) => order(id, a) >= 0 && order(id, b) <= 0)
        expect(range(stream, a, b)).toEqual(inside)
        expect(range(stream, a, b, true)).toEqual(inside.toReversed())
        expect(range(stream, a, b, false, 3)).toEqual(inside.slice(0, 3))
        expect(range(stream, a, HIGHEST, false, 8, true).map(({ id }) => id)).toEqual(
          live
            .filter(({ id }) => order(id, a) >= 0)
            .map(({ id }) => id)
            .slice(0, 8),
        )
        expect(Boolean(api.has(stream, ...a))).toBe(live.some(({ id }) => order(id, a) === 0))
      }
    }
    expect(range(stream)).toEqual(model.live)
    expect(range(stream, LOWEST, HIGHEST, true)).toEqual(model.live.toReversed())
    expect(api.added(stream)).toBe(added)
    expect(dump(stream).map(({ id }) => id)).toEqual(
      model.nodes.map(({ entries }) => entries[0]!.id),
    )
    expect(api.used()).toBe(api.bytes(stream) + BUFFER)
  })

  test('is copied, measured and freed in slices', () => {
    const stream = api.create()
    for (let i = 0n; i < 5000n; i++) append(stream, [i, 1n], ['f', `value ${i}`])
    for (let i = 0n; i < 5000n; i += 3n) api.deleteEntry(stream, i, 1n)
    for (const name of ['g', 'h']) addPending(stream, name, ['a', 'b'], 2000)
    const twin = api.copy(stream)
    expect(dump(twin)).toEqual(dump(stream))
    for (const name of ['g', 'h']) expect(pendingOf(twin, name)).toEqual(pendingOf(stream, name))
    expect(api.bytes(stream) + api.bytes(twin) + BUFFER).toBe(api.used())
    const before = pendingOf(twin, 'h')
    let slices = 1
    while (api.release(stream, 20) < 0) slices++
    expect(slices).toBeGreaterThan(5)
    expect(pendingOf(twin, 'h')).toEqual(before)
    expect(api.bytes(twin) + BUFFER).toBe(api.used())
    expect(api.release(twin, 2 ** 31 - 1)).toBeGreaterThan(0)
    expect(api.used()).toBe(BUFFER)
  })
})

// --- nodes ---

test('a node is byte for byte what Redis writes', () => {
  start()
  const stream = api.create()
  append(stream, [1000n, 5n], ['name', 'Ada', 'age', '36'])
  append(stream, [1000n, 6n], ['name', 'Bob', 'age', '4096'])
  append(stream, [1003n, 0n], ['x', '-1'])
  api.deleteEntry(stream, 1000n, 6n)
  const text = (value: string) => [0x80 | value.length, ...Buffer.from(value), value.length + 1]
  const small = (value: number) => [value, 1]
  const elements = [
    [small(2), small(1), small(2), text('name'), text('age'), small(0)],
    [small(2), small(0), small(0), text('Ada'), small(36), small(5)],
    [small(3), small(0), small(1), text('Bob'), [0xf1, 0x00, 0x10, 3], small(5)],
    [small(0), small(3), [0xdf, 0xfb, 2], small(1), text('x'), [0xdf, 0xff, 2], small(6)],
  ].flat()
  const body = elements.flat()
  const header = Buffer.alloc(6)
  header.writeUInt32LE(6 + body.length + 1)
  header.writeUInt16LE(elements.length, 4)
  expect(dump(stream)).toEqual([
    { id: [1000n, 5n], listpack: Buffer.concat([header, Buffer.from([...body, 0xff])]) },
  ])
})

test('a node ends where stream-node-max-bytes says', () => {
  start(200, 0)
  const stream = api.create()
  for (let i = 1n; i <= 40n; i++) append(stream, [i, 0n], ['f', 'v'.repeat(20)])
  const nodes = dump(stream)
  expect(nodes.length).toBeGreaterThan(4)
  // The next entry's 21 bytes of text would have reached the limit.
  for (const { listpack } of nodes.slice(0, -1)) {
    expect(listpack.length).toBeLessThan(200 + 10)
    expect(listpack.length).toBeGreaterThanOrEqual(200 - 21)
  }
  expect(range(stream)).toHaveLength(40)
})

test('an entry larger than a node has a node of its own', () => {
  start()
  const stream = api.create()
  append(stream, [1n, 0n], ['f', 'v'])
  append(stream, [2n, 0n], ['f', 'v'.repeat(100000)])
  append(stream, [3n, 0n], ['f', 'v'])
  expect(dump(stream)).toHaveLength(3)
  expect(range(stream).map(({ texts }) => texts[1]!.length)).toEqual([1, 100000, 1])
})

test('entries take less than 18 bytes each beside their values', () => {
  start()
  const stream = api.create()
  let texts = 0
  for (let i = 0; i < 100_000; i++) {
    const value = `value:${i}`
    append(stream, [1700000000000n + BigInt(i >> 2), BigInt(i & 3)], ['field', value])
    texts += value.length
  }
  expect((api.bytes(stream) - texts) / 100_000).toBeLessThan(18)
})

test(`a node from a stranger is refused or harmless (seed ${seed})`, () => {
  start()
  const random = new Random()
  const stream = api.create()
  for (let i = 1n; i <= 12n; i++) {
    append(stream, [i, i], i % 3n ? ['f', `v${i}`] : ['g', 'x'.repeat(Number(i) * 10), 'h', '1'])
  }
  api.deleteEntry(stream, 4n, 4n)
  const { listpack } = dump(stream)[0]!
  const check = (bytes: Buffer) => {
    engine.write(buffer, bytes)
    return Boolean(api.validate(buffer, bytes.length))
  }
  expect(check(listpack)).toBe(true)
  let accepted = 0
  for (let round = 0; round < 20000; round++) {
    const bytes = Buffer.from(listpack)
    for (let changes = random.between(1, 3); changes; changes--) {
      bytes[random.once(2) ? random.below(30) : random.below(bytes.length)] = random.once(2)
        ? random.below(256)
        : random.below(8)
    }
    if (!check(bytes)) continue
    accepted++
    api.walk(buffer)
  }
  expect(accepted).toBeGreaterThan(0)
  for (let size = 0; size < listpack.length; size++) {
    expect(check(listpack.subarray(0, size))).toBe(false)
  }
})
