// What is acknowledged is there again, whatever happens to the object or to workerd.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause, World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

/** A request to a store of its own. */
const ask = (name: string, ...command: unknown[]) => world.ask(name, ...command)

/** Throws the instance out of memory: the next request finds what is stored. */
async function die(name: string): Promise<void> {
  await world.faults({ writesLeft: 0 }, name)
  await ask(name, 'SET', 'last', 'breath')
  await world.faults({}, name)
}

test('a write that cannot be stored is not answered, and the object starts again without it', async () => {
  expect(await ask('full', 'SET', 'kept', '1')).toBe('OK')
  const socket = await world.open('/db/full/ws')
  await socket.ask('GET', 'kept')
  await world.faults({ writesLeft: 0 }, 'full')
  const response = await world.post('/db/full/', ['SET', 'lost', '1'])
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ error: 'ERR the store failed' })
  await socket.closed
  await world.faults({}, 'full')
  expect(await ask('full', 'MGET', 'kept', 'lost')).toEqual(['1', null])
})

test('what a socket wrote is not answered either', async () => {
  const socket = await world.open('/db/silent/ws')
  await socket.ask('SET', 'a', '1')
  await world.faults({ writesLeft: 0 }, 'silent')
  void socket.ask('SET', 'a', '2')
  await socket.closed
  expect(socket.unread).toBe(0)
  await world.faults({}, 'silent')
  expect(await ask('silent', 'GET', 'a')).toBe('1')
})

test('every type comes back', async () => {
  const commands = [
    ['SET', 's', 'text'],
    ['RPUSH', 'l', 'a', 'b'],
    ['SADD', 'set', '1', '2'],
    ['HSET', 'h', 'f', 'v'],
    ['ZADD', 'z', '1.5', 'm'],
    ['XADD', 'x', '1-1', 'f', 'v'],
    ['SETBIT', 'bits', '9', '1'],
    ['PFADD', 'hll', 'a', 'b', 'c'],
    ['SET', 'ttl', 'v', 'EX', '1000'],
  ]
  for (const command of commands) await ask('types', ...command)
  const digest = await ask('types', 'DEBUG', 'DIGEST')
  await die('types')
  expect(await ask('types', 'DEBUG', 'DIGEST')).toBe(digest)
  expect(await ask('types', 'TTL', 'ttl')).toBeGreaterThan(990)
})

test('databases are kept apart', async () => {
  const socket = await world.open('/db/several/ws')
  await socket.ask('SELECT', '2')
  await socket.ask('SET', 'k', 'two')
  await socket.ask('SELECT', '0')
  await socket.ask('SET', 'k', 'zero')
  await die('several')
  const again = await world.open('/db/several/ws')
  expect(await again.ask('GET', 'k')).toBe('zero')
  await again.ask('SELECT', '2')
  expect(await again.ask('GET', 'k')).toBe('two')
})

test('small batches share a row up to 8 KB, and come back', async () => {
  for (let i = 0; i < 60; i++) await ask('small', 'SET', `key:${i}`, 'x'.repeat(100))
  const { count, largest } = await world.rows('log', 'small')
  expect(count).toBe(2)
  expect(largest).toBeLessThanOrEqual(8192)
  await die('small')
  expect(await ask('small', 'DBSIZE')).toBe(60)
})

test('batches of all sizes up to more than a row come back', async () => {
  for (const step of [97, 613, 3989, 8177]) {
    const socket = await world.open('/db/sizes/ws')
    for (let size = 0; size < 16_000; size += step)
      await socket.ask('SET', `${step}:${size}`, 'x'.repeat(size + step))
    const digest = await ask('sizes', 'DEBUG', 'DIGEST')
    await die('sizes')
    expect(await ask('sizes', 'DEBUG', 'DIGEST')).toBe(digest)
  }
})

test('a record of more than 1 MB is split, and comes back', async () => {
  const value = 'v'.repeat(3_500_000)
  expect(await ask('large', 'SET', 'big', value)).toBe('OK')
  const { count, largest } = await world.rows('log', 'large')
  expect(count).toBe(4)
  expect(largest).toBeLessThanOrEqual(1 << 20)
  await die('large')
  expect(await ask('large', 'STRLEN', 'big')).toBe(value.length)
})

test('a snapshot replaces a log that became large', async () => {
  const value = 'v'.repeat(500_000)
  for (let i = 0; i < 12; i++) await ask('grown', 'SET', `k${i % 3}`, value + i)
  for (let tries = 0; tries < 50 && (await world.rows('snapshot', 'grown')).count === 0; tries++)
    await pause(20)
  const snapshot = await world.rows('snapshot', 'grown')
  expect(snapshot.count).toBeGreaterThan(0)
  expect(snapshot.largest).toBeLessThan(2 << 20)
  expect((await world.rows('log', 'grown')).bytes).toBeLessThan(4 << 20)
  await ask('grown', 'SET', 'after', 'it')
  const digest = await ask('grown', 'DEBUG', 'DIGEST')
  await die('grown')
  expect(await ask('grown', 'DEBUG', 'DIGEST')).toBe(digest)
})

