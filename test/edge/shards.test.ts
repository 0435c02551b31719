// A store of four shards beside one of a single object; cluster.test.ts has it beside redis-server in cluster mode.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ReplyError } from '../../host/core/errors.ts'
import type { Reply } from '../../host/core/decode.ts'
import { slotOf, shardOf } from '../../edge/shards/slots.ts'
import { Random, seed } from '../support/random.ts'
import { RespSocket, textOf, World } from './support/world.ts'

let world: World
let single: World

beforeAll(async () => {
  world = await World.start({ bindings: { WADI_SHARDS: '4' } })
  single = await World.start()
})
afterAll(async () => {
  await world.stop()
  await single.stop()
})

const bytes = (text: string) => new TextEncoder().encode(text)
const map = { epoch: 1, shards: 4 }
const shard = (key: string) => shardOf(slotOf(bytes(key)), map)

test('slots are those of Redis Cluster', () => {
  expect(slotOf(bytes('123456789'))).toBe(0x31c3)
  expect(slotOf(bytes('{user1000}.following'))).toBe(slotOf(bytes('user1000')))
  expect(slotOf(bytes('foo{}{bar}'))).toBe(slotOf(bytes('foo{}{bar}')) % 16384)
  expect(slotOf(bytes('foo{{bar}}zap'))).toBe(slotOf(bytes('{bar')))
  expect(slotOf(bytes(''))).toBe(0)
  expect(new Set(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(shard)).size).toBe(4)
})

const KEYS = Array.from({ length: 24 }, (_, i) => `key:${i}`)

/** A command whose meaning does not depend on where its keys are. */
function randomCommand(random: Random): string[] {
  const key = random.pick(KEYS)
  const other = random.pick(KEYS)
  const value = String(random.below(1000))
  return random.pick([
    ['SET', key, value],
    ['GET', key],
    ['INCRBY', key, value],
    ['APPEND', key, value],
    ['DEL', key, other],
    ['EXISTS', key, other, key],
    ['UNLINK', key, other],
    ['TOUCH', key, other],
    ['MGET', key, other, 'missing', key],
    ['RPUSH', `list:${key}`, value],
    ['LRANGE', `list:${key}`, '0', '-1'],
    ['SADD', `set:${key}`, value],
    ['SCARD', `set:${key}`],
    ['HSET', `hash:${key}`, 'f', value],
    ['HGETALL', `hash:${key}`],
    ['ZADD', `zset:${key}`, value, 'm'],
    ['ZSCORE', `zset:${key}`, 'm'],
    ['DBSIZE'],
    ['TYPE', key],
    ['NOSUCH', key],
    ['GET'],
    ['LPUSH', key, value],
    ['SINTERSTORE', `{${key}}d`, `{${key}}a`, `{${key}}b`],
    ['ECHO', value],
  ])
}

/** Commands on keys of one slot as a transaction, now and then watched, wrong, or given up. */
function randomTransaction(random: Random): string[][] {
  const tag = random.pick(KEYS)
  const key = () => `{${tag}}${random.below(3)}`
  const commands = Array.from({ length: random.below(6) }, () =>
    random.pick([
      ['INCRBY', key(), String(random.below(100))],
      ['SET', key(), 'text'],
      ['GET', key()],
      ['RENAME', key(), key()],
      ['MSET', key(), '1', key(), '2'],
      ['LPUSH', key(), 'x'],
      ['ECHO', 'x'],
      ['WATCH', key()],
      ['MULTI'],
    ]),
  )
  const wrong = random.below(8) === 0 ? [random.pick([['NOSUCH'], ['GET']])] : []
  const watch =
    random.below(3) === 0
      ? [
          ['WATCH', key()],
          ['GET', key()],
        ]
      : []
  const end = random.pick([['EXEC'], ['EXEC'], ['EXEC'], ['DISCARD']])
  return [...watch, ['MULTI'], ...commands, ...wrong, end]
}

