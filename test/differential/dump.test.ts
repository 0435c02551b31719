/** DUMP payloads travel between redis-server and Wadi in both directions. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { everyForm, everyStream } from '../support/dataset.ts'
import type { TestServer } from '../support/process.ts'
import { bytes, length, listpack, payload, string, u64, zipmap, ziplist } from '../support/rdb.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection, type Argument } from '../support/resp.ts'
import { startWadi } from '../support/wadi.ts'

const missing = redisMissing()
const forms = new Map([...everyForm(), ...everyStream()])
const double = (value: number) => {
  const out = Buffer.alloc(8)
  out.writeDoubleLE(value)
  return out
}

/** Values as servers before Redis 7 wrote them: the payload without its footer. */
const old: Record<string, Buffer> = {
  'a list of strings': bytes(1, 3, 'a', '', 'b'.repeat(100)),
  'a list ziplist': bytes(10, string(ziplist('a', 1, -1, 300, -70_000, 2 ** 40, 'x'.repeat(300)))),
  'a quicklist of ziplists': bytes(14, 2, string(ziplist('a', 12)), string(ziplist(13, 'b'))),
  'a quicklist with an empty ziplist': bytes(14, 2, string(ziplist()), string(ziplist('b'))),
  'a quicklist with a plain node': bytes(18, 2, 1, 'z'.repeat(50), 2, string(listpack('a', 5))),
  'a set of integers as strings': bytes(2, 3, '1', '2', '300'),
  'a set with integers in front': bytes(2, 3, '1', '2', 'x'),
  'a sorted set with textual scores': bytes(3, 4, 'a', '1.5', 'b', 255, 'c', 254, 'd', '-3e10'),
  'a sorted set ziplist': bytes(12, string(ziplist('a', 1, 5, '2.5', 'b', '3'))),
  'a hash zipmap': bytes(9, string(zipmap(['a', '1'], ['b', 'v'.repeat(300)]))),
  'a hash ziplist': bytes(13, string(ziplist('a', 1, 'b', 'x', 7, 'y'.repeat(100)))),
  'a hash of strings': bytes(4, 2, 'a', '1', 'b', 'y'.repeat(100)),
  'a hash listpack': bytes(16, string(listpack('a', 1, 2, 'b'))),
  'a compressed string': bytes(0, 0xc3, 5, length(30), Buffer.from([0, 97, 0xe0, 20, 0])),
  'a string of 8 bits': bytes(0, 0xc0, 0xfe),
  'a string of 16 bits': bytes(0, 0xc1, 0, 0x80),
  'a string of 32 bits': bytes(0, 0xc2, 0, 0, 0, 0x80),
}

/** Payloads that must be refused with the same words. */
const broken: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  'less than a footer': Buffer.alloc(9),
  'a footer alone': payload(Buffer.alloc(0)),
  'an unknown type': payload(bytes(8, 'a')),
  'a type that does not exist': payload(bytes(99, 'a')),
  'a value that ends early': payload(bytes(1, 3, 'a')),
  'a list without elements': payload(bytes(1, 0)),
  'a set without members': payload(bytes(2, 0)),
  'a set with a member twice': payload(bytes(2, 2, 'a', 'a')),
  'a sorted set with a member twice': payload(bytes(5, 2, 'a', double(1), 'a', double(2))),
  'a score that is not a number': payload(bytes(5, 1, 'a', double(NaN))),
  'a newer version': payload(bytes(0, 'a'), 99),
  'a wrong checksum': Buffer.concat([bytes(0, 'a', 9, 0), u64(1)]),
  'an intset of a wrong width': payload(
    bytes(11, string(Buffer.from('0300000001000000010000', 'hex'))),
  ),
  'a listpack of a wrong length': payload(
    bytes(16, string(Buffer.from('0900000000000000ff', 'hex'))),
  ),
  'a hash listpack of an odd length': payload(bytes(16, string(listpack('a')))),
}

