/** Libraries whose heart is a script, unmodified, over TCP. */
import { Redis } from 'ioredis'
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible'
import Redlock from 'redlock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from 'redis'
import type { TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'

let server: TestServer
let redis: Redis

beforeAll(async () => {
  server = await startWadi()
  redis = new Redis({ host: '127.0.0.1', port: server.port })
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

describe('redlock', () => {
  it('lets one hold a lock, who alone extends and releases it', async () => {
    const locks = new Redlock([redis], { retryCount: 0 })
    const lock = await locks.acquire(['lock:a'], 5000)
    await expect(locks.acquire(['lock:a'], 5000)).rejects.toThrow('quorum')
    const longer = await lock.extend(10_000)
    expect(await redis.pttl('lock:a')).toBeGreaterThan(5000)
    await longer.release()
    expect(await redis.exists('lock:a')).toBe(0)
    const both = await locks.acquire(['lock:a', 'lock:b'], 5000)
    await redis.set('lock:b', 'stolen')
    await expect(both.release()).rejects.toThrow('quorum')
  })

  it('runs what is exclusive one after the other', async () => {
    const locks = new Redlock([redis], { retryCount: 200, retryDelay: 5, retryJitter: 5 })
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 5 }, () =>
        locks.using(['lock:c'], 2000, async () => {
          most = Math.max(most, ++inside)
          await new Promise((resolve) => setImmediate(resolve))
          inside--
        }),
      ),
    )
    expect(most).toBe(1)
  })
})

describe.each(['ioredis', 'node-redis'])('rate-limiter-flexible over %s', (name) => {
  it('lets so many through, and says when more may come', async () => {
    const client = createClient({ url: `redis://127.0.0.1:${server.port}` })
    if (name === 'node-redis') await client.connect()
    try {
      const limiter = new RateLimiterRedis({
        storeClient: name === 'ioredis' ? redis : client,
        useRedisPackage: name !== 'ioredis',
        keyPrefix: `limit-${name}`,
        points: 3,
        duration: 60,
      })
      const left = []
      for (let i = 0; i < 3; i++) left.push((await limiter.consume('ada')).remainingPoints)
      expect(left).toEqual([2, 1, 0])
      const refused = await limiter.consume('ada').catch((error: RateLimiterRes) => error)
      expect(refused.remainingPoints).toBe(0)
      expect(refused.msBeforeNext).toBeGreaterThan(50_000)
      expect((await limiter.get('ada'))?.consumedPoints).toBe(4)
      await limiter.reward('ada', 2)
      await limiter.delete('ada')
      expect(await limiter.get('ada')).toBeNull()
    } finally {
      if (name === 'node-redis') client.destroy()
    }
  })
})

describe('ioredis', () => {
  it('defines commands from scripts', async () => {
    redis.defineCommand('take', {
      numberOfKeys: 1,
      lua: `
        local left = tonumber(redis.call('get', KEYS[1]) or ARGV[1])
        if left < tonumber(ARGV[2]) then return {err = 'EMPTY nothing left'} end
        redis.call('set', KEYS[1], left - ARGV[2])
        return left - ARGV[2]`,
    })
    const take = (redis as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[
      'take'
    ]!.bind(redis)
    expect(await take('bucket', 10, 4)).toBe(6)
    expect(await take('bucket', 10, 4)).toBe(2)
    await expect(take('bucket', 10, 4)).rejects.toThrow('EMPTY nothing left')
    await redis.script('FLUSH')
    expect(await take('bucket', 10, 1)).toBe(1)
    const replies = await redis
      .multi()
      .set('x', 1)
      .eval('return redis.call("incr", KEYS[1])', 1, 'x')
      .exec()
    expect(replies).toEqual([
      [null, 'OK'],
      [null, 2],
    ])
  })
})
