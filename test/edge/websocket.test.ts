// RESP over a WebSocket: framing, who may come in, limits.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeCommand } from '../../host/core/encode.ts'
import { ReplyError } from '../../host/core/errors.ts'
import { Random, seed } from '../support/random.ts'
import { RespSocket, TOKEN, textOf, World } from './support/world.ts'

const READ_TOKEN = 'a-reader'

let world: World

beforeAll(async () => {
  world = await World.start({
    bindings: {
      WADI_TOKEN: `${TOKEN} the-next-token`,
      WADI_READONLY_TOKEN: READ_TOKEN,
      WADI_MAX_FRAME: '1mb',
      WADI_ORIGINS: 'https://app.example',
    },
  })
})
afterAll(() => world.stop())

const subprotocol = (token: string) => `wadi-token.${Buffer.from(token).toString('base64url')}`

const connect = (headers: Record<string, string>, protocols: string[] = []): RespSocket =>
  new RespSocket(`${world.url.replace('http', 'ws')}/ws`, headers, protocols)

/** The status with which an upgrade is refused. */
const refusal = async (socket: RespSocket): Promise<string> =>
  socket.opened.then(
    () => 'opened',
    (error: Error) => error.message,
  )

describe('frames', () => {
  test('a command may come in pieces, and pieces may hold several commands', async () => {
    const random = new Random(seed)
    const socket = await world.open()
    const commands = Array.from({ length: 200 }, (_, i) =>
      encodeCommand(['SET', `cut:${i}`, 'v'.repeat(i)]),
    )
    const bytes = Buffer.concat(commands)
    const replies = commands.map(() => socket.next())
    for (let at = 0; at < bytes.length;) {
      const length = 1 + random.below(700)
      socket.send(bytes.subarray(at, at + length))
      at += length
    }
    expect(new Set(await Promise.all(replies))).toEqual(new Set(['OK']))
    expect(await socket.ask('STRLEN', 'cut:199')).toBe(199)
  })

  test('text frames are read as their UTF-8 bytes', async () => {
    const socket = await world.open()
    socket.send('*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n')
    expect(await socket.next()).toBe('hi')
  })

  test('RESP3 and its pushes', async () => {
    const socket = await world.open()
    expect(await socket.ask('HELLO', '3')).toMatchObject({ proto: 3 })
    await socket.ask('HSET', 'map', 'f', 'v')
    expect(await socket.ask('HGETALL', 'map')).toEqual({ f: 'v' })
    expect(await socket.ask('SUBSCRIBE', 'pushed')).toEqual(['subscribe', 'pushed', 1])
    await world.rest('PUBLISH', 'pushed', 'hello')
    expect(await socket.next()).toEqual(['message', 'pushed', 'hello'])
  })

  test('a large reply comes whole', async () => {
    const socket = await world.open()
    await socket.ask('SETRANGE', 'zeros', 3_000_000, 'x')
    expect(textOf(await socket.ask('GET', 'zeros')).length).toBe(3_000_001)
  })

  test('QUIT closes after its reply', async () => {
    const socket = await world.open()
    expect(await socket.ask('QUIT')).toBe('OK')
    expect(await socket.closed).toBe(1000)
  })

  test('what is no command closes after the error', async () => {
    const socket = await world.open()
    socket.send('*1\r\n$x\r\n')
    expect(await socket.next()).toEqual(new ReplyError('ERR Protocol error: invalid bulk length'))
    expect(await socket.closed).toBe(1000)
  })

  test('a frame over the limit closes with 1009', async () => {
    const socket = await world.open()
    socket.send(new Uint8Array((1 << 20) + 1))
    expect(await socket.closed).toBe(1009)
  })

  test('a client that goes leaves nothing behind', async () => {
    const socket = await world.open()
    await socket.ask('SUBSCRIBE', 'left')
    socket.close()
    await expect.poll(() => world.rest('PUBSUB', 'NUMSUB', 'left')).toEqual(['left', 0])
  })
})

