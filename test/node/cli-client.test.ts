/** `wadi cli`: what it writes is what redis-cli writes, asking redis-server and asking Wadi. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from '../support/certificates.ts'
import { freePort, type TestServer } from '../support/process.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const CLI = path.resolve(import.meta.dirname, '../../dist/node/cli.js')
const folder = mkdtempSync(path.join(tmpdir(), 'wadi-cli-'))
const script = path.join(folder, 'script.lua')
writeFileSync(script, 'return {KEYS[1],KEYS[2],ARGV[1]}')

interface Result {
  out: string
  err: string
  code: number | null
}

interface How {
  stdin?: string
  env?: Record<string, string>
  /** Ends the program once it has written this. */
  until?: string
}

/** Runs a program to its end. */
function run([program, ...args]: string[], { stdin = '', env = {}, until }: How): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      env: { ...process.env, REDISCLI_HISTFILE: '/dev/null', ...env },
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    const result: Result = { out: '', err: '', code: null }
    child.stdout.on('data', (chunk: Buffer) => {
      result.out += chunk.toString('latin1')
      if (until && result.out.includes(until)) child.kill()
    })
    child.stderr.on('data', (chunk: Buffer) => (result.err += chunk.toString('latin1')))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ ...result, code })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(Buffer.from(stdin, 'latin1'))
  })
}

const MISSING = redisMissing()

afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(MISSING)('wadi cli writes what redis-cli writes', () => {
  let servers: { redis: TestServer; wadi: TestServer }

  beforeAll(async () => {
    const [redis, wadi] = await Promise.all([startRedis(), startWadi()])
    servers = { redis, wadi }
    for (const { port } of [redis, wadi]) {
      const client = await Connection.connect(port)
      await client.exchange([
        ['RPUSH', 'list', 'a', 'b c', '"q"', ...Array.from({ length: 9 }, (_, i) => `e${i}`)],
        ['SET', 'str', Buffer.from('a\nb\xff\x01"\\\u0000é', 'latin1')],
        ['HSET', 'h', 'f1', 'v1', 'f2', 'v2'],
        ['SADD', 's', 'm'],
        ['ZADD', 'z', '1.5', 'm'],
        ['XADD', 'x', '1-1', 'f', 'v'],
      ])
      client.close()
    }
  })
  afterAll(async () => {
    await Promise.all([servers.redis.stop(), servers.wadi.stop()])
  })

  async function compare(
    at: 'redis' | 'wadi',
    args: readonly string[],
    how: How = {},
  ): Promise<Result> {
    const port = String(servers[at].port)
    const [expected, got] = await Promise.all([
      run(['redis-cli', '-p', port, ...args], how),
      run([process.execPath, CLI, 'cli', '-p', port, ...args], how),
    ])
    expect(got).toEqual(expected)
    return got
  }

  /** One program for all lines: they come from standard input. */
  const replies = [
    'get str',
    'get none',
    'lrange list 0 -1',
    'lrange none 0 -1',
    'hgetall h',
    'hgetall none',
    'smembers s',
    'zrange z 0 -1 withscores',
    'xrange x - +',
    'incr str',
    'nosuch command',
    'set a b',
    ...[
      'string',
      'integer',
      'double',
      'null',
      'array',
      'set',
      'map',
      'verbatim',
      'true',
      'false',
    ].map((kind) => `debug protocol ${kind}`),
    'command info get',
    'client getname',
    'memory doctor',
    'multi',
    'get a',
    'lpush a b',
    'exec',
    'get "x',
    '  3 ping  ',
    '',
    'select 3',
    'dbsize',
    'quit',
    'ping',
  ].join('\n')

  describe.each(['redis', 'wadi'] as const)('of the replies of %s', (at) => {
    it.each(['', '-3', '--csv', '--json', '-2 --json', '--quoted-json', '--no-raw', '-3 --no-raw'])(
      'with %s',
      async (options) => {
        const args = options.split(' ').filter(Boolean)
        const { out } = await compare(at, args, { stdin: replies })
        expect(out.length).toBeGreaterThan(200)
      },
      30_000,
    )
  })

  const nested =
    'redis.setresp(3); return {map={a={1}}}, {map={b={1,{2,{3,"x"}}}}}, {map={c={map={x=1}}}}'

  it.each<[string, string[], How?]>([
    ['a terminal', ['lrange', 'list', '0', '-1'], { env: { FAKETTY: '1' } }],
    ['maps in maps', ['-3', '--no-raw', 'eval', nested, '0']],
    [
      'a long map in a map',
      ['-3', '--no-raw', 'eval', 'redis.setresp(3) return {map={d={1,2}}}', '0'],
    ],
    [
      'an error inside a list',
      ['--no-raw', 'eval', 'return {1,redis.error_reply("ERR x"),{}}', '0'],
    ],
    ['a database', ['-n', '3', 'dbsize']],
    ['a database that is not there', ['-n', '99', 'dbsize']],
    ['a wrong password', ['-a', 'wrong', 'ping']],
    ['a wrong password without a warning', ['-a', 'wrong', '--no-auth-warning', 'ping']],
    ['a wrong user', ['--user', 'u', '--pass', 'p', 'ping']],
    ['a password of the environment', ['ping'], { env: { REDISCLI_AUTH: 'wrong' } }],
    ['repetition', ['-r', '3', '-i', '0.01', 'ping']],
    ['an error as exit code', ['-e', 'get', 'list']],
    ['no error as exit code', ['-e', 'get', 'a']],
    ['nobody at the port', ['-p', '1', 'ping']],
    ['nobody at the socket', ['-s', '/nosuch/socket', 'ping']],
    ['an unknown scheme', ['-u', 'foo://x', 'ping']],
    ['an unknown option', ['--foo']],
    ['a delimiter of parts', ['-d', ',', 'lrange', 'list', '0', '-1']],
    ['a delimiter of replies', ['-D', ';', '-r', '2', 'get', 'a']],
    ['a script', ['--eval', script, 'k1', 'k2', ',', 'arg']],
    ['a script that is missing', ['--eval', '/nosuch/script', 'k']],
    ['scan', ['--scan']],
    ['scan with a pattern', ['--scan', '--pattern', 's*']],
    ['scan for people', ['--scan', '--pattern', 's*'], { env: { FAKETTY: '1' } }],
    ['quoted input', ['--quoted-input', 'echo', '"a\\x01b\\n"']],
    ['quoted input that is not', ['--quoted-input', 'get', '"a']],
    ['standard input as an argument', ['-x', 'echo'], { stdin: 'a\nb\xff' }],
    ['standard input as this argument', ['-X', 'T', 'set', 'T', 'v'], { stdin: 'key' }],
    ['standard input nowhere', ['-X', 'T', 'set', 'k', 'v'], { stdin: 'key' }],
    ['a pipe', ['--pipe'], { stdin: 'SET p 1\r\nGET p\r\n*1\r\n$4\r\nPING\r\n' }],
    ['a pipe with errors', ['--pipe'], { stdin: 'SET p 1\r\nLPUSH p x\r\n' }],
    ['an empty pipe', ['--pipe']],
    ['big keys', ['--bigkeys']],
    ['hot keys without the policy', ['--hotkeys']],
    ['INFO as it is', ['--no-raw', 'info', 'nosuch']],
    ['tracking over RESP3', ['-3', 'client', 'tracking', 'on']],
  ])('for %s', async (_, args, how) => {
    await compare('redis', args, how)
  })

  it.each(['--no-raw', '--raw', '-3', '--json'])('for messages, with %s', async (option) => {
    const port = String(servers.redis.port)
    const publisher = await Connection.connect(servers.redis.port)
    const programs = [['redis-cli'], [process.execPath, CLI, 'cli']]
    const results = programs.map((program) =>
      run([...program, '-p', port, option, 'subscribe', 'news'], { until: 'the end' }),
    )
    while ((await publisher.call('PUBLISH', 'news', 'one')).text !== '2');
    await publisher.call('PUBLISH', 'news', 'the end')
    const [expected, got] = await Promise.all(results)
    publisher.close()
    // Who came first has heard the first message more often.
    const once = (text: string) => [...new Set(text.split('\n'))]
    expect(once(got!.out)).toEqual(once(expected!.out))
  })

  it('for MONITOR', async () => {
    const port = String(servers.redis.port)
    const client = await Connection.connect(servers.redis.port)
    const result = run([process.execPath, CLI, 'cli', '-p', port, 'monitor'], { until: 'the end' })
    while (!/cmd=monitor/.test((await client.call('CLIENT', 'LIST')).text));
    await client.call('ECHO', 'the end')
    expect((await result).out).toMatch(
      /^OK\n[^]*\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "ECHO" "the end"\n$/,
    )
    client.close()
  })
})

