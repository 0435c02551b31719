/** Counting: visitors, days, features, events; and looking after the keys themselves. */
import { describe, expect, it } from 'vitest'
import { Application, results } from '../support/application.ts'

const app = new Application()

async function pipelined(
  count: number,
  add: (pipeline: ReturnType<typeof app.redis.pipeline>, i: number) => unknown,
) {
  const pipeline = app.redis.pipeline()
  for (let i = 0; i < count; i++) add(pipeline, i)
  return results(await pipeline.exec())
}

async function scanAll(pattern: string, count = 100): Promise<string[]> {
  const found: string[] = []
  let cursor = '0'
  do {
    const [next, keys] = await app.redis.scan(cursor, 'MATCH', pattern, 'COUNT', count)
    found.push(...keys)
    cursor = next
  } while (cursor !== '0')
  return [...new Set(found)]
}

describe('unique visitors', () => {
  it('of a day and of a week, by HyperLogLog in 12 KB each', async () => {
    const { redis } = app
    for (let day = 0; day < 7; day++) {
      await pipelined(20, (pipeline, i) =>
        pipeline.pfadd(
          `visitors:${day}`,
          ...Array.from({ length: 100 }, (_, k) => `user:${day * 500 + i * 100 + k}`),
        ),
      )
    }
    const near = (count: number, wanted: number) =>
      expect(Math.abs(count / wanted - 1)).toBeLessThan(0.03)
    near(await redis.pfcount('visitors:0'), 2000)
    near(await redis.pfcount('visitors:0', 'visitors:1'), 2500)
    await redis.pfmerge(
      'visitors:week',
      ...Array.from({ length: 7 }, (_, day) => `visitors:${day}`),
    )
    near(await redis.pfcount('visitors:week'), 5000)
    expect(await redis.strlen('visitors:week')).toBeLessThanOrEqual(12_304)
  })

  it('by a bit for each user: who came, who came back, who came every day', async () => {
    const { redis } = app
    const days = [
      [1, 2, 3, 100],
      [2, 3, 4],
      [3, 100, 2],
    ]
    await pipelined(3, (pipeline, day) => {
      for (const user of days[day]!) pipeline.setbit(`day:${day}`, user, 1)
    })
    expect(await redis.bitcount('day:0')).toBe(4)
    await redis.bitop('AND', 'every', 'day:0', 'day:1', 'day:2')
    expect(await redis.bitcount('every')).toBe(2)
    await redis.bitop('OR', 'any', 'day:0', 'day:1', 'day:2')
    expect(await redis.bitcount('any')).toBe(5)
    expect(await redis.getbit('every', 3)).toBe(1)
    expect(await redis.bitpos('every', 1)).toBe(2)
  })
})

