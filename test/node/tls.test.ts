import { createPrivateKey } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type EmbeddedServer, StartError } from '../../host/node/index.ts'
import { Logger } from '../../host/node/logger.ts'
import { TlsGate } from '../../host/node/net/tls-gate.ts'
import { serverOptions } from '../../host/node/net/tls-options.ts'
import { Settings } from '../../host/node/settings.ts'
import {
  type Certificate,
  type Certificates,
  makeCertificate,
  makeCertificates,
} from '../support/certificates.ts'
import { freePort } from '../support/process.ts'
import { connect, RawClient, startServer, until } from '../support/server.ts'

let made: Certificates

beforeAll(async () => {
  made = await makeCertificates()
})

interface Started {
  server: EmbeddedServer
  port: number
  lines: string[]
}

/** A server with TLS, and what it logs, without dates. */
async function startTls(config: Record<string, string | number> = {}): Promise<Started> {
  const lines: string[] = []
  const port = await freePort()
  const log = (line: string) => void lines.push(line.replace(/^.*?\.\d{3} /, '').trimEnd())
  const server = await startServer({ config: { ...made.config, 'tls-port': port, ...config }, log })
  return { server, port, lines }
}

/** Connects with a certificate; the connection ends with the test. */
async function connectTls(
  port: number,
  as: Certificate | null = made.client,
  options: tls.ConnectionOptions = {},
): Promise<RawClient & { socket: tls.TLSSocket }> {
  const own = as ? { cert: as.cert, key: as.key } : {}
  const trust = { ca: made.authority.cert, servername: 'localhost' }
  const socket = tls.connect({ port, host: '127.0.0.1', ...trust, ...own, ...options })
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return new RawClient(socket) as RawClient & { socket: tls.TLSSocket }
}

const PONG = '+PONG\r\n'

async function ping(client: RawClient): Promise<void> {
  client.send(['PING'])
  expect(await client.readLike(PONG)).toBe(PONG)
}

/** The line that answers a command. */
async function ask(client: RawClient, ...args: string[]): Promise<string> {
  client.send(args)
  let reply = ''
  while (!reply.endsWith('\r\n')) reply += String(await client.read(1))
  return reply.trimEnd()
}

const refusal = (directive: string) =>
  `-ERR CONFIG SET failed (possibly related to argument '${directive}') - ` +
  'Unable to update TLS configuration. Check server logs.'

describe('a TLS connection', () => {
  test('is served like any other', async () => {
    const { port } = await startTls()
    const client = await connectTls(port)
    client.send(['SET', 'a', '1'], ['INCR', 'a'], ['GET', 'a'])
    const expected = '+OK\r\n:2\r\n$1\r\n2\r\n'
    expect(await client.readLike(expected)).toBe(expected)
    client.send(['CLIENT', 'INFO'])
    const info = String(await client.read(120))
    expect(info).toContain(`addr=127.0.0.1:${client.socket.localPort}`)
    expect(info).toContain(`laddr=127.0.0.1:${port}`)
    expect(info).toMatch(/ fd=\d+ /)
  })

  test('takes and gives values larger than every buffer', async () => {
    const { port } = await startTls()
    const client = await connectTls(port)
    const value = Buffer.alloc(20_000_000, 'wadi ')
    client.send(['SET', 'big', value])
    expect(await client.readLike('+OK\r\n')).toBe('+OK\r\n')
    client.send(['GET', 'big'])
    const reply = await client.read(value.length + 13)
    expect(reply.subarray(11, -2).equals(value)).toBe(true)
  })

  test('of a slow reader loses nothing while the memory of the engine grows', async () => {
    const { port, server } = await startTls()
    const [slow, busy] = [await connectTls(port), await connectTls(port)]
    const value = (digit: number) => String(digit).repeat(100_000)
    for (let i = 0; i < 10; i++) await ask(busy, 'SET', `v${i}`, value(i))
    const rounds = 200
    slow.send(...Array.from({ length: rounds }, (_, i) => ['GET', `v${i % 10}`]))
    await until(() => server.server.engine.unsentBytes > 0)
    for (let i = 0; i < 8; i++) {
      busy.send(['SET', `grow${i}`, Buffer.alloc(8_000_000, 'g')])
      await busy.read(5)
    }
    for (let i = 0; i < rounds; i++) {
      const expected = Buffer.from(`$100000\r\n${value(i % 10)}\r\n`)
      expect((await slow.read(expected.length)).equals(expected)).toBe(true)
    }
  })

  test('is forgotten when the client goes, and closed when it says QUIT', async () => {
    const { port, server } = await startTls()
    const client = await connectTls(port)
    await ping(client)
    client.send(['PING'], ['QUIT'], ['PING'])
    expect(await client.readAll()).toBe('+PONG\r\n+OK\r\n')
    const other = await connectTls(port)
    await ping(other)
    other.socket.destroy()
    await until(() => server.server.clients.count === 0)
  })

  test('hears what others publish in plain text', async () => {
    const { port, server } = await startTls()
    const [listener, speaker] = [await connectTls(port), await connect(server.port)]
    listener.send(['SUBSCRIBE', 'c'])
    await listener.read(30)
    speaker.send(['PUBLISH', 'c', 'hello'])
    const message = '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n'
    expect(await listener.readLike(message)).toBe(message)
  })

  test('is the only way in with port 0', async () => {
    const { port, server } = await startTls({ port: 0 })
    expect(server.port).toBe(0)
    await ping(await connectTls(port))
  })
})

