// What a connection is beyond single answers, in a store of four shards: transactions, tracking, waits, messages, CLIENT,
// and commands that are about the whole store.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Redis } from 'ioredis'
import type { Reply } from '../../host/core/decode.ts'
import { ReplyError } from '../../host/core/errors.ts'
import { shardOf, slotOf } from '../../edge/shards/slots.ts'
import { redisMissing } from '../support/redis.ts'
import { startCluster } from './support/cluster.ts'
import { type RespSocket, textOf, TOKEN, World } from './support/world.ts'

const SHARDS = 4

let world: World

beforeAll(async () => {
  world = await World.start({
    bindings: { WADI_SHARDS: String(SHARDS), WADI_READONLY_TOKEN: 'a-reader' },
  })
})
afterAll(() => world.stop())

const open = (name: string): Promise<RespSocket> => world.open(`/db/${name}/ws`)

/** A connection that speaks RESP3. */
async function open3(name: string): Promise<RespSocket> {
  const socket = await open(name)
  await socket.ask('HELLO', '3')
  return socket
}

async function rest(name: string, ...command: unknown[]): Promise<unknown> {
  const { result, error } = (await (await world.post(`/db/${name}`, command)).json()) as {
    result?: unknown
    error?: string
  }
  return error ?? result
}

const shard = (key: string): number =>
  shardOf(slotOf(new TextEncoder().encode(key)), { epoch: 1, shards: SHARDS })

/** A key on each shard. */
const KEYS = Array.from({ length: SHARDS }, (_, want) => {
  for (let i = 0; ; i++) if (shard(`k${i}`) === want) return `k${i}`
})

/** Lets a shard lose its memory. */
async function die(name: string, number: number): Promise<void> {
  const object = number === 0 ? name : `${name}/shard/${number}`
  await world.faults({ writesLeft: 0 }, object)
  await rest(name, 'SET', KEYS[number], 'last breath')
  await world.faults({}, object)
}

const plain = (reply: Reply): unknown =>
  reply instanceof ReplyError
    ? reply.message
    : Array.isArray(reply)
      ? reply.map((item) => plain(item))
      : reply

