// Scripts in a Durable Object, and the rate limiter that runs on them: @upstash/ratelimit, unmodified.

import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOKEN, World } from './support/world.ts'

let world: World
let redis: Redis
let shards: World
let sharded: Redis

beforeAll(async () => {
  world = await World.start()
  redis = new Redis({ url: world.url, token: TOKEN, enableTelemetry: false })
  shards = await World.start({ bindings: { WADI_SHARDS: '4' } })
  sharded = new Redis({ url: shards.url, token: TOKEN, enableTelemetry: false })
})
afterAll(async () => {
  await world.stop()
  await shards.stop()
})

test('EVAL, and EVALSHA once the script is known', async () => {
  const script = redis.createScript<number>("return redis.call('INCRBY', KEYS[1], ARGV[1])")
  expect(await script.exec(['counter'], ['5'])).toBe(5)
  expect(await script.exec(['counter'], ['2'])).toBe(7)
  expect(await redis.eval('return {1, ARGV[1], {2}}', [], ['x'])).toEqual([1, 'x', [2]])
})

test('what a script writes is stored as one, and there after a restart', async () => {
  await redis.eval("redis.call('SET', 'a', 1) redis.call('SET', 'b', 2) return 1", ['a', 'b'], [])
  await world.faults({ writesLeft: 0 })
  await world.post('/', ['EVAL', "redis.call('SET', 'a', 9) return 1", '1', 'a'])
  await world.faults({})
  expect(await redis.mget('a', 'b')).toEqual([1, 2])
})

test('functions outlive the object', async () => {
  const library =
    "#!lua name=lib\nredis.register_function('twice', function(keys) return redis.call('INCRBY', keys[1], redis.call('GET', keys[1])) end)"
  expect(await world.rest('FUNCTION', 'LOAD', library)).toBe('lib')
  await world.faults({ writesLeft: 0 })
  await world.post('/', ['SET', 'x', 'y'])
  await world.faults({})
  await redis.set('n', 21)
  expect(await world.rest('FCALL', 'twice', '1', 'n')).toBe(42)
})

const LIMITERS = [
  ['fixed window', () => Ratelimit.fixedWindow(3, '60 s')],
  ['sliding window', () => Ratelimit.slidingWindow(3, '60 s')],
  ['token bucket', () => Ratelimit.tokenBucket(1, '60 s', 3)],
] as const

const STORES = [
  ['one object', () => redis, 'visitor'],
  ['four shards, with an identifier in braces', () => sharded, '{visitor}'],
] as const

describe.each(STORES)('@upstash/ratelimit on %s', (_, store, visitor) => {
  test.each(LIMITERS)('%s lets three requests through', async (name, limiter) => {
    const ratelimit = new Ratelimit({
      redis: store(),
      limiter: limiter(),
      prefix: `limit:${name}`,
      analytics: false,
      ephemeralCache: false,
    })
    const results: boolean[] = []
    for (let i = 0; i < 5; i++) results.push((await ratelimit.limit(visitor)).success)
    expect(results).toEqual([true, true, true, false, false])
    expect((await ratelimit.limit('{another}')).success).toBe(true)
    const { remaining } = await ratelimit.getRemaining(visitor)
    expect(remaining).toBe(0)
    await ratelimit.resetUsedTokens(visitor)
    expect((await ratelimit.limit(visitor)).success).toBe(true)
  })
})
