/** Turns that come close together share a commit: what that must not change. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { range, type RespSocket, World } from './support/world.ts'

const FLIGHT = 64

let world: World

beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const ask = (name: string, ...command: unknown[]) => world.ask(name, ...command)

/** Sends all at once, a frame each. */
const askAll = (socket: RespSocket, commands: string[][]) =>
  Promise.all(socket.together(() => commands.map((command) => socket.ask(...command))))

async function rowsWritten(name: string): Promise<number> {
  const info = String(await ask(name, 'INFO', 'persistence'))
  return Number(/edge_log_rows_written:(\d+)/.exec(info)?.[1])
}

/** Throws the instance out of memory. */
async function die(name: string): Promise<void> {
  await world.faults({ writesLeft: 0 }, name)
  await ask(name, 'SET', 'last', 'breath')
  await world.faults({}, name)
}

test('writes that are in flight together share rows, and all are there later', async () => {
  const socket = await world.open('/db/shared/ws')
  for (const round of range(10))
    await askAll(
      socket,
      range(FLIGHT).map((i) => ['SET', `${round}:${i}`, 'v']),
    )
  expect(await rowsWritten('shared')).toBeLessThan((10 * FLIGHT) / 2)
  await die('shared')
  expect(await ask('shared', 'DBSIZE')).toBe(10 * FLIGHT)
})

test('reads that are in flight together are answered in few frames', async () => {
  const socket = await world.open('/db/reads/ws')
  const reads = range(FLIGHT).map((i) => (i % 2 ? ['GET', 'k'] : ['ECHO', String(i)]))
  const expected = range(FLIGHT).map((i) => (i % 2 ? null : String(i)))
  for (const _ of range(10)) expect(await askAll(socket, reads)).toEqual(expected)
  expect(socket.frames).toBeLessThan((10 * FLIGHT) / 2)
})

test('a reader that is alone has each answer in a frame of its own', async () => {
  const socket = await world.open('/db/reader/ws')
  for (const i of range(40)) expect(await socket.ask('ECHO', String(i))).toBe(String(i))
  expect(socket.frames).toBe(40)
})

test('writes of requests that are in flight together are all there later', async () => {
  for (const round of range(5))
    await Promise.all(range(FLIGHT).map((i) => ask('requests', 'SET', `${round}:${i}`, 'v')))
  await die('requests')
  expect(await ask('requests', 'DBSIZE')).toBe(5 * FLIGHT)
})

test('a writer that is alone waits for nobody: each write is one row', async () => {
  for (const i of range(32)) await ask('lonely', 'SET', 'k', String(i))
  expect(await rowsWritten('lonely')).toBe(32)
})

test('replies come in the order of the commands, whatever they do', async () => {
  const socket = await world.open('/db/order/ws')
  const kinds = [
    (i: number) => ['RPUSH', 'list', String(i)],
    () => ['LLEN', 'list'],
    () => ['BLPOP', 'list', '1'],
    (i: number) => ['ECHO', 'x'.repeat(i * 1000)],
    () => ['LRANGE', 'list', '0', '-1'],
  ]
  const commands = range(200).map((i) => kinds[i % kinds.length]!(i))
  const pieces = await askAll(socket, commands)
  const [frame] = [await world.post('/db/order-of-one/pipeline', commands)]
  const results = ((await frame.json()) as { result: unknown }[]).map(({ result }) => result)
  expect(pieces).toEqual(results)
})

test('answers that wait take no memory from the data', async () => {
  await ask('tight', 'CONFIG', 'SET', 'maxmemory', '8mb')
  for (const i of range(58)) await ask('tight', 'SETRANGE', `k${i}`, 120_000, 'x')
  const sockets = await Promise.all(range(48).map(() => world.open('/db/tight/ws')))
  for (const round of range(5)) {
    const writes = sockets.map((socket) => socket.ask('SET', 'k', String(round)))
    expect(await Promise.all(writes)).toEqual(sockets.map(() => 'OK'))
  }
})

test('answers of many sockets in flight come in their order', async () => {
  const sockets = await Promise.all(range(24).map(() => world.open('/db/many/ws')))
  const commands = range(60).map((i) => (i % 3 ? ['ECHO', `${i}`.repeat(i * 20)] : ['INCR', 'n']))
  const answers = await Promise.all(sockets.map((socket) => askAll(socket, commands)))
  for (const replies of answers)
    for (const [i, reply] of replies.entries())
      if (i % 3) expect(reply).toBe(`${i}`.repeat(i * 20))
      else expect(reply).toBeGreaterThan(Number(replies[i - 3] ?? 0))
})

test('waits are served and messages delivered out of a group', async () => {
  const [waiting, listener, writer] = await Promise.all(
    range(3).map(() => world.open('/db/others/ws')),
  )
  await listener!.ask('SUBSCRIBE', 'news')
  const heard = listener!.next()
  const served = waiting!.ask('BLPOP', 'queue', '0')
  await askAll(writer!, [
    ...range(40).map((i) => ['SET', `k${i}`, 'v']),
    ['PUBLISH', 'news', 'here'],
    ['RPUSH', 'queue', 'job'],
    ...range(40).map((i) => ['SET', `k${i}`, 'w']),
  ])
  expect(await heard).toEqual(['message', 'news', 'here'])
  expect(await served).toEqual(['queue', 'job'])
})

test('a socket that goes while its write waits has written', async () => {
  const other = await world.open('/db/gone/ws')
  const socket = await world.open('/db/gone/ws')
  const asked = askAll(
    other,
    range(FLIGHT).map((i) => ['SET', `k${i}`, 'v']),
  )
  const last = askAll(socket, [
    ...range(FLIGHT).map((i) => ['INCR', `n${i}`]),
    ['SET', 'mine', '1'],
    ['QUIT'],
  ])
  await Promise.all([asked, last, socket.closed])
  await die('gone')
  expect(await ask('gone', 'GET', 'mine')).toBe('1')
})

test.each(range(8))(
  'a group that cannot be stored is not answered to anybody, reads included (%i writes succeed)',
  async (writesLeft) => {
    const name = `failed-${writesLeft}`
    const sockets = await Promise.all(range(4).map(() => world.open(`/db/${name}/ws`)))
    await askAll(
      sockets[0]!,
      range(FLIGHT).map(() => ['INCR', 'n']),
    )
    await world.faults({ writesLeft }, name)
    let seen = FLIGHT
    const see = (reply: unknown): void => {
      seen = Math.max(seen, Number(reply))
    }
    for (const socket of sockets)
      for (const i of range(FLIGHT * 4)) void socket.ask(i % 3 ? 'GET' : 'INCR', 'n').then(see)
    const requests = range(FLIGHT).map(() => ask(name, 'INCR', 'n'))
    await Promise.all(sockets.map((socket) => socket.closed))
    for (const result of await Promise.all(requests))
      if (typeof result === 'number') see(result)
      else expect(result).toBe('ERR the store failed')
    await world.faults({}, name)
    expect(Number(await ask(name, 'GET', 'n'))).toBeGreaterThanOrEqual(seen)
  },
)

test('what CONFIG SET and ACL SETUSER changed is kept with their answers', async () => {
  await ask('settings', 'CONFIG', 'SET', 'hash-max-listpack-entries', '9')
  await ask('settings', 'ACL', 'SETUSER', 'guest', 'on', '>secret', '+get', '~*')
  await die('settings')
  expect(await ask('settings', 'CONFIG', 'GET', 'hash-max-listpack-entries')).toEqual([
    'hash-max-listpack-entries',
    '9',
  ])
  expect(await ask('settings', 'ACL', 'USERS')).toContain('guest')
})
