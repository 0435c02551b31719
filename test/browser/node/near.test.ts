// Reads that a tab answers itself are compared with an engine that is asked every time: the same commands run on both, in
// the order in which they were called, while messages between tab and Worker are under way for any time.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Link } from '../../../host/browser/client/link.ts'
import { NearReads } from '../../../host/browser/client/near.ts'
import { Events } from '../../../host/browser/events.ts'
import { Hub } from '../../../host/browser/owner/hub.ts'
import { Keeper } from '../../../host/browser/owner/keeper.ts'
import type { Message, Port } from '../../../host/browser/protocol.ts'
import { RemoteStore } from '../../../host/browser/remote.ts'
import { Database } from '../../../host/core/embedded.ts'
import type { Argument } from '../../../host/core/encode.ts'
import type { Runtime } from '../../../host/core/runtime.ts'
import { nodeRuntime } from '../../../host/node/runtime.ts'
import { module } from './workshop.ts'

const lua = new WebAssembly.Module(
  readFileSync(join(import.meta.dirname, '../../../build/lua.wasm')),
)

/** A tab and its Worker, whose messages wait until they are delivered. */
class Pair {
  nowMs = 1_700_000_000_000
  readonly runtime: Runtime = {
    ...nodeRuntime(),
    clock: { monotonicUs: () => this.nowMs * 1000, wallUs: (monotonicUs) => monotonicUs },
    later: () => ({ cancel: () => undefined }),
  }
  readonly near: NearReads
  readonly link: Link
  readonly keeper: Keeper
  readonly db: RemoteStore
  #up: Message[] = []
  #down: Message[] = []
  #tab: Port | undefined
  #worker: Port | undefined
  #epoch = 0

  static async open(near = new NearReads()): Promise<Pair> {
    const pair = new Pair(
      (runtime) =>
        new Promise((resolve, reject) => {
          Keeper.open({
            module,
            lua: () => lua,
            runtime,
            storage: undefined,
            durability: 'relaxed',
            isGated: true,
            codec: undefined,
            recover: false,
            maxMemoryBytes: undefined,
            events: { emit: () => undefined },
            onStale: () => undefined,
          }).then(resolve, reject)
        }),
      near,
    )
    return pair.#ready
  }

  readonly #ready: Promise<Pair>

