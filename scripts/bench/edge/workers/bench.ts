// The worker that is measured: the edge store as it is, and beside it a bare object that stores the same values with
// `ctx.storage.put`, the way one writes it without a store: over a WebSocket, over REST with JSON and a token, and, at
// /plain, without either.

import { DurableObject } from 'cloudflare:workers'
import { edgeApp } from '../../../../edge/app.ts'
import { WadiObject } from '../../../../edge/object.ts'
import type { WadiEnv } from '../../../../edge/settings.ts'

export { WadiGateway } from '../../../../edge/shards/gateway.ts'

/** Notes how long it took to wake. */
export class TimedObject extends WadiObject {
  #wokeMs = 0

  protected override wake(): void {
    const before = performance.now()
    super.wake()
    this.#wokeMs = performance.now() - before
  }

  /** How long waking took, and how long it takes to read what is stored. */
  waking(): { wokeMs: number; readMs: number; bytes: number } {
    const before = performance.now()
    let bytes = 0
    for (const table of ['snapshot', 'log'])
      for (const row of this.ctx.storage.sql.exec(`SELECT bytes FROM ${table}`))
        bytes += (row['bytes'] as ArrayBuffer).byteLength
    return { wokeMs: this.#wokeMs, readMs: performance.now() - before, bytes }
  }
}

/** key and value, or a key alone, with a blank between them. */
async function carryOut(storage: DurableObjectStorage, text: string): Promise<string> {
  const blank = text.indexOf(' ')
  if (blank < 0) return (await storage.get<string>(text)) ?? ''
  void storage.put(text.slice(0, blank), text.slice(blank + 1))
  return 'OK'
}

export class BareObject extends DurableObject {
  override async fetch(request: Request): Promise<Response> {
    if (request.url.endsWith('/plain'))
      return new Response(await carryOut(this.ctx.storage, await request.text()))
    if (request.headers.get('upgrade') !== 'websocket') {
      const [, ...words] = await request.json<string[]>()
      return Response.json({ result: await carryOut(this.ctx.storage, words.join(' ')) })
    }
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket]
    this.ctx.acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(socket: WebSocket, message: string): Promise<void> {
    socket.send(await carryOut(this.ctx.storage, message))
  }
}

interface BenchEnv extends WadiEnv {
  BARE: DurableObjectNamespace<BareObject>
}

/** Whether a request brings the token; those in JSON need it. */
const isKnown = ({ url, headers }: Request, { WADI_TOKEN }: BenchEnv): boolean =>
  url.endsWith('/plain') ||
  headers.get('upgrade') === 'websocket' ||
  headers.get('authorization') === `Bearer ${WADI_TOKEN}`

const app = edgeApp()

export default {
  async fetch(request: Request, env: BenchEnv, context: ExecutionContext): Promise<Response> {
    const { url } = request
    if (url.endsWith('/bare') || url.endsWith('/plain'))
      return isKnown(request, env)
        ? env.BARE.get(env.BARE.idFromName('bare')).fetch(request)
        : new Response('Unauthorized', { status: 401 })
    if (url.endsWith('/waking')) {
      const stub = env.WADI.get(env.WADI.idFromName('default'))
      return Response.json(await (stub as unknown as DurableObjectStub<TimedObject>).waking())
    }
    return app.fetch(request, env, context)
  },
}
