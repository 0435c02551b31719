// What is measured: one line a row. `Load` rows run under redis-benchmark, `Hold` rows count memory.

import type { Command } from './wire.ts'

export interface Load {
  readonly name: string
  /** Arguments of redis-benchmark: `-t test`, or a command line (`__rand_int__` is a random number). */
  readonly run: readonly string[]
  readonly pipeline: number
  /** Size of the values, in bytes. */
  readonly valueBytes?: number
  /** How many numbers `__rand_int__` and the keys of `-t` are drawn from. */
  readonly keys?: number
  /** Commands that prepare the data, before the first run; `each request`: so many, before every run. */
  readonly before?: {
    readonly count: number | 'each request'
    readonly command: (index: number) => Command
  }
  /** So many connections subscribe to the channel `news` while it runs. */
  readonly subscribers?: number
  /** Requests, where an operation is so large that the usual number would take minutes. */
  readonly requests?: number
}

/** The keys that redis-benchmark asks for. */
const keys = (count: number, bytes: number) => ({
  count,
  command: (i: number): Command => ['SET', `key:${padded(i)}`, 'x'.repeat(bytes)],
})

const padded = (i: number) => String(i).padStart(12, '0')

const strings: Load[] = [1, 16, 64].flatMap((pipeline): Load[] => [
  { name: 'SET', run: ['-t', 'set'], pipeline },
  { name: 'GET', run: ['-t', 'get'], pipeline, before: keys(100_000, 3) },
  { name: 'INCR', run: ['-t', 'incr'], pipeline },
  { name: 'MSET (10 keys)', run: ['-t', 'mset'], pipeline },
])

const random = '__rand_int__'
const member = (i: number) => `element:${padded(i)}`
const list = { count: 1000, command: (): Command => ['RPUSH', 'mylist', 'x'.repeat(3)] }
const queue = { count: 'each request' as const, command: (): Command => ['RPUSH', 'mylist', 'xxx'] }
const members = {
  count: 'each request' as const,
  command: (i: number): Command => ['SADD', 'myset', member(i)],
}
const scores = {
  count: 'each request' as const,
  command: (i: number): Command => ['ZADD', 'myzset', i, member(i)],
}
const board = { count: 100_000, command: (i: number): Command => ['ZADD', 'board', i, member(i)] }
const places = {
  count: 100_000,
  command: (i: number): Command => [
    'GEOADD',
    'places',
    (i % 3600) / 10 - 180,
    (i % 1680) / 10 - 84,
    i,
  ],
}
const user = {
  count: 10,
  command: (i: number): Command => ['HSET', 'user', `field:${i}`, `value:${i}`],
}
const log = {
  count: 100_000,
  command: (i: number): Command => ['XADD', 'log', `${i + 1}-0`, 'f', 'v'],
}