  private constructor(open: (runtime: Runtime) => Promise<Keeper>, near: NearReads) {
    this.near = near
    const link = (this.link = new Link({
      runtime: this.runtime,
      ownerTimeoutMs: 5000,
      onSilence: () => undefined,
      onEvent: () => undefined,
      onLog: () => undefined,
      onOwner: () => undefined,
      onAnew: () => undefined,
      near,
    }))
    this.db = new RemoteStore({
      name: 'near',
      mode: 'worker',
      tie: { link, isOwner: true, close: async () => undefined },
      events: new Events(),
      surroundings: {
        runtime: this.runtime,
        locks: undefined,
        indexedDB: undefined,
        keeping: undefined,
        page: undefined,
      },
      replica: undefined,
      near,
    })
    let keeper: Keeper | undefined
    this.#ready = open(this.runtime).then((opened) => {
      keeper = opened
      Object.assign(this, { keeper })
      this.attach()
      return this
    })
    this.keeper = keeper!
  }

  /** The Worker has the store. */
  attach(): void {
    const hub = new Hub(this.keeper, async (what, argument) => {
      if (what === 'reads') return this.keeper.reads(argument as string[])
      const { file, keep } = argument as { file: Uint8Array; keep: boolean }
      return this.keeper.import(file, { keep })
    })
    const tab: Port = {
      post: (message) => void (this.#tab === tab && this.#up.push(message)),
      onMessage: undefined,
      close: () => undefined,
    }
    const worker: Port = {
      post: (message) => void (this.#worker === worker && this.#down.push(message)),
      onMessage: undefined,
      close: () => undefined,
    }
    const seat = hub.seat(worker)
    this.#tab = tab
    this.#worker = worker
    worker.onMessage = (message) => seat.receive(message)
    this.link.attach(tab, ++this.#epoch)
  }

  /** The Worker loses the store; what is under way is lost. */
  detach(isGraceful: boolean): void {
    this.#tab = this.#worker = undefined
    this.#up = []
    this.#down = []
    this.link.detach(isGraceful)
  }

  /** Delivers the oldest message of one direction; whether there was one. */
  async deliver(isUp: boolean): Promise<boolean> {
    const message = (isUp ? this.#up : this.#down).shift()
    if (message) (isUp ? this.#worker : this.#tab)?.onMessage?.(message)
    await settle()
    return message !== undefined
  }

  /** Delivers all. */
  async drain(): Promise<void> {
    while ((await this.deliver(true)) || (await this.deliver(false))) continue
  }
}

/** Lets promises go on, and what they send leave. */
async function settle(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve()
}

function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const utf8 = new TextEncoder()
const KEYS: Argument[] = ['a', 'b', 'c', 'ä', '\ud800', '\ufffd', 7, '7', utf8.encode('a')]
const MORE: Argument[] = [
  utf8.encode('ä'),
  new Uint8Array([255]),
  '\ufeffb',
  utf8.encode('\ufeffb'),
]

/** A command that changes something, or may. */
function write(pick: (below: number) => number): Argument[] {
  const key = (): Argument => [...KEYS, ...MORE][pick(KEYS.length + MORE.length)]!
  const value = `v${pick(1000)}`
  const all: (() => Argument[])[] = [
    () => ['SET', key(), value],
    () => ['set', key(), value, 'PX', 1 + pick(50)],
    () => ['SET', key(), value, 'KEEPTTL'],
    () => ['MSET', key(), value, key(), 'w'],
    () => ['APPEND', key(), 'x'],
    () => ['DEL', key(), key()],
    () => ['UNLINK', key()],
    () => ['GETDEL', key()],
    () => ['GETEX', key(), 'PX', 1 + pick(50)],
    () => ['PEXPIRE', key(), 1 + pick(50)],
    () => ['PERSIST', key()],
    () => ['RENAME', key(), key()],
    () => ['COPY', key(), key(), 'REPLACE'],
    () => ['COPY', key(), key(), 'DB', 1, 'REPLACE'],
    () => ['MOVE', key(), 1],
    () => ['RPUSH', key(), 'x'],
    () => ['LMPOP', 2, key(), key(), 'LEFT'],
    () => ['SORT', key(), 'STORE', key()],
    () => ['BITOP', 'NOT', key(), key()],
    () => ['SETBIT', key(), pick(20), 1],
    () => ['PFADD', key(), value],
    () => ['PFCOUNT', key()],
    () => ['PFCOUNT', key(), key()],
    () => ['PFMERGE', key(), key()],
    () => ['HSET', key(), 'f', value],
    () => ['HDEL', key(), 'f'],
    () => ['SADD', key(), 'm'],
    () => ['SPOP', key()],
    () => ['SMOVE', key(), key(), 'm'],
    () => ['LMOVE', key(), key(), 'LEFT', 'RIGHT'],
    () => ['LPOP', key()],
    () => ['GEOADD', key(), 1, 1, 'm'],
    () => ['ZREM', key(), 'm'],
    () => ['ZUNIONSTORE', key(), 2, key(), key()],
    () => ['GEORADIUS', key(), 1, 1, 9, 'km', 'STORE', key(), 'STORE', key()],
    () => ['WATCH', key()],
    () => ['MGET', key(), key()],
  ]
  const wide: (() => Argument[])[] = [
    () => ['SWAPDB', 0, 1],
    () => ['FLUSHDB'],
    () => ['FLUSHALL', 'ASYNC'],
    () => ['EVAL', "return redis.call('SET', ARGV[1], ARGV[2])", 0, key(), value],
    () => ['MULTI'],
    () => ['EXEC'],
    () => ['EXEC'],
    () => ['DISCARD'],
    () => ['SELECT', pick(2)],
    () => ['RESET'],
    () => ['NOSUCH', key()],
  ]
  const some = pick(6) ? all : wide
  return some[pick(some.length)]!()
}

const shown = (value: unknown): string =>
  value instanceof Error
    ? value.message
    : JSON.stringify(value, (_, part: unknown) => (part instanceof Error ? part.message : part))

async function compare(seed: number, steps: number): Promise<number> {
  const pick = random(seed)
  const pair = await Pair.open(new NearReads(1 + pick(9)))
  const mirror = new Database({ module, runtime: pair.runtime, lua: () => lua })
  const line = pair.db.connect()
  const mirrorLine = mirror.connect()
  const others = [pair.keeper.db.connect(), mirror.connect()]
  const checks: Promise<void>[] = []
  let served = 0
  await pair.drain() // both sessions are open: from here on commands leave as they are called

  async function both(isMain: boolean, args: Argument[]): Promise<void> {
    let expected: unknown
    try {
      expected = (isMain ? mirror.main : mirrorLine).call(...args)
    } catch (error) {
      expected = error
    }
    const told = `seed ${seed}: ${isMain ? 'main' : 'line'} ${shown(args)}`
    const before = pair.near.size
    let isDone = false
    const answer = (isMain ? pair.db : line).call(...args).then(
      (reply) => reply,
      (error: unknown) => error,
    )
    checks.push(
      answer.then((reply) => expect(`${told} ${shown(reply)}`).toBe(`${told} ${shown(expected)}`)),
    )
    void answer.then(() => (isDone = true))
    await settle()
    if (isDone && before) served++
  }

  for (let step = 0; step < steps; step++) {
    const isMain = pick(3) > 0
    const what = pick(100)
    if (what < 70) await both(isMain, ['GET', KEYS[pick(KEYS.length)]!])
    else if (what < 94) await both(isMain, write(pick))
    else {
      await pair.drain()
      await Promise.all(checks.splice(0))
      if (what < 97) {
        pair.nowMs += pick(40)
        if (pick(2)) pair.keeper.db.tick()
        mirror.tick()
      } else if (what < 98) {
        const file = mirror.export()
        mirror.import(file)
        const done = pair.db.import(file)
        await both(true, ['GET', 'a'])
        await pair.drain()
        await done
      } else {
        // Another tab has the store for a while, and writes to it.
        for (const isOne of [true, false]) await both(isOne, ['RESET'])
        await pair.drain()
        if (pick(2)) {
          pair.detach(true)
          for (const other of others) other.call('SET', 'b', `theirs ${step}`)
          if (pick(2)) await both(true, ['GET', 'b'])
        } else {
          // It is lost with what was under way, of which nobody can say how much was carried out.
          const lost: Promise<unknown>[] = []
          for (let left = pick(8); left; left--) {
            const session = pick(2) ? pair.db : line
            const key = KEYS[pick(KEYS.length)]!
            lost.push(session.call(...(pick(2) ? ['GET', key] : ['SET', key, `lost ${step}`])))
            await settle()
            if (pick(2)) await pair.deliver(pick(2) === 0)
          }
          pair.detach(false)
          void Promise.allSettled(lost)
        }
        pair.attach()
        await pair.drain()
        mirror.import(pair.keeper.db.export())
      }
    }
    for (let left = pick(4); left; left--) await pair.deliver(pick(2) === 0)
  }
  await pair.drain()
  await Promise.all(checks)
  mirror.close()
  pair.keeper.abandon()
  return served
}

describe('reads that are answered in the tab', () => {
  /** Reads a key; whether that took a message. */
  async function asks(pair: Pair, key: string): Promise<boolean> {
    const answer = pair.db.call('GET', key)
    await settle()
    const isAsked = await pair.deliver(true)
    await pair.drain()
    await answer.catch(() => undefined)
    return isAsked
  }

  /** Reads a key three times: which of them take a message. */
  const reads = async (pair: Pair, key: string): Promise<boolean[]> => [
    await asks(pair, key),
    await asks(pair, key),
    await asks(pair, key),
  ]

  async function openPair(): Promise<Pair> {
    const pair = await Pair.open()
    await pair.drain()
    return pair
  }

  async function run(pair: Pair, ...args: Argument[]): Promise<unknown> {
    const answer = pair.db.call(...args)
    await settle()
    await pair.drain()
    return answer
  }

  test('take two messages, also of a key that is not there', async () => {
    const pair = await openPair()
    await run(pair, 'SET', 'a', '1')
    for (const key of ['a', 'none']) expect(await reads(pair, key)).toEqual([true, true, false])
  })

  test('take a message each time while the key has an expiry', async () => {
    const pair = await openPair()
    await run(pair, 'SET', 'a', '1', 'EX', 100)
    expect(await reads(pair, 'a')).toEqual([true, true, true])
    await run(pair, 'PERSIST', 'a')
    expect(await reads(pair, 'a')).toEqual([true, true, false])
  })

  test('are not kept while a blocked command may still write there', async () => {
    const pair = await openPair()
    const moved = pair.db.call('BLMOVE', 'from', 'to', 'LEFT', 'LEFT', 0)
    await settle()
    await pair.drain()
    expect(await reads(pair, 'to')).toEqual([true, true, true])
    await run(pair, 'RPUSH', 'from', 'x')
    expect(await moved).toBe('x')
    await expect(run(pair, 'GET', 'to')).rejects.toThrow('WRONGTYPE')
  })

  test('are not kept once keys may be evicted', async () => {
    const pair = await openPair()
    expect(await reads(pair, 'a')).toEqual([true, true, false])
    await run(pair, 'CONFIG', 'GET', 'maxmemory')
    expect(await reads(pair, 'a')).toEqual([true, true, false])
    await run(pair, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await reads(pair, 'a')).toEqual([true, true, true])
    expect(pair.near.size).toBe(0)
  })

  test('are not kept once the session has them tracked', async () => {
    const pair = await openPair()
    await reads(pair, 'a')
    const tracked = pair.db.connect().call('CLIENT', 'TRACKING', 'ON', 'BCAST')
    await settle()
    await pair.drain()
    expect([await tracked, await asks(pair, 'a')]).toEqual(['OK', false])
    const id = await run(pair, 'CLIENT', 'ID')
    await run(pair, 'client', 'tracking', 'on', 'REDIRECT', id as number)
    expect(await asks(pair, 'a')).toBe(true)
  })

  test('come in the order of what their session asked before, whatever leaves in the same turn', async () => {
    const pair = await openPair()
    const line = pair.db.connect()
    await run(pair, 'SET', 'a', 'old')
    await reads(pair, 'a')
    const first = line.call('PING') // from here on all that the other session calls leaves with it
    const [all, watched, one] = [pair.db.mget('a'), pair.db.call('WATCH', 'a'), pair.db.get('a')]
    const changed = line.call('SET', 'a', 'new')
    await settle()
    await pair.drain()
    await Promise.all([first, watched, changed])
    expect([await all, await one]).toEqual([['old'], 'old'])
    await run(pair, 'MULTI')
    await run(pair, 'SET', 'a', 'mine')
    expect(await run(pair, 'EXEC')).toBe(null)
  })

  test('are of no use any more when the session was closed by force, or the store is closed', async () => {
    const pair = await openPair()
    await reads(pair, 'a')
    const line = pair.db.connect()
    const killed = line.call('CLIENT', 'KILL', 'ID', (await run(pair, 'CLIENT', 'ID')) as number)
    await settle()
    await pair.drain()
    expect([await killed, await asks(pair, 'a')]).toEqual([1, true])
    await reads(pair, 'a')
    await pair.db.close()
    await expect(pair.db.get('a')).rejects.toThrow('closed')
  })

  test('are not kept while the page is about to sleep, until the Worker has the store again', async () => {
    const pair = await openPair()
    await reads(pair, 'a')
    pair.near.pause()
    expect(await reads(pair, 'a')).toEqual([true, true, true])
    pair.detach(true)
    pair.attach()
    await pair.drain()
    expect(await reads(pair, 'a')).toEqual([true, true, false])
  })

  test('are kept of so many keys, those that were read last', async () => {
    const pair = await openPair()
    const keys = Array.from({ length: 24_000 }, (_, i) => `k${i}`)
    for (let at = 0; at < keys.length; at += 2000) {
      const some = keys.slice(at, at + 2000)
      const answers = [...some, ...some].map((key) => pair.db.call('GET', key))
      await settle()
      await pair.drain()
      await Promise.all(answers)
    }
    expect(pair.near.size).toBeLessThanOrEqual(20_000)
    expect([await asks(pair, 'k23999'), await asks(pair, 'k1')]).toEqual([false, true])
  })

  const first = Number(process.env['SEED'] ?? 1)
  const count = Number(process.env['SEEDS'] ?? 5)

  test(`are what the engine would have answered, seeds ${first} to ${first + count - 1}`, async () => {
    let served = 0
    for (let seed = first; seed < first + count; seed++) served += await compare(seed, 1500)
    expect(served).toBeGreaterThan(count * 20)
  }, 60_000)
})
