// Throughput and CPU time of each load, in rounds that alternate between the servers.

import { spawn } from 'node:child_process'
import { loads, type Load } from './loads.ts'
import { median, ratio, type Table } from './report.ts'
import { asClient, type Server } from './servers.ts'
import { call, fill, Wire } from './wire.ts'

interface Sample {
  readonly rps: number
  readonly cpuNs: number
  readonly kernelNs: number
  readonly p99Ms: number
}

export interface Options {
  readonly rounds: number
  /** A factor of the number of requests. */
  readonly scale: number
}

const CLIENTS = 50
const HAND_OVERS = 20_000

function requests(load: Load, scale: number): number {
  const usual = load.pipeline === 1 ? 100_000 : load.pipeline >= 64 ? 1_200_000 : 600_000
  return Math.max(1000, Math.round((load.requests ?? usual) * scale))
}

function benchmark(server: Server, load: Load, count: number): Promise<string> {
  const options = [
    '-p',
    String(server.port),
    '-n',
    String(count),
    '-c',
    String(CLIENTS),
    '--csv',
    '-e',
  ]
  options.push('-P', String(load.pipeline), '-d', String(load.valueBytes ?? 3))
  options.push('-r', String(load.keys ?? 100_000))
  const [program, ...args] = asClient(['redis-benchmark', ...options, ...load.run])
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    child.once('error', reject)
    child.once('exit', () => resolve(printed))
  })
}

async function measure(server: Server, load: Load, count: number): Promise<Sample> {
  const [before, kernelBefore] = [server.cpuNs(), server.kernelNs()]
  const printed = await benchmark(server, load, count)
  const cpuNs = (server.cpuNs() - before) / count
  const kernelNs = (server.kernelNs() - kernelBefore) / count
  const line = printed.split('\n').findLast((text) => /^"[^"]*","\d/.test(text))
  const error = /Error from server: (.*)/.exec(printed)?.[1]
  if (!line || error) throw new Error(`${server.name}: ${error ?? printed.slice(0, 200)}`)
  // The first column is the command, which may have commas in it; seven numbers follow.
  const fields = line.split(',').map((field) => Number(field.replaceAll('"', '')))
  return { rps: fields.at(-7), cpuNs, kernelNs, p99Ms: fields.at(-2) }
}

/** Connections that hear everything on the channel; they only read. */
async function subscribe(server: Server, count: number): Promise<() => void> {
  const wires = await Promise.all(Array.from({ length: count }, () => Wire.connect(server.port)))
  await Promise.all(wires.map((wire) => wire.send([['SUBSCRIBE', 'news']])))
  return () => {
    for (const wire of wires) wire.close()
  }
}

async function samples(
  load: Load,
  servers: readonly Server[],
  options: Options,
): Promise<Sample[][]> {
  const taken: Sample[][] = servers.map(() => [])
  const count = requests(load, options.scale)
  const closing: (() => void)[] = []
  for (const server of servers) {
    await call(server.port, ['FLUSHALL'])
    if (load.before && load.before.count !== 'each request') {
      await fill(server.port, load.before.count, load.before.command)
    }
    if (load.subscribers) closing.push(await subscribe(server, load.subscribers))
  }
  // The first round warms up and is not counted.
  for (let round = 0; round <= options.rounds; round++) {
    const order = servers.map((server, i) => [server, i] as const)
    if (round % 2) order.reverse()
    for (const [server, i] of order) {
      const requested = round === 0 ? Math.ceil(count / 4) : count
      if (load.before?.count === 'each request') {
        await call(server.port, ['FLUSHALL'])
        await fill(server.port, requested, load.before.command)
      }
      const sample = await measure(server, load, requested)
      if (round > 0) taken[i]!.push(sample)
    }
  }
  for (const close of closing) close()
  return taken
}

type Pair = readonly [wadi: number, redis: number]

