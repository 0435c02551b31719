/** Requests that are in the worker together share calls to their object: what that must not change. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { range, TOKEN, World } from './support/world.ts'

const FLIGHT = 64

let world: World

beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const ask = (name: string, ...command: unknown[]) => world.ask(name, ...command)

/** Sends a request, and breaks its connection so much later. */
async function leave(name: string, ms: number): Promise<void> {
  const { hostname, port } = new URL(world.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const head = `POST /db/${name}/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n`
  socket.write(`${head}Content-Length: 12\r\n\r\n["INCR","n"]`)
  await new Promise((resolve) => setTimeout(resolve, ms))
  socket.resetAndDestroy()
}

/** Runs commands in one call, each on a session of its own. */
async function together(name: string, ...commands: string[][]): Promise<Batch> {
  return (await world.post(`/lab/batch?name=${name}`, { commands })).json() as never
}

interface Batch {
  ends: { ticket?: string; refusal?: { status: number; message: string } }[]
  replies: string
}

/** What a call is answered that took longer than its batch; null: nobody waits for that. */
async function late(name: string, { ticket }: { ticket?: string }): Promise<unknown> {
  return (await world.request(`/lab/late?name=${name}&ticket=${ticket}`)).json()
}

async function calls(name: string, from = world): Promise<{ single: number; shared: number }> {
  return (await from.request(`/lab/calls?name=${name}`)).json() as never
}

test('requests in flight together take few calls', async () => {
  await ask('few', 'SET', 'k', 'v')
  for (const _ of range(10))
    expect(await Promise.all(range(FLIGHT).map(() => ask('few', 'GET', 'k')))).toEqual(
      range(FLIGHT).map(() => 'v'),
    )
  const { single, shared } = await calls('few')
  expect(single + shared).toBeLessThan((10 * FLIGHT) / 2)
})

test('a request that is alone waits for nobody, but for one of sixteen', async () => {
  for (const i of range(32)) await ask('alone', 'SET', 'k', i)
  expect(await calls('alone')).toEqual({ single: 30, shared: 2 })
})

test('each gets its own reply, errors too, in requests and pipelines', async () => {
  const asked = range(FLIGHT * 4).map(async (i) => {
    if (i % 4 === 0) return ask('own', 'NOSUCHCOMMAND', i)
    if (i % 4 === 1) return ask('own', 'ECHO', 'x'.repeat(i * 50))
    const path = `/db/own/${i % 4 === 2 ? 'pipeline' : 'multi-exec'}`
    return (
      await world.post(path, [
        ['SET', `k${i}`, i],
        ['GET', `k${i}`],
        ['LPUSH', `k${i}`, 'x'],
      ])
    ).json()
  })
  const wrong = 'WRONGTYPE Operation against a key holding the wrong kind of value'
  for (const [i, reply] of (await Promise.all(asked)).entries())
    if (i % 4 === 0) expect(reply).toMatch(/^ERR unknown command 'NOSUCHCOMMAND'/)
    else if (i % 4 === 1) expect(reply).toBe('x'.repeat(i * 50))
    else expect(reply).toEqual([{ result: 'OK' }, { result: String(i) }, { error: wrong }])
})

test('a transaction is not interrupted by what shares its call', async () => {
  const asked = range(FLIGHT).map(async () => {
    const answer = await world.post('/db/whole/multi-exec', [
      ['INCR', 'n'],
      ['INCR', 'n'],
      ['GET', 'n'],
    ])
    return (await answer.json()) as { result: unknown }[]
  })
  for (const [first, second, last] of await Promise.all(asked)) {
    expect(second!.result).toBe(Number(first!.result) + 1)
    expect(last!.result).toBe(String(second!.result))
  }
  expect(await ask('whole', 'GET', 'n')).toBe(String(2 * FLIGHT))
})

test('a session lasts as long as its request: MULTI does not reach the next', async () => {
  const asked = range(FLIGHT).map((i) => ask('sessions', ...(i % 2 ? ['MULTI'] : ['INCR', 'n'])))
  const replies = await Promise.all(asked)
  expect(replies.filter((reply) => reply === 'OK')).toHaveLength(FLIGHT / 2)
  expect(replies.filter((reply) => typeof reply === 'number')).toHaveLength(FLIGHT / 2)
})

test('reads do not wait for writes that clients were told to pause', async () => {
  await ask('paused', 'SET', 'k', '0')
  await ask('paused', 'CLIENT', 'PAUSE', '100000', 'WRITE')
  const writes = range(FLIGHT).map((i) => ask('paused', 'SET', 'k', i + 1))
  for (const _ of range(3))
    expect(await Promise.all(range(FLIGHT).map(() => ask('paused', 'GET', 'k')))).toEqual(
      range(FLIGHT).map(() => '0'),
    )
  await ask('paused', 'CLIENT', 'UNPAUSE')
  expect(await Promise.all(writes)).toEqual(range(FLIGHT).map(() => 'OK'))
  expect(await ask('paused', 'INFO', 'clients')).toMatch(/connected_clients:1\r/)
})

test('replies of any size come whole', async () => {
  const length = 3 << 20
  await ask('large', 'SETRANGE', 'k', length - 1, 'x')
  const lengths = await Promise.all(
    range(24).map(async () => String(await ask('large', 'GETRANGE', 'k', 0, -1)).length),
  )
  expect(lengths).toEqual(range(24).map(() => length))
})

test('commands of any size are carried out', async () => {
  const lengths = [1, 1000, 60_000, 70_000, 500_000]
  const asked = range(40).map((i) => ask('bodies', 'SET', `k${i}`, 'v'.repeat(lengths[i % 5]!)))
  expect(await Promise.all(asked)).toEqual(range(40).map(() => 'OK'))
  const found = await Promise.all(range(40).map((i) => ask('bodies', 'STRLEN', `k${i}`)))
  expect(found).toEqual(range(40).map((i) => lengths[i % 5]))
})

test('clients that go do not take the others with them', async () => {
  const seen: unknown[] = []
  await world.faults({ lateMs: 40 }, 'leaving')
  for (const round of range(8)) {
    const asked = range(FLIGHT).map(async (i) => {
      if (i >= FLIGHT / 4) return ask('leaving', 'INCR', 'n')
      return leave('leaving', round * 5)
    })
    for (const reply of await Promise.all(asked)) if (reply !== undefined) seen.push(reply)
  }
  expect(seen).toHaveLength((8 * FLIGHT * 3) / 4)
  expect(new Set(seen).size).toBe(seen.length)
  expect(Number(await ask('leaving', 'GET', 'n'))).toBeGreaterThanOrEqual(seen.length)
})

test('of several stores each gets its own', async () => {
  const asked = range(FLIGHT * 2).map((i) => ask(`mine-${i % 8}`, 'INCR', 'n'))
  await Promise.all(asked)
  const found = await Promise.all(range(8).map((i) => ask(`mine-${i}`, 'GET', 'n')))
  expect(found).toEqual(range(8).map(() => String((FLIGHT * 2) / 8)))
})

test('where sessions have no room calls come again or are refused, and the object goes on', async () => {
  const socket = await world.open('/db/full/ws')
  await socket.ask('CONFIG', 'SET', 'maxclients', '8')
  const before = await world.instance('full')
  expect((await together('full', ...range(9).map(() => ['PING']))).ends).toHaveLength(7)
  expect(await Promise.all(range(FLIGHT).map(() => ask('full', 'PING')))).toEqual(
    range(FLIGHT).map(() => 'PONG'),
  )
  await socket.ask('CONFIG', 'SET', 'maxclients', '1')
  const refusal = { status: 503, message: 'ERR no room for another session' }
  expect(await together('full', ['PING'], ['PING'])).toEqual({
    ends: [{ refusal }, { refusal }],
    replies: '',
  })
  const answers = await Promise.all(range(FLIGHT).map(() => world.post('/db/full/', ['PING'])))
  expect(answers.map(({ status }) => status)).toEqual(range(FLIGHT).map(() => 503))
  expect(await world.instance('full')).toBe(before)
})

test('a session that was closed is not taken for the one that has its number now', async () => {
  const closed = ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no']
  const { ends, replies } = await together('numbers', closed, ['SAVE'], ['PING'])
  expect(replies).toBe(':1\r\n+PONG\r\n')
  expect(await late('numbers', ends[1]!)).toBe('+OK\r\n')
})

test('who closes all sessions takes no answers from those that were carried out', async () => {
  const kill = ['CLIENT', 'KILL', 'TYPE', 'normal']
  const { replies } = await together('killed', ['INCR', 'n'], ['INCR', 'n'], kill, ['INCR', 'n'])
  expect(replies).toBe(':1\r\n:2\r\n:2\r\n:3\r\n')
})

test('a ticket is worth nothing to others, nor once the object has started again', async () => {
  const paused = [
    ['CLIENT', 'PAUSE', '100000', 'WRITE'],
    ['INCR', 'n'],
  ]
  const [, lost] = (await together('tickets', ...paused)).ends
  await world.faults({ writesLeft: 0 }, 'tickets')
  await ask('tickets', 'CLIENT', 'UNPAUSE')
  await ask('tickets', 'SET', 'k', 'v')
  await world.faults({}, 'tickets')
  const [, waiting] = (await together('tickets', ...paused)).ends
  await ask('tickets', 'CLIENT', 'UNPAUSE')
  expect(await late('tickets', lost!)).toBe(null)
  expect(await late('tickets', waiting!)).toBe(':1\r\n')
  expect(await late('tickets', waiting!)).toBe(null)
})

test('answers that wait for others of their call take no memory from the data', async () => {
  await ask('tight', 'CONFIG', 'SET', 'maxmemory', '8mb')
  for (const i of range(58)) await ask('tight', 'SETRANGE', `k${i}`, 120_000, 'x')
  const reads = range(FLIGHT).map(() => ['EXISTS', 'k0'])
  const { replies } = await together('tight', ...reads, ['SET', 'k', 'v'])
  expect(replies).toBe(`${':1\r\n'.repeat(FLIGHT)}+OK\r\n`)
})

describe('who asks', () => {
  let strict: World
  beforeAll(async () => {
    strict = await World.start({ bindings: { WADI_READONLY_TOKEN: 'reader', WADI_RATE: '20' } })
  })
  afterAll(() => strict.stop())

  const asking = async (token: string, ...command: unknown[]): Promise<[number, unknown]> => {
    const answer = await strict.post('/db/shared/', command, { authorization: `Bearer ${token}` })
    const { result, error } = (await answer.json()) as { result?: unknown; error?: string }
    return [answer.status, error ?? result]
  }

  test('is told apart within a call, and counted one by one', async () => {
    const heldMs = Date.now()
    await strict.faults({ heldMs }, 'shared')
    const asked = range(60).flatMap((i) => [
      asking('reader', 'SET', 'k', i),
      asking('stranger', 'GET', 'k'),
    ])
    const replies = await Promise.all(asked)
    const errorsOf = (wanted: number): unknown[] =>
      replies.filter(([status]) => status === wanted).map(([, error]) => error)
    expect(errorsOf(401)).toHaveLength(60)
    // Twice the rate may come at once; then the clock stands still.
    expect(errorsOf(400)).toHaveLength(40)
    expect(errorsOf(429)).toEqual(range(20).map(() => 'ERR too many requests'))
    for (const error of errorsOf(400)) expect(error).toMatch(/^NOPERM /)
    await strict.faults({ heldMs: heldMs + 1000 }, 'shared')
    expect(await asking('reader', 'PING')).toEqual([200, 'PONG'])
  })
})

test('where a request may not wait for another, each calls for itself', async () => {
  const old = await World.start({ flags: ['no_handle_cross_request_promise_resolution'] })
  try {
    const asked = range(FLIGHT).map(
      async (i) => (await old.post('/db/old/', ['SET', `k${i}`, i])).status,
    )
    expect(await Promise.all(asked)).toEqual(range(FLIGHT).map(() => 200))
    expect(await calls('old', old)).toEqual({ single: FLIGHT, shared: 0 })
  } finally {
    await old.stop()
  }
})
