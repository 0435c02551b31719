import { describe, expect, test } from 'vitest'
import { commands, connect, type RawClient, startServer } from '../support/server.ts'

const MEGABYTE = 1 << 20

/** A server, its log, and a client that is not evicted and can look. */
async function startLimited(limit: string, more: Record<string, string | string[]> = {}) {
  const lines: string[] = []
  const config = { 'maxmemory-clients': limit, ...more }
  const server = await startServer({ config, log: (line) => void lines.push(line) })
  const watcher = await connect(server.port)
  expect(await ask(watcher, 'CLIENT', 'NO-EVICT', 'ON')).toBe('+OK')
  const open = async (name: string) => {
    const client = await connect(server.port)
    expect(await ask(client, 'CLIENT', 'SETNAME', name)).toBe('+OK')
    return client
  }
  return { server, lines, watcher, open }
}

/** The line that answers a command. */
async function ask(client: RawClient, ...args: string[]): Promise<string> {
  client.send(args)
  let reply = ''
  while (!reply.endsWith('\r\n')) reply += String(await client.read(1))
  return reply.trimEnd()
}

/** The text that answers a command. */
async function text(client: RawClient, ...args: string[]): Promise<string> {
  const header = await ask(client, ...args)
  return String(await client.read(Number(header.slice(1)) + 2))
}

/** The names of those who are connected. */
async function names(watcher: RawClient): Promise<string[]> {
  const list = await text(watcher, 'CLIENT', 'LIST')
  return [...list.matchAll(/ name=(\w+)/g)].map(([, name]) => name!)
}

/** Sends the beginning of a command with a value that does not end. */
function hold(client: RawClient, bytes: number): void {
  const head = `*3\r\n$3\r\nSET\r\n$1\r\na\r\n$${bytes * 2}\r\n`
  client.socket.write(Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, 'x')]))
}

