// The packed package in apps that each bundler makes, opened in Chromium. What the root's own vite builds runs
// always; WADI_PACKAGING=all adds vite 6 and 7, webpack and Next, which are installed for it.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { root } from '../../scripts/compile.ts'
import { launchChromium } from '../../scripts/demo/chromium.ts'
import { serve } from '../../scripts/demo/serve.ts'
import { answersOf, bundlers, newApp, node, startVite, unpacked } from './workbench.ts'

const all = process.env['WADI_PACKAGING'] === 'all'

const GREETINGS = {
  here: 'hello from here',
  worker: 'hello from worker',
  shared: 'hello from shared',
  memory: 'hello from memory',
}

let packed: string
let browser: Browser

beforeAll(async () => {
  packed = unpacked()
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  rmSync(join(packed, '..'), { recursive: true })
})

function app(): string {
  const folder = newApp(packed)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function served(folder: string, headers?: Record<string, string>): Promise<string> {
  const site = await serve(folder, headers && { headers })
  onTestFinished(() => site.stop())
  return site.url
}

/** vite's command line, of the version that an alias names. */
const viteCli = (alias: string) =>
  alias === 'vite'
    ? join(root, 'node_modules/vite/bin/vite.js')
    : join(bundlers(), `node_modules/${alias}/bin/vite.js`)

const vites = all ? ['vite', 'vite6', 'vite7'] : ['vite']

describe.each(vites)('%s', (alias) => {
  test('builds an app that opens stores', async () => {
    const folder = app()
    node(folder, viteCli(alias), 'build', '--logLevel', 'error')
    expect(await answersOf(browser, await served(join(folder, 'dist')))).toEqual(GREETINGS)
  })

  test('serves an app that opens stores while it is developed', async () => {
    const server = await startVite(viteCli(alias), app())
    onTestFinished(server.stop)
    expect(await answersOf(browser, server.url)).toEqual(GREETINGS)
  })
})