test('SAVE takes a snapshot while commands go on', async () => {
  for (let i = 0; i < 50; i++) await ask('saved', 'SET', `k${i}`, 'x'.repeat(50_000))
  const [saved] = await Promise.all([
    ask('saved', 'SAVE'),
    ...Array.from({ length: 20 }, (_, i) => ask('saved', 'APPEND', `k${i}`, 'y')),
  ])
  expect(saved).toBe('OK')
  const digest = await ask('saved', 'DEBUG', 'DIGEST')
  await die('saved')
  expect(await ask('saved', 'DEBUG', 'DIGEST')).toBe(digest)
})

test('what expired while the object slept is gone, and what a log made of it before is not', async () => {
  const heldMs = Date.now()
  await world.faults({ heldMs }, 'ttl')
  await ask('ttl', 'SET', 'short', 'v', 'PX', '60')
  await ask('ttl', 'SET', 'saved', 'v', 'PX', '60')
  await ask('ttl', 'SAVE')
  await ask('ttl', 'PERSIST', 'saved')
  await die('ttl')
  await world.faults({ heldMs: heldMs + 1000 }, 'ttl')
  expect(await ask('ttl', 'MGET', 'short', 'saved')).toEqual([null, 'v'])
})

test('a value that does not fit maxmemory is refused, and nothing is lost', async () => {
  await ask('limited', 'CONFIG', 'SET', 'maxmemory', '4mb')
  await ask('limited', 'SET', 'first', 'kept')
  for (let i = 0; i < 5; i++) await ask('limited', 'SET', `k${i}`, 'x'.repeat(1 << 20))
  expect(await ask('limited', 'SET', 'one-more', 'x'.repeat(1 << 20))).toBe(
    "OOM command not allowed when used memory > 'maxmemory'.",
  )
  expect(await ask('limited', 'GET', 'first')).toBe('kept')
})

test('nothing waits for a clock that stands still', async () => {
  const heldMs = Date.now()
  await world.faults({ heldMs }, 'still')
  for (let i = 0; i < 300; i++) await ask('still', 'SET', `k${i}`, 'v', 'PX', '5')
  expect(await ask('still', 'DBSIZE')).toBe(300)
  expect(await ask('still', 'SAVE')).toBe('OK')
  await world.faults({ heldMs: heldMs + 10 }, 'still')
  expect(await ask('still', 'GET', 'k7')).toBe(null)
  const digest = await ask('still', 'DEBUG', 'DIGEST')
  await die('still')
  expect(await ask('still', 'DEBUG', 'DIGEST')).toBe(digest)
})

test('whoever wants to hear of it hears in time that a key has expired', async () => {
  await ask('aloud', 'CONFIG', 'SET', 'notify-keyspace-events', 'Ex')
  const socket = await world.open('/db/aloud/ws')
  await socket.ask('SUBSCRIBE', '__keyevent@0__:expired')
  await ask('aloud', 'SET', 'short', 'v', 'PX', '300')
  expect(await socket.next()).toEqual(['message', '__keyevent@0__:expired', 'short'])
})

test('nothing wakes an object but a long wait, or somebody who wants to hear what expires', async () => {
  const alarm = async (): Promise<number | null> =>
    (await (await world.request('/lab/alarm?name=alarms')).json()) as number | null
  await ask('alarms', 'SET', 'k', 'v', 'EX', '100')
  const socket = await world.open('/db/alarms/ws')
  await socket.ask('SUBSCRIBE', 'c')
  expect(await alarm()).toBe(null)
  const waiter = await world.open('/db/alarms/ws')
  void waiter.ask('BLPOP', 'nothing', '60')
  await expect.poll(alarm).toBeGreaterThan(Date.now() + 50_000)
  waiter.close()
  await expect.poll(async () => (await ask('alarms', 'PING')) && alarm()).toBe(null)
  await ask('alarms', 'CONFIG', 'SET', 'notify-keyspace-events', 'Ex')
  await ask('alarms', 'PING')
  expect(await alarm()).toBeLessThanOrEqual(Date.now() + 1000)
  await ask('alarms', 'DEL', 'k')
  await ask('alarms', 'PING')
  expect(await alarm()).toBe(null)
})

test('a wait of a request ends when its time is over', async () => {
  expect(await ask('waits', 'BLPOP', 'nothing', '0.1')).toBe(null)
  const wait = ask('waits', 'BLPOP', 'list', '5')
  await pause(30)
  await ask('waits', 'RPUSH', 'list', 'v')
  expect(await wait).toEqual(['list', 'v'])
})