describe('transactions', () => {
  const missing = redisMissing()

  /** Commands, one after the other, on one connection. */
  const talks: Record<string, string[][]> = {
    'an unknown command': [['MULTI'], ['NOSUCH', 'a'], ['SET', 'k', 'v'], ['EXEC'], ['GET', 'k']],
    'too few arguments': [['MULTI'], ['SET', 'k'], ['EXEC']],
    'an unknown subcommand': [['MULTI'], ['OBJECT', 'NOSUCH', 'k'], ['EXEC']],
    'WATCH inside': [['MULTI'], ['WATCH', 'k'], ['SET', 'k', '1'], ['EXEC'], ['GET', 'k']],
    'MULTI inside': [['MULTI'], ['MULTI'], ['SET', 'k', '2'], ['EXEC'], ['GET', 'k']],
    'several slots in one': [
      ['MULTI'],
      ['MSET', 'k', '1', 'x', '2'],
      ['EXEC'],
      ['MULTI'],
      ['DISCARD'],
    ],
    'several slots at the end': [['MULTI'], ['SET', 'k', '1'], ['SET', 'x', '1'], ['EXEC']],
    'an error while it runs': [
      ['MULTI'],
      ['SET', '{k}s', 'x'],
      ['LPUSH', '{k}s', 'y'],
      ['INCR', '{k}n'],
      ['EXEC'],
    ],
    'ping and echo': [['MULTI'], ['PING'], ['ECHO', 'x'], ['PING', 'y'], ['EXEC']],
    'nothing in it': [['MULTI'], ['EXEC'], ['EXEC'], ['DISCARD']],
    'given up': [['MULTI'], ['SET', 'k', 'never'], ['DISCARD'], ['GET', 'k']],
    'arguments too many': [
      ['MULTI', 'x'],
      ['EXEC', 'x'],
      ['DISCARD', 'x'],
      ['UNWATCH', 'x'],
      ['WATCH'],
    ],
    'watched and changed by oneself': [
      ['WATCH', 'k'],
      ['SET', 'k', '1'],
      ['MULTI'],
      ['SET', 'k', '2'],
      ['EXEC'],
      ['GET', 'k'],
    ],
    'watched and forgotten': [
      ['WATCH', 'k'],
      ['SET', 'k', '3'],
      ['UNWATCH'],
      ['MULTI'],
      ['GET', 'k'],
      ['EXEC'],
    ],
    'SORT by what is elsewhere': [
      ['RPUSH', 'l', '2', '1'],
      ['SORT', 'l', 'BY', 'w_*'],
      ['SORT', 'l', 'GET', 'x_*'],
      ['SORT', 'l', 'BY', 'nosort'],
      ['SORT', 'l', 'DESC'],
    ],
  }

  test.skipIf(missing)(
    `are what they are in redis-server's cluster mode${missing ? `: ${missing}` : ''}`,
    { timeout: 60_000 },
    async () => {
      const server = await startCluster()
      const redis = new Redis({ port: server.port })
      try {
        for (const [name, commands] of Object.entries(talks)) {
          await redis.call('FLUSHALL')
          await rest('talks', 'FLUSHALL')
          const client = redis.duplicate()
          const expected: unknown[] = []
          for (const [command, ...args] of commands)
            expected.push(
              await client.call(command!, ...args).then(
                (value) => errorsAsText(value),
                (error: Error) => error.message,
              ),
            )
          client.disconnect()
          const apart = await open('talks')
          const replies: unknown[] = []
          for (const command of commands) replies.push(plain(await apart.ask(...command)))
          expect({ name, replies }).toEqual({ name, replies: expected })
          // The same in one frame, after the same beginning.
          await rest('talks', 'FLUSHALL')
          const socket = await open('talks')
          const together = await socket.askAll(commands)
          expect({ name, replies: together.map(plain) }).toEqual({ name, replies: expected })
          apart.close()
          socket.close()
        }
      } finally {
        redis.disconnect()
        await server.stop()
      }
    },
  )

  test('a command that the user may not run aborts it when it is queued', async () => {
    await rest('rights', 'ACL', 'SETUSER', 'bob', 'on', '>pw', '~*', '+get', '+@transaction')
    const socket = await open('rights')
    await socket.ask('AUTH', 'bob', 'pw')
    await socket.ask('MULTI')
    expect(textOf(await socket.ask('SET', 'k', 'v'))).toMatch(/^NOPERM/)
    expect(textOf(await socket.ask('EXEC'))).toMatch(/^EXECABORT/)
    await rest('rights', 'ACL', 'SETUSER', 'bob', '-multi', '+set')
    expect(textOf(await socket.ask('MULTI'))).toMatch(/^NOPERM/)
  })

  test('a command of all shards is not for it', async () => {
    const socket = await open('wide')
    await socket.ask('MULTI')
    expect(textOf(await socket.ask('DBSIZE'))).toBe(
      "ERR 'dbsize' of several shards is not allowed inside a transaction",
    )
    expect(textOf(await socket.ask('EXEC'))).toMatch(/^EXECABORT/)
  })

  test('SELECT inside holds once it was carried out', async () => {
    const socket = await open('select')
    await socket.ask('MULTI')
    await socket.ask('SELECT', '3')
    await socket.ask('SET', 'k', 'three')
    expect(await socket.ask('EXEC')).toEqual(['OK', 'OK'])
    expect(await socket.ask('GET', 'k')).toBe('three')
    await socket.ask('SELECT', '0')
    expect(await socket.ask('GET', 'k')).toBe(null)
  })

  test('WATCH holds beside tracking, whose session on the shard is the same', async () => {
    const socket = await open3('both')
    await socket.ask('CLIENT', 'TRACKING', 'ON', 'NOLOOP')
    // The last one is of the first shard, which is asked whether MULTI is allowed.
    for (const key of [...KEYS].reverse()) {
      await socket.ask('WATCH', key)
      await rest('both', 'SET', key, 'theirs')
      await socket.ask('MULTI')
      expect(await socket.ask('SET', key, 'mine')).toBe('QUEUED')
      expect(await socket.ask('EXEC')).toBe(null)
      expect(await rest('both', 'GET', key)).toBe('theirs')
    }
  })

  test('WATCH is lost with the memory of its shard, and EXEC fails', async () => {
    const socket = await open('watch')
    await socket.ask('WATCH', KEYS[2]!)
    await die('watch', 2)
    await socket.ask('MULTI')
    await socket.ask('SET', KEYS[2]!, 'mine')
    expect(await socket.ask('EXEC')).toBe(null)
    expect(await rest('watch', 'GET', KEYS[2])).toBe(null)
  })
})

