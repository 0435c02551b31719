// A worker with a store beside it: a rate limiter, sessions, and a cache in front of a slow origin. The object is exported
// by this worker; wrangler.jsonc binds it as WADI.

import { stores, type WadiEnv } from 'wadi/edge'

export { WadiObject } from 'wadi/edge'

interface Env extends WadiEnv {
  /** Where pages come from when they are not in the cache. */
  ORIGIN: string
}

const REQUESTS_A_MINUTE = 60
const SESSION_S = 3600
const CACHE_S = 30

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url)
    const visitor = request.headers.get('cf-connecting-ip') ?? 'local'
    if (!(await isWithinLimit(env, visitor))) return new Response('slow down', { status: 429 })
    if (url.pathname === '/login') return logIn(request, env)
    if (url.pathname === '/me') return whoAmI(request, env)
    return cached(url.pathname, env)
  },
}

/** Counts a visitor's requests of this minute: each visitor could have an object of their own. */
async function isWithinLimit(env: Env, visitor: string): Promise<boolean> {
  const key = `rate:${visitor}:${Math.floor(Date.now() / 60_000)}`
  const [count] = await stores(env)
    .get('limits')
    .transaction([
      ['INCR', key],
      ['EXPIRE', key, 120],
    ])
  return (count as number) <= REQUESTS_A_MINUTE
}

/** A session is a hash that goes when nobody has used it for an hour. */
async function logIn(request: Request, env: Env): Promise<Response> {
  const { name } = (await request.json()) as { name: string }
  const id = crypto.randomUUID()
  const sessions = stores(env).get('sessions')
  await sessions.hset(`session:${id}`, { name, since: Date.now() })
  await sessions.expire(`session:${id}`, SESSION_S)
  return new Response('welcome', { headers: { 'set-cookie': `sid=${id}; HttpOnly; Secure` } })
}

async function whoAmI(request: Request, env: Env): Promise<Response> {
  const [, id] = /sid=([\w-]+)/.exec(request.headers.get('cookie') ?? '') ?? []
  const sessions = stores(env).get('sessions')
  const name = id && (await sessions.hget(`session:${id}`, 'name'))
  if (!name) return new Response('who are you?', { status: 401 })
  await sessions.expire(`session:${id}`, SESSION_S)
  return new Response(name)
}

/** A page out of the cache, or of the origin: one request fetches it, those that come meanwhile wait for it. */
async function cached(path: string, env: Env): Promise<Response> {
  const cache = stores(env).get('cache')
  const page = `page:${path}`
  const found = await cache.get(page)
  if (found !== null) return new Response(found, { headers: { 'x-cache': 'hit' } })
  const isFirst = (await cache.set(`${page}:lock`, 1, { nx: true, ex: 10 })) !== null
  if (!isFirst && (await cache.call('BLPOP', `${page}:ready`, 5)) !== null) {
    await cache.call('RPUSH', `${page}:ready`, 1) // so that the next one who waits goes on, too
    return new Response(String(await cache.get(page)), { headers: { 'x-cache': 'waited' } })
  }
  const body = await (await fetch(new URL(path, env.ORIGIN))).text()
  await cache.pipeline([
    ['SET', page, body, 'EX', CACHE_S],
    ['DEL', `${page}:ready`, `${page}:lock`],
    ['RPUSH', `${page}:ready`, 1],
    ['EXPIRE', `${page}:ready`, 5],
  ])
  return new Response(body, { headers: { 'x-cache': 'miss' } })
}
