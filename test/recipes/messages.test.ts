/** Messages and jobs: chats, buses, delayed and prioritised work, services that find each other. */
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { Application, results } from '../support/application.ts'

const app = new Application()

describe('pub/sub', () => {
  it('is a chat of rooms, with what was said before', async () => {
    const client = () => createClient({ socket: { port: app.port, host: '127.0.0.1' } })
    const [ada, bob] = await Promise.all([client().connect(), client().connect()])
    try {
      const heard: string[] = []
      let arrived = () => {}
      await bob.subscribe('room:1', (message) => {
        heard.push(message)
        arrived()
      })
      const say = async (text: string) => {
        const replies = await ada
          .multi()
          .rPush('room:1:history', text)
          .lTrim('room:1:history', -2, -1)
          .publish('room:1', text)
          .exec()
        return replies.at(-1)
      }
      const third = new Promise<void>((resolve) => {
        arrived = () => heard.length === 3 && resolve()
      })
      for (const text of ['hello', 'is there', 'anybody?']) expect(await say(text)).toBe(1)
      await third
      expect(heard).toEqual(['hello', 'is there', 'anybody?'])
      expect(await ada.lRange('room:1:history', 0, -1)).toEqual(['is there', 'anybody?'])
      await bob.unsubscribe('room:1')
      expect(await say('nobody')).toBe(0)
    } finally {
      ada.destroy()
      bob.destroy()
    }
  })

  it('is a bus of events by pattern', async () => {
    const listener = app.connect()
    const heard: string[] = []
    await listener.psubscribe('order.*', '*.failed')
    const all = new Promise<void>((resolve) => {
      listener.on('pmessage', (pattern: string, channel: string) => {
        heard.push(`${pattern} ${channel}`)
        if (heard.length === 4) resolve()
      })
    })
    const counts = []
    for (const channel of ['order.placed', 'mail.sent', 'mail.failed', 'order.failed']) {
      counts.push(await app.redis.publish(channel, '{}'))
    }
    await all
    expect(counts).toEqual([1, 0, 1, 2])
    expect(heard.sort()).toEqual([
      '*.failed mail.failed',
      '*.failed order.failed',
      'order.* order.failed',
      'order.* order.placed',
    ])
    expect(await app.redis.pubsub('NUMPAT')).toBe(2)
  })

  it('carries ids of messages that are kept, and answers in a channel of their own', async () => {
    const { redis } = app
    const worker = app.connect()
    const asker = app.connect()
    await worker.subscribe('requests')
    await asker.subscribe('replies:1')
    worker.on('message', (_channel, id: string) => {
      void redis
        .get(`message:${id}`)
        .then((text) => redis.publish(`replies:${id}`, text!.toUpperCase()))
    })
    const reply = new Promise((resolve) => {
      asker.once('message', (_channel, text) => resolve(text))
    })
    await redis.setex('message:1', 60, 'hello')
    expect(await redis.publish('requests', '1')).toBe(1)
    expect(await reply).toBe('HELLO')
  })

  it('only rings the bell: the work is in a list, and waits if nobody hears', async () => {
    const { redis } = app
    const hand = async (job: string) =>
      results(await redis.multi().rpush('work', job).publish('bell', '').exec())[1]
    expect(await hand('first')).toBe(0)
    const worker = app.connect()
    await worker.subscribe('bell')
    const rung = new Promise((resolve) => worker.once('message', resolve))
    expect(await hand('second')).toBe(1)
    await rung
    expect(await redis.lpop('work', 10)).toEqual(['first', 'second'])
  })

  it('tells what happens to keys', async () => {
    const { redis } = app
    await redis.config('SET', 'notify-keyspace-events', 'Kg$x')
    const listener = app.connect()
    const heard: string[] = []
    await listener.psubscribe('__keyspace@0__:user:*')
    const third = new Promise<void>((resolve) => {
      listener.on('pmessage', (_pattern, channel: string, event: string) => {
        heard.push(`${channel.split(':').at(-1)} ${event}`)
        if (heard.length === 3) resolve()
      })
    })
    await redis.set('user:1', 'x')
    await redis.set('other', 'x')
    await redis.expire('user:1', 100)
    await redis.del('user:1')
    await third
    expect(heard).toEqual(['1 set', '1 expire', '1 del'])
    await redis.config('SET', 'notify-keyspace-events', '')
  })
})

