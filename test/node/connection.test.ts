import { describe, expect, test } from 'vitest'
import { Random, seed } from '../support/random.ts'
import { commands, connect, startServer, until } from '../support/server.ts'

describe('a connection', () => {
  test('gets its replies in the order of its commands', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    client.send(['SET', 'a', '1'], ['INCR', 'a'], ['GET', 'a'], ['PING'])
    const expected = '+OK\r\n:2\r\n$1\r\n2\r\n+PONG\r\n'
    expect(await client.readLike(expected)).toBe(expected)
  })

  test(`may send its commands in pieces of any size (seed ${seed})`, async () => {
    const random = new Random()
    const { port } = await startServer()
    const client = await connect(port)
    client.socket.setNoDelay(true)
    let expected = ''
    const list: string[][] = []
    for (let i = 0; i < 300; i++) {
      const value = 'v'.repeat(random.below(random.below(4) ? 100 : 20_000))
      list.push(['SET', `k${i}`, value], ['GET', `k${i}`])
      expected += `+OK\r\n$${value.length}\r\n${value}\r\n`
    }
    const bytes = commands(...list)
    const reply = client.readLike(expected)
    for (let at = 0; at < bytes.length;) {
      const length = random.below(3) ? random.between(1, 400) : random.between(1, 70_000)
      client.socket.write(bytes.subarray(at, at + length))
      at += length
      if (!random.below(8)) await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await reply) === expected).toBe(true)
  })

  test('takes and gives values larger than every buffer', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    const value = Buffer.alloc(30_000_000, 'wadi ')
    client.send(['SET', 'big', value])
    expect(await client.readLike('+OK\r\n')).toBe('+OK\r\n')
    client.send(['GET', 'big'])
    const reply = await client.read(value.length + 13)
    expect(reply.subarray(11, -2).equals(value)).toBe(true)
  })

  test('is closed after the replies when it says QUIT', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    client.send(['PING'], ['QUIT'], ['PING'])
    expect(await client.readAll()).toBe('+PONG\r\n+OK\r\n')
  })

  test('is closed after the error when it does not speak RESP', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    client.socket.write('*1\r\n+PING\r\n')
    expect(await client.readAll()).toBe("-ERR Protocol error: expected '$', got '+'\r\n")
  })

  test('that ends is forgotten', async () => {
    const { port, server } = await startServer()
    const client = await connect(port)
    client.send(['PING'])
    await client.readLike('+PONG\r\n')
    expect(server.clients.count).toBe(1)
    client.socket.end()
    await until(() => server.clients.count === 0)
  })

  test('that is reset in the middle of a command is forgotten', async () => {
    const { port, server } = await startServer()
    const client = await connect(port)
    client.socket.write('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\nxxx')
    await until(() => server.clients.count === 1)
    client.socket.resetAndDestroy()
    await until(() => server.clients.count === 0)
  })

  test('that is reset while replies wait for it is forgotten', async () => {
    const { port, server } = await startServer()
    const client = await connect(port)
    const value = Buffer.alloc(1_000_000)
    client.send(['SET', 'a', value], ...Array.from({ length: 50 }, () => ['GET', 'a']))
    await until(() => server.engine.unsentBytes > 0)
    client.socket.resetAndDestroy()
    await until(() => server.clients.count === 0)
    expect(server.engine.unsentBytes).toBe(0)
  })

  test('learns what others publish', async () => {
    const { port } = await startServer()
    const [listener, speaker] = [await connect(port), await connect(port)]
    listener.send(['SUBSCRIBE', 'c'])
    const confirmed = '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n'
    expect(await listener.readLike(confirmed)).toBe(confirmed)
    speaker.send(['PUBLISH', 'c', 'hello'])
    expect(await speaker.readLike(':1\r\n')).toBe(':1\r\n')
    const message = '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n'
    expect(await listener.readLike(message)).toBe(message)
  })
})

describe('a slow reader', () => {
  const LENGTH = 100_000
  const value = (digit: number) => String(digit).repeat(LENGTH)
  const reply = (digit: number) => `$${LENGTH}\r\n${value(digit)}\r\n`

  test('loses nothing of its replies while the memory of the engine grows', async () => {
    const { port, server } = await startServer()
    const [slow, busy] = [await connect(port), await connect(port)]
    const digits = Array.from({ length: 10 }, (_, i) => i)
    busy.send(...digits.map((digit) => ['SET', `v${digit}`, value(digit)]))
    await busy.read(50)
    const rounds = 300
    slow.send(...Array.from({ length: rounds }, (_, i) => ['GET', `v${i % 10}`]))
    await until(() => server.engine.unsentBytes > 0)
    const bytesBefore = server.engine.bytes.length
    for (let i = 0; i < 12; i++) {
      busy.send(['SET', `grow${i}`, Buffer.alloc(8_000_000, 'g')])
      await busy.read(5)
    }
    expect(server.engine.bytes.length).toBeGreaterThan(bytesBefore)
    for (let i = 0; i < rounds; i++) {
      const expected = Buffer.from(reply(i % 10))
      const got = await slow.read(expected.length)
      expect(got.equals(expected)).toBe(true)
    }
  })

  test('may send all of a long pipeline before it reads anything', async () => {
    const { port } = await startServer()
    const client = await connect(port)
    client.send(['SET', 'v', 'x'.repeat(1000)])
    await client.read(5)
    const count = 100_000
    const get = commands(['GET', 'v'])
    const all = Buffer.concat(Array.from({ length: count }, () => get))
    await new Promise<void>((resolve) => void client.socket.write(all, () => resolve()))
    const one = `$1000\r\n${'x'.repeat(1000)}\r\n`
    for (let i = 0; i < count; i += 1000) {
      const got = await client.read(one.length * 1000)
      expect(got.equals(Buffer.from(one.repeat(1000)))).toBe(true)
    }
  })

  test('does not keep others waiting', async () => {
    const { port } = await startServer()
    const [slow, quick] = [await connect(port), await connect(port)]
    slow.send(['SET', 'v', value(1)])
    await slow.read(5)
    slow.send(...Array.from({ length: 20_000 }, () => ['GET', 'v']))
    for (let i = 0; i < 20; i++) {
      quick.send(['PING'])
      expect(await quick.readLike('+PONG\r\n')).toBe('+PONG\r\n')
    }
  })
})