describe('bits', () => {
  it('are permissions and feature flags', async () => {
    const { redis } = app
    const READ = 0
    const WRITE = 1
    await redis.setbit('permissions:ada', READ, 1)
    await redis.setbit('permissions:ada', WRITE, 1)
    await redis.setbit('permissions:bob', READ, 1)
    await redis.bitop('AND', 'both', 'permissions:ada', 'permissions:bob')
    expect([await redis.getbit('both', READ), await redis.getbit('both', WRITE)]).toEqual([1, 0])
  })

  it('are counters of few bits', async () => {
    const { redis } = app
    const add = (slot: number) =>
      redis.call('BITFIELD', 'hits', 'OVERFLOW', 'SAT', 'INCRBY', 'u4', `#${slot}`, 1)
    for (let i = 0; i < 20; i++) await add(2)
    await add(3)
    expect(
      await redis.call(
        'BITFIELD_RO',
        'hits',
        'GET',
        'u4',
        '#1',
        'GET',
        'u4',
        '#2',
        'GET',
        'u4',
        '#3',
      ),
    ).toEqual([0, 15, 1])
  })

  it('are cohorts of an experiment', async () => {
    const { redis } = app
    await pipelined(100, (pipeline, i) => pipeline.setbit(i % 2 ? 'cohort:b' : 'cohort:a', i, 1))
    await pipelined(30, (pipeline, i) => pipeline.setbit('bought', i * 3, 1))
    await redis.bitop('AND', 'bought:a', 'bought', 'cohort:a')
    await redis.bitop('AND', 'bought:b', 'bought', 'cohort:b')
    expect(await redis.bitcount('bought:a')).toBe(15)
    expect(await redis.bitcount('bought:b')).toBe(15)
  })

  it('are a Bloom filter: no name that was added is missed', async () => {
    const { redis } = app
    const places = (name: string) =>
      [7, 31, 131].map((factor) => {
        let hash = 7
        for (const char of name) hash = (hash * factor + char.codePointAt(0)!) % 65_521
        return hash
      })
    await pipelined(500, (pipeline, i) => {
      for (const place of places(`name:${i}`)) pipeline.setbit('bloom', place, 1)
    })
    const has = async (name: string) => {
      const pipeline = redis.pipeline()
      for (const place of places(name)) pipeline.getbit('bloom', place)
      return results(await pipeline.exec()).every((bit) => bit === 1)
    }
    const known = await Promise.all(Array.from({ length: 500 }, (_, i) => has(`name:${i}`)))
    expect(known.every(Boolean)).toBe(true)
    const unknown = await Promise.all(Array.from({ length: 500 }, (_, i) => has(`other word ${i}`)))
    expect(unknown.filter(Boolean).length).toBeLessThan(50)
  })
})

describe('counters', () => {
  it('of pages, by day and in all, on a dashboard', async () => {
    const { redis } = app
    const view = (page: string, day: string) =>
      redis
        .pipeline()
        .incr('views')
        .hincrby(`views:${day}`, page, 1)
        .expire(`views:${day}`, 86_400)
        .zincrby('pages', 1, page)
        .exec()
    for (const page of ['home', 'home', 'about', 'home']) await view(page, 'monday')
    const dashboard = await redis
      .pipeline()
      .get('views')
      .hgetall('views:monday')
      .zrevrange('pages', 0, 0, 'WITHSCORES')
      .ttl('views:monday')
      .exec()
    expect(results(dashboard)).toEqual(['4', { home: '3', about: '1' }, ['home', '3'], 86_400])
  })

  it('of many processes lose nothing', async () => {
    const clients = Array.from({ length: 8 }, () => app.connect())
    await Promise.all(
      clients.map(async (client) => {
        for (let i = 0; i < 25; i++)
          await client.multi().incr('total').incrbyfloat('sum', 0.5).exec()
      }),
    )
    expect(await app.redis.mget('total', 'sum')).toEqual(['200', '100'])
  })
})

