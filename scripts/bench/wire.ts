// The least of a client that a benchmark needs: send commands, count replies.

import net from 'node:net'

export type Command = readonly (string | number)[]

export function encode(command: Command): string {
  let text = `*${command.length}\r\n`
  for (const argument of command) {
    const word = String(argument)
    text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`
  }
  return text
}

/** Where the reply at `from` ends, -1 before it is complete. */
function replyEnd(text: string, from: number): number {
  const line = text.indexOf('\r\n', from)
  if (line < 0) return -1
  const type = text[from]!
  const length = Number(text.slice(from + 1, line))
  if (type === '$') {
    const end = length < 0 ? line + 2 : line + 4 + length
    return end <= text.length ? end : -1
  }
  if (type !== '*') return line + 2
  let at = line + 2
  for (let i = 0; i < length; i++) {
    at = replyEnd(text, at)
    if (at < 0) return -1
  }
  return at
}

interface Waiting {
  left: number
  /** All replies, where all are wanted. */
  readonly replies?: string[]
  error?: string
  readonly resolve: (last: string) => void
  readonly reject: (error: Error) => void
}

/** A connection on which replies come in the order of the commands. */
export class Wire {
  readonly socket: net.Socket
  #text = ''
  #waiting: Waiting[] = []

  private constructor(socket: net.Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1')
      let at = 0
      for (;;) {
        const end = replyEnd(this.#text, at)
        if (end < 0) break
        this.#take(this.#text.slice(at, end))
        at = end
      }
      this.#text = this.#text.slice(at)
    })
  }

  static connect(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(new Wire(socket)))
      socket.once('error', reject)
    })
  }

  #take(reply: string): void {
    const first = this.#waiting[0]
    if (!first) return
    first.replies?.push(reply)
    if (reply[0] === '-') first.error ??= reply.trim()
    if (--first.left > 0) return
    this.#waiting.shift()
    if (first.error) first.reject(new Error(first.error))
    else first.resolve(reply)
  }

  /** Sends commands at once; the promise gives the last reply, raw, and rejects for an error reply. */
  send(commands: readonly Command[]): Promise<string> {
    return this.#write(commands)
  }

  #write(commands: readonly Command[], replies?: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ left: commands.length, ...(replies && { replies }), resolve, reject })
      this.socket.cork()
      for (const command of commands) this.socket.write(encode(command))
      this.socket.uncork()
    })
  }

  /** Sends commands at once; the promise gives all replies, raw. */
  async ask(commands: readonly Command[]): Promise<string[]> {
    const replies: string[] = []
    await this.#write(commands, replies)
    return replies
  }

  close(): void {
    this.socket.destroy()
  }
}

/** One command on a connection of its own; the raw reply. */
export async function call(port: number, command: Command): Promise<string> {
  const wire = await Wire.connect(port)
  try {
    return await wire.send([command])
  } finally {
    wire.close()
  }
}

/** Sends `count` commands in pipelines and waits for all replies. */
export async function fill(
  port: number,
  count: number,
  command: (index: number) => Command,
): Promise<void> {
  const wire = await Wire.connect(port)
  const pending: Promise<string>[] = []
  try {
    for (let from = 0; from < count; from += 1000) {
      const length = Math.min(1000, count - from)
      pending.push(wire.send(Array.from({ length }, (_, i) => command(from + i))))
      if (pending.length === 4) await pending.shift()
    }
  } finally {
    await Promise.all(pending)
    wire.close()
  }
}
