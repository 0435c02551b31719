/** Caches: beside a slow source, in front of it, and in the memory of the client. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { Application, results } from '../support/application.ts'

const app = new Application()

/** A slow source that counts how often it is asked. */
class Source {
  asked = 0
  readonly rows = new Map<string, string>()

  constructor(...names: string[]) {
    for (const name of names) this.rows.set(name, `row of ${name}`)
  }

  async load(name: string): Promise<string | null> {
    this.asked++
    await new Promise((resolve) => setImmediate(resolve))
    return this.rows.get(name) ?? null
  }
}

describe('cache-aside', () => {
  const NOTHING = '\0'

  async function cached(source: Source, name: string): Promise<string | null> {
    const { redis } = app
    const hit = await redis.get(`cache:${name}`)
    if (hit !== null) return hit === NOTHING ? null : hit
    const row = await source.load(name)
    await redis.setex(`cache:${name}`, row === null ? 30 : 300, row ?? NOTHING)
    return row
  }

  it('asks the source once, also for what is not there', async () => {
    const source = new Source('ada')
    for (let i = 0; i < 3; i++) {
      expect(await cached(source, 'ada')).toBe('row of ada')
      expect(await cached(source, 'bob')).toBeNull()
    }
    expect(source.asked).toBe(2)
    expect(await app.redis.ttl('cache:ada')).toBe(300)
    expect(await app.redis.ttl('cache:bob')).toBe(30)
  })

  it('asks again when the entry was dropped or expired', async () => {
    const source = new Source('ada')
    await cached(source, 'ada')
    await app.redis.del('cache:ada')
    await cached(source, 'ada')
    await app.redis.pexpireat('cache:ada', 1)
    await cached(source, 'ada')
    expect(source.asked).toBe(3)
  })

  /** Of many that miss at once, the one who gets the guard loads; the others wait for what it brings. */
  async function guarded(source: Source, name: string, me: number): Promise<string | null> {
    const redis = app.connect()
    for (;;) {
      const hit = await redis.get(`cache:${name}`)
      if (hit !== null) return hit
      if ((await redis.set(`guard:${name}`, me, 'PX', 5000, 'NX')) === 'OK') {
        // Whoever had it before may have finished just now.
        const brought = await redis.get(`cache:${name}`)
        const row = brought ?? (await source.load(name))
        await redis
          .multi()
          .setex(`cache:${name}`, 300, row ?? '')
          .rpush(`loaded:${name}`, ...Array.from({ length: 20 }, () => '1'))
          .expire(`loaded:${name}`, 5)
          .del(`guard:${name}`)
          .exec()
        return row
      }
      await redis.blpop(`loaded:${name}`, 5)
    }
  }

  it('protects the source from a stampede', async () => {
    const source = new Source('hot')
    const rows = await Promise.all(Array.from({ length: 12 }, (_, i) => guarded(source, 'hot', i)))
    expect(new Set(rows)).toEqual(new Set(['row of hot']))
    expect(source.asked).toBe(1)
  })
})

describe('in front of the source', () => {
  it('writes through: source and cache agree', async () => {
    const source = new Source()
    const save = async (name: string, row: string) => {
      source.rows.set(name, row)
      await app.redis.setex(`cache:${name}`, 60, row)
    }
    await save('ada', 'first')
    await save('ada', 'second')
    expect(await app.redis.get('cache:ada')).toBe(source.rows.get('ada'))
  })

  it('writes behind: changes are collected, the last one of each row is saved', async () => {
    const { redis } = app
    const save = (name: string, row: string) =>
      redis.multi().set(`cache:${name}`, row).sadd('changed', name).exec()
    await save('ada', '1')
    await save('bob', '1')
    await save('ada', '2')
    const source = new Source()
    for (let name = await redis.spop('changed'); name; name = await redis.spop('changed')) {
      source.rows.set(name, (await redis.get(`cache:${name}`))!)
    }
    expect(Object.fromEntries(source.rows)).toEqual({ ada: '2', bob: '1' })
  })

  it('refreshes ahead: who reads an entry near its end renews it', async () => {
    const { redis } = app
    const source = new Source('ada')
    const read = async () => {
      const replies = await redis.pipeline().get('cache:ada').ttl('cache:ada').exec()
      const [row, ttl] = results(replies) as [string | null, number]
      if (row === null || ttl < 10) await redis.setex('cache:ada', 100, (await source.load('ada'))!)
      return row
    }
    await read()
    expect(await read()).toBe('row of ada')
    expect(source.asked).toBe(1)
    await redis.expire('cache:ada', 5)
    await read()
    expect(source.asked).toBe(2)
    expect(await redis.ttl('cache:ada')).toBe(100)
  })

  it('warms up in one pipeline', async () => {
    const pipeline = app.redis.pipeline()
    for (let i = 0; i < 200; i++) pipeline.setex(`product:${i}`, 3600, JSON.stringify({ id: i }))
    expect(results(await pipeline.exec())).toEqual(Array.from({ length: 200 }, () => 'OK'))
    const rows = await app.redis.mget(Array.from({ length: 200 }, (_, i) => `product:${i}`))
    expect(rows.map((row) => JSON.parse(row!).id)).toEqual(rows.map((_, i) => i))
  })

  it('keeps what is read often for longer', async () => {
    const { redis } = app
    await redis.setex('cache:page', 60, 'html')
    const read = async () => {
      const count = await redis.incr('reads:page')
      if (count >= 3) await redis.expire('cache:page', 3600, 'GT')
      return redis.get('cache:page')
    }
    await read()
    await read()
    expect(await redis.ttl('cache:page')).toBe(60)
    await read()
    expect(await redis.ttl('cache:page')).toBe(3600)
  })
})

