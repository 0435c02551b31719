// GET has a way of its own in an embedded database, `get` has that of all commands: they must not differ in anything.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../host/core/connection.ts'
import type { Reply } from '../../host/core/decode.ts'
import { Database } from '../../host/core/embedded.ts'
import type { Argument } from '../../host/core/encode.ts'
import { type Runtime, webRuntime } from '../../host/core/runtime.ts'
import { nodeRuntime } from '../../host/node/runtime.ts'

const module = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, '../../build/wadi.wasm')),
)

const LONG_KEY = 'a key that is longer than those which are written in a loop'
const VALUES: [key: Argument, value: Argument][] = [
  ['text', 'hello world'],
  ['empty', ''],
  ['seven', '7 chars'],
  ['eight', '8 chars.'],
  ['hundred', 'x'.repeat(100)],
  ['most', 'y'.repeat(256)],
  ['more', 'z'.repeat(257)],
  ['large', 'w'.repeat(100_000)],
  ['number', '-1234567890123'],
  ['umlaut', 'Grüße'],
  ['late', `${'x'.repeat(200)}ü`],
  ['bytes', Uint8Array.of(0, 128, 255)],
  ['ü', 'an umlaut is in the key'],
  [7, 'a number is the key'],
  [LONG_KEY, 'long'],
]
const KEYS = [...VALUES.map(([key]) => key), 'grown', 'none', 'list', 'volatile', 'gone', '']

interface Scene {
  db: Database
  line: Connection
  pushes: unknown[]
  pass(ms: number): void
}

function open(home: Runtime, prepare: (scene: Scene) => void): Scene {
  let nowMs = 1_700_000_000_000
  const clock = { monotonicUs: () => nowMs * 1000, wallUs: (us: number) => us }
  const seed = (): readonly [number, number] => [1, 2]
  const later = () => ({ cancel: () => undefined })
  const db = new Database({ module, runtime: { ...home, clock, seed, later } })
  for (const [key, value] of VALUES) db.set(key, value)
  db.append('grown', 'a')
  for (let i = 0; i < 3; i++) db.append('grown', 'b'.repeat(50))
  db.rpush('list', 'x')
  db.set('volatile', 'v', { px: 1000 })
  db.set('gone', 'v', { px: 10 })
  const pushes: unknown[] = []
  const line = db.connect()
  line.onPush = (push) => pushes.push(push)
  const scene = { db, line, pushes, pass: (ms: number) => void (nowMs += ms) }
  prepare(scene)
  scene.pass(20)
  db.turnClock.set()
  return scene
}

const attempt = (line: Connection, ...args: Argument[]): Reply | Error => {
  try {
    return line.call(...args)
  } catch (error) {
    return error as Error
  }
}

const TOLD =
  /^(total_|keyspace_|expired_keys|cmdstat_get:|db\d|clients|errorstat|unexpected|used_memory:)/

/** What is counted, without what depends on the time that a command took, or on addresses. */
function counted({ db }: Scene): unknown[] {
  const lines = (db.call('INFO', 'everything') as string).split('\r\n')
  const clients = (db.call('CLIENT', 'LIST') as string).split('\n')
  const used = KEYS.slice(0, 4).flatMap((key) =>
    ['IDLETIME', 'FREQ'].map((word) => attempt(db.main, 'OBJECT', word, key)),
  )
  const told = [...lines.filter((line) => TOLD.test(line)), ...clients].map((line) =>
    line.replace(/usec(_per_call)?=[\d.]+/g, '').replace(/ (r|w)events=\d+/g, ''),
  )
  return [...told, ...used]
}

const config = (name: string, value: string) => (scene: Scene) =>
  void scene.db.call('CONFIG', 'SET', name, value)

const scenes: [string, (scene: Scene) => void][] = [
  ['as it is', () => undefined],
  ['in another database', ({ line }) => void line.call('SELECT', 1)],
  ['in a transaction', ({ line }) => void line.call('MULTI')],
  [
    'as a user who may read some keys',
    ({ db, line }) => {
      db.call('ACL', 'SETUSER', 'u', 'on', '>p', '~e*', '+get')
      line.call('AUTH', 'u', 'p')
    },
  ],
  [
    'as a user who may not read',
    ({ db, line }) => {
      db.call('ACL', 'SETUSER', 'u', 'on', '>p', '~*', '+ping')
      line.call('AUTH', 'u', 'p')
    },
  ],
  ['with a password set', config('requirepass', 'secret')],
  ['with tracking', ({ line }) => void line.call('CLIENT', 'TRACKING', 'ON')],
  [
    'while another one tracks',
    ({ db }) => void db.connect().call('CLIENT', 'TRACKING', 'ON', 'BCAST'),
  ],
  ['without touching', ({ line }) => void line.call('CLIENT', 'NO-TOUCH', 'ON')],
  ['with RESP2', ({ line }) => void line.call('HELLO', '2')],
  ['while subscribed', ({ line }) => void line.call('SUBSCRIBE', 'c')],
  ['with little memory', config('maxmemory', '1')],
  ['with LFU', config('maxmemory-policy', 'allkeys-lfu')],
  ['with all commands in the slow log', config('slowlog-log-slower-than', '0')],
  ['with clients measured', config('maxmemory-clients', '100mb')],
  ['with misses told', config('notify-keyspace-events', 'KEAm')],
  ['while another one watches the key', ({ db }) => void db.connect().call('WATCH', 'text')],
]

const homes: [string, Runtime][] = [
  ['Node', nodeRuntime()],
  ['web', webRuntime(globalThis)],
]

describe.each(homes)('the short way of GET (%s)', (_, home) => {
  test.each(scenes)('is no other than the usual one %s', async (_name, prepare) => {
    const short = open(home, prepare)
    const usual = open(home, prepare)
    for (const key of [...KEYS, ...KEYS]) {
      const expected = attempt(usual.line, 'get', key)
      expect([key, attempt(short.line, 'GET', key)]).toEqual([key, expected])
      for (const scene of [short, usual]) scene.pass(100)
    }
    for (const { db } of [short, usual]) attempt(db.main, 'SET', 'text', 'changed')
    await Promise.resolve()
    expect(short.pushes).toEqual(usual.pushes)
    expect(counted(short)).toEqual(counted(usual))
    short.db.close()
    usual.db.close()
  })

  test('ends with the connection', () => {
    const { line } = open(home, () => undefined)
    line.close()
    expect(() => line.call('GET', 'text')).toThrow('closed')
  })
})