/** One load on both servers, of which redis-server is the first: medians. */
export async function compare(
  load: Load,
  servers: readonly [Server, Server],
  options: Options,
): Promise<Record<'cpuUs' | 'kernelUs' | 'rps' | 'p99Ms', Pair>> {
  const [redis, wadi] = await samples(load, servers, options)
  const middles = (pick: (sample: Sample) => number): Pair => [
    median(wadi!.map(pick)),
    median(redis!.map(pick)),
  ]
  return {
    cpuUs: middles((sample) => sample.cpuNs / 1000),
    kernelUs: middles((sample) => sample.kernelNs / 1000),
    rps: middles((sample) => sample.rps),
    p99Ms: middles((sample) => sample.p99Ms),
  }
}

export async function throughput(
  servers: readonly [Server, Server],
  only: RegExp,
  options: Options,
  chosen: readonly Load[] = loads,
): Promise<Table> {
  const rows: string[][] = []
  const notes: string[] = []
  for (const load of chosen) {
    if (!only.test(load.name)) continue
    process.stderr.write(`${load.name} P${load.pipeline}\n`)
    try {
      const {
        cpuUs: cpu,
        kernelUs: kernel,
        rps,
        p99Ms: p99,
      } = await compare(load, servers, options)
      rows.push([
        load.name,
        String(load.pipeline),
        ratio(cpu[0] / cpu[1]),
        `${cpu[0].toFixed(2)} / ${cpu[1].toFixed(2)}`,
        `${kernel[0].toFixed(2)} / ${kernel[1].toFixed(2)}`,
        ratio(rps[0] / rps[1]),
        `${Math.round(rps[0] / 1000)} / ${Math.round(rps[1] / 1000)}`,
        `${p99[0].toFixed(2)} / ${p99[1].toFixed(2)}`,
      ])
    } catch (error) {
      notes.push(`${load.name} (${String(error).slice(0, 120)})`)
    }
  }
  return {
    head: [
      'command',
      'pipeline',
      'CPU ÷ Redis',
      'CPU µs, both',
      'in the kernel',
      'rate ÷ Redis',
      'k/s, both',
      'p99 ms',
    ],
    rows,
    notes,
  }
}

interface HandOver {
  readonly cpuUs: number
  readonly kernelUs: number
  readonly wallUs: number
}

/** Hands elements from a pusher to a waiting client, one after another: µs for each. */
async function handElements(server: Server, count: number): Promise<HandOver> {
  await call(server.port, ['FLUSHALL'])
  const [waiter, pusher] = [await Wire.connect(server.port), await Wire.connect(server.port)]
  const run = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const popped = waiter.send([['BLPOP', 'queue', 0]])
      await Promise.all([pusher.send([['RPUSH', 'queue', 'x']]), popped])
    }
  }
  await run(count / 4)
  const [cpu, kernel] = [server.cpuNs(), server.kernelNs()]
  const began = performance.now()
  await run(count)
  const taken = {
    cpuUs: (server.cpuNs() - cpu) / 1000 / count,
    kernelUs: (server.kernelNs() - kernel) / 1000 / count,
    wallUs: ((performance.now() - began) * 1000) / count,
  }
  waiter.close()
  pusher.close()
  return taken
}

/** What it takes both servers, of which redis-server is the first, to serve a client that waits. */
export async function handOver(
  servers: readonly [Server, Server],
  { rounds, scale }: Options,
): Promise<Table> {
  const [redis, wadi]: [HandOver[], HandOver[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    redis.push(await handElements(servers[0], Math.round(HAND_OVERS * scale)))
    wadi.push(await handElements(servers[1], Math.round(HAND_OVERS * scale)))
  }
  const middles = (pick: (taken: HandOver) => number): Pair => [
    median(wadi.map(pick)),
    median(redis.map(pick)),
  ]
  const both = ([ours, theirs]: Pair) => `${ours.toFixed(1)} / ${theirs.toFixed(1)}`
  const cpu = middles(({ cpuUs }) => cpuUs)
  const kernel = middles(({ kernelUs }) => kernelUs)
  const wall = middles(({ wallUs }) => wallUs)
  return {
    head: [
      'hand-over',
      'CPU ÷ Redis',
      'CPU µs, both',
      'in the kernel',
      'µs until it is there, both',
    ],
    rows: [['BLPOP served by RPUSH', ratio(cpu[0] / cpu[1]), both(cpu), both(kernel), both(wall)]],
  }
}
