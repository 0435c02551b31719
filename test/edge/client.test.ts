// The project's own client over a WebSocket to the edge, through what happens to its sockets; and signed tokens.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../host/client/index.ts'
import { signToken } from '../../host/core/token.ts'
import { pause, RespSocket, TOKEN, World } from './support/world.ts'

const KEY = 'k'.repeat(32)

let world: World
let socketUrl: string

beforeAll(async () => {
  world = await World.start({ bindings: { WADI_TOKEN_KEY: KEY }, entrypoints: { STORE: 'Wadi' } })
  socketUrl = `${world.url.replace('http', 'ws')}/ws`
})
afterAll(() => world.stop())

test('commands, pipelines and messages', async () => {
  const db = await connect(socketUrl, { token: TOKEN })
  expect(await db.set('greeting', 'hello', { ex: 60 })).toBe('OK')
  const all = await Promise.all([db.get('greeting'), db.incr('n'), db.hset('h', { a: 1 })])
  expect(all).toEqual(['hello', 1, 1])
  const heard: unknown[] = []
  await db.subscribe('news', (message) => heard.push(message))
  const other = await connect(socketUrl, { token: TOKEN })
  await other.publish('news', 'hello')
  await expect.poll(() => heard).toEqual(['hello'])
  db.close()
  other.close()
})

test.each([
  ['one object', {}],
  ['two shards', { WADI_SHARDS: '2' }],
])(
  'a deploy closes all sockets: clients of %s come back and listen again',
  async (_, bindings) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'wadi-edge-'))
    const own = await World.start({ bindings, persistTo: folder })
    try {
      const url = `${own.url.replace('http', 'ws')}/ws`
      const backoff = { firstMs: 20 } as never
      const db = await connect(url, { token: TOKEN, backoff })
      const heard: unknown[] = []
      await db.subscribe('after', (message) => heard.push(message))
      await db.set('kept', 'yes')
      // Who has no such client is cut off, and what it waited for is not taken from others.
      const socket = await own.open()
      void socket.ask('BLPOP', 'jobs', '0')
      const blocked = async (): Promise<string> => String(await own.rest('INFO', 'clients'))
      await expect.poll(blocked).toContain('blocked_clients:1')
      await own.deploy('2')
      await socket.closed
      await expect.poll(() => db.get('kept'), { timeout: 10_000 }).toBe('yes')
      await expect.poll(() => own.rest('PUBLISH', 'after', 'it'), { timeout: 10_000 }).toBe(1)
      await expect.poll(() => heard).toEqual(['it'])
      expect(await blocked()).toContain('blocked_clients:0')
      await own.rest('RPUSH', 'jobs', 'job')
      expect(await own.rest('LLEN', 'jobs')).toBe(1)
      db.close()
    } finally {
      await own.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  },
  60_000,
)

test('a signed token grants what it says, over a WebSocket and over REST', async () => {
  const token = await signToken(KEY, {
    acl: '~cart:* +@read +set +@connection',
    expiresIn: 60,
    name: 'guest',
  })
  const db = await connect(socketUrl, { token })
  expect(await db.set('cart:1', 'x')).toBe('OK')
  await expect(db.set('other', 'x')).rejects.toThrow(/NOPERM/)
  db.close()
  const headers = { authorization: `Bearer ${token}` }
  expect((await world.post('/', ['GET', 'cart:1'], headers)).status).toBe(200)
  expect((await world.post('/', ['GET', 'other'], headers)).status).toBe(400)
  const forged = `${token.slice(0, -4)}AAAA`
  expect(
    (await world.post('/', ['GET', 'cart:1'], { authorization: `Bearer ${forged}` })).status,
  ).toBe(401)
})

test('a token for a user who is not there opens nothing', async () => {
  const token = await signToken(KEY, { user: 'nobody', expiresIn: 60 })
  const socket = new RespSocket(socketUrl, { authorization: `Bearer ${token}` })
  await expect(socket.opened).rejects.toThrow(/403/)
  expect((await world.post('/', ['PING'], { authorization: `Bearer ${token}` })).status).toBe(403)
})

test('a login ends with its token, on a live socket too', async () => {
  const token = await signToken(KEY, { user: 'default', expiresIn: 2 })
  const socket = new RespSocket(socketUrl, { authorization: `Bearer ${token}` })
  await socket.opened
  expect(await socket.ask('PING')).toBe('PONG')
  await pause(2200)
  socket.send('*1\r\n$4\r\nPING\r\n')
  await socket.closed
  expect(socket.unread).toBe(0)
  expect((await world.post('/', ['PING'], { authorization: `Bearer ${token}` })).status).toBe(401)
})

test('code of the deployment calls a store, with every command as a method or over a binding', async () => {
  const response = await world.request('/lab/inside?name=inside')
  expect(await response.json()).toEqual([
    'OK',
    2,
    { a: '1', b: '2' },
    'v',
    [1, 2],
    'WRONGTYPE Operation against a key holding the wrong kind of value',
    'ERR empty command',
    'ERR the session was closed',
    'v',
    'v',
  ])
})

test('metrics are there for those with a token', async () => {
  const response = await world.request('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  const text = await response.text()
  expect(text).toMatch(/^redis_up 1$/m)
  expect(text).toMatch(/redis_memory_used_bytes/)
  expect((await fetch(`${world.url}/metrics`)).status).toBe(401)
})
