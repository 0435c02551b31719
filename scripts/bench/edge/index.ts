// npm run bench:edge: the edge store beside a bare Durable Object that stores the same values with
// `ctx.storage.put`, both in one workerd, in alternated rounds; ratios, not absolute rates, are what counts. The client
// shares the cores with workerd: the CPU time that workerd takes is the steadier measure.
//
//   npm run bench:edge [-- --seconds 2 --rounds 3 --only 'GET' --write docs/benchmarks.md]

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { encodeCommand } from '../../../host/core/encode.ts'
import { bundleWorker } from '../../edge/bundle.ts'
import { startLocal, urlOf } from '../../edge/local.ts'
import { childrenNamed } from '../cpu.ts'
import { format, median, ratio, writeSection } from '../report.ts'
import { type Load, type Measured, overHttp, overWebSocket } from './loads.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    /** The rows whose names match, and nothing but them. */
    only: { type: 'string' },
    write: { type: 'string' },
  },
})
const MS = Number(options.seconds) * 1000
const ROUNDS = Number(options.rounds)
const TOKEN = 'bench'
/** Another one each time: storage that sees the same value again has nothing to write. */
let stored = 0
const value = (): string => String(stored++).padStart(100, 'v')
const KEYS = 1000
const PIPELINE = 16
const WAKE_MB = 50

const headers = { authorization: `Bearer ${TOKEN}` }
const folder = mkdtempSync(path.join(tmpdir(), 'wadi-bench-edge-'))

const start = () =>
  startLocal({
    entry: 'scripts/bench/edge/workers/bench.ts',
    className: 'TimedObject',
    objects: { BARE: 'BareObject' },
    bindings: { WADI_TOKEN: TOKEN, WADI_MAXMEMORY: '200mb' },
    persistTo: folder,
  })

interface Row {
  name: string
  wadi: (load: Load) => Promise<Measured>
  bare: (load: Load) => Promise<Measured>
  inFlight: number
}

let local = await start()
let url = `${await urlOf(local)}/`
const server = childrenNamed('workerd')[0]!
const socketUrl = url.replace('http', 'ws')
const key = (n: number): string => `key:${n % KEYS}`
const set = (n: number): Buffer => Buffer.from(encodeCommand(['SET', key(n), value()]))
const get = (n: number): Buffer => Buffer.from(encodeCommand(['GET', key(n)]))
const pipeline = (n: number): Buffer =>
  Buffer.concat(Array.from({ length: PIPELINE }, (_, i) => set(n * PIPELINE + i)))

const OK_BYTES = '+OK\r\n'.length
const VALUE_BYTES = `$100\r\n${value()}\r\n`.length

const overSocket = (frame: (n: number) => Buffer, replyBytes: number) => (load: Load) =>
  overWebSocket(`${socketUrl}ws`, headers, load, frame, replyBytes)
const bareSocket = (frame: (n: number) => string) => (load: Load) =>
  overWebSocket(`${socketUrl}bare`, {}, load, frame)
const overRest = (route: string, body: (n: number) => unknown) => (load: Load) =>
  overHttp(url + route, headers, load, (n) => JSON.stringify(body(n)))
const bareRest = (body: (n: number) => unknown) => (load: Load) =>
  overHttp(`${url}bare`, headers, load, (n) => JSON.stringify(body(n)))

const bareSet = (n: number): string => `${key(n)} ${value()}`
const setCommand = (n: number) => ['SET', key(n), value()]
const getCommand = (n: number) => ['GET', key(n)]
const restPipeline = (n: number) =>
  Array.from({ length: PIPELINE }, (_, i) => ['SET', key(n * PIPELINE + i), value()])
const times =
  (factor: number, run: (load: Load) => Promise<Measured>) =>
  async (load: Load): Promise<Measured> => {
    const { rate, cpuUs } = await run(load)
    return { rate: rate * factor, cpuUs: cpuUs / factor }
  }

const all: Row[] = [
  {
    name: 'WebSocket SET, alone',
    wadi: overSocket(set, OK_BYTES),
    bare: bareSocket(bareSet),
    inFlight: 1,
  },
  {
    name: 'WebSocket GET, alone',
    wadi: overSocket(get, VALUE_BYTES),
    bare: bareSocket(key),
    inFlight: 1,
  },
  {
    name: 'WebSocket SET, 64 in flight',
    wadi: overSocket(set, OK_BYTES),
    bare: bareSocket(bareSet),
    inFlight: 64,
  },
  {
    name: 'WebSocket GET, 64 in flight',
    wadi: overSocket(get, VALUE_BYTES),
    bare: bareSocket(key),
    inFlight: 64,
  },
  {
    name: `WebSocket SET, ${PIPELINE} a frame, 64 frames in flight`,
    wadi: times(PIPELINE, overSocket(pipeline, PIPELINE * OK_BYTES)),
    bare: bareSocket(bareSet),
    inFlight: 64,
  },
  {
    name: 'REST SET, alone',
    wadi: overRest('', setCommand),
    bare: bareRest(setCommand),
    inFlight: 1,
  },
  {
    name: 'REST GET, alone',
    wadi: overRest('', getCommand),
    bare: bareRest(getCommand),
    inFlight: 1,
  },
  {
    name: 'REST SET, 64 in flight',
    wadi: overRest('', setCommand),
    bare: bareRest(setCommand),
    inFlight: 64,
  },
  {
    name: 'REST GET, 64 in flight',
    wadi: overRest('', getCommand),
    bare: bareRest(getCommand),
    inFlight: 64,
  },
  {
    name: 'REST GET, 64 in flight, beside plain text without a token',
    wadi: overRest('', getCommand),
    bare: (load) => overHttp(`${url}plain`, {}, load, key),
    inFlight: 64,
  },
  {
    name: `REST pipeline of ${PIPELINE}, 64 in flight`,
    wadi: times(PIPELINE, overRest('pipeline', restPipeline)),
    bare: bareRest(setCommand),
    inFlight: 64,
  },
]

