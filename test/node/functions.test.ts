/** Libraries of functions travel in files: from Wadi to redis-server, back, and to Wadi after a restart. */
import { mkdtempSync, cpSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const missing = redisMissing()
const LIBRARY =
  "#!lua name=counters\nredis.register_function('add', function(keys, args) " +
  "return redis.call('INCRBY', keys[1], args[1]) end)\n" +
  "redis.register_function{function_name='read', flags={'no-writes'}, callback=function(keys) " +
  "return redis.call('GET', keys[1]) end}"

type Start = (options: { args?: string[] }) => Promise<TestServer>
const folders: string[] = []
const open: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function begin(start: Start, args: string[] = []) {
  const server = await start({ args })
  const client = await Connection.connect(server.port)
  open.push({
    async stop() {
      client.close()
      await server.stop()
    },
  })
  while ((await client.call('PING')).isError);
  return { server, client }
}

function copyOf(server: TestServer): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wadi-functions-'))
  folders.push(folder)
  cpSync(server.dir, folder, { recursive: true })
  return folder
}

const AOF = ['--appendonly', 'yes', '--appendfsync', 'always']

const journeys: [name: string, from: Start, to: Start][] = [
  ['Wadi to Wadi', startWadi, startWadi],
  ['Wadi to redis-server', startWadi, startRedis],
  ['redis-server to Wadi', startRedis, startWadi],
]

describe.skipIf(missing).each(journeys)('from %s', (_, from, to) => {
  async function check(client: Connection): Promise<void> {
    expect((await client.call('FCALL', 'add', '1', 'n', '2')).text).toBe('7')
    expect((await client.call('FCALL_RO', 'read', '1', 'n')).text).toBe('7')
    expect((await client.call('FUNCTION', 'LIST')).items.length).toBe(1)
    expect((await client.call('FUNCTION', 'DELETE', 'counters')).text).toBe('OK')
    expect((await client.call('FCALL', 'add', '1', 'n', '2')).text).toBe('ERR Function not found')
  }

  it('in a snapshot', async () => {
    const first = await begin(from)
    await first.client.call('FUNCTION', 'LOAD', LIBRARY)
    await first.client.call('FCALL', 'add', '1', 'n', '5')
    expect((await first.client.call('SAVE')).text).toBe('OK')
    const { client } = await begin(to, ['--dir', copyOf(first.server)])
    await check(client)
  })

  it.each([false, true])('in the append-only file, rewritten: %s', async (isRewritten) => {
    const first = await begin(from, AOF)
    await first.client.call('FUNCTION', 'LOAD', LIBRARY)
    await first.client.call('EVAL', "redis.call('SET', 'n', 3) redis.call('INCR', 'n')", '0')
    if (isRewritten) {
      await first.client.call('BGREWRITEAOF')
      while (
        /aof_rewrite_in_progress:1|aof_rewrite_scheduled:1/.test(
          (await first.client.call('INFO', 'persistence')).text,
        )
      );
    }
    await first.client.call('FCALL', 'add', '1', 'n', '1')
    const { client } = await begin(to, [...AOF, '--dir', copyOf(first.server)])
    await check(client)
  })

  it('in a dump', async () => {
    const first = await begin(from)
    await first.client.call('FUNCTION', 'LOAD', LIBRARY)
    const dump = (await first.client.call('FUNCTION', 'DUMP')).data
    const { client } = await begin(to)
    await client.call('SET', 'n', '5')
    expect((await client.exchange([['FUNCTION', 'RESTORE', dump]]))[0]?.text).toBe('OK')
    await check(client)
  })
})
