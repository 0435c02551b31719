/** Who may do what, and how often: sessions, limiters, locks, breakers, transfers. */
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { Application, optimistically, results } from '../support/application.ts'

const app = new Application()

describe('sessions', () => {
  it('live in a hash whose life begins anew with each use', async () => {
    const { redis } = app
    await redis
      .multi()
      .hset('session:1', { user: 'ada', visits: 0 })
      .expire('session:1', 1800)
      .exec()
    await redis.expire('session:1', 10)
    const touch = () =>
      redis
        .multi()
        .hincrby('session:1', 'visits', 1)
        .hgetall('session:1')
        .expire('session:1', 1800)
        .exec()
    expect(results(await touch())).toEqual([1, { user: 'ada', visits: '1' }, 1])
    expect(await redis.ttl('session:1')).toBe(1800)
  })

  it('may be one JSON text', async () => {
    const { redis } = app
    await redis.set('session:2', JSON.stringify({ cart: [1, 2] }), 'EX', 3600)
    expect(JSON.parse((await redis.getex('session:2', 'EX', 7200))!)).toEqual({ cart: [1, 2] })
    expect(await redis.ttl('session:2')).toBe(7200)
    await redis.del('session:2')
    expect(await redis.get('session:2')).toBeNull()
  })

  it('are found by the time they end', async () => {
    const { redis } = app
    for (let i = 0; i < 10; i++) {
      await redis
        .multi()
        .set(`session:${i}`, 's')
        .zadd('sessions:ends', 1000 + i, `session:${i}`)
        .exec()
    }
    const ended = await redis.zrangebyscore('sessions:ends', '-inf', 1004)
    await redis
      .multi()
      .del(...ended)
      .zremrangebyscore('sessions:ends', '-inf', 1004)
      .exec()
    expect(await redis.zcard('sessions:ends')).toBe(5)
    expect(await redis.keys('session:*')).toHaveLength(5)
  })

  it('are at most three of a user: the oldest goes', async () => {
    const { redis } = app
    const login = async (id: string, at: number) => {
      await redis.multi().set(`session:${id}`, 'ada').zadd('user:ada:sessions', at, id).exec()
      const surplus = await redis.zrange('user:ada:sessions', '0', '-4')
      for (const old of surplus) {
        await redis.multi().del(`session:${old}`).zrem('user:ada:sessions', old).exec()
      }
    }
    for (const [i, id] of ['a', 'b', 'c', 'd', 'e'].entries()) await login(id, i)
    expect(await redis.zrange('user:ada:sessions', '0', '-1')).toEqual(['c', 'd', 'e'])
    expect(await redis.exists('session:a', 'session:b', 'session:c')).toBe(1)
  })
})

describe('rate limiters', () => {
  it('count in fixed windows', async () => {
    const { redis } = app
    const allows = async (second: number) => {
      const key = `rate:ada:${Math.floor(second / 60)}`
      const replies = await redis.multi().incr(key).expire(key, 60, 'NX').exec()
      return (results(replies)[0] as number) <= 3
    }
    const allowed = []
    for (const second of [0, 10, 20, 30, 59, 60]) allowed.push(await allows(second))
    expect(allowed).toEqual([true, true, true, false, false, true])
  })

  it('slide over the last minute, exactly', async () => {
    const { redis } = app
    let number = 0
    const allows = async (second: number) => {
      const member = `${second}:${number++}`
      const replies = await redis
        .multi()
        .zremrangebyscore('window', '-inf', second - 60)
        .zadd('window', second, member)
        .zcard('window')
        .expire('window', 60)
        .exec()
      if ((results(replies)[2] as number) <= 3) return true
      await redis.zrem('window', member)
      return false
    }
    const allowed = []
    for (const second of [0, 10, 50, 55, 59, 61, 65, 71]) allowed.push(await allows(second))
    expect(allowed).toEqual([true, true, true, false, false, true, false, true])
  })

  /** Takes a token from a bucket that fills with time; WATCH makes reading and writing one. */
  async function takeToken(redis: Redis, second: number): Promise<boolean> {
    return optimistically(redis, ['bucket'], async () => {
      const { tokens = '10', at = String(second) } = await redis.hgetall('bucket')
      const full = Math.min(10, Number(tokens) + (second - Number(at)) * 2)
      const isAllowed = full >= 1
      const left = isAllowed ? full - 1 : full
      const commands = redis
        .multi()
        .hset('bucket', { tokens: left, at: second })
        .expire('bucket', 60)
      return { commands, result: isAllowed }
    })
  }

  it('fill a bucket of tokens, also when many take at once', async () => {
    const clients = Array.from({ length: 5 }, () => app.connect())
    const taken = await Promise.all(
      clients.map(async (client) => {
        let count = 0
        for (let i = 0; i < 4; i++) count += Number(await takeToken(client, 100))
        return count
      }),
    )
    expect(taken.reduce((sum, count) => sum + count)).toBe(10)
    expect(await takeToken(app.redis, 100)).toBe(false)
    expect(await takeToken(app.redis, 101)).toBe(true)
  })
})

