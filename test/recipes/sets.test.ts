/** Sets and sorted sets: tags, graphs, indexes, rankings, places, samples. */
import { describe, expect, it } from 'vitest'
import { Application, results } from '../support/application.ts'

const app = new Application()
const sorted = async (items: Promise<string[]>) => (await items).sort()

describe('tags', () => {
  it('find what has all of them, any of them, or one and not another', async () => {
    const { redis } = app
    const tags = { 1: 'red round', 2: 'red square', 3: 'blue round', 4: 'red round soft' }
    const pipeline = redis.pipeline()
    for (const [item, words] of Object.entries(tags)) {
      for (const tag of words.split(' ')) pipeline.sadd(`tag:${tag}`, item)
    }
    await pipeline.exec()
    expect(await sorted(redis.sinter('tag:red', 'tag:round'))).toEqual(['1', '4'])
    expect(await sorted(redis.sunion('tag:blue', 'tag:soft'))).toEqual(['3', '4'])
    expect(await sorted(redis.sdiff('tag:red', 'tag:round'))).toEqual(['2'])
    expect(await redis.call('SINTERCARD', 2, 'tag:red', 'tag:round', 'LIMIT', 1)).toBe(1)
    expect(await redis.sinterstore('found', 'tag:red', 'tag:round')).toBe(2)
    await redis.expire('found', 60)
    expect(await redis.ttl('found')).toBe(60)
  })

  it('rank what has many of them, by weight', async () => {
    const { redis } = app
    await redis.sadd('tag:a', 'x', 'y')
    await redis.sadd('tag:b', 'y', 'z')
    await redis.sadd('tag:c', 'y', 'z')
    await redis.zunionstore('score', 3, 'tag:a', 'tag:b', 'tag:c', 'WEIGHTS', 5, 2, 1)
    expect(await redis.zrevrange('score', 0, -1, 'WITHSCORES')).toEqual([
      'y',
      '8',
      'x',
      '5',
      'z',
      '3',
    ])
  })
})

describe('people', () => {
  it('follow each other, have friends in common and get suggestions', async () => {
    const { redis } = app
    const follow = (who: string, whom: string) =>
      redis.multi().sadd(`following:${who}`, whom).sadd(`followers:${whom}`, who).exec()
    for (const pair of ['ada bob', 'ada cyd', 'bob cyd', 'bob dan', 'cyd dan', 'cyd ada']) {
      await follow(...(pair.split(' ') as [string, string]))
    }
    expect(await sorted(redis.sinter('following:ada', 'following:bob'))).toEqual(['cyd'])
    expect(await redis.sismember('followers:dan', 'bob')).toBe(1)
    expect(await redis.smismember('following:ada', 'bob', 'dan')).toEqual([1, 0])
    await redis.sunionstore('suggested', 'following:bob', 'following:cyd')
    await redis.sdiffstore('suggested', 'suggested', 'following:ada')
    await redis.srem('suggested', 'ada')
    expect(await redis.smembers('suggested')).toEqual(['dan'])
  })

  it('are online in buckets of a minute', async () => {
    const { redis } = app
    const seen = (who: string, minute: number) =>
      redis.multi().sadd(`online:${minute}`, who).expire(`online:${minute}`, 300).exec()
    await seen('ada', 1)
    await seen('bob', 2)
    await seen('ada', 3)
    await seen('cyd', 5)
    const online = (minute: number) =>
      sorted(redis.sunion(...[0, 1, 2].map((ago) => `online:${minute - ago}`)))
    expect(await online(3)).toEqual(['ada', 'bob'])
    expect(await online(5)).toEqual(['ada', 'cyd'])
  })

  it('draw lots without putting them back, or look at some', async () => {
    const { redis } = app
    const names = Array.from({ length: 50 }, (_, i) => `player:${i}`)
    await redis.sadd('lottery', ...names)
    const looked = await redis.srandmember('lottery', 10)
    expect(new Set(looked).size).toBe(10)
    expect(await redis.scard('lottery')).toBe(50)
    const winners = await redis.spop('lottery', 3)
    expect(new Set(winners).size).toBe(3)
    expect(await redis.smismember('lottery', ...winners)).toEqual([0, 0, 0])
    expect(await redis.srandmember('lottery', -100)).toHaveLength(100)
  })
})

