/**
 * A server is killed while clients write all kinds of values to it. With appendfsync always whatever was
 * acknowledged is there afterwards, also when the kill met a rewrite or a snapshot; with everysec what was
 * acknowledged a second before.
 *
 * WADI_CRASH_ROUNDS=100 kills it so many times.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startOn } from '../../support/aof.ts'
import { Disk } from '../../support/disk.ts'
import { freePort } from '../../support/process.ts'
import { Random, seed } from '../../support/random.ts'
import { type Command, Connection, encode } from '../../support/resp.ts'

const CLI = resolve(import.meta.dirname, '../../../dist/node/cli.js')
const ROUNDS = Number(process.env['WADI_CRASH_ROUNDS'] ?? 10)
const WORKERS = 4
const random = new Random()
const dir = mkdtempSync(join(tmpdir(), 'wadi-kill-'))
const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

interface Child {
  port: number
  output: () => string
  kill: () => Promise<void>
}

async function startChild(policy: string, more: string[] = []): Promise<Child> {
  const port = await freePort()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const aof = ['--appendonly', 'yes', '--appendfsync', policy, '--enable-debug-command', 'yes']
  const child = spawn(process.execPath, [CLI, ...options, ...aof, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.add(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const gone = new Promise<void>((done) => {
    child.once('exit', () => {
      children.delete(child)
      done()
    })
  })
  await new Promise<void>((ready, failed) => {
    child.stdout.on('data', () => output.includes('Ready to accept') && ready())
    child.once('exit', () => failed(new Error(`it ended at its start:\n${output}`)))
  })
  return {
    port,
    output: () => output,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** The i-th write of each kind; how many of them are there is what its check counts. */
const kinds: Record<
  string,
  {
    write: (key: string, i: number) => Command[]
    count: Command
    whole?: (key: string, count: number) => Command[]
  }
> = {
  string: { write: (key, i) => [['APPEND', key, String(i % 10)]], count: ['STRLEN'] },
  counter: { write: (key) => [['INCR', key]], count: ['GET'] },
  list: { write: (key, i) => [['RPUSH', key, `element ${i}`]], count: ['LLEN'] },
  set: { write: (key, i) => [['SADD', key, `member ${i}`]], count: ['SCARD'] },
  ints: { write: (key, i) => [['SADD', key, String(i)]], count: ['SCARD'] },
  hash: { write: (key, i) => [['HSET', key, `field ${i}`, 'v'.repeat(i % 90)]], count: ['HLEN'] },
  sorted: { write: (key, i) => [['ZADD', key, String(i / 3), `member ${i}`]], count: ['ZCARD'] },
  stream: { write: (key, i) => [['XADD', key, `${i + 1}-1`, 'f', 'v']], count: ['XLEN'] },
  bits: { write: (key, i) => [['SETBIT', key, String(i * 3), '1']], count: ['BITCOUNT'] },
  both: {
    write: (key) => [['MULTI'], ['INCR', key], ['INCR', `${key}:twin`], ['EXEC']],
    count: ['GET'],
  },
  moved: {
    write: (key, i) => [
      ['RPUSH', `${key}:from`, String(i)],
      ['LMOVE', `${key}:from`, key, 'LEFT', 'RIGHT'],
    ],
    count: ['LLEN'],
  },
}

interface Tally {
  sent: number
  /** When each was acknowledged. */
  acknowledged: number[]
}

/** Writes until its connection ends; tells what it sent, and what was acknowledged. */
async function work(port: number, prefix: string): Promise<Map<string, Tally>> {
  const client = await Connection.connect(port)
  const tallies = new Map<string, Tally>()
  while (!client.closed) {
    const burst: { kind: string; replies: number }[] = []
    const bytes: Buffer[] = []
    for (let i = random.between(1, 12); i > 0; i--) {
      const kind = random.pick(Object.keys(kinds))
      const tally = tallies.get(kind) ?? { sent: 0, acknowledged: [] }
      tallies.set(kind, tally)
      const commands = kinds[kind]!.write(`${prefix}:${kind}`, tally.sent++)
      burst.push({ kind, replies: commands.length })
      bytes.push(...commands.map(encode))
    }
    client.write(Buffer.concat(bytes))
    const replies = await client.replies(burst.reduce((sum, { replies: count }) => sum + count, 0))
    let at = 0
    for (const { kind, replies: count } of burst) {
      at += count
      if (at > replies.length) break
      const answer = replies.slice(at - count, at).find((reply) => reply.isError)
      expect(answer?.text).toBeUndefined()
      tallies.get(kind)!.acknowledged.push(performance.now())
    }
  }
  return tallies
}

