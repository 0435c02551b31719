import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'

interface Exports {
  arena(): number
  sha1(ptr: number, len: number, dst: number): void
  sha1Hex(ptr: number, len: number, dst: number): void
  sha256(ptr: number, len: number, dst: number): void
  murmur(ptr: number, len: number, seed: bigint): bigint
}

let engine: Instance<Exports>
let text: number
let digest: number

beforeAll(async () => {
  engine = await load<Exports>(new URL('./digest.as.ts', import.meta.url))
  digest = engine.exports.arena()
  text = digest + 64
})

describe.each([
  ['sha1', 20],
  ['sha256', 32],
] as const)('%s', (name, size) => {
  const hash = (bytes: Uint8Array) => {
    engine.exports[name](text, engine.write(text, bytes), digest)
    return engine.read(digest, size).toString('hex')
  }

  test(`of every length to three blocks is that of Node (seed ${seed})`, () => {
    const random = new Random()
    for (let length = 0; length < 200; length++) {
      const bytes = random.bytes(length)
      expect(hash(bytes)).toBe(createHash(name).update(bytes).digest('hex'))
    }
  })

  test(`of a long text is that of Node (seed ${seed})`, () => {
    const bytes = new Random().bytes(100_000)
    expect(hash(bytes)).toBe(createHash(name).update(bytes).digest('hex'))
  })
})

test('sha1 is written in hexadecimal too', () => {
  engine.exports.sha1Hex(text, engine.write(text, 'abc'), digest)
  const hex = engine.read(digest, 40).toString()
  expect(hex).toBe(createHash('sha1').update('abc').digest('hex'))
})

/** MurmurHash64A as its author gives it. */
function murmurModel(bytes: Uint8Array, start: bigint): bigint {
  const multiply = (a: bigint) => BigInt.asUintN(64, a * 0xc6a4a7935bd1e995n)
  let hash = start ^ multiply(BigInt(bytes.length))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) {
    let word = multiply(view.getBigUint64(at, true))
    word = multiply(word ^ (word >> 47n))
    hash = multiply(hash ^ word)
  }
  if (at < bytes.length) {
    let word = 0n
    for (let i = bytes.length - 1; i >= at; i--) word = (word << 8n) | BigInt(bytes[i]!)
    hash = multiply(hash ^ word)
  }
  hash = multiply(hash ^ (hash >> 47n))
  return hash ^ (hash >> 47n)
}

test(`MurmurHash64A of every length is that of the model (seed ${seed})`, () => {
  const random = new Random()
  for (let length = 0; length < 100; length++) {
    const bytes = random.bytes(length)
    for (const start of [0xadc83b19n, random.u64()]) {
      const hash = engine.exports.murmur(text, engine.write(text, bytes), start)
      expect(BigInt.asUintN(64, hash)).toBe(murmurModel(bytes, start))
    }
  }
})
