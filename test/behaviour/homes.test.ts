/** The behaviour tests, the same files as in Node, in Chromium and in workerd. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Miniflare } from 'miniflare'
import { beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, noChromium } from '../../scripts/chromium.ts'
import { bundleBehaviours } from './bundle.ts'
import { BEHAVIOUR_FILES } from './files.ts'
import type { Outcome } from './here.ts'
import { replayScripts } from './replay.ts'

interface Report {
  readonly outcomes: Record<string, Outcome[]>
  readonly digests: Record<string, string>
}

const TIMEOUT_MS = 240_000

const built = (file: string) => readFileSync(path.resolve(import.meta.dirname, '../../build', file))
const wasm = built('wadi.wasm')
const lua = built('lua.wasm')
let bundle: Promise<string> | undefined
const theBundle = () => (bundle ??= bundleBehaviours())
let here: Record<string, string> | undefined
const digestsHere = () => (here ??= replayScripts())

/** A page whose files come out of this process. */
async function runInChromium(): Promise<Report> {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    const files = new Map<string, { contentType: string; body: string | Buffer }>([
      ['/', { contentType: 'text/html', body: '<!doctype html><title>behaviours</title>' }],
      ['/behaviours.js', { contentType: 'text/javascript', body: await theBundle() }],
      ['/wadi.wasm', { contentType: 'application/wasm', body: wasm }],
      ['/lua.wasm', { contentType: 'application/wasm', body: lua }],
    ])
    await page.route('http://wadi.test/**', (route) => {
      const file = files.get(new URL(route.request().url()).pathname)
      return file ? route.fulfill(file) : route.fulfill({ status: 404 })
    })
    await page.goto('http://wadi.test/')
    return (await page.evaluate(`(async () => {
      const { run } = await import('/behaviours.js')
      const load = (file) => WebAssembly.compileStreaming(fetch(file))
      return run(await load('/wadi.wasm'), await load('/lua.wasm'))
    })()`)) as Report
  } finally {
    await browser.close()
  }
}

const WORKER = `
import wasm from './wadi.wasm'
import lua from './lua.wasm'
import { run } from './behaviours.js'
export default { fetch: async () => Response.json(await run(wasm, lua)) }
`

async function runInWorkerd(): Promise<Report> {
  const worker = new Miniflare({
    cf: false,
    telemetry: { enabled: false },
    compatibilityDate: '2026-07-01',
    modulesRoot: '/',
    modules: [
      { type: 'ESModule', path: '/worker.js', contents: WORKER },
      { type: 'ESModule', path: '/behaviours.js', contents: await theBundle() },
      { type: 'CompiledWasm', path: '/wadi.wasm', contents: wasm },
      { type: 'CompiledWasm', path: '/lua.wasm', contents: lua },
    ],
  })
  try {
    const response = await worker.dispatchFetch('http://wadi.test/')
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as Report
  } finally {
    await worker.dispose()
  }
}

const homes: [name: string, missing: string | undefined, run: () => Promise<Report>][] = [
  ['Chromium', noChromium, runInChromium],
  ['workerd', undefined, runInWorkerd],
]

for (const [name, missing, run] of homes) {
  describe.skipIf(missing)(`in ${name}${missing ? `: ${missing}` : ''}`, () => {
    let report: Report
    beforeAll(async () => {
      report = await run()
    }, TIMEOUT_MS)

    it.each(BEHAVIOUR_FILES)('%s', (file) => {
      const outcomes = report.outcomes[file] ?? []
      expect(outcomes.length).toBeGreaterThan(0)
      expect(outcomes.filter(({ error }) => error)).toEqual([])
    })

    it('every script of test/differential is answered as in Node', { timeout: TIMEOUT_MS }, () => {
      expect(report.digests).toEqual(digestsHere())
    })
  })
}
