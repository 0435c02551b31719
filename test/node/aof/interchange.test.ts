/** Folders travel: redis-server loads what Wadi wrote, and the reverse, with the same dataset. */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { families, randomStream } from '../../differential/random/generator.ts'
import type { TestServer } from '../../support/process.ts'
import { Random, seed } from '../../support/random.ts'
import { redisMissing, startRedis } from '../../support/redis.ts'
import { Connection } from '../../support/resp.ts'
import { startWadi } from '../../support/wadi.ts'

const random = new Random()
const running = new Set<TestServer>()
afterAll(async () => {
  for (const server of running) await server.stop()
})

type Start = (options: { args?: string[] }) => Promise<TestServer>
const AOF = ['--appendonly', 'yes', '--appendfsync', 'always', '--aof-timestamp-enabled', 'yes']

async function startWith(
  start: Start,
  args: string[] = [],
): Promise<{ server: TestServer; client: Connection }> {
  const server = await start({ args: [...AOF, ...args] })
  running.add(server)
  const client = await Connection.connect(server.port)
  while ((await client.call('PING')).isError);
  return { server, client }
}

/** Every type, in forms small and large, with expiry, in two databases. */
async function fill(client: Connection, isShared: (command: string) => boolean): Promise<void> {
  const many = (count: number, each: (i: number) => string[]) =>
    Array.from({ length: count }, (_, i) => each(i)).flat()
  await client.exchange([
    ['SET', 'string', 'text'],
    ['SET', 'int', '12345'],
    ['SET', 'long', 'x'.repeat(30_000)],
    ['SET', 'volatile', 'v', 'PX', '100000000'],
    ['RPUSH', 'list', ...many(10, (i) => [`element ${i}`])],
    ['RPUSH', 'long list', ...many(2000, (i) => [`element ${i}`])],
    ['SADD', 'ints', ...many(50, (i) => [String(i * 7)])],
    ['SADD', 'set', ...many(1000, (i) => [`member ${i}`])],
    ['HSET', 'hash', ...many(10, (i) => [`field ${i}`, `value ${i}`])],
    ['HSET', 'large hash', ...many(1000, (i) => [`field ${i}`, `value ${i}`])],
    ['ZADD', 'sorted', ...many(10, (i) => [String(i / 3), `member ${i}`])],
    ['ZADD', 'large sorted', ...many(1000, (i) => [String(i / 3), `member ${i}`])],
    ['PFADD', 'hyperloglog', ...many(300, (i) => [`member ${i}`])],
    ['SETBIT', 'bits', '1000', '1'],
    ['GEOADD', 'geo', '13.36', '38.11', 'Palermo'],
    ...Array.from({ length: 50 }, (_, i) => [
      'XADD',
      'stream',
      `${i + 1}-1`,
      'field',
      `value ${i}`,
    ]),
    ['XGROUP', 'CREATE', 'stream', 'group', '0'],
    ['XREADGROUP', 'GROUP', 'group', 'reader', 'COUNT', '3', 'STREAMS', 'stream', '>'],
    ['SELECT', '5'],
    ['SET', 'elsewhere', '1'],
    ['MULTI'],
    ['INCR', 'elsewhere'],
    ['RPUSH', 'queue', 'a', 'b', 'c'],
    ['EXEC'],
    ['SPOP', 'nothing'],
    ['LPOP', 'queue'],
    ['SELECT', '0'],
  ])
  for (const { command } of randomStream(random, random.pick(families), 400)) {
    if (isShared(String(command[0]).toLowerCase())) await client.call(...command)
  }
}

/** What redis-server 7.0 does not know stays out, as does what ends the session or its server. */
const isPlain = (command: string) =>
  !/^(multi|exec|discard|watch|unwatch|quit|reset|select|swapdb|flush.*|client|hello|auth|subscribe|.*subscribe|monitor|debug|config|shutdown|b[lz].*|wait.*|x.*|h.*expire.*|object|move)$/.test(
    command,
  )

async function digest(client: Connection): Promise<string> {
  return (await client.call('DEBUG', 'DIGEST')).text
}

async function move(from: TestServer, to: TestServer): Promise<string> {
  const folder = join(to.dir, 'appendonlydir')
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(from.dir, 'appendonlydir'), folder, { recursive: true })
  return folder
}

describe.skipIf(redisMissing())(`the same dataset (seed ${seed})`, () => {
  test.each<[string, Start, Start]>([
    ['from Wadi to redis-server', startWadi, startRedis],
    ['from redis-server to Wadi', startRedis, startWadi],
  ])(
    '%s: the log, and after a rewrite to an RDB or to commands',
    async (_, startOne, startOther) => {
      for (const rewrites of [undefined, 'yes', 'no']) {
        const preamble = ['--aof-use-rdb-preamble', rewrites ?? 'yes']
        const one = await startWith(startOne, preamble)
        await fill(one.client, isPlain)
        if (rewrites) {
          await one.client.call('BGREWRITEAOF')
          const info = async () => (await one.client.call('INFO', 'persistence')).text
          while (!/aof_rewrite_in_progress:0/.test(await info()));
          await one.client.call('SET', 'after', 'the rewrite')
        }
        const expected = await digest(one.client)
        const other = await startWith(startOther, ['--appenddirname', 'empty'])
        const folder = await move(one.server, other.server)
        const isCommands = readdirSync(folder).some((name) => name.endsWith('.base.aof'))
        expect(isCommands).toBe(rewrites === 'no')
        const text = readdirSync(folder)
          .filter((name) => name.endsWith(isCommands ? '.base.aof' : '.incr.aof'))
          .map((name) => readFileSync(join(folder, name), 'latin1'))
        if (rewrites !== 'yes') expect(text.join('')).toMatch(/^#TS:\d+\r\n/m)
        await other.client.call('CONFIG', 'SET', 'appendonly', 'no')
        const reader = await startWith(({ args = [] }) =>
          startOther({ args: [...args, '--dir', other.server.dir] }),
        )
        expect(await digest(reader.client)).toBe(expected)
        for (const { server, client } of [one, other, reader]) {
          client.close()
          await server.stop()
        }
      }
    },
    60_000,
  )
})
