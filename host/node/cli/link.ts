// A connection to a server, on which commands leave and frames come back in their order.

import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import { type Frame, IncompleteReply, readText, ReplyDecoder } from '../../core/decode.ts'
import { systemMessage } from '../system-error.ts'
import type { Options, TlsChoice } from './options.ts'

/** The connection is gone, or cannot be had. */
export class LinkError extends Error {
  override name = 'LinkError'
}

export class Link {
  /** Takes the replies instead of `next`. */
  onReply: ((reply: Frame) => void) | undefined
  /** Called when the connection is gone. */
  onClose: (() => void) | undefined
  /** Called with pushes that are nobody's reply. */
  onPush: ((push: Frame) => void) | undefined
  isOpen = true

  readonly #socket: net.Socket
  readonly #decoder = new ReplyDecoder(readText)
  #rest: Buffer = Buffer.alloc(0)
  readonly #frames: Frame[] = []
  #wake: () => void = () => undefined
  #error = 'Server closed the connection'

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => {
      this.#error = systemMessage(error)
      this.#close()
    })
    socket.on('close', () => this.#close())
  }

  /** @throws {LinkError} */
  static async open(options: Options): Promise<Link> {
    const socket = connect(options)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once(options.tls ? 'secureConnect' : 'connect', resolve)
        socket.once('error', reject)
      })
    } catch (error) {
      const where = options.socket ?? `${options.host}:${options.port}`
      const reason = error instanceof AggregateError ? error.errors[0] : error
      throw new LinkError(`Could not connect to Redis at ${where}: ${systemMessage(reason)}`, {
        cause: error,
      })
    }
    socket.removeAllListeners('error')
    socket.setNoDelay(true)
    return new Link(socket)
  }

  /** Sends bytes; answers whether more may follow at once. */
  send(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes)
  }

  /** When the bytes sent have left. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isOpen || !this.#socket.writableNeedDrain) return resolve()
      this.#socket.once('drain', resolve).once('close', resolve)
    })
  }

  /** The next reply; pushes too, while nobody listens for them. @throws {LinkError} */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame) return frame
      if (!this.isOpen) throw new LinkError(this.#error)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#wake()
    this.onClose?.()
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk
    const decoder = this.#decoder
    decoder.reset(bytes, 0, bytes.length)
    let complete = 0
    try {
      while (complete < bytes.length) {
        const frame = decoder.frame()
        complete = decoder.position
        if (frame.kind === '>' && this.onPush) this.onPush(frame)
        else if (this.onReply) this.onReply(frame)
        else this.#frames.push(frame)
      }
    } catch (error) {
      if (!(error instanceof IncompleteReply)) {
        this.#error = `Protocol error: ${error instanceof Error ? error.message : ''}`
        this.#socket.destroy()
      }
    }
    this.#rest = bytes.subarray(complete)
    this.#wake()
  }
}

function connect(options: Options): net.Socket {
  const place: net.NetConnectOpts =
    options.socket === undefined
      ? { host: options.host, port: options.port }
      : { path: options.socket }
  const { tls: choice } = options
  if (!choice) return net.connect(place)
  const serverName = choice.serverName ?? (net.isIP(options.host) ? undefined : options.host)
  return tls.connect({
    ...place,
    ...authoritiesOf(choice),
    ...(choice.cert !== undefined && { cert: readFileSync(choice.cert) }),
    ...(choice.key !== undefined && { key: readFileSync(choice.key) }),
    ...(serverName !== undefined && { servername: serverName }),
    ...ciphersOf(choice.ciphers, choice.suites),
    rejectUnauthorized: !choice.insecure,
    // As redis-cli: who has a certificate of the right authority is the server, whatever its name.
    checkServerIdentity: () => undefined,
  } as tls.ConnectionOptions)
}

/** The certificates that are trusted, if not those that Node brings. */
function authoritiesOf({ ca, caFolder }: TlsChoice): { ca?: Buffer[] } {
  const files = ca === undefined ? [] : [ca]
  if (caFolder !== undefined)
    files.push(...readdirSync(caFolder).map((name) => join(caFolder, name)))
  return files.length ? { ca: files.map((file) => readFileSync(file)) } : {}
}

function ciphersOf(ciphers?: string, suites?: string): { ciphers?: string } {
  const all = [suites, ciphers].filter((list) => list !== undefined)
  return all.length ? { ciphers: all.join(':') } : {}
}
