import { beforeAll, beforeEach, expect, test } from 'vitest'
import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

type Fn = (...args: number[]) => number
interface Exports extends Record<string, Fn> {
  boot: Fn
  alloc: Fn
  used: Fn
  create: Fn
  copy: Fn
  free: Fn
  count: Fn
  nodes: Fn
  memoryBytes: Fn
  isListpack: Fn
  toListpack: Fn
  appendListpack: Fn
  nodeStart: Fn
  nodeCount: Fn
  nodeBytes: Fn
  nodeIsLarge: Fn
  pushLast: Fn
  pushFirst: Fn
  dropFirst: Fn
  dropLast: Fn
  seek: Fn
  next: Fn
  previous: Fn
  read: Fn
  textPtr: Fn
  textLen: Fn
  isElement: Fn
  insert: Fn
  replace: Fn
  remove: Fn
  removeWanted: Fn
  createListpack: Fn
  appendTo: Fn
  listpackLength: Fn
  freeListpack: Fn
}

let module: WebAssembly.Module
let engine: Instance<Exports>
let x: Exports
let scratch: number

beforeAll(async () => {
  module = await compileEntry(new URL('./quicklist.as.ts', import.meta.url))
})

beforeEach(() => {
  engine = instantiate<Exports>(module)
  x = engine.exports
  x.boot(0)
  scratch = x.alloc(1 << 18) >>> 0
})

const give = (text: string): [number, number] => [
  scratch,
  engine.write(scratch, Buffer.from(text, 'latin1')),
]

function read(list: number): string {
  x.read(list)
  return engine.read(x.textPtr(), x.textLen()).toString('latin1')
}

function at(list: number, index: number): string {
  x.seek(list, index)
  return read(list)
}

function elements(list: number): string[] {
  const all: string[] = []
  if (!x.count(list)) return all
  x.seek(list, 0)
  do all.push(read(list))
  while (x.next(list))
  return all
}

function elementsBackwards(list: number): string[] {
  const all: string[] = []
  if (!x.count(list)) return all
  x.seek(list, x.count(list) - 1)
  do all.push(read(list))
  while (x.previous(list))
  return all
}

function push(list: number, values: Iterable<string>): void {
  for (const value of values) x.pushLast(list, ...give(value))
}

/** What must hold between operations, whatever they were; the first thing that does not. */
function brokenNode(list: number, fill: number): string | undefined {
  const nodes = x.nodes(list)
  const maxBytes = fill < 0 ? 2048 << -fill : 8192
  let position = nodes ? x.nodeStart(list, 0) : 0
  let total = 0
  for (let i = 0; i < nodes; i++) {
    const count = x.nodeCount(list, i)
    if ((x.nodeStart(list, i) | 0) !== (position | 0)) return `node ${i} has a wrong position`
    if (count === 0) return `node ${i} is empty`
    if (!x.nodeIsLarge(list, i) && x.nodeBytes(list, i) > maxBytes) return `node ${i} is too long`
    if (fill > 0 && count > fill) return `node ${i} has too many elements`
    position += count
    total += count
  }
  return total === x.count(list) ? undefined : 'the count is wrong'
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `element ${i}`)

test('a queue of many elements holds what was pushed, in little memory', () => {
  const before = x.used()
  const list = x.create(-2)
  for (let i = 0; i < 100_000; i++) {
    x.pushLast(list, ...give(`r${i}`))
    x.pushFirst(list, ...give(`l${i}`))
  }
  expect(x.count(list)).toBe(200_000)
  expect([at(list, 0), at(list, 99_999), at(list, 100_000), at(list, 199_999)]).toEqual([
    'l99999', 'l0', 'r0', 'r99999',
  ]) // prettier-ignore
  let bytes = 0
  for (let i = 0; i < x.nodes(list); i++) bytes += x.nodeBytes(list, i)
  expect(x.memoryBytes(list)).toBe(x.used() - before)
  expect(x.memoryBytes(list) / bytes).toBeLessThan(1.02)
  expect(brokenNode(list, -2)).toBe(undefined)
  for (let i = 99_999; i >= 1; i--) x.dropFirst(list)
  for (let i = 99_999; i >= 1; i--) x.dropLast(list)
  expect(elements(list)).toEqual(['l0', 'r0'])
  expect(x.memoryBytes(list)).toBeLessThan(1024)
  while (!x.free(list, 1));
  expect(x.used()).toBe(before)
})

