// How well the keys that stay are chosen: a cache that holds a tenth of the keys, asked for keys by Zipf's law;
// what is not there is set. Both servers have room for as many keys, so the choice alone makes the difference.

import { ratio, type Table } from './report.ts'
import { type Server, startRedis, startWadi } from './servers.ts'
import { call, type Command, fill, Wire } from './wire.ts'

const KEYS = 1_000_000
const REQUESTS = 3_000_000
/** The first part of the requests fills the cache and is not counted. */
const WARM_UP = 1 / 3
const BATCH = 200
const VALUE = 'x'.repeat(50)

const name = (i: number) => `key:${String(i).padStart(9, '0')}`

/** Numbers below `count`, the n-th most frequent as often as 1 / n ** exponent; the same for the same seed. */
function zipf(count: number, exponent: number, seed: number): () => number {
  const sums = new Float64Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) sums[i] = sum += 1 / (i + 1) ** exponent
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const wanted = (state / 2 ** 32) * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    // Frequent keys are not neighbours.
    return Math.imul(low, 0x9e3779b1) >>> 0
  }
}

async function usedBytes(server: Server, keys: number): Promise<number> {
  await fill(server.port, keys, (i) => ['SET', name(i), VALUE])
  const bytes = await server.usedBytes()
  await call(server.port, ['FLUSHALL'])
  return bytes
}

async function hitRate(server: Server, policy: string, exponent: number, scale: number) {
  const keys = Math.round(KEYS * scale)
  await call(server.port, ['CONFIG', 'SET', 'maxmemory', 0])
  const bytes = await usedBytes(server, Math.round(keys / 10))
  await call(server.port, ['CONFIG', 'SET', 'maxmemory-policy', policy])
  await call(server.port, ['CONFIG', 'SET', 'maxmemory', bytes])
  const wire = await Wire.connect(server.port)
  const next = zipf(keys, exponent, 12345)
  const requests = Math.round(REQUESTS * scale)
  let hits = 0
  let counted = 0
  for (let done = 0; done < requests; done += BATCH) {
    const wanted = Array.from({ length: BATCH }, () => name(next()))
    const replies = await wire.ask(wanted.map((key): Command => ['GET', key]))
    const missing = wanted.filter((_, i) => replies[i]!.startsWith('$-1') || replies[i]![0] === '_')
    if (missing.length) await wire.send(missing.map((key): Command => ['SET', key, VALUE]))
    if (done < requests * WARM_UP) continue
    counted += BATCH
    hits += BATCH - missing.length
  }
  const held = Number((await wire.send([['DBSIZE']])).slice(1))
  wire.close()
  await call(server.port, ['FLUSHALL'])
  return { rate: hits / counted, held }
}

export async function eviction(only: RegExp, scale: number): Promise<Table> {
  const servers = [await startWadi(), await startRedis()]
  const rows: string[][] = []
  try {
    for (const policy of ['allkeys-lru', 'allkeys-lfu', 'allkeys-random']) {
      for (const exponent of [0.8, 1]) {
        if (!only.test(policy)) continue
        process.stderr.write(`${policy} ${exponent}\n`)
        const [ours, theirs] = [
          await hitRate(servers[0]!, policy, exponent, scale),
          await hitRate(servers[1]!, policy, exponent, scale),
        ]
        rows.push([
          policy,
          exponent.toFixed(1),
          ratio(ours.rate / theirs.rate),
          [ours, theirs].map(({ rate }) => `${(rate * 100).toFixed(2)} %`).join(' / '),
          [ours, theirs].map(({ held }) => held.toLocaleString('en')).join(' / '),
        ])
      }
    }
  } finally {
    for (const server of servers) await server.stop()
  }
  return {
    head: ['policy', 'exponent', 'hits ÷ Redis', 'hit rate, both', 'keys held, both'],
    rows,
  }
}