const only = new RegExp(options.only ?? '')
const rows = all.filter(({ name }) => only.test(name))

const thousands = (rate: number): string => `${(rate / 1000).toFixed(1)} k/s`
const remarks: string[] = []

try {
  await prepare()
  const cells: string[][] = []
  for (const { name, wadi, bare, inFlight } of rows) {
    const both: [Measured[], Measured[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      both[0].push(await wadi({ inFlight, ms: MS, server }))
      both[1].push(await bare({ inFlight, ms: MS, server }))
    }
    const [a, b] = both.map((each) => median(each.map(({ rate }) => rate))) as [number, number]
    const cpu = both.map((each) => median(each.map(({ cpuUs }) => cpuUs)))
    cells.push([
      name,
      ratio(a / b),
      thousands(a),
      thousands(b),
      ratio(cpu[0]! / cpu[1]!),
      cpu.map((us) => us.toFixed(us < 10 ? 1 : 0)).join(' / '),
    ])
    process.stderr.write(`${cells.at(-1)?.join('  ')}\n`)
  }
  if (!options.only) {
    await rowsWritten()
    await waking()
    await bundleSize()
  }
  const head = [
    'commands a second',
    'Wadi ÷ bare',
    'Wadi',
    'bare object',
    'CPU ÷ bare',
    'CPU µs of workerd, both',
  ]
  const table = format({ head, rows: cells, remarks })
  console.log(table)
  if (options.write) {
    const how = `workerd in this machine, state in a folder; values of 100 bytes, no two alike; ${ROUNDS} rounds of ${options.seconds} s that alternate, medians.`
    writeSection(
      options.write,
      'edge',
      `## The edge store beside a bare Durable Object\n\n${how}\n\n${table}`,
    )
  }
} finally {
  await local.dispose()
  rmSync(folder, { recursive: true, force: true })
}

/** All keys are there, and what is measured has run before. */
async function prepare(): Promise<void> {
  await call('MSET', ...Array.from({ length: KEYS }, (_, n) => [key(n), value()]).flat())
  for (const { wadi, bare } of rows)
    for (const run of [wadi, bare]) await run({ inFlight: 16, ms: MS / 4, server })
}

async function call(...command: unknown[]): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(command) })
  return ((await response.json()) as { result: unknown }).result
}

async function written(): Promise<number> {
  return Number(/edge_log_rows_written:(\d+)/.exec(String(await call('INFO', 'persistence')))?.[1])
}

/** Rows of SQLite that a command costs, without those that a snapshot takes away later. */
async function rowsWritten(): Promise<void> {
  for (const [name, frame, factor, inFlight] of [
    ['SET, one a frame, alone', set, 1, 1],
    ['SET, one a frame, 64 in flight', set, 1, 64],
    [`SET, ${PIPELINE} a frame, alone`, pipeline, PIPELINE, 1],
  ] as const) {
    await call('SAVE')
    const before = await written()
    let count = 0
    await overWebSocket(
      `${socketUrl}ws`,
      headers,
      { inFlight, ms: 300, server },
      (n) => (count++, frame(n)),
      factor * OK_BYTES,
    )
    const rate = ((await written()) - before) / (count * factor)
    remarks.push(`Rows written a command, ${name}: ${rate.toFixed(3)}.`)
  }
}

async function waking(): Promise<void> {
  await call('FLUSHALL')
  for (let n = 0; n < WAKE_MB * 1000; n += 500) {
    const body = Array.from({ length: 500 }, (_, i) => [
      'SET',
      `fill:${n + i}`,
      randomBytes(750).toString('base64'), // which does not become smaller in a snapshot
    ])
    await fetch(`${url}pipeline`, { method: 'POST', headers, body: JSON.stringify(body) })
  }
  await call('SAVE')
  await local.dispose()
  local = await start()
  url = `${await urlOf(local)}/`
  const { wokeMs, readMs, bytes } = (await (await fetch(`${url}waking`)).json()) as Record<
    string,
    number
  >
  const mb = (bytes! / 1e6).toFixed(0)
  remarks.push(
    `Waking from ${mb} MB: ${wokeMs!.toFixed(0)} ms, of which reading takes ${readMs!.toFixed(0)} ms.`,
  )
}

async function bundleSize(): Promise<void> {
  const modules = await bundleWorker('edge/worker.ts', { minify: true })
  const sizes = modules.map(({ contents }) => gzipSync(contents).length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const parts = modules.map(({ path: name }, i) => `${name} ${(sizes[i]! / 1024).toFixed(0)}`)
  remarks.push(`Worker bundle: ${(total / 1024).toFixed(0)} KB gzip (${parts.join(', ')}).`)
}
