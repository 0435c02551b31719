// RESP2 and RESP3 replies, from bytes to JavaScript values.
//
//   + simple   - error   : integer   $ bulk   * array   _ null   # boolean   , double   ( big number
//   ! bulk error   = verbatim text   % map   ~ set   > push   | attributes (skipped)
//
// The decoder reads where the bytes lie (linear memory, for the embedded client) and copies only
// what it hands out.

import { ReplyError } from './errors.ts'
import { NATIVE_TEXT, type NativeText } from './native-text.ts'
import { MEDIUM_TEXT, readMedium, readShort, SHORT_TEXT, TINY_TEXT } from './text.ts'

/**
 * A reply as a value. Arrays, sets and pushes are arrays; a map is an object without a prototype in
 * text mode and a `Map` in bytes mode; an integer too large to be exact is a bigint.
 */
export type Reply =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | ReplyError
  | Reply[]
  | { [field: string]: Reply }
  | Map<Reply, Reply>

/** A reply as it was sent: what kind it is, its bytes or its parts. */
export interface Frame {
  /** Its first character. */
  readonly kind: string
  /** The text or the number; of a verbatim text without its format; undefined: nil, or it has parts. */
  readonly bytes: Uint8Array | undefined
  /** The parts; of a map fields and values in turn. */
  readonly items: readonly Frame[] | undefined
  /** What an attribute in front of it says. */
  readonly attributes: readonly Frame[] | undefined
}

/** How text leaves the bytes. Node's Buffer has faster ways than TextDecoder. */
export interface TextReader {
  (bytes: Uint8Array, start: number, end: number): string
}

/** An aggregate deeper than this is refused, before the stack would end. */
const MAX_DEPTH = 512

const PUSH = 62
const LF = 10
const CR = 13

/** More bytes are needed: the reply is not complete. */
export class IncompleteReply extends Error {
  override name = 'IncompleteReply'
}

export class ReplyDecoder {
  /** Where the next reply starts, after `decode` the first byte behind it. */
  position = 0

  #bytes: Uint8Array = new Uint8Array(0)
  #end = 0
  #depth = 0
  readonly #text: TextReader
  readonly #native: NativeText | undefined
  readonly #nativeBytes: number

  /** With `native` all bytes are in its memory, and texts of up to `nativeBytes` are made by it. */
  constructor(text: TextReader, native?: NativeText, nativeBytes = 0) {
    this.#text = text
    this.#native = native
    this.#nativeBytes = native ? Math.min(nativeBytes, NATIVE_TEXT) : -1
  }

  /** Sets what to read: `bytes` from `start` to `end`. False when a push comes first. */
  reset(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes
    this.position = start
    this.#end = end
    this.#depth = 0
    return bytes[start] !== PUSH
  }

  /** Whether a push comes next. */
  get atPush(): boolean {
    return this.#bytes[this.position] === PUSH
  }

