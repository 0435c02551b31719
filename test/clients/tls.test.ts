/** Clients over TLS, with certificates of their own: the tools of Redis, ioredis and node-redis. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Certificates, makeCertificates } from '../support/certificates.ts'
import { freePort, type TestServer } from '../support/process.ts'
import { redisMissing } from '../support/redis.ts'
import { startWadi } from '../support/wadi.ts'

const missing = redisMissing()
const execute = promisify(execFile)

let made: Certificates
let port: number
let server: TestServer

beforeAll(async () => {
  made = await makeCertificates()
  port = await freePort()
  const options = Object.entries(made.config).flatMap(([name, value]) => [`--${name}`, value])
  server = await startWadi({ args: ['--tls-port', String(port), ...options] })
})
afterAll(() => server.stop())

describe.skipIf(missing)(`tools${missing ? `: ${missing}` : ''}`, () => {
  async function run(program: string, ...args: string[]): Promise<string> {
    const own = ['--cert', made.write('client.crt', made.client.cert)]
    own.push('--key', made.write('client.key', made.client.key))
    const secure = ['--tls', '--cacert', made.config['tls-ca-cert-file']!, ...own]
    const all = ['-h', '127.0.0.1', '-p', String(port), ...secure, ...args]
    const { stdout, stderr } = await execute(program, all, { timeout: 20_000 })
    return stdout + stderr
  }

  it('redis-cli --tls runs commands, and loads many', async () => {
    expect(await run('redis-cli', 'SET', 'k', 'v w')).toBe('OK\n')
    expect(await run('redis-cli', '-3', 'GET', 'k')).toBe('v w\n')
    expect(await run('redis-cli', '--bigkeys')).toContain('Biggest string found')
  })

  it('redis-benchmark --tls runs, one by one and in pipelines', async () => {
    const tests = ['-t', 'ping,set,get,lpush,lrange_100', '--csv', '-n', '2000']
    for (const depth of ['1', '16']) {
      const table = await run('redis-benchmark', ...tests, '-P', depth, '-d', '1000')
      expect(table.match(/^"[^"]+","\d/gm)?.length).toBeGreaterThanOrEqual(5)
      expect(table).not.toMatch(/error/i)
    }
  })
})

describe('libraries', () => {
  const own = () => ({ ca: made.authority.cert, cert: made.client.cert, key: made.client.key })

  it('ioredis runs pipelines, transactions and subscriptions', async () => {
    const options = { host: '127.0.0.1', port, tls: own() }
    const [redis, listener] = [new Redis(options), new Redis(options)]
    onTestFinished(() => [redis, listener].forEach((client) => client.disconnect()))
    const big = 'x'.repeat(3_000_000)
    expect(await redis.set('big', big)).toBe('OK')
    expect(await redis.get('big')).toHaveLength(big.length)
    const results = await redis.pipeline().set('a', 1).incr('a').get('a').exec()
    expect(results?.map(([, value]) => value)).toEqual(['OK', 2, '2'])
    expect(await redis.multi().incr('a').incr('a').exec()).toEqual([
      [null, 3],
      [null, 4],
    ])
    await listener.subscribe('news')
    const heard = new Promise((resolve) => {
      listener.once('message', (_, message) => resolve(message))
    })
    await redis.publish('news', 'hello')
    expect(await heard).toBe('hello')
  })

  it('node-redis runs over RESP3, and is refused without its certificate', async () => {
    const socket = { host: '127.0.0.1', port, tls: true as const, ...own() }
    const client = createClient({ socket, RESP: 3 })
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.destroy())
    await client.hSet('h', { name: 'ada', field: 'mathematics' })
    expect(await client.hGetAll('h')).toMatchObject({ name: 'ada', field: 'mathematics' })
    expect(await client.multi().set('n', '1').incr('n').exec()).toEqual(['OK', 2])

    const { cert: _cert, key: _key, ...naked } = socket
    const stranger = createClient({ socket: { ...naked, reconnectStrategy: false } })
    stranger.on('error', () => undefined)
    await expect(stranger.connect().then(() => stranger.ping())).rejects.toThrow(
      /closed|ended|certificate/i,
    )
  })
})
