/** Lua is fetched when the first script comes, and by nobody else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noChromium } from './support/chromium.ts'
import { Rig } from './support/rig.ts'

describe.skipIf(noChromium)('scripts', () => {
  const rig = new Rig()
  beforeAll(() => rig.open())
  afterAll(() => rig.close())

  test.each(['here', 'worker', 'shared'] as const)('mode %s', async (mode) => {
    const page = await rig.tab()
    const fetched: string[] = []
    page.context().on('request', (request) => fetched.push(new URL(request.url()).pathname))
    const before = await page.evaluate(
      async ([name, mode]) => {
        globalThis.db = await wadi.open(name, { mode: mode as 'shared' })
        return await globalThis.db.call('SET', 'n', '1')
      },
      [`scripts-${mode}`, mode] as const,
    )
    expect(before).toBe('OK')
    expect(fetched.filter((file) => file.endsWith('lua.wasm'))).toEqual([])
    const after = await page.evaluate(async () => {
      const code = "#!lua name=l\nredis.register_function('f', function(k, a) return a[1] end)"
      await globalThis.db.call('FUNCTION', 'LOAD', code)
      return [
        await globalThis.db.call('EVAL', "return redis.call('INCR', KEYS[1])", '1', 'n'),
        await globalThis.db.call('FCALL', 'f', '0', 'x'),
      ]
    })
    expect(after).toEqual([2, 'x'])
  })
})
