/** connect-redis behind express-session, and the Redis adapter of Socket.IO, unmodified, over TCP. */
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdapter } from '@socket.io/redis-adapter'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'

let server: TestServer
beforeAll(async () => {
  server = await startWadi()
})
afterAll(() => server.stop())

const listen = (http: HttpServer) =>
  new Promise<number>((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port))
  })

it('express-session keeps its sessions through connect-redis', async () => {
  const client = createClient({ url: `redis://127.0.0.1:${server.port}` })
  await client.connect()
  const app = express()
  app.use(
    session({
      store: new RedisStore({ client, prefix: 'sess:' }),
      secret: 'test',
      resave: false,
      saveUninitialized: false,
    }),
  )
  app.get('/', (request, response) => {
    const data = request.session as { visits?: number }
    data.visits = (data.visits ?? 0) + 1
    response.json(data.visits)
  })
  app.get('/out', (request, response) => {
    const data = request.session as { destroy(done: () => void): void }
    data.destroy(() => response.json('bye'))
  })
  const http = createServer(app)
  const port = await listen(http)
  try {
    const first = await fetch(`http://127.0.0.1:${port}/`)
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!
    const visit = async (path = '/') =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } })).json()
    expect(await first.json()).toBe(1)
    expect(await visit()).toBe(2)
    expect(await visit()).toBe(3)
    const [key] = await client.keys('sess:*')
    expect(await client.ttl(key!)).toBeGreaterThan(80_000)
    expect(await visit('/out')).toBe('bye')
    expect(await client.exists(key!)).toBe(0)
  } finally {
    http.closeAllConnections()
    http.close()
    client.destroy()
  }
})

it('Socket.IO servers reach the clients of each other', async () => {
  const connections: Redis[] = []
  const connect = () => {
    const redis = new Redis({ host: '127.0.0.1', port: server.port })
    connections.push(redis)
    return redis
  }
  const https: HttpServer[] = []
  const servers: Server[] = []
  const clients: Socket[] = []
  try {
    for (let i = 0; i < 2; i++) {
      const http = createServer()
      const sockets = new Server(http, { adapter: createAdapter(connect(), connect()) })
      https.push(http)
      servers.push(sockets)
      const port = await listen(http)
      const joined = new Promise<void>((resolve) => {
        sockets.on('connection', async (socket) => {
          await socket.join('room')
          resolve()
        })
      })
      clients.push(io(`http://127.0.0.1:${port}`, { transports: ['websocket'] }))
      await joined
    }
    await expect
      .poll(async () => (await servers[0]!.in('room').fetchSockets()).length, { timeout: 10_000 })
      .toBe(2)
    const heard = clients.map(
      (client) => new Promise((resolve) => client.once('news', (text: string) => resolve(text))),
    )
    servers[0]!.to('room').emit('news', 'hello')
    expect(await Promise.all(heard)).toEqual(['hello', 'hello'])
  } finally {
    for (const client of clients) client.close()
    for (const sockets of servers) await sockets.close()
    for (const http of https) http.close()
    // The adapters unsubscribe without waiting for the answers: QUIT comes behind them.
    for (const redis of connections) await redis.quit()
  }
})
