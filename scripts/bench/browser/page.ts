// The stores on the page, and the measurements that the runner asks for.

import { Dexie, type EntityTable } from 'dexie'
import { createStore, get, set, setMany, type UseStore } from 'idb-keyval'
import localforage from 'localforage'
import { type AsyncStore, open, type SyncStore } from '../../../dist/browser/index.js'

export const KEYS = 5000
const BATCH = 1000
const PIPELINE = 64
const VALUE = 'x'.repeat(100)
const keys = Array.from({ length: KEYS }, (_, i) => `key:${String(i).padStart(8, '0')}`)
/** All keys, one far from the next; made beforehand, since a product that large takes as long to divide as a key to find. */
const walk = keys.map((_, i) => keys[(i * 7919) % KEYS]!)
const key = (turn: number) => walk[turn % KEYS]!
/** So many keys that none is remembered from the time before. */
const FIRST_KEYS = 60_000
const firstKeys = Array.from({ length: FIRST_KEYS }, (_, i) => `first:${(i * 7919) % FIRST_KEYS}`)
let firstTurn = 0
const first = () => firstKeys[firstTurn++ % FIRST_KEYS]!

/** Does a piece of work, and answers how many operations that was. */
type Work = (turn: number) => number | Promise<number>

/** Operations a second, over a time that is long enough. */
async function rate(work: Work, ms: number): Promise<number> {
  for (let turn = 0; turn < 20; turn++) await work(turn)
  const began = performance.now()
  let done = 0
  let elapsed = 0
  for (let turn = 20; elapsed < ms; turn++) {
    const count = work(turn)
    done += typeof count === 'number' ? count : await count
    elapsed = performance.now() - began
  }
  return (done / elapsed) * 1000
}

/** Synchronous work between two looks at the clock. */
const many =
  (count: number, work: (turn: number) => unknown): Work =>
  (turn) => {
    for (let i = 0; i < count; i++) work(turn * count + i)
    return count
  }

const one =
  (work: (turn: number) => Promise<unknown>): Work =>
  (turn) =>
    work(turn).then(() => 1)

/** idb-keyval's own store has no durability: this one asks for the strict one. */
function strictStore(name: string): UseStore {
  const opened = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('entries'))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error!))
  })
  return async (mode, callback) => {
    const db = await opened
    return callback(
      db.transaction('entries', mode, { durability: 'strict' }).objectStore('entries'),
    )
  }
}

interface Entry {
  key: string
  value: string
}

async function dexieStore() {
  const db = new Dexie('bench-dexie') as Dexie & { entries: EntityTable<Entry, 'key'> }
  db.version(1).stores({ entries: 'key' })
  await db.open()
  return db.entries
}

const pairs = keys.map((name) => [name, VALUE] as [string, string])
const batchOf = (turn: number) =>
  pairs.slice((turn * BATCH) % KEYS, ((turn * BATCH) % KEYS) + BATCH)

async function fill(db: AsyncStore | SyncStore): Promise<void> {
  await Promise.all(keys.map(async (name) => db.set(name, VALUE)))
}

/** The work of each measurement, made ready. */
const measurements: Record<string, () => Promise<Work>> = {
  // ── reads ──
  'read idb-keyval': async () => {
    const store = createStore('bench-idb', 'entries')
    await setMany(pairs, store)
    return one((turn) => get(key(turn), store))
  },
  'read localForage': async () => {
    for (const name of keys.slice(0, 500)) await localforage.setItem(name, VALUE)
    return one((turn) => localforage.getItem(keys[turn % 500]!))
  },
  'read Dexie': async () => {
    const entries = await dexieStore()
    await entries.bulkPut(keys.map((name) => ({ key: name, value: VALUE })))
    return one((turn) => entries.get(key(turn)))
  },
  'read localStorage': async () => {
    for (const name of keys) localStorage.setItem(name, VALUE)
    return many(500, (turn) => localStorage.getItem(key(turn)))
  },
  'read here': async () => {
    const db = await here()
    await fill(db)
    return many(500, (turn) => db.get(key(turn)))
  },
  'read here small': async () => {
    const db = await here()
    const small = walk.map((name) => `small:${name}`)
    for (const name of small) db.set(name, 'hello world')
    return many(500, (turn) => db.get(small[turn % KEYS]!))
  },
  'read worker': async () => {
    const db = await readOnly()
    await fill(db)
    for (let i = 0; i < 2; i++) await Promise.all(keys.map((name) => db.get(name)))
    return one((turn) => db.get(key(turn)))
  },
  'read worker first': async () => {
    const db = await firstReads()
    return one(() => db.get(first()))
  },
  'read worker owner': async () => {
    const db = await asked()
    return one(() => db.get(first()))
  },
  'read messages': async () => {
    const answering = 'onmessage = ({ data }) => postMessage(data)'
    const worker = new Worker(URL.createObjectURL(new Blob([answering])))
    return one(
      (turn) =>
        new Promise((resolve) => {
          worker.onmessage = resolve
          worker.postMessage(key(turn))
        }),
    )
  },
  'read channel': async () => {
    const answers = new BroadcastChannel('bench-answers')
    const questions = new BroadcastChannel('bench-questions')
    return one(
      (turn) =>
        new Promise((resolve) => {
          answers.onmessage = resolve
          questions.postMessage(key(turn))
        }),
    )
  },
  'read worker first 64': async () => pipelined(await firstReads(), first),
  'read worker owner 64': async () => pipelined(await asked(), first),
  'read shared': async () => {
    const db = await shared()
    await fill(db)
    return one((turn) => db.get(key(turn)))
  },
  'read shared 64': async () => pipelined(await shared(), key),

  // ── durable writes ──
  'strict idb-keyval': async () => {
    const store = strictStore('bench-strict')
    return one((turn) => set(key(turn), VALUE, store))
  },
  'strict worker': async () => oneAtATime(await strict()),
  'strict idb': async () => oneAtATime(await strictIdb()),
  'strict here': async () => {
    const db = await strictHere()
    return one((turn) => {
      db.set(key(turn), VALUE)
      return db.flush()
    })
  },
  'strict idb-keyval 1000': async () => {
    const store = strictStore('bench-strict')
    return async (turn) => {
      await setMany(batchOf(turn), store)
      return BATCH
    }
  },
  'strict worker 1000': async () => allAtOnce(await strict()),
  'strict idb 1000': async () => allAtOnce(await strictIdb()),
  'strict here 1000': async () => {
    const db = await strictHere()
    return async (turn) => {
      for (const [name, value] of batchOf(turn)) db.set(name, value)
      await db.flush()
      return BATCH
    }
  },
  'strict worker MSET 1000': async () => inOne(await strict()),
  'strict idb MSET 1000': async () => inOne(await strictIdb()),

  // ── relaxed writes ──
  'relaxed idb-keyval': async () => {
    const store = createStore('bench-idb', 'entries')
    return one((turn) => set(key(turn), VALUE, store))
  },
  'relaxed localForage': async () => one((turn) => localforage.setItem(keys[turn % 500]!, VALUE)),
  'relaxed Dexie': async () => {
    const entries = await dexieStore()
    return one((turn) => entries.put({ key: key(turn), value: VALUE }))
  },
  'relaxed localStorage': async () => many(50, (turn) => localStorage.setItem(key(turn), VALUE)),
  'relaxed here': async () => {
    const db = await here()
    return many(500, (turn) => db.set(key(turn), VALUE))
  },
  'relaxed worker': async () => {
    const db = await worker()
    return one((turn) => db.set(key(turn), VALUE))
  },
  'relaxed shared': async () => {
    const db = await shared()
    return one((turn) => db.set(key(turn), VALUE))
  },
}

