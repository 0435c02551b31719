/** What a store keeps in a real browser: killed in the middle of writes, blocked, full, damaged, of an older format. */
import { execFileSync } from 'node:child_process'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

/** Rounds of killing the browser; more by this variable. */
const ROUNDS = Number(process.env['WADI_BROWSER_ROUNDS'] ?? 2)

describe.skipIf(noChromium)('a store in a browser', () => {
  const rig = new Rig()
  beforeAll(() => rig.open())
  afterAll(() => rig.close())

  test.each([
    ['worker', 'indexeddb'],
    ['shared', 'indexeddb'],
    ['shared', 'opfs'],
  ] as const)(
    `has every acknowledged write after the browser was killed (%s, %s, ${ROUNDS} rounds)`,
    async (mode, storage) => {
      let acknowledged: number[] = []
      let total = 0
      for (let round = 0; round < ROUNDS; round++) {
        const page = await rig.tab()
        if (!(await keepsCanary(page)) && storage === 'indexeddb') acknowledged = []
        await page.exposeFunction('acknowledge', (n: number) => {
          acknowledged.push(n)
          total++
        })
        await page.evaluate(
          async ([mode, storage, round]) => {
            const { acknowledge } = globalThis as unknown as { acknowledge(n: number): void }
            const name = `killed-${mode}-${storage}`
            globalThis.db = await wadi.open(name, { mode, storage, durability: 'strict' })
            db.on('warning', ({ message }) => console.error(message))
            for (let i = 0; ; i += 8) {
              const writes = Array.from({ length: 8 }, (_, j) => round * 100_000 + i + j).map(
                async (n) => {
                  await db.set(`key:${n}`, n)
                  acknowledge(n)
                },
              )
              if (i < 80) await Promise.all(writes)
              else {
                void Promise.all(writes).catch(() => undefined)
                await new Promise((resolve) => setTimeout(resolve, 1))
              }
              if (i === 160) break
            }
            void (async () => {
              for (let n = round * 100_000 + 50_000; ; n++) {
                await db.set(`key:${n}`, n)
                acknowledge(n)
              }
            })().catch(() => undefined)
          },
          [mode, storage, round] as const,
        )
        await new Promise((resolve) => setTimeout(resolve, 100 + round * 30))
        killBrowser(rig)
        await rig.browser.close().catch(() => undefined)
        await rig.restart()
      }
      const page = await rig.tab()
      if (!(await keepsCanary(page)) && storage === 'indexeddb') acknowledged = []
      const missing = await page.evaluate(
        async ([mode, storage, acknowledged]) => {
          const db = await wadi.open(`killed-${mode}-${storage}`, { mode, storage })
          const values = await Promise.all(acknowledged.map((n) => db.get(`key:${n}`)))
          await db.close()
          return acknowledged.filter((n, i) => values[i] !== String(n))
        },
        [mode, storage, acknowledged] as const,
      )
      await page.close()
      expect(total).toBeGreaterThan(ROUNDS * 80)
      expect(missing).toEqual([])
    },
    120_000,
  )

  test('keeps a file short while many write (opfs)', async () => {
    const page = await rig.tab()
    const found = await page.evaluate(async () => {
      const options = { mode: 'worker', storage: 'opfs', durability: 'strict' } as const
      const db = await wadi.open('short', options)
      const failures: string[] = []
      for (const kind of ['error', 'quota', 'warning'] as const)
        db.on(kind, (event) => failures.push(event.message))
      const big = 'x'.repeat(50_000)
      const write = async (writer: number): Promise<void> => {
        for (let i = 0; i < 150; i++)
          await db.mset({ [`big:${writer}`]: big, [`n:${writer}:${i}`]: i })
      }
      await Promise.all([0, 1, 2, 3, 4, 5].map(write))
      await db.close()
      let bytes = 0
      const root = await navigator.storage.getDirectory()
      const folder = await (await root.getDirectoryHandle('wadi')).getDirectoryHandle('short')
      for await (const entry of folder.values())
        bytes += (await (entry as FileSystemFileHandle).getFile()).size
      const again = await wadi.open('short', options)
      const size = await again.dbsize()
      const last = await again.get('n:5:149')
      await again.close()
      for (let i = 0; i < 3; i++) {
        const reader = await wadi.open('short', options)
        await reader.get('n:0:0')
        await reader.close()
      }
      let files = 0
      for await (const _ of folder.keys()) files++
      return { failures, bytes, size, last, files }
    })
    await page.close()
    expect(found).toMatchObject({ failures: [], size: 906, last: '149', files: 1 })
    expect(found.bytes).toBeLessThan(36_000_000)
  })

  test('is kept in memory, with a warning, where IndexedDB is blocked', async () => {
    const page = await rig.tab()
    const found = await page.evaluate(async () => {
      Object.defineProperty(globalThis, 'indexedDB', {
        get() {
          throw new DOMException('blocked', 'SecurityError')
        },
      })
      const db = await wadi.open('blocked', { mode: 'here' })
      const warnings: string[] = []
      db.on('warning', ({ code }) => warnings.push(code))
      return [db.set('a', '1'), db.get('a'), warnings]
    })
    await page.close()
    expect(found).toEqual(['OK', '1', ['no-indexeddb']])
  })

  test('opens its connection again when the browser has dropped it', async () => {
    const page = await rig.tab()
    const found = await page.evaluate(async () => {
      const databases: IDBDatabase[] = []
      const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = function (...args) {
        const request = open.apply(this, args)
        request.addEventListener('success', () => databases.push(request.result))
        return request
      }
      const db = await wadi.open('dropped', { mode: 'here' })
      db.set('a', '1')
      await db.flush()
      for (const database of databases) {
        database.close()
        database.dispatchEvent(new Event('close'))
      }
      db.set('b', '2')
      await db.flush()
      await db.close()
      const again = await wadi.open('dropped', { mode: 'here' })
      return again.mget('a', 'b')
    })
    await page.close()
    expect(found).toEqual(['1', '2'])
  })

  test.each([
    ['here', 'indexeddb'],
    ['worker', 'indexeddb'],
    ['worker', 'opfs'],
  ] as const)('tells that the quota is used up (%s, %s)', async (mode, storage) => {
    // An origin that has stored nothing yet: the browser looks at the quota only now and then.
    const origin = rig.site.url.replace('127.0.0.1', `${mode}-${storage}.localhost`)
    const page = await rig.tab('', origin)
    const session = await rig.browser.newCDPSession(page)
    // A file takes a megabyte of it with its first byte.
    const quotaSize = storage === 'opfs' ? 4_000_000 : 400_000
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize })
    await page.evaluate(
      async ([mode, storage]) => {
        const options = { mode: mode as 'worker', storage, durability: 'strict' } as const
        const db = await wadi.open('quota', options)
        await db.set('first', '1')
        await db.flush()
        globalThis.db = db
      },
      [mode, storage] as const,
    )
    const told = await page.evaluate(async () => {
      const events: string[] = []
      db.on('quota', ({ name }) => events.push(name))
      const noise = Array.from(crypto.getRandomValues(new Uint8Array(60_000)), String).join()
      const failures: string[] = []
      for (let i = 0; i < 40 && failures.length < 2; i++) {
        try {
          await db.set(`big:${i}`, noise)
          await db.flush()
        } catch (error) {
          failures.push((error as Error).name)
        }
      }
      return { events, failures, first: await db.get('first') }
    })
    expect(told.events).toContain('StorageFullError')
    expect(told.failures.length).toBe(2)
    expect(told.first).toBe('1')
    await session.send('Storage.overrideQuotaForOrigin', { origin })
    const after = await page.evaluate(async () => {
      for (;;) {
        try {
          await db.flush()
          await db.set('last', '1')
          await db.flush()
          break
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
      const answer = await db.get('last')
      await db.close()
      return answer
    })
    await page.close()
    expect(after).toBe('1')
  })

  test('names a damaged record, and opens with what could be saved', async () => {
    const page = await rig.tab()
    const found = await page.evaluate(async () => {
      const first = await wadi.open('damaged', { mode: 'worker', storage: 'indexeddb' })
      await first.set('a', '1')
      await first.flush()
      await first.set('b', '2')
      await first.close()
      const idb = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('wadi:damaged')
        request.addEventListener('success', () => resolve(request.result))
      })
      await new Promise((resolve) => {
        const store = idb.transaction('records', 'readwrite').objectStore('records')
        const request = store.get('log-000000000001')
        request.addEventListener('success', () => {
          const bytes = request.result as Uint8Array
          bytes[60]! ^= 1
          store.put(bytes, 'log-000000000001')
        })
        store.transaction.addEventListener('complete', resolve)
      })
      idb.close()
      const error = (await wadi
        .open('damaged', { mode: 'worker' })
        .catch((error: unknown) => error)) as InstanceType<typeof wadi.StoreDamagedError>
      const isDamage = error instanceof wadi.StoreDamagedError
      const copy = await wadi.open('copy', { mode: 'memory' })
      await copy.import(error.saved)
      const opened = await wadi.open('damaged', { mode: 'worker', recover: true })
      const warnings: string[] = []
      opened.on('warning', ({ code }) => warnings.push(code))
      const left = await opened.mget('a', 'b')
      await opened.close()
      return [isDamage, error.record, copy.mget('a', 'b'), left, warnings]
    })
    await page.close()
    expect(found).toEqual([true, 'log-000000000001', ['1', null], ['1', null], ['damaged']])
  })

  test.each(['indexeddb', 'opfs'] as const)(
    'is listed, and deleted when nobody has it open (%s)',
    async (storage) => {
      const page = await rig.tab()
      const found = await page.evaluate(async (storage) => {
        const name = `listed ${storage}`
        const db = await wadi.open(name, { mode: 'worker', storage })
        await db.set('a', 1)
        const before = (await wadi.listStores()).includes(name)
        const refused = await wadi.deleteStore(name).catch((error: Error) => error.name)
        await db.close()
        await wadi.deleteStore(name)
        return [before, refused, (await wadi.listStores()).includes(name)]
      }, storage)
      await page.close()
      expect(found).toEqual([true, 'StoreInUseError', false])
    },
  )

  test.each(['here', 'worker', 'shared'] as const)(
    'works under a strict Content-Security-Policy (%s)',
    async (mode) => {
      const page = await rig.tab('?strict-csp')
      const found = await page.evaluate(async (mode) => {
        const db = await wadi.open(`csp-${mode}`, { mode: mode as 'worker' })
        await db.set('a', '1')
        const answer = await db.get('a')
        await db.close()
        return answer
      }, mode)
      await page.close()
      expect(found).toBe('1')
    },
  )

  test.each(['here', 'worker', 'shared'] as const)(
    'runs scripts, under a strict policy too (%s)',
    async (mode) => {
      const page = await rig.tab('?strict-csp')
      const found = await page.evaluate(async (mode) => {
        const db = await wadi.open(`lua-${mode}`, { mode: mode as 'worker' })
        await db.set('n', 20)
        const script = "return redis.call('INCRBY', KEYS[1], ARGV[1]) + 1"
        const answers = [
          await db.call('EVAL', script, 1, 'n', 22),
          await db.call('EVAL', script, 1, 'n', 1),
        ]
        await db.close()
        return answers
      }, mode)
      await page.close()
      expect(found).toEqual([43, 44])
    },
  )

  test('encrypts what it keeps, with a Worker of its own', async () => {
    const page = await rig.tab()
    const found = await page.evaluate(async () => {
      const codec = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
        'encrypt',
        'decrypt',
      ])
      const { codecWorker } = globalThis as unknown as { codecWorker(): Worker }
      const storage = 'indexeddb'
      const options = { mode: 'worker', worker: codecWorker, codec, storage } as const
      const db = await wadi.open('secret', options)
      await db.set('a', 'a secret of some length')
      await db.close()
      const refused = await wadi
        .open('secret', { mode: 'worker' })
        .catch((error: Error) => error.message)
      const again = await wadi.open('secret', options)
      const value = await again.get('a')
      await again.close()
      const idb = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('wadi:secret')
        request.addEventListener('success', () => resolve(request.result))
      })
      const records = await new Promise<unknown[]>((resolve) => {
        const request = idb.transaction('records').objectStore('records').getAll()
        request.addEventListener('success', () => resolve(request.result))
      })
      idb.close()
      const kept = records
        .filter((record) => record instanceof Uint8Array)
        .map((bytes) => new TextDecoder('latin1').decode(bytes))
      return [value, refused, kept.length > 1, kept.some((text) => text.includes('secret of'))]
    })
    await page.close()
    expect(found).toEqual([
      'a secret of some length',
      'the store was written with the codec aes-gcm: open it with that codec',
      true,
      false,
    ])
  })

  test('goes out of the browser and in again as an RDB file', async () => {
    const page = await rig.tab()
    const found = await page.evaluate(async () => {
      const db = await wadi.open('export', { mode: 'worker' })
      await db.hset('hash', { a: 1 })
      const file = await db.export()
      const copy = await wadi.open('import', { mode: 'worker' })
      await copy.import(new Blob([file]))
      await copy.close()
      await db.close()
      const again = await wadi.open('import', { mode: 'here' })
      return [new TextDecoder().decode(file.subarray(0, 5)), again.hgetall('hash')]
    })
    await page.close()
    expect(found).toEqual(['REDIS', { a: '1' }])
  })

  test('says what to do when its files are not there', async () => {
    const page = await rig.tab()
    const messages = await page.evaluate(async () => {
      const failure = async (options: object): Promise<string> =>
        wadi.open('nowhere', options).then(
          () => '',
          (error: Error) => error.message,
        )
      return [
        await failure({ mode: 'worker', worker: '/nowhere.js' }),
        await failure({ mode: 'worker', wasm: new URL('/nowhere.wasm', location.href) }),
      ]
    })
    await page.close()
    expect(messages[0]).toContain('open(name, { worker:')
    expect(messages[1]).toContain('open(name, { wasm:')
  })
})

/**
 * Whether IndexedDB still has what was stored there before, by a record of no store of ours; it is there
 * afterwards. Chromium, killed in the middle of a write, now and then drops all that an origin has in IndexedDB
 * (its log says `Creating DB … since it was missing`): what any page had there is gone then.
 */
function keepsCanary(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const canary = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('canary')
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore('records'))
      request.addEventListener('success', () => resolve(request.result))
    })
    const transaction = canary.transaction('records', 'readwrite', { durability: 'strict' })
    const store = transaction.objectStore('records')
    const before = store.get('canary')
    store.put('alive', 'canary')
    await new Promise((resolve) => transaction.addEventListener('complete', resolve))
    canary.close()
    return before.result === 'alive'
  })
}

/** Kills the whole browser at once: it is the one process that has this profile. */
function killBrowser(rig: Rig): void {
  const lines = execFileSync('ps', ['-eo', 'pid=,args=']).toString().split('\n')
  const mine = lines.filter(
    (line) => line.includes(`--user-data-dir=${rig.profile}`) && !line.includes('--type='),
  )
  for (const line of mine) process.kill(Number.parseInt(line, 10), 'SIGKILL')
}