describe('locks', () => {
  async function acquire(redis: Redis, name: string, owner: string): Promise<number | undefined> {
    const got = await redis.set(`lock:${name}`, owner, 'PX', 30_000, 'NX')
    return got === 'OK' ? redis.incr(`fence:${name}`) : undefined
  }

  /** Only the owner may release; WATCH notices when the lock changes hands in between. */
  async function ifOwner(
    redis: Redis,
    name: string,
    owner: string,
    act: (commands: ReturnType<Redis['multi']>) => ReturnType<Redis['multi']>,
  ): Promise<boolean> {
    await redis.watch(`lock:${name}`)
    if ((await redis.get(`lock:${name}`)) !== owner) {
      await redis.unwatch()
      return false
    }
    return (await act(redis.multi()).exec()) !== null
  }

  it('have one owner at a time, and only the owner lets go', async () => {
    const { redis } = app
    expect(await acquire(redis, 'job', 'a')).toBe(1)
    expect(await acquire(redis, 'job', 'b')).toBeUndefined()
    expect(await ifOwner(redis, 'job', 'b', (tx) => tx.del('lock:job'))).toBe(false)
    expect(await ifOwner(redis, 'job', 'a', (tx) => tx.pexpire('lock:job', 60_000))).toBe(true)
    expect(await redis.pttl('lock:job')).toBeGreaterThan(30_000)
    expect(await ifOwner(redis, 'job', 'a', (tx) => tx.del('lock:job'))).toBe(true)
    expect(await acquire(redis, 'job', 'b')).toBe(2)
  })

  it('give numbers that keep out an owner who slept too long', async () => {
    const { redis } = app
    let newest = 0
    const write = (fence: number) => {
      if (fence < newest) return false
      newest = fence
      return true
    }
    const first = (await acquire(redis, 'file', 'a'))!
    await redis.pexpireat('lock:file', 1)
    const second = (await acquire(redis, 'file', 'b'))!
    expect(write(second)).toBe(true)
    expect(write(first)).toBe(false)
    expect(await ifOwner(redis, 'file', 'a', (tx) => tx.del('lock:file'))).toBe(false)
  })

  it('let one through of twenty', async () => {
    const clients = Array.from({ length: 20 }, () => app.connect())
    const fences = await Promise.all(clients.map((client, i) => acquire(client, 'one', `${i}`)))
    expect(fences.filter((fence) => fence !== undefined)).toEqual([1])
  })

  it('count as semaphores, and forget those who died', async () => {
    const { redis } = app
    const enter = async (who: string, second: number) => {
      const replies = await redis
        .multi()
        .zremrangebyscore('pool', '-inf', second)
        .zadd('pool', 'NX', second + 30, who)
        .zrank('pool', who)
        .exec()
      if ((results(replies)[2] as number) < 2) return true
      await redis.zrem('pool', who)
      return false
    }
    expect(await enter('a', 0)).toBe(true)
    expect(await enter('b', 1)).toBe(true)
    expect(await enter('c', 2)).toBe(false)
    await redis.zrem('pool', 'a')
    expect(await enter('c', 3)).toBe(true)
    expect(await enter('d', 4)).toBe(false)
    expect(await enter('d', 31)).toBe(true)
  })
})