describe('tls-auth-clients', () => {
  const cases = [
    ['yes', 'a good certificate', 'client', true],
    ['yes', 'no certificate', null, false],
    ['yes', 'one of an unknown authority', 'foreign', false],
    ['yes', 'one that has expired', 'expired', false],
    ['yes', 'one that is not valid yet', 'early', false],
    ['optional', 'a good certificate', 'client', true],
    ['optional', 'no certificate', null, true],
    ['optional', 'one of an unknown authority', 'foreign', false],
    ['optional', 'one that has expired', 'expired', false],
    ['no', 'no certificate', null, true],
    ['no', 'one of an unknown authority', 'foreign', true],
  ] as const
  test.each(cases)('%s lets in with %s (%s): %s', async (mode, _, name, isLetIn) => {
    const { port, server, lines } = await startTls({ 'tls-auth-clients': mode })
    const client = await connectTls(port, name && made[name])
    if (isLetIn) return ping(client)
    client.send(['SET', 'a', '1'])
    expect(await client.readAll()).toBe('')
    await until(() => server.server.listeners.gate.handshakes === 0)
    expect(server.server.internal.call('EXISTS', 'a')).toBe(0)
    expect(lines.at(-1)).toMatch(
      /^# Error accepting a client connection: error:0A0000\w\w:SSL rout/,
    )
  })
})

describe('what is not a handshake', () => {
  test('plain text to the TLS port is hung up on', async () => {
    const { port, server, lines } = await startTls()
    const client = await connect(port)
    client.send(['PING'])
    expect(await client.readAll()).not.toContain('PONG')
    await until(() => server.server.listeners.gate.handshakes === 0)
    expect(lines.at(-1)).toBe(
      '# Error accepting a client connection: error:0A00010B:SSL routines::wrong version number',
    )
  })

  test('a client that says nothing, or only half, is let go after a while', async () => {
    const settings = new Settings()
    for (const [name, value] of Object.entries(made.config)) settings.load(name, value)
    const log = new Logger({ pid: 1, now: () => new Date(), write: () => undefined })
    const gate = new TlsGate(() => undefined, log, 200)
    gate.configure(serverOptions({ settings, path: (name) => settings.get(name) }))
    const server = net.createServer((socket) => gate.shake(socket)).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as net.AddressInfo
    const [silent, half] = [await connect(port), await connect(port)]
    half.socket.write(Buffer.from('1603010200010001fc0303', 'hex'))
    await until(() => gate.handshakes === 2)
    await Promise.all([silent.readAll(), half.readAll()])
    expect(gate.handshakes).toBe(0)
  })

  test('those at the door count among maxclients', async () => {
    const { port, server } = await startTls({ maxclients: 3 })
    await connect(port)
    await connect(port)
    await until(() => server.server.listeners.gate.handshakes === 2)
    await ping(await connectTls(port))
    expect(await (await connect(port)).readAll()).toBe('')
  })
})