/** Errors inside a reply of ioredis as their text. */
function errorsAsText(value: unknown): unknown {
  if (value instanceof Error) return value.message
  return Array.isArray(value) ? value.map((item) => errorsAsText(item)) : value
}

describe('tracking', () => {
  test('whoever read a key hears once that it changed, from any shard', async () => {
    const socket = await open3('track')
    expect(await socket.ask('CLIENT', 'TRACKING', 'ON')).toBe('OK')
    for (const key of KEYS) await socket.ask('GET', key)
    for (const key of KEYS) {
      await rest('track', 'SET', key, 'x')
      await rest('track', 'SET', key, 'y')
      expect(await socket.next()).toEqual(['invalidate', [key]])
    }
    expect(await socket.ask('MGET', ...KEYS)).toEqual(['y', 'y', 'y', 'y'])
    await rest('track', 'DEL', KEYS[1])
    expect(await socket.next()).toEqual(['invalidate', [KEYS[1]]])
    // Its own writes come behind the reply.
    expect(await socket.ask('SET', KEYS[2]!, 'z')).toBe('OK')
    expect(await socket.next()).toEqual(['invalidate', [KEYS[2]]])
    expect(await socket.ask('CLIENT', 'GETREDIR')).toBe(0)
    expect(await socket.ask('CLIENT', 'TRACKING', 'OFF')).toBe('OK')
    expect(await socket.ask('CLIENT', 'GETREDIR')).toBe(-1)
    await socket.ask('GET', KEYS[0]!)
    await rest('track', 'SET', KEYS[0], 'x')
    expect(await socket.ask('ECHO', 'nothing came')).toBe('nothing came')
  })

  test('BCAST hears of a prefix, NOLOOP not of oneself', async () => {
    const socket = await open3('bcast')
    const on = ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'user:', 'NOLOOP']
    expect(await socket.ask(...on)).toBe('OK')
    await socket.ask('SET', 'user:mine', '1')
    await rest('bcast', 'SET', 'other', '1')
    await rest('bcast', 'SET', 'user:theirs', '1')
    expect(await socket.next()).toEqual(['invalidate', ['user:theirs']])
  })

  test('OPTIN hears of what it said it caches', async () => {
    const socket = await open3('optin')
    expect(textOf(await socket.ask('CLIENT', 'CACHING', 'YES'))).toMatch(/^ERR CLIENT CACHING can/)
    await socket.ask('CLIENT', 'TRACKING', 'ON', 'OPTIN')
    expect(await socket.ask('CLIENT', 'CACHING', 'YES')).toBe('OK')
    await socket.ask('MGET', ...KEYS)
    await socket.ask('GET', 'not-cached')
    await rest('optin', 'SET', 'not-cached', '1')
    await rest('optin', 'SET', KEYS[3], '1')
    expect(await socket.next()).toEqual(['invalidate', [KEYS[3]]])
    expect(await socket.ask('CLIENT', 'CACHING', 'YES')).toBe('OK')
    await socket.ask('MULTI')
    await socket.ask('GET', KEYS[1]!)
    await socket.ask('EXEC')
    await rest('optin', 'SET', KEYS[1], '1')
    expect(await socket.next()).toEqual(['invalidate', [KEYS[1]]])
    expect(textOf(await socket.ask('CLIENT', 'CACHING', 'NO'))).toMatch(/OPTOUT mode\.$/)
  })

  test('wrong options change nothing, and a redirection is refused in words', async () => {
    const socket = await open3('options')
    expect(textOf(await socket.ask('CLIENT', 'TRACKING', 'ON', 'OPTIN', 'OPTOUT'))).toMatch(/^ERR /)
    expect(textOf(await socket.ask('CLIENT', 'TRACKING', 'ON', 'REDIRECT', '5'))).toMatch(/RESP3/)
    expect(textOf(await socket.ask('CLIENT', 'TRACKING', 'perhaps'))).toBe('ERR syntax error')
    expect(await socket.ask('CLIENT', 'GETREDIR')).toBe(-1)
  })

  test('a shard that lost its memory says that all is to be forgotten', async () => {
    const socket = await open3('forget')
    await socket.ask('CLIENT', 'TRACKING', 'ON')
    await socket.ask('GET', KEYS[1]!)
    await die('forget', 1)
    await rest('forget', 'GET', KEYS[1])
    expect(await socket.next()).toEqual(['invalidate', null])
  })
})

