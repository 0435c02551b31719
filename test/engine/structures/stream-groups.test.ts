import { expect, test } from 'vitest'
import { Random, seed } from '../../support/random.ts'
import {
  addPending,
  api,
  append,
  BUFFER,
  buffer,
  engine,
  type Id,
  order,
  type PendingEntry,
  pendingOf,
  Reader,
  start,
  withName,
} from './stream-driver.ts'

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
      expect(pendingOf(stream, 'group')).toEqual({
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
