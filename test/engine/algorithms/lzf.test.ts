import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'
import { besideRedis } from '../../support/beside-redis.ts'
import { redisMissing } from '../../support/redis.ts'

interface Exports {
  arena(): number
  compress(src: number, len: number, dst: number, room: number): number
  decompress(src: number, len: number, dst: number, size: number): number
}

const HALF = 60_000
let engine: Instance<Exports>
let source: number
let target: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./lzf.as.ts', import.meta.url))
  source = engine.exports.arena()
  target = source + HALF
})

/** The compressed bytes, or null when they need more than `room`; nothing beyond it is written. */
function compress(text: Uint8Array, room: number): Buffer | null {
  engine.write(source, text)
  engine.bytes().fill(0xaa, target, target + HALF)
  const length = engine.exports.compress(source, text.length, target, room)
  expect(length).toBeLessThanOrEqual(room)
  expect(engine.bytes()[target + room]).toBe(0xaa)
  return length ? engine.read(target, length) : null
}

function decompress(packed: Uint8Array, size: number): Buffer | null {
  engine.write(source, packed)
  engine.bytes().fill(0xaa, target - 1, target + size + 1)
  const done = engine.exports.decompress(source, packed.length, target, size)
  expect(engine.bytes()[target + size]).toBe(0xaa)
  return done ? engine.read(target, size) : null
}

/** Texts from incompressible to very repetitive. */
function randomText(random: Random, most: number): Uint8Array {
  const length = random.between(1, most)
  switch (random.below(4)) {
    case 0:
      return random.bytes(length)
    case 1:
      return Buffer.from(random.text(length, 'ab'))
    case 2: {
      const words = Array.from({ length: 8 }, () => random.text(random.between(1, 40), 'abcdefgh'))
      let text = ''
      while (text.length < length) text += random.pick(words)
      return Buffer.from(text.slice(0, length))
    }
    default:
      return Buffer.alloc(length, random.once(2) ? 'x' : random.text(random.between(1, 9), 'abc'))
  }
}

test(`what is compressed comes back (seed ${seed})`, () => {
  const random = new Random()
  for (let i = 0; i < 3000; i++) {
    const text = randomText(random, i % 100 ? 400 : 40_000)
    const packed = compress(text, Math.ceil(text.length * 1.05) + 20)
    expect(packed).not.toBeNull()
    expect(decompress(packed!, text.length)!.equals(text)).toBe(true)
    expect(decompress(packed!, text.length - 1)).toBeNull()
    expect(decompress(packed!, text.length + 1)).toBeNull()
  }
})

test(`no more room is used than there is (seed ${seed})`, () => {
  const random = new Random()
  for (let i = 0; i < 2000; i++) {
    const text = randomText(random, 200)
    const whole = compress(text, 1000)!
    const packed = compress(text, random.below(whole.length + 8))
    if (packed) expect(packed.equals(whole)).toBe(true)
  }
})

test.each([
  ['a reference before the start', [0x00, 0x61, 0x20, 0x01], 4],
  ['a reference without its offset', [0x00, 0x61, 0x20], 4],
  ['a long reference without its length', [0x00, 0x61, 0xe0], 20],
  ['a run that ends early', [0x05, 0x61], 6],
  ['a run longer than the text', [0x02, 0x61, 0x62, 0x63], 2],
  ['a reference longer than the text', [0x00, 0x61, 0xe0, 0xff, 0x00], 100],
  ['nothing', [], 1],
])('%s is refused', (_, packed, size) => {
  expect(decompress(Uint8Array.from(packed), size)).toBeNull()
})

test('a reference may overlap what it makes', () => {
  expect(decompress(Uint8Array.of(0x00, 0x61, 0xe0, 0x00, 0x00), 10)!.toString()).toBe('aaaaaaaaaa')
})

test(`random bytes are decompressed or refused, within bounds (seed ${seed})`, () => {
  const random = new Random()
  for (let i = 0; i < 20_000; i++) {
    const packed = random.bytes(random.below(40))
    for (let at = 0; at < packed.length; at++) if (random.once(2)) packed[at]! &= 0x23
    decompress(packed, random.below(200))
  }
})

describe.skipIf(redisMissing())('beside redis-server', () => {
  const redis = besideRedis()

  /** The compressed text in a DUMP payload: type, 0xc3, two lengths, the bytes, version, sum. */
  function packedIn(payload: Buffer): Buffer | null {
    if (payload[1] !== 0xc3) return null
    let at = 2
    const length = () => {
      const first = payload[at++]!
      if (first < 0x40) return first
      if (first < 0x80) return ((first & 0x3f) << 8) | payload[at++]!
      at += 4
      return payload.readUInt32BE(at - 4)
    }
    const packed = length()
    length()
    return payload.subarray(at, at + packed)
  }

  test(`DUMP has the same compressed bytes (seed ${seed})`, async () => {
    const random = new Random()
    let packedCount = 0
    for (let i = 0; i < 1500; i++) {
      const text = Buffer.from(randomText(random, i % 50 ? 300 : 20_000))
      await redis.call('SET', 'k', text)
      const theirs = packedIn((await redis.call('DUMP', 'k')).data)
      const ours = text.length > 20 ? compress(text, text.length - 4) : null
      expect([text.toString('latin1'), ours?.toString('hex')]).toEqual([
        text.toString('latin1'),
        theirs?.toString('hex'),
      ])
      if (ours) packedCount++
    }
    expect(packedCount).toBeGreaterThan(500)
  })
})
