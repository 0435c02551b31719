/**
 * The HTTP app over a store in memory, on every runtime. Deno and Bun come from npm into a folder of their own where
 * WADI_RUNTIMES is set: they are large.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from '@upstash/redis'
import { afterAll, describe, expect, test } from 'vitest'
import { freePort } from '../support/process.ts'

const VERSIONS = { deno: '2.9.6', bun: '1.4.5' }
const SCRIPT = path.resolve(import.meta.dirname, 'serve.js')
const DIST = path.resolve(import.meta.dirname, '../../dist')

const folder = mkdtempSync(path.join(tmpdir(), 'wadi-runtimes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Installs a runtime; its program. */
function install(name: keyof typeof VERSIONS): string {
  const at = path.join(folder, name)
  const what = `${name}@${VERSIONS[name]}`
  execFileSync('npm', ['install', '--prefix', at, '--no-audit', '--no-fund', what], {
    stdio: 'ignore',
    timeout: 120_000,
  })
  return path.join(at, 'node_modules/.bin', name)
}

const runtimes: [string, () => string[]][] = [['Node', () => [process.execPath]]]
if (process.env['WADI_RUNTIMES'] !== undefined)
  runtimes.push(
    ['Deno', () => [install('deno'), 'run', '--allow-all', '--node-modules-dir=manual']],
    ['Bun', () => [install('bun'), 'run']],
  )

for (const [name, command] of runtimes) {
  describe(`on ${name}`, () => {
    test('REST, scripts, messages and metrics', { timeout: 180_000 }, async () => {
      const port = await freePort()
      const [program, ...args] = command()
      const child = spawn(program!, [...args, SCRIPT, DIST, String(port)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      try {
        const url = `http://127.0.0.1:${port}`
        const health = () =>
          fetch(`${url}/health`).then(
            (response) => response.status,
            () => 0,
          )
        await expect.poll(health, { timeout: 20_000 }).toBe(200)
        const redis = new Redis({ url, token: 'secret', enableTelemetry: false })
        await redis.set('user', { name: 'Ada' }, { ex: 100 })
        expect(await redis.get('user')).toEqual({ name: 'Ada' })
        expect(await redis.multi().incr('n').incr('n').exec()).toEqual([1, 2])
        expect(await redis.eval('return KEYS[1]', ['k'], [])).toBe('k')
        const waiting = redis.exec(['BLPOP', 'jobs', '5'])
        await redis.rpush('jobs', 'job')
        expect(await waiting).toEqual(['jobs', 'job'])
        const heard: unknown[] = []
        const subscriber = redis.subscribe<string>(['news'])
        subscriber.on('message', ({ message }) => heard.push(message))
        await expect.poll(() => redis.publish('news', 'hello')).toBe(1)
        await expect.poll(() => heard).toContain('hello')
        await subscriber.unsubscribe()
        const reader = new Redis({ url, token: 'reader', enableTelemetry: false, retry: false })
        expect(await reader.get('n')).toBe(2)
        await expect(reader.set('n', 3)).rejects.toThrow(/NOPERM/)
        const headers = { authorization: 'Bearer secret' }
        const metrics = await (await fetch(`${url}/metrics`, { headers })).text()
        expect(metrics).toMatch(/^redis_up 1$/m)
        expect((await fetch(`${url}/get/n`)).status).toBe(401)
      } finally {
        child.kill('SIGKILL')
      }
    })
  })
}
