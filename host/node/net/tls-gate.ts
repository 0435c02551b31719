// The handshake in front of a TLS connection. A client that has not finished it is no session yet: it has
// a time limit, and counts among those that may be connected.

import { Socket, type SocketConstructorOpts } from 'node:net'
import tls from 'node:tls'
import type { Logger } from '../logger.ts'
import type { ClientHandle } from './bind.ts'

/** How long a handshake may take, in ms. */
const HANDSHAKE_MS = 30_000

export class TlsGate {
  readonly #arrival: (socket: tls.TLSSocket) => void
  readonly #log: Logger
  readonly #patienceMs: number
  #server: tls.Server | undefined
  /** The TCP connections beneath, of those who are in as well. */
  readonly #sockets = new Set<Socket>()
  #handshakes = 0

  constructor(arrival: (socket: tls.TLSSocket) => void, log: Logger, patienceMs = HANDSHAKE_MS) {
    this.#arrival = arrival
    this.#log = log
    this.#patienceMs = patienceMs
  }

  /** Clients that are in the middle of their handshake. */
  get handshakes(): number {
    return this.#handshakes
  }

  /** What holds for handshakes from now on; those under way go on with what they began with. */
  configure(options: tls.TlsOptions): void {
    const server = tls.createServer({ ...options, handshakeTimeout: this.#patienceMs })
    server.on('secureConnection', (socket) => {
      this.#handshakes--
      this.#admit(socket)
    })
    server.on('tlsClientError', (error, socket) => {
      this.#handshakes--
      this.#refuse(socket, socket.authorizationError ?? error)
    })
    this.#server = server
  }

  /** Takes a connection through its handshake. */
  shake(client: ClientHandle | Socket): void {
    const socket =
      client instanceof Socket
        ? client
        : new Socket({
            handle: client,
            readable: true,
            writable: true,
          } as unknown as SocketConstructorOpts)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#sockets.delete(socket))
    this.#sockets.add(socket)
    this.#handshakes++
    this.#server!.emit('connection', socket)
  }

  /** Ends all connections, once they have said what they still can. */
  close(): void {
    setImmediate(() => {
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  /** Where certificates are optional, one that is shown must be good all the same. */
  #admit(socket: tls.TLSSocket): void {
    socket.on('error', () => undefined)
    const showsCertificate = socket.getPeerX509Certificate() !== undefined
    if (socket.authorized || !showsCertificate) this.#arrival(socket)
    else this.#refuse(socket, socket.authorizationError)
  }

  #refuse(socket: tls.TLSSocket, reason: Error | string): void {
    this.#log.warning(`Error accepting a client connection: ${describe(reason)}`)
    socket.destroy()
  }
}

/** What went wrong, as OpenSSL words it; a text is why the certificate will not do. */
function describe(reason: Error | string): string {
  if (!(reason instanceof Error))
    return `error:0A000086:SSL routines::certificate verify failed (${reason})`
  const [, code, library, text] = /error:(\w+):([^:]*):[^:]*:([^:]*)/.exec(reason.message) ?? []
  return code ? `error:${code}:${library}::${text}` : reason.message
}
