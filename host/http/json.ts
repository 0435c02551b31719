// JSON in and out. Numbers in a request keep the text they came as: a 64-bit integer is more than a JavaScript
// number holds. Strings in a reply are UTF-8 text or, where the client asks for it, base64 of their bytes.

import type { Reply } from '../core/decode.ts'
import { ReplyError } from '../core/errors.ts'

/** A request is not what it should be; the text says why. */
export class RequestError extends Error {
  override name = 'RequestError'
}

class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

function keepNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value
}

/** @throws {RequestError} */
export function parseCommand(body: Uint8Array = new Uint8Array(0)): string[] {
  return command(parse(body))
}

/** @throws {RequestError} */
export function parseCommands(body: Uint8Array): string[][] {
  const value = parse(body)
  if (!Array.isArray(value)) throw new RequestError('ERR failed to parse pipeline request')
  if (value.length === 0) throw new RequestError('ERR empty pipeline request')
  return value.map(command)
}

/** What is not UTF-8 is no JSON: it would be kept as something else. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function parse(body: Uint8Array): unknown {
  try {
    const text = decoder.decode(body)
    const value: unknown = JSON.parse(text)
    return isText(value) ? value : JSON.parse(text, keepNumbers)
  } catch {
    throw new RequestError('ERR failed to parse request')
  }
}

/** Whether there is nothing but text in it: then there are no numbers to keep. */
const isText = (value: unknown): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every(isText))

function command(value: unknown): string[] {
  if (!Array.isArray(value)) throw new RequestError('ERR failed to parse command')
  if (value.length === 0) throw new RequestError('ERR empty command')
  return value.map(argument)
}

function argument(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof NumberText) return value.text
  if (typeof value === 'boolean' || value === null) return String(value)
  return JSON.stringify(value, (_key, item: unknown) =>
    item instanceof NumberText ? rawJson(item.text) : item,
  )
}

interface RawJson {
  rawJSON?(text: string): unknown
}

/** A number as it stood there, where the runtime can write it. */
const rawJson = (text: string): unknown => (JSON as RawJson).rawJSON?.(text) ?? Number(text)

/** How strings of a reply are written. */
export type Encoding = 'text' | 'base64'

/** A reply that was decoded as bytes for base64, as text otherwise. */
export function toJson(reply: Reply, encoding: Encoding, isTop = true): string {
  switch (typeof reply) {
    case 'string':
      // A simple string. OK alone stays as it is, which is what clients look for.
      if (encoding === 'text' || (isTop && reply === 'OK')) return JSON.stringify(reply)
      return quoteBase64(encoder.encode(reply))
    case 'number':
    case 'bigint':
      return isFinite(Number(reply)) ? String(reply) : JSON.stringify(String(reply))
    case 'boolean':
      return reply ? '1' : '0'
  }
  if (reply === null) return 'null'
  if (reply instanceof Uint8Array) return quoteBase64(reply)
  if (reply instanceof ReplyError) return toJson(reply.message, encoding, false)
  const items = Array.isArray(reply)
    ? reply
    : [...(reply instanceof Map ? reply : Object.entries(reply))].flat()
  return `[${items.map((item) => toJson(item, encoding, false)).join(',')}]`
}

const encoder = new TextEncoder()

interface Base64Bytes {
  toBase64?(): string
}

/** Bytes that `String.fromCharCode` takes at once. */
const SLICE = 8192

function quoteBase64(bytes: Uint8Array): string {
  return `"${base64(bytes)}"`
}

function base64(bytes: Uint8Array): string {
  const native = (bytes as Base64Bytes).toBase64?.()
  if (native !== undefined) return native
  let text = ''
  for (let at = 0; at < bytes.length; at += SLICE)
    text += String.fromCharCode(...bytes.subarray(at, at + SLICE))
  return btoa(text)
}
