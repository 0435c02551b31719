/** MIGRATE moves keys to another server, be it Wadi or redis-server. */
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { startServer } from '../support/server.ts'

const clients: Redis[] = []
const servers: TestServer[] = []

async function wadi(): Promise<{ client: Redis; port: number }> {
  const { port } = await startServer()
  return { client: connect(port), port }
}

function connect(port: number): Redis {
  const client = new Redis(port, { maxRetriesPerRequest: 1 })
  clients.push(client)
  return client
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

async function fill(client: Redis): Promise<void> {
  await client.set('s', 'text', 'PX', 100_000)
  await client.rpush('l', 'a', 'b')
  await client.hset('h', { f: '1' })
  await client.zadd('z', 1.5, 'm')
  await client.xadd('x', '1-1', 'f', 'v')
}

test('keys arrive with their expiry in the database that was named, and are gone here', async () => {
  const [from, to] = [await wadi(), await wadi()]
  await fill(from.client)
  const moved = await from.client.migrate(
    '127.0.0.1',
    to.port,
    '',
    2,
    5000,
    'KEYS',
    's',
    'l',
    'none',
  )
  expect(moved).toBe('OK')
  expect(await from.client.exists('s', 'l', 'h')).toBe(1)
  await to.client.select(2)
  expect(await to.client.get('s')).toBe('text')
  expect(await to.client.lrange('l', 0, -1)).toEqual(['a', 'b'])
  expect(await to.client.pttl('s')).toBeGreaterThan(90_000)
})

test('the key is taken from the database of the connection', async () => {
  const [from, to] = [await wadi(), await wadi()]
  await from.client.select(3)
  await from.client.set('k', 'three')
  expect(await from.client.migrate('127.0.0.1', to.port, 'k', 0, 5000)).toBe('OK')
  expect(await to.client.get('k')).toBe('three')
  expect(await from.client.exists('k')).toBe(0)
})

test('COPY leaves the key, REPLACE overwrites the one there, without it the other server refuses', async () => {
  const [from, to] = [await wadi(), await wadi()]
  await fill(from.client)
  await to.client.set('s', 'old')
  await expect(from.client.migrate('127.0.0.1', to.port, 's', 0, 5000)).rejects.toThrow(
    'ERR Target instance replied with error: BUSYKEY Target key name already exists.',
  )
  expect(await from.client.exists('s')).toBe(1)
  expect(await from.client.migrate('127.0.0.1', to.port, 's', 0, 5000, 'COPY', 'REPLACE')).toBe(
    'OK',
  )
  expect(await to.client.get('s')).toBe('text')
  expect(await from.client.exists('s')).toBe(1)
})

test('no key to move is no error, and no server to reach is one', async () => {
  const { client } = await wadi()
  expect(await client.migrate('127.0.0.1', 1, 'none', 0, 1000)).toBe('NOKEY')
  await client.set('k', 'v')
  await expect(client.migrate('127.0.0.1', 1, 'k', 0, 1000)).rejects.toThrow(
    'IOERR error or timeout connecting to the client',
  )
  expect(await client.exists('k')).toBe(1)
})

describe.skipIf(redisMissing())('with redis-server', () => {
  /** What the statistics and the slow log tell of a MIGRATE of two keys, one of which is there. */
  async function told(client: Redis, target: number): Promise<unknown> {
    await client.set('k', 'v')
    await client.config('RESETSTAT')
    await client.slowlog('RESET')
    await client.config('SET', 'slowlog-log-slower-than', '0')
    await client.migrate('127.0.0.1', target, '', 0, 5000, 'REPLACE', 'KEYS', 'k', 'none')
    const stats = await client.info('commandstats')
    const slow = (await client.slowlog('GET', 100)) as [number, number, number, string[]][]
    return {
      calls: [...stats.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)]
        .map(([, name, calls]) => `${name} ${calls}`)
        .sort(),
      commands: slow.map(([, , , [name]]) => name!.toLowerCase()),
    }
  }

  test('statistics and slow log have no other commands than there', async () => {
    const [here, to] = [await wadi(), await wadi()]
    const server = await startRedis()
    servers.push(server)
    const expected = await told(connect(server.port), to.port)
    expect(await told(here.client, to.port)).toEqual(expected)
  })

  test('every type moves there and back', async () => {
    const here = await wadi()
    const server = await startRedis()
    servers.push(server)
    const there = connect(server.port)
    await fill(here.client)
    const keys = ['s', 'l', 'h', 'z', 'x']
    expect(await here.client.migrate('127.0.0.1', server.port, '', 0, 5000, 'KEYS', ...keys)).toBe(
      'OK',
    )
    expect(await there.exists(...keys)).toBe(5)
    expect(await there.hgetall('h')).toEqual({ f: '1' })
    expect(await there.migrate('127.0.0.1', here.port, '', 0, 5000, 'KEYS', ...keys)).toBe('OK')
    expect(await here.client.zscore('z', 'm')).toBe('1.5')
    expect(await here.client.xlen('x')).toBe(1)
  })
})
