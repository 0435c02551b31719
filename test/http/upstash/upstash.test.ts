// The client of @upstash/redis, unmodified, against every home of the REST API: each of its methods by itself, in a
// pipeline and in a transaction.

import net from 'node:net'
import { Redis, type Pipeline } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Call, CALLS, KEYS, type Step } from './calls.ts'
import { type Home, HOMES } from './homes.ts'

type Methods = Record<string, (...args: unknown[]) => unknown>

/** Calls a method by its name, which may have a dot. */
function invoke(target: object, [method, ...args]: Step): unknown {
  const names = method.split('.')
  const last = names.pop()!
  const owner = names.reduce((from, name) => (from as Record<string, object>)[name]!, target)
  return (owner as Methods)[last]!(...args)
}

function allIn<T extends Pipeline>(pipeline: T, steps: readonly Step[]): T {
  for (const step of steps) invoke(pipeline, step)
  return pipeline
}

/** The keys of calls are forgotten, and what a call needs is there. */
const preparation = ({ given }: Call): Step[] => [['del', ...KEYS], ...given]

/** These have no key, or go to all shards: in a transaction of several shards they cannot be. */
const OF_NO_SHARD =
  /^(clientSetinfo|dbsize|flushall|flushdb|keys|randomkey|publish|script\w+|functions\.(load|list|delete|flush|stats))$/

const mayWait = ({ args }: Call): boolean => JSON.stringify(args).includes('blockMS')

const hasOneShard = ({ method, given }: Call): boolean =>
  [method, ...given.map(([name]) => name)].every((name) => !OF_NO_SHARD.test(name))

/** Methods of the classes that send no command of their own. */
const NO_COMMANDS =
  /^(client|opts|enable\w+|autoPipelineExecutor|use|addTelemetry|pipeline|autoPipeline|multi|readYourWritesSyncToken|constructor|commands|commandOptions|multiExec|exec|length|chain)$/
/** Commands of modules and of later servers. */
const NOT_OF_REDIS_7 = /^(json|search|vector|ar[a-z]+)$/
/** What has a test of its own. */
const APART = /^(bitfield|createScript|exec|functions|subscribe|psubscribe|scan)$/

/** The methods that an object has, of its own and of its class. */
function methodsOf(object: object): string[] {
  const names = new Set<string>()
  for (let from = object; from !== Object.prototype; from = Object.getPrototypeOf(from) as object)
    for (const name of Object.getOwnPropertyNames(from)) names.add(name)
  return [...names]
}

test('the table has every method of the client', () => {
  const redis = new Redis({
    url: 'http://127.0.0.1:1',
    token: 'none',
    enableAutoPipelining: false,
  })
  const known = new Set(CALLS.map(({ method }) => method.replace(/\..*/, '')))
  for (const object of [redis, redis.pipeline()]) {
    const missing = methodsOf(object).filter(
      (name) =>
        !known.has(name) &&
        !NO_COMMANDS.test(name) &&
        !NOT_OF_REDIS_7.test(name) &&
        !APART.test(name),
    )
    expect(missing).toEqual([])
  }
  const functions = CALLS.flatMap(({ method }) => /^functions\.(.*)/.exec(method)?.[1] ?? [])
  expect(new Set(functions)).toEqual(new Set(Object.keys(redis.functions)))
})

