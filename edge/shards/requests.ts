// Requests in RESP, from bytes that may be cut anywhere: arrays of bulk strings, and inline commands.

import { concat } from '../../host/core/bytes.ts'
import { wordsOf } from './inline.ts'

/** What came is no request: the connection ends. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}

export interface Request {
  args: Uint8Array[]
  /** The bytes as they came. */
  bytes: Uint8Array
}

const MAX_ARGS = 1024 * 1024
const MAX_BULK = 512 * 1024 * 1024
const STAR = 42
const DOLLAR = 36

const text = new TextDecoder()

export class RequestReader {
  #rest: Uint8Array

  constructor(rest: Uint8Array = new Uint8Array(0)) {
    this.#rest = rest
  }

  /** Bytes of a request that is not complete. */
  get rest(): Uint8Array {
    return this.#rest
  }

  /** Puts requests back that were not run. */
  unread(requests: readonly Request[]): void {
    this.#rest = concat([...requests.map(({ bytes }) => bytes), this.#rest])
  }

  /** Keeps bytes for later. */
  hold(bytes: Uint8Array): void {
    this.#rest = concat([this.#rest, bytes])
  }

  /** The requests that are complete now. @throws {ProtocolError} */
  read(bytes: Uint8Array = new Uint8Array(0)): Request[] {
    const all = this.#rest.length ? concat([this.#rest, bytes]) : bytes
    const requests: Request[] = []
    let at = 0
    for (;;) {
      const request = readOne(all, at)
      if (!request) break
      at += request.bytes.length
      if (request.args.length) requests.push(request)
    }
    this.#rest = all.slice(at)
    return requests
  }
}

function readOne(bytes: Uint8Array, start: number): Request | undefined {
  if (start >= bytes.length) return undefined
  if (bytes[start] !== STAR) return readInline(bytes, start)
  const head = readNumber(bytes, start + 1, MAX_ARGS, 'invalid multibulk length')
  if (!head) return undefined
  let at = head.end
  const args: Uint8Array[] = []
  for (let left = head.value; left > 0; left--) {
    if (at >= bytes.length) return undefined
    if (bytes[at] !== DOLLAR)
      throw new ProtocolError(`expected '$', got '${String.fromCharCode(bytes[at]!)}'`)
    const size = readNumber(bytes, at + 1, MAX_BULK, 'invalid bulk length')
    if (!size) return undefined
    if (size.value < 0) throw new ProtocolError('invalid bulk length')
    const end = size.end + size.value
    if (end + 2 > bytes.length) return undefined
    args.push(bytes.slice(size.end, end))
    at = end + 2
  }
  return { args, bytes: bytes.slice(start, at) }
}

function readNumber(
  bytes: Uint8Array,
  start: number,
  limit: number,
  problem: string,
): { value: number; end: number } | undefined {
  const end = bytes.indexOf(10, start)
  if (end < 0) {
    if (bytes.length - start > 32) throw new ProtocolError(problem)
    return undefined
  }
  const digits = text.decode(bytes.subarray(start, end)).replace(/\r$/, '')
  const value = /^-?\d{1,10}$/.test(digits) ? Number(digits) : NaN
  if (!(value <= limit)) throw new ProtocolError(problem)
  return { value, end: end + 1 }
}

function readInline(bytes: Uint8Array, start: number): Request | undefined {
  const end = bytes.indexOf(10, start)
  if (end < 0) {
    if (bytes.length - start > 65536) throw new ProtocolError('too big inline request')
    return undefined
  }
  const args = wordsOf(bytes.subarray(start, end))
  if (!args) throw new ProtocolError('unbalanced quotes in request')
  return { args, bytes: bytes.slice(start, end + 1) }
}
