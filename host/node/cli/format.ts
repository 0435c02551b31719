// Replies as text, byte for byte as redis-cli writes them. Text here is latin1: a character a byte.
//
//   standard    for people: 1) "a"\n2) (integer) 1\n
//   raw         for programs: the bytes, a line each
//   csv, json   for other programs; quoted-json is ASCII alone

import type { Frame } from '../../core/decode.ts'
import { quote } from '../config/quoting.ts'

export type Output = 'standard' | 'raw' | 'csv' | 'json' | 'quoted-json'

export interface Delimiters {
  /** Between the parts of a raw reply. */
  parts: string
  /** Behind a raw reply. */
  replies: string
}

/** A reply as it is written; `verbatim` texts (INFO, CLIENT LIST) are written as they are. */
export function formatReply(
  frame: Frame,
  output: Output,
  { verbatim, delimiters }: { verbatim: boolean; delimiters: Delimiters },
): string {
  if (verbatim) return raw(frame, delimiters.parts)
  switch (output) {
    case 'standard':
      return standard(frame, '')
    case 'raw':
      return raw(frame, delimiters.parts) + delimiters.replies
    case 'csv':
      return `${csv(frame)}\n`
    default:
      return `${json(frame, output === 'json' ? jsonText : quotedJsonText)}\n`
  }
}

/** The text of a reply. */
export function textOf(frame: Frame): string {
  return frame.bytes ? Buffer.from(frame.bytes).toString('latin1') : ''
}

export function isError({ kind }: Frame): boolean {
  return kind === '-' || kind === '!'
}

function isNil(frame: Frame): boolean {
  return frame.bytes === undefined && frame.items === undefined
}

const isTrue = (frame: Frame): boolean => textOf(frame) === 't'

const EMPTY: Record<string, string> = {
  '*': '(empty array)\n',
  '%': '(empty hash)\n',
  '~': '(empty set)\n',
  '>': '(empty push)\n',
}

function standard(frame: Frame, prefix: string): string {
  if (isNil(frame)) return '(nil)\n'
  const text = textOf(frame)
  switch (frame.kind) {
    case '-':
    case '!':
      return `(error) ${text}\n`
    case '+':
    case '=':
      return `${text}\n`
    case ':':
      return `(integer) ${text}\n`
    case ',':
      return `(double) ${text}\n`
    case '(':
      return `(big number) ${text}\n`
    case '#':
      return isTrue(frame) ? '(true)\n' : '(false)\n'
    case '$':
      return `${quote(text)}\n`
    default:
      return aggregate(frame, prefix)
  }
}

/** Numbered lines; the first one continues the line of its own number. */
function aggregate({ kind, items = [] }: Frame, prefix: string): string {
  if (!items.length) return EMPTY[kind] ?? ''
  const isMap = kind === '%'
  const step = isMap ? 2 : 1
  const width = String(items.length / step).length
  const inner = prefix + ' '.repeat(width + 2)
  const sign = kind === '~' ? '~' : isMap ? '#' : ')'
  let text = ''
  for (let i = 0; i < items.length; i += step) {
    const number = String(i / step + 1).padStart(width)
    text += `${i ? prefix : ''}${number}${sign} ${standard(items[i]!, inner)}`
    if (!isMap) continue
    const value = items[i + 1]!
    // Several lines begin below.
    const isLong = (value.items?.length ?? 0) > (value.kind === '%' ? 2 : 1)
    const begin = isLong ? `\n${inner}` : ''
    text = `${text.slice(0, -1)} => ${begin}${standard(value, inner)}`
  }
  return text
}

function raw(frame: Frame, delimiter: string): string {
  const { kind, items } = frame
  if (isNil(frame)) return ''
  if (isError(frame)) return `${textOf(frame)}\n`
  if (kind === '#') return isTrue(frame) ? '(true)' : '(false)'
  if (!items) return textOf(frame)
  const parts = items.map((item) => raw(item, delimiter))
  if (kind !== '%') return parts.join(delimiter)
  const pairs = parts.flatMap((part, i) => (i % 2 ? [] : [`${part} ${parts[i + 1]}`]))
  return pairs.join(delimiter)
}

function csv(frame: Frame): string {
  if (isNil(frame)) return 'NULL'
  if (frame.items) return frame.items.map(csv).join(',')
  return isError(frame) ? `ERROR,${quote(textOf(frame))}` : single(frame, quote)
}

function json(frame: Frame, string: (text: string) => string): string {
  if (isNil(frame)) return 'null'
  if (!frame.items) return isError(frame) ? `error:${string(textOf(frame))}` : single(frame, string)
  const parts = frame.items.map((item) => json(item, string))
  if (frame.kind !== '%') return `[${parts.join(',')}]`
  const pairs = parts.flatMap((part, i) => {
    if (i % 2) return []
    return [`${part.startsWith('"') ? part : `"${part}"`}:${parts[i + 1]}`]
  })
  return `{${pairs.join(',')}}`
}

/** A reply without parts, its text written by `string`. */
function single(frame: Frame, string: (text: string) => string): string {
  const text = textOf(frame)
  switch (frame.kind) {
    case '#':
      return String(isTrue(frame))
    case ':':
    case ',':
    case '(':
      return text
    default:
      return string(text)
  }
}

const JSON_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
}

function jsonText(text: string): string {
  const escaped = text.replace(
    // oxlint-disable-next-line no-control-regex
    /["\\\x00-\x1f]/g,
    (char) => JSON_ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped}"`
}

/** As redis-cli quotes for people, with each backslash once more. */
function quotedJsonText(text: string): string {
  return quote(text).replaceAll('\\', '\\\\')
}
