// The HTTP side of a store, on any runtime: REST, RESP over a WebSocket, metrics, health.
//
//   /                /db/:name               REST: see rest.ts
//   /ws              /db/:name/ws            RESP in binary frames
//   /metrics         /db/:name/metrics       Prometheus' text format
//   /health          /db/:name/health        whether this answers at all

import { type Context, Hono } from 'hono'
import type { Reply } from '../core/decode.ts'
import type { Argument } from '../core/encode.ts'
import { ReplyError } from '../core/errors.ts'
import { measure, prometheusMetrics } from '../core/metrics/index.ts'
import { addressed, bearer, callerOf } from './caller.ts'
import { decodeReplies, encodeCommands } from './commands.ts'
import { nameOf } from './name.ts'
import { type Origins, preflight, withOrigin } from './origins.ts'
import { fail, failure, restApp, type RestOptions } from './rest.ts'
import { subprotocolToken } from './subprotocol.ts'
import type { Caller } from './store.ts'

export interface AppOptions<Env> extends RestOptions<Env> {
  /** The pages of other origins that may come in. */
  origins(env: Env): Origins
  /** Makes a WebSocket of the request; a caller without a user has to log in by AUTH. */
  upgrade(context: Context, name: string, caller: Caller): Response | Promise<Response>
}

export function createApp<Env extends object>(options: AppOptions<Env>) {
  const app = new Hono<{ Bindings: Env }>()
  app.onError((error) => failure(error, (cause) => options.failed?.(cause)))

  app.use(async (c, next) => {
    const origin = c.req.header('origin')
    const origins = options.origins(c.env)
    if (c.req.method === 'OPTIONS' && origin !== undefined) return preflight(origins, origin)
    if (isForeign(c, origin, origins)) return fail('ERR this origin is not allowed', 403)
    await next()
    if (origin !== undefined) c.res = withOrigin(c.res, origins, origin)
    return undefined
  })

  for (const base of ['/db/:name', '']) {
    app.get(`${base}/health`, (c) => c.json({ status: 'ok' }))
    app.get(`${base}/ws`, (c) => upgrade(c, options))
    app.get(`${base}/metrics`, (c) => metrics(c, options))
  }
  app.route('/db/:name', restApp(options))
  app.route('/', restApp(options))
  return app
}

async function upgrade<Env extends object>(
  c: Context<{ Bindings: Env }>,
  options: AppOptions<Env>,
): Promise<Response> {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket')
    return c.text('a WebSocket is expected', 426)
  const token = bearer(c) ?? subprotocolToken(c.req.header('sec-websocket-protocol'))
  const caller = await callerOf(c, c.env, options, token)
  if (!caller && token !== undefined) return c.text('Unauthorized', 401)
  // Without a token, the first frame has to be AUTH.
  return options.upgrade(c, nameOf(c), caller ?? addressed(c, options))
}

async function metrics<Env extends object>(
  c: Context<{ Bindings: Env }>,
  options: AppOptions<Env>,
): Promise<Response> {
  const caller = await callerOf(c, c.env, options, bearer(c))
  if (!caller) return c.text('Unauthorized', 401)
  const store = options.store(c.env, nameOf(c))
  const call = async (...args: Argument[]): Promise<Reply> => {
    const bytes = await store.exchange(encodeCommands([args]), caller)
    const [reply] = decodeReplies(bytes, 1, 'text')
    if (reply instanceof ReplyError) throw reply
    return reply!
  }
  try {
    const body = prometheusMetrics(await measure(call))
    return c.body(body, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error
    return c.text(error.message, 403)
  }
}

/**
 * Whether a page of another origin asks that is not allowed to: a browser would send its request and only keep the
 * answer from it.
 */
function isForeign(c: Context, origin: string | undefined, origins: Origins): boolean {
  if (origin !== undefined)
    return new URL(c.req.url).host !== hostOf(origin) && !origins.allows(origin)
  const site = c.req.header('sec-fetch-site')
  return site === 'cross-site' || site === 'same-site'
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}
