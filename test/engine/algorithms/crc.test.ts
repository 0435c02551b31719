import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import type { TestServer } from '../../support/process.ts'
import { Random, seed } from '../../support/random.ts'
import { redisMissing, startRedis } from '../../support/redis.ts'
import { Connection } from '../../support/resp.ts'

interface Exports {
  arena(): number
  crc16(ptr: number, len: number): number
  slot(ptr: number, len: number): number
  crc64(crc: bigint, ptr: number, len: number): bigint
}

let engine: Instance<Exports>
let arena: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./crc.as.ts', import.meta.url))
  arena = engine.exports.arena()
})

const crc16 = (text: string | Uint8Array) => engine.exports.crc16(arena, engine.write(arena, text))
const slot = (key: string | Uint8Array) => engine.exports.slot(arena, engine.write(arena, key))
const crc64 = (text: string | Uint8Array, crc = 0n) =>
  BigInt.asUintN(64, engine.exports.crc64(crc, arena, engine.write(arena, text)))

/** The CRC of one bit at a time. */
function crc64Model(text: Uint8Array): bigint {
  let crc = 0n
  for (const byte of text) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
  }
  return crc
}

test('CRC-16 gives the check value of XMODEM', () => {
  expect(crc16('123456789')).toBe(0x31c3)
  expect(crc16('')).toBe(0)
})

test('CRC-64 gives the check value of Jones', () => {
  expect(crc64('123456789')).toBe(0xe9c6d914c4b8d9can)
  expect(crc64('')).toBe(0n)
})

test(`CRC-64 of any length is that of the model, in one piece or in two (seed ${seed})`, () => {
  const random = new Random()
  for (let length = 0; length < 200; length++) {
    const text = random.bytes(length)
    const cut = random.below(length + 1)
    expect(crc64(text)).toBe(crc64Model(text))
    expect(crc64(text.subarray(cut), crc64(text.subarray(0, cut)))).toBe(crc64Model(text))
  }
})

test.each([
  ['{user1000}.following', 'user1000'],
  ['foo{bar}{zap}', 'bar'],
  ['foo{{bar}}zap', '{bar'],
  ['}{a}', 'a'],
])('the slot of %s is that of its tag %s', (key, tag) => {
  expect(slot(key)).toBe(crc16(tag) % 16384)
})

test.each(['foo{}{bar}', 'foo{bar', 'foo}bar', '{}', '{', ''])('%j has no tag', (key) => {
  expect(slot(key)).toBe(crc16(key) % 16384)
})

describe.skipIf(redisMissing())('beside redis-server', () => {
  let server: TestServer
  let redis: Connection

  beforeAll(async () => {
    server = await startRedis({ args: ['--cluster-enabled', 'yes'] })
    redis = await Connection.connect(server.port)
  })

  afterAll(async () => {
    redis.close()
    await server.stop()
  })

  test(`CLUSTER KEYSLOT says the same (seed ${seed})`, async () => {
    const random = new Random()
    const keys = Array.from({ length: 2000 }, () => random.text(random.below(12), 'ab{}c'))
    const replies = await redis.exchange(keys.map((key) => ['CLUSTER', 'KEYSLOT', key]))
    for (const [i, key] of keys.entries()) {
      expect([key, slot(key)]).toEqual([key, Number(replies[i]!.text)])
    }
  })
})