function pipelined(db: AsyncStore, key: (turn: number) => string): Work {
  return async (turn) => {
    const calls: Promise<unknown>[] = []
    for (let i = 0; i < PIPELINE; i++) calls.push(db.get(key(turn * PIPELINE + i)))
    await Promise.all(calls)
    return PIPELINE
  }
}

const oneAtATime = (db: AsyncStore): Work => one((turn) => db.set(key(turn), VALUE))

const allAtOnce =
  (db: AsyncStore): Work =>
  async (turn) => {
    await Promise.all(batchOf(turn).map(([name, value]) => db.set(name, value)))
    return BATCH
  }

const inOne =
  (db: AsyncStore): Work =>
  async (turn) => {
    await db.call('MSET', ...batchOf(turn).flat())
    return BATCH
  }

const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
const here = once(() => open('bench-here', { mode: 'here' }))
const worker = once(() => open('bench-worker', { mode: 'worker' }))
const readOnly = once(() => open('bench-read', { mode: 'worker' }))
const filled = async (db: AsyncStore): Promise<AsyncStore> => {
  await Promise.all(firstKeys.map((name) => db.set(name, VALUE)))
  return db
}
const firstReads = once(async () => filled(await worker()))
const asked = once(async () =>
  filled(await open('bench-owner', { mode: 'worker', reads: 'owner' })),
)
const strict = once(() => open('bench-strict-worker', { mode: 'worker', durability: 'strict' }))
const strictIdb = once(() =>
  open('bench-strict-idb', { mode: 'worker', durability: 'strict', storage: 'indexeddb' }),
)
const strictHere = once(() => open('bench-strict-here', { mode: 'here', durability: 'strict' }))
const shared = once(() => open('bench-shared'))

const ready = new Map<string, Promise<Work>>()

export const bench = {
  names: Object.keys(measurements),

  /** Operations a second of one measurement. */
  async measure(name: string, ms: number): Promise<number> {
    if (!ready.has(name)) ready.set(name, measurements[name]!())
    return rate(await ready.get(name)!, ms)
  },

  /** Makes this tab the owner of the store that the other one reads, and lets it answer bare messages. */
  async own(): Promise<boolean> {
    const answers = new BroadcastChannel('bench-answers')
    const questions = new BroadcastChannel('bench-questions')
    questions.onmessage = ({ data }) => answers.postMessage(data)
    const db = await shared()
    await fill(db)
    return db.isOwner
  },

  /** Makes the store that is opened cold later. */
  async fillCold(mode: 'here' | 'worker', count: number): Promise<void> {
    const db = await open(`bench-cold-${mode}`, { mode: mode as 'worker' })
    const writes: unknown[] = []
    for (let i = 0; i < count; i++) writes.push(db.set(`key:${i}`, `value ${i}`))
    await Promise.all(writes)
    await db.flush()
    // What is written at once lies in the log first, and soon in a snapshot.
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await db.close()
  },

  /** Milliseconds until a store that lies on disk has answered, engine's download and compilation included. */
  async openCold(mode: 'here' | 'worker'): Promise<number> {
    const began = performance.now()
    const db = await open(`bench-cold-${mode}`, { mode: mode as 'worker' })
    await db.get('key:77')
    return performance.now() - began
  },
}

Object.assign(globalThis, { bench })
