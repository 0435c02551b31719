/**
 * RESP for tests, without a socket. The exact bytes of every reply are kept, because that is what is
 * compared with redis-server, and decoded only where a test asks.
 */

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