  /**
   * Decodes the next reply; an error reply is a value too.
   *
   * @throws {IncompleteReply} what is there ends before the reply does
   */
  decode(asBytes: boolean): Reply {
    const type = this.#bytes[this.position++]
    if (this.position > this.#end) throw new IncompleteReply()
    switch (type) {
      case 36: // $
        return this.#bulk(asBytes)
      case 43: // +
        return this.#line()
      case 58: // :
        return this.#integer()
      case 95: // _
        this.#line()
        return null
      case 45: // -
        return new ReplyError(this.#line())
      case 42: // *
      case 126: // ~
      case 62: // >
        return this.#array(asBytes)
      case 37: // %
        return this.#map(asBytes)
      case 44: // ,
        return toDouble(this.#line())
      case 35: // #
        return this.#line() === 't'
      case 40: // (
        return BigInt(this.#line())
      case 33: // !
        return new ReplyError(String(this.#bulk(false)))
      case 61: // =
        return this.#verbatim(asBytes)
      case 124: // |
        this.#map(asBytes)
        return this.decode(asBytes)
      default:
        throw new SyntaxError(`a reply cannot start with byte ${type}`)
    }
  }

  /**
   * Decodes the next reply with all that was sent of it, for who shows it.
   *
   * @throws {IncompleteReply} what is there ends before the reply does
   */
  frame(attributes?: readonly Frame[]): Frame {
    const kind = String.fromCharCode(this.#bytes[this.position++] ?? 0)
    if (this.position > this.#end) throw new IncompleteReply()
    const none = { kind, bytes: undefined, items: undefined, attributes }
    switch (kind) {
      case '+':
      case '-':
      case ':':
      case ',':
      case '(':
      case '#':
        return { ...none, bytes: this.#lineBytes() }
      case '_':
        this.#lineBytes()
        return none
      case '$':
      case '!':
        return { ...none, bytes: (this.#bulk(true) as Uint8Array | null) ?? undefined }
      case '=':
        return { ...none, bytes: (this.#verbatim(true) as Uint8Array | null) ?? undefined }
      case '*':
      case '~':
      case '>':
        return { ...none, items: this.#frames(1) }
      case '%':
        return { ...none, items: this.#frames(2) }
      case '|':
        return this.frame(this.#frames(2))
      default:
        throw new SyntaxError(`a reply cannot start with byte ${kind.charCodeAt(0)}`)
    }
  }

  #frames(each: number): Frame[] | undefined {
    const count = this.#length() * each
    if (count < 0) return undefined
    this.#enter()
    const items: Frame[] = []
    for (let i = 0; i < count; i++) items.push(this.frame())
    this.#depth--
    return items
  }

  #bulk(asBytes: boolean): string | Uint8Array | null {
    const length = this.#length()
    if (length < 0) return null
    const start = this.position
    const end = start + length
    if (end + 2 > this.#end) throw new IncompleteReply()
    this.position = end + 2
    return asBytes ? this.#bytes.slice(start, end) : this.#read(start, end)
  }

  #verbatim(asBytes: boolean): string | Uint8Array | null {
    const value = this.#bulk(asBytes)
    return value && value.slice(4)
  }

  #array(asBytes: boolean): Reply[] | null {
    const count = this.#length()
    if (count < 0) return null
    this.#enter()
    const items: Reply[] = []
    for (let i = 0; i < count; i++) items.push(this.decode(asBytes))
    this.#depth--
    return items
  }

  #map(asBytes: boolean): Reply {
    const count = this.#length()
    if (count < 0) return null
    this.#enter()
    const map = asBytes ? new Map<Reply, Reply>() : Object.create(null)
    for (let i = 0; i < count; i++) {
      const field = this.decode(asBytes)
      const value = this.decode(asBytes)
      if (asBytes) map.set(field, value)
      else map[toField(field)] = value
    }
    this.#depth--
    return map
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new SyntaxError(`a reply is nested deeper than ${MAX_DEPTH} levels`)
    }
  }

  /** A length before CRLF; -1 is RESP2's null. */
  #length(): number {
    const bytes = this.#bytes
    let at = this.position
    let byte = bytes[at]!
    if (byte === 45) {
      this.#line()
      return -1
    }
    let length = 0
    for (; byte !== CR; byte = bytes[++at]!) {
      if (at >= this.#end) throw new IncompleteReply()
      length = length * 10 + (byte - 48)
    }
    this.position = at + 2
    if (this.position > this.#end) throw new IncompleteReply()
    return length
  }

  #integer(): number | bigint {
    const bytes = this.#bytes
    const start = this.position
    let at = start
    const negative = bytes[at] === 45
    if (negative) at++
    let value = 0
    let byte = bytes[at]!
    for (; byte !== CR; byte = bytes[++at]!) {
      if (at >= this.#end) throw new IncompleteReply()
      value = value * 10 + (byte - 48)
    }
    if (at + 2 > this.#end) throw new IncompleteReply()
    this.position = at + 2
    if (value > Number.MAX_SAFE_INTEGER) return BigInt(this.#text(bytes, start, at))
    return negative ? -value : value
  }

  #line(): string {
    const start = this.position
    return this.#read(start, this.#lineEnd())
  }

  #lineBytes(): Uint8Array {
    const start = this.position
    return this.#bytes.slice(start, this.#lineEnd())
  }

  /** Where a line ends; what follows comes next. */
  #lineEnd(): number {
    let at = this.position
    while (at < this.#end && this.#bytes[at] !== LF) at++
    if (at >= this.#end) throw new IncompleteReply()
    this.position = at + 1
    return at - 1
  }

  #read(start: number, end: number): string {
    const length = end - start
    if (length > TINY_TEXT && length <= this.#nativeBytes) {
      const text = this.#native!.read(start, length)
      if (text !== null) return text
    } else if (length <= SHORT_TEXT) {
      const text = readShort(this.#bytes, start, end)
      if (text !== undefined) return text
    }
    return this.#text(this.#bytes, start, end)
  }
}

/** A field of a map becomes the name of a property. */
function toField(field: Reply): string {
  if (typeof field === 'object') throw new SyntaxError('a field of a map must be text or a number')
  return String(field)
}

function toDouble(text: string): number {
  if (text === 'inf') return Infinity
  if (text === '-inf') return -Infinity
  return Number(text)
}

/** A mark of the byte order in front is part of a text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })

/** The reader of any runtime. */
export const readText: TextReader = (bytes, start, end) => {
  const text = end - start <= MEDIUM_TEXT ? readMedium(bytes, start, end) : undefined
  return text ?? decoder.decode(bytes.subarray(start, end))
}
