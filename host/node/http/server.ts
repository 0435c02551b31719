// The HTTP port: metrics and health, REST, and RESP over WebSockets: the app of the edge, on this server's store.

import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
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
}

const FORBIDDEN =
  'Wadi runs in protected mode and the default user has no password: only this machine may ask.\n'

export class HttpServer {
  /** More routes can be added until the first request. */
  readonly app = new Hono<{ Bindings: HttpBindings }>()
  readonly #sockets = new Set<Socket>()
  readonly #clients: Clients
  readonly #webSockets: WebSockets
  #server: ServerType | undefined

  constructor(parts: HttpParts) {
    const { app } = this
    this.#clients = parts.clients
    app.use(async (c, next) => {
      return isForbidden(parts.clients, c.env.incoming) ? c.text(FORBIDDEN, 403) : next()
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
    this.#webSockets = new WebSockets(parts.clients)
  }

  /** Takes a new connection. */
  arrive(client: ClientHandle | Socket): void {
    const socket =
      client instanceof Socket ? client : new Socket({ handle: client } as unknown as object)
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    this.#server ??= this.#serve()
    this.#server.emit('connection', socket)
  }

  #serve(): ServerType {
    // Last: what is no other route is a command.
    this.app.route('/', storeApp(this.#clients))
    const server = createAdaptorServer({ fetch: this.app.fetch })
    server.on('upgrade', (request, socket, head) =>
      this.#webSockets.upgrade(request as IncomingMessage, socket, head),
    )
    return server
  }

  /** Closes all connections. */
  close(): void {
    this.#webSockets.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
