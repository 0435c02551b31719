// The engine in the caller's process, beside what else one would take there.

import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { Redis } from 'ioredis'
import { openSync } from '../../dist/node/index.js'
import { median, type Table } from './report.ts'
import { startRedis } from './servers.ts'

interface Store {
  readonly name: string
  set(key: string, value: string): unknown
  get(key: string): unknown
}

const KEYS = 100_000
const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(12, '0')}`)
const value = 'hello world'

/** All keys, one far from the next; made beforehand, since a product that large takes as long to divide as a key to find. */
const everywhere = keys.map((_, i) => keys[(i * 7919) % KEYS]!)
const oneKey = keys.slice(0, 1)

/** Microseconds that this thread has worked; waiting for others, and for the core, does not count. */
function workedUs(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

/** Nanoseconds of each call, the median of five rounds: of work, or of time where it is awaited. */
async function nanoseconds(
  count: number,
  waits: boolean,
  work: (key: string) => unknown,
  walk: readonly string[],
): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 6; round++) {
    const began = waits ? performance.now() * 1000 : workedUs()
    for (let i = 0; i < count; i++) {
      const result = work(walk[i % walk.length]!)
      if (waits) await result
    }
    if (round > 0)
      times.push((((waits ? performance.now() * 1000 : workedUs()) - began) * 1000) / count)
  }
  return median(times)
}

export async function embedded(scale: number): Promise<Table> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'bench-sqlite-'))
  const server = await startRedis()
  const redis = new Redis({ port: server.port, host: '127.0.0.1' })
  const db = openSync()
  const map = new Map<string, string>()
  const sqlite = new Sqlite(path.join(dir, 'kv.db'))
  sqlite.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE kv (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID',
  )
  const put = sqlite.prepare<[string, string]>('INSERT OR REPLACE INTO kv VALUES (?, ?)')
  const find = sqlite.prepare<[string]>('SELECT v FROM kv WHERE k = ?')
  const stores: (Store & { calls: number; waits?: boolean })[] = [
    {
      name: 'JavaScript Map',
      calls: 2_000_000,
      set: (k, v) => map.set(k, v),
      get: (k) => map.get(k),
    },
    {
      name: 'Wadi, embedded',
      calls: 2_000_000,
      set: (k, v) => db.set(k, v),
      get: (k) => db.get(k),
    },
    {
      name: 'better-sqlite3',
      calls: 100_000,
      set: (k, v) => put.run(k, v),
      get: (k) => find.get(k),
    },
    {
      name: 'ioredis, awaited',
      calls: 10_000,
      waits: true,
      set: (k, v) => redis.set(k, v),
      get: (k) => redis.get(k),
    },
  ]
  const rows: string[][] = []
  try {
    for (const store of stores) {
      process.stderr.write(`embedded: ${store.name}\n`)
      for (const key of store.waits ? [] : keys) store.set(key, value)
      const count = Math.max(1000, Math.round(store.calls * scale))
      const waits = store.waits === true
      const set = await nanoseconds(count, waits, (key) => store.set(key, value), everywhere)
      const get = await nanoseconds(count, waits, (key) => store.get(key), everywhere)
      const hot = await nanoseconds(count, waits, (key) => store.get(key), oneKey)
      const shown = [set, get, hot].map((each) => Math.round(each).toLocaleString('en'))
      rows.push([store.name, ...shown])
    }
  } finally {
    redis.disconnect()
    db.close()
    sqlite.close()
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return { head: ['store, 100 k keys', 'SET ns', 'GET ns', 'GET ns, one key'], rows }
}
