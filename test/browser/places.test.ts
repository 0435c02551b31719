/** Where a store is kept: in files or in IndexedDB, and how it gets from one into the other. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

type Options = Parameters<typeof wadi.open>[1] & { mode?: 'worker' }

describe.skipIf(noChromium)('the place of a store', () => {
  const rig = new Rig()
  let page: Page
  beforeAll(async () => {
    await rig.open()
    page = await rig.tab()
    // Into IndexedDB by its name, and the folder of files of a store.
    await page.evaluate(() => {
      Object.assign(globalThis, {
        async places(name: string): Promise<string[]> {
          const databases = await indexedDB.databases()
          const root = await navigator.storage.getDirectory()
          const folder = await root.getDirectoryHandle('wadi', { create: true })
          const found: string[] = []
          if (databases.some((database) => database.name === `wadi:${name}`))
            found.push('indexeddb')
          for await (const key of folder.keys()) if (key === name) found.push('opfs')
          return found
        },
      })
    })
  })
  afterAll(() => rig.close())

  /** Opens a store, adds one to a counter, and closes it: what it counts then, and where the store is. */
  async function visit(name: string, options: object = {}): Promise<[number, string[]]> {
    return page.evaluate(
      async ([name, options]) => {
        const db = await wadi.open(name, options as Options)
        const n = await db.incr('n')
        await db.close()
        const { places } = globalThis as unknown as { places(name: string): Promise<string[]> }
        return [n, await places(name)] as [number, string[]]
      },
      [name, options] as const,
    )
  }

  test('a new store is kept in files where a Worker has the engine, else in IndexedDB', async () => {
    expect(await visit('shared')).toEqual([1, ['opfs']])
    expect(await visit('worker', { mode: 'worker' })).toEqual([1, ['opfs']])
    expect(await visit('here', { mode: 'here' })).toEqual([1, ['indexeddb']])
    expect(await visit('asked', { storage: 'indexeddb' })).toEqual([1, ['indexeddb']])
  })

  test('a store stays where it lies', async () => {
    await visit('old', { storage: 'indexeddb' })
    expect(await visit('old')).toEqual([2, ['indexeddb']])
    expect(await visit('old', { mode: 'worker' })).toEqual([3, ['indexeddb']])
    await visit('new')
    expect(await visit('new', { mode: 'worker' })).toEqual([2, ['opfs']])
  })

  test('is another when another is asked for, or the page itself needs it', async () => {
    await visit('moves')
    expect(await visit('moves', { mode: 'here' })).toEqual([2, ['indexeddb']])
    expect(await visit('moves', { storage: 'opfs' })).toEqual([3, ['indexeddb', 'opfs']])
    expect(await visit('moves')).toEqual([4, ['indexeddb', 'opfs']])
    expect(await visit('moves', { storage: 'indexeddb' })).toEqual([5, ['indexeddb']])
    expect(await visit('moves', { storage: 'opfs', mode: 'worker' })).toEqual([
      6,
      ['indexeddb', 'opfs'],
    ])
  })

  test('a store of some size is whole wherever it is', async () => {
    const answers = await page.evaluate(async () => {
      let db = await wadi.open('sized', { mode: 'worker', durability: 'strict' })
      const value = 'x'.repeat(20_000)
      await Promise.all(Array.from({ length: 1000 }, (_, i) => db.set(`key:${i}`, value + i)))
      await db.close()
      const answers: unknown[] = []
      for (const storage of ['indexeddb', 'opfs', 'auto'] as const) {
        db = await wadi.open('sized', { mode: 'worker', storage })
        const values = await Promise.all(Array.from({ length: 1000 }, (_, i) => db.get(`key:${i}`)))
        answers.push(values.filter((found, i) => found !== value + i).length)
        await db.close()
      }
      return answers
    })
    expect(answers).toEqual([0, 0, 0])
  })

  test('what a move that was cut short left in files counts for nothing', async () => {
    await visit('left')
    await visit('twice', { storage: 'indexeddb' })
    await visit('twice')
    await page.evaluate(async () => {
      const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('wadi')
      const from = await all.getDirectoryHandle('left')
      const to = await all.getDirectoryHandle('twice', { create: true })
      for await (const [name, handle] of from) {
        const file = await (handle as FileSystemFileHandle).getFile()
        const writable = await (await to.getFileHandle(name, { create: true })).createWritable()
        await writable.write(await file.arrayBuffer())
        await writable.close()
      }
    })
    expect((await visit('twice'))[0]).toBe(3)
    expect(await visit('twice', { storage: 'opfs' })).toEqual([4, ['indexeddb', 'opfs']])
  })

  test('is deleted wherever it is', async () => {
    await visit('gone')
    await visit('gone', { storage: 'indexeddb' })
    await visit('gone', { storage: 'opfs' })
    await page.evaluate(() => wadi.deleteStore('gone'))
    expect(await page.evaluate(() => wadi.listStores())).not.toContain('gone')
    expect(await visit('gone')).toEqual([1, ['opfs']])
  })

  test('a file that is damaged in the middle is told of, and opens with what could be saved', async () => {
    const found = await page.evaluate(async () => {
      let db = await wadi.open('damaged', { mode: 'worker', durability: 'strict' })
      for (let i = 0; i < 5; i++) await db.set(`key:${i}`, i)
      await db.close()
      const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('wadi')
      const folder = await all.getDirectoryHandle('damaged')
      for await (const handle of folder.values()) {
        const file = handle as FileSystemFileHandle
        const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer())
        const text = new TextDecoder('latin1').decode(bytes)
        bytes[text.indexOf('log-000000000002')]! ^= 1
        const writable = await file.createWritable()
        await writable.write(bytes)
        await writable.close()
      }
      const failure = async (options: object): Promise<Error & { saved?: Uint8Array }> =>
        wadi.open('damaged', { mode: 'worker', ...options }).then(
          () => new Error('it opened'),
          (error: Error) => error,
        )
      const error = await failure({})
      const moving = await failure({ storage: 'indexeddb' })
      const copy = await wadi.open('copy', { mode: 'memory' })
      await copy.import(error.saved!)
      db = await wadi.open('damaged', { mode: 'worker', recover: true })
      await db.set('key:5', 5)
      await db.close()
      db = await wadi.open('damaged', { mode: 'worker' })
      const left = await db.keys('*')
      await db.close()
      return {
        names: [error.name, moving.name],
        message: moving.message,
        saved: copy.keys('*').sort(),
        left: left.sort(),
      }
    })
    const rest = ['key:0', 'key:1', 'key:3', 'key:4']
    expect(found.names).toEqual(['StoreDamagedError', 'StorageError'])
    expect(found.message).toContain('recover: true')
    expect(found.saved).toEqual(rest)
    expect(found.left).toEqual([...rest, 'key:5'])
  })
})