describe('random commands', () => {
  test.each([2, 3])('are answered as by one object, in RESP%i', async (protocol) => {
    const random = new Random(seed + protocol)
    const four = await world.open('/db/random/ws')
    const one = await single.open('/db/random/ws')
    for (const socket of [four, one]) {
      await socket.ask('HELLO', protocol)
      await socket.ask('FLUSHALL')
    }
    for (let round = 0; round < 40; round++) {
      const commands = Array.from({ length: 20 }, () =>
        random.below(5) ? [randomCommand(random)] : randomTransaction(random),
      ).flat()
      // One frame for all, or one for each.
      const isWhole = random.below(2) === 0
      const replies = await Promise.all(
        [four, one].map((socket) =>
          isWhole
            ? socket.askAll(commands)
            : Promise.all(commands.map((command) => socket.ask(...command))),
        ),
      )
      expect({ seed, commands, replies: replies[0] }).toEqual({
        seed,
        commands,
        replies: replies[1],
      })
    }
    expect(await walk(four)).toEqual(await walk(one))
    const keys = (reply: Reply) => (reply as string[]).sort()
    expect(keys(await four.ask('KEYS', 'key:*'))).toEqual(keys(await one.ask('KEYS', 'key:*')))
  })

  test('inline commands are read as one object reads them', async () => {
    const lines = [
      'SET k "a b"',
      'GET k',
      '  ECHO   spaced  ',
      'ECHO "\\x41\\n\\t\\q\\"quoted\\""',
      "ECHO 'it\\'s \\n'",
      'ECHO a"b c"',
      'ECHO ""',
      'ECHO \u20ac',
      '',
      'ECHO "unbalanced',
      "ECHO 'a'b",
    ]
    for (const line of lines) {
      const replies = await Promise.all(
        [world, single].map(async (one) => {
          const socket = await one.open('/db/inline/ws')
          const replied = Promise.race([socket.next(), socket.closed])
          socket.send(`${line}\r\nPING\r\n`)
          const first = await replied
          socket.terminate()
          return first instanceof ReplyError ? first.message : first
        }),
      )
      expect({ line, reply: replies[0] }).toEqual({ line, reply: replies[1] })
    }
  })
})

/** All keys, as SCAN gives them. */
async function walk(socket: RespSocket): Promise<string[]> {
  const found: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = (await socket.ask('SCAN', cursor, 'COUNT', '7')) as [string, string[]]
    found.push(...keys)
    cursor = next
  } while (cursor !== '0')
  return found.sort()
}

