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

  async function openTabs(
    name: string,
    count: number,
    storage: 'indexeddb' | 'opfs' = 'opfs',
  ): Promise<Tab[]> {
    const tabs: Tab[] = []
    for (let i = 0; i < count; i++) {
      const page = await rig.tab()
      const pid = await processOf(rig.browser, page)
      const key = `count:${i}`
      await page.evaluate(
        async ([name, storage, ownerTimeoutMs]) => {
          const durability = 'strict'
          globalThis.db = await wadi.open(name, { storage, durability, ownerTimeoutMs })
        },
        [name, storage, OWNER_TIMEOUT_MS] as const,
      )
      tabs.push({ page, pid, key })
    }
    return tabs
  }

  /** Begins to write in a tab. */
  function begin({ page, key }: Tab): Promise<void> {
    return page.evaluate((key) => {
      const load: Load = { acknowledged: 0, maybe: 0, errors: [] }
      globalThis.load = { ...load, isOver: false, ended: Promise.resolve() }
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
      const { acknowledged, maybe, errors } = load
      return { acknowledged, maybe, errors }
    })
  }

  /**
   * Whether another tab's transaction on the store in IndexedDB does not end: the browser has all others wait for it,
   * also where its tab is stopped (docs/browser.md, limits).
   */
  function isHeldUp({ page }: Tab, name: string): Promise<boolean> {
    return page.evaluate(async (name) => {
      const opening = indexedDB.open(`wadi:${name}`)
      await new Promise((resolve) => opening.addEventListener('success', resolve))
      const reading = opening.result.transaction('records').objectStore('records').get('manifest')
      const isHeldUp = await new Promise<boolean>((resolve) => {
        reading.addEventListener('success', () => resolve(false))
        setTimeout(() => resolve(true), 1000)
      })
      opening.result.close()
      return isHeldUp
    }, name)
  }

  /** Stops an owner; one whose store is in IndexedDB between two of its transactions. */
  async function freeze(owner: Tab, other: Tab, name: string, storage: string): Promise<void> {
    for (;;) {
      stop(owner.pid)
      if (storage === 'opfs' || !(await isHeldUp(other, name))) return
      goOn(owner.pid)
      await progress(owner)
    }
  }

  function isWithin(count: number, { acknowledged, maybe }: Load): boolean {
    return count >= acknowledged && count <= acknowledged + maybe
  }

  test.each([
    [2, 'closed', 'indexeddb'],
    [2, 'killed', 'indexeddb'],
    [2, 'frozen', 'indexeddb'],
    [2, 'closed', 'opfs'],
    [2, 'killed', 'opfs'],
    [2, 'frozen', 'opfs'],
    [5, 'closed', 'indexeddb'],
    [5, 'killed', 'indexeddb'],
    [5, 'frozen', 'indexeddb'],
    [5, 'frozen', 'opfs'],
  ] as const)(
    'of %i tabs, the owner %s (%s)',
    async (count, way, storage) => {
      const name = `handover-${count}-${way}-${storage}`
      const [owner, ...others] = (await openTabs(name, count, storage)) as [Tab, Tab, ...Tab[]]
      for (const tab of [owner, ...others]) await begin(tab)
      await Promise.all(others.map(progress))
      const before = await owner.page.evaluate(() => load.acknowledged)
      if (way === 'closed') await owner.page.close()
      else if (way === 'killed') kill(owner.pid)
      else await freeze(owner, others[0], name, storage)
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
      const areOwners = await Promise.all(others.map((tab) => tab.page.evaluate(() => db.isOwner)))
      expect(areOwners.filter(Boolean)).toHaveLength(1)
      const ownersCount = Number(await page.evaluate((key) => db.get(key), owner.key))
      expect(ownersCount).toBeGreaterThanOrEqual(before)

      if (way === 'frozen') {
        goOn(owner.pid)
        await progress(owner)
        const load = await end(owner)
        const value = Number(await page.evaluate((key) => db.get(key), owner.key))
        expect(load.errors).toEqual([])
        expect({ ...load, value }).toSatisfy(() => isWithin(value, load))
        expect(await owner.page.evaluate(() => db.isOwner)).toBe(false)
        await owner.page.close()
      } else if (way === 'killed') await owner.page.close()
      for (const tab of others) await tab.page.close()
    },
    60_000,
  )

  test.each([
    ['wakes', goOn],
    ['dies', kill],
  ] as const)(
    'an owner stopped in the middle of a transaction of IndexedDB holds others up until it %s, and nothing is lost',
    async (way, wakeOrKill) => {
      const name = `held-up-${way}`
      const [owner, other] = (await openTabs(name, 2, 'indexeddb')) as [Tab, Tab]
      await begin(other)
      await progress(other)
      const holding = owner.page.evaluate(async (name) => {
        const opening = indexedDB.open(`wadi:${name}`)
        await new Promise((resolve) => opening.addEventListener('success', resolve))
        opening.result.transaction('records', 'readwrite').objectStore('records').delete('none')
        const end = performance.now() + 4000
        while (performance.now() < end);
        opening.result.close()
      }, name)
      const held = holding.catch(() => undefined)
      while (!(await isHeldUp(other, name)));
      stop(owner.pid)
      const before = await other.page.evaluate(() => load.acknowledged)
      expect(await isHeldUp(other, name)).toBe(true)
      expect(await other.page.evaluate(() => load.acknowledged)).toBe(before)
      wakeOrKill(owner.pid)
      await progress(other)
      const load = await end(other)
      const value = Number(await other.page.evaluate((key) => db.get(key), other.key))
      expect(load.errors).toEqual([])
      expect({ ...load, value }).toSatisfy(() => isWithin(value, load))
      await owner.page.close()
      await held
      await other.page.close()
    },
    60_000,
  )

  test('leaves a session what it was: database, name, subscriptions, tracking', async () => {
    const [owner, other] = (await openTabs('session', 2)) as [Tab, Tab]
    await other.page.evaluate(async () => {
      const session = db.connect()
      const pushes: unknown[] = []
      session.onPush = (push) => pushes.push(push)
      await session.call('SELECT', 2)
      await session.call('CLIENT', 'SETNAME', 'me')
      await session.call('SUBSCRIBE', 'news')
      await session.call('CLIENT', 'TRACKING', 'ON')
      await session.call('SET', 'key', 'value')
      const heard: string[] = []
      await db.psubscribe('n*', (message, channel) => heard.push(`${channel} ${message}`))
      db.watch('watched', (key) => heard.push(`changed ${key}`))
      await db.ping()
      Object.assign(globalThis, { session, pushes, heard })
    })
    await owner.page.close()
    const found = await other.page.evaluate(async () => {
      const { session, pushes, heard } = globalThis as unknown as {
        session: ReturnType<typeof db.connect>
        pushes: unknown[][]
        heard: string[]
      }
      const value = await session.call('GET', 'key')
      const name = await session.call('CLIENT', 'GETNAME')
      await db.publish('news', 'still here')
      await db.set('watched', 1)
      await db.ping()
      while (heard.length < 3 || !pushes.some(([kind]) => kind === 'message'))
        await new Promise((resolve) => setTimeout(resolve))
      return { value, name, pushes, heard }
    })
    await other.page.close()
    expect([found.value, found.name]).toEqual(['value', 'me'])
    expect(found.pushes).toContainEqual(['invalidate', null])
    expect(found.pushes).toContainEqual(['message', 'news', 'still here'])
    expect(found.heard).toEqual(['changed null', 'news still here', 'changed watched'])
  })

  test('aborts a transaction that is open, and fails the EXEC after a WATCH', async () => {
    const [owner, other] = (await openTabs('transactions', 2)) as [Tab, Tab]
    await other.page.evaluate(async () => {
      const [open, watching] = [db.connect(), db.connect()]
      await open.call('MULTI')
      await open.call('SET', 'a', 1)
      await watching.call('WATCH', 'a')
      Object.assign(globalThis, { open, watching })
    })
    await owner.page.close()
    const found = await other.page.evaluate(async () => {
      type Session = ReturnType<typeof db.connect>
      const { open, watching } = globalThis as unknown as { open: Session; watching: Session }
      const queued = await open.call('SET', 'b', 1)
      const aborted = await open.call('EXEC').catch((error: Error) => error.message.split(' ')[0])
      await watching.call('MULTI')
      await watching.call('SET', 'c', 1)
      const broken = await watching.call('EXEC')
      await open.call('MULTI')
      await open.call('SET', 'd', 1)
      const done = await open.call('EXEC')
      return [queued, aborted, broken, done, await db.mget('a', 'b', 'c', 'd')]
    })
    await other.page.close()
    expect(found).toEqual(['QUEUED', 'EXECABORT', null, ['OK'], [null, null, null, '1']])
  })

  test('serves a blocking command that waited for the owner before', async () => {
    const [owner, other] = (await openTabs('blocked', 2)) as [Tab, Tab]
    await other.page.evaluate(() => {
      Object.assign(globalThis, { popped: db.blpop('list', 0) })
    })
    await other.page.evaluate(() => db.ping())
    await owner.page.evaluate(() => db.close())
    const found = await other.page.evaluate(async () => {
      await db.rpush('list', 'x')
      return (globalThis as unknown as { popped: Promise<unknown> }).popped
    })
    await owner.page.close()
    await other.page.close()
    expect(found).toEqual(['list', 'x'])
  })
})
