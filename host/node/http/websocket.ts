// RESP over a WebSocket on the HTTP port: each socket is a session of the engine.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { encodeCommand } from '../../core/encode.ts'
import { acceptedProtocol, type Origins, subprotocolToken } from '../../http/index.ts'
import type { Clients } from '../clients.ts'
import { formatAddress } from '../net/address.ts'
import { isForbidden } from './origin.ts'
import { credentials, tokenCredentials } from './credentials.ts'

/** What a frame may have, as a body of REST. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024
/** A client that does not take what it is sent is dropped when so much waits for it. */
const MAX_UNSENT_BYTES = 256 * 1024 * 1024

const PATH = /^(\/db\/default)?\/ws$/
const OK_REPLY = /^\+OK\r\n$/

export class WebSockets {
  readonly #clients: Clients
  readonly #origins: () => Origins
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => acceptedProtocol([...offered].join(',')) ?? false,
  })

  constructor({ clients, origins }: { clients: Clients; origins: () => Origins }) {
    this.#clients = clients
    this.#origins = origins
  }

  /** A request to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname } = new URL(request.url ?? '/', 'http://here')
    if (!PATH.test(pathname)) return refuse(socket, '404 Not Found')
    if (isForeign(request, this.#origins()) || isForbidden(this.#clients, request))
      return refuse(socket, '403 Forbidden')
    this.#server.handleUpgrade(request, socket, head, (end) => this.#open(end, request))
  }

  #open(end: WebSocket, request: IncomingMessage): void {
    const { remoteAddress, remotePort } = request.socket
    const peer = formatAddress(remoteAddress, remotePort)
    const login = loginOf(request)
    let isIn = login === undefined
    const session = this.#clients.join(`${peer} ${peer} -1`, {
      receive: (bytes) => {
        if (!isIn) {
          isIn = OK_REPLY.test(Buffer.from(bytes).toString('latin1'))
          if (!isIn) end.close(1008, 'Unauthorized')
          return
        }
        end.send(Uint8Array.from(bytes))
        if (end.bufferedAmount > MAX_UNSENT_BYTES) end.terminate()
      },
      closed: () => end.close(1000),
    })
    if (!session) return end.close(1013, 'max number of clients reached')
    if (login) session.send(login)
    end.on('message', (data: Buffer) => session.send(data))
    end.on('error', () => undefined)
    end.on('close', () => session.close())
  }

  close(): void {
    for (const end of this.#server.clients) end.terminate()
  }
}

/** The AUTH for what a request brings: a header, or as a page in a browser does, a subprotocol. */
function loginOf(request: IncomingMessage): Uint8Array | undefined {
  const token = subprotocolToken(request.headers['sec-websocket-protocol'])
  const words =
    credentials(request.headers.authorization) ??
    (token === undefined ? undefined : tokenCredentials(token))
  return words && encodeCommand(['AUTH', ...words])
}

/** A page of another origin that is not allowed to. */
function isForeign({ headers }: IncomingMessage, origins: Origins): boolean {
  const { origin, host } = headers
  if (origin === undefined || origins.allows(origin)) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
