/** Stores whose engine runs in a Worker: of this tab, or of another. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

describe.skipIf(noChromium)('a store in a Worker', () => {
  const rig = new Rig()
  let page: Page
  beforeAll(async () => {
    await rig.open()
    page = await rig.tab()
  })
  afterAll(() => rig.close())

  test.each(['worker', 'shared'] as const)('answers with promises (%s)', async (mode) => {
    const answers = await page.evaluate(async (mode) => {
      const db = await wadi.open(`answers-${mode}`, { mode })
      const answers = await Promise.all([
        db.set('greeting', 'hello'),
        db.get('greeting'),
        db.incr('n'),
        db.persist('n'),
        db.lpush('n', 1).catch((error: Error) => error.message),
        Promise.resolve(db.isOwner),
      ])
      await db.close()
      return answers
    }, mode)
    expect(answers).toEqual([
      'OK',
      'hello',
      1,
      0,
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      true,
    ])
  })

  test.each(['relaxed', 'strict'] as const)('keeps what was written (%s)', async (durability) => {
    const name = `kept-${durability}`
    await page.evaluate(
      async ([name, durability]) => {
        const db = await wadi.open(name, { mode: 'worker', durability })
        const writes = []
        for (let i = 0; i < 1000; i++) writes.push(db.set(`key:${i}`, `value ${i}`))
        await Promise.all(writes)
        if (durability === 'relaxed') await db.flush()
      },
      [name, durability] as const,
    )
    await page.reload()
    await page.waitForFunction('globalThis.isReady')
    const found = await page.evaluate(async (name) => {
      const db = await wadi.open(name, { mode: 'worker' })
      const found = [await db.dbsize(), await db.get('key:999')]
      await db.close()
      return found
    }, name)
    expect(found).toEqual([1000, 'value 999'])
  })

  test('has one owner', async () => {
    const error = await page.evaluate(async () => {
      const db = await wadi.open('alone', { mode: 'worker' })
      const error = await wadi.open('alone', { mode: 'worker' }).catch((error: Error) => error)
      const here = await wadi.open('alone', { mode: 'here' }).catch((error: Error) => error)
      await db.close()
      return [(error as Error).name, (here as Error).name]
    })
    expect(error).toEqual(['StoreInUseError', 'StoreInUseError'])
  })

  test.each(['here', 'worker'] as const)(
    'is not shared by a tab that owns it alone (%s)',
    async (mode) => {
      const other = await rig.tab()
      const name = `alone-${mode}`
      await page.evaluate(
        async ([name, mode]) => {
          globalThis.db = await wadi.open(name, { mode: mode as 'worker' })
        },
        [name, mode] as const,
      )
      const refused = await other.evaluate(
        (name) => wadi.open(name).catch((error: Error) => error.name),
        name,
      )
      await page.evaluate(() => db.close())
      const answer = await other.evaluate(async (name) => (await wadi.open(name)).ping(), name)
      await other.close()
      expect([refused, answer]).toEqual(['StoreInUseError', 'PONG'])
    },
  )

  test.each(['relaxed', 'strict'] as const)(
    'answers reads at once from a replica, after writes of any tab (%s)',
    async (durability) => {
      const name = `local-${durability}`
      const other = await rig.tab()
      await page.evaluate(
        async ([name, durability]) => {
          globalThis.db = await wadi.open(name, { durability })
          for (let i = 0; i < 100; i++) void db.set(`early:${i}`, i)
          await db.select(1)
          await db.set('elsewhere', 1)
        },
        [name, durability] as const,
      )
      const found = await other.evaluate(
        async ([name, durability]) => {
          globalThis.db = await wadi.open(name, { durability, reads: 'local' })
          const local = db.local!
          const early = local.dbsize()
          await db.set('own', 'mine')
          const own = local.get('own')
          await db.mset({ a: 1, b: 2 })
          const refused = ((): unknown => {
            try {
              return local.set('x', 1)
            } catch (error) {
              return (error as Error).message.split(' ')[0]!
            }
          })()
          return [early, own, local.mget('a', 'b'), refused]
        },
        [name, durability] as const,
      )
      await page.evaluate(() => db.set('late', 'theirs'))
      const late = await other.evaluate(async () => {
        await db.get('late')
        db.local!.select(1)
        return db.local!.mget('late', 'elsewhere')
      })
      await page.evaluate(() => db.close())
      await other.evaluate(async () => {
        await db.set('after', 'the hand-over')
        db.local!.select(0)
      })
      const after = await other.evaluate(() => db.local!.mget('after', 'own'))
      await other.close()
      expect(found).toEqual([100, 'mine', ['1', '2'], 'NOPERM'])
      expect(late).toEqual(['theirs', '1'])
      expect(after).toEqual(['the hand-over', 'mine'])
    },
  )

  test('is one dataset in two tabs', async () => {
    const other = await rig.tab()
    const first = await page.evaluate(async () => {
      const db = await wadi.open('both')
      Object.assign(globalThis, { db })
      await db.set('from', 'the first')
      return db.isOwner
    })
    const second = await other.evaluate(async () => {
      const db = await wadi.open('both')
      return [db.isOwner, await db.get('from'), await db.rpush('list', 1, 2, 3)]
    })
    const back = await page.evaluate(() => db.lrange('list', 0, -1))
    await other.close()
    expect([first, second, back]).toEqual([true, [false, 'the first', 3], ['1', '2', '3']])
  })
})
