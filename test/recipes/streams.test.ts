/** Streams: workers, event stores, projections, sagas, feeds. */
import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { Application, optimistically, results } from '../support/application.ts'

const app = new Application()

type Entry = [id: string, fields: string[]]
type Read = [key: string, entries: Entry[]][] | null

const record = (fields: readonly string[]) =>
  Object.fromEntries(
    Array.from({ length: fields.length / 2 }, (_, i) => [fields[i * 2]!, fields[i * 2 + 1]!]),
  )

async function readGroup(
  redis: Redis,
  stream: string,
  consumer: string,
  from = '>',
): Promise<Entry[]> {
  const read = await redis.xreadgroup(
    'GROUP',
    'workers',
    consumer,
    'COUNT',
    10,
    'STREAMS',
    stream,
    from,
  )
  return (read as Read)?.[0]?.[1] ?? []
}

describe('workers of a group', () => {
  it('share the entries, each of which goes to one', async () => {
    const { redis } = app
    await redis.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM')
    for (let i = 0; i < 25; i++) await redis.xadd('jobs', '*', 'n', i)
    const seen: string[] = []
    for (let i = 0; i < 4; i++) {
      const entries = await readGroup(redis, 'jobs', i % 2 ? 'odd' : 'even')
      seen.push(...entries.map(([, fields]) => record(fields)['n']!))
      if (entries.length) await redis.xack('jobs', 'workers', ...entries.map(([id]) => id))
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => String(i)))
    expect(await redis.xpending('jobs', 'workers')).toEqual([0, null, null, null])
  })

  it('wait for work, and wake when it comes', async () => {
    const { redis } = app
    await redis.xgroup('CREATE', 'jobs', 'workers', '0', 'MKSTREAM')
    const worker = app.connect()
    const waiting = worker.xreadgroup(
      'GROUP',
      'workers',
      'w',
      'COUNT',
      1,
      'BLOCK',
      5000,
      'STREAMS',
      'jobs',
      '>',
    )
    await redis.xadd('jobs', '1-1', 'task', 'mail')
    expect(await waiting).toEqual([['jobs', [['1-1', ['task', 'mail']]]]])
  })

  it('begin after a crash with what they had not finished', async () => {
    const { redis } = app
    await redis.xgroup('CREATE', 'jobs', 'workers', '0', 'MKSTREAM')
    for (let i = 1; i <= 3; i++) await redis.xadd('jobs', `${i}-0`, 'n', i)
    await readGroup(redis, 'jobs', 'w')
    await redis.xack('jobs', 'workers', '2-0')
    const again = await readGroup(redis, 'jobs', 'w', '0')
    expect(again.map(([id]) => id)).toEqual(['1-0', '3-0'])
  })

  it('take over what is stuck, and give up what fails too often', async () => {
    const { redis } = app
    await redis.xgroup('CREATE', 'jobs', 'workers', '0', 'MKSTREAM')
    for (let i = 1; i <= 4; i++) await redis.xadd('jobs', `${i}-0`, 'n', i)
    await readGroup(redis, 'jobs', 'dead')
    await redis.xack('jobs', 'workers', '4-0')
    for (let round = 0; round < 3; round++) {
      const [, claimed] = (await redis.xautoclaim(
        'jobs',
        'workers',
        'alive',
        0,
        '0',
        'COUNT',
        10,
      )) as [string, Entry[]]
      // Only the second can be done.
      if (claimed.some(([id]) => id === '2-0')) await redis.xack('jobs', 'workers', '2-0')
    }
    const pending = (await redis.xpending('jobs', 'workers', '-', '+', 10)) as [
      string,
      string,
      number,
      number,
    ][]
    expect(pending.map(([id, who, , deliveries]) => [id, who, deliveries])).toEqual([
      ['1-0', 'alive', 4],
      ['3-0', 'alive', 4],
    ])
    for (const [id, , , deliveries] of pending) {
      if (deliveries < 3) continue
      const [[, fields]] = (await redis.xrange('jobs', id, id)) as [Entry]
      await redis
        .multi()
        .xadd('jobs:dead', '*', ...fields, 'failed', id, 'deliveries', deliveries)
        .xack('jobs', 'workers', id)
        .xdel('jobs', id)
        .exec()
    }
    const dead = (await redis.xrange('jobs:dead', '-', '+')) as Entry[]
    expect(dead.map(([, fields]) => record(fields))).toEqual([
      { n: '1', failed: '1-0', deliveries: '4' },
      { n: '3', failed: '3-0', deliveries: '4' },
    ])
    expect(await redis.xlen('jobs')).toBe(2)
  })

  it('claim single entries by name, if they rested long enough', async () => {
    const { redis } = app
    await redis.xgroup('CREATE', 'jobs', 'workers', '0', 'MKSTREAM')
    await redis.xadd('jobs', '1-0', 'n', 1)
    await readGroup(redis, 'jobs', 'slow')
    expect(await redis.xclaim('jobs', 'workers', 'fast', 60_000, '1-0')).toEqual([])
    expect(await redis.xclaim('jobs', 'workers', 'fast', 0, '1-0')).toEqual([['1-0', ['n', '1']]])
  })

  it('bring a dead letter back to work', async () => {
    const { redis } = app
    await redis.xadd('jobs:dead', '7-0', 'task', 'mail', 'tries', 3)
    const [[id, fields]] = (await redis.xrange('jobs:dead', '7-0', '7-0')) as [Entry]
    const { task } = record(fields)
    await redis.multi().xadd('jobs', '*', 'task', task!).xdel('jobs:dead', id).exec()
    expect(await redis.xlen('jobs:dead')).toBe(0)
    expect(await redis.xlen('jobs')).toBe(1)
  })

  it('leave out what was seen before', async () => {
    const { redis } = app
    const done: string[] = []
    for (const id of ['a', 'b', 'a', 'c', 'b']) {
      if ((await redis.set(`seen:${id}`, 1, 'EX', 3600, 'NX')) === 'OK') done.push(id)
    }
    expect(done).toEqual(['a', 'b', 'c'])
  })
})

