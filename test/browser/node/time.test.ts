/** Timers that sleep while nothing can become due, and pages that catch up when they are looked at again. */
import { expect, test } from 'vitest'
import { Presence } from '../../../host/browser/presence.ts'
import { Keeper } from '../../../host/browser/owner/keeper.ts'
import { MemoryStorage } from '../../../host/browser/storage/memory.ts'
import type { Runtime } from '../../../host/core/runtime.ts'
import { nodeRuntime } from '../../../host/node/runtime.ts'
import { module } from './workshop.ts'

/** Time that stands still until the test moves it. */
class StillRuntime {
  nowMs = 1_700_000_000_000
  timers = new Map<object, { atMs: number; run: () => void }>()
  readonly runtime: Runtime = {
    ...nodeRuntime(),
    clock: { monotonicUs: () => this.nowMs * 1000, wallUs: (monotonicUs) => monotonicUs },
    later: (ms, run) => {
      const timer = { cancel: () => void this.timers.delete(timer) }
      this.timers.set(timer, { atMs: this.nowMs + ms, run })
      return timer
    },
  }

  async pass(ms: number): Promise<number> {
    const endMs = this.nowMs + ms
    let fired = 0
    for (;;) {
      const [due] = [...this.timers].sort((a, b) => a[1].atMs - b[1].atMs)
      if (!due || due[1].atMs > endMs) break
      this.timers.delete(due[0])
      this.nowMs = Math.max(this.nowMs, due[1].atMs)
      due[1].run()
      fired++
      await new Promise(setImmediate)
    }
    this.nowMs = endMs
    return fired
  }
}

async function open(still: StillRuntime): Promise<Keeper> {
  return Keeper.open({
    module,
    runtime: still.runtime,
    storage: new MemoryStorage(),
    durability: 'relaxed',
    isGated: true,
    codec: undefined,
    recover: false,
    maxMemoryBytes: undefined,
    events: { emit: () => undefined },
    onStale: () => undefined,
  })
}

test('no timer runs while nothing can become due', async () => {
  const still = new StillRuntime()
  const { db } = await open(still)
  db.call('SET', 'a', '1')
  await still.pass(5000)
  expect(await still.pass(3_600_000)).toBe(0)
  expect(still.timers.size).toBe(0)
})

test('a key that expires wakes the timer, and is gone in time', async () => {
  const still = new StillRuntime()
  const { db } = await open(still)
  await still.pass(5000)
  const heard: unknown[] = []
  const line = db.connect()
  line.onPush = (push) => heard.push(push)
  line.call('CLIENT', 'TRACKING', 'ON', 'BCAST')
  db.call('SET', 'a', '1', 'PX', 3000)
  await still.pass(100)
  heard.length = 0
  await still.pass(4500)
  expect(heard).toEqual([['invalidate', ['a']]])
  await still.pass(5000)
  expect(still.timers.size).toBe(0)
})

test('a blocking command wakes the timer, and ends in time', async () => {
  const still = new StillRuntime()
  const { db } = await open(still)
  await still.pass(5000)
  expect(still.timers.size).toBe(0)
  let answer: unknown = 'none'
  void db
    .connect()
    .wait('BLPOP', 'list', 2)
    .then((reply) => (answer = reply))
  await still.pass(1500)
  expect(answer).toBe('none')
  await still.pass(1500)
  expect(answer).toBeNull()
})

test('a page that is shown again or thawed catches up, and one that leaves says so', () => {
  const page = Object.assign(new EventTarget(), { hidden: false })
  const told: string[] = []
  const presence = new Presence(page, {
    shown: () => told.push('shown'),
    hidden: () => told.push('hidden'),
    leaving: () => told.push('leaving'),
  })
  const tell = (kind: string, hidden = page.hidden): void => {
    page.hidden = hidden
    page.dispatchEvent(new Event(kind))
  }
  tell('visibilitychange', true)
  tell('visibilitychange', false)
  tell('freeze')
  tell('resume')
  presence.end()
  tell('resume')
  expect(told).toEqual(['hidden', 'shown', 'leaving', 'shown'])
})
