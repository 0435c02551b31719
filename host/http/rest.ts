// The REST API, as the client of @upstash/redis speaks it, unmodified:
//
//   POST /             ["SET","k","v"]                     {"result":"OK"}
//   POST /pipeline     [["SET","a",1],["GET","a"]]         [{"result":"OK"},{"result":"1"}]
//   POST /multi-exec   the same, all or nothing
//   POST /subscribe/channel                                server-sent events
//   GET  /get/k        POST /set/k with the value as body  {"result":"v"}

import { type Context, Hono } from 'hono'
import type { Argument } from '../core/encode.ts'
import type { Reply } from '../core/decode.ts'
import { ReplyError } from '../core/errors.ts'
import { mayWait } from '../core/keys.ts'
import { bearer, callerOf, type CallerOptions, urlToken } from './caller.ts'
import {
  checkCommand,
  decodeChannel,
  decodeReplies,
  encodeCommands,
  isUnknown,
  item,
  pathCommand,
} from './commands.ts'
import { fromRedis, toRedis } from './dialect.ts'
import { type Encoding, parseCommand, parseCommands, RequestError } from './json.ts'
import { messageStream } from './messages.ts'
import { nameOf } from './name.ts'
import { METHODS } from './origins.ts'
import { type Caller, RefusedError, type Store } from './store.ts'
import { exchangeWaiting } from './waiting.ts'

export interface RestOptions<Env> extends CallerOptions<Env> {
  store(env: Env, name: string): Store
  /** Hears of what is answered with 500 alone. */
  failed?(error: unknown): void
  /** The largest body that is read. */
  maxBodyBytes(env: Env): number
}

export interface RestVariables {
  caller: Caller
  store: Store
}

/** The header that tells a client's own reads from those that may be late; here none is. */
const SYNC_TOKEN = 'upstash-sync-token'

export function restApp<Env extends object>(options: RestOptions<Env>) {
  type RestContext = Context<{ Bindings: Env; Variables: RestVariables }>
  const app = new Hono<{ Bindings: Env; Variables: RestVariables }>()

  app.use(async (c, next) => {
    const caller = await callerOf(c, c.env, options, bearer(c) ?? urlToken(c))
    if (!caller) return fail('Unauthorized', 401)
    c.set('caller', { ...caller, isRest: true })
    c.set('store', options.store(c.env, nameOf(c)))
    await next()
    return undefined
  })

  app.post('/pipeline', async (c) => {
    const commands = parseCommands(await readBody(c, options.maxBodyBytes(c.env)))
    for (const command of commands) checkCommand(command)
    const encoding = encodingOf(c)
    return answer(items(commands, await run(c, commands, encoding), encoding))
  })

  app.post('/multi-exec', async (c) => {
    const commands = parseCommands(await readBody(c, options.maxBodyBytes(c.env)))
    for (const command of commands) checkCommand(command, true)
    const encoding = encodingOf(c)
    const whole = [['MULTI'], ...commands, ['EXEC']]
    const results = (await run(c, whole, encoding)).at(-1)!
    if (results instanceof ReplyError) return fail(results.message, 400)
    return answer(items(commands, results as Reply[], encoding))
  })

  app.on(['GET', 'POST'], ['/subscribe/*', '/psubscribe/*', '/monitor'], async (c) => {
    // Nobody would ever close what a HEAD opens.
    const isAsked = c.req.method !== 'HEAD'
    const command = segments(c).map(decodeChannel)
    const { signal } = c.req.raw
    const { store, caller } = c.var
    const stream = isAsked ? await messageStream(store, caller, command, signal) : null
    return new Response(stream, {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      },
    })
  })

  // The path that almost all requests have is found without an expression.
  app.on(['GET', 'HEAD', 'POST', 'PUT'], ['/', '/*'], async (c) => {
    const hasBody = c.req.method === 'POST' || c.req.method === 'PUT'
    const body = hasBody ? await readBody(c, options.maxBodyBytes(c.env)) : undefined
    const path = segments(c)
    if (path.length === 0) return one(c, parseCommand(body))
    return one(c, pathCommand(path, new URL(c.req.url).searchParams, body))
  })

  app.all('/*', () => {
    const response = fail('ERR method not allowed', 405)
    response.headers.set('allow', METHODS)
    return response
  })

  /** The reply to each command. @throws {RefusedError} */
  async function run(
    c: RestContext,
    commands: readonly Argument[][],
    encoding: Encoding,
  ): Promise<Reply[]> {
    const store = c.get('store')
    const caller = c.get('caller')
    const sent = encodeCommands(commands.map(toRedis))
    const received = commands.some((command) => mayWait(command.map(wordOf)))
      ? await exchangeWaiting(store, sent, commands.length, caller, c.req.raw.signal)
      : await store.exchange(sent, caller)
    const replies = decodeReplies(received, commands.length, encoding)
    if (isUnknown(replies[0])) throw new RefusedError('Unauthorized', 401)
    return replies
  }

  async function one(c: RestContext, command: Argument[]): Promise<Response> {
    checkCommand(command)
    const encoding = encodingOf(c)
    const [given] = await run(c, [command], encoding)
    const reply = fromRedis(command, given!)
    return answer(item(reply, encoding), reply instanceof ReplyError ? 400 : 200)
  }
  return app
}

