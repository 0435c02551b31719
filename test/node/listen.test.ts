import { mkdtempSync, statSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StartError } from '../../host/node/index.ts'
import { formatAddress, isLoopback, parseBind } from '../../host/node/net/address.ts'
import { bindServer } from '../../host/node/net/bind.ts'
import { freePort } from '../support/process.ts'
import { connect, RawClient, startServer, until } from '../support/server.ts'

/** A listener of somebody else. */
async function occupy(): Promise<number> {
  const other = net.createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  return (other.address() as net.AddressInfo).port
}

/** A log whose lines can be looked at, without their dates. */
function collectLog(): { lines: string[]; log: (line: string) => void } {
  const lines: string[] = []
  return { lines, log: (line) => lines.push(line.replace(/^.*?\.\d{3} /, '').trimEnd()) }
}

describe('addresses', () => {
  test.each([
    ['127.0.0.1', ['127.0.0.1', '127.0.0.1', 4, false]],
    ['-::1', ['::1', '::1', 6, true]],
    ['*', ['*', '0.0.0.0', 4, false]],
    ['-::*', ['::*', '::', 6, true]],
    ['localhost', ['localhost', '127.0.0.1', 4, false]],
  ])('bind %s', (bind, [name, host, family, optional]) => {
    expect(parseBind(bind)).toEqual([{ name, host, family, optional }])
  })

  test('are written as Redis writes them', () => {
    expect(formatAddress('127.0.0.1', 6379)).toBe('127.0.0.1:6379')
    expect(formatAddress('::1', 6379)).toBe('[::1]:6379')
  })

  test.each([
    ['127.0.0.1', true],
    ['127.9.8.7', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['fe80::1', false],
  ])('%s is this machine: %s', (host, isLocal) => {
    expect(isLoopback(host)).toBe(isLocal)
  })
})

describe('listening', () => {
  test('on a port in use fails with the words of Redis', async () => {
    const port = await occupy()
    const { lines, log } = collectLog()
    await expect(startServer({ config: { port }, log })).rejects.toThrow(StartError)
    expect(lines).toEqual([
      `# Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use`,
      `# Failed listening on port ${port} (TCP), aborting.`,
    ])
  })

  test('on an address that this machine lacks fails, unless it is optional', async () => {
    const port = await freePort()
    const { lines, log } = collectLog()
    const bind = ['192.0.2.1', '127.0.0.1']
    await expect(startServer({ config: { port, bind }, log })).rejects.toThrow(StartError)
    expect(lines[0]).toContain(`192.0.2.1:${port}: bind: Cannot assign requested address`)
    const server = await startServer({ config: { port, bind: ['-192.0.2.1', '127.0.0.1'] } })
    expect(server.port).toBe(port)
  })

  test('on several addresses serves them all', async () => {
    const port = await freePort()
    await startServer({ config: { port, bind: ['127.0.0.1', '127.0.0.2'] } })
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const client = new RawClient(net.connect(port, host))
      client.send(['PING'])
      expect(await client.readLike('+PONG\r\n')).toBe('+PONG\r\n')
      client.socket.destroy()
    }
  })

  test('on a Unix socket gives its file the permissions, and removes it at the end', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'wadi-')), 'redis.sock')
    const server = await startServer({
      config: { port: 0, unixsocket: path, unixsocketperm: '700' },
    })
    expect(server.port).toBe(0)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    const client = new RawClient(net.connect(path))
    client.send(['PING'], ['CLIENT', 'INFO'])
    expect(await client.readLike('+PONG\r\n')).toBe('+PONG\r\n')
    await client.read(30)
    client.socket.destroy()
    await server.close()
    expect(() => statSync(path)).toThrow('ENOENT')
  })

  test('on a Unix socket in a folder that is not there fails with the words of Redis', async () => {
    const { lines, log } = collectLog()
    const config = { port: 0, unixsocket: '/nowhere/redis.sock' }
    await expect(startServer({ config, log })).rejects.toThrow(StartError)
    expect(lines).toEqual(['# Failed opening Unix socket: bind: No such file or directory'])
  })
})

