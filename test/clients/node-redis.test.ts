/** node-redis, unmodified, as an application uses it. */
import { createClient, RESP_TYPES, WatchError } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, type TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'

function open(port: number, RESP: 2 | 3, options: { password?: string; username?: string } = {}) {
  const reconnectStrategy = () => 20
  const client = createClient({
    RESP,
    socket: { port, host: '127.0.0.1', reconnectStrategy },
    ...options,
  })
  client.on('error', () => undefined)
  return client
}

type Client = ReturnType<typeof open>

describe.for([2, 3] as const)('node-redis over RESP%i', (protocol) => {
  let server: TestServer
  let redis: Client
  const clients: Client[] = []

  async function connect(): Promise<Client> {
    const client = open(server.port, protocol)
    clients.push(client)
    await client.connect()
    return client
  }

  beforeAll(async () => {
    server = await startWadi()
    redis = await connect()
  })
  afterAll(async () => {
    for (const client of clients) client.destroy()
    await server.stop()
  })

  it('counts, expires and reads many keys', async () => {
    expect(await redis.set('session:1', 'ada', { expiration: { type: 'EX', value: 100 } })).toBe(
      'OK',
    )
    expect(await redis.ttl('session:1')).toBe(100)
    expect(await redis.incrBy('visits', 5)).toBe(5)
    await redis.mSet({ a: '1', b: '2' })
    expect(await redis.mGet(['a', 'b', 'none'])).toEqual(['1', '2', null])
    expect(await redis.set('a', '9', { condition: 'NX' })).toBeNull()
    expect(await redis.getDel('b')).toBe('2')
    expect(await redis.type('a')).toBe('string')
  })

  it('keeps objects in hashes, queues in lists, tags in sets, rankings in sorted sets', async () => {
    await redis.hSet('user:1', { name: 'Ada', age: 36 })
    expect({ ...(await redis.hGetAll('user:1')) }).toEqual({ name: 'Ada', age: '36' })
    await redis.rPush('queue', ['one', 'two'])
    expect(await redis.lRange('queue', 0, -1)).toEqual(['one', 'two'])
    await redis.sAdd('tags', ['x', 'y'])
    expect([...(await redis.sMembers('tags'))].sort()).toEqual(['x', 'y'])
    await redis.zAdd('board', [
      { value: 'ada', score: 1.5 },
      { value: 'bob', score: 3 },
    ])
    expect(await redis.zRangeWithScores('board', 0, -1)).toEqual([
      { value: 'ada', score: 1.5 },
      { value: 'bob', score: 3 },
    ])
    expect(await redis.zScore('board', 'ada')).toBe(1.5)
  })

  it('pipelines what is sent in one turn', async () => {
    const sent = Array.from({ length: 1000 }, (_, i) => redis.incrBy(`n:${i % 10}`, i))
    expect(await Promise.all(sent)).toHaveLength(1000)
    const sum = Array.from({ length: 100 }, (_, i) => i * 10).reduce((a, b) => a + b, 0)
    expect(await redis.get('n:0')).toBe(String(sum))
  })

  it('runs transactions', async () => {
    expect(await redis.multi().set('t', '1').incr('t').get('t').exec()).toEqual(['OK', 2, '2'])
    const failing = redis.multi().set('t', '5').addCommand(['SET', 't']).exec()
    await expect(failing).rejects.toThrow(/wrong number of arguments/)
    expect(await redis.get('t')).toBe('2')
  })

  it('gives up a transaction when a watched key has changed', async () => {
    const mine = await connect()
    await mine.watch('w')
    await redis.set('w', 'theirs')
    await expect(mine.multi().set('w', 'mine').exec()).rejects.toThrow(WatchError)
    expect(await redis.get('w')).toBe('theirs')
  })

  it('carries 50 MB and binary values', async () => {
    const binary = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    const value = Buffer.alloc(50 << 20)
    for (let i = 0; i < value.length; i += 4099) value[i] = i & 255
    await redis.set('big', value)
    const back = await binary.get('big')
    expect(value.equals(back as unknown as Buffer)).toBe(true)
    await redis.del('big')
    const key = Buffer.from([0, 13, 10, 255, 36, 42])
    await redis.set(key, key)
    expect(key.equals((await binary.get(key)) as unknown as Buffer)).toBe(true)
  })

  it('finds all keys and all fields with iterators', async () => {
    await Promise.all(Array.from({ length: 3000 }, (_, i) => redis.set(`scan:${i}`, '')))
    const seen = new Set<string>()
    for await (const keys of redis.scanIterator({ MATCH: 'scan:*', COUNT: 100 })) {
      for (const key of keys) seen.add(key)
    }
    expect(seen.size).toBe(3000)
    const fields = Array.from({ length: 1000 }, (_, i) => [`f${i}`, `v${i}`] as const)
    await redis.hSet('wide', Object.fromEntries(fields))
    const found = new Set<string>()
    for await (const entries of redis.hScanIterator('wide')) {
      for (const { field } of entries) found.add(field)
    }
    expect(found.size).toBe(1000)
  })

  it('subscribes to channels and patterns', async () => {
    const subscriber = await connect()
    const heard: string[] = []
    await subscriber.subscribe('news', (text, channel) => heard.push(`${channel} ${text}`))
    await subscriber.pSubscribe('n*', (text, channel) => heard.push(`n* ${channel} ${text}`))
    expect(await redis.publish('news', 'hi')).toBe(2)
    await expect.poll(() => heard).toEqual(['news hi', 'n* news hi'])
    await subscriber.unsubscribe()
    await subscriber.pUnsubscribe()
    expect(await redis.publish('news', 'again')).toBe(0)
  })

  it('waits for an element and gets it', async () => {
    const waiting = (await connect()).blPop('work', 0)
    await expect
      .poll(async () => (await redis.clientList()).some(({ cmd }) => cmd === 'blpop'))
      .toBe(true)
    await redis.rPush('work', 'job')
    expect(await waiting).toEqual({ key: 'work', element: 'job' })
  })

  it('reconnects after CLIENT KILL, to the same database', async () => {
    const other = await connect()
    await other.select(2)
    await other.set('where', 'db two')
    const again = new Promise((resolve) => other.once('ready', resolve))
    await redis.sendCommand(['CLIENT', 'KILL', 'ID', String(await other.clientId())])
    await again
    expect(await other.get('where')).toBe('db two')
  })

  it('replies with the errors of Redis', async () => {
    await expect(redis.sendCommand(['NOSUCH', 'a'])).rejects.toThrow(
      "ERR unknown command 'NOSUCH', with args beginning with: 'a' ",
    )
    await redis.set('text', 'x')
    await expect(redis.incr('text')).rejects.toThrow('ERR value is not an integer or out of range')
  })
})

