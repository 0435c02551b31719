/** What operators look at beside INFO: SLOWLOG, LATENCY, MEMORY, CLIENT LIST. The same shapes as redis-server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { type Command, Connection, type Reply } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

function last(replies: readonly Reply[] = []): Reply {
  const reply = replies.at(-1)
  if (!reply) throw new Error('no reply came')
  return reply
}

/** A reply with kinds in the place of its values; words stay. */
function shape(reply: Reply): unknown {
  if (reply.isAggregate) return [reply.type, ...reply.items.map(shape)]
  if (/^-?\d+$/.test(reply.text)) return `${reply.type}integer`
  if (/^-?\d+\.\d+$/.test(reply.text)) return `${reply.type}decimal`
  if (/^[\d.:]+$/.test(reply.text)) return `${reply.type}address`
  return `${reply.type}${reply.text}`
}

describe.skipIf(redisMissing()).each([2, 3])('in RESP%i', (protocol) => {
  let servers: TestServer[] = []
  let clients: Connection[] = []

  beforeAll(async () => {
    servers = await Promise.all([startRedis(), startWadi()])
    clients = await Promise.all(servers.map(({ port }) => Connection.connect(port)))
    await both(
      ['HELLO', protocol],
      ['CONFIG', 'SET', 'latency-monitor-threshold', 1, 'slowlog-log-slower-than', 2000],
      ['CLIENT', 'SETNAME', 'tester'],
      ['DEBUG', 'SLEEP', '0.005'],
      ['SET', 'key', 'value'],
      ['CONFIG', 'SET', 'slowlog-log-slower-than', 0],
      ['RPUSH', 'list', 'x'.repeat(200), ...Array.from({ length: 40 }, String)],
      ['CONFIG', 'SET', 'slowlog-log-slower-than', 1_000_000],
    )
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  async function both(...commands: Command[]): Promise<[Reply, Reply]> {
    const [left, right] = await Promise.all(
      clients.map((client) => client.exchange(commands, 5000)),
    )
    return [last(left), last(right)]
  }

  it.each<Command>([
    ['SLOWLOG', 'GET'],
    ['SLOWLOG', 'GET', 1],
    ['SLOWLOG', 'GET', -1],
    ['SLOWLOG', 'LEN'],
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'HISTORY', 'command'],
    ['LATENCY', 'HISTORY', 'nosuch'],
    ['MEMORY', 'USAGE', 'key'],
  ])('%s %s %s', async (...command) => {
    const [expected, got] = await both(command.filter((word) => word !== undefined))
    expect(shape(got)).toEqual(shape(expected))
  })

  it('LATENCY HISTOGRAM has the same commands with the same limits', async () => {
    const [expected, got] = await both(['LATENCY', 'HISTOGRAM', 'debug', 'set', 'nosuch', 'config'])
    const names = (reply: Reply) =>
      reply.items.filter((_, i) => i % 2 === 0).map((item) => item.text)
    expect(names(got)).toEqual(names(expected))
    const limits = new Set(
      Array.from({ length: 30 }, (_, i) => Math.floor((1024 * 2 ** i * (129 / 128) - 1) / 1000)),
    )
    for (const reply of [expected, got]) {
      const buckets = reply.items.filter((_, i) => i % 2).map((item) => item.items[3]!)
      for (const bucket of buckets)
        for (const [i, { text }] of bucket.items.entries())
          if (i % 2 === 0) expect(limits).toContain(Number(text))
    }
  })

  it('LATENCY GRAPH begins with the same line', async () => {
    const [expected, got] = await both(['LATENCY', 'GRAPH', 'command'])
    const [left, right] = [expected, got].map(({ text }) =>
      text
        .split('\n')
        .slice(0, 2)
        .map((line) => line.replace(/\d+/g, 'n')),
    )
    expect(right).toEqual(left)
    expect(got.type).toBe(expected.type)
  })

  it('MEMORY STATS has the same fields in the same order', async () => {
    const fields = (reply: Reply) =>
      reply.items.flatMap((item, i, all) =>
        i % 2 ? [] : [item.text, all[i + 1]!.items.map(shape)],
      )
    const [expected, got] = await both(['MEMORY', 'STATS'])
    expect(fields(got)).toEqual(fields(expected))
  })

  it('MEMORY STATS and INFO tell the same of overhead and dataset', async () => {
    await both(['SCRIPT', 'LOAD', 'return 1'])
    const replies = [await both(['MEMORY', 'STATS']), await both(['INFO', 'memory'])]
    for (const server of [0, 1]) {
      const [stats, info] = replies.map((reply) => reply[server]!)
      const told = (name: string): number =>
        Number(new RegExp(`${name}:(\\d+)`).exec(info!.text)?.[1])
      const counted = (name: string): number =>
        Number(stats!.items[stats!.items.findIndex(({ text }) => text === name) + 1]!.text)
      expect(counted('overhead.total')).toBeGreaterThan(counted('startup.allocated'))
      expect(Math.abs(told('used_memory_overhead') - counted('overhead.total'))).toBeLessThan(
        70_000,
      )
      expect(Math.abs(told('used_memory_dataset') - counted('dataset.bytes'))).toBeLessThan(70_000)
      expect(told('used_memory_startup')).toBe(counted('startup.allocated'))
    }
  })

  it.each(['LIST', 'INFO'])('CLIENT %s has the same fields, then those of 7.2', async (word) => {
    const [expected, got] = await both(['CLIENT', word])
    const lines = (text: string) =>
      text
        .split('\n')
        .map((line) => line.replace(/=(\S*)/g, (_, value) => (/^-?\d/.test(value) ? '=n' : '=')))
    const old = lines(expected.text).map((line) => (line ? `${line} lib-name= lib-ver=` : line))
    expect(lines(got.text)).toEqual(old)
    expect(got.type).toBe(expected.type)
  })

  it.each([
    ['MEMORY', 'DOCTOR'],
    ['LATENCY', 'DOCTOR'],
    ['MEMORY', 'MALLOC-STATS'],
  ])('%s %s is a text', async (...command) => {
    const [expected, got] = await both(command)
    expect(got.type).toBe(expected.type)
    expect(got.text).not.toBe('')
  })

  it('LATENCY RESET says how many events were forgotten', async () => {
    for (const command of [
      ['LATENCY', 'RESET', 'nosuch'],
      ['LATENCY', 'RESET', 'command', 'command'],
      ['LATENCY', 'RESET'],
    ]) {
      const [expected, got] = await both(command)
      expect(String(got)).toBe(String(expected))
    }
  })
})
