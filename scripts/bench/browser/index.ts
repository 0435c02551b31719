// npm run bench:browser [-- --only words] [--rounds 5] [--ms 400] [--write docs/benchmarks.md]
//
// The stores of a browser on one page, in one run: reads, writes that are on disk when they are answered,
// writes that are not, opening, and the download. Rounds go through all of them in turn; medians count.
// `--only` takes those measurements whose names have the words in them: `strict`, `read worker`, `open`, `download`.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import type { BrowserContext, Page } from 'playwright'
import { build } from 'vite'
import { launchProfile } from '../../chromium.ts'
import { serve } from '../../serve.ts'
import { format, median, ratio, type Table, writeSection } from '../report.ts'
import type { bench as Bench } from './page.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '400' },
    write: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const only = new RegExp(values.only, 'i')
const COLD_KEYS = 100_000

declare const bench: typeof Bench

/** Builds an entry as an application would be built. */
async function bundle(entry: string, outDir: string): Promise<void> {
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    base: './',
    worker: { format: 'es' },
    build: {
      outDir,
      assetsInlineLimit: 0,
      target: 'es2022',
      rolldownOptions: { input: join(import.meta.dirname, entry) },
    },
  })
}

async function openTab(browser: BrowserContext, url: string): Promise<Page> {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error.message))
  await page.goto(url)
  await page.waitForFunction('globalThis.bench')
  return page
}

/** Each line of a table: what is measured, what it is compared with, and the ratio that is wanted. */
type Line = [title: string, name: string, peer: string, target?: number]

const tables: Record<string, { title: string; lines: Line[] }> = {
  'browser-reads': {
    title: 'Reads in a browser, 5,000 keys of 100 bytes (÷ idb-keyval)',
    lines: [
      ['idb-keyval', 'read idb-keyval', 'read idb-keyval'],
      ['localForage', 'read localForage', 'read idb-keyval'],
      ['Dexie', 'read Dexie', 'read idb-keyval'],
      ['localStorage', 'read localStorage', 'read idb-keyval'],
      ['Wadi, here', 'read here', 'read idb-keyval', 500],
      ['Wadi, here, values of 11 bytes', 'read here small', 'read idb-keyval', 500],
      ['Wadi, worker, awaited, a key that was read twice', 'read worker', 'read idb-keyval', 4],
      ['Wadi, worker, awaited, the first read of a key', 'read worker first', 'read idb-keyval'],
      ["Wadi, worker, awaited, reads: 'owner'", 'read worker owner', 'read idb-keyval'],
      ['a message to a Worker and one back, no store', 'read messages', 'read idb-keyval'],
      ['Wadi, worker, 64 first reads at once', 'read worker first 64', 'read idb-keyval'],
      ["Wadi, worker, 64 at once, reads: 'owner'", 'read worker owner 64', 'read idb-keyval'],
      ['Wadi, another tab, awaited', 'read shared', 'read idb-keyval', 0.4],
      ['a message to another tab and one back, no store', 'read channel', 'read idb-keyval'],
      ['Wadi, another tab, 64 at once', 'read shared 64', 'read idb-keyval', 20],
    ],
  },
  'browser-durable': {
    title: 'Writes in a browser that are on disk when they are answered (÷ idb-keyval, strict)',
    lines: [
      ['idb-keyval, one at a time', 'strict idb-keyval', 'strict idb-keyval'],
      ['Wadi, worker, one at a time', 'strict worker', 'strict idb-keyval', 0.9],
      ['Wadi, worker, IndexedDB, one at a time', 'strict idb', 'strict idb-keyval'],
      ['Wadi, here, IndexedDB, a flush after each', 'strict here', 'strict idb-keyval'],
      ['idb-keyval, setMany of 1,000', 'strict idb-keyval 1000', 'strict idb-keyval 1000'],
      ['Wadi, worker, 1,000 SETs at once', 'strict worker 1000', 'strict idb-keyval 1000', 20],
      ['Wadi, worker, MSET of 1,000', 'strict worker MSET 1000', 'strict idb-keyval 1000', 20],
      ['Wadi, worker, IndexedDB, 1,000 SETs at once', 'strict idb 1000', 'strict idb-keyval 1000'],
      ['Wadi, worker, IndexedDB, MSET of 1,000', 'strict idb MSET 1000', 'strict idb-keyval 1000'],
      ['Wadi, here, IndexedDB, 1,000 SETs, a flush', 'strict here 1000', 'strict idb-keyval 1000'],
    ],
  },
  'browser-relaxed': {
    title: 'Writes in a browser that may be on disk a moment later (÷ idb-keyval)',
    lines: [
      ['idb-keyval', 'relaxed idb-keyval', 'relaxed idb-keyval'],
      ['localForage', 'relaxed localForage', 'relaxed idb-keyval'],
      ['Dexie', 'relaxed Dexie', 'relaxed idb-keyval'],
      ['localStorage', 'relaxed localStorage', 'relaxed idb-keyval'],
      ['Wadi, here', 'relaxed here', 'relaxed idb-keyval'],
      ['Wadi, worker, awaited', 'relaxed worker', 'relaxed idb-keyval'],
      ['Wadi, another tab, awaited', 'relaxed shared', 'relaxed idb-keyval'],
    ],
  },
}

