/** What applications do in one step, since a script is one: locks, limiters, counters, transfers. */
import { describe, expect, it } from 'vitest'
import { Application } from '../support/application.ts'

const app = new Application()
const run = (script: string, keys: string[], ...args: (string | number)[]) =>
  app.redis.eval(script, keys.length, ...keys, ...args)

describe('a lock', () => {
  const RELEASE = `
    if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
    return 0`
  const RENEW = `
    if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
    return 0`

  it('is released and renewed by its holder alone', async () => {
    const { redis } = app
    await redis.set('lock', 'mine', 'PX', 10_000, 'NX')
    expect(await run(RELEASE, ['lock'], 'yours')).toBe(0)
    expect(await run(RENEW, ['lock'], 'mine', 60_000)).toBe(1)
    expect(await redis.pttl('lock')).toBeGreaterThan(50_000)
    expect(await run(RELEASE, ['lock'], 'mine')).toBe(1)
    expect(await run(RENEW, ['lock'], 'mine', 60_000)).toBe(0)
  })
})

describe('a limiter', () => {
  const SLIDING = `
    local now, window, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
    local count = redis.call('ZCARD', KEYS[1])
    if count >= most then
      local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
      return {0, 0, tonumber(oldest[2]) + window - now}
    end
    redis.call('ZADD', KEYS[1], now, now .. ':' .. math.random())
    redis.call('EXPIRE', KEYS[1], math.ceil(window / 1000))
    return {1, most - count - 1, 0}`

  it('slides over the last minute', async () => {
    const hit = (now: number) => run(SLIDING, ['hits:ada'], now, 60_000, 3)
    expect(await hit(1000)).toEqual([1, 2, 0])
    expect(await hit(2000)).toEqual([1, 1, 0])
    expect(await hit(3000)).toEqual([1, 0, 0])
    expect(await hit(4000)).toEqual([0, 0, 57_000])
    expect(await hit(61_001)).toEqual([1, 0, 0])
    expect(await app.redis.ttl('hits:ada')).toBe(60)
  })

  const BUCKET = `
    local capacity, rate, now, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
    local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
    local tokens = tonumber(bucket[1]) or capacity
    local at = tonumber(bucket[2]) or now
    tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
    local isAllowed = tokens >= wanted
    if isAllowed then tokens = tokens - wanted end
    redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
    redis.call('EXPIRE', KEYS[1], math.ceil(capacity / rate) * 2)
    return {isAllowed and 1 or 0, tostring(tokens)}`

  it('is a bucket that fills again', async () => {
    const take = (now: number, wanted: number) => run(BUCKET, ['bucket'], 10, 0.5, now, wanted)
    expect(await take(0, 8)).toEqual([1, '2'])
    expect(await take(1, 3)).toEqual([0, '2.5'])
    expect(await take(2, 3)).toEqual([1, '0'])
    expect(await take(1000, 10)).toEqual([1, '0'])
    expect(await app.redis.ttl('bucket')).toBe(40)
  })
})

