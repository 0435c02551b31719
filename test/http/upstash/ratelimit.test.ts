// @upstash/ratelimit, unmodified, in every home. All keys of a limiter are in one shard: its prefix is in braces.

import { Analytics, Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, HOMES } from './homes.ts'

type Options = Partial<ConstructorParameters<typeof Ratelimit>[0]>

const LIMITERS = [
  ['a fixed window', Ratelimit.fixedWindow(3, '1 h')],
  ['a sliding window', Ratelimit.slidingWindow(3, '1 h')],
  ['a token bucket', Ratelimit.tokenBucket(1, '1 h', 3)],
  ['a fixed window with a cache', Ratelimit.cachedFixedWindow(3, '1 h')],
] as const

describe.each(HOMES)('on $name', ({ start }) => {
  let home: Home
  let redis: Redis
  let limiters = 0
  beforeAll(async () => {
    home = await start()
    redis = new Redis({ url: home.url, token: home.token, enableTelemetry: false, retry: false })
  })
  afterAll(() => home.stop())

  const limit = (limiter: Options['limiter'], options: Options = {}) =>
    new Ratelimit({
      redis,
      limiter: limiter!,
      prefix: `{limit${limiters++}}`,
      analytics: false,
      timeout: 0,
      ...options,
    })

  describe.each(LIMITERS)('%s', (name, limiter) => {
    const isCached = name.endsWith('cache')
    const ephemeralCache = isCached ? new Map<string, number>() : false

    test('lets three requests through, counts them, and forgets them when told', async () => {
      const ratelimit = limit(limiter, { ephemeralCache })
      const results: [boolean, number][] = []
      for (let i = 0; i < 5; i++) {
        const { success, remaining, limit: most, pending } = await ratelimit.limit('visitor')
        await pending
        expect(most).toBe(3)
        results.push([success, remaining])
      }
      expect(results.map(([success]) => success)).toEqual([true, true, true, false, false])
      expect(results.slice(0, 3).map(([, remaining]) => remaining)).toEqual([2, 1, 0])
      expect((await ratelimit.limit('another')).success).toBe(true)
      const left = await ratelimit.getRemaining('visitor')
      expect(left.remaining).toBe(0)
      expect(left.reset).toBeGreaterThan(Date.now() - 3_600_000)
      await ratelimit.resetUsedTokens('visitor')
      expect((await ratelimit.limit('visitor')).success).toBe(true)
    })

    test('counts requests that weigh more', async () => {
      const ratelimit = limit(limiter, { ephemeralCache })
      expect((await ratelimit.limit('heavy', { rate: 2 })).success).toBe(true)
      const { remaining } = await ratelimit.getRemaining('heavy')
      expect(remaining).toBe(1)
    })
  })

  test('the identifier can be in braces instead: then visitors are spread over shards', async () => {
    const ratelimit = limit(Ratelimit.slidingWindow(1, '1 h'), { prefix: 'plain' })
    expect((await ratelimit.limit('{visitor}')).success).toBe(true)
    expect((await ratelimit.limit('{visitor}')).success).toBe(false)
  })

  test('who was blocked is remembered without a request', async () => {
    const ratelimit = limit(Ratelimit.slidingWindow(1, '1 h'), { ephemeralCache: new Map() })
    const reasons: unknown[] = []
    for (let i = 0; i < 3; i++) reasons.push((await ratelimit.limit('visitor')).reason)
    expect(reasons).toEqual([undefined, undefined, 'cacheBlock'])
  })

  test('blockUntilReady waits for the next window, and not for longer than it is told', async () => {
    const brief = limit(Ratelimit.fixedWindow(1, '300 ms'), { ephemeralCache: false })
    expect((await brief.blockUntilReady('visitor', 2000)).success).toBe(true)
    expect((await brief.blockUntilReady('visitor', 2000)).success).toBe(true)
    const long = limit(Ratelimit.tokenBucket(1, '1 h', 1), { ephemeralCache: false })
    expect((await long.blockUntilReady('visitor', 50)).success).toBe(true)
    expect((await long.blockUntilReady('visitor', 50)).success).toBe(false)
  })

  test('a limit is changed while it runs', async () => {
    const ratelimit = limit(Ratelimit.slidingWindow(1, '1 h'), {
      dynamicLimits: true,
      ephemeralCache: false,
    })
    expect(await ratelimit.getDynamicLimit()).toEqual({ dynamicLimit: null })
    await ratelimit.setDynamicLimit({ limit: 3 })
    expect(await ratelimit.getDynamicLimit()).toEqual({ dynamicLimit: 3 })
    const seen: [boolean, number][] = []
    for (let i = 0; i < 4; i++) {
      const { success, limit: most } = await ratelimit.limit('visitor')
      seen.push([success, most])
    }
    expect(seen).toEqual([
      [true, 3],
      [true, 3],
      [true, 3],
      [false, 3],
    ])
    await ratelimit.setDynamicLimit({ limit: false })
    expect((await ratelimit.getRemaining('visitor')).limit).toBe(1)
  })

  test('who is on the deny list is not let in', async () => {
    const prefix = `{limit${limiters++}}`
    const ratelimit = limit(Ratelimit.fixedWindow(10, '1 h'), { prefix, enableProtection: true })
    // The list of the net’s worst addresses is not fetched.
    await redis.set(`${prefix}:ipDenyListStatus`, 'disabled')
    await redis.sadd(`${prefix}:denyList:all`, '192.0.2.66')
    expect((await ratelimit.limit('visitor', { ip: '192.0.2.1' })).success).toBe(true)
    const denied = await ratelimit.limit('visitor', { ip: '192.0.2.66' })
    expect(denied).toMatchObject({ success: false, reason: 'denyList', deniedValue: '192.0.2.66' })
  })

  test('analytics are counted', async () => {
    const prefix = `{limit${limiters++}}`
    const ratelimit = limit(Ratelimit.fixedWindow(1, '1 h'), {
      prefix,
      analytics: true,
      ephemeralCache: false,
    })
    for (let i = 0; i < 3; i++) await (await ratelimit.limit('visitor')).pending
    const usage = await new Analytics({ redis: redis as never, prefix }).getUsage(
      Date.now() - 3_600_000,
    )
    expect(usage).toEqual({ visitor: { success: 1, blocked: 2 } })
  })
})
