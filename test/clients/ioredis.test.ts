/** ioredis, unmodified, as an application uses it. */
import { Redis, type RedisOptions } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, type TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'

const once = (redis: Redis, event: string) =>
  new Promise<void>((resolve) => {
    redis.once(event, () => resolve())
  })

describe.for([2, 3] as const)('ioredis over RESP%i', (protocol) => {
  let server: TestServer
  let redis: Redis
  const clients: Redis[] = []

  function connect(options: RedisOptions = {}): Redis {
    const client = new Redis({ port: server.port, host: '127.0.0.1', protocol, ...options })
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }

  beforeAll(async () => {
    server = await startWadi()
    redis = connect()
  })
  afterAll(async () => {
    for (const client of clients) client.disconnect()
    await server.stop()
  })

  it('counts, expires and reads many keys', async () => {
    expect(await redis.set('session:1', 'ada', 'EX', 100)).toBe('OK')
    expect(await redis.ttl('session:1')).toBe(100)
    expect(await redis.incr('visits')).toBe(1)
    expect(await redis.incrbyfloat('balance', 10.5)).toBe('10.5')
    expect(await redis.mset({ a: '1', b: '2' })).toBe('OK')
    expect(await redis.mget('a', 'b', 'none')).toEqual(['1', '2', null])
    expect(await redis.set('a', '9', 'NX')).toBeNull()
    expect(await redis.set('a', '3', 'GET')).toBe('1')
    expect(await redis.getdel('b')).toBe('2')
    expect(await redis.exists('a', 'b', 'visits')).toBe(2)
  })

  it('keeps objects in hashes, queues in lists, tags in sets, rankings in sorted sets', async () => {
    await redis.hset('user:1', { name: 'Ada', age: 36 })
    expect(await redis.hgetall('user:1')).toEqual({ name: 'Ada', age: '36' })
    await redis.rpush('queue', 'one', 'two')
    expect(await redis.lpop('queue')).toBe('one')
    await redis.sadd('tags', 'x', 'y')
    expect((await redis.smembers('tags')).sort()).toEqual(['x', 'y'])
    await redis.zadd('board', 1.5, 'ada', 3, 'bob')
    expect(await redis.zrevrange('board', 0, -1, 'WITHSCORES')).toEqual(['bob', '3', 'ada', '1.5'])
  })

  it('reads a stream as a consumer group', async () => {
    await redis.xgroup('CREATE', 'events', 'workers', '$', 'MKSTREAM')
    const id = await redis.xadd('events', '*', 'type', 'login')
    const read = await redis.xreadgroup(
      'GROUP',
      'workers',
      'w1',
      'COUNT',
      1,
      'STREAMS',
      'events',
      '>',
    )
    expect(JSON.stringify(read)).toContain(`["${id}",["type","login"]]`)
    expect(await redis.xack('events', 'workers', id!)).toBe(1)
  })

  it('sends a thousand commands in one pipeline, and only the wrong one fails', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 1000; i++) pipeline.set(`p:${i}`, i)
    pipeline.lpush('p:0', 'x')
    for (let i = 0; i < 1000; i++) pipeline.get(`p:${i}`)
    const results = (await pipeline.exec())!
    expect(results).toHaveLength(2001)
    expect(results[1000]![0]?.message).toMatch(/^WRONGTYPE/)
    expect(results.slice(1001).map(([, value]) => value)).toEqual(
      Array.from({ length: 1000 }, (_, i) => String(i)),
    )
  })

  it('runs transactions', async () => {
    const results = await redis.multi().set('t', 1).incr('t').get('t').exec()
    expect(results).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
    ])
    await expect(redis.multi().set('t', 5).call('SET', 't').exec()).rejects.toThrow(/EXECABORT/)
    expect(await redis.get('t')).toBe('2')
  })

  it('gives up a transaction when a watched key has changed', async () => {
    const mine = connect()
    await mine.watch('w')
    await redis.set('w', 'theirs')
    expect(await mine.multi().set('w', 'mine').exec()).toBeNull()
    expect(await redis.get('w')).toBe('theirs')
    await mine.watch('w')
    expect(await mine.multi().set('w', 'mine').exec()).toEqual([[null, 'OK']])
  })

  it('carries 50 MB and binary values', async () => {
    const value = Buffer.alloc(50 << 20)
    for (let i = 0; i < value.length; i += 4099) value[i] = i & 255
    await redis.set('big', value)
    const back = (await redis.getBuffer('big'))!
    expect(back.equals(value)).toBe(true)
    await redis.del('big')
    const key = Buffer.from([0, 13, 10, 255, 36, 42])
    await redis.set(key, key)
    expect((await redis.getBuffer(key))!.equals(key)).toBe(true)
  })

  it('finds all keys with scanStream', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 3000; i++) pipeline.set(`scan:${i}`, '')
    await pipeline.exec()
    const seen = new Set<string>()
    for await (const keys of redis.scanStream({ match: 'scan:*', count: 100 })) {
      for (const key of keys as string[]) seen.add(key)
    }
    expect(seen.size).toBe(3000)
  })

  it('subscribes to channels and patterns', async () => {
    const subscriber = connect()
    const heard: string[] = []
    subscriber.on('message', (channel, text) => heard.push(`${channel} ${text}`))
    subscriber.on('pmessage', (pattern, channel, text) =>
      heard.push(`${pattern} ${channel} ${text}`),
    )
    await subscriber.subscribe('news')
    await subscriber.psubscribe('n*')
    expect(await redis.publish('news', 'hi')).toBe(2)
    await expect.poll(() => heard).toEqual(['news hi', 'n* news hi'])
    await subscriber.unsubscribe('news')
    await subscriber.punsubscribe('n*')
    expect(await redis.publish('news', 'again')).toBe(0)
  })

  it('waits for an element and gets it', async () => {
    const waiting = connect().blpop('work', 0)
    await expect.poll(() => redis.call('CLIENT', 'LIST')).toContain('cmd=blpop')
    await redis.rpush('work', 'job')
    expect(await waiting).toEqual(['work', 'job'])
  })

  it('reconnects after CLIENT KILL, to the same database and channels', async () => {
    const other = connect({ db: 2 })
    await other.set('where', 'db two')
    const heard: string[] = []
    const subscriber = connect()
    subscriber.on('message', (_, text) => heard.push(text))
    await subscriber.subscribe('after')
    const again = Promise.all([once(other, 'ready'), once(subscriber, 'ready')])
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    const id = await other.client('ID')
    await redis.call('CLIENT', 'KILL', 'ID', id)
    await again
    expect(await other.get('where')).toBe('db two')
    await expect.poll(() => redis.publish('after', 'the kill')).toBe(1)
    await expect.poll(() => heard.length).toBeGreaterThan(0)
  })

  it('rejects when nobody listens', async () => {
    const port = await freePort()
    const lost = connect({ port, maxRetriesPerRequest: 1, retryStrategy: () => 10 })
    await expect(lost.get('a')).rejects.toThrow(/max retries/i)
    lost.disconnect()
  })

  it('replies with the errors of Redis', async () => {
    await expect(redis.call('NOSUCH', 'a')).rejects.toThrow("ERR unknown command 'NOSUCH'")
    await redis.set('text', 'x')
    await expect(redis.incr('text')).rejects.toThrow('ERR value is not an integer or out of range')
    await expect(redis.lpush('text', 'y')).rejects.toThrow('WRONGTYPE')
  })
})

