/**
 * Sockets that are read by the event loop and, while a script runs for too long, without it: nothing is lost, doubled or
 * out of order between the two. What goes through TLS or HTTP is left to the event loop alone.
 */
import net from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { LOOP, starts, untilBusy } from '../support/busy.ts'
import { makeCertificates } from '../support/certificates.ts'
import { freePort, type TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import { Connection, encode, ReplyReader, type Reply } from '../support/resp.ts'

/** What a client sends in all, and how much at once. */
const COMMANDS = 600
const MOST = 3000
/** How many commands it sends before it has their replies. */
const AHEAD = 30

let server: TestServer
let ports: { tls: number; http: number }
let authority: string
let key: string
let cert: string

beforeAll(async () => {
  const made = await makeCertificates()
  ;({ cert, key } = made.client)
  authority = made.authority.cert
  ports = { tls: await freePort(), http: await freePort() }
  const args = Object.entries({
    ...made.config,
    'tls-port': ports.tls,
    'http-port': ports.http,
  }).flatMap(([name, value]) => [`--${name}`, String(value)])
  server = await starts.wadi({ args })
})
afterAll(() => server.stop())

describe(`sockets that are read in two ways, seed ${seed}`, () => {
  it('have all their replies in order', async () => {
    const random = new Random()
    const killer = await Connection.connect(server.port)
    const caller = await Connection.connect(server.port)
    for (const each of [killer, caller]) await each.call('PING')
    const talking = new Set(Array.from({ length: 12 }, (_, i) => i))
    const crowd = Array.from(talking, async (who) => {
      const replies = await talk(random, who)
      talking.delete(who)
      return replies
    })
    let busy = 0
    while (talking.size) {
      caller.write(encode(LOOP))
      await untilBusy(killer)
      for (let pause = random.below(4); pause; pause--) await killer.call('PING')
      await killer.call('SCRIPT', 'KILL')
      expect((await caller.replies(1))[0]!.text).toContain('Script killed')
      await killer.call('PING')
    }
    for (const replies of await Promise.all(crowd)) {
      expect(replies.length).toBe(COMMANDS)
      for (const [i, reply] of replies.entries()) {
        if (reply.text.startsWith('BUSY')) busy++
        else expect(reply.text.split(' ')[0]).toBe(String(i))
      }
    }
    expect(busy).toBeGreaterThan(0)
    expect(busy).toBeLessThan(12 * COMMANDS)
    killer.close()
    caller.close()
  })

  /** A client that writes pieces of any length, and does not always read. */
  async function talk(random: Random, who: number): Promise<Reply[]> {
    const socket = net.connect(server.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.setNoDelay(true)
    const reader = new ReplyReader()
    const replies: Reply[] = []
    socket.on('data', (chunk: Buffer) => {
      replies.push(...reader.push(chunk))
      if (who % 3 || !random.once(10)) return
      socket.pause()
      setImmediate(() => socket.resume())
    })
    const commands = Array.from({ length: COMMANDS }, (_, i) =>
      encode(['ECHO', `${i} ${'x'.repeat(random.once(50) ? 20_000 : random.below(50))}`]),
    )
    let rest = Buffer.alloc(0)
    let sent = 0
    while (replies.length < COMMANDS) {
      // Never far ahead, so that some come while a script runs and some between two.
      while (sent < Math.min(COMMANDS, replies.length + AHEAD))
        rest = Buffer.concat([rest, commands[sent++]!])
      const length = 1 + random.below(random.once(4) ? MOST : 40)
      if (rest.length) socket.write(rest.subarray(0, length))
      rest = rest.subarray(length)
      await new Promise((next) => setImmediate(next))
    }
    return replies
  }
})

describe('left to the event loop', () => {
  /** Has `send` done in the middle of a script, which is then killed. */
  async function whileBusy(send: () => void, hasHeard: () => boolean): Promise<void> {
    const killer = await Connection.connect(server.port)
    const caller = await Connection.connect(server.port)
    for (const each of [killer, caller]) await each.call('PING')
    caller.write(encode(LOOP))
    await untilBusy(killer)
    send()
    for (let i = 0; i < 20; i++) await killer.call('PING')
    expect(hasHeard()).toBe(false)
    await killer.call('SCRIPT', 'KILL')
    await caller.replies(1)
    killer.close()
    caller.close()
  }

  it('is who speaks TLS', async () => {
    const trust = { ca: authority, servername: 'localhost', cert, key }
    const socket = tls.connect({ port: ports.tls, host: '127.0.0.1', ...trust })
    onTestFinished(() => void socket.destroy())
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const hears = async (reply: string) => {
      while (!text.includes(reply)) await new Promise((next) => setImmediate(next))
      text = ''
    }
    socket.write('PING\r\n')
    await hears('+PONG\r\n')
    await whileBusy(
      () => socket.write('ECHO later\r\n'),
      () => text !== '',
    )
    await hears('$5\r\nlater\r\n')
  })

  it('is who speaks HTTP', async () => {
    const ask = async (...command: string[]) => {
      const body = JSON.stringify(command)
      const response = await fetch(`http://127.0.0.1:${ports.http}`, { method: 'POST', body })
      return (await response.json()) as unknown
    }
    expect(await ask('PING')).toEqual({ result: 'PONG' })
    let answer: unknown
    let asked: Promise<void> | undefined
    await whileBusy(
      () => (asked = ask('ECHO', 'later').then((result) => void (answer = result))),
      () => answer !== undefined,
    )
    await asked
    expect(answer).toEqual({ result: 'later' })
  })
})
