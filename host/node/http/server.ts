// The HTTP port: metrics and health, and whatever else is mounted on its app.

import { Socket } from 'node:net'
import { createAdaptorServer, type HttpBindings, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import type { Clients } from '../clients.ts'
import { formatAddress } from '../net/address.ts'
import type { ClientHandle } from '../net/bind.ts'
import { metricsResponse } from './metrics.ts'
import { FullError, HttpSession } from './session.ts'

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
  #server: ServerType | undefined

  constructor(parts: HttpParts) {
    const { app } = this
    app.use(async (c, next) => {
      const { socket } = c.env.incoming
      return parts.clients.isForbidden(socket) ? c.text(FORBIDDEN, 403) : next()
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
  }

  /** Takes a new connection. */
  arrive(client: ClientHandle | Socket): void {
    const socket =
      client instanceof Socket ? client : new Socket({ handle: client } as unknown as object)
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    this.#server ??= createAdaptorServer({ fetch: this.app.fetch })
    this.#server.emit('connection', socket)
  }

  /** Closes all connections. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