describe('a session over the shards', () => {
  test('a transaction is of one slot', async () => {
    const socket = await world.open('/db/multi/ws')
    await socket.ask('MULTI')
    expect(await socket.ask('SET', '{a}1', 'x')).toBe('QUEUED')
    expect(await socket.ask('APPEND', '{a}1', 'y')).toBe('QUEUED')
    expect(await socket.ask('EXEC')).toEqual(['OK', 2])
    await socket.ask('MULTI')
    await socket.ask('SET', 'a', '1')
    await socket.ask('SET', 'b', '1')
    expect(textOf(await socket.ask('EXEC'))).toMatch(/CROSSSLOT/)
    expect(await socket.ask('MGET', 'a', 'b')).toEqual([null, null])
    await socket.ask('MULTI')
    expect(textOf(await socket.ask('NOSUCH'))).toMatch(/ERR unknown command/)
    expect(textOf(await socket.ask('EXEC'))).toMatch(/EXECABORT/)
  })

  test('WATCH sees what others change', async () => {
    const socket = await world.open('/db/watch/ws')
    await socket.ask('WATCH', 'w')
    await socket.ask('MULTI')
    await socket.ask('SET', 'w', 'mine')
    await world.post('/db/watch', ['SET', 'w', 'theirs'])
    expect(await socket.ask('EXEC')).toBe(null)
    await socket.ask('WATCH', 'w')
    await socket.ask('MULTI')
    await socket.ask('SET', 'w', 'mine')
    expect(await socket.ask('EXEC')).toEqual(['OK'])
  })

  test('channels are on their shards, patterns on all', async () => {
    const socket = await world.open('/db/pubsub/ws')
    const channels = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const [i, channel] of channels.entries())
      expect(await socket.ask('SUBSCRIBE', channel)).toEqual(['subscribe', channel, i + 1])
    for (const channel of channels) {
      const response = await world.post('/db/pubsub', ['PUBLISH', channel, `to ${channel}`])
      expect(await response.json()).toEqual({ result: 1 })
      expect(await socket.next()).toEqual(['message', channel, `to ${channel}`])
    }
    expect(textOf(await socket.ask('GET', 'k'))).toMatch(/only \(P\|S\)SUBSCRIBE/)
    const listener = await world.open('/db/pubsub/ws')
    expect(await listener.ask('PSUBSCRIBE', '*')).toEqual(['psubscribe', '*', 1])
    await world.post('/db/pubsub', ['PUBLISH', 'x', 'hi'])
    expect(await listener.next()).toEqual(['pmessage', '*', 'x', 'hi'])
    expect(await listener.ask('PUNSUBSCRIBE')).toEqual(['punsubscribe', '*', 0])
    expect(await listener.ask('GET', 'k')).toBe(null)
  })

  test('a wait on one shard does not keep others', async () => {
    const waiter = await world.open('/db/wait/ws')
    const wait = waiter.ask('BLPOP', 'jobs', '5')
    const socket = await world.open('/db/wait/ws')
    await socket.ask('RPUSH', 'jobs', 'job')
    expect(await wait).toEqual(['jobs', 'job'])
  })

  test('REST goes to the shards too', async () => {
    await world.post('/db/rest/pipeline', [
      ['SET', 'a', '1'],
      ['SET', 'b', '2'],
      ['SET', 'c', '3'],
    ])
    expect(await (await world.post('/db/rest', ['MGET', 'a', 'b', 'c', 'd'])).json()).toEqual({
      result: ['1', '2', '3', null],
    })
    const multi = await world.post('/db/rest/multi-exec', [
      ['SET', '{t}a', '1'],
      ['INCR', '{t}a'],
    ])
    expect(await multi.json()).toEqual([{ result: 'OK' }, { result: 2 }])
    const crossed = await world.post('/db/rest/multi-exec', [
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
    ])
    expect([crossed.status, await crossed.json()]).toEqual([
      400,
      { error: "CROSSSLOT Keys in request don't hash to the same slot" },
    ])
  })

  test('a session may say who it is by AUTH', async () => {
    const socket = new RespSocket(`${world.url.replace('http', 'ws')}/db/auth/ws`, {})
    await socket.opened
    expect(textOf(await socket.ask('GET', 'k'))).toMatch(/NOAUTH/)
    expect(textOf(await socket.ask('AUTH', 'wrong'))).toMatch(/WRONGPASS/)
    expect(await socket.ask('AUTH', 'a-secret-token')).toBe('OK')
    await socket.ask('ACL', 'SETUSER', 'eve', 'on', '>pw', '~*', '+get')
    expect(await socket.ask('AUTH', 'eve', 'pw')).toBe('OK')
    expect(textOf(await socket.ask('SET', 'k', 'v'))).toMatch(/NOPERM/)
    expect(await socket.ask('GET', 'k')).toBe(null)
    socket.terminate()
  })
})

test('the number of shards is fixed when a store is created', async () => {
  const local = await World.start({ bindings: { WADI_SHARDS: '4' } })
  try {
    await local.rest('SET', 'k', 'v')
    await expect(
      local.deploy('2', { WADI_SHARDS: '2' }).then(() => local.rest('GET', 'k')),
    ).rejects.toThrow('ERR the store was created with 4 shards, which does not change')
    expect((await local.request('/get/k')).status).toBe(409)
    expect((await local.request('/get/a')).status).toBe(409)
    // The lab's own door asks as a worker with one shard does.
    const response = await local.request('/lab/claim?shards=2')
    expect(await response.text()).toBe(
      'ERR the store was created with 4 shards, which does not change',
    )
  } finally {
    await local.stop()
  }
})