async function rates(page: Page): Promise<Map<string, number>> {
  const found = new Map<string, number[]>()
  const names = new Set(
    Object.values(tables)
      .flatMap(({ lines }) => lines)
      .flatMap(([, name, peer]) => (only.test(name) ? [name, peer] : [])),
  )
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${name}\n`)
      const rate = await page.evaluate(([name, ms]) => bench.measure(name, ms), [
        name,
        Number(values.ms),
      ] as const)
      found.set(name, [...(found.get(name) ?? []), rate])
    }
  }
  return new Map([...found].map(([name, list]) => [name, median(list)]))
}

function table(lines: Line[], found: Map<string, number>): Table {
  const rows: string[][] = []
  for (const [title, name, peer, target] of lines) {
    const rate = found.get(name)
    const base = found.get(peer)
    if (rate === undefined || base === undefined) continue
    const wanted = target === undefined ? '' : `≥ ${target}`
    rows.push([title, Math.round(rate).toLocaleString('en'), ratio(rate / base), wanted])
  }
  return { head: ['store', 'operations/s', 'ratio', 'wanted'], rows }
}

async function cold(browser: BrowserContext, url: string): Promise<Table> {
  const rows: string[][] = []
  for (const [mode, place] of [
    ['here', 'IndexedDB'],
    ['worker', 'files'],
  ] as const) {
    const first = await openTab(browser, url)
    await first.evaluate(([mode, count]) => bench.fillCold(mode, count), [mode, COLD_KEYS] as const)
    await first.close()
    const times: number[] = []
    for (let i = 0; i < Math.max(5, rounds); i++) {
      const page = await openTab(browser, url)
      times.push(await page.evaluate((mode) => bench.openCold(mode), mode))
      await page.close()
    }
    const what = `${COLD_KEYS.toLocaleString('en')} small keys, ${mode} (${place})`
    rows.push([what, median(times).toFixed(0), Math.min(...times).toFixed(0), '≤ 100'])
  }
  return { head: ['opening a store', 'ms, median', 'ms, best', 'wanted'], rows }
}

async function download(folder: string): Promise<Table> {
  await bundle('minimal.ts', folder)
  const assets = join(folder, 'assets')
  const rows: string[][] = []
  let sum = 0
  for (const name of readdirSync(assets).sort()) {
    // Fetched when the first script comes.
    if (name.startsWith('lua')) continue
    const raw = readFileSync(join(assets, name))
    const size = brotliCompressSync(raw).length
    sum += size
    const what =
      { '.wasm': 'the engine' }[extname(name)] ?? (/worker/.test(name) ? 'the Worker' : 'the page')
    rows.push([what, (raw.length / 1024).toFixed(1), (size / 1024).toFixed(1), ''])
  }
  rows.push(['all', '', (sum / 1024).toFixed(1), '≤ 220'])
  return { head: ['download, KB', 'raw', 'brotli', 'wanted'], rows }
}

const folder = mkdtempSync(join(os.tmpdir(), 'bench-browser-'))
await bundle('page.html', join(folder, 'site'))
const site = await serve(join(folder, 'site'))
const browser = await launchProfile(join(folder, 'profile'))
const url = `${site.url}page.html`
const version = browser.browser()?.version() ?? ''
const conditions = `Chromium ${version}, headless, ${os.cpus().length} × ${os.cpus()[0]?.model.trim()}; ${rounds} rounds, medians.`
console.log(conditions)

function report(name: string, title: string, result: Table): void {
  const text = format(result)
  console.log(`\n${title}\n\n${text}`)
  if (values.write) writeSection(values.write, name, `## ${title}\n\n${conditions}\n\n${text}`)
}

try {
  const owner = await openTab(browser, url)
  if (!(await owner.evaluate(() => bench.own()))) throw new Error('the first tab owns no store')
  const page = await openTab(browser, url)
  const found = await rates(page)
  for (const [name, { title, lines }] of Object.entries(tables)) {
    const result = table(lines, found)
    if (result.rows.length) report(name, title, result)
  }
  await page.close()
  await owner.close()
  if (only.test('open'))
    report('browser-open', 'Opening a store that lies on disk', await cold(browser, url))
  if (only.test('download'))
    report('browser-download', 'What a page downloads', await download(join(folder, 'minimal')))
} finally {
  await browser.close()
  await site.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(0)
