/**
 * The store's owner goes away while tabs write: closed, killed, frozen. Every acknowledged write is found, none is
 * done twice, and an owner that wakes up after another took its place writes nothing.
 */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { goOn, kill, processOf, stop } from './support/processes.ts'
import { Rig } from './support/rig.ts'

interface Load {
  acknowledged: number
  maybe: number
  errors: string[]
  owners: boolean[]
}

/** What a tab counts while it adds one to its own counter, again and again. */
declare global {
  var load: Load & { isOver: boolean; ended: Promise<void> }
}

interface Tab {
  page: Page
  pid: number
  key: string
}

const OWNER_TIMEOUT_MS = 1500

describe.skipIf(noChromium)('a hand-over', () => {
  const rig = new Rig()
  beforeAll(() => rig.open())
  afterAll(() => rig.close())

  async function openTabs(name: string, count: number): Promise<Tab[]> {
    const tabs: Tab[] = []
    for (let i = 0; i < count; i++) {
      const page = await rig.tab()
      const pid = await processOf(rig.browser, page)
      const key = `count:${i}`
      await page.evaluate(
        async ([name, ownerTimeoutMs]) => {
          globalThis.db = await wadi.open(name, { durability: 'strict', ownerTimeoutMs })
        },
        [name, OWNER_TIMEOUT_MS] as const,
      )
      tabs.push({ page, pid, key })
    }
    return tabs
  }

  /** Begins to write in a tab. */
  function begin({ page, key }: Tab): Promise<void> {
    return page.evaluate((key) => {
      const load: Load = { acknowledged: 0, maybe: 0, errors: [], owners: [] }
      globalThis.load = { ...load, isOver: false, ended: Promise.resolve() }
      db.on('owner', ({ isOwner }) => globalThis.load.owners.push(isOwner))
      const run = async (): Promise<void> => {
        const { load } = globalThis
        while (!load.isOver) {
          try {
            await db.incr(key)
            load.acknowledged++
          } catch (error) {
            if (error instanceof wadi.MaybeAppliedError) load.maybe++
            else load.errors.push(String(error))
            if (load.errors.length > 20) return
          }
        }
      }
      globalThis.load.ended = run()
    }, key)
  }

  async function progress({ page }: Tab): Promise<void> {
    const before = await page.evaluate(() => load.acknowledged)
    await page.waitForFunction((before) => load.acknowledged > before + 20, before)
  }

  async function end({ page }: Tab): Promise<Load> {
    return page.evaluate(async () => {
      load.isOver = true
      await load.ended
      const { acknowledged, maybe, errors, owners } = load
      return { acknowledged, maybe, errors, owners }
    })
  }

  function isWithin(count: number, { acknowledged, maybe }: Load): boolean {
    return count >= acknowledged && count <= acknowledged + maybe
  }

  test.each([
    [2, 'closed'],
    [2, 'killed'],
    [2, 'frozen'],
    [5, 'closed'],
    [5, 'killed'],
    [5, 'frozen'],
  ] as const)(
    'of %i tabs, the owner %s',
    async (count, way) => {
      const [owner, ...others] = (await openTabs(`handover-${count}-${way}`, count)) as [
        Tab,
        ...Tab[],
      ]
      for (const tab of [owner, ...others]) await begin(tab)
      await Promise.all(others.map(progress))
      const before = await owner.page.evaluate(() => load.acknowledged)
      if (way === 'closed') await owner.page.close()
      else if (way === 'killed') kill(owner.pid)
      else stop(owner.pid)
      await Promise.all(others.map(progress))
      const loads = await Promise.all(others.map(end))
      const [{ page }] = others as [Tab]
      const values = await Promise.all(
        others.map(async ({ key }) => Number(await page.evaluate((key) => db.get(key), key))),
      )
      for (const [i, load] of loads.entries()) {
        expect(load.errors).toEqual([])
        expect({ ...load, value: values[i] }).toSatisfy(() => isWithin(values[i]!, load))
      }
      expect(loads.filter(({ owners }) => owners.at(-1)).length).toBe(1)
      const ownersCount = Number(await page.evaluate((key) => db.get(key), owner.key))
      expect(ownersCount).toBeGreaterThanOrEqual(before)

      if (way === 'frozen') {
        goOn(owner.pid)
        await progress(owner)
        const load = await end(owner)
        const value = Number(await page.evaluate((key) => db.get(key), owner.key))
        expect(load.errors).toEqual([])
        expect({ ...load, value }).toSatisfy(() => isWithin(value, load))
        expect(load.owners.at(-1)).toBe(false)
        await owner.page.close()
      } else if (way === 'killed') await owner.page.close()
      for (const tab of others) await tab.page.close()
    },
    60_000,
  )
})