describe('secondary indexes', () => {
  const save = (id: string, user: { email: string; status: string; created: number }) =>
    app.redis
      .multi()
      .hset(`user:${id}`, user)
      .set(`user:email:${user.email}`, id)
      .sadd(`users:${user.status}`, id)
      .zadd('users:created', user.created, id)
      .exec()

  it('find by a unique field, by a state and by a range, and follow changes', async () => {
    const { redis } = app
    await save('1', { email: 'a@x', status: 'active', created: 100 })
    await save('2', { email: 'b@x', status: 'active', created: 200 })
    await save('3', { email: 'c@x', status: 'blocked', created: 300 })
    const id = await redis.get('user:email:b@x')
    expect(await redis.hget(`user:${id}`, 'created')).toBe('200')
    expect(await sorted(redis.smembers('users:active'))).toEqual(['1', '2'])
    expect(await redis.zrangebyscore('users:created', 150, '+inf')).toEqual(['2', '3'])
    await redis
      .multi()
      .hset('user:2', 'status', 'blocked')
      .smove('users:active', 'users:blocked', '2')
      .exec()
    expect(await sorted(redis.smembers('users:blocked'))).toEqual(['2', '3'])
    await redis.zinterstore('young:blocked', 2, 'users:created', 'users:blocked', 'WEIGHTS', 1, 0)
    expect(await redis.zrangebyscore('young:blocked', 250, 400)).toEqual(['3'])
  })

  it('are read in any order, with their rows, by SORT', async () => {
    const { redis } = app
    await save('1', { email: 'c@x', status: 'active', created: 300 })
    await save('2', { email: 'a@x', status: 'active', created: 100 })
    await save('3', { email: 'b@x', status: 'active', created: 200 })
    expect(
      await redis.sort('users:active', 'BY', 'user:*->created', 'GET', '#', 'GET', 'user:*->email'),
    ).toEqual(['2', 'a@x', '3', 'b@x', '1', 'c@x'])
    expect(
      await redis.call(
        'SORT',
        'users:active',
        'BY',
        'user:*->email',
        'ALPHA',
        'DESC',
        'LIMIT',
        0,
        2,
      ),
    ).toEqual(['1', '3'])
    expect(await redis.call('SORT', 'users:active', 'BY', 'user:*->created', 'STORE', 'page')).toBe(
      3,
    )
    expect(await redis.lrange('page', 0, -1)).toEqual(['2', '3', '1'])
  })

  it('complete words by their beginning', async () => {
    const { redis } = app
    const words = ['apple', 'apply', 'apt', 'banana']
    await redis.zadd('words', ...words.flatMap((word) => [0, word]))
    expect(await redis.zrangebylex('words', '[app', '[app\xff')).toEqual(['apple', 'apply'])
  })
})

describe('leaderboards', () => {
  it('tell the top, a page, a rank, and who is around', async () => {
    const { redis } = app
    const pipeline = redis.pipeline()
    for (let i = 0; i < 300; i++) pipeline.zadd('board', i * 10, `player:${i}`)
    await pipeline.exec()
    expect(await redis.zrevrange('board', 0, 1, 'WITHSCORES')).toEqual([
      'player:299',
      '2990',
      'player:298',
      '2980',
    ])
    expect(await redis.zrange('board', '10', '12', 'REV')).toEqual([
      'player:289',
      'player:288',
      'player:287',
    ])
    await redis.zincrby('board', 25, 'player:100')
    const rank = (await redis.zrevrank('board', 'player:100'))!
    expect(rank).toBe(197)
    expect(await redis.zrevrange('board', rank - 1, rank + 1)).toEqual([
      'player:103',
      'player:100',
      'player:102',
    ])
    expect(await redis.zcount('board', 2900, '+inf')).toBe(10)
    await redis.zremrangebyrank('board', 0, -101)
    expect(await redis.zcard('board')).toBe(100)
  })

  it('keep the best of a player, and join weeks', async () => {
    const { redis } = app
    await redis.zadd('week:1', 50, 'ada', 40, 'bob')
    expect(await redis.zadd('week:1', 'GT', 'CH', 45, 'ada', 60, 'bob')).toBe(1)
    await redis.zadd('week:2', 10, 'ada', 1, 'cyd')
    await redis.zunionstore('all', 2, 'week:1', 'week:2')
    expect(await redis.zrevrange('all', 0, -1, 'WITHSCORES')).toEqual(
      ['ada', '60', 'bob', '60', 'cyd', '1'].toSpliced(0, 4, 'bob', '60', 'ada', '60'),
    )
    expect(await redis.zmscore('all', 'ada', 'nobody')).toEqual(['60', null])
  })

  it('let what was trending fade', async () => {
    const { redis } = app
    await redis.zadd('trending', 100, 'old', 10, 'new')
    const fade = async () => {
      await redis.zunionstore('trending', 1, 'trending', 'WEIGHTS', 0.5)
      await redis.zremrangebyscore('trending', '-inf', 5)
    }
    await fade()
    await redis.zincrby('trending', 60, 'new')
    expect(await redis.zrevrange('trending', 0, 0)).toEqual(['new'])
    for (let i = 0; i < 4; i++) await fade()
    expect(await redis.exists('trending')).toBe(0)
  })
})

