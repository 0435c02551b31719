import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Flag, Kind } from '../../host/core/abi.ts'
import { CommandEncoder, encodeCommand, writeText } from '../../host/core/encode.ts'
import { Engine } from '../../host/core/engine.ts'

const module = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, '../../build/wadi.wasm')),
)

function makeEngine(): Engine {
  const clock = { monotonicUs: () => 1, wallUs: () => 1_700_000_000_000_000 }
  return new Engine({ module, clock, seed: [1, 2] })
}

/** Runs a command without RESP around it; answers the flags. */
function call(engine: Engine, session: number, ...args: string[]): number {
  const end = engine.window + engine.windowBytes
  new CommandEncoder(writeText).lay(engine.bytes, engine.words, engine.window / 4, end, args)
  return engine.call(session, engine.window, args.length)
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('a command without RESP around it', () => {
  test('leaves its reply', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    expect(call(engine, session, 'SET', 'a', '1')).toBe(Flag.output)
    expect(engine.callLength).toBe(5)
    expect(text(engine.drain(session))).toBe('+OK\r\n')
    call(engine, session, 'GET', 'a')
    expect(text(engine.drain(session))).toBe('$1\r\n1\r\n')
  })

  test('is an error where RESP would be', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    call(engine, session, 'NOSUCH')
    expect(text(engine.drain(session))).toBe(
      "-ERR unknown command 'NOSUCH', with args beginning with: \r\n",
    )
    call(engine, session, 'GET')
    expect(text(engine.drain(session))).toMatch(/^-ERR wrong number of arguments for 'get' command/)
  })

  test('may be queued in a transaction', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    for (const command of [['MULTI'], ['INCR', 'n'], ['INCR', 'n'], ['EXEC']]) {
      call(engine, session, ...command)
    }
    expect(text(engine.drain(session))).toBe('+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:2\r\n')
  })

  test('is refused while another one is half received', () => {
    const engine = makeEngine()
    const session = engine.open(Kind.client)
    const ping = encodeCommand(['PING'])
    engine.feedChunk(session, ping.subarray(0, 5))
    expect(call(engine, session, 'GET', 'a')).toBe(Flag.refused)
    engine.feedChunk(session, ping.subarray(5))
    expect(text(engine.drain(session))).toBe('+PONG\r\n')
    expect(call(engine, session, 'PING')).toBe(Flag.output)
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
