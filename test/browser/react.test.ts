/** Components of React over a store in the page and over one in a Worker. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

declare global {
  var shown: { value: unknown; keys: readonly string[]; draws: number }
}

describe.skipIf(noChromium)('a component', () => {
  const rig = new Rig()
  beforeAll(() => rig.open())
  afterAll(() => rig.close())

  test.each(['here', 'shared'])('is drawn again when what it shows changes (%s)', async (mode) => {
    const page = await rig.tab(`?mode=${mode}`, rig.site.url, 'react')
    const root = page.locator('#root')
    await root.getByText('null').waitFor()
    await page.evaluate(() => db.hset('user:1', { name: 'Ada' }))
    await root.getByText('{"name":"Ada"} user:1').waitFor()
    await page.evaluate(() => db.set('odd[1]*', 'is a key'))
    await root.getByText('odd is a key').waitFor()
    await page.evaluate(() => db.set('user:2', 'x'))
    await root.getByText('user:1,user:2').waitFor()
    const [before, after] = await page.evaluate(async () => {
      const { draws, value } = shown
      await db.hset('user:1', { name: 'Ada' })
      await db.set('someone else', 1)
      await new Promise((resolve) => setTimeout(resolve, 100))
      return [
        [draws, true],
        [shown.draws, shown.value === value],
      ]
    })
    expect(after).toEqual(before)
    await page.evaluate(() => db.flushall())
    await root.getByText('null  odd null').waitFor()
    await page.close()
  })
})
