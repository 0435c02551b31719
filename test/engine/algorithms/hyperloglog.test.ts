import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'
import { besideRedis } from '../../support/beside-redis.ts'
import { redisMissing } from '../../support/redis.ts'

interface Exports {
  arena(): number
  isOne(ptr: number, len: number): number
  create(ptr: number): number
  locate(ptr: number, len: number): number
  raise(ptr: number, index: number, rank: number): number
  raiseSparse(ptr: number, len: number, index: number, rank: number, maxLen: number): number
  forget(): void
  length(): number
  toDense(ptr: number, len: number, dense: number): number
  invalidate(ptr: number): void
  estimate(ptr: number, len: number): number
  cardinality(): bigint
  clear(): void
  merge(ptr: number, len: number): number
  pack(ptr: number): void
  rawAt(): number
}

const NO = 0
const DENSE = 2
const CORRUPTED = 3
const DENSE_SIZE = 12304
const SPARSE_MAX = 3000

let engine: Instance<Exports>
let text: number
let at: number
let spare: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./hyperloglog.as.ts', import.meta.url))
  text = engine.exports.arena()
  at = text + 4096
  spare = at + 16384
})

/** A HyperLogLog in the engine, used as PFADD and PFMERGE use it. */
class Sketch {
  length: number
  readonly #maxLength: number

  constructor(maxLength = SPARSE_MAX) {
    this.#maxLength = maxLength
    this.length = engine.exports.create(at)
    engine.exports.invalidate(at)
    engine.exports.forget()
  }

  add(element: string): boolean {
    const place = engine.exports.locate(text, engine.write(text, element))
    return this.raise(place >>> 8, place & 255)
  }