describe('ioredis and a server that comes and goes', () => {
  it('logs in, and is refused with a wrong password', async () => {
    const server = await startWadi({ args: ['--requirepass', 'secret'] })
    try {
      const right = new Redis({ port: server.port, password: 'secret' })
      expect(await right.set('a', '1')).toBe('OK')
      right.disconnect()
      const wrong = new Redis({ port: server.port, password: 'guess', retryStrategy: () => null })
      const errors: string[] = []
      wrong.on('error', (error: Error) => errors.push(error.message))
      await expect(wrong.get('a')).rejects.toThrow(/closed|NOAUTH|WRONGPASS/i)
      expect(errors.join()).toMatch(/WRONGPASS|NOAUTH/)
      wrong.disconnect()
    } finally {
      await server.stop()
    }
  })

  it('goes on after the server was restarted', async () => {
    const port = await freePort()
    const first = await startWadi({ port })
    const redis = new Redis({ port, retryStrategy: () => 20, maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    await redis.set('a', '1')
    const lost = once(redis, 'reconnecting')
    await first.stop('SIGTERM')
    await lost
    const pending = redis.set('b', '2')
    const second = await startWadi({ port })
    try {
      expect(await pending).toBe('OK')
      expect(await redis.get('b')).toBe('2')
    } finally {
      redis.disconnect()
      await second.stop()
    }
  })
})
