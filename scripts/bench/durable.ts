// What writing costs when it is logged: SET without an append-only file, with a flush a second, and with one
// before each reply.

import type { Load } from './loads.ts'
import { ratio, type Table } from './report.ts'
import { type Server, startRedis, startWadi } from './servers.ts'
import { compare, type Options } from './throughput.ts'

const modes: Record<string, string[]> = {
  'no log': [],
  everysec: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  always: ['--appendonly', 'yes', '--appendfsync', 'always'],
}

const loads: Load[] = [1, 16].map((pipeline) => ({
  name: 'SET',
  run: ['-t', 'set'],
  pipeline,
}))

export async function durable(only: RegExp, options: Options): Promise<Table> {
  const rows: string[][] = []
  for (const [mode, args] of Object.entries(modes)) {
    if (!only.test(mode)) continue
    // No rewrite may come in between.
    const all = [...args, '--auto-aof-rewrite-percentage', '0']
    const servers: readonly [Server, Server] = [await startRedis(all), await startWadi(all)]
    try {
      for (const load of loads) {
        process.stderr.write(`${mode} P${load.pipeline}\n`)
        const { cpuUs, rps, p99Ms } = await compare(load, servers, options)
        rows.push([
          mode,
          String(load.pipeline),
          ratio(cpuUs[0] / cpuUs[1]),
          `${cpuUs[0].toFixed(2)} / ${cpuUs[1].toFixed(2)}`,
          ratio(rps[0] / rps[1]),
          `${(rps[0] / 1000).toFixed(1)} / ${(rps[1] / 1000).toFixed(1)}`,
          `${p99Ms[0].toFixed(2)} / ${p99Ms[1].toFixed(2)}`,
        ])
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()))
    }
  }
  return {
    head: [
      'SET, appendfsync',
      'pipeline',
      'CPU ÷ Redis',
      'CPU µs, both',
      'rate ÷ Redis',
      'k/s, both',
      'p99 ms',
    ],
    rows,
  }
}
