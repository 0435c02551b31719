// A server in the test's own process, on a free port of 127.0.0.1.

import net from 'node:net'
import { onTestFinished } from 'vitest'
import { createServer, type CreateOptions, type EmbeddedServer } from '../../host/node/index.ts'
import { loadModule } from '../../host/node/module.ts'

let module: WebAssembly.Module | undefined

/** Starts a server that ends with the test. */
export async function startServer(options: CreateOptions = {}): Promise<EmbeddedServer> {
  module ??= loadModule()
  const server = createServer({ module, ...options })
  await server.listen()
  onTestFinished(() => server.close())
  return server
}

/** A raw connection: what it is not asked to read stays with the kernel. */
export class RawClient {
  readonly socket: net.Socket
  #received: Buffer[] = []
  #length = 0
  #wake: () => void = () => undefined

  constructor(socket: net.Socket) {
    this.socket = socket
    socket.pause()
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk)
      this.#length += chunk.length
      this.#wake()
    })
    socket.on('close', () => this.#wake())
    socket.on('error', () => undefined)
  }

  send(...list: (string | Buffer)[][]): void {
    this.socket.write(commands(...list))
  }

  /** Reads exactly so many bytes. */
  async read(length: number): Promise<Buffer> {
    while (this.#length < length && !this.socket.closed) await this.#more()
    this.socket.pause()
    const all = Buffer.concat(this.#received)
    if (all.length < length) throw new Error(`only ${all.length} of ${length} bytes came`)
    this.#received = [all.subarray(length)]
    this.#length = all.length - length
    return all.subarray(0, length)
  }

  /** Reads text of the same length as what is expected. */
  async readLike(expected: string): Promise<string> {
    return String(await this.read(expected.length))
  }

  /** All that comes until the other end closes. */
  async readAll(): Promise<string> {
    while (!this.socket.closed) await this.#more()
    return String(Buffer.concat(this.#received))
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      this.socket.resume()
    })
  }
}

/** Connects; the connection ends with the test. */
export async function connect(port: number): Promise<RawClient> {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('error', reject)
  })
  onTestFinished(() => void socket.destroy())
  return new RawClient(socket)
}

/** Waits until something holds; the test's own time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

/** The bytes of commands. */
export function commands(...list: (string | Buffer)[][]): Buffer {
  const pieces: Buffer[] = []
  for (const args of list) {
    pieces.push(Buffer.from(`*${args.length}\r\n`))
    for (const arg of args) {
      const header = Buffer.from(`$${Buffer.byteLength(arg)}\r\n`)
      pieces.push(header, Buffer.from(arg as string), Buffer.from('\r\n'))
    }
  }
  return Buffer.concat(pieces)
}