describe('circuit breakers', () => {
  it('open after three failures and try again later', async () => {
    const { redis } = app
    const call = async (succeeds: boolean) => {
      if (await redis.exists('breaker:open')) return 'refused'
      if (succeeds) {
        await redis.del('breaker:failures')
        return 'done'
      }
      if ((await redis.incr('breaker:failures')) >= 3) {
        await redis.multi().set('breaker:open', 1, 'EX', 30).del('breaker:failures').exec()
      }
      return 'failed'
    }
    const seen = []
    for (const succeeds of [false, false, true, false, false, false, true]) {
      seen.push(await call(succeeds))
    }
    expect(seen).toEqual(['failed', 'failed', 'done', 'failed', 'failed', 'failed', 'refused'])
    await redis.pexpireat('breaker:open', 1)
    expect(await call(true)).toBe('done')
  })

  it('judge by the share of failures in a window', async () => {
    const { redis } = app
    const pipeline = redis.pipeline()
    for (let second = 0; second < 100; second++) {
      const outcome = second >= 80 && second % 2 ? 'failures' : 'successes'
      pipeline.zadd(`breaker:${outcome}`, second, `call:${second}`)
    }
    await pipeline.exec()
    const share = async (second: number) => {
      const replies = await redis
        .pipeline()
        .zcount('breaker:failures', second - 20, second)
        .zcount('breaker:successes', second - 20, second)
        .exec()
      const [bad, good] = results(replies) as [number, number]
      return bad / (bad + good)
    }
    expect(await share(60)).toBe(0)
    expect(await share(99)).toBeCloseTo(0.48, 1)
  })
})

describe('transfers', () => {
  it('move money in one transaction, never below zero, whoever else does', async () => {
    const { redis } = app
    await redis.mset({ 'balance:a': 100, 'balance:b': 0 })
    const transfer = (client: Redis, amount: number) =>
      optimistically(client, ['balance:a'], async () => {
        const isEnough = Number(await client.get('balance:a')) >= amount
        const commands = client.multi()
        if (isEnough) commands.decrby('balance:a', amount).incrby('balance:b', amount)
        else commands.incr('refused')
        return { commands, result: isEnough }
      })
    const clients = Array.from({ length: 6 }, () => app.connect())
    const done = await Promise.all(clients.map((client) => transfer(client, 30)))
    expect(done.filter(Boolean)).toHaveLength(3)
    expect(await redis.mget('balance:a', 'balance:b', 'refused')).toEqual(['10', '90', '3'])
  })

  it('compare and set', async () => {
    const { redis } = app
    const set = (expected: string | null, value: string) =>
      optimistically(redis, ['config'], async () => {
        const isSame = (await redis.get('config')) === expected
        const commands = redis.multi()
        if (isSame) commands.set('config', value)
        else commands.ping()
        return { commands, result: isSame }
      })
    expect(await set(null, '1')).toBe(true)
    expect(await set(null, '2')).toBe(false)
    expect(await set('1', '2')).toBe(true)
    expect(await redis.get('config')).toBe('2')
  })

  it('take all of a group at once', async () => {
    const { redis } = app
    await redis.mset({ 'code:1': 'x', 'code:2': 'y' })
    const replies = await redis.multi().mget('code:1', 'code:2').del('code:1', 'code:2').exec()
    expect(results(replies)).toEqual([['x', 'y'], 2])
  })

  it('a command that fails does not undo the others', async () => {
    const { redis } = app
    await redis.set('text', 'abc')
    const replies = await redis.multi().set('a', 1).incr('text').set('b', 2).exec()
    expect(replies!.map(([error, result]) => error?.message ?? result)).toEqual([
      'OK',
      'ERR value is not an integer or out of range',
      'OK',
    ])
  })
})
