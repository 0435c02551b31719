/**
 * A raw RESP client for tests. It keeps the exact bytes of every reply, because that is what is
 * compared with redis-server, and decodes them only where a test asks.
 */
import net from 'node:net'

export type Argument = string | number | Buffer
export type Command = readonly Argument[]

const CR = 13

/** One reply, or one element of it: its exact bytes and, when asked, what they mean. */
export class Reply {
  readonly bytes: Buffer
  #items: Reply[] | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** The type byte: `+ - : $ *` in RESP2, also `_ , # ( = ! % ~ > |` in RESP3. */
  get type(): string {
    return String.fromCharCode(this.bytes[0] ?? 0)
  }

  get isError(): boolean {
    return this.type === '-' || this.type === '!'
  }

  get isPush(): boolean {
    return this.type === '>'
  }

  /** Null in any of its three spellings. */
  get isNull(): boolean {
    return this.type === '_' || ('$*'.includes(this.type) && this.bytes[1] === 0x2d)
  }

  get isAggregate(): boolean {
    return '*%~>|'.includes(this.type) && !this.isNull
  }

  /** The payload of a scalar; empty for aggregates and nulls. */
  get data(): Buffer {
    if (this.isNull || this.isAggregate) return Buffer.alloc(0)
    const line = this.bytes.indexOf('\r\n')
    if (!'$=!'.includes(this.type)) return this.bytes.subarray(1, line)
    return this.bytes.subarray(line + 2, this.bytes.length - 2)
  }

  /** The payload as text, one character a byte. */
  get text(): string {
    return this.data.toString('latin1')
  }

  /** The elements of an aggregate; keys and values of a map alternate. */
  get items(): Reply[] {
    if (this.#items) return this.#items
    const items: Reply[] = []
    if (this.isAggregate) {
      let at = this.bytes.indexOf('\r\n') + 2
      while (at < this.bytes.length) {
        const end = frameEnd(this.bytes, at, this.bytes.length)
        if (end < 0) throw new Error(`An aggregate that ends early: ${readable(this.bytes)}`)
        items.push(new Reply(this.bytes.subarray(at, end)))
        at = end
      }
    }
    return (this.#items = items)
  }

  toString(): string {
    return readable(this.bytes)
  }
}

const SHORT_ESCAPES: Record<string, string> = { '\r': '\\r', '\n': '\\n', '\\': '\\\\' }

/** The bytes as one printable line, cut in the middle when they are many. */
export function readable(bytes: Buffer, limit = 400): string {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, limit))
  const shown = text.replace(/[^\x20-\x5b\x5d-\x7e]/g, (char) => {
    const code = char.charCodeAt(0)
    return SHORT_ESCAPES[char] ?? `\\x${code.toString(16).padStart(2, '0')}`
  })
  return bytes.length > limit ? `${shown}… (${bytes.length} bytes)` : shown
}

function lineEnd(buffer: Buffer, from: number, end: number): number {
  const at = buffer.indexOf(CR, from)
  return at < 0 || at + 2 > end ? -1 : at + 2
}

/** Where the reply that starts at `at` ends, or -1 when it is not complete before `end`. */
export function frameEnd(buffer: Buffer, at: number, end: number): number {
  if (at >= end) return -1
  const type = String.fromCharCode(buffer[at]!)
  const next = lineEnd(buffer, at + 1, end)
  if (next < 0) return -1
  if ('+-:_,#('.includes(type)) return next
  const count = Number(buffer.toString('latin1', at + 1, next - 2))
  if (!Number.isInteger(count)) {
    throw new Error(`Not RESP: ${readable(buffer.subarray(at, Math.min(end, at + 80)))}`)
  }
  if ('$=!'.includes(type)) {
    if (count < 0) return next
    return next + count + 2 <= end ? next + count + 2 : -1
  }
  if (!'*%~>|'.includes(type)) {
    throw new Error(`Not RESP: ${readable(buffer.subarray(at, Math.min(end, at + 80)))}`)
  }
  let items = type === '%' || type === '|' ? count * 2 : count
  let cursor = next
  for (; items > 0; items--) {
    cursor = frameEnd(buffer, cursor, end)
    if (cursor < 0) return -1
  }
  // An attribute comes before the reply that it belongs to: they are one frame.
  return type === '|' ? frameEnd(buffer, cursor, end) : cursor
}

