import { describe, expect, onTestFinished, test } from 'vitest'
import { connect, startServer, until } from '../support/server.ts'

describe('an idle client', () => {
  test('is closed after the timeout, one that talks is not', { timeout: 20_000 }, async () => {
    const { port } = await startServer({ config: { timeout: 1 } })
    const [idle, busy] = [await connect(port), await connect(port)]
    const timer = setInterval(() => busy.send(['PING']), 200)
    onTestFinished(() => clearInterval(timer))
    expect(await idle.readAll()).toBe('')
    await busy.read(7)
    expect(busy.socket.closed).toBe(false)
  })

  test('that waits for messages is not closed', { timeout: 20_000 }, async () => {
    const { port, server } = await startServer({ config: { timeout: 1 } })
    const [idle, listener] = [await connect(port), await connect(port)]
    listener.send(['SUBSCRIBE', 'c'])
    await listener.read(30)
    await idle.readAll()
    expect(server.clients.count).toBe(1)
  })
})

describe('a client that does not read', () => {
  const limits = (limit: string) => ({
    config: { 'client-output-buffer-limit': limit.split(' ') },
  })

  test('is closed at the hard limit of its class', async () => {
    const { port, server } = await startServer(limits('pubsub 1000000 0 0'))
    const [listener, speaker] = [await connect(port), await connect(port)]
    listener.send(['SUBSCRIBE', 'c'])
    await listener.read(30)
    const message = 'x'.repeat(100_000)
    let published = 0
    while (server.clients.count === 2) {
      speaker.send(['PUBLISH', 'c', message])
      await speaker.read(4)
      published++
    }
    expect(published).toBeGreaterThan(9)
  })

  test('is closed when it stays above the soft limit', { timeout: 20_000 }, async () => {
    const { port, server } = await startServer(limits('normal 0 100000 1'))
    const client = await connect(port)
    client.send(['SET', 'v', 'x'.repeat(1_000_000)])
    await client.read(5)
    client.send(...Array.from({ length: 20 }, () => ['GET', 'v']))
    await until(() => server.engine.unsentBytes > 100_000)
    await until(() => server.clients.count === 0)
    expect(server.engine.unsentBytes).toBe(0)
  })

  test('of a class without limits stays', async () => {
    const { port } = await startServer(limits('pubsub 1000 0 0'))
    const client = await connect(port)
    client.send(['SET', 'v', 'x'.repeat(1_000_000)])
    await client.read(5)
    client.send(...Array.from({ length: 20 }, () => ['GET', 'v']))
    expect((await client.read(20 * 1_000_012)).length).toBe(20_000_240)
  })
})