test('free gives nodes back in slices', () => {
  const before = x.used()
  const list = x.create(2)
  push(list, numbers(20))
  const steps = [0, 1, 2, 3].map(() => x.free(list, 3))
  expect(steps).toEqual([0, 0, 0, 1])
  expect(x.used()).toBe(before)
})

test('nodes that are removed by the hundred are left to be freed in slices', () => {
  const before = x.used()
  const list = x.create(1)
  push(list, numbers(1000))
  const gone = x.remove(list, 10, 900)
  expect(gone).not.toBe(0)
  expect(x.nodes(gone)).toBe(900)
  expect(x.remove(list, 20, 50)).toBe(0)
  expect(elements(list)).toEqual([
    ...numbers(10),
    ...numbers(1000).slice(910, 920),
    ...numbers(1000).slice(970),
  ])
  expect(brokenNode(list, 1)).toBe(undefined)
  let slices = 1
  while (!x.free(gone, 100)) slices++
  expect(slices).toBe(9)
  x.free(list, 1000)
  expect(x.used()).toBe(before)
})

test('an element larger than a node has one to itself', () => {
  const list = x.create(-1)
  const large = 'x'.repeat(5000)
  push(list, ['a', large, 'b', 'c'])
  expect(x.nodes(list)).toBe(3)
  expect(x.nodeIsLarge(list, 1)).toBe(1)
  expect(elements(list)).toEqual(['a', large, 'b', 'c'])
  x.seek(list, 1)
  expect(x.isElement(list, ...give(large))).toBe(1)
  x.replace(list, 1, ...give('small'))
  expect(elements(list)).toEqual(['a', 'small', 'b', 'c'])
  x.seek(list, 3)
  x.insert(list, ...give(large), 0)
  expect(elements(list)).toEqual(['a', 'small', 'b', large, 'c'])
  expect(brokenNode(list, -1)).toBe(undefined)
})

test('replacing elements by longer ones keeps nodes within their limit', () => {
  const list = x.create(-1)
  const model = numbers(100)
  push(list, model)
  for (let i = 0; i < 100; i++) {
    model[i] = `${i} `.repeat(300)
    x.seek(list, i)
    x.replace(list, i, ...give(model[i]!))
  }
  expect(elements(list)).toEqual(model)
  expect(brokenNode(list, -1)).toBe(undefined)
})

test('a list of one node that is half full can become a listpack and back', () => {
  const before = x.used()
  const list = x.create(-1)
  push(list, numbers(200))
  expect([x.isListpack(list, 0), x.isListpack(list, 1)]).toEqual([1, 0])
  x.remove(list, 0, 100)
  expect([x.isListpack(list, 0), x.isListpack(list, 1)]).toEqual([1, 1])
  const lp = x.toListpack(list)
  expect(x.listpackLength(lp)).toBe(100)
  const again = x.create(-1)
  x.appendListpack(again, lp)
  expect(elements(again)).toEqual(numbers(200).slice(100))
  x.free(again, 10)
  expect(x.used()).toBe(before)
})

test('a listpack that is larger than a node may be is divided', () => {
  let lp = x.createListpack()
  for (const value of numbers(1000)) lp = x.appendTo(lp, ...give(value))
  const list = x.create(-1)
  x.appendListpack(list, lp)
  x.appendListpack(list, x.createListpack())
  expect(x.nodes(list)).toBeGreaterThan(2)
  expect(elements(list)).toEqual(numbers(1000))
  expect(brokenNode(list, -1)).toBe(undefined)
})

test('with a positive limit elements are counted', () => {
  const list = x.create(3)
  push(list, numbers(10))
  expect(x.nodes(list)).toBe(4)
  expect(x.isListpack(list, 0)).toBe(0)
  x.remove(list, 0, 9)
  expect([x.isListpack(list, 0), x.isListpack(list, 1)]).toEqual([1, 1])
  push(list, ['a'])
  expect([x.isListpack(list, 0), x.isListpack(list, 1)]).toEqual([1, 0])
})