describe('looking after keys', () => {
  it('finds those that never end, and gives them an end', async () => {
    const { redis } = app
    await pipelined(300, (pipeline, i) =>
      i % 3 ? pipeline.setex(`s:${i}`, 100, 'x') : pipeline.set(`s:${i}`, 'x'),
    )
    let repaired = 0
    for (const key of await scanAll('s:*')) {
      if ((await redis.ttl(key)) === -1) repaired += await redis.expire(key, 3600)
    }
    expect(repaired).toBe(100)
    const ttls = await pipelined(300, (pipeline, i) => pipeline.ttl(`s:${i}`))
    expect(ttls).not.toContain(-1)
  })

  it('deletes many in pieces, and nothing else', async () => {
    const { redis } = app
    await pipelined(2500, (pipeline, i) => pipeline.set(i % 5 ? `temp:${i}` : `keep:${i}`, 'x'))
    let gone = 0
    let cursor = '0'
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'temp:*', 'COUNT', 1000)
      if (keys.length) gone += await redis.unlink(...keys)
      cursor = next
    } while (cursor !== '0')
    expect(gone).toBe(2000)
    expect(await redis.dbsize()).toBe(500)
  })

  it('takes large collections apart', async () => {
    const { redis } = app
    await redis.zadd('big', ...Array.from({ length: 1000 }, (_, i) => [i, `m${i}`]).flat())
    await redis.rpush('long', ...Array.from({ length: 1000 }, (_, i) => i))
    while ((await redis.zremrangebyrank('big', 0, 99)) > 0);
    do await redis.ltrim('long', 100, -1)
    while ((await redis.llen('long')) > 0)
    expect(await redis.exists('big', 'long')).toBe(0)
  })

  it('finds the largest, and tells types and encodings', async () => {
    const { redis } = app
    await redis.set('small', 'x')
    await redis.set('large', 'x'.repeat(50_000))
    await redis.rpush('list', 1, 2, 3)
    await redis.sadd('numbers', 1, 2, 3)
    await redis.hset('hash', { a: '1' })
    const rows = []
    for (const key of await scanAll('*')) {
      const replies = await redis
        .pipeline()
        .type(key)
        .object('ENCODING', key)
        .memory('USAGE', key)
        .exec()
      const [type, encoding, bytes] = results(replies) as [string, string, number]
      rows.push({ key, type, encoding, bytes })
    }
    rows.sort((a, b) => b.bytes - a.bytes)
    expect(rows[0]).toMatchObject({ key: 'large', type: 'string', encoding: 'raw' })
    expect(rows[0]!.bytes).toBeGreaterThan(50_000)
    expect(rows.map(({ type, encoding }) => `${type} ${encoding}`).sort()).toEqual([
      'hash listpack',
      'list listpack',
      'set intset',
      'string embstr',
      'string raw',
    ])
    const sets = await redis.call('SCAN', 0, 'TYPE', 'set', 'COUNT', 100)
    expect(sets).toEqual(['0', ['numbers']])
  })

  it('keeps an audit log of limited length', async () => {
    const { redis } = app
    for (let i = 0; i < 50; i++) {
      await redis.multi().lpush('audit', JSON.stringify({ i })).ltrim('audit', 0, 9).exec()
    }
    expect(await redis.llen('audit')).toBe(10)
    expect(JSON.parse((await redis.lindex('audit', 0))!)).toEqual({ i: 49 })
  })

  it('separates tenants by the beginning of their keys', async () => {
    const { redis } = app
    await redis.mset({ 'tenant:1:a': 1, 'tenant:1:b': 2, 'tenant:2:a': 3, 'tenant:10:a': 4 })
    expect((await scanAll('tenant:1:*')).sort()).toEqual(['tenant:1:a', 'tenant:1:b'])
    await redis.copy('tenant:1:a', 'tenant:2:b')
    await redis.rename('tenant:1:b', 'tenant:2:c')
    expect((await scanAll('tenant:2:*')).sort()).toEqual(['tenant:2:a', 'tenant:2:b', 'tenant:2:c'])
  })

  it('guards the memory: writes are refused, reads go on', async () => {
    const { redis } = app
    await redis.set('k', 'v')
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    await redis.config('SET', 'maxmemory', '1')
    await expect(redis.set('more', 'x')).rejects.toThrow(/^OOM command not allowed/)
    expect(await redis.get('k')).toBe('v')
    await redis.config('SET', 'maxmemory', '0')
    expect(await redis.set('more', 'x')).toBe('OK')
  })

  it('looks into what was slow', async () => {
    const { redis } = app
    await redis.config('SET', 'slowlog-log-slower-than', '0')
    await redis.slowlog('RESET')
    await redis.get('nothing')
    await redis.config('SET', 'slowlog-log-slower-than', '10000')
    const entries = (await redis.slowlog('GET', 10)) as [number, number, number, string[]][]
    expect(entries.map(([, , , words]) => words[0]!.toLowerCase())).toContain('get')
  })
})