  raise(index: number, rank: number): boolean {
    if (engine.bytes()[at + 4] === 1) {
      const outcome = engine.exports.raiseSparse(at, this.length, index, rank, this.#maxLength)
      expect(outcome).not.toBe(CORRUPTED)
      this.length = engine.exports.length()
      if (outcome !== DENSE) return outcome !== NO
      this.becomeDense()
    }
    const raised = engine.exports.raise(at, index, rank) !== 0
    if (raised) engine.exports.invalidate(at)
    return raised
  }

  becomeDense(): void {
    expect(engine.exports.toDense(at, this.length, spare)).toBe(1)
    engine.write(at, engine.read(spare, DENSE_SIZE))
    this.length = DENSE_SIZE
  }

  get bytes(): Buffer {
    return engine.read(at, this.length)
  }

  get cardinality(): number {
    expect(engine.exports.estimate(at, this.length)).toBe(1)
    return Number(engine.exports.cardinality())
  }

  /** Each register, taken out of either form. */
  get registers(): Buffer {
    engine.exports.clear()
    expect(engine.exports.merge(at, this.length)).toBe(1)
    return engine.read(engine.exports.rawAt(), 16384)
  }
}

test('an empty one is 18 bytes', () => {
  engine.exports.create(at)
  expect(engine.read(at, 18).toString('latin1')).toBe('HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff')
  expect(new Sketch().cardinality).toBe(0)
})

test.each([16, 300, SPARSE_MAX, 20_000])(
  `registers are those of the model, sparse up to %d bytes (seed ${seed})`,
  (maxLength) => {
    const random = new Random()
    const sketch = new Sketch(maxLength)
    const model = Buffer.alloc(16384)
    for (let i = 0; i < 4000; i++) {
      const index = random.once(3) ? random.below(40) : random.below(16384)
      const rank = random.once(50) ? random.between(1, 51) : random.between(1, 5)
      expect(sketch.raise(index, rank)).toBe(rank > model[index]!)
      model[index] = Math.max(model[index]!, rank)
      if (i % 400 === 0) expect(sketch.registers.equals(model)).toBe(true)
    }
    expect(sketch.registers.equals(model)).toBe(true)
  },
)

test(`registers raised in order give the bytes that a search from the start gives (seed ${seed})`, () => {
  const random = new Random()
  const indexes = Array.from({ length: 900 }, () => random.below(16384)).sort((a, b) => a - b)
  const ranks = indexes.map(() => random.between(1, 3))
  const build = (forgets: boolean) => {
    const sketch = new Sketch()
    for (const [i, index] of indexes.entries()) {
      if (forgets) engine.exports.forget()
      sketch.raise(index, ranks[i]!)
    }
    return sketch.bytes
  }
  expect(build(false).equals(build(true))).toBe(true)
})

test(`packing and unpacking keep every register (seed ${seed})`, () => {
  const random = new Random()
  const registers = Buffer.from(random.bytes(16384).map((byte) => byte & 63))
  engine.write(engine.exports.rawAt(), registers)
  const end = engine.memory.buffer.byteLength
  engine.exports.pack(end - DENSE_SIZE)
  engine.exports.clear()
  engine.exports.merge(end - DENSE_SIZE, DENSE_SIZE)
  expect(engine.read(engine.exports.rawAt(), 16384).equals(registers)).toBe(true)
})

describe('a string', () => {
  const isOne = (bytes: Buffer) => engine.exports.isOne(at, engine.write(at, bytes)) !== 0
  const header = (encoding: number) => Buffer.from([72, 89, 76, 76, encoding, ...Buffer.alloc(11)])

  test('that is too short, has other letters or another encoding is none', () => {
    expect(isOne(Buffer.from('HYLL'))).toBe(false)
    expect(isOne(Buffer.from('HYLK'.padEnd(18, '\x01')))).toBe(false)
    expect(isOne(header(2))).toBe(false)
  })

  test('of a dense one has one length', () => {
    expect(isOne(header(0))).toBe(false)
    expect(isOne(Buffer.concat([header(0), Buffer.alloc(12288)]))).toBe(true)
    expect(isOne(Buffer.concat([header(0), Buffer.alloc(12289)]))).toBe(false)
  })

  test.each([
    ['no runs', []],
    ['too few registers', [0x7f, 0xfe]],
    ['too many registers', [0x7f, 0xff, 0x00]],
    ['half a run', [0x7f]],
  ])('with %s is corrupted', (_, runs) => {
    const length = engine.write(at, Buffer.concat([header(1), Buffer.from(runs)]))
    expect(engine.exports.isOne(at, length)).toBe(1)
    expect(engine.exports.estimate(at, length)).toBe(0)
    expect(engine.exports.merge(at, length)).toBe(0)
    expect(engine.exports.toDense(at, length, spare)).toBe(0)
  })

  test(`of random runs is never written outside (seed ${seed})`, () => {
    const random = new Random()
    for (let i = 0; i < 20_000; i++) {
      const length = engine.write(at, Buffer.concat([header(1), random.bytes(random.below(12))]))
      engine.write(at + length + 3, Buffer.from('guard'))
      engine.exports.forget()
      const index = random.below(16384)
      engine.exports.raiseSparse(at, length, index, random.between(1, 40), SPARSE_MAX)
      engine.exports.estimate(at, length)
      expect(engine.read(at + length + 3, 5).toString()).toBe('guard')
    }
  })
})

describe.skipIf(redisMissing())('beside redis-server', () => {
  const redis = besideRedis()

  beforeEach(async () => {
    await redis.call('FLUSHALL')
  })

  test.each([100, 1000, 3000, 30_000])(
    `PFADD of %d elements gives the same bytes and counts (seed ${seed})`,
    async (elements) => {
      const random = new Random()
      const sketch = new Sketch()
      const batch = elements / 20
      for (let round = 0; round < 20; round++) {
        const texts = Array.from({ length: batch }, () =>
          random.text(random.below(9), '0123456789'),
        )
        const before = texts.map((element) => sketch.add(element)).includes(true)
        const reply = await redis.call('PFADD', 'h', ...texts)
        expect(reply.text).toBe(before || round === 0 ? '1' : '0')
        expect(sketch.bytes.equals((await redis.call('GET', 'h')).data)).toBe(true)
        const count = Number((await redis.call('PFCOUNT', 'h')).text)
        expect(sketch.cardinality).toBe(count)
        // Counting kept the estimate; the next batch makes it stale in both.
        engine.write(at, (await redis.call('GET', 'h')).data)
      }
    },
  )

  test(`any registers give the same estimate (seed ${seed})`, async () => {
    const random = new Random()
    for (let i = 0; i < 300; i++) {
      const top = random.between(1, 63)
      const share = random.between(1, 40)
      const raw = Buffer.from(
        Uint8Array.from({ length: 16384 }, () => (random.once(share) ? random.between(0, top) : 1)),
      )
      engine.write(engine.exports.rawAt(), raw)
      engine.exports.pack(at)
      engine.exports.invalidate(at)
      await redis.call('SET', 'h', engine.read(at, DENSE_SIZE))
      const count = (await redis.call('PFCOUNT', 'h')).text
      engine.exports.estimate(at, DENSE_SIZE)
      expect(String(engine.exports.cardinality())).toBe(count)
    }
  })
})
