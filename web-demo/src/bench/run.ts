// One run: each test of each store for a fixed time, in operations a second.

import { type Contender, contenders } from './stores.ts'

export interface Test {
  id: string
  title: string
  note: string
}

export const tests: Test[] = [
  { id: 'set', title: 'Writes, one at a time', note: 'each is awaited before the next' },
  { id: 'setMany', title: 'Writes, 100 at once', note: 'batched where the store has a batch' },
  { id: 'get', title: 'Reads, one at a time', note: 'each is awaited before the next' },
  { id: 'getMany', title: 'Reads, 100 at once', note: 'batched where the store has a batch' },
]

/** Operations a second, by test and store. */
export type Results = Record<string, Record<string, number>>

const KEYS = 1000
const BATCH = 100
const ROUND_MS = 500
const keys = Array.from({ length: KEYS }, (_, i) => `user:${i}:profile`)
const value = JSON.stringify({
  name: 'Ada',
  mail: 'ada@example.org',
  since: 1815,
  tags: ['a', 'b'],
})

const works: Record<string, (store: Contender, turn: number) => Promise<number>> = {
  async set(store, turn) {
    await store.set(keys[turn % KEYS]!, value)
    return 1
  },
  async get(store, turn) {
    await store.get(keys[turn % KEYS]!)
    return 1
  },
  async setMany(store, turn) {
    await store.setMany(batch(turn).map((key) => [key, value]))
    return BATCH
  },
  async getMany(store, turn) {
    await store.getMany(batch(turn))
    return BATCH
  },
}

function batch(turn: number): string[] {
  const start = (turn * BATCH) % KEYS
  return keys.slice(start, start + BATCH)
}

/** Runs everything; `onResult` hears of each figure, and `onTest` of what runs. */
export async function runAll(
  onTest: (test: string, store: string) => void,
  onResult: (test: string, store: string, rate: number) => void,
): Promise<void> {
  for (const store of contenders) {
    await store.prepare()
    try {
      for (const { id } of tests) {
        onTest(id, store.id)
        await new Promise((resolve) => setTimeout(resolve, 30))
        onResult(id, store.id, await rateOf(store, works[id]!))
      }
    } finally {
      await store.clean(keys)
    }
  }
}

async function rateOf(
  store: Contender,
  work: (store: Contender, turn: number) => Promise<number>,
): Promise<number> {
  for (let turn = 0; turn < 10; turn++) await work(store, turn)
  const began = performance.now()
  let done = 0
  let elapsed = 0
  for (let turn = 0; elapsed < ROUND_MS; turn++) {
    done += await work(store, turn)
    elapsed = performance.now() - began
  }
  return (done / elapsed) * 1000
}