describe('an event store', () => {
  /** Appends if nobody did since `version`; the stream of all events gets a copy. */
  async function append(
    redis: Redis,
    aggregate: string,
    version: number,
    type: string,
    data: object,
  ): Promise<boolean> {
    return optimistically(redis, [`events:${aggregate}`], async () => {
      const isNext = (await redis.xlen(`events:${aggregate}`)) === version
      const commands = redis.multi()
      const fields = ['type', type, 'version', version + 1, 'data', JSON.stringify(data)]
      if (isNext) {
        commands
          .xadd(`events:${aggregate}`, '*', ...fields)
          .xadd('events', '*', 'aggregate', aggregate, ...fields)
      } else commands.ping()
      return { commands, result: isNext }
    })
  }

  const balance = (entries: Entry[], start = 0) =>
    entries.reduce((sum, [, fields]) => {
      const { type, data } = record(fields)
      const { amount } = JSON.parse(data!) as { amount: number }
      return type === 'deposited' ? sum + amount : sum - amount
    }, start)

  it('accepts each version once, whoever comes first', async () => {
    const clients = [app.redis, app.connect(), app.connect()]
    const accepted = await Promise.all(
      clients.map((client, i) => append(client, 'account', 0, 'deposited', { amount: i })),
    )
    expect(accepted.filter(Boolean)).toHaveLength(1)
    expect(await append(app.redis, 'account', 0, 'deposited', { amount: 9 })).toBe(false)
    expect(await append(app.redis, 'account', 1, 'deposited', { amount: 9 })).toBe(true)
    expect(await app.redis.xlen('events')).toBe(2)
  })

  it('is read from the start, or from a snapshot', async () => {
    const { redis } = app
    for (let i = 0; i < 20; i++) {
      await append(redis, 'acc', i, i % 4 ? 'deposited' : 'withdrawn', { amount: i })
      if (i === 9) {
        const entries = (await redis.xrange('events:acc', '-', '+')) as Entry[]
        await redis.hset('snapshot:acc', {
          balance: balance(entries),
          last: entries[entries.length - 1]![0],
        })
      }
    }
    const all = (await redis.xrange('events:acc', '-', '+')) as Entry[]
    const snapshot = await redis.hgetall('snapshot:acc')
    const since = (await redis.xrange('events:acc', `(${snapshot['last']}`, '+')) as Entry[]
    expect(since).toHaveLength(10)
    expect(balance(since, Number(snapshot['balance']))).toBe(balance(all))
  })

  it('feeds projections, which can be made anew', async () => {
    const { redis } = app
    await redis.xgroup('CREATE', 'events', 'workers', '0', 'MKSTREAM')
    for (let i = 0; i < 30; i++)
      await append(redis, `acc${i % 3}`, Math.floor(i / 3), 'deposited', { amount: i })
    const project = async () => {
      for (;;) {
        const entries = await readGroup(redis, 'events', 'projector')
        if (!entries.length) return
        const transaction = redis.multi()
        for (const [id, fields] of entries) {
          const { aggregate, data } = record(fields)
          const { amount } = JSON.parse(data!) as { amount: number }
          transaction.hincrby('balances', aggregate!, amount).xack('events', 'workers', id)
        }
        await transaction.exec()
      }
    }
    await project()
    const first = await redis.hgetall('balances')
    expect(first).toEqual({ acc0: '135', acc1: '145', acc2: '155' })
    await redis.multi().del('balances').xgroup('SETID', 'events', 'workers', '0').exec()
    await project()
    expect(await redis.hgetall('balances')).toEqual(first)
  })

  it('steers a saga that undoes its steps when one fails', async () => {
    const { redis } = app
    const steps = ['reserve', 'charge', 'ship']
    const run = async (id: string, failing?: string) => {
      const done: string[] = []
      for (const step of steps) {
        await redis.xadd(
          `saga:${id}`,
          '*',
          'step',
          step,
          'outcome',
          step === failing ? 'failed' : 'done',
        )
        if (step === failing) {
          for (const undone of done.toReversed())
            await redis.xadd(`saga:${id}`, '*', 'step', undone, 'outcome', 'undone')
          break
        }
        done.push(step)
      }
      const entries = (await redis.xrange(`saga:${id}`, '-', '+')) as Entry[]
      return entries.map(([, fields]) => Object.values(record(fields)).join(' '))
    }
    expect(await run('1')).toEqual(['reserve done', 'charge done', 'ship done'])
    expect(await run('2', 'ship')).toEqual([
      'reserve done',
      'charge done',
      'ship failed',
      'charge undone',
      'reserve undone',
    ])
  })
})

