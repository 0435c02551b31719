// node scripts/screenshots.ts [page …]: builds the demo, of the package as it was built last, and takes pictures of
// its pages, wide and narrow, light and dark, in build/screenshots, to be looked at.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { build } from 'vite'
import { root } from './compile.ts'
import { launchChromium } from './chromium.ts'
import { serve } from './serve.ts'

const folder = join(root, 'build/screenshots')

const sizes = {
  wide: { viewport: { width: 1360, height: 860 } },
  narrow: {
    viewport: { width: 390, height: 800 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
}

/** What is done on a page before its picture is taken. */
const scenes: Record<string, (page: Page, base: string) => Promise<void>> = {
  welcome: (page, base) => go(page, base, 'console'),
  console: async (page, base) => {
    await go(page, base, 'console')
    const input = page.getByRole('combobox', { name: 'Command' })
    for (const line of [
      'HGETALL station:rum',
      'ZRANGE trail:longest 0 -1 REV WITHSCORES',
      'GET nothing',
      'LPUSH greeting x',
    ]) {
      await input.fill(line)
      await input.press('Escape')
      await input.press('Enter')
    }
    await input.pressSequentially('SET')
    await page.getByRole('listbox').waitFor()
    await input.press('ArrowDown')
  },
  waiting: async (page, base) => {
    await go(page, base, 'console')
    const input = page.getByRole('combobox', { name: 'Command' })
    await input.fill('BLPOP queue:nobody-fills 0')
    await input.press('Enter')
    await page.getByRole('button', { name: 'Stop waiting' }).waitFor()
  },
  data: (page, base) => go(page, base, 'data'),
  'data-long': async (page, base) => {
    await go(page, base, 'console')
    const input = page.getByRole('combobox', { name: 'Command' })
    const name = `cache:${'https://example.org/a/very/long/path/'.repeat(4)}`
    await input.fill(
      `HSET ${name} ${'header'.repeat(12)} ${'value '.repeat(60).replaceAll(' ', '-')} short 1`,
    )
    await input.press('Escape')
    await input.press('Enter')
    await page.locator('.took').waitFor()
    await go(page, base, `data/${encodeURIComponent(name)}`)
  },
  ...Object.fromEntries(
    [
      'station:rum',
      'station:mujib',
      'queue:permits',
      'places',
      'sightings',
      'days:rain',
      'forecast',
      'visitors:unique',
    ].map((key) => [
      `data-${key.replace(':', '-')}`,
      (page: Page, base: string) => go(page, base, `data/${encodeURIComponent(key)}`),
    ]),
  ),
  'new-key': async (page, base) => {
    await go(page, base, 'data')
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Type').last().selectOption('zset')
  },
  empty: async (page, base) => {
    await go(page, base, 'data')
    await page.getByRole('searchbox').fill('nothing-like-it')
    await page.getByText('No key matches').waitFor()
  },
  live: async (page, base) => {
    await go(page, base, 'live')
    await page.getByRole('button', { name: 'Make some traffic' }).click()
    await page.waitForTimeout(9000)
  },
  bench: async (page, base) => {
    await go(page, base, 'bench')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByRole('button', { name: 'Run again' }).waitFor({ timeout: 60_000 })
  },
  store: (page, base) => go(page, base, 'store'),
}

async function go(page: Page, base: string, path: string): Promise<void> {
  await page.goto(`${base}#/${path}`)
  await page.getByRole('main').waitFor()
  await page.waitForTimeout(350)
}

mkdirSync(folder, { recursive: true })
const wanted = process.argv.slice(2)
await build({ root: join(root, 'web-demo'), logLevel: 'error' })
const site = await serve(join(root, 'build/web-demo'))
const browser = await launchChromium()
for (const [size, options] of Object.entries(sizes)) {
  for (const theme of ['light', 'dark'] as const) {
    for (const [name, scene] of Object.entries(scenes)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue
      const context = await browser.newContext({ ...options, colorScheme: theme })
      const page = await context.newPage()
      page.on('pageerror', (error) => console.error(`${name}: ${error.message}`))
      page.on('console', (said) => {
        if (said.type() === 'error') console.error(`${name}: ${said.text()}`)
      })
      await scene(page, site.url)
      await page.screenshot({ path: join(folder, `${name}-${size}-${theme}.png`) })
      await context.close()
    }
  }
}
await browser.close()
await site.stop()
