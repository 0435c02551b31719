/** What lists are used for: queues, stacks, feeds, as an application writes them with ioredis. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'

let server: TestServer
let redis: Redis
const clients: Redis[] = []

function connect(): Redis {
  const client = new Redis({ port: server.port, host: '127.0.0.1' })
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

beforeAll(async () => {
  server = await startWadi()
  redis = connect()
})
beforeEach(() => redis.flushall())
afterAll(async () => {
  for (const client of clients) client.disconnect()
  await server.stop()
})

const jobs = (count: number) => Array.from({ length: count }, (_, i) => `job-${i}`)

it('a queue gives the first in out first, a stack the last', async () => {
  await redis.lpush('queue', 'a', 'b', 'c')
  expect([await redis.rpop('queue'), await redis.rpop('queue')]).toEqual(['a', 'b'])
  await redis.lpush('stack', 'a', 'b', 'c')
  expect([await redis.lpop('stack'), await redis.lpop('stack')]).toEqual(['c', 'b'])
})

it('workers that wait share the jobs, and each job is done once', async () => {
  const done: string[] = []
  const workers = Array.from({ length: 8 }, async () => {
    const mine = connect()
    for (;;) {
      const [, job] = (await mine.brpop('jobs', 0))!
      if (job === 'stop') return
      done.push(job)
    }
  })
  const all = jobs(2000)
  for (let i = 0; i < all.length; i += 50) await redis.lpush('jobs', ...all.slice(i, i + 50))
  await redis.lpush('jobs', ...workers.map(() => 'stop'))
  await Promise.all(workers)
  expect(done.sort()).toEqual(all.sort())
  expect(await redis.exists('jobs')).toBe(0)
})

it('a worker takes from the queue of the highest priority that has a job', async () => {
  await redis.rpush('low', 'l1', 'l2')
  await redis.rpush('high', 'h1')
  const taken = []
  for (let i = 0; i < 3; i++) taken.push(await redis.blpop('high', 'normal', 'low', 1))
  expect(taken).toEqual([
    ['high', 'h1'],
    ['low', 'l1'],
    ['low', 'l2'],
  ])
  expect(await redis.blpop('high', 'normal', 'low', 0.01)).toBeNull()
})

it('a job of a worker that died is put back and done by another', async () => {
  await redis.lpush('pending', ...jobs(3))
  expect(await redis.lmove('pending', 'processing:1', 'RIGHT', 'LEFT')).toBe('job-0')
  expect(await connect().blmove('pending', 'processing:2', 'RIGHT', 'LEFT', 5)).toBe('job-1')
  expect(await redis.lrem('processing:2', 1, 'job-1')).toBe(1)
  while (await redis.rpoplpush('processing:1', 'pending'));
  expect(await redis.lrange('pending', 0, -1)).toEqual(['job-0', 'job-2'])
  expect(await redis.exists('processing:1', 'processing:2')).toBe(0)
})

it('a worker that waits for a reliable queue gets the job when it comes', async () => {
  const worker = connect()
  const waiting = worker.blmove('pending', 'processing', 'RIGHT', 'LEFT', 0)
  await expect.poll(() => redis.client('LIST')).toContain('cmd=blmove')
  await redis.lpush('pending', 'late')
  expect(await waiting).toBe('late')
  expect(await redis.lrange('processing', 0, -1)).toEqual(['late'])
})

it('a feed keeps the latest, page by page', async () => {
  for (let i = 0; i < 120; i++) {
    await redis.multi().lpush('feed', `post-${i}`).ltrim('feed', 0, 99).exec()
  }
  expect(await redis.llen('feed')).toBe(100)
  expect(await redis.lrange('feed', 0, 2)).toEqual(['post-119', 'post-118', 'post-117'])
  expect(await redis.lrange('feed', 97, 200)).toEqual(['post-22', 'post-21', 'post-20'])
  expect(await redis.lindex('feed', -1)).toBe('post-20')
})

it('a long log is trimmed at its end, and read from there', async () => {
  const pipeline = redis.pipeline()
  for (let i = 0; i < 20_000; i++) pipeline.rpush('log', `line ${i} ${'.'.repeat(i % 50)}`)
  await pipeline.exec()
  expect(await redis.object('ENCODING', 'log')).toBe('quicklist')
  expect((await redis.lrange('log', -3, -1)).map((line) => line.split(' ')[1])).toEqual([
    '19997', '19998', '19999',
  ]) // prettier-ignore
  await redis.ltrim('log', -10, -1)
  expect(await redis.llen('log')).toBe(10)
  expect(await redis.object('ENCODING', 'log')).toBe('listpack')
})

it('a rota goes round', async () => {
  await redis.rpush('rota', 'ada', 'bob', 'eve')
  const turns = []
  for (let i = 0; i < 5; i++) turns.push(await redis.lmove('rota', 'rota', 'LEFT', 'RIGHT'))
  expect(turns).toEqual(['ada', 'bob', 'eve', 'ada', 'bob'])
})

it('a batch of jobs is taken from whichever queue has some', async () => {
  await redis.rpush('b', ...jobs(5))
  expect(await redis.lmpop(2, 'a', 'b', 'LEFT', 'COUNT', 3)).toEqual([
    'b',
    ['job-0', 'job-1', 'job-2'],
  ])
  const waiting = connect().blmpop(5, 2, 'a', 'c', 'RIGHT', 'COUNT', 2)
  await expect.poll(() => redis.client('LIST')).toContain('cmd=blmpop')
  await redis.rpush('c', 'x', 'y', 'z')
  expect(await waiting).toEqual(['c', ['z', 'y']])
})

it('a place in a line is found', async () => {
  await redis.rpush('line', 'ada', 'bob', 'eve', 'bob')
  expect(await redis.lpos('line', 'bob')).toBe(1)
  expect(await redis.lpos('line', 'bob', 'RANK', -1)).toBe(3)
  expect(await redis.lpos('line', 'bob', 'COUNT', 0)).toEqual([1, 3])
  expect(await redis.lpos('line', 'mallory')).toBeNull()
})

it('a client that goes while it waits takes no job with it', async () => {
  const gone = connect()
  void gone.blpop('jobs', 0).catch(() => undefined)
  await expect.poll(() => redis.client('LIST')).toContain('cmd=blpop')
  gone.disconnect()
  await expect.poll(() => redis.client('LIST')).not.toContain('cmd=blpop')
  await redis.rpush('jobs', 'kept')
  expect(await redis.lpop('jobs')).toBe('kept')
})
