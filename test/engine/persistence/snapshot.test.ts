/**
 * A snapshot holds what the dataset was when it began, whatever commands do while it is written.
 *
 * `SEED=…` repeats a run, `WADI_SNAPSHOTS=1000` makes it that many.
 */
import { describe, expect, it } from 'vitest'
import { Flag, Kind, LoadOption, SnapshotOption, SnapshotState } from '../../../host/core/abi.ts'
import type { Engine } from '../../../host/core/engine.ts'
import { Client } from '../../support/client.ts'
import { everyForm, everyStream, randomWrite } from '../../support/dataset.ts'
import { newEngine } from '../../support/engine.ts'
import { Random, seed } from '../../support/random.ts'
import type { Command } from '../../support/frames.ts'

const rounds = Number(process.env['WADI_SNAPSHOTS'] ?? 2)
const KEYS = 400
const DATABASES = 3

/** Connections to an engine: one for commands, one that may look inside. */
class Dataset {
  readonly engine: Engine
  readonly client: Client
  readonly #inside: Client
  /** Unix time in µs. */
  nowUs = 1.8e15

  constructor(engine?: Engine) {
    const clock = { monotonicUs: () => this.nowUs - 1.8e15 + 1e9, wallUs: () => this.nowUs }
    this.engine = engine ?? newEngine(8192, clock)
    this.client = new Client(this.engine)
    this.#inside = new Client(this.engine, Kind.internal)
  }