describe('jobs', () => {
  it('that are due later wait in a sorted set until then, and go to one worker each', async () => {
    const { redis } = app
    for (const [at, job] of [
      [50, 'c'],
      [10, 'a'],
      [20, 'b'],
    ] as const)
      await redis.zadd('delayed', at, job)
    const move = async (now: number) => {
      const due = await redis.zrangebyscore('delayed', '-inf', now, 'LIMIT', 0, 10)
      const moved = []
      for (const job of due) {
        // Whoever removes it has it.
        if (await redis.zrem('delayed', job)) {
          await redis.rpush('ready', job)
          moved.push(job)
        }
      }
      return moved
    }
    const both = await Promise.all([move(25), move(25)])
    expect(both.flat().sort()).toEqual(['a', 'b'])
    expect(await redis.llen('ready')).toBe(2)
    expect(await move(49)).toEqual([])
    expect(await move(50)).toEqual(['c'])
  })

  it('have a priority, and their data in a hash', async () => {
    const { redis } = app
    const add = (id: string, priority: number) =>
      redis.multi().hset(`job:${id}`, { id, state: 'waiting' }).zadd('jobs', priority, id).exec()
    await add('low', 1)
    await add('high', 10)
    await add('middle', 5)
    const done = []
    for (;;) {
      const next = await redis.zpopmax('jobs')
      if (!next.length) break
      done.push((await redis.hgetall(`job:${next[0]}`))['id'])
      await redis.del(`job:${next[0]}`)
    }
    expect(done).toEqual(['high', 'middle', 'low'])
    const worker = app.connect()
    const waiting = worker.bzpopmax('jobs', 5)
    await add('late', 3)
    expect(await waiting).toEqual(['jobs', 'late', '3'])
  })

  it('that were done can be undone and done again', async () => {
    const { redis } = app
    for (const step of ['a', 'b', 'c']) await redis.multi().lpush('undo', step).del('redo').exec()
    expect(await redis.lmove('undo', 'redo', 'LEFT', 'LEFT')).toBe('c')
    expect(await redis.lmove('undo', 'redo', 'LEFT', 'LEFT')).toBe('b')
    expect(await redis.lmove('redo', 'undo', 'LEFT', 'LEFT')).toBe('b')
    expect(await redis.lrange('undo', 0, -1)).toEqual(['b', 'a'])
    await redis.multi().lpush('undo', 'd').del('redo').exec()
    expect(await redis.lmove('redo', 'undo', 'LEFT', 'LEFT')).toBeNull()
  })
})

describe('services', () => {
  const beat = (name: string, id: string, address: string) =>
    app.redis
      .multi()
      .hset(`service:${name}:${id}`, { address, state: 'up' })
      .expire(`service:${name}:${id}`, 30)
      .sadd(`services:${name}`, id)
      .exec()

  async function discover(name: string): Promise<string[]> {
    const found = []
    for (const id of await app.redis.smembers(`services:${name}`)) {
      const { address, state } = await app.redis.hgetall(`service:${name}:${id}`)
      if (!address) await app.redis.srem(`services:${name}`, id)
      else if (state === 'up') found.push(address)
    }
    return found.sort()
  }

  it('register, beat, and are left out when they do not', async () => {
    await beat('mail', '1', 'host:1')
    await beat('mail', '2', 'host:2')
    await beat('mail', '3', 'host:3')
    expect(await discover('mail')).toEqual(['host:1', 'host:2', 'host:3'])
    await app.redis.hset('service:mail:2', 'state', 'draining')
    await app.redis.pexpireat('service:mail:3', 1)
    expect(await discover('mail')).toEqual(['host:1'])
    expect(await app.redis.scard('services:mail')).toBe(2)
  })

  it('take turns', async () => {
    await beat('api', '1', 'a')
    await beat('api', '2', 'b')
    const turns = []
    for (let i = 0; i < 4; i++) {
      const addresses = await discover('api')
      turns.push(addresses[((await app.redis.incr('turn:api')) - 1) % addresses.length])
    }
    expect(turns).toEqual(['a', 'b', 'a', 'b'])
  })

  it('share a configuration with a history, and hear of changes', async () => {
    const { redis } = app
    const listener = app.connect()
    await listener.subscribe('config')
    const heard = new Promise((resolve) => {
      listener.once('message', (_channel, text: string) => resolve(JSON.parse(text)))
    })
    const set = (name: string, value: string, at: number) =>
      redis
        .multi()
        .set(`config:${name}`, value)
        .zadd(`config:${name}:history`, at, `${at}:${value}`)
        .zremrangebyrank(`config:${name}:history`, 0, -4)
        .publish('config', JSON.stringify({ name, value }))
        .exec()
    for (let i = 0; i < 5; i++) await set('limit', String(i), i)
    expect(await heard).toEqual({ name: 'limit', value: '0' })
    expect(await redis.get('config:limit')).toBe('4')
    expect(await redis.zrevrange('config:limit:history', 0, -1)).toEqual(['4:4', '3:3', '2:2'])
  })
})