describe('node-redis and its server', () => {
  it('keeps read values and forgets them when another client writes', async () => {
    const server = await startWadi()
    const cached = createClient({
      RESP: 3,
      socket: { port: server.port, host: '127.0.0.1' },
      clientSideCache: { ttl: 0, maxEntries: 100 },
    })
    const writer = open(server.port, 3)
    try {
      await Promise.all([cached.connect(), writer.connect()])
      await writer.set('k', '1')
      expect(await cached.get('k')).toBe('1')
      expect(await cached.get('k')).toBe('1')
      await writer.set('k', '2')
      await expect.poll(() => cached.get('k')).toBe('2')
    } finally {
      cached.destroy()
      writer.destroy()
      await server.stop()
    }
  })

  it('logs in, and is refused with a wrong password', async () => {
    const server = await startWadi({ args: ['--requirepass', 'secret'] })
    try {
      const right = open(server.port, 3, { username: 'default', password: 'secret' })
      await right.connect()
      expect(await right.set('a', '1')).toBe('OK')
      right.destroy()
      const wrong = createClient({
        password: 'guess',
        socket: { port: server.port, host: '127.0.0.1', reconnectStrategy: false },
      })
      wrong.on('error', () => undefined)
      await expect(wrong.connect()).rejects.toThrow(/WRONGPASS/)
    } finally {
      await server.stop()
    }
  })

  it('rejects when nobody listens', async () => {
    const port = await freePort()
    const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: false } })
    client.on('error', () => undefined)
    await expect(client.connect()).rejects.toThrow(/ECONNREFUSED/)
  })

  it('goes on after the server was restarted', async () => {
    const port = await freePort()
    const first = await startWadi({ port })
    const redis = open(port, 3)
    await redis.connect()
    await redis.set('a', '1')
    const lost = new Promise((resolve) => redis.once('reconnecting', resolve))
    await first.stop('SIGTERM')
    await lost
    const pending = redis.set('b', '2')
    const second = await startWadi({ port })
    try {
      expect(await pending).toBe('OK')
      expect(await redis.get('b')).toBe('2')
    } finally {
      redis.destroy()
      await second.stop()
    }
  })
})
