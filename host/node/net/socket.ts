// What a connection needs of a socket, over Node's own: reading into a shared buffer and writing one piece at a
// time.

import { Socket, type SocketConstructorOpts } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientHandle } from './bind.ts'

export interface ClientSocket {
  /** Whether a piece is its own when `send` returns, although it has not left yet. */
  readonly copies: boolean
  /** What the kernel knows it by, where what it carries are the plain bytes; -1 elsewhere, and when it is closed. */
  readonly fd: number
  /** Whether it reads. */
  readonly isReading: boolean
  /** Goes on reading, or stops. */
  read(on: boolean): void
  /** Sends a piece; `sent` is called before this returns if the kernel took all of it at once. */
  send(piece: Buffer, sent: (error?: Error | null) => void): void
  destroy(): void
}

/** Takes what arrived: the first `length` bytes of a buffer that is overwritten afterwards. */
export type Receive = (chunk: Buffer, length: number) => void

/** The size of the kernel's pieces: as much as fits the engine's window. */
export const READ_BYTES = 65536

/** Makes sockets that all read into one buffer. */
export class SocketFactory {
  readonly #shared = Buffer.allocUnsafeSlow(READ_BYTES)

  /** A socket for an accepted connection; `receive` is asked for once data arrives. */
  create(client: ClientHandle | Socket): NodeSocket {
    if (client instanceof Socket) {
      const plain = new NodeSocket(client)
      client.on('data', (chunk: Buffer) => plain.receive(chunk, chunk.length))
      return plain
    }
    const socket = new NodeSocket(
      new Socket({
        handle: client,
        onread: {
          buffer: this.#shared,
          callback: (length: number) => {
            socket.receive(this.#shared, length)
            return socket.isReading
          },
        },
      } as unknown as SocketConstructorOpts),
    )
    return socket
  }
}

export class NodeSocket implements ClientSocket {
  receive: Receive = () => undefined
  isReading = true
  readonly copies: boolean = false
  readonly node: Socket

  constructor(node: Socket) {
    this.node = node
    node.setNoDelay(true)
  }

  get fd(): number {
    return (this.node as unknown as { _handle?: ClientHandle | null })._handle?.fd ?? -1
  }

  read(on: boolean): void {
    if (this.isReading === on) return
    this.isReading = on
    if (on) this.node.resume()
    else this.node.pause()
  }

  /**
   * Writes beneath the stream's queue, which is not needed with one piece at a time, costs a third of a
   * µs, and would tell of a finished write only in a later turn.
   */
  send(piece: Buffer, sent: (error?: Error | null) => void): void {
    this.node._write(piece, 'buffer' as BufferEncoding, sent)
  }

  destroy(): void {
    this.node.destroy()
  }
}

/** How long the end of a TLS connection may take, in ms. */
const LINGER_MS = 1000

/** A socket after its TLS handshake: what is sent is encrypted at once, into memory of OpenSSL. */
export class TlsClientSocket extends NodeSocket {
  override readonly copies = true

  override get fd(): number {
    return -1
  }

  constructor(node: TLSSocket) {
    super(node)
    node.on('data', (chunk: Buffer) => this.receive(chunk, chunk.length))
  }

  /** Says that this is the end: a client takes a connection that just breaks for an attack. */
  override destroy(): void {
    if (this.node.destroyed) return
    const late = setTimeout(() => this.node.destroy(), LINGER_MS).unref()
    this.node.once('close', () => clearTimeout(late))
    this.node.destroySoon()
  }
}