describe('calls that wait', () => {
  test('what follows in the connection waits behind them', async () => {
    const socket = await open('behind')
    const replies = socket.askAll([
      ['SET', KEYS[0]!, 'before'],
      ['BLPOP', KEYS[1]!, '0'],
      ['SET', KEYS[0]!, 'after'],
    ])
    const last = socket.ask('ECHO', 'end')
    await expect.poll(() => rest('behind', 'GET', KEYS[0])).toBe('before')
    expect(await rest('behind', 'INFO', 'clients')).toContain('blocked_clients:1')
    await rest('behind', 'RPUSH', KEYS[1], 'job')
    expect(await replies).toEqual(['OK', [KEYS[1], 'job'], 'OK'])
    expect(await last).toBe('end')
    expect(await rest('behind', 'GET', KEYS[0])).toBe('after')
  })

  test('they end with their time', async () => {
    const socket = await open('time')
    expect(await socket.ask('BLPOP', KEYS[2]!, '0.1')).toBe(null)
    expect(await socket.ask('PING')).toBe('PONG')
  })

  test('a client that goes takes nothing', async () => {
    const socket = await open('gone')
    void socket.ask('BLPOP', KEYS[1]!, '0')
    const blocked = () => rest('gone', 'INFO', 'clients')
    await expect.poll(blocked).toContain('blocked_clients:1')
    socket.close()
    await expect.poll(blocked).toContain('blocked_clients:0')
    await rest('gone', 'RPUSH', KEYS[1], 'job')
    expect(await rest('gone', 'LLEN', KEYS[1])).toBe(1)
  })

  test.each([
    [
      ['BLPOP', 'k', '0'],
      ['RPUSH', 'k', 'a', 'b'],
      ['LRANGE', 'k', '0', '-1'],
      ['a', 'b'],
    ],
    [
      ['BRPOP', 'k', '0'],
      ['RPUSH', 'k', 'a', 'b'],
      ['LRANGE', 'k', '0', '-1'],
      ['a', 'b'],
    ],
    [
      ['BLMPOP', '0', '2', 'k', '{k}2', 'LEFT', 'COUNT', '2'],
      ['RPUSH', 'k', 'a', 'b', 'c'],
      ['LRANGE', 'k', '0', '-1'],
      ['a', 'b', 'c'],
    ],
    [
      ['BLMPOP', '0', '1', 'k', 'RIGHT', 'COUNT', '2'],
      ['RPUSH', 'k', 'a', 'b', 'c'],
      ['LRANGE', 'k', '0', '-1'],
      ['a', 'b', 'c'],
    ],
    [
      ['BZPOPMIN', 'k', '0'],
      ['ZADD', 'k', '1.5', 'a', '2', 'b'],
      ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'],
      ['a', '1.5', 'b', '2'],
    ],
    [
      ['BZMPOP', '0', '1', 'k', 'MAX', 'COUNT', '2'],
      ['ZADD', 'k', '1.5', 'a', '2', 'b'],
      ['ZRANGE', 'k', '0', '-1', 'WITHSCORES'],
      ['a', '1.5', 'b', '2'],
    ],
    [
      ['BLMOVE', 'k', '{k}2', 'LEFT', 'LEFT', '0'],
      ['RPUSH', 'k', 'a'],
      ['LRANGE', '{k}2', '0', '-1'],
      ['a'],
    ],
  ])('what %j took for a client whose gateway is gone is back', async (wait, feed, look, all) => {
    for (const protocol of wait[0]!.startsWith('BZ') ? ['2', '3'] : ['2']) {
      const name = `back-${wait.join('-').replace(/\W/g, '')}-${protocol}`
      const socket = await open(name)
      await socket.ask('HELLO', protocol)
      void socket.ask(...wait)
      await expect.poll(() => rest(name, 'INFO', 'clients')).toContain('blocked_clients:1')
      await world.request(`/lab/gateways?name=${name}&shards=${SHARDS}&die`)
      await socket.closed
      await rest(name, ...feed)
      await expect.poll(() => rest(name, ...look)).toEqual(all)
      expect(await rest(name, 'INFO', 'clients')).toContain('blocked_clients:0')
    }
  })

  test('it is back in its database, for the next that waits, whatever the shard forgot', async () => {
    const first = await open('next')
    await first.ask('SELECT', '3')
    void first.ask('BLPOP', 'k', '0')
    await expect.poll(() => rest('next', 'INFO', 'clients')).toContain('blocked_clients:1')
    await die('next', shard('k'))
    await world.request(`/lab/gateways?name=next&shards=${SHARDS}&die`)
    await first.closed
    const script = `redis.call('SELECT', 3) return redis.call('RPUSH', KEYS[1], 'a')`
    expect(await rest('next', 'EVAL', script, '1', 'k')).toBe(1)
    const second = await open('next')
    await second.ask('SELECT', '3')
    expect(await second.ask('BLPOP', 'k', '5')).toEqual(['k', 'a'])
  })

  test('they outlive the memory of their shard, in their order', async () => {
    const first = await open('order')
    const one = first.ask('BLPOP', KEYS[1]!, '0')
    await expect.poll(() => rest('order', 'INFO', 'clients')).toContain('blocked_clients:1')
    const second = await open('order')
    const two = second.ask('BLPOP', KEYS[1]!, '0')
    await expect.poll(() => rest('order', 'INFO', 'clients')).toContain('blocked_clients:2')
    await die('order', 1)
    await rest('order', 'RPUSH', KEYS[1], 'a', 'b')
    expect(await one).toEqual([KEYS[1], 'a'])
    expect(await two).toEqual([KEYS[1], 'b'])
    expect(await first.ask('PING')).toBe('PONG')
  })
})

