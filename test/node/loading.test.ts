/** What clients are told while a server loads its dataset. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const COMMANDS = [
  ['GET', 'key:1'],
  ['CONFIG', 'GET', 'maxmemory'],
  ['CONFIG', 'SET', 'hz', '20'],
  ['CONFIG', 'SET', 'appendonly', 'yes'],
  ['CONFIG', 'SET', 'appendonly', 'yes', 'appendonly', 'yes'],
  ['CONFIG', 'SET', 'appendonly', 'yes', 'databases', '3'],
  ['CONFIG', 'SET', 'databases', '3', 'appendonly', 'yes'],
  ['CONFIG', 'SET', 'dir', '/tmp'],
  ['CONFIG', 'SET', 'repl-diskless-load', 'swapdb'],
  ['CONFIG', 'SET', 'nosuch', '1', 'appendonly', 'yes'],
  ['GET', 'key:1'],
]

const LOADING = 'LOADING Redis is loading the dataset in memory'

/** What a server answers that is loading so many keys. */
async function whileLoading(start: typeof startWadi, keys: number, ...slow: string[]) {
  const dir = mkdtempSync(join(tmpdir(), 'wadi-loading-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const args = ['--dir', dir, '--save', '', '--enable-debug-command', 'yes']
  const first = await start({ args })
  const filler = await Connection.connect(first.port)
  await filler.call('DEBUG', 'POPULATE', keys, 'key', 200)
  await filler.call('SAVE')
  filler.close()
  await first.stop()
  const server = await start({ args: [...args, ...slow] })
  onTestFinished(() => server.stop())
  const client = await Connection.connect(server.port)
  onTestFinished(() => client.close())
  const replies: string[] = []
  for (const command of COMMANDS) replies.push((await client.call(...command)).text)
  return replies
}

test.skipIf(redisMissing())('a server that loads refuses what redis-server refuses', async () => {
  const slow = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024']
  const [expected, got] = [
    await whileLoading(startRedis, 3000, ...slow),
    await whileLoading(startWadi, 400_000),
  ]
  expect([expected[0], expected.at(-1)]).toEqual([LOADING, LOADING])
  expect(got).toEqual(expected)
})
