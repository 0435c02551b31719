/** The app of the edge on the HTTP port of the Node server: REST, and RESP over a WebSocket. */
import { request } from 'node:http'
import { Redis } from '@upstash/redis'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { connect as connectClient } from '../../host/client/index.ts'
import { signToken } from '../../host/core/token.ts'
import { freePort } from '../support/process.ts'
import { startServer } from '../support/server.ts'

async function serve(config: Record<string, string> = {}) {
  const port = await freePort()
  await startServer({ config: { 'http-port': String(port), ...config } })
  const url = `http://127.0.0.1:${port}`
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers })
  return { url, socketUrl: `ws://127.0.0.1:${port}/ws`, port, post }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('the client of @upstash/redis works with it', async () => {
  const { url } = await serve({ requirepass: 'secret' })
  const redis = new Redis({ url, token: 'secret', enableTelemetry: false })
  expect(await redis.set('user', { name: 'Ada' })).toBe('OK')
  expect(await redis.get('user')).toEqual({ name: 'Ada' })
  expect(await redis.multi().incr('n').incr('n').exec()).toEqual([1, 2])
  expect(await redis.eval('return {KEYS[1], ARGV[1]}', ['k'], ['v'])).toEqual(['k', 'v'])
  const subscriber = redis.subscribe<string>(['news'])
  const heard: unknown[] = []
  subscriber.on('message', ({ message }) => heard.push(message))
  await expect.poll(() => redis.publish('news', 'hello')).toBe(1)
  await expect.poll(() => heard).toContain('hello')
  await subscriber.unsubscribe()
  await expect.poll(() => redis.exec(['PUBSUB', 'NUMSUB', 'news'])).toEqual(['news', 0])
  const waiting = redis.exec(['BLPOP', 'jobs', '5'])
  await redis.rpush('jobs', 'job')
  expect(await waiting).toEqual(['jobs', 'job'])
})

test.each<[string, Record<string, string>, number]>([
  ['nobody', {}, 401],
  ['a wrong password', bearer('wrong'), 401],
  ['the password', bearer('secret'), 200],
  ['a user and a password', bearer('default:secret'), 200],
])('with a password: %s', async (_, headers, status) => {
  const { post } = await serve({ requirepass: 'secret' })
  expect((await post('/', ['SET', 'k', 'v'], headers)).status).toBe(status)
})

test('a signed token does what it grants', async () => {
  const key = 'k'.repeat(32)
  const { post } = await serve({ requirepass: 'secret', 'token-key': key })
  const token = await signToken(key, { acl: '~a:* +get', expiresIn: 60 })
  expect((await post('/', ['GET', 'a:1'], bearer(token))).status).toBe(200)
  expect(await (await post('/', ['SET', 'a:1', 'x'], bearer(token))).json()).toMatchObject({
    error: expect.stringContaining('NOPERM'),
  })
})

test('there is one store, by the name of default', async () => {
  const { post } = await serve()
  expect((await post('/db/default', ['SET', 'k', 'v'])).status).toBe(200)
  expect((await post('/db/other', ['SET', 'k', 'v'])).status).toBe(404)
})

test('the client over a WebSocket', async () => {
  const { socketUrl } = await serve({ requirepass: 'secret' })
  const db = await connectClient(socketUrl, { token: 'secret' })
  onTestFinished(() => db.close())
  expect(await db.set('k', 'v')).toBe('OK')
  const big = 'x'.repeat(1_000_000)
  await db.set('big', big)
  expect(await db.get('big')).toBe(big)
  const heard: unknown[] = []
  await db.subscribe('c', (message) => heard.push(message))
  await db.publish('c', 'm')
  await expect.poll(() => heard).toEqual(['m'])
})

test.each<[string, Record<string, string>]>([
  ['another path', {}],
  ['a page of another origin', { origin: 'https://evil.example' }],
])('no WebSocket for %s', async (what, headers) => {
  const { socketUrl } = await serve()
  const socket = new WebSocket(what === 'another path' ? `${socketUrl}x` : socketUrl, { headers })
  const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
  expect(error.message).toMatch(/40[34]/)
})

test('pages of the origins in http-origins come in, by REST and by a WebSocket', async () => {
  const { url, socketUrl } = await serve({ 'http-origins': 'https://a.example https://b.example' })
  const ask = (origin: string, init?: RequestInit) =>
    fetch(`${url}/set/k/v`, { ...init, headers: { origin } })
  for (const origin of ['https://a.example', 'https://b.example']) {
    const { status, headers } = await ask(origin)
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin])
    expect((await ask(origin, { method: 'OPTIONS' })).status).toBe(204)
    const socket = new WebSocket(socketUrl, { origin })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.close()
  }
  expect((await ask('https://c.example')).status).toBe(403)
})

test('pages of other origins cannot use what only this machine can', async () => {
  const { url, port } = await serve()
  const status = (headers: Record<string, string>) =>
    new Promise<number>((resolve) => {
      request(`${url}/set/k/v`, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      }).end()
    })
  expect(await status({})).toBe(200)
  expect(await status({ host: `localhost:${port}` })).toBe(200)
  expect(await status({ origin: 'https://evil.example' })).toBe(403)
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await status({ host: `rebound.example:${port}` })).toBe(403)
})