describe('messages', () => {
  test('subscriptions outlive the memory of their shard', async () => {
    const socket = await open3('messages')
    expect(await socket.ask('SUBSCRIBE', ...KEYS)).toEqual(['subscribe', KEYS[0], 1])
    for (const [i, key] of KEYS.slice(1).entries())
      expect(await socket.next()).toEqual(['subscribe', key, i + 2])
    expect(await socket.ask('PSUBSCRIBE', 'news*')).toEqual(['psubscribe', 'news*', 5])
    await die('messages', 1)
    expect(await rest('messages', 'PUBLISH', KEYS[1], 'still')).toBe(1)
    expect(await socket.next()).toEqual(['message', KEYS[1], 'still'])
    expect((await rest('messages', 'PUBSUB', 'CHANNELS')) as string[]).toEqual(
      expect.arrayContaining(KEYS),
    )
    expect(await rest('messages', 'PUBSUB', 'NUMPAT')).toBe(1)
    expect(await socket.ask('UNSUBSCRIBE', KEYS[1]!)).toEqual(['unsubscribe', KEYS[1], 4])
    expect(await rest('messages', 'PUBLISH', KEYS[1], 'nobody')).toBe(0)
    // In RESP3 a subscriber may do anything else.
    expect(await socket.ask('SET', 'k', 'v')).toBe('OK')
  })

  test('keyspace events come from all shards, and a channel is listed once', async () => {
    const socket = await open('events')
    await rest('events', 'CONFIG', 'SET', 'notify-keyspace-events', 'KEA')
    await socket.ask('SUBSCRIBE', '__keyevent@0__:set')
    for (const key of KEYS) {
      await rest('events', 'SET', key, '1')
      expect(await socket.next()).toEqual(['message', '__keyevent@0__:set', key])
    }
    expect(await rest('events', 'PUBSUB', 'CHANNELS')).toEqual(['__keyevent@0__:set'])
  })

  test('shard channels, and channels that the user may not hear', async () => {
    const socket = await open('shardchannels')
    expect(await socket.ask('SSUBSCRIBE', KEYS[2]!)).toEqual(['ssubscribe', KEYS[2], 1])
    expect(await rest('shardchannels', 'SPUBLISH', KEYS[2], 'hi')).toBe(1)
    expect(await socket.next()).toEqual(['smessage', KEYS[2], 'hi'])
    await rest(
      'shardchannels',
      'ACL',
      'SETUSER',
      'eve',
      'on',
      '>pw',
      '+@all',
      'resetchannels',
      '&a*',
    )
    const eve = await open('shardchannels')
    await eve.ask('AUTH', 'eve', 'pw')
    expect(textOf(await eve.ask('SUBSCRIBE', 'a', 'b'))).toMatch(/^NOPERM/)
    expect(await eve.ask('SUBSCRIBE', 'a')).toEqual(['subscribe', 'a', 1])
    await rest('shardchannels', 'ACL', 'SETUSER', 'eve', 'resetchannels')
    await eve.closed
  })

  test('server-sent events of any channel and pattern', async () => {
    const listener = new AbortController()
    const response = await world.request('/db/sse/psubscribe/n*', { signal: listener.signal })
    const reader = response.body!.getReader()
    const text = async () => new TextDecoder().decode((await reader.read()).value)
    expect(await text()).toBe('data: psubscribe,n*,1\n\n')
    await rest('sse', 'PUBLISH', 'news', 'hello')
    expect(await text()).toBe('data: pmessage,n*,news,hello\n\n')
    listener.abort()
    // With the next message it is seen that nobody listens.
    await expect.poll(() => rest('sse', 'PUBLISH', 'news', 'again'), { timeout: 5000 }).toBe(0)
  })
})

