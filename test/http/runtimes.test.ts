/**
 * The HTTP app over a store in memory or in a file, on every runtime. Deno and Bun come from npm into a folder of their own where
 * WADI_RUNTIMES is set: they are large.
 */
import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
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

/** Installs a runtime, once; its program. */
const installed = new Map<string, string>()
function install(name: keyof typeof VERSIONS): string {
  const known = installed.get(name)
  if (known) return known
  const at = path.join(folder, name)
  const what = `${name}@${VERSIONS[name]}`
  execFileSync('npm', ['install', '--prefix', at, '--no-audit', '--no-fund', what], {
    stdio: 'ignore',
    timeout: 120_000,
  })
  const program = path.join(at, 'node_modules/.bin', name)
  installed.set(name, program)
  return program
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
      const { url, kill } = await serve(command())
      try {
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
        await kill()
      }
    })

    test('a store in a file outlives its process', { timeout: 180_000 }, async () => {
      const file = path.join(folder, `${name}.wadi`)
      const program = command()
      const open = async () => {
        const { url, kill } = await serve(program, file)
        return { kill, redis: new Redis({ url, token: 'secret', enableTelemetry: false }) }
      }
      const first = await open()
      const values: string[] = []
      for (let i = 0; i < 50; i++) values.push(String(await first.redis.incr('n')))
      await first.redis.hset('h', { a: 1 })
      await first.redis.set('large', 'x'.repeat(1_000_000))
      for (let i = 0; i < 6; i++) await first.redis.append('large', 'y'.repeat(900_000))
      await first.kill()
      // It was rewritten when the log had 4 MB, and holds little more than its data.
      expect(statSync(file).size).toBeLessThan(8_000_000)
      // The last record was being written.
      appendFileSync(file, Buffer.from('WLB1 and no more'))
      const second = await open()
      expect(await second.redis.get('n')).toBe(50)
      expect(await second.redis.hgetall('h')).toEqual({ a: 1 })
      expect(await second.redis.strlen('large')).toBe(6_400_000)
      await second.redis.incr('n')
      await second.kill()
      const third = await open()
      expect(await third.redis.get('n')).toBe(51)
      await third.kill()
    })
  })
}

/** Starts a store, in memory or in a file, and waits until it answers. */
async function serve([program, ...args]: string[], ...file: string[]) {
  const port = await freePort()
  const child = spawn(program!, [...args, SCRIPT, DIST, String(port), ...file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  const health = () =>
    fetch(`${url}/health`).then(
      (response) => response.status,
      () => 0,
    )
  try {
    await expect.poll(health, { timeout: 20_000 }).toBe(200)
  } catch (error) {
    await kill()
    throw error
  }
  return { url, kill }
}
