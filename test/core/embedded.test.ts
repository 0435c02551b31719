import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Database, EngineCrash, open, openSync, ReplyError } from '../../host/core/index.ts'
import type { Runtime, Timer } from '../../host/core/runtime.ts'
import { nodeRuntime } from '../../host/node/runtime.ts'
import { Random, seed } from '../support/random.ts'

const bytes = readFileSync(join(import.meta.dirname, '../../build/wadi.wasm'))
const module = new WebAssembly.Module(bytes)

/** A runtime whose time stands still until it is moved, with timers that fire when asked. */
class VirtualRuntime implements Runtime {
  nowMs = 1_700_000_000_000
  timers: { atMs: number; callback: () => void }[] = []
  readonly clock = {
    monotonicUs: () => this.nowMs * 1000,
    wallUs: (monotonicUs: number) => monotonicUs,
  }
  readonly readText = nodeRuntime().readText
  readonly writeText = nodeRuntime().writeText
  seed = () => [1, 2] as const

  later(ms: number, callback: () => void): Timer {
    const timer = { atMs: this.nowMs + ms, callback }
    this.timers.push(timer)
    return { cancel: () => void (this.timers = this.timers.filter((other) => other !== timer)) }
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const next = this.timers.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (!next || next.atMs > endMs) break
      this.timers = this.timers.filter((other) => other !== next)
      this.nowMs = next.atMs
      next.callback()
    }
    this.nowMs = endMs
  }
}

describe('an embedded database', () => {
  let runtime: VirtualRuntime
  let db: Database
  beforeEach(() => {
    runtime = new VirtualRuntime()
    db = new Database({ module, runtime })
  })
  afterEach(() => db.close())

  test('answers calls at once', () => {
    expect(db.call('SET', 'greeting', 'hello')).toBe('OK')
    expect(db.call('GET', 'greeting')).toBe('hello')
    expect(db.call('GET', 'nobody')).toBeNull()
    expect(db.call('INCRBY', 'n', 40)).toBe(40)
    expect(db.call('MGET', 'greeting', 'x', 'n')).toEqual(['hello', null, '40'])
  })

  test('gives back what counts as nothing', () => {
    db.call('SET', 'empty', '')
    expect(db.call('GET', 'empty')).toBe('')
    expect(db.call('EXISTS', 'nobody')).toBe(0)
    expect(db.call('LRANGE', 'nobody', 0, -1)).toEqual([])
    const other = db.connect()
    other.call('SUBSCRIBE', 'c')
    expect(db.call('PUBLISH', 'nowhere', 'x')).toBe(0)
    expect(db.call('PUBLISH', 'c', '')).toBe(1)
  })

  test(`takes any number of arguments (seed ${seed})`, () => {
    const random = new Random()
    for (let count = 1; count < 200; count += 7) {
      const items = Array.from({ length: count }, () => 'ü'.repeat(random.below(4)) + count)
      db.call('DEL', 'list')
      expect(db.call('RPUSH', 'list', ...items)).toBe(count)
      expect(db.call('LRANGE', 'list', 0, -1)).toEqual(items)
    }
  })

  test('throws error replies', () => {
    expect(() => db.call('NOSUCH')).toThrow(ReplyError)
    expect(() => db.call('GET')).toThrow("ERR wrong number of arguments for 'get' command")
  })

  test('gives text as bytes where asked', () => {
    db.call('SET', 'b', Uint8Array.of(0, 128, 255))
    expect(db.callBytes('GET', 'b')).toEqual(Uint8Array.of(0, 128, 255))
  })

  test(`keeps any text (seed ${seed})`, () => {
    const random = new Random()
    const letters = ['a', 'é', '世', '😀', '\0', '\r\n', '"']
    for (let round = 0; round < 500; round++) {
      const length = random.below(4) ? random.below(40) : random.below(40_000)
      let text = ''
      for (let i = 0; i < length; i++) text += letters[random.below(letters.length)]!
      db.call('SET', 'text', text)
      expect(db.call('GET', 'text') === text).toBe(true)
    }
  })

  test('takes and gives values that are larger than the window', () => {
    const big = 'x'.repeat(10_000_000)
    expect(db.call('SET', 'big', big)).toBe('OK')
    expect(db.call('GET', 'big') === big).toBe(true)
    db.call('RPUSH', 'list', ...Array.from({ length: 50_000 }, (_, i) => `item ${i}`))
    expect(db.call('LRANGE', 'list', 49_990, -1)).toHaveLength(10)
    expect(db.call('LRANGE', 'list', 0, -1)).toHaveLength(50_000)
  })

  test('deletes keys when their time has come', () => {
    db.call('SET', 'a', '1', 'PX', 50)
    runtime.pass(49)
    expect(db.call('GET', 'a')).toBe('1')
    runtime.pass(2)
    expect(db.call('GET', 'a')).toBeNull()
  })

  test('deletes expired keys that nobody asks for', () => {
    for (let i = 0; i < 1000; i++) db.call('SET', `k${i}`, 'v', 'PX', 10)
    expect(db.call('DBSIZE')).toBe(1000)
    runtime.pass(5000)
    expect(db.call('DBSIZE')).toBe(0)
  })

  test('is looked after once a second while nothing happens', () => {
    runtime.pass(10_000)
    const before = runtime.timers[0]!.atMs
    runtime.pass(1000)
    expect(runtime.timers[0]!.atMs - before).toBe(1000)
  })

  test('does not block in a call: a blocking command answers as if its time was over', () => {
    expect(db.call('BLPOP', 'queue', 0)).toBeNull()
    expect(db.call('PING')).toBe('PONG')
  })

  test('serves a blocking command of another connection', async () => {
    const other = db.connect()
    const popped = other.wait('BLPOP', 'queue', 0)
    db.call('RPUSH', 'queue', 'job')
    expect(await popped).toEqual(['queue', 'job'])
  })

  test('hands out messages to those who subscribed', async () => {
    const other = db.connect()
    const messages: unknown[] = []
    other.onPush = (message) => messages.push(message)
    other.call('SUBSCRIBE', 'news')
    expect(db.call('PUBLISH', 'news', 'it works')).toBe(1)
    expect(messages).toEqual([])
    await Promise.resolve()
    expect(messages).toEqual([['message', 'news', 'it works']])
  })

  test('runs transactions on a connection of their own', () => {
    const other = db.connect()
    other.call('WATCH', 'n')
    other.call('MULTI')
    expect(other.call('INCR', 'n')).toBe('QUEUED')
    expect(other.call('EXEC')).toEqual([1])
    other.call('WATCH', 'n')
    db.call('INCR', 'n')
    other.call('MULTI')
    other.call('INCR', 'n')
    expect(other.call('EXEC')).toBeNull()
  })

  test('says after a close that it is closed', () => {
    const other = db.connect()
    other.close()
    expect(() => other.call('PING')).toThrow('closed')
    db.close()
    expect(() => db.call('PING')).toThrow('closed')
  })

  test('ends for good with an EngineCrash when the engine traps', () => {
    db.call('RPUSH', 'a key to look for', 'x'.repeat(10_000))
    const memory = Buffer.from(db.engine.memory.buffer)
    const entry = memory.lastIndexOf('a key to look for')
    memory.fill(0xff, entry + 17, entry + 17 + 32)
    const crash = crashOf(() => db.call('RPUSH', 'a key to look for', 'y'))
    expect(crash.command).toEqual(['RPUSH', 'a key to look for', 'y'])
    expect(() => db.call('PING')).toThrow(EngineCrash)
  })
})