describe('CLIENT', () => {
  test('knows all connections of the store, wherever they end', async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, () => open('clients')))
    const ids = (await Promise.all(sockets.map((socket) => socket.ask('CLIENT', 'ID')))) as number[]
    expect(new Set(ids).size).toBe(6)
    await sockets[0]!.ask('CLIENT', 'SETNAME', 'ada')
    await sockets[0]!.ask('CLIENT', 'SETINFO', 'LIB-NAME', 'abacus')
    await sockets[1]!.ask('SUBSCRIBE', 'c')
    const list = textOf(await sockets[0]!.ask('CLIENT', 'LIST'))
      .trimEnd()
      .split('\n')
    expect(new Set(list.map((line) => Number(/^id=(\d+) /.exec(line)![1])))).toEqual(new Set(ids))
    const own = list.find((line) => line.startsWith(`id=${ids[0]} `))!
    expect(own).toMatch(
      / name=ada .* flags=N db=0 .* cmd=client\|list user=default .* lib-name=abacus /,
    )
    expect(textOf(await sockets[0]!.ask('CLIENT', 'INFO'))).toMatch(/ cmd=client\|info user=/)
    const pubsub = textOf(await sockets[0]!.ask('CLIENT', 'LIST', 'TYPE', 'pubsub'))
    expect(pubsub).toMatch(new RegExp(`^id=${ids[1]} .* flags=P .* sub=1 psub=0`))
    expect(await sockets[0]!.ask('CLIENT', 'KILL', 'ID', ids[2]!)).toBe(1)
    await sockets[2]!.closed
    expect(await sockets[0]!.ask('CLIENT', 'KILL', 'TYPE', 'normal')).toBe(3)
    expect(await sockets[0]!.ask('CLIENT', 'GETNAME')).toBe('ada')
    expect(textOf(await sockets[0]!.ask('CLIENT', 'SETNAME', 'a b'))).toMatch(
      /cannot contain spaces/,
    )
    expect(textOf(await sockets[0]!.ask('CLIENT', 'NOSUCH'))).toMatch(/^ERR unknown subcommand/)
    expect(await rest('clients', 'CLIENT', 'LIST')).toMatch(/name=ada/)
  })

  test('HELLO tells the number of the connection', async () => {
    const socket = await open('hello')
    const hello = (await socket.ask('HELLO', '3', 'SETNAME', 'me')) as unknown as { id: number }
    expect(hello).toMatchObject({ server: 'redis', proto: 3, id: await socket.ask('CLIENT', 'ID') })
    expect(await socket.ask('CLIENT', 'GETNAME')).toBe('me')
    expect(textOf(await socket.ask('HELLO', '4'))).toMatch(/^NOPROTO/)
  })

  test('REPLY', async () => {
    const socket = await open('reply')
    const replies = socket.askAll(
      [
        ['CLIENT', 'REPLY', 'SKIP'],
        ['SET', 'a', '1'],
        ['GET', 'a'],
        ['CLIENT', 'REPLY', 'OFF'],
        ['SET', 'b', '2'],
        ['CLIENT', 'REPLY', 'ON'],
        ['GET', 'b'],
      ],
      3,
    )
    expect(await replies).toEqual(['1', 'OK', '2'])
  })

  test('a token that reads ends nobody', async () => {
    const socket = await world.open('/db/readers/ws', { authorization: 'Bearer a-reader' })
    expect(textOf(await socket.ask('CLIENT', 'KILL', 'TYPE', 'normal'))).toMatch(/^NOPERM/)
    expect(textOf(await socket.ask('CLIENT', 'LIST'))).toMatch(/^NOPERM/)
    expect(textOf(await socket.ask('CLIENT', 'PAUSE', '1'))).toMatch(/^NOPERM/)
  })

  test('MONITOR says why it is not there', async () => {
    const socket = await open('monitor')
    expect(textOf(await socket.ask('MONITOR'))).toMatch(/not there in a store of several shards/)
  })

  test('PAUSE stops all shards, until UNPAUSE or its end', async () => {
    const socket = await open('pause')
    // No shard's pause begins before this; clocks tell whole milliseconds.
    const before = Date.now()
    await socket.ask('CLIENT', 'PAUSE', '300', 'WRITE')
    expect(await rest('pause', 'SET', KEYS[3], '1')).toBe('OK')
    expect(Date.now() - before).toBeGreaterThanOrEqual(298)
  })
})

