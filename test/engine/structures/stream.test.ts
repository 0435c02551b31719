import { beforeEach, describe, expect, test } from 'vitest'
import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  boot(maxBytes: number, maxEntries: number): void
  used(): number
  alloc(size: number): number
  create(): number
  copy(stream: number): number
  release(stream: number, work: number): number
  bytes(stream: number): number
  length(stream: number): bigint
  added(stream: number): bigint
  firstMs(stream: number): bigint
  firstSeq(stream: number): bigint
  nodes(stream: number): number
  radixNodes(stream: number): number
  append(stream: number, ms: bigint, seq: bigint, texts: number, fields: number): void
  deleteEntry(stream: number, ms: bigint, seq: bigint): number
  trimToLength(stream: number, length: bigint, approximately: number, limit: bigint): bigint
  trimToId(stream: number, ms: bigint, seq: bigint, approximately: number, limit: bigint): bigint
  addedUpTo(stream: number, ms: bigint, seq: bigint): bigint
  has(stream: number, ms: bigint, seq: bigint): number
  range(
    stream: number,
    firstMs: bigint,
    firstSeq: bigint,
    lastMs: bigint,
    lastSeq: bigint,
    backwards: number,
    count: number,
    skipFields: number,
    target: number,
  ): number
  dump(stream: number, target: number): number
  validate(lp: number, size: number): number
  walk(lp: number): bigint
  addGroup(stream: number, ptr: number, len: number): void
  hasGroup(stream: number, ptr: number, len: number): number
  removeGroup(stream: number, ptr: number, len: number): void
  group(stream: number, ptr: number, len: number): number
  groups(stream: number, target: number): number
  addConsumer(group: number, ptr: number, len: number): void
  hasConsumer(group: number, ptr: number, len: number): number
  removeConsumer(group: number, ptr: number, len: number): number
  assign(
    group: number,
    ptr: number,
    len: number,
    ms: bigint,
    seq: bigint,
    timeMs: bigint,
    deliveries: bigint,
  ): void
  acknowledge(group: number, ms: bigint, seq: bigint): number
  pending(group: number, target: number): number
  nextEpoch(): number
  blocks(stream: number, target: number): number
}

type Id = readonly [ms: bigint, seq: bigint]
interface Entry {
  id: Id
  texts: string[]
}

const module = await compileEntry(new URL('./stream.as.ts', import.meta.url))
let engine: Instance<Exports>
let api: Exports
let buffer: number

const BUFFER = 1 << 24
const LOWEST: Id = [0n, 0n]
const HIGHEST: Id = [2n ** 64n - 1n, 2n ** 64n - 1n]

function start(maxBytes = 4096, maxEntries = 100) {
  engine = instantiate<Exports>(module)
  api = engine.exports
  api.boot(maxBytes, maxEntries)
  buffer = api.alloc(BUFFER)
}

const order = (a: Id, b: Id) =>
  a[0] === b[0] ? (a[1] < b[1] ? -1 : Number(a[1] > b[1])) : a[0] < b[0] ? -1 : 1

/** Reads what the entry wrote to the buffer. */
class Reader {
  #bytes: Buffer
  #at = 0
  constructor(length: number) {
    this.#bytes = engine.read(buffer, length)
  }
  get more() {
    return this.#at < this.#bytes.length
  }
  u32() {
    return this.#bytes.readUInt32LE((this.#at += 4) - 4)
  }
  u64() {
    return this.#bytes.readBigUInt64LE((this.#at += 8) - 8)
  }
  id(): Id {
    return [this.u64(), this.u64()]
  }
  raw() {
    const length = this.u32()
    return this.#bytes.subarray(this.#at, (this.#at += length))
  }
  text() {
    return this.raw().toString('latin1')
  }
}

function append(stream: number, id: Id, texts: string[]) {
  let at = buffer + texts.length * 8
  const slices = Buffer.alloc(texts.length * 8)
  texts.forEach((text, i) => {
    slices.writeUInt32LE(at, i * 8)
    slices.writeUInt32LE(text.length, i * 8 + 4)
    at += engine.write(at, Buffer.from(text, 'latin1'))
  })
  engine.write(buffer, slices)
  api.append(stream, id[0], id[1], buffer, texts.length / 2)
}

function range(
  stream: number,
  first: Id = LOWEST,
  last: Id = HIGHEST,
  backwards = false,
  count = 2 ** 31,
  skipFields = false,
): Entry[] {
  const reader = new Reader(
    api.range(stream, ...first, ...last, Number(backwards), count, Number(skipFields), buffer),
  )
  const entries: Entry[] = []
  for (let left = count; reader.more; left--) {
    const id = reader.id()
    const fields = reader.u32()
    const read = skipFields && left % 2 === 1 ? 0 : fields * 2
    entries.push({ id, texts: Array.from({ length: read }, () => reader.text()) })
  }
  return entries
}