describe('certificates', () => {
  const shown = (client: { socket: tls.TLSSocket }) =>
    client.socket.getPeerX509Certificate()?.serialNumber

  test('are read anew by CONFIG SET, for those who come from then on', async () => {
    const { port } = await startTls()
    const old = await connectTls(port)
    const next = await makeCertificate('localhost', { by: made.authority })
    const cert = made.write('next.crt', made.server.cert)
    const key = made.write('next.key', made.server.key)
    expect(await ask(old, 'CONFIG', 'SET', 'tls-cert-file', cert, 'tls-key-file', key)).toBe('+OK')
    const before = shown(await connectTls(port))
    writeFileSync(cert, next.cert)
    writeFileSync(key, next.key)
    expect(shown(await connectTls(port))).toBe(before)
    expect(await ask(old, 'CONFIG', 'SET', 'tls-cert-file', cert)).toBe('+OK')
    expect(shown(await connectTls(port))).not.toBe(before)
    await ping(old)
  })

  test('that will not do are refused, and those before stay', async () => {
    const { port, lines } = await startTls()
    const client = await connectTls(port)
    const before = shown(client)
    const foreign = made.write('foreign.crt', made.foreign.cert)
    for (const [name, value, complaint] of [
      ['tls-cert-file', '/nowhere.crt', 'load certificate: /nowhere.crt: error:80000002:system'],
      ['tls-cert-file', foreign, 'load private key: .*key values mismatch'],
      ['tls-ca-cert-file', made.write('empty', ''), 'configure CA certificate'],
      ['tls-ciphers', 'nonsense', 'configure ciphers: nonsense$'],
      ['tls-ciphersuites', 'nonsense', 'configure ciphersuites: nonsense$'],
      ['tls-dh-params-file', '/nowhere', 'load /nowhere: No such file or directory$'],
      ['tls-client-cert-file', '/nowhere', 'load certificate: /nowhere'],
    ] as const) {
      lines.length = 0
      expect(await ask(client, 'CONFIG', 'SET', name, value)).toBe(refusal(name))
      expect(lines[0]).toMatch(new RegExp(`^# Failed to ${complaint}`))
      expect(lines[1]).toContain(`Possibly related to new ${name} setting. Restoring previous`)
    }
    expect(await ask(client, 'CONFIG', 'SET', 'tls-protocols', 'TLSv9')).toBe(
      refusal('tls-protocols'),
    )
    expect(shown(await connectTls(port))).toBe(before)
  })

  test('may have a key with a password', async () => {
    const pem = {
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    } as const
    const locked = createPrivateKey(made.server.key).export(pem)
    const config = { 'tls-key-file': made.write('locked.key', locked) }
    const { port } = await startTls({ ...config, 'tls-key-file-pass': 'secret' })
    await ping(await connectTls(port))
    await expect(startTls({ ...config, 'tls-key-file-pass': 'wrong' })).rejects.toThrow(StartError)
    await expect(startTls(config)).rejects.toThrow(StartError)
  })

  test('of authorities may lie in a folder', async () => {
    const dir = join(made.dir, 'authorities')
    mkdirSync(dir)
    writeFileSync(join(dir, 'some.0'), made.authority.cert)
    writeFileSync(join(dir, 'readme'), 'no certificate')
    const { port } = await startTls({ 'tls-ca-cert-file': '', 'tls-ca-cert-dir': dir })
    await ping(await connectTls(port))
    expect(await (await connectTls(port, made.foreign)).readAll()).toBe('')
  })
})

