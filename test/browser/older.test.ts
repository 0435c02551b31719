/** A store that an older release wrote is read whole and becomes one of today's, unless a tab of that release is open. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NEWEST_FORMAT } from '../../host/browser/journal/record.ts'
import { noChromium } from './support/chromium.ts'
import { olderStore, type Stored } from './support/older.ts'
import { Rig } from './support/rig.ts'

describe.skipIf(noChromium)('a store of an older format', () => {
  const rig = new Rig()
  beforeAll(() => rig.open())
  afterAll(() => rig.close())

  test.each([
    [1, 'here'],
    [2, 'worker'],
    [2, 'shared'],
  ] as const)('is read whole, and upgraded (format %i, %s)', async (format, mode) => {
    const name = `older-${format}-${mode}`
    const page = await rig.tab()
    await write(page, name, olderStore(format))
    await page.evaluate(
      async ([name, mode]) => {
        globalThis.db = await wadi.open(name, { mode: mode as 'worker', durability: 'strict' })
      },
      [name, mode] as const,
    )
    expect(await contents(page)).toEqual(['snapshot', 'log', '2', null, 1000])
    await page.evaluate(async () => {
      await db.call('SELECT', 0)
      await db.set('new', '1')
      await db.flush()
    })
    await becomes(page, name, NEWEST_FORMAT)
    await page.evaluate(async (name) => {
      await db.set('newer', '1')
      await db.close()
      globalThis.db = await wadi.open(name)
    }, name)
    expect(await contents(page)).toEqual(['snapshot', 'log', '2', null, 1000])
    expect(await page.evaluate(async () => db.call('SELECT', 0))).toBe('OK')
    expect(await page.evaluate(async () => db.mget('new', 'newer'))).toEqual(['1', '1'])
    await page.close()
  })

  test.each([1, 2] as const)(
    'stays one while a tab of that release is open (format %i)',
    async (format) => {
      const name = `older-tab-${format}`
      const [page, older] = [await rig.tab(), await rig.tab()]
      await write(page, name, olderStore(format))
      // What such a tab says and holds: it knows nothing newer.
      await older.evaluate(
        ([name, format]) => {
          const channel = new BroadcastChannel(`wadi:${name}`)
          void navigator.locks.request(
            `wadi:${name}:old`,
            () => new Promise<void>((release) => Object.assign(globalThis, { release })),
          )
          channel.addEventListener(
            'message',
            ({ data }: { data: { kind: string; epoch: number } }) => {
              if (data.kind !== 'owner') return
              const { epoch } = data
              const protocol = [1, 1]
              channel.postMessage({
                kind: 'hello',
                epoch,
                client: 'old',
                attempt: 1,
                protocol,
                format,
              })
            },
          )
        },
        [name, format] as const,
      )
      await page.evaluate(async (name) => {
        globalThis.db = await wadi.open(name, { durability: 'strict' })
        for (let i = 0; i < 100; i++) await db.incr('n')
      }, name)
      // Longer than an owner waits that knows of no other tab.
      await page.waitForTimeout(2500)
      expect(await page.evaluate(() => db.incr('n'))).toBe(103)
      expect(await storedFormats(page, name)).toEqual([format])
      await older.evaluate(() => (globalThis as unknown as { release(): void }).release())
      await becomes(page, name, NEWEST_FORMAT)
      expect(await page.evaluate(() => db.incr('n'))).toBe(104)
      await page.close()
      await older.close()
    },
  )
})

function write(page: Page, name: string, stored: Stored): Promise<void> {
  return page.evaluate(
    async ([name, stored]) => {
      const idb = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(`wadi:${name}`)
        request.addEventListener('upgradeneeded', () => request.result.createObjectStore('records'))
        request.addEventListener('success', () => resolve(request.result))
      })
      const transaction = idb.transaction('records', 'readwrite')
      const store = transaction.objectStore('records')
      for (const [key, value] of stored)
        store.put(typeof value === 'number' ? value : Uint8Array.from(value), key)
      await new Promise((resolve) => transaction.addEventListener('complete', resolve))
      idb.close()
    },
    [name, stored] as const,
  )
}

function contents(page: Page): Promise<unknown[]> {
  return page.evaluate(async () => {
    await db.call('SELECT', 0)
    const values = (await db.call('MGET', 'kept', 'changed', 'n')) as unknown[]
    await db.call('SELECT', 1)
    return [...values, await db.get('torn'), await db.call('STRLEN', 'long')]
  })
}

/** The formats of all records that are stored. */
function storedFormats(page: Page, name: string): Promise<number[]> {
  return page.evaluate(async (name) => {
    const idb = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(`wadi:${name}`)
      request.addEventListener('success', () => resolve(request.result))
    })
    const records = await new Promise<unknown[]>((resolve) => {
      const request = idb.transaction('records').objectStore('records').getAll()
      request.addEventListener('success', () => resolve(request.result))
    })
    idb.close()
    const bytes = records.filter((record) => record instanceof Uint8Array)
    return [...new Set(bytes.map((record) => record[3]! - 48))]
  }, name)
}

async function becomes(page: Page, name: string, format: number): Promise<void> {
  await expect.poll(() => storedFormats(page, name), { timeout: 10_000 }).toEqual([format])
}
