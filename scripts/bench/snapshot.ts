// How long clients, the engine and the event loop wait while a snapshot of a large dataset is written: a set, a
// hash and a sorted set of ten million small members, strings up to a gigabyte, and clients that go on writing.

import { readFileSync } from 'node:fs'
import type { Table } from './report.ts'
import { type Server, startRedis, startWadi } from './servers.ts'
import { type Command, fill, Wire } from './wire.ts'

/** Members of each large collection; strings of 100 bytes beside them. */
const MEMBERS = 10_000_000
const STRINGS = 4_000_000
const CONNECTIONS = 50
const WRITES_PER_SECOND = 1000
/** How long clients write while there is no snapshot. */
const QUIET_MS = 10_000
const IN_ONE_COMMAND = 100

const text = 'x'.repeat(100)

/** Commands that give a collection its members, many at a time. */
function members(name: string, key: string, of: (i: number) => Command): (i: number) => Command {
  return (i) => {
    const command: (string | number)[] = [name, key]
    for (let n = i * IN_ONE_COMMAND; n < (i + 1) * IN_ONE_COMMAND; n++) command.push(...of(n))
    return command
  }
}

async function prepare(server: Server, scale: number): Promise<void> {
  const commands = Math.round((MEMBERS * scale) / IN_ONE_COMMAND)
  await fill(
    server.port,
    commands,
    members('SADD', 'set', (i) => [`m:${i}`]),
  )
  await fill(
    server.port,
    commands,
    members('HSET', 'hash', (i) => [`f:${i}`, i]),
  )
  await fill(
    server.port,
    commands,
    members('ZADD', 'zset', (i) => [i, `m:${i}`]),
  )
  await fill(server.port, Math.round(STRINGS * scale), (i) => ['SET', `key:${i}`, text])
}

/** A write somewhere in the dataset. */
function write(i: number, scale: number): Command {
  const random = (below: number) => Math.floor(Math.random() * below * scale)
  switch (i % 4) {
    case 0:
      return ['SADD', 'set', `m:${random(MEMBERS * 1.1)}`]
    case 1:
      return ['HSET', 'hash', `f:${random(MEMBERS)}`, i]
    case 2:
      return ['ZADD', 'zset', i, `m:${random(MEMBERS)}`]
    default:
      return ['SET', `key:${random(STRINGS)}`, text]
  }
}