describe('places', () => {
  const CITIES = [
    [2.3522, 48.8566, 'Paris'],
    [4.8357, 45.764, 'Lyon'],
    [5.3698, 43.2965, 'Marseille'],
    [-0.1276, 51.5072, 'London'],
    [4.3517, 50.8503, 'Brussels'],
  ] as const

  it('near another are found, nearest first, with what is known of them', async () => {
    const { redis } = app
    const pipeline = redis.pipeline()
    for (const [longitude, latitude, name] of CITIES) {
      pipeline
        .geoadd('cities', longitude, latitude, name)
        .hset(`city:${name}`, 'name', name.toUpperCase())
    }
    await pipeline.exec()
    expect(
      await redis.geosearch('cities', 'FROMMEMBER', 'Paris', 'BYRADIUS', 350, 'km', 'ASC'),
    ).toEqual(['Paris', 'Brussels', 'London'])
    const found = await redis.geosearch(
      'cities',
      'FROMLONLAT',
      5,
      44,
      'BYBOX',
      400,
      500,
      'km',
      'ASC',
      'COUNT',
      1,
      'WITHDIST',
    )
    expect(found).toEqual([['Marseille', expect.stringMatching(/^\d+\.\d{4}$/)]])
    expect(Number(await redis.geodist('cities', 'Paris', 'Lyon', 'KM'))).toBeCloseTo(391.5, 0)
    const rows = await Promise.all(
      ['Lyon', 'Paris'].map((name) => redis.hget(`city:${name}`, 'name')),
    )
    expect(rows).toEqual(['LYON', 'PARIS'])
  })

  it('of drivers move, and free ones are offered', async () => {
    const { redis } = app
    await redis.geoadd('drivers', 2.35, 48.85, 'd1', 2.36, 48.86, 'd2', 4.83, 45.76, 'd3')
    await redis.sadd('drivers:free', 'd2', 'd3')
    const offer = async () => {
      await redis.geosearchstore(
        'near',
        'drivers',
        'FROMLONLAT',
        2.35,
        48.85,
        'BYRADIUS',
        5,
        'km',
        'ASC',
        'STOREDIST',
      )
      await redis.zinterstore('near', 2, 'near', 'drivers:free', 'WEIGHTS', 1, 0)
      return redis.zrange('near', '0', '0')
    }
    expect(await offer()).toEqual(['d2'])
    await redis.geoadd('drivers', 'CH', 2.351, 48.851, 'd3')
    expect(await offer()).toEqual(['d3'])
    await redis.zrem('drivers', 'd3')
    expect(await offer()).toEqual(['d2'])
  })
})

describe('time series', () => {
  it('are ranges of a sorted set, and forget what is old', async () => {
    const { redis } = app
    const pipeline = redis.pipeline()
    for (let second = 0; second < 600; second++)
      pipeline.zadd('temperature', second, `${second}:${20 + (second % 5)}`)
    await pipeline.exec()
    const part = await redis.zrangebyscore('temperature', 100, '(110')
    expect(part.map((point) => Number(point.split(':')[1]))).toEqual([
      20, 21, 22, 23, 24, 20, 21, 22, 23, 24,
    ])
    expect(await redis.zremrangebyscore('temperature', '-inf', '(300')).toBe(300)
    expect(
      results(await redis.multi().zcard('temperature').zrange('temperature', '0', '0').exec()),
    ).toEqual([300, ['300:20']])
  })
})
