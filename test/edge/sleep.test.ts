// Sessions over a sleep of the object. workerd lets it sleep ten seconds after its last event: then its constructor runs
// again, and everything that lay in memory is gone.
//
// Up to August 2026 workerd has a fault (its issue 6862): an object that any event reaches while a socket to it is still
// being opened never sleeps, as long as that socket is open. So here each socket is open before anything else is asked.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signToken } from '../../host/core/token.ts'
import { pause, type RespSocket, textOf, World } from './support/world.ts'

/** Sessions are kept within a second of the last event, and ten seconds after that the object sleeps. */
const IDLE_MS = 13_000
/** A wait that ends while all sleep, with seconds to spare. */
const WAIT_S = '15'

let world: World
let before: string
let events: ReadableStreamDefaultReader<Uint8Array>
const requests: Record<string, Promise<unknown>> = {}
let sharded: World
let guest: RespSocket
let sleepersBefore: string[]

/** The instances of all objects of the sharded store; asking wakes them. */
const sleepers = async (): Promise<string[]> => [
  ...((await (await sharded.request('/lab/gateways?shards=2')).json()) as string[]),
  await sharded.instance('default'),
  await sharded.instance('default/shard/1'),
]

/** Sessions over shards. */
const far: Record<string, RespSocket> = {}
/** A key, and a channel, of each shard. */
const KEYS = ['b', 'a']

const sockets: Record<string, RespSocket> = {}
/** More than an attachment holds, and more than a row. */
const big = 'x'.repeat(2_500_000)

const KEY = 'k'.repeat(32)
const expired: { of: World; listener: RespSocket; reader: RespSocket }[] = []

/** All sessions are prepared, the object falls asleep once, and each test looks at one of them. */
beforeAll(async () => {
  world = await World.start({ bindings: { WADI_TOKEN_KEY: KEY } })
  const names = [
    'plain',
    'subscriber',
    'queue',
    'first',
    'second',
    'watcher',
    'tracker',
    'half',
    'soon',
    'monitor',
  ]
  for (const name of names) sockets[name] = await world.open()
  const { plain, subscriber, queue, first, second, watcher, tracker, half, soon, monitor } = sockets
  await plain!.ask('HELLO', '3')
  await plain!.ask('SELECT', '3')
  await plain!.ask('CLIENT', 'SETNAME', 'sleeper')
  await plain!.ask('SET', 'here', '1')
  await subscriber!.ask('SUBSCRIBE', 'news')
  await subscriber!.ask('PSUBSCRIBE', 'w*')
  await queue!.ask('MULTI')
  await queue!.ask('SET', 'big', big)
  await queue!.ask('INCR', 'n')
  await watcher!.ask('WATCH', 'watched')
  await watcher!.ask('MULTI')
  await watcher!.ask('SET', 'watched', 'mine')
  await tracker!.ask('HELLO', '3')
  await tracker!.ask('CLIENT', 'TRACKING', 'ON')
  await tracker!.ask('GET', 'cached')
  half!.send('*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$6\r\nabc')
  await world.rest('CONFIG', 'SET', 'hash-max-listpack-entries', '7')
  first!.send('*3\r\n$5\r\nBLPOP\r\n$5\r\nqueue\r\n$1\r\n0\r\n')
  await world.rest('PING')
  second!.send('*3\r\n$5\r\nBLPOP\r\n$5\r\nqueue\r\n$1\r\n0\r\n')
  await world.rest('XGROUP', 'CREATE', 'stream', 'g', '0', 'MKSTREAM')
  const group = ['XREADGROUP', 'GROUP', 'g', 'me', 'BLOCK', 0, 'NOACK', 'STREAMS', 'stream', '>']
  // A request that waits has a socket of its own to the object, which is open once its command has run.
  await monitor!.ask('MONITOR')
  for (const command of [group, ['BLPOP', 'asked', '0']]) {
    const name = String(command[0])
    requests[name] = world.rest(...command)
    while (!textOf(await monitor!.next()).includes(name)) continue
  }
  // One that took longer than its call, and was answered, keeps nobody awake.
  const { ends } = (await (await world.post('/lab/batch', { commands: [['SAVE']] })).json()) as {
    ends: { ticket: string }[]
  }
  const saved = await world.request(`/lab/late?ticket=${ends[0]!.ticket}`)
  expect(await saved.json()).toBe('+OK\r\n')
  sharded = await World.start({ bindings: { WADI_SHARDS: '2', WADI_TOKEN_KEY: KEY } })
  // Logins that run out while all sleep.
  const token = await signToken(KEY, { acl: '+@all ~* &*', expiresIn: 8, name: 'guest' })
  for (const one of [world, sharded]) {
    const headers = { authorization: `Bearer ${token}` }
    const [listener, reader] = [await one.open('/ws', headers), await one.open('/ws', headers)]
    expect(await listener.ask('SUBSCRIBE', 'expired')).toEqual(['subscribe', 'expired', 1])
    expect(await reader.ask('GET', 'k')).toBe(null)
    expired.push({ of: one, listener, reader })
  }
  guest = await sharded.open()
  await guest.ask('SELECT', '2')
  await guest.ask('CLIENT', 'SETNAME', 'guest')
  await guest.ask('MULTI')
  await guest.ask('SET', 'big', big)
  guest.send('*2\r\n$4\r\nINCR\r\n$5\r\n{bi')
  for (const name of ['subscriber', 'pusher', 'watcher', 'tracker', 'first', 'second', 'soon'])
    far[name] = await sharded.open()
  await far['subscriber']!.ask('SUBSCRIBE', KEYS[0]!)
  await far['subscriber']!.ask('PSUBSCRIBE', 'w*')
  await far['pusher']!.ask('HELLO', '3')
  await far['pusher']!.ask('SUBSCRIBE', KEYS[1]!)
  await far['watcher']!.ask('WATCH', KEYS[1]!)
  await far['watcher']!.ask('MULTI')
  await far['watcher']!.ask('SET', KEYS[1]!, 'mine')
  await far['tracker']!.ask('HELLO', '3')
  await far['tracker']!.ask('CLIENT', 'TRACKING', 'ON')
  await far['tracker']!.ask('GET', KEYS[1]!)
  for (const name of ['first', 'second']) {
    void far[name]!.askAll(
      [
        ['BLPOP', '{a}jobs', '0'],
        ['ECHO', name],
      ],
      0,
    )
    const waits = `blocked_clients:${name === 'first' ? 1 : 2}`
    while (!String(await sharded.rest('INFO', 'clients')).includes(waits)) await pause(20)
  }
  // INFO asks the shards; the socket of this request is the gateway's.
  requests['far'] = sharded.rest('BLPOP', '{a}asked', '0')
  while (!String(await sharded.rest('INFO', 'clients')).includes('blocked_clients:3'))
    await pause(20)
  events = (await world.request('/subscribe/slept')).body!.getReader()
  await events.read() // the confirmation
  void soon!.askAll([['BLPOP', 'nothing', WAIT_S]], 0)
  void far['soon']!.askAll([['BLPOP', '{b}nothing', WAIT_S]], 0)
  sleepersBefore = await sleepers()
  before = await world.instance()
  await pause(IDLE_MS)
}, 90_000)

