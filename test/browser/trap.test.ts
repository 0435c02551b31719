/** The engine breaks inside a Worker: it is opened again, and every write that was acknowledged is there, once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

describe.skipIf(noChromium)('an engine that traps', () => {
  const rig = new Rig()
  beforeAll(() => rig.open())
  afterAll(() => rig.close())

  test.each([
    ['worker', 'indexeddb', 'before'],
    ['shared', 'indexeddb', 'after'],
    ['worker', 'opfs', 'after'],
    ['shared', 'opfs', 'before'],
  ] as const)(
    'is opened again with all that was acknowledged (%s, %s, %s the call)',
    async (...parts) => {
      const page = await rig.tab()
      const found = await page.evaluate(async ([mode, storage, when]) => {
        const { trapWorker } = globalThis as unknown as { trapWorker(): Worker }
        const name = `trap-${mode}-${storage}-${when}`
        const options = { mode, storage, durability: 'strict', worker: trapWorker } as const
        const db = await wadi.open(name, options)
        const crashes: string[] = []
        db.on('error', ({ name }) => crashes.push(name))
        const channel = new BroadcastChannel('trap')
        const load = { isOver: false }
        const count = async (key: string): Promise<{ acknowledged: number; maybe: number }> => {
          let [acknowledged, maybe] = [0, 0]
          while (!load.isOver) {
            try {
              await db.incr(key)
              acknowledged++
            } catch (error) {
              if (!(error instanceof wadi.MaybeAppliedError)) throw error
              maybe++
            }
          }
          return { acknowledged, maybe }
        }
        const counting = ['a', 'b', 'c'].map(count)
        const goOn = async (): Promise<void> => {
          for (let i = 0; i < 20; i++) await db.ping()
        }
        for (let round = 1; round <= 3; round++) {
          await goOn()
          channel.postMessage(when)
          while (crashes.length < round) await new Promise((resolve) => setTimeout(resolve, 5))
        }
        await goOn()
        load.isOver = true
        const counts = await Promise.all(counting)
        await db.close()
        const again = await wadi.open(name, { mode, storage })
        const values = (await again.mget('a', 'b', 'c')).map(Number)
        await again.close()
        return { crashes, counts, values }
      }, parts)
      await page.close()
      expect(found.crashes).toEqual(['EngineCrash', 'EngineCrash', 'EngineCrash'])
      for (const [i, { acknowledged, maybe }] of found.counts.entries()) {
        expect(acknowledged).toBeGreaterThan(20)
        expect(found.values[i]).toBeGreaterThanOrEqual(acknowledged)
        expect(found.values[i]).toBeLessThanOrEqual(acknowledged + maybe)
      }
    },
  )
})