describe.skipIf(missing)(`payloads${missing ? `: ${missing}` : ''}`, () => {
  let servers: TestServer[] = []
  let redis: Connection
  let wadi: Connection

  beforeAll(async () => {
    servers = await Promise.all([startRedis(), startWadi()])
    redis = await Connection.connect(servers[0]!.port)
    wadi = await Connection.connect(servers[1]!.port)
  })
  beforeEach(async () => {
    await Promise.all([redis.call('FLUSHALL'), wadi.call('FLUSHALL')])
  })
  afterAll(async () => {
    redis.close()
    wadi.close()
    await Promise.all(servers.map((server) => server.stop()))
  })

  const digest = async (server: Connection, key: string) =>
    (await server.call('DEBUG', 'DIGEST-VALUE', key)).items[0]!.text

  async function both(...command: Argument[]): Promise<string[]> {
    return [(await redis.call(...command)).toString(), (await wadi.call(...command)).toString()]
  }

  for (const [key, commands] of forms) {
    it(`${key} goes there and back`, async () => {
      for (const server of [redis, wadi]) {
        for (const reply of await server.exchange(commands)) expect(reply.isError).toBe(false)
      }
      const theirs = (await redis.call('DUMP', key)).data
      const ours = (await wadi.call('DUMP', key)).data
      expect((await redis.call('RESTORE', 'ours', 0, ours)).toString()).toBe('+OK\\r\\n')
      expect((await wadi.call('RESTORE', 'theirs', 0, theirs)).toString()).toBe('+OK\\r\\n')
      expect((await wadi.call('RESTORE', 'ours', 0, ours)).toString()).toBe('+OK\\r\\n')
      const expected = await digest(redis, key)
      expect(await digest(redis, 'ours')).toBe(expected)
      expect(await digest(wadi, 'theirs')).toBe(expected)
      expect(await digest(wadi, 'ours')).toBe(expected)
      const encodings = await wadi.exchange(
        [key, 'ours'].map((name) => ['OBJECT', 'ENCODING', name]),
      )
      if (key !== 'text:1.5') expect(encodings[1]!.text).toBe(encodings[0]!.text)
    })
  }

  for (const [name, value] of Object.entries(old)) {
    it(`${name} is read`, async () => {
      expect(await both('RESTORE', 'k', 0, payload(value))).toEqual(['+OK\\r\\n', '+OK\\r\\n'])
      expect(await digest(wadi, 'k')).toBe(await digest(redis, 'k'))
    })
  }

  for (const [name, value] of Object.entries(broken)) {
    it(`${name} is refused`, async () => {
      const [expected, got] = await both('RESTORE', 'k', 0, value)
      expect(got).toBe(expected)
      expect(got).toMatch(/^-/)
      expect((await wadi.call('EXISTS', 'k')).text).toBe('0')
    })
  }

  it('a hash with a field twice is refused, where 7.0 keeps both', async () => {
    const value = payload(bytes(4, 2, 'a', '1', 'a', '2'))
    expect((await wadi.call('RESTORE', 'k', 0, value)).text).toBe('ERR Bad data format')
  })

  it('the listpack of a set that 7.2 writes is read', async () => {
    const reply = await wadi.call(
      'RESTORE',
      'k',
      0,
      payload(bytes(20, string(listpack('a', 5))), 11),
    )
    expect(reply.text).toBe('OK')
    expect((await wadi.call('SMEMBERS', 'k')).items.map((item) => item.text)).toEqual(['a', '5'])
  })

  it('options, expiries and what is said about them', async () => {
    const value = payload(bytes(0, 'v'))
    const later = Date.now() + 100_000
    for (const command of [
      ['SET', 'there', '1'],
      ['RESTORE', 'there', 0, value],
      ['RESTORE', 'there', 'x', value],
      ['RESTORE', 'there', 0, value, 'REPLACE'],
      ['GET', 'there'],
      ['RESTORE', 'a', -1, value],
      ['RESTORE', 'a', 'x', value],
      ['RESTORE', 'a', 0, value, 'WHAT'],
      ['RESTORE', 'a', 0, value, 'IDLETIME'],
      ['RESTORE', 'a', 0, value, 'IDLETIME', -1],
      ['RESTORE', 'a', 0, value, 'IDLETIME', 'x'],
      ['RESTORE', 'a', 0, value, 'FREQ', 256],
      ['RESTORE', 'a', 0, value, 'FREQ', -1],
      ['RESTORE', 'a', 0, value, 'FREQ', 1, 'IDLETIME', 1],
      ['RESTORE', 'a', 0, value, 'IDLETIME', 1000],
      ['OBJECT', 'IDLETIME', 'a'],
      ['RESTORE', 'b', later, value, 'absttl', 'FREQ', 5],
      ['PEXPIRETIME', 'b'],
      ['RESTORE', 'c', 100_000, value],
      ['TTL', 'c'],
      ['RESTORE', 'd', 1, value, 'ABSTTL'],
      ['EXISTS', 'd'],
      ['RESTORE', 'c', 1, value, 'ABSTTL', 'REPLACE'],
      ['EXISTS', 'c'],
      ['RESTORE-ASKING', 'e', 0, value],
      ['DUMP', 'none'],
      ['DUMP'],
      ['RESTORE', 'a', 0],
    ] as Argument[][]) {
      const [expected, got] = await both(...command)
      expect([...command, got]).toEqual([...command, expected])
    }
  })
})
