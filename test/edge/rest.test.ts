// The REST API, by hand and through the client of @upstash/redis, unmodified.

import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause, TOKEN, World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await World.start({
    bindings: { WADI_ORIGINS: 'https://app.example', WADI_MAX_BODY: '1mb' },
  })
})
afterAll(() => world.stop())

const json = async (response: Response): Promise<unknown> => response.json()

describe('requests', () => {
  test('a command answers its result', async () => {
    const response = await world.post('/', ['SET', 'k', 'v'])
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await json(response)).toEqual({ result: 'OK' })
  })

  test('an error answers 400 with the text of Redis', async () => {
    const response = await world.post('/', ['NOSUCH', 'x'])
    expect(response.status).toBe(400)
    expect(await json(response)).toEqual({
      error: "ERR unknown command 'NOSUCH', with args beginning with: 'x' ",
    })
  })

  test('integers of 64 bits keep their digits, both ways', async () => {
    const send = (body: string) => world.request('/', { method: 'POST', body })
    await send('["SET", "big", 9007199254740993]')
    expect(await (await send('["GET", "big"]')).text()).toBe('{"result":"9007199254740993"}')
    expect(await (await send('["INCR", "big"]')).text()).toBe('{"result":9007199254740994}')
    expect(await (await send('["SET", "float", 1.50]')).text()).toBe('{"result":"OK"}')
    expect(await (await send('["GET", "float"]')).text()).toBe('{"result":"1.50"}')
  })

  test('strings are base64 where the client wants it, and OK alone is not', async () => {
    const base64 = { 'upstash-encoding': 'base64' }
    expect(await json(await world.post('/', ['SET', 'b', 'héllo'], base64))).toEqual({
      result: 'OK',
    })
    expect(await json(await world.post('/', ['GET', 'b'], base64))).toEqual({
      result: Buffer.from('héllo').toString('base64'),
    })
    expect(await json(await world.post('/', ['TYPE', 'b'], base64))).toEqual({
      result: btoa('string'),
    })
    expect(await json(await world.post('/', ['MGET', 'b', 'nil'], base64))).toEqual({
      result: [Buffer.from('héllo').toString('base64'), null],
    })
    const multi = await world.post(
      '/multi-exec',
      [
        ['SET', 'b', 'x'],
        ['ECHO', 'OK'],
      ],
      base64,
    )
    expect(await json(multi)).toEqual([{ result: 'OK' }, { result: btoa('OK') }])
  })

  test('a pipeline answers each command by itself', async () => {
    const response = await world.post('/pipeline', [
      ['SET', 'p', '1'],
      ['LPUSH', 'p', 'x'],
      ['INCR', 'p'],
    ])
    expect(response.status).toBe(200)
    expect(await json(response)).toEqual([
      { result: 'OK' },
      { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
      { result: 2 },
    ])
  })

  test('a transaction runs as one, or not at all', async () => {
    const ran = await world.post('/multi-exec', [
      ['SET', 't', '1'],
      ['LPUSH', 't', 'x'],
      ['INCR', 't'],
    ])
    expect(await json(ran)).toEqual([
      { result: 'OK' },
      { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
      { result: 2 },
    ])
    const refused = await world.post('/multi-exec', [['SET', 't', '9'], ['NOSUCH']])
    expect(refused.status).toBe(400)
    expect(await json(refused)).toEqual({
      error: 'EXECABORT Transaction discarded because of previous errors.',
    })
    expect(await world.rest('GET', 't')).toBe('2')
  })

  test.each([
    ['GET', '/set/path%2Fkey/a%20value', undefined, 'OK'],
    ['GET', '/set/brief/v?EX=60', undefined, 'OK'],
    ['GET', '/ttl/brief', undefined, 60],
    ['GET', '/db/default/get/brief', undefined, 'v'],
    ['GET', '/zadd/board/1/a/2/b', undefined, 2],
    ['GET', '/zrange/board/0/-1?WITHSCORES', undefined, ['a', '1', 'b', '2']],
    ['GET', '/hset/h/a%2Fb/%E2%82%AC', undefined, 1],
    ['GET', '/hgetall/h/', undefined, ['a/b', '€']],
    ['GET', '/get/path%2Fkey', undefined, 'a value'],
    ['POST', '/set/posted', 'the body', 'OK'],
    ['POST', '/set/posted?EX=100', 'again', 'OK'],
    ['PUT', '/set/posted?NX', 'never', null],
    ['GET', '/get/posted', undefined, 'again'],
    ['GET', '/mget/posted/missing', undefined, ['again', null]],
  ])('%s %s', async (method, path, body, result) => {
    const response = await world.request(path, { method, ...(body && { body }) })
    expect(await json(response)).toEqual({ result })
  })

  test.each(['GET', 'POST'])('%s /monitor streams the commands of others', async (method) => {
    const listener = new AbortController()
    const response = await world.request('/monitor', { method, signal: listener.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body!.getReader()
    const line = async () => new TextDecoder().decode((await reader.read()).value)
    expect(await line()).toBe('data: OK\n\n')
    await world.rest('GET', 'watched')
    expect(await line()).toMatch(/^data: \d+\.\d+ \[0 [^\]]+\] "GET" "watched"\n\n$/)
    listener.abort()
  })

  test('where the service of the client differs from Redis, its way holds', async () => {
    await world.rest('SET', 'same', 1)
    expect(await world.rest('COPY', 'same', 'same')).toBe(0)
    const commands = [
      ...Array.from({ length: 300 }, () => ['XADD', 'trimmed', '*', 'f', 'v']),
      ['XTRIM', 'trimmed', 'MAXLEN', '~', 30],
      ['COPY', 'same', 'same'],
    ]
    for (const path of ['/pipeline', '/multi-exec']) {
      const items = (await json(await world.post(path, commands))) as unknown[]
      expect(items.at(-1)).toEqual({ result: 0 })
      expect(await world.rest('XLEN', 'trimmed')).toBe(30)
    }
  })

  test.each([
    ['/', 'not json', 400],
    ['/', '{"a":1}', 400],
    ['/', '[]', 400],
    ['/pipeline', '[1]', 400],
    ['/pipeline', '[["SUBSCRIBE","x"]]', 400],
    ['/', '["MONITOR"]', 400],
    ['/multi-exec', '[["EXEC"]]', 400],
    ['/get/%ff', undefined, 400],
  ])('%s with %s answers %i and an error in JSON', async (path, body, status) => {
    const response = await world.request(path, body ? { method: 'POST', body } : {})
    expect(response.status).toBe(status)
    expect(await json(response)).toHaveProperty('error')
  })

  test('a body over the limit answers 413, and nothing of it is done', async () => {
    const response = await world.post('/', ['SET', 'huge', 'x'.repeat(1 << 20)])
    expect(response.status).toBe(413)
    expect(await world.rest('EXISTS', 'huge')).toBe(0)
  })

  test('every answer carries another sync token', async () => {
    const tokens = new Set<string | null>()
    for (let i = 0; i < 5; i++)
      tokens.add((await world.post('/', ['PING'])).headers.get('upstash-sync-token'))
    expect(tokens.size).toBe(5)
    expect(tokens.has(null)).toBe(false)
  })

  test('names are stores of their own, and the plain path is `default`', async () => {
    await world.post('/db/one', ['SET', 'k', '1'])
    await world.post('/db/two', ['SET', 'k', '2'])
    await world.rest('SET', 'k', '0')
    const values = await Promise.all(
      ['one', 'two', 'default'].map(async (name) => json(await world.request(`/db/${name}/get/k`))),
    )
    expect(values).toEqual([{ result: '1' }, { result: '2' }, { result: '0' }])
    expect(await json(await world.request('/db/one/health'))).toEqual({ status: 'ok' })
  })

  test('a name is one store, however it is spelled', async () => {
    await world.post('/db/caf%c3%a9%2F1', ['SET', 'k', 'v'])
    expect(await json(await world.request('/db/café%2f1/get/k'))).toEqual({ result: 'v' })
  })

  test.each(['%zz', '%ff', 'one%2Fshard%2F1', 'x'.repeat(1025)])(
    'no store is called %s',
    async (name) => {
      for (const path of ['/get/k', '/metrics'])
        expect((await world.request(`/db/${name}${path}`)).status).toBe(400)
      const upgrade = { connection: 'upgrade', upgrade: 'websocket' }
      await expect(world.open(`/db/${name}/ws`, upgrade)).rejects.toThrow('400')
    },
  )
})

describe('who may come in', () => {
  test.each([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: `Bearer ${TOKEN}x` },
    { authorization: TOKEN },
  ])('nobody with %j', async (headers) => {
    const response = await fetch(`${world.url}/get/k`, {
      headers: headers as Record<string, string>,
    })
    expect(response.status).toBe(401)
    expect(await json(response)).toEqual({ error: 'Unauthorized' })
  })

  test('pages of an allowed origin may read, others may not', async () => {
    const allowed = await world.request('/get/k', { headers: { origin: 'https://app.example' } })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(allowed.headers.get('access-control-expose-headers')).toContain('upstash-sync-token')
    const other = await world.request('/get/k', { headers: { origin: 'https://evil.example' } })
    expect(other.status).toBe(403)
    expect(other.headers.get('access-control-allow-origin')).toBe(null)
    const image = await world.request('/set/k/v', { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(image.status).toBe(403)
    const preflight = await fetch(`${world.url}/`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example' },
    })
    expect(preflight.status).toBe(204)
    // What the client of @upstash/redis sends, its subscriptions and repeated requests included.
    const sent = 'authorization cache-control content-type upstash-encoding upstash-sync-token'
    const told = ['runtime', 'platform', 'sdk', 'retry'].map((one) => `upstash-telemetry-${one}`)
    const allowedHeaders = preflight.headers.get('access-control-allow-headers')!.split(', ')
    expect(allowedHeaders).toEqual(expect.arrayContaining([...sent.split(' '), ...told]))
  })

  test('health answers anybody', async () => {
    expect(await json(await fetch(`${world.url}/health`))).toEqual({ status: 'ok' })
  })
})

describe('the client of @upstash/redis', () => {
  let redis: Redis
  beforeAll(() => {
    redis = new Redis({ url: `${world.url}/db/client`, token: TOKEN, enableTelemetry: false })
  })

  test('strings, numbers and objects', async () => {
    expect(await redis.set('user:1', { name: 'Ada', tags: ['a', 'b'] }, { ex: 100 })).toBe('OK')
    expect(await redis.get('user:1')).toEqual({ name: 'Ada', tags: ['a', 'b'] })
    expect(await redis.set('user:1', 'x', { nx: true })).toBe(null)
    expect(await redis.incrby('n', 5)).toBe(5)
    expect(await redis.get('n')).toBe(5)
    expect(await redis.mget('n', 'missing')).toEqual([5, null])
    expect(await redis.set('text', 'OK')).toBe('OK')
    expect(await redis.get('text')).toBe('OK')
    expect(await redis.ping()).toBe('PONG')
  })

  test('hashes, lists, sets, sorted sets and streams', async () => {
    await redis.hset('h', { a: 1, b: 'two', c: { deep: true } })
    expect(await redis.hgetall('h')).toEqual({ a: 1, b: 'two', c: { deep: true } })
    await redis.rpush('l', 'a', 'b', 'c')
    expect(await redis.lrange('l', 0, -1)).toEqual(['a', 'b', 'c'])
    await redis.sadd('s', 'x', 'y')
    expect((await redis.smembers('s')).sort()).toEqual(['x', 'y'])
    await redis.zadd('z', { score: 1, member: 'one' }, { score: 2.5, member: 'two' })
    expect(await redis.zrange('z', 0, -1, { withScores: true })).toEqual(['one', 1, 'two', 2.5])
    expect(await redis.zscore('z', 'two')).toBe(2.5)
    await redis.xadd('x', '1-1', { field: 'value' })
    expect(await redis.xrange('x', '-', '+')).toEqual({ '1-1': { field: 'value' } })
    const [, keys] = await redis.scan(0, { match: '*', count: 100 })
    expect(keys).toContain('h')
  })

  test('pipelines and transactions', async () => {
    const pipeline = redis.pipeline().set('a', 1).incr('a').get('missing')
    expect(await pipeline.exec()).toEqual(['OK', 2, null])
    const transaction = redis.multi().set('b', 'x').append('b', 'y').get('b')
    expect(await transaction.exec()).toEqual(['OK', 2, 'xy'])
    await expect(redis.pipeline().set('a', 'x').incr('a').exec()).rejects.toThrow(
      'ERR value is not an integer or out of range',
    )
    const results = await redis.pipeline().set('a', 'x').incr('a').exec({ keepErrors: true })
    expect(results[1]).toMatchObject({ error: 'ERR value is not an integer or out of range' })
  })

  test('errors carry the text of Redis', async () => {
    await redis.set('str', 'x')
    await expect(redis.lpush('str', 'y')).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    )
  })

  test('messages come as server-sent events until the listener goes', async () => {
    const subscriber = redis.subscribe<string>(['news'])
    const patterns = redis.psubscribe<string>('we*')
    const messages: unknown[] = []
    subscriber.on('message', (data) => messages.push([data.channel, data.message]))
    patterns.on('pmessage', (data) => messages.push([data.pattern, data.channel, data.message]))
    await expect.poll(() => redis.exec(['PUBSUB', 'NUMPAT'])).toBe(1)
    await expect.poll(() => redis.exec(['PUBSUB', 'NUMSUB', 'news'])).toEqual(['news', 1])
    expect(await redis.publish('news', 'hello, world')).toBe(1)
    expect(await redis.publish('weather', { rain: true })).toBe(1)
    await expect
      .poll(() => messages)
      .toEqual([
        ['news', 'hello, world'],
        ['we*', 'weather', { rain: true }],
      ])
    await subscriber.unsubscribe()
    await patterns.unsubscribe()
    await expect.poll(() => redis.publish('news', 'again')).toBe(0)
  })

  test('a call that waits is answered when it is served', async () => {
    const waiting = redis.exec(['BLPOP', 'jobs', '5'])
    await pause(50)
    await redis.rpush('jobs', 'job')
    expect(await waiting).toEqual(['jobs', 'job'])
  })
})