afterAll(async () => {
  await world.stop()
  await sharded.stop()
})

test('a wait that ends while the object sleeps is ended by an alarm', async () => {
  expect(await sockets['soon']!.next()).toBe(null)
})

test('the object slept: another instance is awake', async () => {
  expect(await world.instance()).not.toBe(before)
})

test('protocol, database and name are there again', async () => {
  const plain = sockets['plain']!
  expect(await plain.ask('GET', 'here')).toBe('1')
  expect(await plain.ask('GET', 'missing')).toBe(null)
  expect(await plain.ask('CLIENT', 'GETNAME')).toBe('sleeper')
})

test('messages reach those who subscribed before the sleep', async () => {
  const subscriber = sockets['subscriber']!
  expect(await world.rest('PUBLISH', 'news', 'one')).toBe(1)
  expect(await subscriber.next()).toEqual(['message', 'news', 'one'])
  expect(await world.rest('PUBLISH', 'weather', 'rain')).toBe(1)
  expect(await subscriber.next()).toEqual(['pmessage', 'w*', 'weather', 'rain'])
})

test('a listener to server-sent events did not keep it awake, and hears', async () => {
  expect(await world.rest('PUBLISH', 'slept', 'well')).toBe(1)
  const { value } = await events.read()
  expect(new TextDecoder().decode(value)).toBe('data: message,slept,well\n\n')
  await events.cancel()
})

test('a transaction of more than 16 KB, and than a row of 2 MB, runs', async () => {
  const queue = sockets['queue']!
  expect(await queue.ask('EXEC')).toEqual(['OK', 1])
  expect(await queue.ask('STRLEN', 'big')).toBe(big.length)
})

test('calls that wait are served in the order in which they came', async () => {
  await world.rest('RPUSH', 'queue', 'a', 'b')
  expect(await sockets['first']!.next()).toEqual(['queue', 'a'])
  expect(await sockets['second']!.next()).toEqual(['queue', 'b'])
})

