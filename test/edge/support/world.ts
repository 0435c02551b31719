/** The edge store on real workerd, for one test file. */
import type { Socket } from 'node:net'
import type { Miniflare } from 'miniflare'
import { WebSocket } from 'ws'
import { IncompleteReply, type Reply, ReplyDecoder, readText } from '../../../host/core/decode.ts'
import { type Argument, encodeCommand } from '../../../host/core/encode.ts'
import { ReplyError } from '../../../host/core/errors.ts'
import {
  type LocalOptions,
  miniflareOptions,
  startLocal,
  urlOf,
} from '../../../scripts/edge/local.ts'

export const TOKEN = 'a-secret-token'

export class World {
  readonly #local: Miniflare
  readonly url: string
  readonly #sockets: RespSocket[] = []

  readonly #options: LocalOptions

  private constructor(local: Miniflare, options: LocalOptions, url: string) {
    this.#local = local
    this.#options = options
    this.url = url
  }

  static async start(options: LocalOptions = {}): Promise<World> {
    const whole: LocalOptions = {
      entry: 'test/edge/workers/lab.ts',
      className: 'LabObject',
      ...options,
      bindings: { WADI_TOKEN: TOKEN, ...options.bindings },
    }
    const local = await startLocal(whole)
    return new World(local, whole, await urlOf(local))
  }

  /** A new version of the worker takes the place of this one, and all that lay in memory is gone. */
  async deploy(version: string, settings: Record<string, string> = {}): Promise<void> {
    const port = Number(new URL(this.url).port)
    const bindings = { ...this.#options.bindings, ...settings, VERSION: version }
    await this.#local.setOptions(await miniflareOptions({ ...this.#options, bindings, port }))
    await this.#local.ready
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate()
    await this.#local.dispose()
  }

  /** A request with the token, unless it brings headers of its own. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) },
    })
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(path, { method: 'POST', body: JSON.stringify(body), headers })
  }

  /** The result of one command over REST. */
  async rest(...command: unknown[]): Promise<unknown> {
    const { result, error } = (await (await this.post('/', command)).json()) as {
      result?: unknown
      error?: string
    }
    if (error !== undefined) throw new Error(error)
    return result
  }

  /** The result of one command over REST, in the store of a name; of an error its text. */
  async ask(name: string, ...command: unknown[]): Promise<unknown> {
    const response = await this.post(`/db/${name}/`, command)
    const { result, error } = (await response.json()) as { result?: unknown; error?: string }
    return error ?? result
  }

  async open(path = '/ws', headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) {
    const socket = new RespSocket(this.url.replace('http', 'ws') + path, headers)
    this.#sockets.push(socket)
    await socket.opened
    return socket
  }

  /** Which instance of an object is awake; asking wakes it. */
  async instance(name = 'default'): Promise<string> {
    return (await this.request(`/lab/instance?name=${name}`)).text()
  }

  async rows(
    table: string,
    name = 'default',
  ): Promise<{ count: number; bytes: number; largest: number }> {
    return (await this.request(`/lab/rows?name=${name}&table=${table}`)).json() as never
  }

  async faults(faults: object, name = 'default'): Promise<void> {
    await this.post(`/lab/faults?name=${name}`, faults)
  }
}

/** RESP over a WebSocket: replies come in order, pushes are kept aside. */
export class RespSocket {
  readonly #socket: WebSocket
  readonly opened: Promise<void>
  readonly closed: Promise<number>
  readonly #waiting: ((reply: Reply) => void)[] = []
  readonly #replies: Reply[] = []
  #rest = new Uint8Array(0)
  #frames = 0

  constructor(
    url: string,
    headers: Record<string, string>,
    protocols: string[] = [],
    offersCompression = false,
  ) {
    // Miniflare's own worker would agree to compress, and what is sent together would leave a frame at a time.
    this.#socket = new WebSocket(url, protocols, { headers, perMessageDeflate: offersCompression })
    this.#socket.binaryType = 'nodebuffer'
    this.#socket.on('message', (data: Buffer) => this.#receive(data))
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('open', resolve)
      this.#socket.once('error', reject)
    })
    this.opened.catch(() => undefined)
    this.closed = new Promise((resolve) => this.#socket.once('close', resolve))
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  /** The extensions of the protocol that both ends agreed to. */
  get extensions(): string {
    return this.#socket.extensions
  }

  /** How many frames have come. */
  get frames(): number {
    return this.#frames
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.send(bytes)
  }

  /** Sends a command; the promise is its reply, or for a subscriber the next message. */
  ask(...args: Argument[]): Promise<Reply> {
    const reply = this.next()
    this.send(encodeCommand(args))
    return reply
  }

  /** Sends commands in one frame; so many replies, one each unless told. */
  askAll(commands: readonly Argument[][], count = commands.length): Promise<Reply[]> {
    const replies = Array.from({ length: count }, () => this.next())
    this.send(Buffer.concat(commands.map((command) => encodeCommand(command))))
    return Promise.all(replies)
  }

  /** Sends what `work` sends in one piece, a frame each. */
  together<T>(work: () => T): T {
    const { _socket: wire } = this.#socket as unknown as { _socket: Socket }
    wire.cork()
    try {
      return work()
    } finally {
      wire.uncork()
    }
  }

  /** The next reply or message. */
  next(): Promise<Reply> {
    const [reply] = this.#replies.splice(0, 1)
    if (reply !== undefined) return Promise.resolve(reply)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** How many replies came that nobody took. */
  get unread(): number {
    return this.#replies.length
  }

  terminate(): void {
    this.#socket.terminate()
  }

  close(): void {
    this.#socket.close()
  }

  #receive(data: Buffer): void {
    this.#frames++
    const bytes = Buffer.concat([this.#rest, data])
    const decoder = new ReplyDecoder(readText)
    decoder.reset(bytes, 0, bytes.length)
    let taken = 0
    try {
      while (taken < bytes.length) {
        const reply = decoder.decode(false)
        taken = decoder.position
        const waiting = this.#waiting.shift()
        if (waiting) waiting(reply)
        else this.#replies.push(reply)
      }
    } catch (error) {
      if (!(error instanceof IncompleteReply)) throw error
    }
    this.#rest = Uint8Array.from(bytes.subarray(taken))
  }
}

/** 0, 1 … count - 1 */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))

/** A reply as text: that of an error, of a string, of all else as JSON. */
export function textOf(reply: Reply): string {
  if (reply instanceof ReplyError) return reply.message
  return typeof reply === 'string' ? reply : JSON.stringify(reply)
}
