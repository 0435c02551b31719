/** Everything a server holds, read key by key, in a form that can be compared. */
import { createHash } from 'node:crypto'
import type { Command, Connection, Reply } from '../support/resp.ts'
import { readable } from '../support/resp.ts'
import { formatLine } from '../support/command-line.ts'
import { isAccepted } from './differences.ts'
import { steadyText } from './streams.ts'

export interface KeyState {
  readonly type: string
  readonly encoding: Reply
  /** Unix time in ms, -1 without a TTL. */
  readonly expiresAt: number
  readonly content: string
}

/** Database number and key, as a line. */
export type State = Map<string, KeyState>

const TOLERANCE_MS = 5000

interface ContentReader {
  commands(key: Buffer): Command[]
  read(replies: readonly Reply[]): string
}

/** Readable whole when it is short, by its hash when it is not. */
function described(data: Buffer): string {
  if (data.length <= 1000) return `"${readable(data, 1000)}"`
  const hash = createHash('sha1').update(data).digest('hex')
  return `"${readable(data, 60)}" sha1 ${hash}`
}

const joined = (replies: readonly Reply[]) =>
  replies.map((reply) => described(reply.data)).join(' ')

function pairs(items: readonly Reply[]): string[] {
  const texts: string[] = []
  for (let i = 0; i + 1 < items.length; i += 2) texts.push(joined(items.slice(i, i + 2)))
  return texts
}

const READERS: Record<string, ContentReader> = {
  string: { commands: (key) => [['GET', key]], read: joined },
  list: {
    commands: (key) => [['LRANGE', key, '0', '-1']],
    read: ([reply]) => joined(reply?.items ?? []),
  },
  set: {
    commands: (key) => [['SMEMBERS', key]],
    read: ([reply]) =>
      (reply?.items ?? [])
        .map((item) => joined([item]))
        .sort()
        .join(' '),
  },
  hash: {
    commands: (key) => [['HGETALL', key]],
    read: ([reply]) =>
      pairs(reply?.items ?? [])
        .sort()
        .join(', '),
  },
  zset: {
    commands: (key) => [['ZRANGE', key, '0', '-1', 'WITHSCORES']],
    read: ([reply]) =>
      (reply?.items ?? [])
        .map((item, i) => (i % 2 ? String(Number(item.text)) : joined([item])))
        .join(' '),
  },
  stream: {
    commands: (key) => [
      ['XRANGE', key, '-', '+'],
      ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'],
    ],
    read: (replies) => replies.map(steadyText).join(' '),
  },
}

/** Reads the databases up to `databases`; the connection speaks RESP2 and ends on database 0. */
export async function readState(connection: Connection, databases = 4): Promise<State> {
  const numbers = Array.from({ length: databases }, (_, db) => db)
  const listing = await connection.exchange(
    numbers.flatMap((db) => [
      ['SELECT', db],
      ['KEYS', '*'],
    ]),
  )
  const state: State = new Map()
  for (const db of numbers) {
    const keys = (listing[db * 2 + 1]?.items ?? []).map((item) => item.data)
    if (keys.length === 0) continue
    const facts = await connection.exchange([
      ['SELECT', db],
      ...keys.flatMap((key): Command[] => [
        ['TYPE', key],
        ['OBJECT', 'ENCODING', key],
        ['PEXPIRETIME', key],
      ]),
    ])
    const types = keys.map((_, i) => facts[i * 3 + 1]!.text)
    const reads = keys.map((key, i) => READERS[types[i]!]?.commands(key) ?? [])
    const contents = await connection.exchange(reads.flat())
    let at = 0
    keys.forEach((key, i) => {
      const replies = contents.slice(at, (at += reads[i]!.length))
      state.set(`${db} ${formatLine([key])}`, {
        type: types[i]!,
        encoding: facts[i * 3 + 2]!,
        expiresAt: Number(facts[i * 3 + 3]!.text),
        content: READERS[types[i]!]?.read(replies) ?? '',
      })
    })
  }
  await connection.exchange([['SELECT', 0]])
  return state
}

const short = (text: string) => (text.length > 600 ? `${text.slice(0, 600)}…` : text)

/** What is not the same in two states, a line each. */
export function compareStates(expected: State, got: State): string[] {
  const lines: string[] = []
  for (const key of [...new Set([...expected.keys(), ...got.keys()])].sort()) {
    const left = expected.get(key)
    const right = got.get(key)
    if (!left || !right) {
      lines.push(`key ${key}: expected ${left?.type ?? 'none'}, got ${right?.type ?? 'none'}`)
      continue
    }
    if (left.type !== right.type) {
      lines.push(`key ${key}: expected type ${left.type}, got ${right.type}`)
      continue
    }
    const [wanted, seen] = [left.encoding, right.encoding]
    if (
      !wanted.bytes.equals(seen.bytes) &&
      !isAccepted(['object', 'encoding', key], wanted, seen)
    ) {
      lines.push(`key ${key}: expected encoding ${wanted.text}, got ${seen.text}`)
    }
    const sameTtl =
      left.expiresAt < 0 || right.expiresAt < 0
        ? left.expiresAt === right.expiresAt
        : Math.abs(left.expiresAt - right.expiresAt) <= TOLERANCE_MS
    if (!sameTtl) {
      lines.push(`key ${key}: expected expiry ${left.expiresAt}, got ${right.expiresAt}`)
    }
    if (left.content !== right.content) {
      lines.push(
        `key ${key}: expected ${left.type} ${short(left.content)}\n      got ${short(right.content)}`,
      )
    }
  }
  return lines
}