test('requests that wait did not keep it awake, and are answered as over REST', async () => {
  expect(await world.rest('RPUSH', 'asked', 'job')).toBe(1)
  expect(await requests['BLPOP']).toEqual(['asked', 'job'])
  await world.rest('XADD', 'stream', '1-1', 'f', 'v')
  expect(await requests['XREADGROUP']).toEqual([['stream', [['1-1', ['f', 'v']]]]])
  expect(await world.rest('XINFO', 'CONSUMERS', 'stream', 'g')).toEqual([])
})

test('WATCH fails its EXEC', async () => {
  expect(await sockets['watcher']!.ask('EXEC')).toBe(null)
})

test('whoever caches is told to forget all of it', async () => {
  expect(await sockets['tracker']!.next()).toEqual(['invalidate', null])
})

test('half a command goes on where it stopped', async () => {
  const half = sockets['half']!
  const reply = half.next()
  half.send('def\r\n')
  expect(await reply).toBe('OK')
  expect(await world.rest('GET', 'half')).toBe('abcdef')
})

test('what CONFIG SET changed holds', async () => {
  expect(await world.rest('CONFIG', 'GET', 'hash-max-listpack-entries')).toEqual([
    'hash-max-listpack-entries',
    '7',
  ])
})

test('a login that ran out in the sleep is over, for those who ask and those who listen', async () => {
  for (const { of, listener, reader } of expired) {
    reader.send('*1\r\n$4\r\nPING\r\n')
    await reader.closed
    expect(reader.unread).toBe(0)
    expect(await of.rest('PUBLISH', 'expired', 'secret')).toBe(0)
    await listener.closed
    expect(listener.unread).toBe(0)
  }
})

describe('of a store with several shards', () => {
  test('a wait that ends while all sleep is ended by an alarm', async () => {
    expect(await far['soon']!.next()).toBe(null)
  })

  test('gateways and shards slept, whatever their sessions listen to and wait for', async () => {
    for (const instance of await sleepers()) expect(sleepersBefore).not.toContain(instance)
  })

  test('a gateway keeps the sessions of its sockets', async () => {
    const queued = guest.next()
    guest.send('g}\r\n')
    expect(await queued).toBe('QUEUED')
    expect(await guest.ask('EXEC')).toEqual(['OK', 1])
    expect(await guest.ask('CLIENT', 'GETNAME')).toBe('guest')
    expect(await guest.ask('STRLEN', 'big')).toBe(big.length)
    await guest.ask('SELECT', '0')
    expect(await guest.ask('EXISTS', 'big')).toBe(0)
  })

  test('messages reach those who subscribed, in RESP2 and RESP3', async () => {
    expect(await sharded.rest('PUBLISH', KEYS[0], 'one')).toBe(1)
    expect(await far['subscriber']!.next()).toEqual(['message', KEYS[0], 'one'])
    expect(await sharded.rest('PUBLISH', 'weather', 'rain')).toBe(1)
    expect(await far['subscriber']!.next()).toEqual(['pmessage', 'w*', 'weather', 'rain'])
    expect(await sharded.rest('PUBLISH', KEYS[1], 'two')).toBe(1)
    expect(await far['pusher']!.next()).toEqual(['message', KEYS[1], 'two'])
  })

  test('WATCH fails its EXEC', async () => {
    expect(await far['watcher']!.ask('EXEC')).toBe(null)
    expect(await far['watcher']!.ask('EXISTS', KEYS[1]!)).toBe(0)
  })

  test('whoever caches is told to forget, and hears again', async () => {
    expect(await far['tracker']!.next()).toEqual(['invalidate', null])
    const forget = await far['tracker']!.next() // of the other shard
    expect(forget).toEqual(['invalidate', null])
    await far['tracker']!.ask('GET', KEYS[1]!)
    await sharded.rest('SET', KEYS[1], 'x')
    expect(await far['tracker']!.next()).toEqual(['invalidate', [KEYS[1]]])
  })

  test('a request that waits is answered', async () => {
    expect(await sharded.rest('RPUSH', '{a}asked', 'job')).toBe(1)
    expect(await requests['far']).toEqual(['{a}asked', 'job'])
  })

  test('calls that wait are served in their order, and what was sent behind them runs', async () => {
    await sharded.rest('RPUSH', '{a}jobs', 'one', 'two')
    for (const [name, job] of [
      ['first', 'one'],
      ['second', 'two'],
    ] as const) {
      expect(await far[name]!.next()).toEqual(['{a}jobs', job])
      expect(await far[name]!.next()).toBe(name)
    }
  })
})
