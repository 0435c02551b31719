// The packed package in apps that each bundler makes, opened in Chromium. What the root's own vite builds runs
// always; WADI_PACKAGING=all adds vite 6 and 7, webpack and Next, which are installed for it.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { root } from '../../scripts/compile.ts'
import { launchChromium, noChromium } from '../../scripts/chromium.ts'
import { serve } from '../../scripts/serve.ts'
import { answersOf, bundlers, newApp, node, startVite, unpacked } from './workbench.ts'

const all = process.env['WADI_PACKAGING'] === 'all'

const GREETINGS = {
  here: 'hello from here',
  worker: 'hello from worker',
  shared: 'hello from shared',
  memory: 'hello from memory',
  'here, by a script': 15,
  'worker, by a script': 17,
  'shared, by a script': 17,
  'memory, by a script': 17,
}

let packed: string
let browser: Browser

beforeAll(async () => {
  if (noChromium) return
  packed = unpacked()
  browser = await launchChromium()
})

afterAll(async () => {
  if (noChromium) return
  await browser.close()
  rmSync(join(packed, '..'), { recursive: true })
})

function app(parent?: string): string {
  const folder = newApp(packed, parent)
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
const webpacks = all ? ['webpack'] : []
const nexts = all ? ['--turbopack', '--webpack'] : []

describe.skipIf(noChromium).each(vites)('%s', (alias) => {
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

describe.skipIf(noChromium).each(webpacks)('%s', () => {
  test('builds an app that opens stores', async () => {
    const folder = app()
    const webpack = join(bundlers(), 'node_modules/webpack/lib/index.js')
    node(folder, join(import.meta.dirname, 'webpack.mjs'), webpack)
    const page = '<!doctype html><body><script src="./dist/main.js"></script>'
    writeFileSync(join(folder, 'index.html'), page)
    expect(await answersOf(browser, await served(folder))).toEqual(GREETINGS)
  })
})

describe.skipIf(noChromium).each(nexts)('Next', (builder) => {
  test(`builds a page that is rendered without a window, and opens stores (${builder})`, async () => {
    const folder = app(bundlers())
    node(folder, join(bundlers(), 'node_modules/next/dist/bin/next'), 'build', builder)
    expect(await answersOf(browser, await served(join(folder, 'out')))).toEqual(GREETINGS)
  }, 150_000)
})

describe.skipIf(noChromium)('a page without a bundler', () => {
  const IMPORTS = { imports: { 'wadi/browser': './node_modules/wadi/dist/browser/index.js' } }
  const NONCE = 'c29tZXRoaW5nIG9uY2U='
  const map = `<script type="importmap" nonce="${NONCE}">${JSON.stringify(IMPORTS)}</script>`
  const page = `<!doctype html><body>${map}<script type="module" src="./index.js"></script>`
  const POLICY = `default-src 'none'; script-src 'self' 'nonce-${NONCE}' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'`

  function plainApp(text = page): string {
    const folder = app()
    writeFileSync(join(folder, 'index.html'), text)
    return folder
  }

  test('opens stores with an import map, under a strict Content-Security-Policy', async () => {
    const url = await served(plainApp(), { 'content-security-policy': POLICY })
    expect(await answersOf(browser, url)).toEqual(GREETINGS)
  })

  test('is told how to allow WebAssembly where its policy does not', async () => {
    const policy = POLICY.replace(" 'wasm-unsafe-eval'", '')
    const url = await served(plainApp(), { 'content-security-policy': policy })
    await expect(answersOf(browser, url)).rejects.toThrow(
      "the page's Content-Security-Policy must have script-src 'wasm-unsafe-eval'",
    )
  })

  test('is told where the engine should lie when it is not there', async () => {
    const folder = plainApp()
    rmSync(join(folder, 'node_modules/wadi/dist/wadi.wasm'))
    await expect(answersOf(browser, await served(folder))).rejects.toThrow(
      /could not be loaded from .*wadi\.wasm: the server answered 404\. Serve the package's dist\/wadi\.wasm there, or say where it is: open\(name, \{ wasm: /,
    )
  })

  test('is told where the script of the Worker should lie when it is not there', async () => {
    const folder = plainApp()
    rmSync(join(folder, 'node_modules/wadi/dist/browser/worker.js'))
    await expect(answersOf(browser, await served(folder))).rejects.toThrow(
      /the Worker could not be started from .*Serve the package's dist\/browser\/worker\.js there/,
    )
  })

  test('opens stores with files that lie elsewhere', async () => {
    const folder = plainApp()
    const dist = join(folder, 'node_modules/wadi/dist')
    for (const name of ['wadi.wasm', 'lua.wasm', 'browser/worker.js'])
      renameSync(join(dist, name), join(folder, `moved-${name.split('/').at(-1)}`))
    const main = readFileSync(join(folder, 'main.js'), 'utf8')
    const placed = `{
      mode,
      wasm: new URL('/moved-wadi.wasm', location.href),
      lua: '/moved-lua.wasm',
      worker: '/moved-worker.js',
    }`
    writeFileSync(join(folder, 'main.js'), main.replace('{ mode }', placed))
    expect(await answersOf(browser, await served(folder))).toEqual(GREETINGS)
  })
})
