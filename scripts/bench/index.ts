// npm run bench [-- suite …] [--only words] [--rounds 5] [--scale 1] [--quick] [--write docs/benchmarks.md]
//
// Suites: throughput scripts handover memory embedded pause size durable snapshot loading eviction. `--quick` is a
// fiftieth of the size, in one round. Every figure stands beside that of
// redis-server in the same run, on the same machine; where Wadi is worse the table says so, too.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { durable } from './durable.ts'
import { embedded } from './embedded.ts'
import { eviction } from './eviction.ts'
import { loading } from './loading.ts'
import { memory } from './memory.ts'
import { pause } from './pause.ts'
import { format, type Table, writeSection } from './report.ts'
import { becomeClient, placement, type Server, startRedis, startWadi } from './servers.ts'
import { scriptLoads } from './scripts.ts'
import { snapshot } from './snapshot.ts'
import { handOver, throughput } from './throughput.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    scale: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
})
const only = new RegExp(values.only, 'i')
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))
const scale = Number(values.scale ?? (values.quick ? 0.02 : 1))

const built = (file: string) => path.resolve(import.meta.dirname, '../../dist', file)
const engine = built('wadi.wasm')

function sizeOf(file: string, meaning: string): string[] {
  const wasm = readFileSync(built(file))
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
  const kb = (bytes: number) => (bytes / 1024).toFixed(1)
  return [
    `${file}, ${meaning}`,
    kb(wasm.length),
    kb(gzipSync(wasm, { level: 9 }).length),
    kb(brotliCompressSync(wasm, brotli).length),
  ]
}

const size = (): Table => ({
  head: ['file, KB', 'raw', 'gzip', 'brotli'],
  rows: [
    sizeOf('wadi.wasm', 'the engine'),
    sizeOf('lua.wasm', 'loaded when the first script comes'),
  ],
})

async function withBoth(
  work: (servers: readonly [Server, Server]) => Promise<Table>,
): Promise<Table> {
  const servers = [await startRedis(), await startWadi()] as const
  try {
    return await work(servers)
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

const suites: Record<string, { title: string; run: () => Table | Promise<Table> }> = {
  throughput: {
    title: 'Throughput, 50 connections (ours / Redis)',
    run: () => withBoth((servers) => throughput(servers, only, { rounds, scale })),
  },
  scripts: {
    title: 'Scripts, 50 connections (ours / Redis)',
    run: () => withBoth((servers) => throughput(servers, only, { rounds, scale }, scriptLoads)),
  },
  handover: {
    title: 'A blocked client gets its element (ours / Redis)',
    run: () => withBoth((servers) => handOver(servers, { rounds, scale })),
  },
  memory: { title: 'Memory (ours / Redis)', run: () => memory(only, scale) },
  embedded: { title: 'In the same process', run: () => embedded(scale) },
  pause: { title: 'The longest pause while keys are inserted', run: () => pause(scale) },
  size: { title: 'Size', run: size },
  durable: {
    title: 'Writes that are logged, 50 connections (ours / Redis)',
    run: () => durable(only, { rounds, scale }),
  },
  snapshot: { title: 'While a snapshot is written', run: () => snapshot(scale) },
  loading: {
    title: 'From the start to the first reply (ours / Redis)',
    run: () => loading(scale, Math.min(rounds, 3)),
  },
  eviction: {
    title: 'Hits of a cache with room for a tenth of the keys (ours / Redis)',
    run: () => eviction(only, scale),
  },
}

const redisVersion = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
if (redisVersion.error) {
  console.error('redis-server and redis-benchmark are needed: the figures are ratios to them.')
  process.exit(1)
}
if (!existsSync(engine)) {
  console.error('The server is not built: npm run build')
  process.exit(1)
}
const chosen = positionals.length > 0 ? positionals : Object.keys(suites)
const unknown = chosen.filter((name) => !suites[name])
if (unknown.length > 0) {
  console.error(`No such suite: ${unknown.join(' ')}. There are ${Object.keys(suites).join(' ')}.`)
  process.exit(1)
}

becomeClient()
const version = /v=(\S+)/.exec(redisVersion.stdout)?.[1]
const conditions = `redis-server ${version}, Node ${process.version}, ${os.cpus().length} × ${os.cpus()[0]?.model.trim()}; ${placement}; ${rounds} rounds that alternate, medians.`
console.log(conditions)
for (const name of chosen) {
  const { title, run } = suites[name]!
  const table = format(await run())
  console.log(`\n${title}\n\n${table}`)
  if (values.write) {
    writeSection(values.write, name, `## ${title}\n\n${conditions}\n\n${table}`)
  }
}
process.exit(0)
