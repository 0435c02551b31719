// Commands as RESP: into a `Uint8Array` that is there already (linear memory, for the embedded client),
// or as a piece of its own.

/** What an argument may be; numbers are written as Redis parses them. */
export type Argument = string | number | bigint | Uint8Array

/** How long text enters the bytes; answers how many bytes it took, -1 when they do not fit. */
export interface TextWriter {
  (bytes: Uint8Array, at: number, end: number, text: string): number
}

/** Up to this many characters a loop is faster than a call of the runtime. */
const SHORT = 24

const CR = 13
const LF = 10
const DOLLAR = 36
const STAR = 42

/** A browser's own encoder takes 0.3 µs a call: a loop over so many characters is faster there. */
const LOOPED = 160

const utf8 = new TextEncoder()

/**
 * Taken out once: V8 looks it up anew for each character, which takes seven times as long, in a program that has a
 * class that extends String, as the clients of Redis do.
 */
// oxlint-disable-next-line typescript/unbound-method -- called with `call`
const { charCodeAt } = String.prototype

/** The writer of any runtime. */
export const writeText: TextWriter = (bytes, at, end, text) => {
  const { length } = text
  if (length <= LOOPED && length <= end - at) {
    let all = 0
    for (let i = 0; i < length; i++) {
      const code = charCodeAt.call(text, i)
      all |= code
      bytes[at + i] = code
    }
    if (all < 128) return length
  }
  const { read, written } = utf8.encodeInto(text, bytes.subarray(at, end))
  return read === text.length ? written : -1
}

/** Writes a short text where it takes a byte a character; whether it is one. */
export function layShort(bytes: Uint8Array, at: number, text: string): boolean {
  const { length } = text
  if (length > SHORT) return false
  let all = 0
  for (let i = 0; i < length; i++) {
    const code = charCodeAt.call(text, i)
    all |= code
    bytes[at + i] = code
  }
  return all < 128
}

export class CommandEncoder {
  readonly #write: TextWriter

  constructor(write: TextWriter) {
    this.#write = write
  }

  /** Writes a command from `at` on; answers where it ends, or -1 when it does not end before `end`. */
  encode(bytes: Uint8Array, at: number, end: number, args: readonly Argument[]): number {
    if (end - at < 16) return -1
    bytes[at] = STAR
    at = writeDigits(bytes, at + 1, args.length)
    for (let i = 0; i < args.length && at >= 0; i++) at = this.argument(bytes, at, end, args[i]!)
    return at
  }

  /**
   * Writes the bytes of the arguments one after another, without RESP around them, and where each lies
   * into `words` from index `argv` on. Answers whether all end before `end`.
   */
  lay(
    bytes: Uint8Array,
    words: Uint32Array,
    argv: number,
    end: number,
    args: readonly Argument[],
  ): boolean {
    const count = args.length
    let at = (argv + count * 2) * 4
    for (let i = 0; i < count; i++) {
      const value = args[i]!
      let next = -1
      if (typeof value === 'string' && value.length <= end - at && layShort(bytes, at, value))
        next = at + value.length
      if (next < 0) next = this.#plain(bytes, at, end, value)
      if (next < 0) return false
      words[argv++] = at
      words[argv++] = next - at
      at = next
    }
    return true
  }

  /** Writes an argument's bytes; answers where they end, -1 when they do not fit. */
  #plain(bytes: Uint8Array, at: number, end: number, value: Argument): number {
    if (typeof value === 'object') {
      if (end - at < value.length) return -1
      bytes.set(value, at)
      return at + value.length
    }
    const text = typeof value === 'string' ? value : toText(value)
    if (text.length > end - at) return -1
    const written = this.#write(bytes, at, end, text)
    return written < 0 ? -1 : at + written
  }

  /** Writes one argument as a bulk string. */
  argument(bytes: Uint8Array, at: number, end: number, value: Argument): number {
    if (typeof value === 'string') return this.#text(bytes, at, end, value)
    if (typeof value === 'object') return binary(bytes, at, end, value)
    return this.#text(bytes, at, end, toText(value))
  }

  #text(bytes: Uint8Array, at: number, end: number, text: string): number {
    const length = text.length
    if (end - at < length + 32) return -1
    bytes[at] = DOLLAR
    const start = writeDigits(bytes, at + 1, length)
    if (length <= SHORT) {
      let i = 0
      for (; i < length; i++) {
        const code = charCodeAt.call(text, i)
        if (code > 127) break
        bytes[start + i] = code
      }
      if (i === length) return crlf(bytes, start + length)
    }
    const written = this.#write(bytes, start, end - 16, text)
    if (written < 0) return -1
    if (written === length) return crlf(bytes, start + length)
    // Not ASCII: the length in front may take more digits than was assumed.
    const header = 1 + digits(written) + 2
    bytes.copyWithin(at + header, start, start + written)
    writeDigits(bytes, at + 1, written)
    return crlf(bytes, at + header + written)
  }
}

/** The text of a number as Redis reads it. */
export function toText(value: number | bigint): string {
  if (value === Infinity) return 'inf'
  if (value === -Infinity) return '-inf'
  return String(value)
}

function binary(bytes: Uint8Array, at: number, end: number, value: Uint8Array): number {
  if (end - at < value.length + 32) return -1
  bytes[at] = DOLLAR
  at = writeDigits(bytes, at + 1, value.length)
  bytes.set(value, at)
  return crlf(bytes, at + value.length)
}

function crlf(bytes: Uint8Array, at: number): number {
  bytes[at] = CR
  bytes[at + 1] = LF
  return at + 2
}

/** Writes a count and CRLF. */
function writeDigits(bytes: Uint8Array, at: number, count: number): number {
  if (count < 10) {
    bytes[at] = 48 + count
    return crlf(bytes, at + 1)
  }
  const end = at + digits(count)
  for (let i = end - 1; i >= at; i--) {
    bytes[i] = 48 + (count % 10)
    count = Math.trunc(count / 10)
  }
  return crlf(bytes, end)
}

function digits(count: number): number {
  let places = 1
  while (count >= 10) {
    count /= 10
    places++
  }
  return places
}

/** The bytes of one command, for hosts that carry pieces. */
export function encodeCommand(
  args: readonly Argument[],
  write: TextWriter = writeText,
): Uint8Array {
  const encoder = new CommandEncoder(write)
  let room = 32
  for (const arg of args)
    room += 40 + (typeof arg === 'object' ? arg.length : String(arg).length * 3)
  const bytes = new Uint8Array(room)
  return bytes.subarray(0, encoder.encode(bytes, 0, room, args))
}