/** A command as an array of bulk strings. */
export function encode(command: Command): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${command.length}\r\n`)]
  for (const argument of command) {
    const bytes = Buffer.isBuffer(argument) ? argument : Buffer.from(String(argument))
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

/** Cuts received bytes into replies. */
export class ReplyReader {
  #buffer = Buffer.alloc(0)
  #end = 0

  /** The replies that these bytes complete. */
  push(chunk: Buffer): Reply[] {
    this.#append(chunk)
    const replies: Reply[] = []
    let at = 0
    for (;;) {
      const end = frameEnd(this.#buffer, at, this.#end)
      if (end < 0) break
      replies.push(new Reply(Buffer.from(this.#buffer.subarray(at, end))))
      at = end
    }
    this.#buffer.copyWithin(0, at, this.#end)
    this.#end -= at
    return replies
  }

  /** What has come of a reply that is not complete. */
  get rest(): Buffer {
    return this.#buffer.subarray(0, this.#end)
  }

  #append(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(1 << 16, (this.#end + chunk.length) * 2))
      this.#buffer.copy(grown, 0, 0, this.#end)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#end)
    this.#end += chunk.length
  }
}

export class Connection {
  /** Set once the server has closed the connection. */
  closed = false
  readonly #socket: net.Socket
  readonly #reader = new ReplyReader()
  #inbox: Reply[] = []
  #wake: (() => void) | undefined

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      for (const reply of this.#reader.push(chunk)) this.#inbox.push(reply)
      this.#wake?.()
    })
    const end = () => {
      this.closed = true
      this.#wake?.()
    }
    socket.on('error', end)
    socket.on('close', end)
  }

  static connect(port: number, host = '127.0.0.1'): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, host, () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
      socket.once('error', reject)
    })
  }

  /** Bytes as they are, with no command around them. */
  write(bytes: Buffer | string): void {
    if (!this.closed) this.#socket.write(bytes)
  }

  /** Our end, as the server names it. */
  get address(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`
  }

  /** Waits until `enough` says so, the connection is closed, or the time is over. */
  async #wait(enough: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs
    while (!enough() && !this.closed) {
      const left = deadline - performance.now()
      if (left <= 0) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = undefined
    }
    return enough()
  }

  /** Waits until so many frames have arrived or the connection is closed. */
  arrival(count: number, timeoutMs: number): Promise<boolean> {
    return this.#wait(() => this.#inbox.length >= count, timeoutMs)
  }

  /** Waits until no half of a frame is left over. */
  async wholeFrames(timeoutMs = 5000): Promise<void> {
    await this.#wait(() => this.#reader.rest.length === 0, timeoutMs)
  }

  /** Waits for the other side to close. */
  closing(timeoutMs = 2000): Promise<boolean> {
    return this.#wait(() => this.closed, timeoutMs).then(() => this.closed)
  }

  /** Takes everything that has arrived, pushes included. */
  take(): Reply[] {
    const inbox = this.#inbox
    this.#inbox = []
    return inbox
  }

  /** How many frames have arrived and were not taken. */
  get arrived(): number {
    return this.#inbox.length
  }

  /**
   * Sends commands and takes what comes back until each has its reply, pushes included in their
   * order; fewer when the connection is closed before.
   */
  async exchange(commands: readonly Command[], timeoutMs = 20_000): Promise<Reply[]> {
    this.write(Buffer.concat(commands.map(encode)))
    return this.replies(commands.length, timeoutMs)
  }

  /** Takes what comes until so many replies, pushes not counted, are there. */
  async replies(count: number, timeoutMs = 20_000): Promise<Reply[]> {
    let seen = 0
    let counted = 0
    const enough = () => {
      for (; seen < this.#inbox.length; seen++) if (!this.#inbox[seen]!.isPush) counted++
      return counted >= count
    }
    if (!(await this.#wait(enough, timeoutMs)) && !this.closed) {
      const rest = readable(this.#reader.rest, 80)
      throw new Error(
        `${counted} of ${count} replies came in ${timeoutMs} ms; half of one: ${rest}`,
      )
    }
    return this.take()
  }

  /** One command, one reply; pushes that come before it are dropped. */
  async call(...command: Argument[]): Promise<Reply> {
    const reply = (await this.exchange([command])).find((frame) => !frame.isPush)
    if (!reply) throw new Error(`Closed before the reply to ${command.join(' ').slice(0, 80)}`)
    return reply
  }

  close(): void {
    this.#socket.destroy()
    this.closed = true
  }
}
