/** A raw RESP client for tests. */
import net from 'node:net'
import { type Argument, type Command, encode, readable, type Reply, ReplyReader } from './frames.ts'

export * from './frames.ts'

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