/** The response to what a handler threw. */
export function failure(error: unknown, failed?: (error: unknown) => void): Response {
  if (error instanceof RequestError) return fail(error.message, 400)
  if (error instanceof TooLargeError) return fail('ERR max request size exceeded', 413)
  if (error instanceof RefusedError) {
    const response = fail(error.message, error.status)
    if (error.retryAfter !== undefined)
      response.headers.set('retry-after', String(error.retryAfter))
    return response
  }
  failed?.(error)
  return fail('ERR the store failed', 500)
}

class TooLargeError extends Error {
  override name = 'TooLargeError'
}

const wordOf = (argument: Argument): string => (typeof argument === 'string' ? argument : '')

function items(
  commands: readonly (readonly Argument[])[],
  replies: readonly Reply[],
  encoding: Encoding,
): string {
  return `[${replies.map((reply, i) => item(fromRedis(commands[i], reply), encoding)).join(',')}]`
}

function encodingOf(c: Context): Encoding {
  return c.req.header('upstash-encoding') === 'base64' ? 'base64' : 'text'
}

/** What follows the name of the store in the path, still encoded. */
function segments(c: Context): string[] {
  if (c.req.path === '/') return []
  const path = new URL(c.req.url).pathname.replace(/\/$/, '').split('/').slice(1)
  return c.req.param('name') === undefined ? path : path.slice(2)
}

/** @throws {TooLargeError} */
async function readBody(c: Context, limit: number): Promise<Uint8Array> {
  const { raw } = c.req
  const length = c.req.header('content-length')
  if (Number(length ?? 0) > limit) {
    if (raw.body) await discard(raw.body.getReader(), limit)
    throw new TooLargeError()
  }
  // A stream that nobody reads takes as long to make as all of this.
  if (length !== undefined) return new Uint8Array(await raw.arrayBuffer())
  return raw.body ? readLimited(raw.body, limit) : new Uint8Array(0)
}

/** So many times the limit is thrown away of a body that is too large. */
const DISCARDED = 4

/**
 * A client that is still sending may not read its answer before it is cut off: what it sends is thrown away, up to a
 * point.
 */
async function discard(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<void> {
  for (let left = limit * DISCARDED; left > 0;) {
    const { done, value } = await reader.read()
    if (done) return
    left -= value.length
  }
  await reader.cancel()
}

/** A body of unknown length is read no further than the limit. */
async function readLimited(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit) {
      await discard(reader, limit)
      throw new TooLargeError()
    }
    chunks.push(value)
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

export function fail(message: string, status: number): Response {
  return answer(JSON.stringify({ error: message }), status)
}

let requests = 0

function answer(body: string, status = 200): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/json',
      [SYNC_TOKEN]: `${Date.now().toString(36)}-${(requests++).toString(36)}`,
    },
  })
}
