import { beforeAll, expect, test } from 'vitest'
import { compileEntry, instantiate, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

type Fn = (...args: number[]) => number
interface Exports extends Record<string, unknown> {
  memory: WebAssembly.Memory
  boot: Fn
  alloc: Fn
  free: Fn
  resize: Fn
  sizeOf: Fn
  goodSize: Fn
  used: Fn
  idle: Fn
  committed: Fn
  hasRoom: Fn
}

let module: WebAssembly.Module

beforeAll(async () => {
  module = await compileEntry(new URL('./heap.as.ts', import.meta.url))
})

function heap(pages = 0): Exports {
  const engine: Instance<Exports> = instantiate<Exports>(module)
  engine.exports.boot(pages)
  return engine.exports
}

/** A block that is filled with its number, so that any overlap shows. */
interface Block {
  pointer: number
  size: number
  fill: number
}

test(`blocks never overlap, keep their bytes and are counted exactly (seed ${seed})`, () => {
  const x = heap()
  const random = new Random()
  const live: Block[] = []
  let counted = x.used()
  const fill = (block: Block): void => {
    new Uint8Array(x.memory.buffer).fill(block.fill, block.pointer, block.pointer + block.size)
  }
  const check = (block: Block, length: number): void => {
    const bytes = new Uint8Array(x.memory.buffer, block.pointer, length)
    for (const at of [0, length >> 1, length - 1]) {
      if (length && bytes[at] !== block.fill) throw new Error(`a block lost a byte at ${at}`)
    }
  }
  const size = (): number =>
    random.once(50)
      ? random.below(400_000)
      : random.once(5)
        ? random.below(9000)
        : random.below(200)
  for (let step = 0; step < 60_000; step++) {
    const choice = random.below(10)
    if (choice < 5 || !live.length) {
      const block = { pointer: 0, size: size(), fill: 1 + random.below(250) }
      block.pointer = x.alloc(block.size) >>> 0
      expect(x.sizeOf(block.pointer)).toBeGreaterThanOrEqual(block.size)
      expect(x.sizeOf(block.pointer)).toBe(x.goodSize(block.size))
      counted += x.sizeOf(block.pointer)
      fill(block)
      live.push(block)
    } else {
      const index = random.below(live.length)
      const block = live[index]!
      check(block, block.size)
      counted -= x.sizeOf(block.pointer)
      if (choice < 8) {
        x.free(block.pointer)
        live[index] = live.at(-1)!
        live.pop()
      } else {
        const wanted = size()
        block.pointer = x.resize(block.pointer, wanted) >>> 0
        check(block, Math.min(block.size, wanted))
        block.size = wanted
        counted += x.sizeOf(block.pointer)
        fill(block)
      }
    }
  }
  expect(x.used()).toBe(counted)
  const sorted = live.toSorted((a, b) => a.pointer - b.pointer)
  for (let i = 1; i < sorted.length; i++) {
    expect(sorted[i - 1]!.pointer + sorted[i - 1]!.size).toBeLessThanOrEqual(sorted[i]!.pointer)
  }
  for (const block of live) x.free(block.pointer)
  expect(x.used()).toBe(0)
})

test('blocks of 64 bytes are aligned to 64, all others to 8', () => {
  const x = heap()
  for (let i = 0; i < 3000; i++) expect((x.alloc(64) >>> 0) % 64).toBe(0)
  for (let size = 1; size < 5000; size += 7) expect((x.alloc(size) >>> 0) % 8).toBe(0)
})

test('memory moves between size classes: spans that are empty serve others', () => {
  const x = heap(512)
  for (const size of [16, 1000, 24, 30_000, 200, 48]) {
    const blocks: number[] = []
    while (x.hasRoom(size)) blocks.push(x.alloc(size) >>> 0)
    expect(blocks.length * size).toBeGreaterThan(24 << 20)
    for (const block of blocks) x.free(block)
  }
})

test('a large block grows in place while what follows is free, and gives back what it does not need', () => {
  const x = heap(512)
  const block = x.alloc(1 << 20) >>> 0
  expect(x.resize(block, 8 << 20) >>> 0).toBe(block)
  expect(x.resize(block, 100_000) >>> 0).toBe(block)
  expect(x.used()).toBe(131_072)
})

test('hasRoom says no before the end, so that what must go on still can', () => {
  const x = heap(256)
  let last = 0
  while (x.hasRoom(65_536)) last = x.alloc(65_536) >>> 0
  expect(last).toBeGreaterThan(0)
  expect(x.alloc(65_536) >>> 0).toBeGreaterThan(0)
  expect(x.committed()).toBeLessThanOrEqual(256 * 65_536)
})
