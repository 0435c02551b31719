// Values at the limits, and over them: what fits is kept, what does not is answered with its reason, and nothing else is
// lost by it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeCommand } from '../../host/core/encode.ts'
import { textOf, World } from './support/world.ts'

const MIB = 1 << 20

/** A command of exactly so many bytes, as RESP. */
function setOf(key: string, size: number): Uint8Array {
  const rest = encodeCommand(['SET', key, 'x'.repeat(size - 100)]).length - (size - 100)
  return encodeCommand(['SET', key, 'x'.repeat(size - rest)])
}

/** The status and the body of an answer. */
async function answerOf(world: World, body: string): Promise<[number, unknown]> {
  const response = await world.request('/', { method: 'POST', body })
  return [response.status, await response.json()]
}

describe.each(['1', '4'])('with %s shards', (shards) => {
  let world: World

  beforeAll(async () => {
    world = await World.start({
      bindings: { WADI_SHARDS: shards, WADI_MAX_BODY: '2mb', WADI_MAX_FRAME: '2mb' },
    })
    await world.rest('SET', 'first', 'kept')
  })
  afterAll(() => world.stop())

  const status = (body: string): Promise<[number, unknown]> => answerOf(world, body)

  test('a body', async () => {
    const body = (size: number): string => {
      const empty = JSON.stringify(['SET', 'body', ''])
      return JSON.stringify(['SET', 'body', 'x'.repeat(size - empty.length)])
    }
    expect(await status(body(2 * MIB))).toEqual([200, { result: 'OK' }])
    expect(await status(body(2 * MIB + 1))).toEqual([
      413,
      { error: 'ERR max request size exceeded' },
    ])
    expect(await world.rest('STRLEN', 'body')).toBe(2 * MIB - '["SET","body",""]'.length)
  })

  test('a frame', async () => {
    const socket = await world.open()
    const reply = socket.next()
    socket.send(setOf('frame', 2 * MIB))
    expect(await reply).toBe('OK')
    socket.send(setOf('frame', 2 * MIB + 1))
    expect(await socket.closed).toBe(1009)
    expect(await world.rest('GETRANGE', 'first', '0', '-1')).toBe('kept')
  })

  test('a value larger than a frame, in several', async () => {
    const socket = await world.open()
    const bytes = setOf('pieces', 5 * MIB)
    const reply = socket.next()
    for (let at = 0; at < bytes.length; at += MIB) socket.send(bytes.subarray(at, at + MIB))
    expect(await reply).toBe('OK')
    expect(await socket.ask('STRLEN', 'pieces')).toBeGreaterThan(5 * MIB - 100)
  })

  test.each([
    ['*1\r\n$536870913\r\n', 'ERR Protocol error: invalid bulk length'],
    ['*2147483648\r\n', 'ERR Protocol error: invalid multibulk length'],
    ['*1\r\n:5\r\n', "ERR Protocol error: expected '$', got ':'"],
  ])('%j is refused with its reason, and the connection ends', async (bytes, error) => {
    const socket = await world.open()
    const reply = socket.next()
    socket.send(bytes)
    expect(textOf(await reply)).toBe(error)
    expect(await socket.closed).toBe(1000)
  })

  test('a string of more than 512 MB', async () => {
    expect(await status('["SETRANGE","far","536870912","x"]')).toEqual([
      400,
      { error: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)' },
    ])
  })

  test('memory that is full: the command is refused, what was there stays', async () => {
    const socket = await world.open('/db/full/ws')
    await socket.ask('CONFIG', 'SET', 'maxmemory', '4mb')
    let kept = 0
    let refusal = ''
    for (let i = 0; i < 40 && !refusal; i++) {
      const reply = textOf(await socket.ask('SET', `{t}${i}`, 'x'.repeat(300_000)))
      if (reply === 'OK') kept++
      else refusal = reply
    }
    expect(refusal).toBe("OOM command not allowed when used memory > 'maxmemory'.")
    expect(kept).toBeGreaterThan(5)
    for (let i = 0; i < kept; i++) expect(await socket.ask('STRLEN', `{t}${i}`)).toBe(300_000)
    // One far larger than all of it.
    expect(textOf(await socket.ask('SETRANGE', '{t}huge', '200000000', 'x'))).toMatch(/^OOM/)
    expect(await socket.ask('DEL', '{t}0')).toBe(1)
    expect(await socket.ask('SET', '{t}x', 'y')).toBe('OK')
  })

  test('replies of more than the 32 MB of one call between objects', async () => {
    const socket = await world.open('/db/replies/ws')
    for (const key of ['{r}a', '{r}b']) await socket.ask('SETRANGE', key, 8 * MIB - 1, 'x')
    const reads = Array.from({ length: 5 }, (_, i) => ['GET', i % 2 ? '{r}a' : '{r}b'])
    if (shards === '4') {
      for (const reply of await socket.askAll(reads)) expect(textOf(reply).length).toBe(8 * MIB)
      return
    }
    const response = await world.post('/db/replies/pipeline', reads)
    expect(response.status).toBe(200)
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(5 * 8 * MIB)
  })
})

test('commands of more than the 32 MB of one call between objects', async () => {
  const world = await World.start({ bindings: { WADI_MAX_BODY: '64mb', WADI_MAXMEMORY: '96mb' } })
  try {
    const set = (size: number): Promise<[number, unknown]> =>
      answerOf(world, JSON.stringify(['SETRANGE', 'k', '0', 'x'.repeat(size)]))
    expect(await set(33 * MIB)).toEqual([413, { error: 'ERR max request size exceeded' }])
    expect(await set(20 * MIB)).toEqual([200, { result: 20 * MIB }])
    expect(await world.rest('STRLEN', 'k')).toBe(20 * MIB)
  } finally {
    await world.stop()
  }
})

test("Cloudflare's rate limit is asked by address, before anything else", async () => {
  const world = await World.start({ rateLimits: { WADI_RATE_LIMITER: 5 } })
  try {
    const from = async (address: string): Promise<number> =>
      (await world.post('/', ['INCR', address], { 'cf-connecting-ip': address })).status
    const statuses: number[] = []
    for (let i = 0; i < 8; i++) statuses.push(await from('203.0.113.1'))
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
    expect(await from('203.0.113.2')).toBe(200)
    const socket = world.open('/ws', { 'cf-connecting-ip': '203.0.113.1' })
    await expect(socket).rejects.toThrow('429')
    const headers = { authorization: 'Bearer wrong', 'cf-connecting-ip': '203.0.113.1' }
    expect((await world.post('/', ['PING'], headers)).status).toBe(429)
  } finally {
    await world.stop()
  }
})
