/** Everything that a file of Redis up to 7.4 or Valkey 8 may have in it, put together by hand. */
import { describe, expect, it } from 'vitest'
import { LoadOption } from '../../../host/core/abi.ts'
import { Client, type Value } from '../../support/client.ts'
import { newEngine } from '../../support/engine.ts'
import { bytes, file, length, listpack, string, u64, zipmap, ziplist } from '../../support/rdb.ts'

const AT = 1_800_000_000_000
const EXPIRE_MS = 252
const EXPIRE = 253
const double = (value: number) => {
  const out = Buffer.alloc(8)
  out.writeDoubleLE(value)
  return out
}
const u32 = (value: number) => u64(value).subarray(0, 4)
const intset = Buffer.from('020000000300000001000200f401', 'hex')
/** A length of 64 bits. */
const long = (value: number) =>
  Buffer.concat([Buffer.from([0x81]), Buffer.from(u64(value)).reverse()])
const id = (ms: number, seq: number) =>
  Buffer.concat([Buffer.from(u64(ms)).reverse(), Buffer.from(u64(seq)).reverse()])
/** A listpack of a stream: two entries, 1-1 and 1-2, with the same field. */
const nodes = bytes(
  1,
  string(id(1, 1)),
  string(listpack(2, 0, 1, 'f', 0, 2, 0, 0, 'v', 4, 2, 0, 1, 'w', 4)),
)
const consumerV2 = (activity: Buffer[]) => bytes(1, 'c', ...activity, 1, id(1, 1))
const pending = bytes(1, id(1, 1), u64(AT), 3)

const text = (value: Value): unknown =>
  Array.isArray(value) ? value.map(text) : Buffer.isBuffer(value) ? value.toString() : value
const sorted = (value: unknown) => (value as string[]).toSorted()

function loaded(body: Buffer, version = 12, options = 0): Client {
  const client = new Client(newEngine())
  client.engine.load([file(body, version)], options)
  return client
}

type Case = [string, Buffer, (string | number)[], unknown]