test("Node's public way of listening serves as well", async () => {
  const { server } = await startServer()
  const bound = bindServer({
    place: { host: '127.0.0.1', port: 0, family: 4 },
    backlog: 10,
    accept: (client) => server.clients.arrive(client, undefined),
    failed: () => undefined,
  })
  onTestFinished(() => bound.close())
  await until(() => bound.port > 0)
  const client = await connect(bound.port)
  const value = 'x'.repeat(200_000)
  client.send(['SET', 'a', value], ['GET', 'a'])
  const expected = `+OK\r\n$200000\r\n${value}\r\n`
  expect((await client.readLike(expected)) === expected).toBe(true)
})

describe('CONFIG SET', () => {
  const ask = async (client: RawClient, ...args: string[]): Promise<string> => {
    client.send(args)
    let reply = ''
    while (!reply.endsWith('\r\n')) reply += String(await client.read(1))
    return reply.trimEnd()
  }

  test('port moves new clients and keeps those that are there', async () => {
    const { port } = await startServer()
    const old = await connect(port)
    const next = await freePort()
    expect(await ask(old, 'CONFIG', 'SET', 'port', String(next))).toBe('+OK')
    const client = await connect(next)
    expect(await ask(client, 'PING')).toBe('+PONG')
    expect(await ask(old, 'PING')).toBe('+PONG')
    await expect(connect(port)).rejects.toThrow('ECONNREFUSED')
  })

  test('port in use is refused, and the old one stays', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    expect(await ask(client, 'CONFIG', 'SET', 'port', String(await occupy()))).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'port') - " +
        'Unable to listen on this port. Check server logs.',
    )
    expect(await ask(await connect(port), 'PING')).toBe('+PONG')
  })

  test('bind to an address that cannot be had is refused, and the old one stays', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    expect(await ask(client, 'CONFIG', 'SET', 'bind', '192.0.2.1')).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'bind') - " +
        'Failed to bind to specified addresses.',
    )
    expect(await ask(await connect(port), 'PING')).toBe('+PONG')
  })

  test('a refused directive sets back those before it', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    const taken = String(await occupy())
    const next = String(await freePort())
    const set = ['CONFIG', 'SET', 'bind', '127.0.0.1 127.0.0.2', 'timeout', '77', 'port', taken]
    expect(await ask(client, ...set)).toContain("related to argument 'bind'")
    client.send(['CONFIG', 'GET', 'timeout'])
    const zero = '*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n'
    expect(await client.readLike(zero)).toBe(zero)
    expect(await ask(client, 'CONFIG', 'SET', 'port', next)).toBe('+OK')
    expect(await ask(await connect(Number(next)), 'PING')).toBe('+PONG')
  })
})

describe('who may connect', () => {
  test('one client more than maxclients is told so', async () => {
    const { port, server } = await startServer({ config: { maxclients: 2 } })
    const first = await connect(port)
    await connect(port)
    await until(() => server.clients.count === 2)
    expect(await (await connect(port)).readAll()).toBe('-ERR max number of clients reached\r\n')
    first.socket.destroy()
    await until(() => server.clients.count === 1)
    const again = await connect(port)
    again.send(['PING'])
    expect(await again.readLike('+PONG\r\n')).toBe('+PONG\r\n')
  })

  /** Lets a client in whose address is said to be another. */
  async function arriveFrom(
    config: Record<string, string>,
    remoteAddress: string,
  ): Promise<string> {
    const { server } = await startServer({ config })
    const gate = net.createServer((socket) => {
      Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
      server.clients.arrive(socket, undefined)
    })
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void gate.close())
    const client = await connect((gate.address() as net.AddressInfo).port)
    client.send(['QUIT'])
    return client.readAll()
  }

  test('strangers are refused while there is no password', async () => {
    expect(await arriveFrom({}, '10.0.0.9')).toMatch(
      /^-DENIED Redis is running in protected mode because .* from the outside\.\r\n$/,
    )
  })

  test.each([
    ['protected mode is off', { 'protected-mode': 'no' }, '10.0.0.9'],
    ['there is a password', { requirepass: 'secret' }, '10.0.0.9'],
    ['they come from this machine', {}, '127.0.0.3'],
  ])('strangers are let in when %s', async (_, config, address) => {
    expect(await arriveFrom(config as Record<string, string>, address)).toBe('+OK\r\n')
  })
})
