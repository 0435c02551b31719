/** Clients that want to use up memory or time: what they can have is bounded, and others are served. */
import { describe, expect, test } from 'vitest'
import { commands, connect, type RawClient, startServer, until } from '../../support/server.ts'

const PONG = '+PONG\r\n'

async function ping(client: RawClient): Promise<void> {
  client.send(['PING'])
  expect(await client.readLike(PONG)).toBe(PONG)
}

describe('a client that has not logged in', () => {
  const config = { requirepass: 'secret' }

  test('cannot let refusals pile up', async () => {
    const { port, server } = await startServer({ config })
    const client = await connect(port)
    const requests = commands(['PING']).toString().repeat(50_000)
    client.socket.write(requests)
    await until(() => client.socket.destroyed || server.clients.count === 0)
    expect(server.engine.unsentBytes).toBe(0)
    const info = server.internal.call('INFO', 'stats')
    expect(info).toContain('client_output_buffer_limit_disconnections:1\r\n')
  })

  test('cannot send ahead without end while the server is paused', async () => {
    const { port, server } = await startServer({ config })
    server.internal.call('CLIENT', 'PAUSE', 100_000)
    const [stranger, friend] = [await connect(port), await connect(port)]
    server.internal.call('CLIENT', 'UNPAUSE')
    friend.send(['AUTH', 'secret'])
    await friend.read(5)
    server.internal.call('CLIENT', 'PAUSE', 100_000)
    const requests = commands(['PING']).toString().repeat(120_000)
    for (const client of [stranger, friend]) client.socket.write(requests)
    await stranger.readAll()
    expect(server.clients.count).toBe(1)
    server.internal.call('CLIENT', 'UNPAUSE')
    expect(await friend.read(PONG.length * 120_000)).toHaveLength(PONG.length * 120_000)
  })

  test('may send a long pipeline that begins with its password', async () => {
    const { port } = await startServer({ config })
    const client = await connect(port)
    client.send(['AUTH', 'secret'], ...Array.from({ length: 20_000 }, () => ['PING']))
    const expected = `+OK\r\n${PONG.repeat(20_000)}`
    expect((await client.readLike(expected)) === expected).toBe(true)
  })
})

describe('many slow clients', () => {
  const CROWD = 1000
  const used = (server: Awaited<ReturnType<typeof startServer>>) => server.server.engine.usedBytes

  test.each([
    ['a value of 512 MB', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n'],
    ['two thousand million arguments', '*2147483647\r\n'],
    ['a line without end', 'SET k '],
    ['a number without end', '$'],
  ])(`that begin %s take no more than they send (${CROWD} of them)`, async (_, head) => {
    const server = await startServer()
    const quick = await connect(server.port)
    const crowd = await Promise.all(Array.from({ length: CROWD }, () => connect(server.port)))
    await ping(quick)
    const before = used(server)
    for (const client of crowd) client.socket.write(head)
    const ROUNDS = 10
    for (let round = 0; round < ROUNDS; round++) {
      for (const client of crowd) client.socket.write('x')
      await ping(quick)
    }
    const sent = (head.length + ROUNDS) * CROWD
    expect(used(server) - before).toBeLessThan(CROWD * 256 + sent * 2)
    for (const client of crowd) client.socket.destroy()
    await until(() => server.server.clients.count === 1)
    expect(used(server) - before).toBeLessThan(65_536)
  })

  test('that read nothing hold back their own replies only', async () => {
    const server = await startServer()
    server.server.internal.call('SET', 'v', 'x'.repeat(100_000))
    const quick = await connect(server.port)
    const crowd = await Promise.all(Array.from({ length: 50 }, () => connect(server.port)))
    const greedy = commands(...Array.from({ length: 2000 }, () => ['GET', 'v']))
    for (const client of crowd) client.socket.write(greedy)
    for (let i = 0; i < 50; i++) await ping(quick)
    // 50 × 200 MB were asked for; each may have what one turn of the engine gives it.
    expect(server.server.engine.unsentBytes).toBeLessThan(50 * 1_000_000)
  })
})

test('a command of a million arguments is one command', async () => {
  const { port } = await startServer()
  const client = await connect(port)
  const keys = Array.from({ length: 1_000_000 }, (_, i) => `k${i}`)
  client.send(['DEL', ...keys], ['PING'])
  expect(await client.readLike(`:0\r\n${PONG}`)).toBe(`:0\r\n${PONG}`)
})

test('connections that come and go in thousands leave nothing behind', async () => {
  const { port, server } = await startServer()
  const keeper = await connect(port)
  const before = async () => {
    await ping(keeper)
    return server.engine.usedBytes
  }
  const start = await before()
  for (let round = 0; round < 20; round++) {
    const wave = await Promise.all(Array.from({ length: 100 }, () => connect(port)))
    for (const [i, client] of wave.entries()) {
      if (i % 3 === 0) client.send(['SUBSCRIBE', 'c'], ['PSUBSCRIBE', 'p*'])
      if (i % 3 === 1) client.send(['WATCH', 'k'], ['MULTI'], ['SET', 'k', 'v'])
      if (i % 2) client.socket.resetAndDestroy()
      else client.socket.destroy()
    }
    await until(() => server.clients.count === 1)
  }
  expect((await before()) - start).toBeLessThan(16_384)
})
