/** Who may come in over TLS, and what hostile handshakes do: Wadi and redis-server decide alike. */
import net from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type Certificate,
  type Certificates,
  makeCertificates,
} from '../../support/certificates.ts'
import { freePort, type TestServer } from '../../support/process.ts'
import { redisMissing, startRedis } from '../../support/redis.ts'
import { startWadi } from '../../support/wadi.ts'

const missing = redisMissing()
const MODES = ['yes', 'optional', 'no'] as const
const SHOWN = ['client', 'none', 'foreign', 'expired', 'early', 'server'] as const

interface Secure {
  server: TestServer
  tlsPort: number
}

let made: Certificates

async function startBoth(...args: string[]): Promise<[redis: Secure, wadi: Secure]> {
  const start = async (how: typeof startWadi): Promise<Secure> => {
    const tlsPort = await freePort()
    const files = Object.entries(made.config).flatMap(([name, value]) => [`--${name}`, value])
    const server = await how({ args: ['--tls-port', String(tlsPort), ...files, ...args] })
    return { server, tlsPort }
  }
  return Promise.all([start(startRedis), start(startWadi)])
}

/** Shakes hands and says PING; what comes of it. */
function knock(port: number, as: Certificate | undefined, more: tls.ConnectionOptions = {}) {
  return new Promise<'let in' | 'turned away'>((resolve) => {
    const own = as ? { cert: as.cert, key: as.key } : {}
    const options = { ca: made.authority.cert, servername: 'localhost', ...own, ...more }
    const socket = tls.connect({ port, host: '127.0.0.1', ...options })
    socket.on('data', () => {
      resolve('let in')
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve('turned away'))
    socket.write('PING\r\n')
  })
}

/** Sends bytes and the end of the connection; all that comes back, as text. */
function send(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
    socket.end(bytes, 'latin1')
  })
}

describe.skipIf(missing)(`TLS${missing ? `: ${missing}` : ''}`, () => {
  let both: [redis: Secure, wadi: Secure]

  beforeAll(async () => {
    made = await makeCertificates()
    both = await startBoth()
  })
  afterAll(() => Promise.all(both.map(({ server }) => server.stop())))

  it.each(MODES)('with tls-auth-clients %s', async (mode) => {
    const [redis, wadi] = await startBoth('--tls-auth-clients', mode)
    onTestFinished(async () => {
      await Promise.all([redis, wadi].map(({ server }) => server.stop()))
    })
    const ask = async ({ tlsPort }: Secure) => {
      const verdicts: [string, string][] = []
      for (const name of SHOWN) {
        verdicts.push([name, await knock(tlsPort, name === 'none' ? undefined : made[name])])
      }
      return Object.fromEntries(verdicts)
    }
    const verdicts = await ask(wadi)
    expect(verdicts).toEqual(await ask(redis))
    expect(verdicts['client']).toBe('let in')
    if (mode !== 'no') expect(verdicts['foreign']).toBe('turned away')
  })

  it.each([
    ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
    ['TLS 1.3', { minVersion: 'TLSv1.3' }],
    ['no encryption', { maxVersion: 'TLSv1.2', ciphers: 'NULL-SHA256:eNULL@SECLEVEL=0' }],
    ['no certificates', { maxVersion: 'TLSv1.2', ciphers: 'aNULL@SECLEVEL=0' }],
  ] as const)('with a client that speaks %s', async (_, options) => {
    const [redis, wadi] = both
    expect(await knock(wadi.tlsPort, made.client, options)).toBe(
      await knock(redis.tlsPort, made.client, options),
    )
  })

  it.each([
    ['a command', 'PING\r\n'],
    ['an array', '*1\r\n$4\r\nPING\r\n'],
    ['HTTP', 'POST / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['nothing', ''],
    ['zeros', '\0'.repeat(100)],
    ['a record of another kind', '\x17\x03\x03\x00\x05hello'],
    ['a record that is too long', `\x16\x03\x01\x41\x00${'x'.repeat(0x4100)}`],
    ['a message that is too long', '\x16\x03\x01\x00\x06\x01\xff\xff\xff\x03\x03'],
    ['half a hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['an alert', '\x15\x03\x01\x00\x02\x02\x28'],
  ])('that gets %s instead of a handshake says nothing to it', async (_, bytes) => {
    for (const { tlsPort } of both) expect(await send(tlsPort, bytes)).not.toMatch(/PONG|ERR/)
    const [, { server, tlsPort }] = both
    expect(await knock(tlsPort, made.client)).toBe('let in')
    expect(server.output()).not.toContain('BUG REPORT')
  })

  it('that is asked for on the plain port is an error of the protocol, or silence', async () => {
    for (const { server } of both) {
      const socket = tls.connect({ port: server.port, host: '127.0.0.1', ca: made.authority.cert })
      const ending = new Promise((resolve) => socket.once('error', resolve))
      // The hello waits for the end of its line; a line makes it complete.
      socket.once('connect', () => setImmediate(() => socket.destroy(new Error('given up'))))
      expect(String(await ending)).toMatch(/given up|wrong version number/)
      expect(await send(server.port, 'PING\r\n')).toBe('+PONG\r\n')
    }
  })

  it('serves others while hundreds stand in the door', { timeout: 60_000 }, async () => {
    const [, { tlsPort, server }] = both
    const crowd = Array.from({ length: 500 }, (_, i) => {
      const socket = net.connect(tlsPort, '127.0.0.1')
      socket.on('error', () => undefined)
      if (i % 2) socket.write(Buffer.from('1603010200010001fc0303', 'hex'))
      return socket
    })
    onTestFinished(() => crowd.forEach((socket) => socket.destroy()))
    await Promise.all(crowd.map((socket) => new Promise((done) => socket.once('connect', done))))
    for (let i = 0; i < 10; i++) {
      expect(await knock(tlsPort, made.client)).toBe('let in')
      expect(await send(server.port, 'PING\r\n')).toBe('+PONG\r\n')
    }
  })
})
