// The worker of docs/examples/edge, as it stands there.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Miniflare } from 'miniflare'
import { startLocal, urlOf } from '../../scripts/edge/local.ts'

let local: Miniflare
let origin: Server
let url: string
let fetched = 0

beforeAll(async () => {
  origin = createServer((request, response) => {
    fetched++
    setTimeout(() => response.end(`page ${request.url}`), 100)
  })
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  const { port } = origin.address() as AddressInfo
  local = await startLocal({
    entry: 'docs/examples/edge/worker.ts',
    bindings: { ORIGIN: `http://127.0.0.1:${port}` },
    hasGateway: false,
  })
  url = await urlOf(local)
})
afterAll(async () => {
  await local.dispose()
  origin.closeAllConnections()
  origin.close()
})

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(path, url), { headers })

test('a page is fetched once, whoever asks for it at the same time', async () => {
  const responses = await Promise.all(Array.from({ length: 8 }, () => get('/a')))
  const texts = await Promise.all(responses.map((response) => response.text()))
  expect(new Set(texts)).toEqual(new Set(['page /a']))
  expect(fetched).toBe(1)
  expect((await get('/a')).headers.get('x-cache')).toBe('hit')
})

test('a session knows who it is', async () => {
  expect((await get('/me')).status).toBe(401)
  const login = await fetch(new URL('/login', url), {
    method: 'POST',
    body: JSON.stringify({ name: 'Ada' }),
  })
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!
  expect(await (await get('/me', { cookie })).text()).toBe('Ada')
})

test('a visitor is slowed down after sixty requests', async () => {
  const headers = { 'cf-connecting-ip': '203.0.113.9' }
  const statuses = await Promise.all(
    Array.from({ length: 70 }, async () => (await get('/me', headers)).status),
  )
  expect(statuses.filter((status) => status === 429).length).toBe(10)
})