describe('TLS', () => {
  test.each([
    [{}, 'No tls-cert-file configured!'],
    [{ 'tls-cert-file': 'server' }, 'No tls-key-file configured!'],
    [
      { 'tls-cert-file': 'server', 'tls-key-file': 'server' },
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, ' +
        'tls-replication or tls-auth-clients are enabled!',
    ],
  ])('of %j cannot start: %s', async (given, complaint) => {
    const lines: string[] = []
    const none = { 'tls-cert-file': '', 'tls-key-file': '', 'tls-ca-cert-file': '' }
    const config = { 'tls-port': await freePort(), ...none, ...given }
    const start = startServer({ config, log: (line) => void lines.push(line) })
    await expect(start).rejects.toThrow(StartError)
    expect(lines[0]).toContain(`# ${complaint}\n`)
    expect(lines[1]).toContain('# Failed to configure TLS. Check logs for more info.\n')
  })

  test('begins and ends with CONFIG SET tls-port', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    const tlsPort = String(await freePort())
    expect(await ask(client, 'CONFIG', 'SET', 'tls-port', tlsPort)).toBe(refusal('tls-port'))
    const all = Object.entries({ 'tls-port': tlsPort, ...made.config }).flat()
    expect(await ask(client, 'CONFIG', 'SET', ...all)).toBe('+OK')
    const secure = await connectTls(Number(tlsPort))
    await ping(secure)
    expect(await ask(client, 'CONFIG', 'SET', 'tls-port', '0')).toBe('+OK')
    await expect(connectTls(Number(tlsPort))).rejects.toThrow('ECONNREFUSED')
    await ping(secure)
  })

  test('moves with CONFIG SET bind', async () => {
    const { port, server } = await startTls()
    const client = await connect(server.port)
    expect(await ask(client, 'CONFIG', 'SET', 'bind', '127.0.0.2')).toBe('+OK')
    await ping(await connectTls(port, made.client, { host: '127.0.0.2' }))
    await expect(connectTls(port)).rejects.toThrow('ECONNREFUSED')
    await expect(connect(server.port)).rejects.toThrow('ECONNREFUSED')
  })

  test.each([
    ['TLSv1.2', { minVersion: 'TLSv1.3' }, undefined],
    ['TLSv1.2', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
    ['tlsv1.3', { maxVersion: 'TLSv1.2' }, undefined],
    ['TLSv1.3 TLSv1.2', {}, 'TLSv1.3'],
    ['', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
  ] as const)('tls-protocols "%s" with a client of %j: %s', async (words, options, spoken) => {
    const { port } = await startTls({ 'tls-protocols': words })
    const client = connectTls(port, made.client, options)
    if (spoken) expect((await client).socket.getProtocol()).toBe(spoken)
    else await expect(client).rejects.toThrow(/alert protocol version/)
  })

  test('speaks the ciphers that it is told to, in its own order where it prefers that', async () => {
    const ciphers = ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-GCM-SHA256']
    const { port } = await startTls({
      'tls-ciphers': ciphers.join(':'),
      'tls-ciphersuites': 'TLS_AES_128_GCM_SHA256',
      'tls-prefer-server-ciphers': 'yes',
    })
    const older = { maxVersion: 'TLSv1.2', ciphers: ciphers.toReversed().join(':') } as const
    expect((await connectTls(port, made.client, older)).socket.getCipher().name).toBe(ciphers[0])
    const newer = await connectTls(port)
    expect(newer.socket.getCipher().name).toBe('TLS_AES_128_GCM_SHA256')
    const other = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' } as const
    await expect(connectTls(port, made.client, other)).rejects.toThrow(/handshake failure/)
  })

  test.each([
    ['yes', true],
    ['no', false],
  ])('resumes sessions with tls-session-caching %s: %s', async (caching, resumes) => {
    const { port } = await startTls({ 'tls-session-caching': caching })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await connectTls(port, made.client, { maxVersion })
      let session = first.socket.getSession()
      first.socket.on('session', (ticket) => (session = ticket))
      await ping(first)
      const again = await connectTls(port, made.client, { maxVersion, session })
      await ping(again)
      expect(again.socket.isSessionReused()).toBe(resumes)
    }
  })

  test('does not renegotiate', async () => {
    const { port } = await startTls()
    const client = await connectTls(port, made.client, { maxVersion: 'TLSv1.2' })
    await ping(client)
    let ending = ''
    client.socket.on('error', (error) => (ending = error.message))
    client.socket.renegotiate({}, () => (ending = 'renegotiated'))
    await until(() => ending !== '' || client.socket.closed)
    expect(ending).toMatch(/no renegotiation/)
    await ping(await connectTls(port))
  })
})

describe('MIGRATE', () => {
  test('goes over TLS with tls-cluster, and shows the certificate for other servers', async () => {
    const target = await startTls()
    const own = {
      'tls-client-cert-file': made.write('own.crt', made.client.cert),
      'tls-client-key-file': made.write('own.key', made.client.key),
    }
    const source = await startTls({ 'tls-cluster': 'yes', ...own })
    const client = await connect(source.server.port)
    expect(await ask(client, 'SET', 'a', '1')).toBe('+OK')
    const migrate = ['MIGRATE', '127.0.0.1', String(target.port), 'a', '0', '5000']
    expect(await ask(client, ...migrate)).toBe('+OK')
    expect(target.server.server.internal.call('GET', 'a')).toBe('1')
    expect(source.server.server.internal.call('EXISTS', 'a')).toBe(0)
  })

  test('does not trust a server of an unknown authority', async () => {
    const foreign = await startTls({
      'tls-cert-file': made.write('theirs.crt', made.foreign.cert),
      'tls-key-file': made.write('theirs.key', made.foreign.key),
    })
    const { server } = await startTls({ 'tls-cluster': 'yes' })
    const client = await connect(server.port)
    expect(await ask(client, 'SET', 'a', '1')).toBe('+OK')
    expect(await ask(client, 'MIGRATE', '127.0.0.1', String(foreign.port), 'a', '0', '5000')).toBe(
      '-IOERR error or timeout connecting to the client',
    )
    expect(foreign.server.server.internal.call('EXISTS', 'a')).toBe(0)
  })
})