describe('a value', () => {
  it('is changed if it is what it was taken for', async () => {
    const swap = `
      if redis.call('GET', KEYS[1]) == ARGV[1] then
        redis.call('SET', KEYS[1], ARGV[2])
        return 1
      end
      return 0`
    await app.redis.set('version', 'a')
    expect(await run(swap, ['version'], 'a', 'b')).toBe(1)
    expect(await run(swap, ['version'], 'a', 'c')).toBe(0)
    expect(await app.redis.get('version')).toBe('b')
  })

  it('is counted up to a limit', async () => {
    const count = `
      local value = tonumber(redis.call('GET', KEYS[1]) or 0)
      if value + ARGV[1] > tonumber(ARGV[2]) then return false end
      return redis.call('INCRBY', KEYS[1], ARGV[1])`
    expect(await run(count, ['seats'], 2, 3)).toBe(2)
    expect(await run(count, ['seats'], 2, 3)).toBeNull()
    expect(await run(count, ['seats'], 1, 3)).toBe(3)
  })

  it('is made by the first who asks', async () => {
    const get = `
      local value = redis.call('GET', KEYS[1])
      if value then return {value, 0} end
      redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
      return {ARGV[1], 1}`
    expect(await run(get, ['page'], 'made', 60)).toEqual(['made', 1])
    expect(await run(get, ['page'], 'other', 60)).toEqual(['made', 0])
    expect(await app.redis.ttl('page')).toBe(60)
  })

  it('goes as JSON in and out', async () => {
    const patch = `
      local object = cjson.decode(redis.call('GET', KEYS[1]) or '{}')
      for field, value in pairs(cjson.decode(ARGV[1])) do object[field] = value end
      redis.call('SET', KEYS[1], cjson.encode(object))
      return #redis.call('GET', KEYS[1])`
    await app.redis.set('user', JSON.stringify({ name: 'ada', age: 36, tags: ['x'] }))
    await run(patch, ['user'], JSON.stringify({ age: 37, home: null }))
    expect(JSON.parse((await app.redis.get('user'))!)).toEqual({
      name: 'ada',
      age: 37,
      tags: ['x'],
      home: null,
    })
  })
})

describe('goods', () => {
  const MOVE = `
    local from = tonumber(redis.call('HGET', KEYS[1], 'stock') or 0)
    local count = tonumber(ARGV[1])
    if not count or count <= 0 then return {err = 'Invalid input: ' .. tostring(ARGV[1])} end
    if from < count then return redis.error_reply('STOCK only ' .. from .. ' are left') end
    redis.call('HINCRBY', KEYS[1], 'stock', -count)
    return redis.call('HINCRBY', KEYS[2], 'stock', count)`

  it('move whole, or not at all', async () => {
    const { redis } = app
    await redis.hset('{item}:a', 'stock', 5)
    const keys = ['{item}:a', '{item}:b']
    expect(await run(MOVE, keys, 3)).toBe(3)
    await expect(run(MOVE, keys, 3)).rejects.toThrow('STOCK only 2 are left')
    await expect(run(MOVE, keys, 'x')).rejects.toThrow('Invalid input: x')
    expect(await redis.hget('{item}:a', 'stock')).toBe('2')
  })
})

describe('what a script leaves', () => {
  it('stays when it fails further on', async () => {
    const script = `
      local count = redis.call('INCR', KEYS[1])
      if ARGV[1] then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
      return count`
    await expect(run(script, ['count'], '')).rejects.toThrow(
      'ERR value is not an integer or out of range script: ',
    )
    expect(await app.redis.get('count')).toBe('1')
  })

  it('has a number in full as an argument, and in fourteen digits as text', async () => {
    const script = `
      local sum = 0.1 + 0.2
      redis.call('SET', KEYS[1], sum)
      return {redis.call('GET', KEYS[1]), sum .. '', 1705312345.123456 .. ''}`
    expect(await run(script, ['sum'])).toEqual(['0.30000000000000004', '0.3', '1705312345.1235'])
  })

  it('is found by its name until the cache is empty', async () => {
    const { redis } = app
    const sha = (await redis.script('LOAD', 'return ARGV[1]')) as string
    expect(await redis.evalsha(sha, 0, 'x')).toBe('x')
    await redis.script('FLUSH')
    await expect(redis.evalsha(sha, 0, 'x')).rejects.toThrow('NOSCRIPT')
    expect(await redis.eval('return ARGV[1]', 0, 'x')).toBe('x')
    expect(await redis.evalsha(sha, 0, 'x')).toBe('x')
  })

  it('has no way out of the sandbox', async () => {
    await expect(run("return require('cjson')", [])).rejects.toThrow("global variable 'require'")
    await expect(run("return io.open('x')", [])).rejects.toThrow("global variable 'io'")
    await expect(run('counter = 1', [])).rejects.toThrow('Attempt to modify a readonly table')
  })
})
