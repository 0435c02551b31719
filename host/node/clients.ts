// Clients come and go: who may connect, and what happens at both ends when one leaves.

import { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Kind, WINDOW_BYTES } from '../core/abi.ts'
import type { Engine } from '../core/engine.ts'
import type { Loop } from './loop.ts'
import type { Logger } from './logger.ts'
import { formatAddress, isLoopback } from './net/address.ts'
import type { ClientHandle } from './net/bind.ts'
import { Connection } from './net/connection.ts'
import { type LocalReceiver, LocalSocket } from './net/local-socket.ts'
import { Outbox } from './net/outbox.ts'
import {
  type ClientSocket,
  type NodeSocket,
  READ_BYTES,
  SocketFactory,
  TlsClientSocket,
} from './net/socket.ts'
import type { Settings } from './settings.ts'

const TOO_MANY = '-ERR max number of clients reached\r\n'

const DENIED =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is ' +
  'set for the default user. In this mode connections are only accepted from the loopback ' +
  'interface. If you want to connect from external computers to Redis you may adopt one of the ' +
  'following solutions: 1) Just disable protected mode sending the command ' +
  "'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the " +
  'same host the server is running, however MAKE SURE Redis is not publicly accessible from ' +
  'internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you ' +
  'can just disable the protected mode by editing the Redis configuration file, and setting the ' +
  "protected mode option to 'no', and then restarting the server. 3) If you started the server " +
  "manually just for testing, restart it with the '--protected-mode no' option. 4) Set up an " +
  'authentication password for the default user. NOTE: You only need to do one of the above ' +
  'things in order for the server to start accepting connections from the outside.\r\n'

/** The near end of a session without a socket. */
export interface LocalConnection {
  send(bytes: Uint8Array): void
  close(): void
}

export interface ClientsParts {
  engine: Engine
  loop: Loop
  settings: Settings
  log: Logger
  /** Whether the default user needs no password. */
  isOpenToAll(): boolean
  /** A session of a client is closed. */
  closed(session: number): void
}

export class Clients {
  readonly #parts: ClientsParts
  readonly #sockets = new SocketFactory()
  readonly #outbox = new Outbox()
  readonly #connections = new Set<Connection>()
  /** What a client sends while a script runs. */
  readonly #heard = Buffer.allocUnsafeSlow(READ_BYTES)

  constructor(parts: ClientsParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#connections.size
  }

  /** Whether one more may come, beside those who are in and so many who are at the door. */
  mayCome(atTheDoor: number): boolean {
    return this.count + atTheDoor < this.#parts.settings.number('maxclients')
  }

  /** Takes a new connection, over TCP or through the Unix socket of that path. */
  arrive(client: ClientHandle | Socket, unixPath: string | undefined): void {
    const socket = this.#sockets.create(client)
    const fd = client instanceof Socket ? -1 : (client.fd ?? -1)
    socket.node.on('error', () => undefined)
    this.#admit(socket, fd, unixPath)
  }

  /** Takes a new connection whose TLS handshake is done. */
  arriveSecurely(client: TLSSocket): void {
    const { fd = -1 } = (client as unknown as { _handle: ClientHandle })._handle
    this.#admit(new TlsClientSocket(client), fd, undefined)
  }

  #admit(socket: NodeSocket, fd: number, unixPath: string | undefined): void {
    const { engine, settings } = this.#parts
    const { node } = socket
    if (unixPath === undefined && this.isForbidden(node)) return refuse(node, DENIED)
    const session = engine.open(Kind.client, originOf(node, fd, unixPath))
    if (!session) return refuse(node, TOO_MANY)
    const keepAlive = settings.number('tcp-keepalive')
    if (unixPath === undefined && keepAlive) node.setKeepAlive(true, keepAlive * 1000)
    this.#connect(session, socket)
  }

  /** Hears everybody in the middle of a script. */
  hear(): boolean {
    // Most have nothing to say, and each of those is an error: without its stack it is cheap.
    const depth = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    for (const connection of this.#connections) connection.hear(this.#heard)
    Error.stackTraceLimit = depth
    return true
  }

  /** Closes all connections. */
  closeAll(): void {
    for (const connection of this.#connections) connection.close()
  }

  /**
   * Opens a session without a socket, for who speaks for somebody elsewhere; undefined when there are too
   * many clients. `origin` is `addr laddr fd` for the engine.
   */
  join(
    origin: string,
    ends: { receive: LocalReceiver; closed: () => void },
    kind: Kind = Kind.client,
  ): LocalConnection | undefined {
    const session = this.#parts.engine.open(kind, origin)
    if (!session) return undefined
    const connection = this.#open(session, new LocalSocket(ends.receive), ends.closed)
    return {
      send(bytes) {
        for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
          const length = Math.min(bytes.length - at, WINDOW_BYTES)
          const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, length)
          connection.receive(piece, length)
        }
      },
      close: () => connection.close(),
    }
  }

  #connect(session: number, socket: NodeSocket): void {
    const connection = this.#open(session, socket)
    socket.receive = (chunk, length) => connection.receive(chunk, length)
    const close = () => connection.close()
    socket.node.on('end', close).on('close', close)
  }

  #open(session: number, socket: ClientSocket, closed?: () => void): Connection {
    const { engine, loop } = this.#parts
    const parts = { engine, loop, outbox: this.#outbox }
    const connection = new Connection(session, socket, parts, () => {
      this.#connections.delete(connection)
      this.#parts.closed(session)
      closed?.()
    })
    this.#connections.add(connection)
    return connection
  }

  /** Whether anybody may do anything, from this machine alone. */
  get isOpenHere(): boolean {
    return this.#parts.settings.isOn('protected-mode') && this.#parts.isOpenToAll()
  }

  /** Whether protected mode keeps out who connects from there. */
  isForbidden(node: Socket): boolean {
    const { settings } = this.#parts
    return (
      settings.isOn('protected-mode') &&
      !isLoopback(node.remoteAddress) &&
      this.#parts.isOpenToAll()
    )
  }
}

/** Says why and hangs up, without waiting for the client. */
function refuse(node: Socket, text: string): void {
  node.write(text)
  node.destroySoon()
}

/** `addr laddr fd` for the engine. */
function originOf(node: Socket, fd: number, unixPath: string | undefined): string {
  if (unixPath !== undefined) return `${unixPath}:0 ${unixPath}:0 ${fd}`
  const peer = formatAddress(node.remoteAddress, node.remotePort)
  const local = formatAddress(node.localAddress, node.localPort)
  return `${peer} ${local} ${fd}`
}