/** Bytes of queries that wait. */
async function received(watcher: RawClient): Promise<number> {
  const list = await text(watcher, 'CLIENT', 'LIST')
  return [...list.matchAll(/ qbuf=(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
}

const usage = async (watcher: RawClient) =>
  Number(/mem_clients_normal:(\d+)/.exec(await text(watcher, 'INFO', 'memory'))?.[1])

describe('maxmemory-clients', () => {
  test('closes the largest client, says so, and leaves the others', async () => {
    const { server, lines, watcher, open } = await startLimited('10mb')
    const [small, middle, large] = [await open('small'), await open('middle'), await open('large')]
    hold(middle, 2 * MEGABYTE)
    hold(large, 12 * MEGABYTE)
    expect(await large.readAll()).toBe('')
    expect(await ask(small, 'PING')).toBe('+PONG')
    expect(await names(watcher)).toEqual(['small', 'middle'])
    expect(lines.at(-1)).toMatch(/\* Evicting client: id=\d+ addr=\S+ .* name=large .* tot-mem=\d+/)
    expect(await text(watcher, 'INFO', 'stats')).toContain('evicted_clients:1\r\n')
    expect(server.server.clients.count).toBe(3)
  })

  test.each([
    ['a query that does not end', (client: RawClient) => hold(client, 3 * MEGABYTE)],
    [
      'arguments of a query',
      (client: RawClient) =>
        void client.socket.write(`*2000000\r\n${'$1\r\na\r\n'.repeat(200_000)}`),
    ],
    [
      'a queue of MULTI',
      (client: RawClient) =>
        client.send(
          ['MULTI'],
          ...Array.from({ length: 30 }, () => ['SET', 'a', 'x'.repeat(100_000)]),
        ),
    ],
    ['a reply that it does not read', (client: RawClient) => client.send(['GET', 'large'])],
    [
      'subscriptions with long names',
      (client: RawClient) =>
        client.send(
          ...Array.from({ length: 30 }, (_, i) => ['SUBSCRIBE', `${i}${'c'.repeat(100_000)}`]),
        ),
    ],
    [
      'watches of long keys',
      (client: RawClient) =>
        client.send(
          ...Array.from({ length: 30 }, (_, i) => ['WATCH', `${i}${'k'.repeat(100_000)}`]),
        ),
    ],
    [
      'prefixes that it tracks',
      (client: RawClient) => {
        const prefixes = Array.from({ length: 30 }, (_, i) => [
          'PREFIX',
          `${String.fromCharCode(65 + i)}${'p'.repeat(100_000)}`,
        ])
        client.send(['HELLO', '3'], ['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixes.flat()])
      },
    ],
    ['its name', (client: RawClient) => client.send(['CLIENT', 'SETNAME', 'n'.repeat(3_000_000)])],
  ])('counts %s', async (_, grow) => {
    const { server, watcher, open } = await startLimited('2mb')
    server.server.internal.call('SET', 'large', 'x'.repeat(16_000_000))
    grow(await open('hungry'))
    while ((await names(watcher)).length > 0) await new Promise((done) => setImmediate(done))
    expect(await usage(watcher)).toBeLessThan(MEGABYTE)
  })

  test('counts messages that a subscriber does not read', async () => {
    const { watcher, open } = await startLimited('2mb', {
      'client-output-buffer-limit': ['pubsub', '0', '0', '0'],
    })
    const subscriber = await open('subscriber')
    expect(await ask(subscriber, 'SUBSCRIBE', 'c')).toBe('*3')
    await subscriber.read(20)
    for (let i = 0; (await names(watcher)).includes('subscriber'); i++) {
      expect(i).toBeLessThan(1000)
      await ask(watcher, 'PUBLISH', 'c', 'x'.repeat(200_000))
    }
  })

  test('of many clients closes as many as it must, the largest first', async () => {
    const { watcher, open } = await startLimited('0')
    const sizes = Array.from({ length: 8 }, (_, i) => 50_000 << i)
    const clients: RawClient[] = []
    for (const [i, size] of sizes.entries()) {
      const client = await open(`c${i}`)
      hold(client, size)
      clients.push(client)
    }
    const all = sizes.reduce((sum, size) => sum + size)
    while ((await received(watcher)) < all) await new Promise((done) => setImmediate(done))
    expect(await ask(watcher, 'CONFIG', 'SET', 'maxmemory-clients', '2mb')).toBe('+OK')
    await clients.at(-1)?.readAll()
    const left = await names(watcher)
    expect(left).toEqual(Array.from({ length: left.length }, (_, i) => `c${i}`))
    expect(left.length).toBeGreaterThan(2)
    expect(left.length).toBeLessThan(7)
    expect(await usage(watcher)).toBeLessThan(2 * MEGABYTE)
  })

  test('may be a percentage of maxmemory', async () => {
    const { watcher, open } = await startLimited('5%', { maxmemory: '100mb' })
    const [small, large] = [await open('small'), await open('large')]
    hold(small, MEGABYTE / 2)
    hold(large, 6 * MEGABYTE)
    await large.readAll()
    expect(await names(watcher)).toEqual(['small'])
    expect(await ask(watcher, 'CONFIG', 'SET', 'maxmemory', '8mb')).toBe('+OK')
    expect(await small.readAll()).toBe('')
  })

  test('closes nobody without a limit, and none that CLIENT NO-EVICT protects', async () => {
    const { lines, watcher, open } = await startLimited('1mb')
    const client = await open('safe')
    expect(await ask(client, 'CLIENT', 'NO-EVICT', 'ON')).toBe('+OK')
    client.socket.write(commands(['SET', 'a', 'x'.repeat(3_000_000)]).subarray(0, 2_500_000))
    while ((await usage(watcher)) < 2 * MEGABYTE) await new Promise((done) => setImmediate(done))
    expect(await names(watcher)).toEqual(['safe'])
    expect(lines.join('')).toContain('# Over client maxmemory after evicting all evictable clients')
  })
})
