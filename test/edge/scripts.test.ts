// Scripts in a Durable Object.

import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TOKEN, World } from './support/world.ts'

let world: World
let redis: Redis

beforeAll(async () => {
  world = await World.start()
  redis = new Redis({ url: world.url, token: TOKEN, enableTelemetry: false })
})
afterAll(() => world.stop())

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
