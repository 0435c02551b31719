/** Whoever was told that a write is done finds it again after an orderly end, whatever else was going on. */
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { start } from '../support/process.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const CLI = resolve(import.meta.dirname, '../../dist/node/cli.js')

test.each([
  ['a snapshot', ['--save', '3600 1', '--appendonly', 'no']],
  ['the append-only file', ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec']],
  ['both', ['--save', '3600 1', '--appendonly', 'yes', '--appendfsync', 'no']],
])('writes that were acknowledged during SIGTERM are in %s', async (_, options) => {
  const data = mkdtempSync(join(tmpdir(), 'wadi-shutdown-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const launch = {
    name: 'wadi',
    command: (port: number) => {
      const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', data]
      return [process.execPath, CLI, ...own, '--enable-debug-command', 'yes', ...options]
    },
  }
  const server = await start(launch)
  const writers = Array.from({ length: 5 }, () => connect(server.port))
  // Something to write, so that saving takes a while.
  await writers[0]!.call('DEBUG', 'POPULATE', '200000')
  const acknowledged = writers.map(async (redis, i) => {
    let last = 0
    try {
      for (;;) last = await redis.incr(`count${i}`)
    } catch {
      return last
    }
  })
  while (Number(await writers[0]!.get('count4')) < 100);
  await server.stop('SIGTERM')
  const counts = await Promise.all(acknowledged)

  const again = await start(launch)
  onTestFinished(() => again.stop())
  const redis = connect(again.port)
  await once(redis, 'ready')
  const found = await redis.mget(counts.map((_count, i) => `count${i}`))
  for (const [i, count] of counts.entries()) expect(Number(found[i])).toBeGreaterThanOrEqual(count)
})

function connect(port: number): Redis {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  redis.on('error', () => undefined)
  onTestFinished(() => redis.disconnect())
  return redis
}
