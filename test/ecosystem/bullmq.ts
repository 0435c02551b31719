/** What a user of BullMQ does, over whatever connection. */
import { FlowProducer, type Job, Queue, QueueEvents, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'

export function bullmqBehaviours(connect: () => Redis): void {
  const open: { close(): Promise<unknown> }[] = []
  const connections: Redis[] = []
  let number = 0

  const connection = () => {
    const redis = connect()
    connections.push(redis)
    return redis
  }
  const keep = <T extends { close(): Promise<unknown> }>(thing: T): T => {
    open.push(thing)
    return thing
  }
  const newQueue = (name: string) => keep(new Queue(name, { connection: connection() }))
  const newName = () => `queue-${++number}`
  const newWorker = (
    name: string,
    work: (job: Job) => Promise<unknown>,
    options: Record<string, unknown> = {},
  ) => keep(new Worker(name, work, { connection: connection(), drainDelay: 1, ...options }))

  const completions = (worker: Worker, count: number) =>
    new Promise<Job[]>((resolve) => {
      const jobs: Job[] = []
      worker.on('completed', (job: Job) => {
        jobs.push(job)
        if (jobs.length === count) resolve(jobs)
      })
    })

  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.close()
    for (const redis of connections.splice(0)) redis.disconnect()
  })

  it('works off jobs in the order they came, urgent ones first', async () => {
    const name = newName()
    const queue = newQueue(name)
    await queue.addBulk([
      { name: 'a', data: 1, opts: { priority: 5 } },
      { name: 'b', data: 2, opts: { priority: 1 } },
      { name: 'c', data: 3 },
      { name: 'd', data: 4 },
    ])
    expect(await queue.getJobCounts('wait', 'prioritized')).toEqual({ wait: 2, prioritized: 2 })
    const worker = newWorker(name, async (job) => `${job.name}!`)
    const done = await completions(worker, 4)
    expect(done.map((job) => job.returnvalue)).toEqual(['c!', 'd!', 'b!', 'a!'])
    expect(await queue.getJobCounts('completed', 'wait')).toEqual({ completed: 4, wait: 0 })
  })

  it('waits with delayed jobs, and tries failed ones again', async () => {
    const name = newName()
    const queue = newQueue(name)
    const events = keep(new QueueEvents(name, { connection: connection() }))
    await events.waitUntilReady()
    let tries = 0
    newWorker(name, async (job) => {
      if (job.name === 'flaky' && ++tries < 3) throw new Error('not yet')
      return Date.now()
    })
    const delayed = await queue.add('later', {}, { delay: 200 })
    const flaky = await queue.add(
      'flaky',
      {},
      { attempts: 3, backoff: { type: 'fixed', delay: 20 } },
    )
    const at = (await delayed.waitUntilFinished(events)) as number
    expect(at - delayed.timestamp).toBeGreaterThanOrEqual(195)
    await flaky.waitUntilFinished(events)
    expect(tries).toBe(3)
    const hopeless = await queue.add('flaky', {}, { attempts: 1 })
    tries = 0
    await expect(hopeless.waitUntilFinished(events)).rejects.toThrow('not yet')
    expect(await queue.getFailedCount()).toBe(1)
  })

  it('repeats jobs', async () => {
    const name = newName()
    const queue = newQueue(name)
    await queue.upsertJobScheduler('often', { every: 40, limit: 3 }, { name: 'tick' })
    const worker = newWorker(name, async () => 'tock')
    const jobs = await completions(worker, 3)
    expect(jobs.map((job) => job.name)).toEqual(['tick', 'tick', 'tick'])
  })

  it('keeps to a rate', async () => {
    const name = newName()
    const queue = newQueue(name)
    await queue.addBulk([1, 2, 3, 4, 5].map((data) => ({ name: 'job', data })))
    const start = Date.now()
    const worker = newWorker(name, async () => undefined, { limiter: { max: 2, duration: 150 } })
    await completions(worker, 5)
    expect(Date.now() - start).toBeGreaterThanOrEqual(290)
  })

  it('runs children before their parent', async () => {
    const name = newName()
    const flows = keep(new FlowProducer({ connection: connection() }))
    const worker = newWorker(name, async (job) => {
      if (job.name !== 'parent') return job.data
      const values = await job.getChildrenValues()
      return Object.values(values as Record<string, number>).reduce((sum, value) => sum + value, 0)
    })
    const done = completions(worker, 4)
    await flows.add({
      name: 'parent',
      queueName: name,
      children: [1, 2, 3].map((data) => ({ name: 'child', queueName: name, data })),
    })
    const jobs = await done
    expect(jobs.at(-1)?.name).toBe('parent')
    expect(jobs.at(-1)?.returnvalue).toBe(6)
  })

  it('takes back a job whose worker is gone', async () => {
    const name = newName()
    const queue = newQueue(name)
    await queue.add('lost', {})
    const gone = keep(
      new Worker(name, null, { connection: connection(), lockDuration: 100, autorun: false }),
    )
    expect((await gone.getNextJob('a token'))?.name).toBe('lost')
    const worker = newWorker(name, async () => 'found', { stalledInterval: 50, lockDuration: 100 })
    const stalled = new Promise((resolve) => worker.once('stalled', resolve))
    const [job] = await completions(worker, 1)
    await stalled
    expect(job?.returnvalue).toBe('found')
  })

  it('gives each job to one of many workers, pauses, and is emptied', async () => {
    const name = newName()
    const queue = newQueue(name)
    await queue.addBulk(Array.from({ length: 100 }, (_, data) => ({ name: 'job', data })))
    const seen: number[] = []
    const all = new Promise<void>((resolve) => {
      for (let i = 0; i < 3; i++)
        newWorker(
          name,
          async (job) => {
            seen.push(job.data as number)
            if (seen.length === 100) resolve()
          },
          { concurrency: 5 },
        )
    })
    await all
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, data) => data))
    await queue.pause()
    await queue.add('job', 1)
    const late = await queue.add('job', 2, { delay: 60_000 })
    expect([await queue.isPaused(), await queue.count()]).toEqual([true, 2])
    await late.remove()
    await queue.drain()
    expect(await queue.count()).toBe(0)
    await queue.obliterate({ force: true })
    expect(await queue.getJobCounts('completed', 'wait')).toEqual({ completed: 0, wait: 0 })
  })

  it('tells what happens', async () => {
    const name = newName()
    const queue = newQueue(name)
    const events = keep(new QueueEvents(name, { connection: connection(), lastEventId: '0' }))
    await events.waitUntilReady()
    const seen: string[] = []
    for (const event of ['added', 'waiting', 'active', 'progress'] as const)
      events.on(event, () => seen.push(event))
    const completed = new Promise<unknown>((resolve) => {
      events.on('completed', ({ returnvalue }) => resolve(returnvalue))
    })
    newWorker(name, async (job) => {
      await job.updateProgress(50)
      return 'done'
    })
    await queue.add('job', {})
    expect(await completed).toBe('done')
    expect(seen).toEqual(['added', 'waiting', 'active', 'progress'])
  })
}
