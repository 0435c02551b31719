/** What a page may meet at the edges: plain http, a sandbox, broken files, stores that are closed, wrong options. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OpenOptions } from '../../host/browser/index.ts'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

describe.skipIf(noChromium)('at the edges', () => {
  const rig = new Rig()
  let page: Page
  beforeAll(async () => {
    await rig.open()
    page = await rig.tab()
  })
  afterAll(() => rig.close())

  test.each(['shared', 'worker', 'here'] as const)(
    'a page served by plain http has a store in memory, and a warning (%s)',
    async (mode) => {
      const plain = await rig.tab('', rig.site.url.replace('127.0.0.1', 'plain.test'))
      const found = await plain.evaluate(async (mode) => {
        const db = await wadi.open('plain', { mode: mode as 'shared' })
        const warnings: string[] = []
        db.on('warning', ({ code }) => warnings.push(code))
        await db.set('a', 1)
        return [globalThis.isSecureContext, await db.get('a'), warnings]
      }, mode)
      await plain.close()
      expect(found).toEqual([false, '1', ['no-locks']])
    },
  )

  test('a replica of a store that is kept nowhere follows it', async () => {
    const plain = await rig.tab('', rig.site.url.replace('127.0.0.1', 'plain.test'))
    const found = await plain.evaluate(async () => {
      const db = await wadi.open('plain-replica', { reads: 'local' })
      await db.set('a', 1)
      await db.hset('h', { field: 'value' })
      return [db.local.get('a'), db.local.hgetall('h')]
    })
    await plain.close()
    expect(found).toEqual(['1', { field: 'value' }])
  })

  test('a page in a sandbox has a store in memory, and a warning', async () => {
    const boxed = await rig.tab('?sandbox')
    const found = await boxed.evaluate(async () => {
      const db = await wadi.open('boxed', { mode: 'here' })
      const warnings: string[] = []
      db.on('warning', ({ code }) => warnings.push(code))
      return [db.set('a', 1), db.get('a'), warnings, await wadi.listStores()]
    })
    await boxed.close()
    expect(found).toEqual(['OK', '1', ['no-locks'], []])
  })

  test.each(['shared', 'worker', 'here'] as const)(
    'a page whose storage is blocked, in a frame of another site, has a store in memory (%s)',
    async (mode) => {
      const host = await rig.tab()
      const framed = rig.site.url.replace('127.0.0.1', 'localhost')
      await host.setContent(`<iframe src="${framed}/store.html"></iframe>`)
      const frame = host.frames().find((each) => each.url().startsWith(framed))!
      await frame.waitForFunction('globalThis.isReady')
      const found = await frame.evaluate(async (mode) => {
        const db = await wadi.open('framed', { mode: mode as 'shared' })
        const warnings: string[] = []
        db.on('warning', ({ code }) => warnings.push(code))
        await db.set('a', 1)
        return [await db.get('a'), warnings.length]
      }, mode)
      await host.close()
      expect(found).toEqual(['1', 1])
    },
  )

  test.each(['memory', 'here', 'worker', 'shared'] as const)(
    'a file that is broken, or none at all, changes nothing (%s)',
    async (mode) => {
      const found = await page.evaluate(async (mode) => {
        const db = await wadi.open(`broken-${mode}`, { mode: mode as 'shared' })
        await db.set('a', 'precious')
        const file = await db.export()
        const wrong = file.map((byte, i) => (i === file.length - 3 ? byte ^ 1 : byte))
        const errors: string[] = []
        for (const each of [new Uint8Array([1, 2, 3]), file.slice(0, -20), wrong])
          await db.import(each).catch((error: Error) => errors.push(error.name))
        const left = await db.get('a')
        await db.close()
        return [errors, left]
      }, mode)
      expect(found).toEqual([['RdbError', 'RdbError', 'RdbError'], 'precious'])
    },
  )

  test('what is imported is in every replica too', async () => {
    const other = await rig.tab()
    const file = await page.evaluate(async () => {
      const source = await wadi.open('source', { mode: 'memory' })
      source.set('imported', 'yes')
      globalThis.db = await wadi.open('import-replica')
      await db.set('before', 1)
      return [...(await source.export())]
    })
    const own = await other.evaluate(async (file) => {
      globalThis.db = await wadi.open('import-replica', { reads: 'local' })
      await db.import(Uint8Array.from(file))
      return db.local!.mget('imported', 'before')
    }, file)
    await page.evaluate(async () => {
      await db.set('after', 1)
      await db.import(await db.export())
      await db.close()
    })
    await other.waitForFunction(() => db.local!.get('after') === '1')
    await other.close()
    expect(own).toEqual(['yes', null])
  })

  test.each(['memory', 'here', 'worker', 'shared'] as const)(
    'a store that is closed says so, whatever is asked (%s)',
    async (mode) => {
      const names = await page.evaluate(async (mode) => {
        const db = await wadi.open(`closed-${mode}`, { mode: mode as 'shared' })
        await db.close()
        const asked = [
          () => db.get('a'),
          () => db.call('EVAL', 'return 1', 0),
          () => db.flush(),
          () => db.export(),
          () => db.import(new Uint8Array(1)),
          () => db.estimate(),
          () => db.subscribe('news', () => undefined),
          () => db.connect().call('PING'),
        ]
        const names: string[] = []
        for (const ask of asked) {
          try {
            await ask()
            names.push('answered')
          } catch (error) {
            names.push((error as Error).name)
          }
        }
        await db.close()
        return names
      }, mode)
      expect(names).toEqual(Array.from({ length: 8 }, () => 'StoreClosedError'))
    },
  )

  test('commands that would take the answers of others away are refused, or end their connection', async () => {
    const found = await page.evaluate(async () => {
      const db = await wadi.open('silent')
      const refused = await db
        .call('CLIENT', 'REPLY', 'SKIP')
        .catch((error: Error) => error.message)
      const line = db.connect()
      const [, after] = await Promise.allSettled([line.call('QUIT'), line.call('SET', 'a', 1)])
      const again = await line.call('PING')
      await db.close()
      return [refused, after.status === 'rejected' && (after.reason as Error).name, again]
    })
    expect(found[0]).toContain('without their answers')
    expect(found.slice(1)).toEqual(['Error', 'PONG'])
  })

  test.each(['here', 'worker', 'shared'] as const)(
    'a watch hears of the very next write (%s)',
    async (mode) => {
      const heard = await page.evaluate(async (mode) => {
        const db = await wadi.open(`watch-${mode}`, { mode: mode as 'shared' })
        await db.del('key', 'user:1')
        const heard: (string | null)[] = []
        // What was called in the same turn leaves together with the writes behind it.
        void db.get('other')
        db.watch('key', (key) => heard.push(key))
        db.watch('user:*', (key) => heard.push(key))
        await Promise.all([db.set('key', 1), db.set('user:1', 1)])
        for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0))
        await db.ping()
        await db.close()
        return heard
      }, mode)
      expect(heard).toEqual(['key', 'user:1'])
    },
  )

  test.each([
    [undefined, 3],
    ['owner', 5],
  ] as const)(
    'five reads of a key in a Worker (reads: %s) are %i reads of the engine',
    async (reads, hits) => {
      const counted = await page.evaluate(async (reads) => {
        const db = await wadi.open('hits', { mode: 'worker', ...(reads && { reads }) })
        await db.set('key', 1)
        for (let i = 0; i < 5; i++) await db.get('key')
        const info = await db.info('stats')
        await db.close()
        return Number(/keyspace_hits:(\d+)/.exec(info)![1])
      }, reads)
      expect(counted).toBe(hits)
    },
  )

  const codec = { name: 'none', encode: 'function' }
  test.each([
    [{ mode: 'shard' }, 'mode is one of shared, worker, here, memory, and not shard'],
    [{ durabillity: 'strict' }, 'open() has no option durabillity'],
    [{ durability: 'strong' }, 'durability is one of relaxed, strict, and not strong'],
    [{ reads: 'here' }, 'reads is one of owner, local, cached, and not here'],
    [{ reads: 'cached' }, "reads 'cached' is for mode 'worker'"],
    [{ storage: 'sql' }, 'storage is auto, indexeddb, opfs or an object, and not sql'],
    [{ storage: {} }, 'serve({ storage })'],
    [{ mode: 'here', reads: 'local' }, "with mode 'here' all reads are"],
    [{ codec }, 'serve({ codec })'],
    [{ mode: 'here', codec: 'password' }, 'an object with name, encode and decode'],
  ])('an option that cannot be is told: %j', async (options, message) => {
    const told = await page.evaluate(async (given) => {
      const options = given as { codec?: { encode?: unknown } }
      if (options.codec?.encode === 'function') options.codec.encode = () => undefined
      return wadi.open('options', options as OpenOptions).then(String, String)
    }, options)
    expect(told).toContain('TypeError: ')
    expect(told).toContain(message)
  })

  test('a store has a name', async () => {
    const told = await page.evaluate(() => wadi.open('').catch(String))
    expect(told).toBe('TypeError: open(name) needs a name for the store')
  })
})