describe('what is cached', () => {
  it('pages of a result, with their number', async () => {
    const { redis } = app
    const rows = Array.from({ length: 25 }, (_, i) => `row ${i}`)
    const pipeline = redis.pipeline().setex('query:7:total', 60, rows.length)
    for (let page = 0; page * 10 < rows.length; page++) {
      const part = rows.slice(page * 10, page * 10 + 10)
      pipeline.setex(`query:7:page:${page}`, 60, JSON.stringify(part))
    }
    await pipeline.exec()
    expect(Number(await redis.get('query:7:total'))).toBe(25)
    expect(JSON.parse((await redis.get('query:7:page:2'))!)).toEqual(rows.slice(20))
    expect(await redis.get('query:7:page:3')).toBeNull()
  })

  it('compressed bytes come back as they were', async () => {
    const text = 'the quick brown fox '.repeat(500)
    const packed = gzipSync(text)
    await app.redis.set('packed', packed, 'EX', 60)
    expect(await app.redis.strlen('packed')).toBe(packed.length)
    const back = await app.redis.getBuffer('packed')
    expect(gunzipSync(back!).toString()).toBe(text)
  })

  it('a large value in chunks', async () => {
    const { redis } = app
    const value = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i & 255))
    const transaction = redis.multi()
    const chunks = Math.ceil(value.length / 16_384)
    for (let i = 0; i < chunks; i++) {
      transaction.set(`file:chunk:${i}`, value.subarray(i * 16_384, (i + 1) * 16_384))
    }
    await transaction.set('file:chunks', chunks).exec()
    const keys = Array.from({ length: chunks }, (_, i) => `file:chunk:${i}`)
    const parts = await redis.mgetBuffer(keys)
    expect(Buffer.concat(parts as Buffer[]).equals(value)).toBe(true)
  })

  it('many small values in few hashes', async () => {
    const { redis } = app
    const bucket = (id: number) => `users:${id % 16}`
    const pipeline = redis.pipeline()
    for (let id = 0; id < 500; id++) pipeline.hset(bucket(id), id, `user ${id}`)
    await pipeline.exec()
    expect(await redis.dbsize()).toBe(16)
    expect(await redis.object('ENCODING', 'users:0')).toBe('listpack')
    expect(await redis.hget(bucket(123), '123')).toBe('user 123')
  })

  it('generations: a new number makes all entries of a group old', async () => {
    const { redis } = app
    const key = async (name: string) => `v${(await redis.get('generation')) ?? 0}:${name}`
    await redis.set(await key('menu'), 'old')
    await redis.incr('generation')
    expect(await redis.get(await key('menu'))).toBeNull()
  })
})

describe('invalidation', () => {
  it('is broadcast to every process', async () => {
    const memories = [new Map([['k', '1']]), new Map([['k', '1']])]
    const heard = memories.map(async (memory) => {
      const listener = app.connect()
      await listener.subscribe('invalidate')
      return {
        done: new Promise<void>((resolve) => {
          listener.on('message', (_channel, key) => {
            memory.delete(key)
            resolve()
          })
        }),
      }
    })
    const listeners = await Promise.all(heard)
    expect(await app.redis.publish('invalidate', 'k')).toBe(2)
    await Promise.all(listeners.map(({ done }) => done))
    expect(memories.map((memory) => memory.size)).toEqual([0, 0])
  })

  it('reaches a cache in the client, over RESP2, through a second connection', async () => {
    const memory = new Map<string, string | null>()
    const reader = app.connect({ protocol: 2 })
    const listener = app.connect({ protocol: 2 })
    const id = await listener.client('ID')
    let arrived = () => {}
    // ioredis hands over the list of keys, which is always of one, as a text; an empty one for all.
    listener.on('message', (_channel, key: string) => {
      if (!key) memory.clear()
      else memory.delete(key)
      arrived()
    })
    await listener.subscribe('__redis__:invalidate')
    await reader.client('TRACKING', 'ON', 'REDIRECT', id)
    const read = async (key: string) => {
      if (!memory.has(key)) memory.set(key, await reader.get(key))
      return memory.get(key)
    }
    await app.redis.set('price', '10')
    expect(await read('price')).toBe('10')
    const told = new Promise<void>((resolve) => (arrived = resolve))
    await app.redis.set('price', '11')
    await told
    expect(await read('price')).toBe('11')
    const cleared = new Promise<void>((resolve) => (arrived = resolve))
    await app.redis.flushall()
    await cleared
    expect(await read('price')).toBeNull()
  })

  it('reaches the cache that node-redis keeps, over RESP3', async () => {
    const client = createClient({
      RESP: 3,
      socket: { port: app.port, host: '127.0.0.1' },
      clientSideCache: { ttl: 0, maxEntries: 100, evictPolicy: 'LRU' },
    })
    await client.connect()
    try {
      const gets = async () =>
        Number(/cmdstat_get:calls=(\d+)/.exec(await app.redis.info('commandstats'))?.[1] ?? 0)
      await app.redis.set('name', 'ada')
      const before = await gets()
      for (let i = 0; i < 10; i++) expect(await client.get('name')).toBe('ada')
      expect((await gets()) - before).toBe(1)
      await app.redis.set('name', 'bob')
      // The answer to this ping comes behind the invalidation.
      await client.ping()
      expect(await client.get('name')).toBe('bob')
      expect((await gets()) - before).toBe(2)
    } finally {
      client.destroy()
    }
  })
})