  digest(): string {
    return String(this.#inside.call('DEBUG', 'DIGEST'))
  }

  /** What the digest does not tell: when keys go. */
  expiries(): Record<string, unknown> {
    const found: Record<string, unknown> = {}
    for (let db = 0; db < DATABASES; db++) {
      this.client.call('SELECT', db)
      for (const key of this.client.call('KEYS', '*') as Buffer[]) {
        const at = this.client.call('PEXPIRETIME', key)
        if (at !== -1) found[`${db} ${String(key)}`] = at
      }
    }
    this.client.call('SELECT', 0)
    return found
  }

  get used(): number {
    return Number(/used_memory:(\d+)/.exec(String(this.client.call('INFO', 'memory')))![1])
  }

  /** All of a stream, with what hangs on it. */
  streams(): Record<string, unknown> {
    const found: Record<string, unknown> = {}
    for (let db = 0; db < DATABASES; db++) {
      this.client.call('SELECT', db)
      for (const key of this.client.call('KEYS', 'stream:*') as Buffer[])
        found[`${db} ${String(key)}`] = this.client.call('DUMP', key)
    }
    this.client.call('SELECT', 0)
    return found
  }

  settle(): void {
    for (let i = 0; i < 200; i++) this.client.tick(100_000)
  }
}

const types = ['string', 'list', 'set', 'zset', 'hash', 'stream']
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Collections of some hundred kilobytes, which are captured. */
function large(random: Random, key: string): Command {
  const count = random.between(3000, 9000)
  const name = (i: number) => `${key} element ${i}`
  switch (key.slice(0, key.indexOf(':'))) {
    case 'list':
      return ['RPUSH', key, ...range(count).map(name)]
    case 'set':
      return ['SADD', key, ...range(count).map(name)]
    case 'zset':
      return ['ZADD', key, ...range(count).flatMap((i) => [i % 100, name(i)])]
    case 'hash':
      return ['HSET', key, ...range(count).flatMap((i) => [name(i), i])]
    case 'stream':
      return ['XADD', key, '*', ...range(400).flatMap((i) => [name(i), name(i)])]
    default:
      return ['SETRANGE', key, count * 20, 'end']
  }
}

/** A change of one element in a large collection, or of its ends. */
function change(random: Random, key: string): Command {
  const at = random.below(9000)
  const name = `${key} element ${at}`
  const type = key.slice(0, key.indexOf(':'))
  const commands: Record<string, () => Command[]> = {
    list: () => [
      ['LSET', key, random.between(-50, 50), name],
      ['LINSERT', key, 'AFTER', `${key} element ${random.below(300)}`, 'new'],
      ['LPUSH', key, name],
      ['RPOP', key, random.between(1, 300)],
      ['LPOP', key, random.between(1, 300)],
      ['LREM', key, 1, name],
      ['LTRIM', key, random.below(500), -1],
    ],
    set: () => [
      ['SADD', key, name, `new ${at}`],
      ['SREM', key, name],
      ['SPOP', key, random.between(1, 400)],
      ['SUNIONSTORE', key, key, 'set:1'],
    ],
    zset: () => [
      ['ZADD', key, at, name],
      ['ZINCRBY', key, 1, name],
      ['ZREM', key, name],
      ['ZPOPMIN', key, random.between(1, 300)],
      ['ZREMRANGEBYRANK', key, at, at + 300],
      ['SORT_RO', key, 'BY', 'nosort'],
    ],
    hash: () => [
      ['HSET', key, name, 'changed', `new ${at}`, 'x'.repeat(random.below(100))],
      ['HDEL', key, name],
      ['HINCRBY', key, name, 5],
      ['HSET', key, ...range(500).flatMap((i) => [`grown ${at} ${i}`, i])],
    ],
    stream: () => [
      ['XADD', key, '*', 'field', name],
      ['XTRIM', key, 'MAXLEN', at],
      ['XGROUP', 'CREATE', key, `g${at % 5}`, '0'],
      ['XREADGROUP', 'GROUP', `g${at % 5}`, `c${at % 3}`, 'COUNT', at % 700, 'STREAMS', key, '>'],
      ['XAUTOCLAIM', key, `g${at % 5}`, `c${at % 4}`, 0, '0', 'COUNT', 50],
      ['XGROUP', random.pick(['DELCONSUMER', 'CREATECONSUMER']), key, `g${at % 5}`, `c${at % 4}`],
      ['XGROUP', 'DESTROY', key, `g${at % 5}`],
    ],
    string: () => [['SETRANGE', key, at, name]],
  }
  return random.pick(commands[type]!())
}

function keyOf(random: Random): string {
  return `${random.pick(types)}:${random.below(KEYS / types.length)}`
}

function write(random: Random): Command {
  const key = keyOf(random)
  const type = key.slice(0, key.indexOf(':'))
  const other = `${type}:${random.below(KEYS / types.length)}`
  const dice = random.below(100)
  if (dice < 30) return change(random, key)
  if (dice < 36) return ['DEL', key, keyOf(random)]
  if (dice < 40) return ['RENAME', key, other]
  if (dice < 44) return ['COPY', key, other, 'REPLACE']
  if (dice < 46) return ['MOVE', key, random.below(DATABASES)]
  if (dice < 50) return ['PEXPIREAT', key, 1_800_000_000_000 + random.between(1, 1e9)]
  if (dice < 52) return ['PERSIST', key]
  if (dice < 54) return ['SELECT', random.below(DATABASES)]
  if (dice < 56) return large(random, key)
  if (dice < 57) return ['SET', key, 'replaced']
  if (type === 'stream') return ['XADD', key, '*', 'a', 'b']
  return randomWrite(random, key)
}

/** Runs commands until the snapshot is whole. */
function takeWhile(data: Dataset, random: Random, between: () => void, options = 0): Buffer {
  const { engine } = data
  const pieces: Uint8Array[] = []
  expect(engine.beginSnapshot(SnapshotOption.on | options)).toBeGreaterThanOrEqual(0)
  let state: number = SnapshotState.running
  while (state !== SnapshotState.idle) {
    const length = engine.snapshotRead(random.between(1, 300))
    state = engine.snapshotState
    expect(state).not.toBe(SnapshotState.failed)
    if (length) {
      const taken = random.once(3) ? random.between(1, length) : length
      pieces.push(engine.bytes.slice(engine.address, engine.address + taken))
      engine.snapshotTaken(taken)
      state = engine.snapshotState
    }
    between()
  }
  return Buffer.concat(pieces)
}

/** Cuts a file into pieces of random lengths. */
function* pieces(random: Random, file: Uint8Array): Generator<Uint8Array> {
  const longest = random.pick([3, 50, 1000, 100_000])
  for (let at = 0; at < file.length;) {
    const next = at + random.between(1, longest)
    yield file.subarray(at, next)
    at = next
  }
}

/** Runs the commands of a snapshot. */
function runCommands(engine: Engine, file: Uint8Array): void {
  const session = engine.open(Kind.loader)
  const room = 1 << 16
  const pointer = engine.buffer(room)
  for (let at = 0; at < file.length; at += room) {
    const piece = file.subarray(at, at + room)
    engine.bytes.set(piece, pointer)
    let flags = engine.feed(session, pointer, piece.length)
    while (flags & Flag.more) flags = engine.feedMore(session)
    expect(Buffer.from(engine.drain(session)).toString()).toBe('')
  }
  engine.unbuffer(pointer)
  engine.close(session)
}

function evictSome(data: Dataset, random: Random): void {
  const { client } = data
  const limit = data.used - random.between(1000, 100_000)
  client.call('CONFIG', 'SET', 'maxmemory', limit, 'maxmemory-policy', 'allkeys-random')
  client.call('PING')
  client.call('CONFIG', 'SET', 'maxmemory', 0)
}

/** Fills a dataset, takes two snapshots while it changes, compares them, and empties it. */
function round(data: Dataset, random: Random): void {
  const { client } = data
  for (let db = 0; db < DATABASES; db++) {
    client.call('SELECT', db)
    for (let i = 0; i < 700; i++) client.call(...write(random))
    for (const type of types) client.call(...large(random, `${type}:0`))
    client.call('DEL', 'stream:0', 'stream:1')
    for (let i = 0; i < 3000; i++)
      client.call('XADD', `stream:${i & 1}`, '*', 'field', `entry ${i}`, 'x', i)
  }
  for (let more = 0; more < 2; more++) {
    const expected = data.digest()
    const expiries = data.expiries()
    const streams = data.streams()
    const startUs = data.nowUs
    const isViolent = random.once(2)
    const isCommands = random.once(2)
    const between = () => {
      for (let i = random.below(4); i; i--) client.call(...write(random))
      if (random.once(20)) client.tick(100)
      if (isViolent && random.once(100))
        client.call('SWAPDB', random.below(DATABASES), random.below(DATABASES))
      if (isViolent && random.once(300))
        client.call(random.pick(['FLUSHALL', 'FLUSHDB']), random.pick(['SYNC', 'ASYNC']))
      // Keys reach their time, or are pushed out.
      if (isViolent && random.once(20)) data.nowUs += random.between(1, 1e9)
      if (isViolent && random.once(50)) evictSome(data, random)
    }
    const file = takeWhile(data, random, between, isCommands ? SnapshotOption.commands : 0)
    const twin = new Dataset()
    twin.nowUs = startUs
    if (isCommands) runCommands(twin.engine, file)
    else twin.engine.load(pieces(random, file), 0)
    if (!isCommands) expect(twin.streams()).toEqual(streams)
    expect(twin.digest()).toBe(expected)
    expect(twin.expiries()).toEqual(expiries)
  }
  client.call('FLUSHALL')
  data.settle()
}

/** Begins a snapshot, gives it up, and takes another one. */
function vainRound(data: Dataset, random: Random): void {
  const { client, engine } = data
  for (let i = 0; i < 1000; i++) client.call(...write(random))
  for (const type of types) client.call(...large(random, `${type}:0`))
  expect(engine.beginSnapshot(SnapshotOption.on)).toBeDefined()
  engine.snapshotRead(500)
  for (let i = 0; i < 300; i++) client.call(...write(random))
  expect(engine.beginSnapshot(SnapshotOption.on)).toBeUndefined()
  engine.beginSnapshot(0)
  for (let i = 0; i < 100; i++) client.call(...write(random))
  for (let i = random.below(3); i; i--) client.tick(random.below(5000))
  const expected = data.digest()
  const file = takeWhile(data, random, () => client.call(...write(random)))
  const twin = new Dataset()
  twin.engine.load([file], 0)
  expect(twin.digest()).toBe(expected)
  client.call('FLUSHALL')
  data.settle()
}

describe(`snapshots, seed ${seed}`, () => {
  for (let i = 0; i < rounds; i++) {
    it(`a dataset that changes, ${i}`, { timeout: 120_000 }, () =>
      round(new Dataset(), new Random(seed + i)),
    )
  }

  it.each([
    ['a snapshot that is complete', round],
    ['a snapshot that is given up', vainRound],
  ])('%s leaves nothing behind', { timeout: 120_000 }, (_, once) => {
    const data = new Dataset()
    // What is made at first use, and stays, is not the same in each of the first rounds.
    for (let warm = 0; warm < 3; warm++) once(data, new Random(seed))
    const { used } = data
    once(data, new Random(seed))
    expect(Math.abs(data.used - used)).toBeLessThan(2048)
  })
})

const every = new Map([...everyForm(), ...everyStream()])

it('as commands: every form, expiries of keys and fields, and what groups have pending', () => {
  const data = new Dataset()
  const { client } = data
  for (const commands of every.values()) for (const one of commands) client.call(...one)
  const at = 1_800_000_000_000
  const fields = (count: number) => range(count).flatMap((i) => [`f${i}`, i])
  client.call('HSET', 'hash:volatile', ...fields(5000))
  client.call('HPEXPIREAT', 'hash:volatile', at, 'FIELDS', 2, 'f1', 'f77')
  client.call('HSET', 'hash:small volatile', ...fields(5))
  client.call('HPEXPIREAT', 'hash:small volatile', at, 'FIELDS', 1, 'f1')
  client.call('PEXPIREAT', 'list:long', at + 5)
  client.call('PEXPIREAT', 'int:0', at + 7)
  const twin = new Dataset()
  runCommands(twin.engine, Buffer.concat([...data.engine.snapshot(SnapshotOption.commands)]))
  expect(twin.digest()).toBe(data.digest())
  expect(twin.expiries()).toEqual(data.expiries())
  for (const look of [
    ['HPEXPIRETIME', 'hash:volatile', 'FIELDS', 3, 'f1', 'f2', 'f77'],
    ['HPEXPIRETIME', 'hash:small volatile', 'FIELDS', 2, 'f1', 'f2'],
    ['XINFO', 'STREAM', 'stream:groups'],
    ['XINFO', 'GROUPS', 'stream:groups'],
    ['XPENDING', 'stream:groups', 'all', '-', '+', 1000],
    ['XINFO', 'STREAM', 'stream:empty'],
    ['XINFO', 'GROUPS', 'stream:empty'],
  ]) {
    expect(twin.client.call(...look)).toEqual(client.call(...look))
  }
})

describe('loading', () => {
  function wholeFile(): { file: Buffer; digest: string } {
    const data = new Dataset()
    for (const commands of every.values()) for (const one of commands) data.client.call(...one)
    return { file: Buffer.concat([...data.engine.snapshot()]), digest: data.digest() }
  }

  it('a file comes in pieces of one byte', () => {
    const { file, digest } = wholeFile()
    const twin = new Dataset()
    twin.engine.load(
      range(file.length).map((i) => file.subarray(i, i + 1)),
      0,
    )
    expect(twin.digest()).toBe(digest)
  })

  it('keys past their expiry stay out', () => {
    const data = new Dataset()
    data.client.call('SET', 'a', '1')
    data.client.call('SET', 'b', '1', 'PXAT', 1_800_000_000_001)
    const file = [...data.engine.snapshot()]
    const late = newEngine(4096, { monotonicUs: () => 1e9, wallUs: () => 1.9e15 })
    const twin = new Dataset(late)
    twin.engine.load(file, LoadOption.dropsExpired)
    expect(twin.client.call('DBSIZE')).toBe(1)
  })

  it.each([
    ['nothing', Buffer.alloc(0), 0, 'the file ends too soon'],
    ['something else', Buffer.from('HELLO WORLD'), 0, 'wrong signature'],
    ['a newer version', Buffer.from('REDIS0099'), 0, 'the version is not known'],
    ['a version that is none', Buffer.from('REDIS00x1'), 0, 'the version is not a number'],
    ['a head alone', Buffer.from('REDIS0010'), 9, 'the file ends too soon'],
    ['an unknown type', Buffer.from('REDIS0010\x08\x01a'), 12, 'a value has an unknown type'],
    [
      'a database that is not there',
      Buffer.from('REDIS0010\xfe\x20', 'latin1'),
      11,
      'there are not so many databases',
    ],
    [
      'a wrong checksum',
      Buffer.from('REDIS0010\xff12345678', 'latin1'),
      18,
      'the checksum is wrong',
    ],
    [
      'a module',
      Buffer.concat([
        Buffer.from('REDIS0010\x07\x01a\x81', 'latin1'),
        Buffer.from('4892c9324a2bcc01', 'hex'),
      ]),
      21,
      /^a value belongs to a module: .{9}$/,
    ],
  ] as [string, Buffer, number, string | RegExp][])('%s is refused', (_, file, offset, reason) => {
    const data = new Dataset()
    let error: unknown
    try {
      data.engine.load([file], 0)
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ name: 'RdbError', offset })
    expect((error as { reason: string }).reason).toMatch(reason)
  })

  it(`mutated files end in an error or in a dataset, seed ${seed}`, { timeout: 60_000 }, () => {
    const { file } = wholeFile()
    const random = new Random(seed)
    const data = new Dataset()
    data.client.call('FLUSHALL')
    const before = data.used
    for (let i = 0; i < Number(process.env['WADI_FUZZ'] ?? 300); i++) {
      const mutated = Buffer.from(file)
      for (let times = random.between(1, 5); times; times--)
        mutated[random.below(mutated.length)] = random.below(256)
      // No checksum: what is wrong must be found where it is.
      mutated.fill(0, mutated.length - 8)
      const whole = random.once(4) ? mutated.subarray(0, random.below(mutated.length)) : mutated
      try {
        data.engine.load(pieces(random, whole), LoadOption.replaces)
      } catch (error) {
        expect(error).toMatchObject({ name: 'RdbError' })
      }
      data.client.call('FLUSHALL')
      data.client.tick(100_000)
    }
    data.settle()
    expect(data.used - before).toBeLessThan(4096)
  })
})