function dump(stream: number): { id: Id; listpack: Buffer }[] {
  const reader = new Reader(api.dump(stream, buffer))
  const nodes: { id: Id; listpack: Buffer }[] = []
  while (reader.more) nodes.push({ id: reader.id(), listpack: reader.raw() })
  return nodes
}

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
    for (const name of ['g', 'h']) expect(pending(twin, name)).toEqual(pending(stream, name))
    expect(api.bytes(stream) + api.bytes(twin) + BUFFER).toBe(api.used())
    const before = pending(twin, 'h')
    let slices = 1
    while (api.release(stream, 20) < 0) slices++
    expect(slices).toBeGreaterThan(5)
    expect(pending(twin, 'h')).toEqual(before)
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

// --- how far a group is ---

test.each<[string, { gone?: Id; trimmed?: number }, Id, bigint]>([
  ['the last id', {}, [9n, 0n], 9n],
  ['an id to come', {}, [12n, 0n], -1n],
  ['an id before all', {}, [0n, 1n], 0n],
  ['the first id', {}, [1n, 0n], 1n],
  ['an id in the middle', {}, [4n, 0n], -1n],
  ['an id before all that were not trimmed', { trimmed: 4 }, [2n, 0n], 5n],
  ['the first id after trimming', { trimmed: 4 }, [6n, 0n], 6n],
  ['the first id before one that was deleted', { gone: [5n, 0n] }, [1n, 0n], -1n],
  ['the last id after one that was deleted', { gone: [5n, 0n] }, [9n, 0n], 9n],
  ['any id of an emptied stream', { trimmed: 0 }, [3n, 0n], 9n],
])('entries up to %s are counted where that is certain', (_, { gone, trimmed }, id, expected) => {
  start()
  const stream = api.create()
  for (let i = 1n; i <= 9n; i++) append(stream, [i, 0n], ['f', 'v'])
  if (gone) api.deleteEntry(stream, ...gone)
  if (trimmed !== undefined) api.trimToLength(stream, BigInt(trimmed), 0, 0n)
  expect(api.addedUpTo(stream, ...id)).toBe(expected)
})

// --- groups ---

function withName<T>(name: string, use: (ptr: number, len: number) => T): T {
  return use(buffer, engine.write(buffer, name))
}

interface PendingEntry {
  id: Id
  timeMs: bigint
  deliveries: bigint
  consumer: string
}

function pending(stream: number, name: string) {
  const group = withName(name, (ptr, len) => api.group(stream, ptr, len))
  const reader = new Reader(api.pending(group, buffer))
  const consumers = Array.from({ length: reader.u32() }, () => reader.text())
  const entries = Array.from({ length: reader.u32() }, (): PendingEntry => {
    const [id, timeMs, deliveries] = [reader.id(), reader.u64(), reader.u64()]
    return { id, timeMs, deliveries, consumer: reader.text() }
  })
  const own = Object.fromEntries(
    consumers.map((consumer) => [
      consumer,
      Array.from({ length: reader.u32() }, () => reader.id()),
    ]),
  )
  return { consumers, entries, own }
}

function addPending(stream: number, name: string, consumers: string[], count: number) {
  withName(name, (ptr, len) => api.addGroup(stream, ptr, len))
  const group = withName(name, (ptr, len) => api.group(stream, ptr, len))
  for (const consumer of consumers) {
    withName(consumer, (ptr, len) => api.addConsumer(group, ptr, len))
  }
  for (let i = 0; i < count; i++) {
    withName(consumers[i % consumers.length]!, (ptr, len) =>
      api.assign(group, ptr, len, BigInt(i), 0n, 100n, BigInt(i)),
    )
  }
}