const forms: Case[] = [
  ['a string', bytes(0, 'k', 'text'), ['GET', 'k'], 'text'],
  ['a string of 8 bits', bytes(0, 'k', 0xc0, 0xfe), ['GET', 'k'], '-2'],
  ['a string of 16 bits', bytes(0, 'k', 0xc1, 0, 0x80), ['GET', 'k'], '-32768'],
  ['a string of 32 bits', bytes(0, 'k', 0xc2, 0, 0, 0, 0x80), ['GET', 'k'], '-2147483648'],
  [
    'a compressed string',
    bytes(0, 'k', 0xc3, 5, length(30), Buffer.from([0, 97, 0xe0, 20, 0])),
    ['GET', 'k'],
    'a'.repeat(30),
  ],
  ['a length of 64 bits', bytes(0, 'k', long(3), Buffer.from('abc')), ['GET', 'k'], 'abc'],
  ['a linked list', bytes(1, 'k', 3, 'a', '', 'b'), ['LRANGE', 'k', 0, -1], ['a', '', 'b']],
  [
    'a list as a ziplist',
    bytes(10, 'k', string(ziplist('a', 1, -1, 300, -70_000, 2 ** 40, 'x'.repeat(300)))),
    ['LRANGE', 'k', 0, -1],
    ['a', '1', '-1', '300', '-70000', String(2 ** 40), 'x'.repeat(300)],
  ],
  [
    'a quicklist of ziplists',
    bytes(14, 'k', 2, string(ziplist('a', 12)), string(ziplist(13, 'b'))),
    ['LRANGE', 'k', 0, -1],
    ['a', '12', '13', 'b'],
  ],
  [
    'a quicklist of listpacks',
    bytes(18, 'k', 2, 1, 'z'.repeat(50), 2, string(listpack('a', 5))),
    ['LRANGE', 'k', 0, -1],
    ['z'.repeat(50), 'a', '5'],
  ],
  ['a set of strings', bytes(2, 'k', 3, '1', 'b', 'a'), ['SMEMBERS', 'k'], ['1', 'a', 'b']],
  ['a set as an intset', bytes(11, 'k', string(intset)), ['SMEMBERS', 'k'], ['1', '2', '500']],
  ['a set as a listpack', bytes(20, 'k', string(listpack('a', 5))), ['SMEMBERS', 'k'], ['5', 'a']],
  [
    'a sorted set with scores as text',
    bytes(3, 'k', 4, 'a', '1.5', 'b', 255, 'c', 254, 'd', '-3e10'),
    ['ZRANGE', 'k', 0, -1, 'WITHSCORES'],
    ['b', '-inf', 'd', '-30000000000', 'a', '1.5', 'c', 'inf'],
  ],
  [
    'a sorted set with binary scores',
    bytes(5, 'k', 2, 'a', double(2.5), 'b', double(-1)),
    ['ZRANGE', 'k', 0, -1, 'WITHSCORES'],
    ['b', '-1', 'a', '2.5'],
  ],
  [
    'a sorted set as a ziplist',
    bytes(12, 'k', string(ziplist('a', 1, 5, '2.5'))),
    ['ZRANGE', 'k', 0, -1, 'WITHSCORES'],
    ['a', '1', '5', '2.5'],
  ],
  [
    'a sorted set as a listpack',
    bytes(17, 'k', string(listpack('a', 1, 5, '2.5'))),
    ['ZRANGE', 'k', 0, -1, 'WITHSCORES'],
    ['a', '1', '5', '2.5'],
  ],
  ['a hash of strings', bytes(4, 'k', 1, 'f', 'v'), ['HGETALL', 'k'], ['f', 'v']],
  [
    'a hash as a zipmap',
    bytes(9, 'k', string(zipmap(['a', '1'], ['b', 'v'.repeat(60)]))),
    ['HGETALL', 'k'],
    ['a', '1', 'b', 'v'.repeat(60)],
  ],
  [
    'a hash as a ziplist',
    bytes(13, 'k', string(ziplist('a', 1, 7, 'b'))),
    ['HGETALL', 'k'],
    ['a', '1', '7', 'b'],
  ],
  [
    'a hash as a listpack',
    bytes(16, 'k', string(listpack('a', 1, 2, 'b'))),
    ['HGETALL', 'k'],
    ['a', '1', '2', 'b'],
  ],
  [
    'a hash with expiries of fields, 7.4',
    bytes(24, 'k', u64(AT), 3, 1, 'a', '1', 0, 'b', '2', 6, 'c', '3'),
    ['HPEXPIRETIME', 'k', 'FIELDS', 3, 'a', 'b', 'c'],
    [AT, -1, AT + 5],
  ],
  [
    'a hash with expiries of fields, candidates of 7.4',
    bytes(22, 'k', 2, long(AT), 'a', '1', 0, 'b', '2'),
    ['HPEXPIRETIME', 'k', 'FIELDS', 2, 'a', 'b'],
    [AT, -1],
  ],
  [
    'a hash listpack with expiries, 7.4',
    bytes(25, 'k', u64(AT), string(listpack('a', '1', AT, 'b', '2', 0))),
    ['HPEXPIRETIME', 'k', 'FIELDS', 2, 'a', 'b'],
    [AT, -1],
  ],
  [
    'a hash listpack with expiries, candidates of 7.4',
    bytes(23, 'k', string(listpack('a', '1', AT, 'b', '2', 0))),
    ['HPEXPIRETIME', 'k', 'FIELDS', 2, 'a', 'b'],
    [AT, -1],
  ],
  [
    'a stream, 5.0',
    bytes(15, 'k', nodes, 2, 1, 2, 1, 'g', 1, 1, pending, consumerV2([u64(AT)])),
    ['XPENDING', 'k', 'g'],
    [1, '1-1', '1-1', [['c', '1']]],
  ],
  [
    'a stream, 7.0',
    bytes(19, 'k', nodes, 2, 1, 2, 1, 1, 0, 0, 5, 1, 'g', 1, 1, 1, pending, consumerV2([u64(AT)])),
    ['XINFO', 'GROUPS', 'k'],
    [
      [
        'name',
        'g',
        'consumers',
        1,
        'pending',
        1,
        'last-delivered-id',
        '1-1',
        'entries-read',
        1,
        'lag',
        4,
      ],
    ],
  ],
  [
    'a stream, 7.2',
    bytes(
      21,
      'k',
      nodes,
      2,
      1,
      2,
      1,
      1,
      0,
      0,
      2,
      1,
      'g',
      1,
      1,
      1,
      pending,
      consumerV2([u64(AT), u64(AT)]),
    ),
    ['XRANGE', 'k', '-', '+'],
    [
      ['1-1', ['f', 'v']],
      ['1-2', ['f', 'w']],
    ],
  ],
  ['a key with an expiry in ms', bytes(EXPIRE_MS, u64(AT), 0, 'k', 'v'), ['PEXPIRETIME', 'k'], AT],
  [
    'a key with an expiry in seconds',
    bytes(EXPIRE, u32(2e9), 0, 'k', 'v'),
    ['PEXPIRETIME', 'k'],
    2e12,
  ],
  ['how idle a key is', bytes(248, length(1000), 0, 'k', 'v'), ['OBJECT', 'IDLETIME', 'k'], 1000],
  ['how often a key is used', bytes(249, 7, 0, 'k', 'v'), ['GET', 'k'], 'v'],
  [
    'facts about the file',
    bytes(250, 'valkey-ver', '8.0.1', 250, 'x', '1', 0, 'k', 'v'),
    ['GET', 'k'],
    'v',
  ],
  ['sizes of a database', bytes(254, 3, 251, 1, 0, 0, 'k', 'v'), ['DBSIZE'], 0],
  ['sizes of a slot', bytes(254, 0, 244, length(12539), 1, 0, 0, 'k', 'v'), ['GET', 'k'], 'v'],
  ['scripts of servers before 7', bytes(250, 'lua', 'return 1', 0, 'k', 'v'), ['GET', 'k'], 'v'],
]

