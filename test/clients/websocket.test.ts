/** wadi/client: RESP over a WebSocket, here through a bridge to a server's port that can be cut. */
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { Backoff } from '../../host/client/backoff.ts'
import {
  type Client,
  connect,
  type ConnectOptions,
  DisconnectedError,
  MaybeAppliedError,
  ReplyError,
} from '../../host/client/index.ts'
import type { TestServer } from '../support/process.ts'
import { startWadi } from '../support/wadi.ts'

/** WebSockets on one side, a server's port on the other. */
class Bridge {
  /** Frames that clients have sent. */
  frames: string[] = []
  /** Whether what clients send, and what the server answers, is carried on. */
  carries = { up: true, down: true }
  readonly port: number
  #server: WebSocketServer
  readonly #target: number

  private constructor(server: WebSocketServer, target: number) {
    this.port = (server.address() as AddressInfo).port
    this.#server = server
    this.#target = target
    this.#serve()
  }

  static async open(target: number): Promise<Bridge> {
    return new Bridge(await listening(0), target)
  }

  /** All connections break, as by a cut wire. */
  cut(): void {
    for (const client of this.#server.clients) client.terminate()
  }

  /** Nobody can connect until the answer is called. */
  async vanish(): Promise<() => Promise<void>> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
    return async () => {
      this.#server = await listening(this.port)
      this.#serve()
    }
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(): void {
    this.#server.on('connection', (client) => {
      const socket = net.connect(this.#target, '127.0.0.1')
      client.on('message', (data: Buffer) => {
        this.frames.push(data.toString('latin1'))
        if (this.carries.up) socket.write(data)
      })
      socket.on('data', (data) => {
        if (this.carries.down) client.send(data)
      })
      client.on('close', () => socket.destroy())
      socket.on('close', () => client.close())
      socket.on('error', () => client.close())
    })
  }
}

function listening(port: number): Promise<WebSocketServer> {
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port, host: '127.0.0.1' })
    server.once('listening', () => resolve(server))
  })
}