/** Clients write at a steady rate until `until` says so; how long each waited, in ms. */
async function load(
  wires: readonly Wire[],
  scale: number,
  until: () => boolean,
): Promise<Float64Array> {
  const waited: number[] = []
  const gapMs = 1000 / WRITES_PER_SECOND
  const free = [...wires]
  let dueMs = performance.now()
  let count = 0
  const writeOn = async (wire: Wire, number: number, began: number) => {
    await wire.send([write(number, scale)])
    waited.push(performance.now() - began)
    free.push(wire)
  }
  while (!until()) {
    const now = performance.now()
    // Those that are due while no connection is free wait, and their time counts.
    while (dueMs <= now && free.length > 0) {
      const wire = free.pop()!
      void writeOn(wire, count++, dueMs)
      dueMs += gapMs
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  while (free.length < wires.length) await new Promise((resolve) => setImmediate(resolve))
  return Float64Array.from(waited).sort()
}

const QUANTILES = [0.5, 0.99, 0.999, 1]

function row(name: string, sortedMs: Float64Array): string[] {
  const at = (q: number) => sortedMs[Math.min(sortedMs.length - 1, Math.floor(sortedMs.length * q))]
  return [
    name,
    sortedMs.length.toLocaleString('en'),
    ...QUANTILES.map((q) => (at(q) ?? Number.NaN).toFixed(3)),
  ]
}

const info = async (wire: Wire, section: string, field: string): Promise<string> =>
  new RegExp(`${field}:(\\S+)`).exec(await wire.send([['INFO', section]]))?.[1] ?? ''

/** What the server measured of itself since the last time it was asked. */
function measured(file: string): {
  slices: Float64Array
  turns: Float64Array
  interrupted: number
} {
  const { slices, turns, interrupted } = JSON.parse(readFileSync(file, 'utf8')) as {
    slices: number[]
    turns: number[]
    interrupted: number
  }
  const sorted = (times: number[]) => Float64Array.from(times).sort()
  return { slices: sorted(slices), turns: sorted(turns), interrupted }
}

async function run(server: Server, scale: number): Promise<{ rows: string[][]; note: string }> {
  await prepare(server, scale)
  const wires: Wire[] = []
  for (let i = 0; i < CONNECTIONS; i++) wires.push(await Wire.connect(server.port))
  const control = await Wire.connect(server.port)
  const { name } = server
  const rows: string[][] = []
  let interruptions = 0
  const ownTurns = async (title: string): Promise<Float64Array> => {
    const file = await server.report!()
    const { slices, turns, interrupted } = measured(file)
    interruptions += interrupted
    rows.push(row(`${name}: turn, ${title}`, turns))
    return slices
  }
  await load(wires, scale, after(1000))
  if (server.report) await server.report()
  rows.push(
    row(`${name}: client, no snapshot`, await load(wires, scale, after(QUIET_MS * scaled(scale)))),
  )
  if (server.report) await ownTurns('no snapshot')
  const dataBytes = Number(await info(control, 'memory', 'used_memory'))
  const rssBefore = server.rssBytes()
  let rssMost = rssBefore
  await control.send([['BGSAVE']])
  let isSaving = true
  const look = async () => {
    rssMost = Math.max(rssMost, server.rssBytes())
    if ((await info(control, 'persistence', 'rdb_bgsave_in_progress')) === '0') isSaving = false
  }
  const watch = setInterval(() => void look(), 50)
  const began = performance.now()
  rows.push(row(`${name}: client, snapshot`, await load(wires, scale, () => !isSaving)))
  clearInterval(watch)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (server.report) rows.push(row(`${name}: engine slice`, await ownTurns('snapshot')))
  const status = await info(control, 'persistence', 'rdb_last_bgsave_status')
  const extra = Number(await info(control, 'persistence', 'rdb_last_cow_size'))
  for (const wire of [...wires, control]) wire.close()
  const mb = (bytes: number) => Math.round(bytes / 1e6).toLocaleString('en')
  const note =
    `${name}: ${mb(dataBytes)} MB of data, saved in ${seconds} s (${status}); ` +
    `rdb_last_cow_size ${mb(extra)} MB, the process grew by ${mb(rssMost - rssBefore)} MB.` +
    (interruptions ? ` ${interruptions} turns and slices were interrupted by other processes.` : '')
  return { rows, note }
}

const scaled = (scale: number) => Math.max(0.1, Math.min(1, scale))

function after(ms: number): () => boolean {
  const end = performance.now() + ms
  return () => performance.now() >= end
}

export async function snapshot(scale: number): Promise<Table> {
  const rows: string[][] = []
  const remarks: string[] = []
  // A child of redis-server may run on both cores; Wadi has none.
  for (const start of [
    () => startRedis(['--bgsave_cpulist', '0-1']),
    () => startWadi([], { measures: true }),
  ]) {
    const server = await start()
    try {
      const { rows: more, note } = await run(server, scale)
      rows.push(...more)
      remarks.push(note)
    } finally {
      await server.stop()
    }
  }
  return {
    head: ['ms', 'count', 'median', 'p99', 'p99.9', 'longest'],
    rows,
    remarks: [
      ...remarks,
      `${WRITES_PER_SECOND} writes a second by ${CONNECTIONS} clients. A turn is one of the event loop in which ` +
        'the engine did something; a slice is one call of the engine for the snapshot. Those in which the system gave ' +
        'the core to another process are left out; what clients waited has everything in it.',
    ],
  }
}