describe('who may come in', () => {
  test('a browser says its token in the first frame', async () => {
    const socket = connect({})
    await socket.opened
    expect(await socket.ask('GET', 'k')).toEqual(new ReplyError('NOAUTH Authentication required.'))
    expect(await socket.ask('AUTH', 'wrong')).toEqual(
      new ReplyError('WRONGPASS invalid username-password pair or user is disabled.'),
    )
    expect(await socket.ask('AUTH', TOKEN)).toBe('OK')
    expect(await socket.ask('SET', 'k', 'v')).toBe('OK')
    socket.terminate()
  })

  test('or as a subprotocol, which is not sent back', async () => {
    const socket = connect({}, ['wadi', subprotocol(TOKEN)])
    await socket.opened
    expect(socket.protocol).toBe('wadi')
    expect(await socket.ask('ACL', 'WHOAMI')).toBe('default')
    socket.terminate()
  })

  test('several tokens are good at a time, so that one can replace another', async () => {
    const socket = connect({ authorization: 'Bearer the-next-token' })
    await socket.opened
    expect(await socket.ask('ACL', 'WHOAMI')).toBe('default')
    socket.terminate()
  })

  test('a wrong token is refused before the object hears of it', async () => {
    expect(await refusal(connect({ authorization: 'Bearer wrong' }))).toContain('401')
    expect(await refusal(connect({}, ['wadi', subprotocol('wrong')]))).toContain('401')
    expect(await refusal(connect({}, ['wadi', 'wadi-token.%%%']))).not.toBe('opened')
  })

  test('a page of another origin is refused, unless it is allowed', async () => {
    const authorization = `Bearer ${TOKEN}`
    expect(await refusal(connect({ authorization, origin: 'https://evil.example' }))).toContain(
      '403',
    )
    const allowed = connect({ authorization, origin: 'https://app.example' })
    expect(await refusal(allowed)).toBe('opened')
    allowed.terminate()
  })

  test.each([
    ['over a WebSocket', { authorization: `Bearer ${READ_TOKEN}` }, undefined],
    ['by AUTH', {}, ['AUTH', 'readonly', READ_TOKEN]],
  ])('a read-only token reads and does not write, %s', async (_where, headers, login) => {
    await world.rest('SET', 'readable', 'v')
    const socket = connect(headers)
    await socket.opened
    if (login) expect(await socket.ask(...login)).toBe('OK')
    expect(await socket.ask('GET', 'readable')).toBe('v')
    for (const command of [
      ['SET', 'k', 'x'],
      ['FLUSHALL'],
      ['CONFIG', 'SET', 'maxmemory', '1'],
      ['PUBLISH', 'c', 'm'],
    ])
      expect(textOf(await socket.ask(...command))).toMatch(/NOPERM/)
    socket.terminate()
  })

  test('a read-only token reads and does not write, over REST', async () => {
    const headers = { authorization: `Bearer ${READ_TOKEN}` }
    expect((await world.post('/', ['GET', 'readable'], headers)).status).toBe(200)
    const refused = await world.post('/', ['SET', 'readable', 'x'], headers)
    expect(refused.status).toBe(400)
    expect(await refused.json()).toEqual({
      error: "NOPERM User readonly has no permissions to run the 'set' command",
    })
  })
})

describe('limits', () => {
  test('requests beyond a token’s rate are told when to come back', async () => {
    const limited = await World.start({ bindings: { WADI_RATE: '5' } })
    try {
      await limited.faults({ heldMs: Date.now() })
      const statuses = await Promise.all(
        Array.from({ length: 15 }, async () => (await limited.post('/', ['PING'])).status),
      )
      expect(statuses.filter((status) => status === 429).length).toBe(5)
      const response = await limited.post('/', ['PING'])
      expect(response.status).toBe(429)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      const socket = await limited.open()
      socket.send(encodeCommand(['PING']))
      expect(await socket.closed).toBe(1008)
      const stream = await limited.request('/subscribe/news')
      expect([stream.status, await stream.text()]).toEqual([
        429,
        '{"error":"ERR too many requests"}',
      ])
    } finally {
      await limited.stop()
    }
  })

  test('a setting that cannot be is told in the log, and to nobody else', async () => {
    let printed = ''
    const print = (text: string): void => void (printed += text)
    const wrong = await World.start({ bindings: { WADI_MAXMEMORY: 'much' }, print })
    try {
      const response = await wrong.post('/', ['PING'])
      expect(response.status).toBe(500)
      expect(await response.json()).toEqual({ error: 'ERR the store failed' })
      await expect.poll(() => printed).toContain('wadi: WADI_MAXMEMORY is no size: much')
      expect((await wrong.request('/subscribe/news')).status).toBe(500)
    } finally {
      await wrong.stop()
    }
  })

  test('a worker without any setting is closed', async () => {
    const closed = await World.start({ bindings: { WADI_TOKEN: '' } })
    try {
      expect((await closed.post('/', ['PING'])).status).toBe(401)
      const socket = new RespSocket(`${closed.url.replace('http', 'ws')}/ws`, {})
      await socket.opened
      expect(textOf(await socket.ask('PING'))).toMatch(/NOAUTH/)
      expect(textOf(await socket.ask('AUTH', ''))).toMatch(/WRONGPASS/)
      socket.terminate()
    } finally {
      await closed.stop()
    }
  })
})