test('a split in the middle joins small neighbours again', () => {
  const list = x.create(4)
  push(list, numbers(8))
  x.seek(list, 1)
  x.insert(list, ...give('new'), 1)
  expect(elements(list)).toEqual(['element 0', 'element 1', 'new', ...numbers(8).slice(2)])
  x.seek(list, 2)
  x.insert(list, ...give('newer'), 0)
  expect(brokenNode(list, 4)).toBe(undefined)
  expect(x.nodes(list)).toBeLessThanOrEqual(4)
})

const limits = ['0', '-1', '4096', '9223372036854775807', '-9223372036854775809', '007', '']

function randomValue(random: Random): string {
  switch (random.below(12)) {
    case 0:
      return String(random.i64())
    case 1:
    case 2:
      return random.text(random.below(300), 'abc')
    case 3:
      return random.once(12)
        ? random.text(random.pick([4070, 4085, 4090, 4100, 8170, 8192, 9000]), 'xyz')
        : 'm'
    case 4:
      return random.pick(limits)
    case 5:
      return random.text(random.below(3000), 'xyz')
    default:
      return random.text(1, '0123456789ab')
  }
}

test.each([
  [-1, 0],
  [-1, 1],
  [-2, 2],
  [-5, 3],
  [1, 4],
  [5, 5],
  [0, 6],
  [200, 7],
])(`random changes agree with an array (limit %i, seed ${seed} + %i)`, (fill, offset) => {
  const random = new Random(seed + offset)
  const before = x.used()
  const list = x.create(fill)
  const model: string[] = []
  for (let step = 0; step < 2500; step++) {
    const value = randomValue(random)
    const index = random.below(model.length)
    const operation = random.below(model.length > 400 ? 22 : 18)
    if (operation < 2 || !model.length) {
      x.pushFirst(list, ...give(value))
      model.unshift(value)
    } else if (operation < 4) {
      x.pushLast(list, ...give(value))
      model.push(value)
    } else if (operation < 6) {
      for (let burst = random.below(30); burst; burst--) {
        const one = randomValue(random)
        const last = operation === 4
        if (last) model.push(one)
        else model.unshift(one)
        if (last) x.pushLast(list, ...give(one))
        else x.pushFirst(list, ...give(one))
      }
    } else if (operation === 6) {
      x.dropFirst(list)
      model.shift()
    } else if (operation === 7) {
      x.dropLast(list)
      model.pop()
    } else if (operation < 11) {
      const after = random.below(2)
      x.seek(list, index)
      expect(x.isElement(list, ...give(model[index]!))).toBe(1)
      x.insert(list, ...give(value), after)
      model.splice(index + after, 0, value)
    } else if (operation < 13) {
      x.seek(list, index)
      x.replace(list, index, ...give(value))
      model[index] = value
    } else if (operation < 15) {
      const count = Math.min(model.length - index, random.between(1, 5))
      const gone = x.remove(list, index, count)
      if (gone) while (!x.free(gone, 10));
      model.splice(index, count)
    } else if (operation === 15) {
      const limit = random.pick([1, 2, 1000])
      const backwards = random.below(2)
      const wanted = random.pick(model)
      const where = model.flatMap((text, i) => (text === wanted ? [i] : []))
      const gone = new Set(backwards ? where.slice(-limit) : where.slice(0, limit))
      expect(x.removeWanted(list, ...give(wanted), limit, backwards)).toBe(gone.size)
      model.splice(0, model.length, ...model.filter((_, i) => !gone.has(i)))
    } else if (operation === 16) {
      const twin = x.copy(list)
      expect(elements(twin)).toEqual(model)
      while (!x.free(twin, 2));
    } else if (operation === 17) {
      if (random.once(2)) {
        x.seek(list, index)
        expect(read(list)).toBe(model[index])
      }
    } else {
      const count = random.below(model.length - index) + 1
      const gone = x.remove(list, index, count)
      if (gone) while (!x.free(gone, 10));
      model.splice(index, count)
    }
    expect(x.count(list)).toBe(model.length)
    expect(brokenNode(list, fill === 0 ? 1 : fill)).toBe(undefined)
    if (step % 20) continue
    expect(elements(list)).toEqual(model)
    expect(elementsBackwards(list)).toEqual([...model].reverse())
    expect(x.memoryBytes(list)).toBe(x.used() - before)
  }
  while (!x.free(list, 5));
  expect(x.used()).toBe(before)
})