describe('wadi cli', () => {
  let server: TestServer
  const cli = (args: string[], how: How = {}) =>
    run([process.execPath, CLI, 'cli', '-p', String(server.port), ...args], how)

  beforeAll(async () => {
    server = await startWadi({ args: ['--requirepass', 'p:w'] })
  })
  afterAll(() => server.stop())

  it('takes a URI', async () => {
    const uri = `redis://default:p%3Aw@127.0.0.1:${server.port}/2`
    expect(await cli(['--no-auth-warning', '-u', uri, 'CLIENT', 'INFO'])).toMatchObject({
      out: expect.stringContaining(' db=2 '),
      err: '',
      code: 0,
    })
  })

  it('takes the password from the environment', async () => {
    const env = { REDISCLI_AUTH: 'p:w' }
    expect(await cli(['PING'], { env })).toEqual({ out: 'PONG\n', err: '', code: 0 })
  })

  it('samples latency once where nobody looks', async () => {
    const env = { REDISCLI_AUTH: 'p:w' }
    const { out, code } = await cli(['--latency', '-i', '0.1'], { env })
    expect([out, code]).toEqual([expect.stringMatching(/^\d+ \d+ \d+\.\d\d \d+\n$/), 0])
  })

  it('writes a line of numbers each time', async () => {
    const env = { REDISCLI_AUTH: 'p:w' }
    const { out } = await cli(['--stat', '-r', '2', '-i', '0.01'], { env })
    const [heading, names, first] = out.split('\n')
    expect(heading).toBe(
      '------- data ------ --------------------- load -------------------- - child -',
    )
    expect(names).toMatch(/^keys {7}mem {6}clients blocked requests {12}connections/)
    expect(first).toMatch(/^0 {10}\d+\.\d\dK +1 +0 +\d+ \(\+0\) +\d+ +$/)
  })

  it('tells of its options and its version', async () => {
    expect((await cli(['--help'])).out).toContain('Usage: wadi cli')
    expect((await cli(['--version'])).out).toMatch(/^redis-cli 7\.\d+\.\d+ /)
  })
})

describe('wadi cli over TLS', () => {
  let server: TestServer
  let made: Certificates
  let tlsPort: string

  beforeAll(async () => {
    made = await makeCertificates()
    tlsPort = String(await freePort())
    const directives = { ...made.config, 'tls-port': tlsPort }
    const args = Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value])
    server = await startWadi({ args })
  })
  afterAll(async () => {
    await server.stop()
    rmSync(made.dir, { recursive: true })
  })

  const cli = (...args: string[]) => run([process.execPath, CLI, 'cli', ...args], {})
  /** The options of a client that the server trusts, or of another. */
  const identity = (certificate = made.client) => [
    '--cert',
    made.write('client.crt', certificate.cert),
    '--key',
    made.write('client.key', certificate.key),
  ]

  it('shows its certificate, and asks for that of the server', async () => {
    const ca = made.config['tls-ca-cert-file']!
    const pong = { out: 'PONG\n', err: '', code: 0 }
    const uri = `rediss://127.0.0.1:${tlsPort}`
    expect(await cli('-p', tlsPort, '--tls', '--cacert', ca, ...identity(), 'PING')).toEqual(pong)
    expect(await cli('-u', uri, '--cacert', ca, ...identity(), 'PING')).toEqual(pong)
    expect(await cli('-u', uri, '--insecure', ...identity(), 'PING')).toEqual(pong)
  })

  it('refuses a server that nobody vouches for, and is refused without a certificate', async () => {
    const ca = made.config['tls-ca-cert-file']!
    const unknown = await cli('-p', tlsPort, '--tls', ...identity(), 'PING')
    expect(unknown).toMatchObject({ out: '', code: 1 })
    expect(unknown.err).toMatch(/^Could not connect to Redis at 127\.0\.0\.1:\d+: .*certificate/)
    for (const other of [[], identity(made.foreign)]) {
      const refused = await cli('-p', tlsPort, '--tls', '--cacert', ca, ...other, 'PING')
      expect(refused).toMatchObject({ out: '', code: 1 })
      expect(refused.err).not.toBe('')
    }
  })
})