describe('loads', () => {
  it.each(forms)('%s', (_, body, command, expected) => {
    const reply = text(loaded(body).call(...command))
    const isUnordered = command[0] === 'SMEMBERS'
    expect(isUnordered ? sorted(reply) : reply).toEqual(expected)
  })

  it.each([1, 4, 6, 7, 8, 9, 10, 11, 12])('version %i', (version) => {
    const whole = file(bytes(0, 'k', 'v'), version)
    // Before version 5 nothing follows the end.
    const end = version < 5 ? whole.subarray(0, -8) : whole
    const client = new Client(newEngine())
    client.engine.load([end], 0)
    expect(text(client.call('GET', 'k'))).toBe('v')
  })
})

const MODULE = Buffer.from('814892c9324a2bcc01', 'hex')
const moduleValue = bytes(7, 'm', MODULE, 1, 5, 2, 5, 3, u32(0), 4, double(1), 5, 'text', 0)
const moduleAux = bytes(247, MODULE, 2, 1, 5, 'text', 0)

describe('what belongs to a module', () => {
  it.each([
    ['a value', moduleValue, 'a value belongs to a module: SJLJMkorz'],
    ['data beside keys', moduleAux, 'there is data of a module: SJLJMkorz'],
  ])('%s is an error that names it', (_, body, reason) => {
    expect(() => loaded(bytes(body, 0, 'k', 'v'))).toThrow(reason)
  })

  it('stays out where only the rest is wanted', () => {
    const client = loaded(bytes(moduleAux, moduleValue, 0, 'k', 'v'), 10, LoadOption.skipsModules)
    expect(client.call('DBSIZE')).toBe(1)
  })
})

describe('libraries of functions', () => {
  const code = "#!lua name=l\nredis.register_function('f', function() return 1 end)"
  const saved = (client: Client) => Buffer.concat([...client.engine.snapshot()])

  it('are in the next file, once', () => {
    const body = bytes(245, string(Buffer.from(code)), 0, 'k', 'v')
    const client = loaded(bytes(245, string(Buffer.from(code)), body))
    const again = saved(client)
    expect(again.toString('latin1').split('name=l').length).toBe(2)
    const twin = new Client(newEngine())
    twin.engine.load([again], 0)
    expect(saved(twin).toString('latin1')).toContain(code)
  })

  it('of candidates of 7.0 are refused', () => {
    expect(() => loaded(bytes(246, 'LUA', 'l', 0, 'code'))).toThrow('release candidate')
  })
})
