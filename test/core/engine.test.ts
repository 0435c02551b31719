import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Flag, Kind } from '../../host/core/abi.ts'
import { readText } from '../../host/core/decode.ts'
import { CommandEncoder, encodeCommand, writeText } from '../../host/core/encode.ts'
import { Engine } from '../../host/core/engine.ts'

const module = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, '../../build/wadi.wasm')),
)

function makeEngine(): Engine {
  const clock = { monotonicUs: () => 1, wallUs: () => 1_700_000_000_000_000 }
  return new Engine({ module, clock, seed: [1, 2] })
}

/** What a command without RESP around it answered. */
function taken(engine: Engine): string {
  return text(engine.bytes.slice(engine.address, engine.address + engine.callLength))
}

/** Runs a command without RESP around it; answers the flags. */
function call(engine: Engine, session: number, ...args: string[]): number {
  const end = engine.window + engine.windowBytes
  new CommandEncoder(writeText).lay(engine.bytes, engine.words, engine.window / 4, end, args)
  return engine.call(session, engine.window, args.length)
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('a command without RESP around it', () => {
  test('hands its reply out', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    expect(call(engine, session, 'SET', 'a', '1')).toBe(Flag.answered)
    expect(taken(engine)).toBe('+OK\r\n')
    call(engine, session, 'GET', 'a')
    expect(taken(engine)).toBe('$1\r\n1\r\n')
    expect(engine.output(session)).toBe(0)
  })

  test('hands its reply out behind what is there already', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    engine.feedChunk(session, encodeCommand(['PING']))
    expect(call(engine, session, 'ECHO', 'a')).toBe(Flag.answered)
    expect(taken(engine)).toBe('+PONG\r\n$1\r\na\r\n')
  })

  test('leaves a reply in several pieces', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    const value = 'x'.repeat(40_000)
    call(engine, session, 'SET', 'a', value)
    expect(call(engine, session, 'MGET', 'a', 'a')).toBe(Flag.output)
    const reply = `$40000\r\n${value}\r\n`
    expect(text(engine.drain(session))).toBe(`*2\r\n${reply}${reply}`)
  })

  test('leaves a reply that waits for the log', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    engine.logOn(true)
    engine.gate(true)
    expect(call(engine, session, 'SET', 'a', '1')).toBe(Flag.log)
    engine.release(engine.logEnd)
    expect(text(engine.drain(session))).toBe('+OK\r\n')
  })

  test.each([
    ['bytes up to the limit', ['GET', 'a'], 'x'.repeat(200)],
    ['more bytes', ['GET', 'long'], null],
    ['no bytes', ['GET', 'empty'], ''],
    ['a number', ['GET', 'n'], '-7'],
    ['other letters', ['GET', 'umlaut'], null],
    ['nothing', ['GET', 'none'], null],
    ['an array', ['MGET', 'a'], null],
    ['an error', ['LPOP', 'a'], null],
    ['the old value', ['GETSET', 'n', '1'], '-7'],
  ])('answers %s as text, or lets it be decoded', (_, command, expected) => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    expect(engine.nativeText(readText)).toBeDefined()
    call(engine, session, 'HELLO', '3')
    engine.drain(session)
    call(engine, session, 'MSET', 'a', 'x'.repeat(200), 'long', 'x'.repeat(201), 'empty', '')
    call(engine, session, 'MSET', 'n', '-7', 'umlaut', 'ä')
    const end = engine.window + engine.windowBytes
    new CommandEncoder(writeText).lay(engine.bytes, engine.words, engine.window / 4, end, command)
    expect(engine.callText(session, engine.window, command.length, 200)).toBe(expected)
    expect(engine.callFlags).toBe(Flag.answered)
  })

  test('gives a value at once, but not while replies wait for the log', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    engine.nativeText(readText)
    call(engine, session, 'SET', 'a', 'x')
    const glance = (): string | null => {
      engine.bytes[engine.window] = 97
      return engine.glance(session, engine.window, 1, 200)
    }
    expect(glance()).toBe('x')
    engine.logOn(true)
    engine.gate(true)
    expect(glance()).toBe(null)
  })

  test('answers the null of RESP2 as none', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    expect(engine.nativeText(readText)).toBeDefined()
    call(engine, session, 'GET', 'none')
    expect(taken(engine)).toBe('$-1\r\n')
    expect(engine.callText(session, engine.window, 2, 200)).toBe(null)
  })

  test('gives back texts of any length', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    for (const length of [
      0, 1, 9, 10, 15, 16, 63, 64, 99, 100, 101, 199, 255, 256, 257, 999, 1000,
    ]) {
      const value = Array.from({ length }, (_, i) => String.fromCharCode(97 + (i % 26))).join('')
      call(engine, session, 'ECHO', value)
      expect(taken(engine)).toBe(`$${length}\r\n${value}\r\n`)
    }
  })

  test('is an error where RESP would be', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    call(engine, session, 'NOSUCH')
    expect(taken(engine)).toBe("-ERR unknown command 'NOSUCH', with args beginning with: \r\n")
    call(engine, session, 'GET')
    expect(taken(engine)).toMatch(/^-ERR wrong number of arguments for 'get' command/)
  })

  test('may be queued in a transaction', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    let replies = ''
    for (const command of [['MULTI'], ['INCR', 'n'], ['INCR', 'n'], ['EXEC']]) {
      call(engine, session, ...command)
      replies += taken(engine)
    }
    expect(replies).toBe('+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:2\r\n')
  })

  test('is refused while another one is half received', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    const ping = encodeCommand(['PING'])
    engine.feedChunk(session, ping.subarray(0, 5))
    expect(call(engine, session, 'GET', 'a')).toBe(Flag.refused)
    engine.feedChunk(session, ping.subarray(5))
    expect(text(engine.drain(session))).toBe('+PONG\r\n')
    expect(call(engine, session, 'PING')).toBe(Flag.answered)
  })

  test('is refused while the session waits', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    expect(call(engine, session, 'BLPOP', 'q', '0') & Flag.blocked).toBe(Flag.blocked)
    expect(call(engine, session, 'PING')).toBe(Flag.refused)
    const other = engine.open(Kind.client)
    call(engine, other, 'RPUSH', 'q', 'x')
    expect(text(engine.drain(session))).toBe('*2\r\n$1\r\nq\r\n$1\r\nx\r\n')
    expect(call(engine, session, 'PING') & Flag.refused).toBe(0)
  })
})

test('views are taken again when memory grew', () => {
  const engine = makeEngine()
  const session = engine.open(Kind.client)
  const before = engine.bytes
  engine.buffer(50_000_000)
  expect(before.length).toBe(0)
  expect(engine.bytes.length).toBeGreaterThan(50_000_000)
  engine.setTime()
  engine.feedChunk(session, encodeCommand(['PING']))
  expect(text(engine.drain(session))).toBe('+PONG\r\n')
})
