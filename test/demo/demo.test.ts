// The demo as a visitor uses it, built as it is published.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchProfile, noChromium } from '../../scripts/chromium.ts'
import { root } from '../../scripts/compile.ts'
import { type Served, serve } from '../../scripts/serve.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Manifest {
  name: string
  start_url: string
  display: string
  icons: { src: string }[]
}

let site: Served
let profile: string
let browser: BrowserContext
const complaints: string[] = []

/** Opens a page of the demo in a new tab. */
async function visit(path: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await browser.newPage()
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()))
  await go(page, path)
  return page
}

async function go(page: Page, path: string): Promise<void> {
  await page.goto(`${site.url}#/${path}`)
  await page.getByRole('main').waitFor()
}

const command = (page: Page) => page.getByRole('combobox', { name: 'Command' })

async function run(page: Page, line: string): Promise<void> {
  await command(page).fill(line)
  await command(page).press('Escape')
  await command(page).press('Enter')
}

/** The text of the newest reply, once it is there. */
async function reply(page: Page): Promise<string> {
  const last = page.locator('.entry').last()
  await last.locator('.took').waitFor()
  return last.locator('.reply').innerText()
}

/** Lets axe look at the page as it is now. */
async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
}

const key = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Keys' }).getByRole('link', { name })

describe.skipIf(noChromium)('the demo', () => {
  beforeAll(async () => {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    execFileSync(process.execPath, [vite, 'build', 'web-demo', '--logLevel', 'error'], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production' },
    })
    // As vite's own server answers: with something that caches heed.
    site = await serve(join(root, 'build/web-demo'), { headers: { vary: 'Origin' } })
    profile = mkdtempSync(join(tmpdir(), 'demo-'))
    browser = await launchProfile(profile)
    browser.setDefaultTimeout(10_000)
  })

  afterAll(async () => {
    await browser?.close()
    await site?.stop()
    if (profile) rmSync(profile, { recursive: true, force: true })
  })

  afterEach(async () => {
    await browser.setOffline(false)
    for (const page of browser.pages().slice(1)) await page.close()
    expect(complaints.splice(0)).toEqual([])
  })

  test('shows sample data on the first visit', async () => {
    const page = await visit('data')
    await key(page, 'station:rum').waitFor()
    expect(await page.getByRole('region', { name: 'Keys' }).getByRole('link').count()).toBe(14)
  })

  test.each([
    ['SET lamp "on and off"', 'OK'],
    ['GET lamp', '"on and off"'],
    ['GET nothing', '(nil)'],
    ['APPEND lamp !', '(integer) 11'],
    ['LPUSH lamp x', /^\(error\) WRONGTYPE /],
    ['SET "an open quote', /a quote is open/],
    ['HGETALL station:rum', /1#\s*"temperature" => "31.4"/],
    ['ZSCORE trail:longest "Lawrence spring"', '(double) 36'],
    ['STRLEN greeting', '(integer) 42'],
    ['DEL lamp', '(integer) 1'],
  ])('answers %s in the console', async (line, expected) => {
    const page = await visit('console')
    await run(page, line)
    expect(await reply(page)).toMatch(expected)
  })

  test('completes commands, subcommands and keys, and explains the command that is typed', async () => {
    const page = await visit('console')
    await command(page).pressSequentially('zrang')
    await page.getByRole('option', { name: /^ZRANGE / }).waitFor()
    await command(page).press('Tab')
    await page.getByText('Reads a range of members by rank').first().waitFor()
    await command(page).pressSequentially('trail')
    await page.getByRole('option', { name: /trail:longest/ }).waitFor()
    await command(page).press('Tab')
    expect(await command(page).inputValue()).toBe('ZRANGE trail:longest ')
    await run(page, 'ZRANGE trail:longest 0 -1 WITHSCORES')
    await run(page, 'GET station:rum')
    await command(page).fill('config g')
    await page.getByRole('option', { name: /^GET/ }).waitFor()
    await expectAccessible(page)
  })

  test('completes a key that is one among thousands', async () => {
    const page = await visit('console')
    const each = (call: string) =>
      run(page, `EVAL "for i = 1, 20000 do redis.call(${call}) end return 1" 0`)
    await each("'SET', 'crowd:' .. i, i")
    await run(page, 'SET "the needle" 1')
    await reply(page)
    await command(page).pressSequentially('GET the')
    await page.getByRole('option', { name: /the needle/ }).waitFor()
    await command(page).press('Tab')
    expect(await command(page).inputValue()).toBe('GET "the needle" ')
    await each("'UNLINK', 'crowd:' .. i, 'the needle'")
    await run(page, 'EXISTS crowd:1 crowd:20000 "the needle"')
    expect(await reply(page)).toBe('(integer) 0')
  })

  test('remembers what was entered', async () => {
    const page = await visit('console')
    for (const line of ['PING one', 'PING two']) await run(page, line)
    await command(page).press('ArrowUp')
    await command(page).press('ArrowUp')
    expect(await command(page).inputValue()).toBe('PING one')
    await command(page).press('ArrowDown')
    expect(await command(page).inputValue()).toBe('PING two')
  })

  test('keeps the transaction of a console to itself', async () => {
    const page = await visit('console')
    await run(page, 'MULTI')
    await run(page, 'INCR visits:today')
    expect(await reply(page)).toBe('QUEUED')
    await page.getByText('MULTI ›').waitFor()
    await run(page, 'EXEC')
    expect(await reply(page)).toBe('1)\n(integer) 129')
  })

  test.each(['button', 'key'])('stops a command that waits for ever, with a %s', async (way) => {
    const page = await visit('console')
    await run(page, 'BLPOP nobody:fills 0')
    const stop = page.getByRole('button', { name: 'Stop waiting' })
    await stop.waitFor()
    if (way === 'button') await stop.click()
    else await command(page).press('Control+c')
    expect(await reply(page)).toBe('(error) the connection is closed')
    await run(page, 'PING')
    expect(await reply(page)).toBe('PONG')
  })

  test('opens where nothing may be remembered, and at addresses that nobody would write', async () => {
    const page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'localStorage', {
        get() {
          throw new DOMException('blocked', 'SecurityError')
        },
      })
    })
    await go(page, 'data/100%')
    await page.getByText('There is no key called 100%.').waitFor()
    await go(page, 'console')
    await run(page, 'PING')
    expect(await reply(page)).toBe('PONG')
  })

  describe('the data browser', () => {
    test('finds keys by pattern and type', async () => {
      const page = await visit('data')
      await page.keyboard.press('/')
      await page.keyboard.type('station:*')
      await expect.poll(() => page.locator('.keys .key').count()).toBe(2)
      await page.getByRole('searchbox').fill('')
      await page.getByRole('button', { name: 'zset' }).click()
      await expect.poll(() => page.locator('.keys .key').count()).toBe(2)
      await page.getByRole('searchbox').fill('nothing')
      await page.getByText('No key matches.').waitFor()
    })

    /** How a key of each type is made, what is changed in it, and what the store says afterwards. */
    const types = [
      {
        type: 'string',
        first: { Value: 'one' },
        async change(page: Page) {
          await page.getByRole('textbox', { name: 'Value' }).fill('two')
          await page.getByRole('button', { name: 'Save' }).click()
        },
        check: 'GET made:string',
        says: '"two"',
      },
      {
        type: 'hash',
        first: { Field: 'colour', Value: 'red' },
        async change(page: Page) {
          await page.getByRole('button', { name: 'colour: red' }).click()
          await page.getByRole('textbox', { name: 'colour' }).fill('green')
          await page.keyboard.press('Enter')
        },
        check: 'HGET made:hash colour',
        says: '"green"',
      },
      {
        type: 'list',
        first: { 'First element': 'a' },
        async change(page: Page) {
          await page.getByRole('textbox', { name: 'New element' }).fill('b')
          await page.getByRole('button', { name: 'Push' }).click()
          await page.getByRole('button', { name: 'Element 1: b' }).waitFor()
          await page.getByRole('button', { name: 'Remove 0' }).click()
          await page.getByRole('button', { name: 'Element 0: b' }).waitFor()
        },
        check: 'LINDEX made:list 0',
        says: '"b"',
      },
      {
        type: 'set',
        first: { 'First member': 'a' },
        async change(page: Page) {
          await page.getByRole('textbox', { name: 'New member' }).fill('b')
          await page.getByRole('button', { name: 'Add', exact: true }).click()
        },
        check: 'SCARD made:set',
        says: '(integer) 2',
      },
      {
        type: 'zset',
        first: { Score: '1', Member: 'ada' },
        async change(page: Page) {
          await page.getByRole('button', { name: 'Score of ada: 1' }).click()
          await page.getByRole('textbox', { name: 'Score of ada' }).fill('7.5')
          await page.keyboard.press('Enter')
        },
        check: 'ZSCORE made:zset ada',
        says: '(double) 7.5',
      },
      {
        type: 'stream',
        first: { Field: 'animal', Value: 'ibex' },
        async change(page: Page) {
          await page.getByRole('textbox', { name: 'Field 1' }).fill('animal')
          await page.getByRole('textbox', { name: 'Value 1' }).fill('hare')
          await page.getByRole('button', { name: 'Append entry' }).click()
        },
        check: 'XLEN made:stream',
        says: '(integer) 2',
      },
    ]

    test.each(types)('makes and changes a $type', async ({ type, first, change, check, says }) => {
      const page = await visit('data')
      await page.getByRole('button', { name: 'New key' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name').fill(`made:${type}`)
      await dialog.getByLabel('Type').selectOption(type)
      for (const [label, text] of Object.entries(first)) {
        await dialog.getByLabel(label, { exact: true }).fill(text)
      }
      await dialog.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('heading', { name: `made:${type}` }).waitFor()
      await change(page)
      const console = await visit('console')
      await expect
        .poll(
          async () => {
            await run(console, check)
            return reply(console)
          },
          { timeout: 5000 },
        )
        .toBe(says)
    })

    test('counts with a HyperLogLog, turns bits over, and draws places', async () => {
      const page = await visit('data/visitors:unique')
      await page.getByText('different elements').waitFor()
      await go(page, 'data/days:rain')
      await page.getByRole('button', { name: 'Bit 0', exact: true }).click()
      await page.getByText('13 of 96 bits are set').waitFor()
      await go(page, 'data/places')
      await page.getByRole('img', { name: /A map of .*Petra/ }).waitFor()
    })

    test('gives a field of a hash a time to live, and takes it away again', async () => {
      const page = await visit('data/station:mujib')
      const row = page.getByRole('row', { name: /^wind/ })
      const ask = row.getByRole('button', { name: 'Time to live of wind' })
      for (const [seconds, count] of [
        ['600', 1],
        ['', 0],
      ] as const) {
        await ask.click()
        const dialog = page.getByRole('dialog')
        await dialog.getByLabel(/^Seconds/).fill(seconds)
        await dialog.getByRole('button', { name: 'Set' }).click()
        await expect.poll(() => row.getByText(/^(10 min|9 min \d+ s)$/).count()).toBe(count)
      }
    })

    test('moves a place', async () => {
      const page = await visit('data/places')
      await page.getByRole('button', { name: 'Latitude of Dana: 30.6833' }).click()
      await page.keyboard.type('30.9')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: /^Latitude of Dana: 30\.(9|89)/ }).waitFor()
    })

    test('goes on from where it was after a cell was changed or a row removed by keyboard', async () => {
      const page = await visit('data/station:rum')
      const label = () => page.evaluate<string>('document.activeElement.ariaLabel')
      await page.getByRole('button', { name: 'sky: clear' }).press('Enter')
      await page.keyboard.type('dust')
      await page.keyboard.press('Enter')
      await expect.poll(label).toBe('sky: dust')
      await page.getByRole('button', { name: 'Remove sky' }).press('Enter')
      await expect.poll(label).toBe('Remove temperature')
    })

    test('shows keys that are no text', async () => {
      const console = await visit('console')
      await run(console, String.raw`RPUSH "odd\x00\xff" one two`)
      const page = await visit('data')
      await key(page, String.raw`odd\x00\xff`).click()
      await page.getByRole('button', { name: 'Remove 0' }).click()
      await run(console, String.raw`LRANGE "odd\x00\xff" 0 -1`)
      expect(await reply(console)).toBe('1)\n"two"')
      await run(console, String.raw`RPUSH "later\x00\xff" one`)
      await key(page, String.raw`later\x00\xff`).waitFor()
    })

    test('renames a key, gives it a time to live, and deletes it', async () => {
      const page = await visit('data/made:set')
      await page.getByRole('button', { name: 'Rename' }).click()
      await page.getByLabel('New name').fill('made:renamed')
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('heading', { name: 'made:renamed' }).waitFor()
      await page.getByRole('button', { name: 'for ever' }).click()
      await expectAccessible(page)
      await page.getByLabel(/^Seconds/).fill('3600')
      await page.getByRole('button', { name: 'Set', exact: true }).click()
      await page.getByRole('button', { name: /for (1 h|59 min)/ }).waitFor()
      await page.getByRole('button', { name: 'Delete the key' }).click()
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await key(page, 'made:renamed').waitFor({ state: 'detached' })
    })
  })

  test('shows in one tab what another one writes, as it happens', async () => {
    const [one, two] = [await visit('data/station:mujib'), await visit('console')]
    await one.getByRole('button', { name: 'sky: haze' }).waitFor()
    await run(two, 'HSET station:mujib sky storm')
    await one.getByRole('button', { name: 'sky: storm' }).waitFor()
    await run(two, 'SET fresh:key 1')
    await key(one, 'fresh:key').waitFor()
    await run(two, 'DEL fresh:key')
    await key(one, 'fresh:key').waitFor({ state: 'detached' })
    await one.getByText('Shared by 2 tabs').waitFor()
  })

  test('goes on in the other tab when the first one is closed', async () => {
    const one = await visit('data')
    const two = await visit('data/greeting')
    await one.close()
    await two.getByRole('textbox', { name: 'Value' }).fill('after the first tab')
    await two.getByRole('button', { name: 'Save' }).click()
    await two.getByText('Saved').waitFor()
    await two.reload()
    await expect
      .poll(() => two.getByRole('textbox', { name: 'Value' }).inputValue())
      .toBe('after the first tab')
  })

  test('brings back from an exported file what was removed', async () => {
    const page = await visit('store')
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download dump.rdb' }).click()
    const file = join(profile, 'dump.rdb')
    await (await saved).saveAs(file)
    expect(readFileSync(file, 'latin1').slice(0, 5)).toBe('REDIS')
    const broken = { name: 'broken.rdb', mimeType: '', buffer: Buffer.from('REDIS0011') }
    await page.getByLabel('RDB file').setInputFiles(broken)
    await page.getByText('Nothing was changed: broken.rdb cannot be read.').waitFor()
    await page.getByRole('button', { name: 'Remove all keys' }).click()
    await page.getByRole('button', { name: 'Remove all', exact: true }).click()
    await page.getByText('The store is empty').waitFor()
    await page.getByLabel('RDB file').setInputFiles(file)
    await page.getByText(/^Loaded: the store has \d+ keys now/).waitFor()
    await go(page, 'data')
    await key(page, 'station:rum').waitFor()
  })

  test('draws what the store does', async () => {
    const page = await visit('live')
    await page.getByRole('button', { name: 'Make some traffic' }).click()
    await page.getByRole('rowheader', { name: 'ZINCRBY' }).waitFor()
    expect(await page.locator('.chart canvas').count()).toBe(4)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Stop the traffic' }).click()
    const console = await visit('console')
    await expect
      .poll(async () => {
        await run(console, 'EXISTS traffic:visits')
        return reply(console)
      })
      .toBe('(integer) 0')
  })

  test('measures the stores of this browser', async () => {
    const page = await visit('bench')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('button', { name: 'Run again' }).waitFor({ timeout: 30_000 })
    const rates = await page.locator('.rate').allInnerTexts()
    expect(rates).toHaveLength(12)
    for (const rate of rates) expect(rate).toMatch(/^[\d.,]+( [kM])?\/s$/)
    await expectAccessible(page)
  })

  test('starts without a network, with its data', async () => {
    const page = await visit('data')
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await page.reload()
    await browser.setOffline(true)
    await page.reload()
    await key(page, 'station:rum').waitFor()
    await go(page, 'console')
    await run(page, 'HGET station:rum temperature')
    expect(await reply(page)).toBe('"31.4"')
  })

  test('can be installed', async () => {
    const page = await visit('store')
    const href = await page.locator('link[rel=manifest]').getAttribute('href')
    const url = new URL(href!, site.url)
    const manifest = (await (await fetch(url)).json()) as Manifest
    const { name, start_url, display, icons } = manifest
    const found = await Promise.all(
      icons.map(async ({ src }) => (await fetch(new URL(src, url))).ok),
    )
    expect({ name, start_url, display, found }).toEqual({
      name: 'Wadi, a Redis in this tab',
      start_url: './',
      display: 'standalone',
      found: [true, true, true, true],
    })
  })

  const places = ['console', 'data', 'data/station:rum', 'data/places', 'live', 'bench', 'store']

  test.each(places)('%s is accessible, and fits a phone', async (path) => {
    for (const [theme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      const page = await visit(path, theme)
      await page.setViewportSize({ width, height: 740 })
      await page
        .locator(path === 'console' ? '.prompt' : 'h1, h2')
        .first()
        .waitFor({ state: 'attached' })
      await expectAccessible(page)
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - innerWidth',
      )
      expect(overflow).toBeLessThanOrEqual(0)
    }
  })
})