test(`what is pending is shared by a group and its consumers (seed ${seed})`, () => {
  start()
  const random = new Random()
  const stream = api.create()
  withName('group', (ptr, len) => api.addGroup(stream, ptr, len))
  const group = withName('group', (ptr, len) => api.group(stream, ptr, len))
  const consumers = new Set<string>()
  const model = new Map<bigint, PendingEntry>()
  for (let step = 0; step < 20000; step++) {
    const consumer = `consumer ${random.below(12)}`
    const ms = BigInt(random.below(900))
    const what = random.below(100)
    if (what < 60) {
      if (!consumers.has(consumer)) {
        withName(consumer, (ptr, len) => api.addConsumer(group, ptr, len))
        consumers.add(consumer)
      }
      const [timeMs, deliveries] = [BigInt(step), BigInt(random.below(9))]
      withName(consumer, (ptr, len) => api.assign(group, ptr, len, ms, 7n, timeMs, deliveries))
      model.set(ms, { id: [ms, 7n], timeMs, deliveries, consumer })
    } else if (what < 98) {
      expect(Boolean(api.acknowledge(group, ms, 7n))).toBe(model.delete(ms))
    } else if (consumers.delete(consumer)) {
      const own = [...model.values()].filter((entry) => entry.consumer === consumer)
      for (const { id } of own) model.delete(id[0])
      expect(withName(consumer, (ptr, len) => api.removeConsumer(group, ptr, len))).toBe(own.length)
    }
    if (step % 2000 === 1999) {
      const entries = [...model.values()].sort((a, b) => order(a.id, b.id))
      const names = [...consumers].sort()
      expect(pending(stream, 'group')).toEqual({
        consumers: names,
        entries,
        own: Object.fromEntries(
          names.map((name) => [
            name,
            entries.filter((entry) => entry.consumer === name).map(({ id }) => id),
          ]),
        ),
      })
      expect(api.used()).toBe(api.bytes(stream) + BUFFER)
    }
  }
})

test(`names are kept in order, however many (seed ${seed})`, () => {
  start()
  const random = new Random()
  const stream = api.create()
  const model = new Set<string>()
  let growing = true
  for (let step = 0; step < 12000; step++) {
    if (step % 2000 === 0) growing = step % 6000 < 4000
    const name = random.text(random.between(0, 3), 'abcdefghijkl')
    const has = () => Boolean(withName(name, (ptr, len) => api.hasGroup(stream, ptr, len)))
    expect(has()).toBe(model.has(name))
    if (model.has(name)) {
      if (growing && !random.once(5)) continue
      withName(name, (ptr, len) => api.removeGroup(stream, ptr, len))
      model.delete(name)
    } else if (growing || random.once(10)) {
      withName(name, (ptr, len) => api.addGroup(stream, ptr, len))
      model.add(name)
    }
    if (step % 1000 === 999) {
      const reader = new Reader(api.groups(stream, buffer))
      expect(Array.from({ length: reader.u32() }, () => reader.text())).toEqual([...model].sort())
      expect(api.used()).toBe(api.bytes(stream) + BUFFER)
    }
  }
  for (const name of model) withName(name, (ptr, len) => api.removeGroup(stream, ptr, len))
  expect(api.used()).toBe(api.bytes(stream) + BUFFER)
})

test(`no block changes before it is touched (seed ${seed})`, () => {
  start(4096, 5)
  const random = new Random()
  const stream = api.create()
  const blocks = () => {
    const reader = new Reader(api.blocks(stream, buffer))
    const found = new Map<number, { stamp: number; bytes: string }>()
    while (reader.more) {
      const address = reader.u32()
      const bytes = engine.read(address, reader.u32())
      found.set(address, { stamp: bytes.readUInt32LE(0), bytes: bytes.toString('hex', 4) })
    }
    return found
  }
  addPending(stream, 'g', ['a', 'b', 'c'], 10)
  const group = withName('g', (ptr, len) => api.group(stream, ptr, len))
  let last = 0n
  const anyId = (): Id => [BigInt(random.below(Number(last) + 2)), 0n]
  const steps: (() => unknown)[] = [
    () => append(stream, [++last, 0n], ['f', `v${last}`, 'g', 'x'.repeat(random.below(90))]),
    () => api.deleteEntry(stream, ...anyId()),
    () => api.trimToLength(stream, BigInt(random.between(20, 40)), Number(random.once(2)), 0n),
    () => api.trimToId(stream, last - BigInt(random.below(30)), 0n, 0, 0n),
    () =>
      withName(random.pick(['a', 'b', 'c']), (ptr, len) =>
        api.assign(group, ptr, len, ...anyId(), BigInt(random.below(99)), 1n),
      ),
    () => api.acknowledge(group, ...anyId()),
    () =>
      withName('temporary', (ptr, len) =>
        api.hasConsumer(group, ptr, len)
          ? api.removeConsumer(group, ptr, len)
          : api.addConsumer(group, ptr, len),
      ),
  ]
  for (let step = 0; step < 3000; step++) {
    const epoch = api.nextEpoch()
    const before = blocks()
    random.pick(step % 500 < 250 ? [...steps, steps[0]!, steps[0]!, steps[4]!] : steps)()
    for (const [address, { stamp, bytes }] of blocks()) {
      if (stamp !== epoch) expect([step, bytes]).toEqual([step, before.get(address)?.bytes])
    }
  }
})