describe('commands about the whole store', () => {
  test('INFO adds up what its shards say', async () => {
    for (const key of KEYS) {
      await rest('info', 'SET', key, 'x'.repeat(1000))
      await rest('info', 'GET', key)
    }
    await rest('info', 'EXPIRE', KEYS[0], '100')
    await rest('info', 'NOSUCH')
    const info = (await rest('info', 'INFO')) as string
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)?.[1])
    expect(info).toMatch(/^db0:keys=4,expires=1,avg_ttl=\d+\r$/m)
    expect(field('keyspace_hits')).toBe(4)
    expect(field('maxmemory')).toBe(SHARDS * 32 * 1024 * 1024)
    expect(field('used_memory')).toBeGreaterThan(SHARDS * 100_000)
    expect(info).toContain(`used_memory_human:${(field('used_memory') / 1048576).toFixed(2)}M`)
    expect(info).toMatch(/^redis_version:\d/m)
    expect(info).toMatch(/^maxmemory_policy:noeviction\r$/m)
    expect(info).toMatch(/^# Shards\r\nshard0:keys=1,used_memory=\d+,log_bytes=\d+\r\nshard1:/m)
    const stats = (await rest('info', 'INFO', 'commandstats')) as string
    expect(stats).toMatch(/^cmdstat_set:calls=4,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0/m)
    expect(await rest('info', 'INFO', 'errorstats')).toContain('errorstat_ERR:count=1')
    const socket = await open3('info')
    expect(textOf(await socket.ask('INFO', 'keyspace'))).toMatch(/^# Keyspace\r\ndb0:keys=4,/)
    const response = await world.request('/db/info/metrics')
    expect(await response.text()).toMatch(/^redis_db_keys\{db="db0"\} 4$/m)
  })

  test('DBSIZE, MEMORY, SLOWLOG, LATENCY, ACL LOG', async () => {
    const socket = await open('whole')
    await socket.ask('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
    for (const key of KEYS) await socket.ask('SET', key, '1')
    expect(await socket.ask('DBSIZE')).toBe(4)
    const memory = (await socket.ask('MEMORY', 'STATS')) as unknown[]
    expect(memory[memory.indexOf('keys.count') + 1]).toBe(4)
    const slow = (await socket.ask('SLOWLOG', 'GET', '-1')) as unknown[][]
    const sets = slow.map((entry) => (entry[3] as string[]).join(' '))
    for (const key of KEYS) expect(sets).toContain(`SET ${key} 1`)
    expect(((await socket.ask('SLOWLOG', 'GET', '2')) as unknown[]).length).toBe(2)
    expect(await socket.ask('SLOWLOG', 'LEN')).toBeGreaterThanOrEqual(4)
    expect(await socket.ask('SLOWLOG', 'RESET')).toBe('OK')
    expect(await socket.ask('LATENCY', 'RESET')).toBe(0)
    expect(await socket.ask('ACL', 'LOG', 'RESET')).toBe('OK')
    await rest('whole', 'ACL', 'SETUSER', 'ann', 'on', '>pw', '~*', '+get')
    const ann = await open('whole')
    await ann.ask('AUTH', 'ann', 'pw')
    for (const key of KEYS) await ann.ask('SET', key, '1')
    expect(((await socket.ask('ACL', 'LOG')) as unknown[]).length).toBe(4)
    expect(((await socket.ask('ACL', 'LOG', '3')) as unknown[]).length).toBe(3)
  })

  test('RANDOMKEY finds any key', async () => {
    const socket = await open('randomkey')
    expect(await socket.ask('RANDOMKEY')).toBe(null)
    await socket.askAll(KEYS.map((key) => ['SET', key, '1']))
    const found = new Set(await socket.askAll(Array.from({ length: 200 }, () => ['RANDOMKEY'])))
    expect(found).toEqual(new Set(KEYS))
  })

  test('SCAN with MATCH, TYPE and COUNT, and KEYS, find each key once', async () => {
    const socket = await open('scan')
    const strings = Array.from({ length: 60 }, (_, i) => `s:${i}`)
    await socket.askAll(strings.map((key) => ['SET', key, '1']))
    await socket.askAll(strings.map((key) => ['SADD', key.replace('s', 'set'), '1']))
    const walk = async (...options: string[]): Promise<string[]> => {
      const found: string[] = []
      let cursor = '0'
      do {
        const [next, keys] = (await socket.ask('SCAN', cursor, ...options)) as [string, string[]]
        found.push(...keys)
        cursor = next
      } while (cursor !== '0')
      return found.sort()
    }
    expect(await walk('COUNT', '7')).toHaveLength(120)
    expect(await walk('MATCH', 's:*')).toEqual([...strings].sort())
    expect(await walk('TYPE', 'set', 'COUNT', '1000')).toHaveLength(60)
    expect(textOf(await socket.ask('SCAN'))).toMatch(/wrong number of arguments for 'scan'/)
    expect(textOf(await socket.ask('SCAN', 'x'))).toBe('ERR invalid cursor')
    expect(((await socket.ask('KEYS', 's:*')) as string[]).sort()).toEqual([...strings].sort())
    expect(await socket.ask('FLUSHALL')).toBe('OK')
    expect(await socket.ask('DBSIZE')).toBe(0)
  })

  test('scripts, functions, users and settings are on every shard, and outlive its memory', async () => {
    const socket = await open('everywhere')
    const sha = textOf(await socket.ask('SCRIPT', 'LOAD', "return redis.call('SET', KEYS[1], 'x')"))
    const library =
      "#!lua name=lib\nredis.register_function('put', function(keys, args) return redis.call('SET', keys[1], args[1]) end)"
    expect(await socket.ask('FUNCTION', 'LOAD', library)).toBe('lib')
    expect(textOf(await socket.ask('FUNCTION', 'LOAD', library))).toMatch(/^ERR Library/)
    await socket.ask('ACL', 'SETUSER', 'zoe', 'on', '>pw', '~*', '+get')
    await socket.ask('CONFIG', 'SET', 'hash-max-listpack-entries', '7')
    expect(await socket.ask('SCRIPT', 'EXISTS', sha, 'f'.repeat(40))).toEqual([1, 0])
    for (const key of KEYS) {
      expect(await socket.ask('EVALSHA', sha, '1', key)).toBe('OK')
      expect(await socket.ask('FCALL', 'put', '1', key, 'y')).toBe('OK')
    }
    for (let number = 0; number < SHARDS; number++) await die('everywhere', number)
    const zoe = await open('everywhere')
    expect(await zoe.ask('AUTH', 'zoe', 'pw')).toBe('OK')
    for (const key of KEYS) expect(await zoe.ask('GET', key)).toBe('y')
    for (const key of KEYS) expect(await socket.ask('FCALL', 'put', '1', key, 'z')).toBe('OK')
    const elsewhere = `return redis.pcall('GET', ARGV[1])`
    for (const [i, key] of KEYS.entries())
      expect(textOf(await socket.ask('EVAL', elsewhere, '1', key, KEYS[i - 1] ?? KEYS[3]!))).toBe(
        'ERR Script attempted to access a non local key in a cluster node',
      )
    for (const key of KEYS) {
      const fields = Array.from({ length: 8 }, (_, i) => [`f${i}`, 'v']).flat()
      await socket.ask('HSET', `{${key}}h`, ...fields)
      expect(await socket.ask('OBJECT', 'ENCODING', `{${key}}h`)).toBe('hashtable')
    }
  })
})

test('a store of one object keeps what REST set, too', async () => {
  const single = await World.start()
  try {
    await single.rest('CONFIG', 'SET', 'hash-max-listpack-entries', '9')
    await single.rest('ACL', 'SETUSER', 'zoe', 'on', '>pw', '~*', '+get')
    await single.faults({ writesLeft: 0 })
    await single.post('/', ['SET', 'last', 'breath'])
    await single.faults({})
    expect(await single.rest('CONFIG', 'GET', 'hash-max-listpack-entries')).toEqual([
      'hash-max-listpack-entries',
      '9',
    ])
    expect(await single.rest('ACL', 'USERS')).toContain('zoe')
  } finally {
    await single.stop()
  }
})

test('the token is the only secret, and opens the sharded store', async () => {
  const socket = await world.open('/db/token/ws', {})
  expect(textOf(await socket.ask('CLIENT', 'LIST'))).toMatch(/^NOAUTH/)
  expect(await socket.ask('AUTH', TOKEN)).toBe('OK')
})
