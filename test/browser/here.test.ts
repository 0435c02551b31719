/** A store in the page's own thread: calls answer at once, and what was written is there after a reload. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

describe.skipIf(noChromium)('a store in the page', () => {
  const rig = new Rig()
  let page: Page
  beforeAll(async () => {
    await rig.open()
    page = await rig.tab()
  })
  afterAll(() => rig.close())

  test('answers at once', async () => {
    const answers = await page.evaluate(async () => {
      const db = await wadi.open('answers', { mode: 'memory' })
      return [db.set('greeting', 'hello'), db.get('greeting'), db.incr('n'), db.persist('n')]
    })
    expect(answers).toEqual(['OK', 'hello', 1, 0])
  })

  test.each(['relaxed', 'strict'] as const)('keeps what was written (%s)', async (durability) => {
    const name = `kept-${durability}`
    await page.evaluate(
      async ([name, durability]) => {
        const db = await wadi.open(name, { mode: 'here', durability })
        for (let i = 0; i < 1000; i++) db.set(`key:${i}`, `value ${i}`)
        db.select(3)
        db.hset('hash', { a: 1, b: 2 })
        await db.flush()
      },
      [name, durability] as const,
    )
    await page.reload()
    const found = await page.evaluate(
      async ([name]) => {
        const db = await wadi.open(name, { mode: 'here' })
        const found = [db.dbsize(), db.get('key:999'), db.select(3), db.hgetall('hash')]
        await db.close()
        return found
      },
      [name] as const,
    )
    expect(found).toEqual([1000, 'value 999', 'OK', { a: '1', b: '2' }])
  })
})
