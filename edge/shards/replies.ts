// Replies as raw bytes: where each ends, and how parts of several become one.

import { concat } from '../../host/core/bytes.ts'

const LF = 10
const utf8 = new TextEncoder()
const ascii = new TextDecoder()

export const OK = utf8.encode('+OK\r\n')
export const QUEUED = utf8.encode('+QUEUED\r\n')

export const errorReply = (message: string): Uint8Array => utf8.encode(`-${message}\r\n`)
export const integerReply = (value: number): Uint8Array => utf8.encode(`:${value}\r\n`)
export const nullReply = (protocol: number): Uint8Array =>
  utf8.encode(protocol === 3 ? '_\r\n' : '$-1\r\n')
/** What EXEC answers when it did nothing. */
export const nullArray = (protocol: number): Uint8Array =>
  utf8.encode(protocol === 3 ? '_\r\n' : '*-1\r\n')

export function bulkReply(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? utf8.encode(value) : value
  return concat([utf8.encode(`$${bytes.length}\r\n`), bytes, utf8.encode('\r\n')])
}

/** An array (or with `~`, a set) of replies that are there as bytes. */
export function arrayReply(items: readonly Uint8Array[], type = '*'): Uint8Array {
  return concat([utf8.encode(`${type}${items.length}\r\n`), ...items])
}

/** A map of names and values in turn. */
export function mapReply(items: readonly Uint8Array[]): Uint8Array {
  return concat([utf8.encode(`%${items.length / 2}\r\n`), ...items])
}

export const isError = (reply: Uint8Array): boolean => reply[0] === 45 || reply[0] === 33

/** Whether it tells what is no longer valid in a client's cache. */
export const isInvalidation = (reply: Uint8Array): boolean =>
  reply[0] === 62 && ascii.decode(reply.subarray(0, 19)) === '>2\r\n$10\r\ninvalidate'

/** Whether it is a published message, and no confirmation. */
export const isMessage = (reply: Uint8Array): boolean =>
  reply[0] === 62 && /^>\d\r\n\$\d+\r\n[ps]?message\r\n/.test(ascii.decode(reply.subarray(0, 24)))

/** Cuts bytes that hold whole replies into these. */
export function splitReplies(bytes: Uint8Array): Uint8Array[] {
  const replies: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const end = replyEnd(bytes, at)
    replies.push(bytes.subarray(at, end))
    at = end
  }
  return replies
}

/** The items of an array, set or push. */
export function itemsOf(reply: Uint8Array): Uint8Array[] {
  const line = reply.indexOf(LF) + 1
  return splitReplies(reply.subarray(line))
}

/** The bytes of a simple string, a number or a bulk string. */
export function valueOf(reply: Uint8Array): Uint8Array {
  const line = reply.indexOf(LF) + 1
  const isBulk = reply[0] === 36 || reply[0] === 61
  return isBulk ? reply.subarray(line, -2) : reply.subarray(1, line - 2)
}

export const textOf = (reply: Uint8Array): string => ascii.decode(valueOf(reply))

function replyEnd(bytes: Uint8Array, start: number): number {
  const line = bytes.indexOf(LF, start) + 1
  if (line === 0) return bytes.length
  const count = (): number => Number(ascii.decode(bytes.subarray(start + 1, line - 2)))
  switch (bytes[start]) {
    case 36: // $
    case 33: // !
    case 61: {
      // =
      const length = count()
      return length < 0 ? line : line + length + 2
    }
    case 42: // *
    case 126: // ~
    case 62: // >
      return skip(bytes, line, count())
    case 37: // %
      return skip(bytes, line, count() * 2)
    case 124: // | comes before the reply that it tells of
      return replyEnd(bytes, skip(bytes, line, count() * 2))
    default:
      return line
  }
}

function skip(bytes: Uint8Array, at: number, count: number): number {
  for (let left = count; left > 0; left--) at = replyEnd(bytes, at)
  return at
}