describe('streams as logs', () => {
  it('keep about so many entries, or those since a time', async () => {
    const { redis } = app
    for (let i = 1; i <= 500; i++) await redis.xadd('log', 'MAXLEN', '~', 100, `${i}-0`, 'n', i)
    const length = await redis.xlen('log')
    expect(length).toBeGreaterThanOrEqual(100)
    expect(length).toBeLessThan(300)
    await redis.xtrim('log', 'MINID', '491')
    expect(await redis.xlen('log')).toBe(10)
    expect(await redis.xrevrange('log', '+', '-', 'COUNT', 1)).toEqual([['500-0', ['n', '500']]])
  })

  it('are read in batches, by several readers, each from its own place', async () => {
    const { redis } = app
    for (let i = 1; i <= 95; i++) await redis.xadd('log', `${i}-0`, 'n', i)
    const readAll = async (count: number) => {
      let last = '0'
      let batches = 0
      for (;;) {
        const read: Read = await redis.xread('COUNT', count, 'STREAMS', 'log', last)
        if (!read) return [last, batches]
        batches++
        const [, entries] = read[0]!
        last = entries[entries.length - 1]![0]
      }
    }
    expect(await Promise.all([readAll(10), readAll(50)])).toEqual([
      ['95-0', 10],
      ['95-0', 2],
    ])
  })

  it('tell and keep: a message for those who listen, an entry for those who come later', async () => {
    const { redis } = app
    const listener = app.connect()
    await listener.subscribe('news')
    const heard = new Promise((resolve) => {
      listener.once('message', (_channel, id) => resolve(id))
    })
    const id = await redis.xadd('news:log', '*', 'text', 'hello')
    await redis.publish('news', id!)
    expect(await heard).toBe(id)
    expect(await redis.xread('STREAMS', 'news:log', '0')).toEqual([
      ['news:log', [[id, ['text', 'hello']]]],
    ])
  })

  it('are feeds of those who follow', async () => {
    const { redis } = app
    await redis.sadd('followers:ada', 'bob', 'cyd')
    const post = async (author: string, text: string) => {
      const pipeline = redis.pipeline()
      for (const reader of await redis.smembers(`followers:${author}`)) {
        pipeline.xadd(`feed:${reader}`, 'MAXLEN', 3, '*', 'author', author, 'text', text)
      }
      results(await pipeline.exec())
    }
    for (const text of ['one', 'two', 'three', 'four']) await post('ada', text)
    const feed = (await redis.xrevrange('feed:bob', '+', '-', 'COUNT', 10)) as Entry[]
    expect(feed.map(([, fields]) => record(fields)['text'])).toEqual(['four', 'three', 'two'])
  })

  it('are metrics of a window', async () => {
    const { redis } = app
    for (let second = 0; second < 120; second++) {
      await redis.xadd('cpu', `${second * 1000}-1`, 'load', second % 10)
    }
    const window = (await redis.xrange('cpu', 60_000, 89_999)) as Entry[]
    const loads = window.map(([, fields]) => Number(record(fields)['load']))
    expect(loads).toHaveLength(30)
    expect(loads.reduce((sum, load) => sum + load) / loads.length).toBe(4.5)
  })
})