describe('a client over a WebSocket', () => {
  let server: TestServer
  let bridge: Bridge
  const clients: Client[] = []

  async function client(options: ConnectOptions = {}): Promise<Client> {
    const opened = await connect(`ws://127.0.0.1:${bridge.port}/ws`, {
      backoff: { minMs: 5, maxMs: 20 },
      ...options,
    })
    clients.push(opened)
    return opened
  }

  beforeAll(async () => {
    server = await startWadi()
  })

  beforeEach(async () => {
    bridge = await Bridge.open(server.port)
    const db = await client()
    await db.call('FLUSHALL')
    bridge.frames = []
  })

  afterEach(async () => {
    for (const each of clients.splice(0)) each.close()
    await bridge.close()
  })

  afterAll(() => server.stop())

  it('has every command as a method, and calls of a microtask leave in one frame', async () => {
    const db = await client()
    bridge.frames = []
    const replies = await Promise.all([
      db.set('k', 'v', { ex: 100 }),
      db.get('k'),
      db.hset('h', { a: '1', b: '2' }),
      db.hgetall('h'),
      db.callBytes('GET', 'k'),
    ])
    expect(replies).toEqual(['OK', 'v', 2, { a: '1', b: '2' }, new Uint8Array([0x76])])
    expect(bridge.frames).toHaveLength(1)
  })

  it('carries values larger than a frame of the socket below', async () => {
    const db = await client()
    const big = 'x'.repeat(3_000_000)
    await db.set('big', big)
    expect(await db.get('big')).toBe(big)
  })

  it('rejects with the error that a command is answered', async () => {
    const db = await client()
    await db.set('k', 'text')
    await expect(db.call('INCR', 'k')).rejects.toThrow(ReplyError)
  })

  it('begins as who, where and under which name it was told', async () => {
    const admin = await client()
    await admin.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '~*', '+@all')
    const db = await client({ username: 'reader', password: 'secret', database: 3, name: 'page' })
    expect(await db.call('ACL', 'WHOAMI')).toBe('reader')
    expect(await db.call('CLIENT', 'INFO')).toMatch(/name=page .*db=3 .*resp=3/)
    expect(bridge.frames.every((frame) => !frame.includes('GET /'))).toBe(true)
  })

  it('opens for a user who may do next to nothing', async () => {
    const admin = await client()
    await admin.call('ACL', 'SETUSER', 'narrow', 'on', '>secret', '~a', '+get')
    const db = await client({ username: 'narrow', password: 'secret' })
    expect(await db.get('a')).toBe(null)
    await expect(db.get('b')).rejects.toThrow(/^NOPERM/)
  })

  it('does not open with a wrong password', async () => {
    await expect(client({ password: 'wrong', username: 'nobody' })).rejects.toThrow(/^WRONGPASS/)
  })

  it('does not open where nobody listens', async () => {
    const open = await bridge.vanish()
    await expect(client()).rejects.toThrow(DisconnectedError)
    await open()
  })

  it('subscribes again after a lost connection', async () => {
    const [db, other] = [await client(), await client()]
    const heard: string[] = []
    const stop = await db.subscribe('news', (message) => heard.push(message))
    await db.psubscribe('n?ws', (message, channel, pattern) => {
      heard.push(`${pattern} ${channel} ${message}`)
    })
    await other.call('PUBLISH', 'news', 'one')
    await vi.waitFor(() => expect(heard).toEqual(['one', 'n?ws news one']))
    bridge.cut()
    await vi.waitFor(async () => expect(await other.call('PUBLISH', 'news', 'two')).toBe(2))
    await vi.waitFor(() => expect(heard.slice(2)).toEqual(['two', 'n?ws news two']))
    stop()
    await vi.waitFor(async () => expect(await other.call('PUBLISH', 'news', 'three')).toBe(1))
    await vi.waitFor(() => expect(heard.slice(4)).toEqual(['n?ws news three']))
  })

  it('asks again what only reads, and says of a write that it may have been carried out', async () => {
    const db = await client()
    await db.set('k', 'v')
    bridge.carries.down = false
    const [read, write] = [db.get('k'), db.incr('counter')]
    const failure = write.catch((error: unknown) => error)
    await vi.waitFor(() => expect(bridge.frames.at(-1)).toMatch(/counter/))
    bridge.carries.down = true
    bridge.cut()
    expect(await read).toBe('v')
    expect(await failure).toBeInstanceOf(MaybeAppliedError)
  })

  it('aborts a transaction that was open, and fails the EXEC of what it watched', async () => {
    const db = await client()
    await db.call('WATCH', 'k')
    await db.call('MULTI')
    await db.call('SET', 'k', '1')
    const isBack = new Promise<void>((resolve) => {
      db.onState = (isConnected) => isConnected && resolve()
    })
    bridge.cut()
    await isBack
    await expect(db.call('EXEC')).rejects.toThrow(/EXECABORT/)
    expect(await db.get('k')).toBe(null)
  })

  it('rejects calls at once while there is no connection', async () => {
    const db = await client()
    const back = await bridge.vanish()
    await vi.waitFor(() => expect(db.isConnected).toBe(false))
    await expect(db.get('k')).rejects.toThrow(DisconnectedError)
    await back()
    await vi.waitFor(() => expect(db.isConnected).toBe(true))
    expect(await db.get('k')).toBe(null)
  })

  it('lets calls wait for a connection where it was told to, though not for ever', async () => {
    const db = await client({ offlineQueue: true, patienceMs: 150 })
    const back = await bridge.vanish()
    await vi.waitFor(() => expect(db.isConnected).toBe(false))
    const waiting = db.set('k', 'v')
    await back()
    expect(await waiting).toBe('OK')
    await bridge.vanish()
    await vi.waitFor(() => expect(db.isConnected).toBe(false))
    await expect(db.get('k')).rejects.toThrow(DisconnectedError)
  })

  it('hears that tracked keys may have changed while it was away', async () => {
    const db = await client()
    const pushes: unknown[] = []
    db.onPush = (push) => pushes.push(push)
    await db.call('CLIENT', 'TRACKING', 'ON', 'BCAST')
    bridge.cut()
    await vi.waitFor(() => expect(pushes).toEqual([['invalidate', null]]))
    await vi.waitFor(() => expect(db.isConnected).toBe(true))
    const other = await client()
    await vi.waitFor(async () => {
      await other.set('k', '1')
      expect(pushes).toContainEqual(['invalidate', ['k']])
    })
  })
})

describe('the pause before the next attempt', () => {
  it('doubles up to a limit, and half of it is left to chance', () => {
    const least = new Backoff({ minMs: 100, maxMs: 1000 }, () => 0)
    expect(Array.from({ length: 6 }, () => least.next())).toEqual([50, 100, 200, 400, 500, 500])
    const most = new Backoff({ minMs: 100, maxMs: 1000 }, () => 1)
    expect(Array.from({ length: 6 }, () => most.next())).toEqual([100, 200, 400, 800, 1000, 1000])
    most.reset()
    expect(most.next()).toBe(100)
  })
})