const modes: [string, number, number, string[]][] = [
  ['always', ROUNDS, 0, []],
  // Rewrites come by themselves, one after the other.
  ['always', Math.ceil(ROUNDS / 5), 0, ['--auto-aof-rewrite-min-size', '1000']],
  ['always', Math.ceil(ROUNDS / 5), 0, ['--aof-use-rdb-preamble', 'no']],
  ['everysec', Math.ceil(ROUNDS / 5), 1000, []],
]

test.each(modes)(
  `with %s what was acknowledged outlives kill -9, %i times (seed ${seed}), but for the last %i ms %j`,
  async (policy, rounds, lostMs, more) => {
    rmSync(join(dir, 'appendonlydir'), { recursive: true, force: true })
    const expected = new Map<string, { least: number; most: number }>()
    let child = await startChild(policy, more)
    for (let round = 0; round < rounds; round++) {
      const { port } = child
      const workers = Array.from({ length: WORKERS }, (_, i) => work(port, `r${round}:w${i}`))
      const boss = await Connection.connect(port)
      await new Promise((resolve) => setTimeout(resolve, lostMs + random.between(20, 150)))
      if (random.once(2)) boss.write(encode([random.pick(['BGREWRITEAOF', 'BGSAVE'])]))
      await new Promise((resolve) => setTimeout(resolve, random.between(0, 60)))
      const promised = performance.now() - lostMs
      await child.kill()
      boss.close()
      for (const [i, tallies] of (await Promise.all(workers)).entries()) {
        for (const [kind, { sent, acknowledged }] of tallies) {
          const least = lostMs
            ? acknowledged.filter((at) => at < promised).length
            : acknowledged.length
          expected.set(`r${round}:w${i}:${kind}`, { least, most: sent })
        }
      }
      child = await startChild(policy, more)
      const client = await Connection.connect(child.port)
      const keys = [...expected.keys()]
      const kindOf = (key: string) => kinds[key.slice(key.lastIndexOf(':') + 1)]!
      const counts = await client.exchange(keys.map((key) => [...kindOf(key).count, key]))
      for (const [i, key] of keys.entries()) {
        const count = Number(counts[i]!.text)
        const { least, most } = expected.get(key)!
        expect(count, `${key} in round ${round}`).toBeGreaterThanOrEqual(least)
        expect(count, `${key} in round ${round}`).toBeLessThanOrEqual(most)
        // What was found once must stay.
        expected.set(key, { least: count, most: count })
      }
      const twins = keys.filter((key) => key.endsWith(':both'))
      const pairs = await client.exchange(twins.map((key) => ['MGET', key, `${key}:twin`]))
      for (const { items } of pairs) expect(items[0]!.text).toBe(items[1]!.text)
      client.close()
    }
    await child.kill()
  },
  60_000 + ROUNDS * 5000,
)

test('everysec loses at most what was written in the last moments before the power failed', async () => {
  const { client, disk, server } = await startOn(new Disk(), { appendfsync: 'everysec' })
  const times: number[] = []
  const end = performance.now() + random.between(1500, 3500)
  while (performance.now() < end) {
    await client.call('RPUSH', 'l', String(times.length))
    times.push(performance.now())
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const after = disk.after('power')
  const now = performance.now()
  client.close()
  await server.close()
  const again = await startOn(after)
  const found = (await again.client.call('LRANGE', 'l', '0', '-1')).items.map((item) => item.text)
  expect(found).toEqual(found.map((_, i) => String(i)))
  // A second, and the tenth that the server looks at its clock.
  const old = times.filter((time) => time < now - 1250).length
  expect(found.length).toBeGreaterThanOrEqual(old)
})
