// How long a server takes from its start until it answers, with a file of a gigabyte: as commands, and as RDB.

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { median, ratio, type Table } from './report.ts'
import { type Server, startRedis, startWadi } from './servers.ts'
import { call, type Command, encode } from './wire.ts'

const GIGABYTE = 1 << 30
const AOF = ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0']

/** 100 bytes that do not compress. */
function noise(): string {
  let text = ''
  while (text.length < 100) text += Math.random().toString(36).slice(2)
  return text.slice(0, 100)
}

const pool = Array.from({ length: 4096 }, noise)

/** Some of each type, most of it strings. */
function* dataset(): Generator<Command> {
  for (let i = 0; ; i++) {
    for (let n = 0; n < 40; n++) yield ['SET', `key:${i}:${n}`, pool[(i * 40 + n) & 4095]!]
    yield ['SET', `session:${i}`, pool[i & 4095]!, 'PXAT', 4e12]
    const fields: Command = Array.from({ length: 10 }, (_, n) => [
      `field:${n}`,
      pool[(i + n) & 4095]!.slice(0, 20),
    ]).flat()
    yield ['HSET', `user:${i}`, ...fields]
    for (let n = 0; n < 10; n++) yield ['RPUSH', `queue:${i >> 5}`, pool[(i + n) & 4095]!]
    for (let n = 0; n < 5; n++) yield ['ZADD', `board:${i >> 8}`, i * 5 + n, `player:${i}:${n}`]
    for (let n = 0; n < 5; n++) yield ['SADD', `tags:${i >> 8}`, `tag:${i}:${n}`]
    yield ['XADD', `log:${i >> 8}`, `${i + 1}-0`, 'event', pool[i & 4095]!.slice(0, 30)]
  }
}

/** Writes an append-only file as a server would leave it. */
function writeAof(dir: string, bytes: number): void {
  const folder = path.join(dir, 'appendonlydir')
  mkdirSync(folder)
  const write = (name: string, fill: (fd: number) => void) => {
    const fd = openSync(path.join(folder, name), 'w')
    fill(fd)
    closeSync(fd)
  }
  write('appendonly.aof.manifest', (fd) =>
    writeSync(fd, 'file appendonly.aof.1.incr.aof seq 1 type i\n'),
  )
  write('appendonly.aof.1.incr.aof', (fd) => {
    let written = 0
    let piece = encode(['SELECT', 0])
    for (const command of dataset()) {
      piece += encode(command)
      if (piece.length < 1 << 20) continue
      written += writeSync(fd, piece)
      piece = ''
      if (written >= bytes) break
    }
  })
}

interface Sample {
  seconds: number
  cpuSeconds: number
}

async function start(startServer: () => Promise<Server>): Promise<Sample & { keys: string }> {
  const began = performance.now()
  const server = await startServer()
  try {
    const seconds = (performance.now() - began) / 1000
    const cpuSeconds = server.cpuNs() / 1e9
    return { seconds, cpuSeconds, keys: (await call(server.port, ['DBSIZE'])).trim() }
  } finally {
    await server.stop()
  }
}

export async function loading(scale: number, rounds: number): Promise<Table> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'bench-loading-'))
  try {
    process.stderr.write('writing the files\n')
    // An RDB of this dataset is smaller than its commands: both are to be of about a gigabyte.
    writeAof(dir, GIGABYTE * scale * 1.5)
    const saver = await startRedis(AOF, { dir })
    await call(saver.port, ['SAVE'])
    await saver.stop()
    const rows: string[][] = []
    const files: [string, string, string[]][] = [
      ['RDB', 'dump.rdb', []],
      ['AOF', 'appendonlydir/appendonly.aof.1.incr.aof', AOF],
    ]
    for (const [name, file, args] of files) {
      const both: [Sample[], Sample[]] = [[], []]
      const counts = new Set<string>()
      for (let round = 0; round < rounds; round++) {
        for (const [i, which] of [startWadi, startRedis].entries()) {
          process.stderr.write(`${name}, ${i ? 'redis' : 'wadi'}\n`)
          const { keys, ...sample } = await start(() => which(args, { dir }))
          both[i]!.push(sample)
          counts.add(keys)
        }
      }
      if (counts.size !== 1) throw new Error(`not the same dataset: ${[...counts].join(' ')}`)
      const seconds = both.map((all) => median(all.map((sample) => sample.seconds)))
      const cpu = both.map((all) => median(all.map((sample) => sample.cpuSeconds)))
      rows.push([
        `${name} of ${(statSync(path.join(dir, file)).size / 1e9).toFixed(2)} GB`,
        ratio(seconds[0]! / seconds[1]!),
        seconds.map((each) => each.toFixed(1)).join(' / '),
        ratio(cpu[0]! / cpu[1]!),
        cpu.map((each) => each.toFixed(1)).join(' / '),
      ])
    }
    return {
      head: ['file', 'time ÷ Redis', 'seconds, both', 'CPU ÷ Redis', 'CPU seconds, both'],
      rows,
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