function crashOf(call: () => unknown): EngineCrash {
  try {
    call()
  } catch (error) {
    if (error instanceof EngineCrash) return error
    throw error
  }
  throw new Error('it did not crash')
}

describe('what belongs to a server', () => {
  test('is an error that says so', () => {
    const db = openSync({ engine: module })
    expect(() => db.call('BGSAVE')).toThrow('ERR BGSAVE is not available in an embedded database')
    expect(() => db.call('ACL', 'SAVE')).toThrow('is not available in an embedded database')
    expect(() => db.call('CONFIG', 'SET', 'token-key', 'k'.repeat(32))).toThrow(
      'nothing here verifies tokens',
    )
    expect(db.call('PING')).toBe('PONG')
    db.close()
  })
})

describe('opening', () => {
  test.each([
    ['a module', module],
    ['its bytes', bytes],
  ])('takes %s', (_, engine) => {
    const db = openSync({ engine })
    expect(db.call('PING')).toBe('PONG')
    db.close()
  })

  test('takes where the module is', async () => {
    const url = new URL(`data:application/wasm;base64,${bytes.toString('base64')}`)
    const db = await open({ engine: url })
    expect(db.call('PING')).toBe('PONG')
    db.close()
  })

  test('keeps to the most memory it may take', () => {
    const db = openSync({ engine: module, maxMemoryBytes: 32 * 1024 * 1024 })
    expect(() => {
      for (let i = 0; i < 64; i++) db.call('SET', `k${i}`, 'x'.repeat(1_000_000))
    }).toThrow('OOM')
    expect(db.engine.bytes.length).toBeLessThanOrEqual(32 * 1024 * 1024)
    expect(db.call('GET', 'k0')).toHaveLength(1_000_000)
    db.close()
  })
})