export const loads: readonly Load[] = [
  ...strings,
  { name: 'SET 1 KB', run: ['-t', 'set'], pipeline: 16, valueBytes: 1024 },
  { name: 'GET 1 KB', run: ['-t', 'get'], pipeline: 16, before: keys(100_000, 1024) },
  { name: 'SET 1 KB', run: ['-t', 'set'], pipeline: 64, valueBytes: 1024 },
  { name: 'GET 1 KB', run: ['-t', 'get'], pipeline: 64, before: keys(100_000, 1024) },
  {
    name: 'SET, 1 M keys',
    run: ['-t', 'set'],
    pipeline: 64,
    keys: 1_000_000,
    before: keys(1_000_000, 3),
  },
  {
    name: 'GET, 1 M keys',
    run: ['-t', 'get'],
    pipeline: 64,
    keys: 1_000_000,
    before: keys(1_000_000, 3),
  },
  { name: 'LPUSH', run: ['-t', 'lpush'], pipeline: 16 },
  { name: 'RPUSH', run: ['-t', 'rpush'], pipeline: 16 },
  { name: 'LPOP', run: ['-t', 'lpop'], pipeline: 16, before: queue },
  { name: 'RPOP', run: ['-t', 'rpop'], pipeline: 16, before: queue },
  {
    name: 'LRANGE_100',
    run: ['LRANGE', 'mylist', '0', '99'],
    pipeline: 16,
    before: list,
    requests: 100_000,
  },
  {
    name: 'LRANGE_300',
    run: ['LRANGE', 'mylist', '0', '299'],
    pipeline: 16,
    before: list,
    requests: 50_000,
  },
  {
    name: 'LRANGE_600',
    run: ['LRANGE', 'mylist', '0', '599'],
    pipeline: 16,
    before: list,
    requests: 30_000,
  },
  { name: 'SADD', run: ['-t', 'sadd'], pipeline: 16 },
  { name: 'SPOP', run: ['-t', 'spop'], pipeline: 16, before: members },
  { name: 'HSET', run: ['-t', 'hset'], pipeline: 16 },
  { name: 'HGETALL, 10 fields', run: ['HGETALL', 'user'], pipeline: 16, before: user },
  { name: 'ZADD', run: ['-t', 'zadd'], pipeline: 16 },
  { name: 'ZRANGE 0 9 of 100 k', run: ['ZRANGE', 'board', '0', '9'], pipeline: 16, before: board },
  {
    name: 'ZRANK in 100 k',
    run: ['ZRANK', 'board', `element:${random}`],
    pipeline: 16,
    before: board,
    keys: 100_000,
  },
  { name: 'ZPOPMIN', run: ['-t', 'zpopmin'], pipeline: 16, before: scores },
  { name: 'XADD', run: ['XADD', 'stream', '*', 'field', 'value'], pipeline: 16 },
  {
    name: 'XRANGE 100',
    run: ['XRANGE', 'log', '-', '+', 'COUNT', '100'],
    pipeline: 16,
    before: log,
    requests: 50_000,
  },
  { name: 'PFADD', run: ['PFADD', 'visitors', random], pipeline: 16, keys: 1_000_000 },
  {
    name: 'GEOSEARCH 50 km of 100 k',
    run: ['GEOSEARCH', 'places', 'FROMLONLAT', '10', '50', 'BYRADIUS', '50', 'km'],
    pipeline: 16,
    before: places,
    requests: 20_000,
  },
  {
    name: 'PUBLISH to 100',
    run: ['PUBLISH', 'news', 'hello'],
    pipeline: 16,
    subscribers: 100,
    requests: 30_000,
  },
]

/** Memory of a dataset: `count` commands, then what the server says and what the system sees. */
export interface Hold {
  readonly name: string
  readonly count: number
  /** What the bytes are divided by; `count` unless a command adds several. */
  readonly items?: number
  readonly command: (index: number) => Command
}

const MILLION = 1_000_000
const key16 = (i: number) => `key:${padded(i)}`
const short = 'abc'
const long = 'x'.repeat(100)

export const holds: readonly Hold[] = [
  { name: 'key of 16 B, value of 3 B', count: MILLION, command: (i) => ['SET', key16(i), short] },
  {
    name: 'key of 16 B, value of 3 B, TTL',
    count: MILLION,
    command: (i) => ['SET', key16(i), short, 'EX', 100_000],
  },
  { name: 'key of 16 B, value of 100 B', count: MILLION, command: (i) => ['SET', key16(i), long] },
  {
    name: 'key of 16 B, value of 100 B, TTL',
    count: MILLION,
    command: (i) => ['SET', key16(i), long, 'EX', 100_000],
  },
  { name: 'member of a set of 1 M', count: MILLION, command: (i) => ['SADD', 'set', member(i)] },
  {
    name: 'member of a sorted set of 1 M',
    count: MILLION,
    command: (i) => ['ZADD', 'zset', i, member(i)],
  },
  {
    name: 'hash of 10 fields',
    count: 100_000,
    command: (i) => [
      'HSET',
      key16(i),
      ...Array.from({ length: 20 }, (_, n) => (n % 2 ? `value:${n}` : `field:${n}`)),
    ],
  },
  { name: 'item of a list of 1 M', count: MILLION, command: (i) => ['RPUSH', 'list', member(i)] },
  {
    name: 'entry of a stream of 1 M',
    count: MILLION,
    command: (i) => ['XADD', 'stream', `${i + 1}-0`, 'field', member(i)],
  },
]
