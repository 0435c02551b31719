// The HTTP port: metrics and health, REST, and RESP over WebSockets: the app of the edge, on this server's store.

import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import type { Origins } from '../../http/index.ts'
import type { Clients } from '../clients.ts'
import { formatAddress } from '../net/address.ts'
import type { ClientHandle } from '../net/bind.ts'
import { metricsResponse } from './metrics.ts'
import { isForbidden } from './origin.ts'
import { FullError, HttpSession } from './session.ts'
import { storeApp } from './store.ts'
import { WebSockets } from './websocket.ts'

export interface HttpParts {
  clients: Clients
  /** Whether the dataset is being loaded. */
  isLoading(): boolean
  /** The pages of other origins that may come in. */
  origins(): Origins
  /** Further connections are closed at once. */
  maxConnections(): number
  /** How long the head of a request may take. */
  headTimeoutMs?: number
}

const HEAD_TIMEOUT_MS = 10_000
const CHECK_EVERY_MS = 1000

const FORBIDDEN =
  'Wadi runs in protected mode and the default user has no password: only this machine may ask.'

export class HttpServer {
  /** More routes can be added until the first request. */
  readonly app = new Hono<{ Bindings: HttpBindings }>()
  readonly #sockets = new Set<Socket>()
  readonly #parts: HttpParts
  readonly #webSockets: WebSockets
  #server: ServerType | undefined

  constructor(parts: HttpParts) {
    const { app } = this
    this.#parts = parts
    app.use(async (c, next) => {
      return isForbidden(parts.clients, c.env.incoming) ? c.json({ error: FORBIDDEN }, 403) : next()
    })
    app.onError((error, c) =>
      error instanceof FullError ? c.text(error.message, 503) : c.text(error.message, 500),
    )
    app.get('/health', (c) =>
      parts.isLoading() ? c.json({ status: 'loading' }, 503) : c.json({ status: 'ok' }),
    )
    app.get('/metrics', async (c) => {
      const { remoteAddress, remotePort } = c.env.incoming.socket
      const session = new HttpSession(parts.clients, formatAddress(remoteAddress, remotePort))
      try {
        return await metricsResponse(c, session)
      } finally {
        session.close()
      }
    })
    this.#webSockets = new WebSockets(parts)
  }

  /** Takes a new connection. */
  arrive(client: ClientHandle | Socket): void {
    const socket =
      client instanceof Socket ? client : new Socket({ handle: client } as unknown as object)
    if (this.#sockets.size >= this.#parts.maxConnections()) return void socket.destroy()
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    this.#server ??= this.#serve()
    this.#server.emit('connection', socket)
  }

  #serve(): ServerType {
    // Last: what is no other route is a command.
    this.app.route('/', storeApp(this.#parts))
    const { headTimeoutMs = HEAD_TIMEOUT_MS } = this.#parts
    const server = createAdaptorServer({
      fetch: this.app.fetch,
      serverOptions: {
        headersTimeout: headTimeoutMs,
        connectionsCheckingInterval: Math.min(headTimeoutMs, CHECK_EVERY_MS),
      },
    })
    // It does not listen itself: told that it does, it looks after the time of slow requests.
    server.emit('listening')
    server.on('upgrade', (request, socket, head) =>
      this.#webSockets.upgrade(request as IncomingMessage, socket, head),
    )
    return server
  }

  /** Closes all connections. */
  close(): void {
    this.#webSockets.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#server?.close()
  }
}