describe.each(HOMES)('on $name', ({ start, hasShards }) => {
  let home: Home
  let redis: Redis
  beforeAll(async () => {
    home = await start()
    redis = connect({ enableAutoPipelining: false })
  })
  afterAll(() => home.stop())

  const connect = (options: object = {}): Redis =>
    new Redis({
      url: home.url,
      token: home.token,
      enableTelemetry: false,
      retry: false,
      ...options,
    })

  test.each(CALLS.map((call, i) => ({ ...call, i })))('$method ($i)', async (call) => {
    await allIn(redis.pipeline(), preparation(call)).exec()
    expect(await invoke(redis, [call.method, ...call.args])).toEqual(call.result)
  })

  /** Calls in one request, each behind what it needs; what they answer. */
  async function allAtOnce(calls: readonly Call[], pipeline: Pipeline): Promise<unknown[]> {
    const places: number[] = []
    for (const call of calls) {
      allIn(pipeline, [...preparation(call), [call.method, ...call.args]])
      places.push(pipeline.length() - 1)
    }
    const results: unknown[] = await pipeline.exec()
    return places.map((place) => results[place])
  }

  test.each([
    ['all', CALLS],
    ['all that answer at once', CALLS.filter((call) => !mayWait(call))],
  ])('%s in one pipeline', async (_, calls) => {
    expect(await allAtOnce(calls, redis.pipeline())).toEqual(calls.map(({ result }) => result))
  })

  test('all in one transaction', async () => {
    const calls = hasShards ? CALLS.filter(hasOneShard) : CALLS
    expect(await allAtOnce(calls, redis.multi())).toEqual(calls.map(({ result }) => result))
  })

  test('all in one pipeline, in plain text', async () => {
    const plain = connect({ responseEncoding: false, readYourWrites: false })
    expect(await allAtOnce(CALLS, plain.pipeline())).toEqual(CALLS.map(({ result }) => result))
  })

  test('the store has the name default', async () => {
    const named = connect({ url: `${home.url}/db/default/` })
    expect(await named.set('{k}named', 1)).toBe('OK')
    expect(await named.multi().incr('{k}named').get('{k}named').exec()).toEqual([2, 2])
    expect(await redis.get('{k}named')).toBe(2)
  })

  test('calls of one moment go in one pipeline', async () => {
    const pipelined = connect()
    const results = await Promise.all([pipelined.set('auto', 1), pipelined.incr('auto')])
    expect(results).toEqual(['OK', 2])
    await expect(Promise.all([pipelined.get('auto'), pipelined.lpop('auto')])).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    )
  })

  test('scan walks all keys, with their types where they are wanted', async () => {
    await redis.flushall()
    const kinds: Record<string, string> = {}
    const pipeline = redis.pipeline()
    for (let i = 0; i < 200; i++) {
      if (i % 2) pipeline.set(`n:${i}`, i)
      else pipeline.rpush(`n:${i}`, i)
      kinds[`n:${i}`] = i % 2 ? 'string' : 'list'
    }
    await pipeline.set('other', 1).exec()
    const keys: string[] = []
    const types: Record<string, string> = {}
    const lists: string[] = []
    let cursor = '0'
    do {
      const [next, found] = await redis.scan(cursor, { match: 'n:*', count: 50 })
      keys.push(...found)
      cursor = next
    } while (cursor !== '0')
    do {
      const [next, found] = await redis.scan(cursor, { match: 'n:*', withType: true })
      for (const { key, type } of found) types[key] = type
      cursor = next
    } while (cursor !== '0')
    do {
      const [next, found] = await redis.scan(cursor, { type: 'list', count: 1000 })
      lists.push(...found)
      cursor = next
    } while (cursor !== '0')
    expect(new Set(keys)).toEqual(new Set(Object.keys(kinds)))
    expect(types).toEqual(kinds)
    expect(new Set(lists).size).toBe(100)
    const [, mixed] = await redis.exec<[string, string[]]>([
      'SCAN',
      0,
      'WITHTYPE',
      'TYPE',
      'list',
      'COUNT',
      1000,
    ])
    expect(mixed.filter((_, i) => i % 2)).toEqual(mixed.slice(mixed.length / 2).map(() => 'list'))
  })

  test('bitfield', async () => {
    await redis.del('bits')
    const work = (owner: Pick<Redis, 'bitfield'>) =>
      owner.bitfield('bits').set('u8', 0, 200).overflow('SAT').incrby('u8', 0, 100).get('u4', '#1')
    expect(await work(redis).exec()).toEqual([0, 255, 15])
    const pipeline = redis.pipeline()
    await pipeline.bitfield('bits').get('u8', 0).exec().exec()
  })

  test('exec sends any command, and errors have its name', async () => {
    expect(await redis.exec(['SET', 'any', 5, 'EX', 100])).toBe('OK')
    expect(await redis.exec(['OBJECT', 'ENCODING', 'any'])).toBe('int')
    expect(await redis.exec(['CONFIG', 'GET', 'maxmemory-policy'])).toEqual([
      'maxmemory-policy',
      'noeviction',
    ])
    await expect(redis.exec(['LPUSH', 'any', 1])).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value, command was: ["LPUSH","any","1"]',
    )
    await expect(redis.json.get('doc')).rejects.toThrow("ERR unknown command 'JSON.GET'")
  })

  test('scripts run by their hash once they are known', async () => {
    await redis.set('{k}n', 5)
    const script = redis.createScript<number>("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    expect(await script.exec(['{k}n'], ['2'])).toBe(7)
    expect(await script.evalsha(['{k}n'], ['1'])).toBe(8)
    const reader = redis.createScript<number, true>("return redis.call('GET', KEYS[1])", {
      readonly: true,
    })
    expect(await reader.exec(['{k}n'], [])).toBe(8)
    await expect(redis.evalsha('0'.repeat(40), [], [])).rejects.toThrow(
      'NOSCRIPT No matching script. Please use EVAL.',
    )
    await expect(
      redis.evalRo("return redis.call('SET', KEYS[1], 1)", ['{k}n'], []),
    ).rejects.toThrow('commands are not allowed from read-only')
  })

  test('a function that may write runs read-only until it writes', async () => {
    const code = `#!lua name=mixed
      redis.register_function('look', function(keys) return redis.call('GET', keys[1]) end)
      redis.register_function('touch', function(keys) return redis.call('SET', keys[1], 'x') end)`
    await redis.functions.load({ code, replace: true })
    await redis.set('{k}n', 5)
    expect(await redis.functions.callRo('look', ['{k}n'])).toBe(5)
    await expect(redis.functions.callRo('touch', ['{k}n'])).rejects.toThrow(
      'commands are not allowed from read-only',
    )
    expect(await redis.functions.call('touch', ['{k}n'])).toBe('OK')
  })

  test('a stream is trimmed to what was asked for, or nearly', async () => {
    const adding = redis.pipeline()
    for (let i = 0; i < 1000; i++) adding.xadd('long', '*', { i })
    await adding.exec()
    await redis.xtrim('long', { strategy: 'MAXLEN', threshold: 30 })
    expect(await redis.xlen('long')).toBeLessThanOrEqual(31)
  })

  test('who reads a stream without acknowledging is a consumer only if it was one before', async () => {
    await redis.del('log')
    await redis.xgroup('log', { type: 'CREATE', group: 'g', id: '0', options: { MKSTREAM: true } })
    await redis.xgroup('log', { type: 'CREATECONSUMER', group: 'g', consumer: 'old' })
    await redis.xadd('log', '1-1', { f: 1 })
    await redis.xadd('log', '1-2', { f: 2 })
    const options = { NOACK: true, count: 1, blockMS: 1000 }
    for (const consumer of ['old', 'new'])
      expect(await redis.xreadgroup('g', consumer, 'log', '>', options)).toHaveLength(1)
    const consumers = (await redis.xinfo('log', { type: 'CONSUMERS', group: 'g' })) as unknown[][]
    expect(consumers.map((consumer) => consumer[1])).toEqual(['old'])
  })

  test('messages come until the listener goes', async () => {
    const heard: unknown[] = []
    const listen = redis.subscribe<unknown>(['100%', 'a channel'])
    const patterns = redis.psubscribe<unknown>('n*')
    listen.on('message', ({ channel, message }) => heard.push([channel, message]))
    patterns.on('pmessage', (one) => heard.push([one.pattern, one.channel, one.message]))
    const numbers = () => redis.exec(['PUBSUB', 'NUMSUB', '100%', 'a channel'])
    await expect.poll(numbers).toEqual(['100%', 1, 'a channel', 1])
    await expect.poll(() => redis.exec(['PUBSUB', 'NUMPAT'])).not.toBe(0)
    expect(await redis.publish('100%', 'one, two')).toBe(1)
    expect(await redis.publish('a channel', { three: 3 })).toBe(1)
    expect(await redis.publish('news', 4)).toBe(1)
    await expect.poll(() => heard).toHaveLength(3)
    expect(new Set(heard.map((one) => JSON.stringify(one)))).toEqual(
      new Set(['["100%","one, two"]', '["a channel",{"three":3}]', '["n*","news",4]']),
    )
    await listen.unsubscribe()
    await patterns.unsubscribe()
    // A runtime may hear that a connection is closed only when it sends something.
    await expect.poll(() => redis.publish('100%', 'again')).toBe(0)
    await expect.poll(() => redis.publish('news', 'again')).toBe(0)
  })

  test('what waited for a client that is gone takes nothing', async () => {
    const socket = net.connect(Number(new URL(home.url).port), '127.0.0.1')
    const body = '["BLPOP", "jobs", 0]'
    const head = [
      'POST / HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Bearer ${home.token}`,
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    const isWaiting = async () => / cmd=blpop /.test(await redis.exec<string>(['CLIENT', 'LIST']))
    await expect.poll(isWaiting).toBe(true)
    socket.resetAndDestroy()
    await expect.poll(isWaiting).toBe(false)
    expect(await redis.rpush('jobs', 'job')).toBe(1)
    expect(await redis.llen('jobs')).toBe(1)
    expect(await redis.exec(['BLPOP', 'jobs', '0'])).toEqual(['jobs', 'job'])
  })

  test('every answer brings another token for reads of one’s own writes', async () => {
    const tokens = new Set<string | undefined>()
    const note = () => tokens.add(redis.readYourWritesSyncToken)
    note()
    await redis.set('a', 1)
    note()
    await redis.pipeline().set('a', 2).exec()
    note()
    await redis.evalsha('0'.repeat(40), [], []).catch(() => undefined)
    await redis.multi().get('a').exec()
    note()
    redis.readYourWritesSyncToken = 'not one of yours'
    expect(await redis.get('a')).toBe(2)
    note()
    expect(tokens.size).toBe(5)
  })
})
