// Every method of the client of @upstash/redis: what is there, how it is called, and what its caller gets.

import { createHash } from 'node:crypto'
import { expect } from 'vitest'

export type Step = readonly [method: string, ...args: unknown[]]

export interface Call {
  method: string
  given: readonly Step[]
  args: readonly unknown[]
  result: unknown
}

/** Keys of one slot, so that all of them lie in one shard. */
const a = '{k}a'
const b = '{k}b'
const c = '{k}c'
export const KEYS = [a, b, c]

const call = (
  method: string,
  args: readonly unknown[],
  result: unknown,
  ...given: readonly Step[]
): Call => ({ method, given, args, result })

const IN_A_MINUTE_S = Math.floor(Date.now() / 1000) + 60
const IN_A_MINUTE_MS = IN_A_MINUTE_S * 1000
const number: unknown = expect.any(Number)

const string: Step = ['set', a, 'value']
const counter: Step = ['set', a, 10]
const two: Step = ['mset', { [a]: 1, [b]: 2 }]

const SCRIPT = "return redis.call('GET', KEYS[1])"
const SHA = createHash('sha1').update(SCRIPT).digest('hex')
const script: Step = ['scriptLoad', SCRIPT]

const LIBRARY = `#!lua name=shop
redis.register_function('buy', function(keys, args) return redis.call('DECRBY', keys[1], args[1]) end)
redis.register_function{
  function_name = 'stock',
  callback = function(keys) return redis.call('GET', keys[1]) end,
  flags = { 'no-writes' },
}`
const library: Step = ['functions.load', { code: LIBRARY, replace: true }]

const strings: Call[] = [
  call('append', [a, 's'], 6, string),
  call('decr', [a], 9, counter),
  call('decrby', [a, 3], 7, counter),
  call('get', [a], 'value', string),
  call('get', [a], { deep: [1, 'x', null, true] }, ['set', a, { deep: [1, 'x', null, true] }]),
  call('get', [a], '9007199254740993', ['set', a, '9007199254740993']),
  call('get', [a], 'ÄÖ €\n"🙂', ['set', a, 'ÄÖ €\n"🙂']),
  call('get', [a], 'OK', ['set', a, 'OK']),
  call('get', [a], '', ['set', a, '']),
  call('get', [a], null),
  call('getdel', [a], 'value', string),
  call('getex', [a, { ex: 100 }], 'value', string),
  call('getrange', [a, 1, 3], 'alu', string),
  call('getset', [a, 'next'], 'value', string),
  call('incr', [a], 11, counter),
  call('incrby', [a, 5], 15, counter),
  call('incrbyfloat', [a, 0.5], 10.5, counter),
  call('mget', [a, b, c], [1, 2, null], two),
  call('mget', [[a, b]], [1, 2], two),
  call('mset', [{ [a]: 1, [b]: { x: 2 } }], 'OK'),
  call('msetnx', [{ [b]: 1, [c]: 2 }], 1, string),
  call('psetex', [a, 60_000, 'v'], 'OK'),
  call('set', [a, 'v'], 'OK'),
  call('set', [a, 'v', { nx: true, ex: 100 }], null, string),
  call('set', [a, 'v', { xx: true, keepTtl: true }], 'OK', string),
  call('set', [a, 'v', { get: true, px: 100_000 }], 'value', string),
  call('set', [a, 'v', { exat: IN_A_MINUTE_S }], 'OK'),
  call('set', [a, 'v', { pxat: IN_A_MINUTE_MS }], 'OK'),
  call('setex', [a, 60, true], 'OK'),
  call('setnx', [a, 'v'], 0, string),
  call('setrange', [a, 1, 'o'], 5, string),
  call('strlen', [a], 5, string),
]

const bits: Call[] = [
  call('bitcount', [a], 26, ['set', a, 'foobar']),
  call('bitcount', [a, 1, 1], 6, ['set', a, 'foobar']),
  call('bitop', ['and', c, a, b], 3, ['mset', { [a]: 'abc', [b]: 'ab' }]),
  call('bitop', ['not', c, a], 5, string),
  call('bitop', ['diff', c, a, b], 3, ['mset', { [a]: 'abc', [b]: 'ab' }]),
  call('bitop', ['diff1', c, a, b], 3, ['mset', { [a]: 'abc', [b]: 'ab' }]),
  call('bitop', ['andor', c, a, b], 3, ['mset', { [a]: 'abc', [b]: 'ab' }]),
  call('bitop', ['one', c, a, b], 3, ['mset', { [a]: 'abc', [b]: 'ab' }]),
  call('bitpos', [a, 1], 1, string),
  call('bitpos', [a, 0, 1, -1], 8, string),
  call('getbit', [a, 1], 1, string),
  call('setbit', [a, 7, 1], 0),
]

const keys: Call[] = [
  call('copy', [a, b], 'COPIED', string),
  call('copy', [a, b], 'NOT_COPIED', two),
  call('copy', [a, b, { replace: true }], 'COPIED', two),
  call('copy', [a, a], 'NOT_COPIED', string),
  call('dbsize', [], 2, two),
  call('del', [a, b, c], 2, two),
  call('exists', [a, b, a], 2, string),
  call('expire', [a, 100], 1, string),
  call('expire', [a, 100, 'GT'], 0, string),
  call('expireat', [a, IN_A_MINUTE_S], 1, string),
  call('flushall', [], 'OK', string),
  call('flushall', [{ async: true }], 'OK', string),
  call('flushdb', [], 'OK', string),
  call('flushdb', [{ async: true }], 'OK', string),
  call('keys', ['*a'], [a], two),
  call('persist', [a], 1, ['setex', a, 60, 'v']),
  call('pexpire', [a, 60_000], 1, string),
  call('pexpireat', [a, IN_A_MINUTE_MS], 1, string),
  call('pttl', [a], number, ['psetex', a, 60_000, 'v']),
  call('randomkey', [], a, string),
  call('rename', [a, b], 'OK', string),
  call('renamenx', [a, b], 0, two),
  call('touch', [a, b, c], 2, two),
  call('ttl', [a], -1, string),
  call('type', [a], 'string', string),
  call('type', [a], 'none'),
  call('unlink', [a, b], 2, two),
]

const hash: Step = ['hset', a, { f: 1, g: 'two' }]
const volatile: Step = ['hexpire', a, 'f', 60]

const hashes: Call[] = [
  call('hdel', [a, 'f', 'x'], 1, hash),
  call('hexists', [a, 'f'], 1, hash),
  call('hexpire', [a, ['f', 'x'], 60], [1, -2], hash),
  call('hexpire', [a, 'f', 60, 'NX'], [0], hash, volatile),
  call('hexpireat', [a, 'f', IN_A_MINUTE_S], [1], hash),
  call('hexpiretime', [a, ['f', 'g']], [number, -1], hash, volatile),
  call('hget', [a, 'g'], 'two', hash),
  call('hgetall', [a], { f: 1, g: 'two' }, hash),
  call('hgetall', [a], null),
  call('hgetdel', [a, 'f', 'x'], { f: 1, x: null }, hash),
  call('hgetex', [a, { ex: 60 }, 'f', 'g'], { f: 1, g: 'two' }, hash),
  call('hincrby', [a, 'f', 4], 5, hash),
  call('hincrbyfloat', [a, 'f', 0.25], 1.25, hash),
  call('hkeys', [a], ['f', 'g'], hash),
  call('hlen', [a], 2, hash),
  call('hmget', [a, 'f', 'x'], { f: 1, x: null }, hash),
  call('hmset', [a, { f: 1, g: { deep: true } }], 'OK'),
  call('hpersist', [a, 'f'], [1], hash, volatile),
  call('hpexpire', [a, 'f', 60_000], [1], hash),
  call('hpexpireat', [a, 'f', IN_A_MINUTE_MS], [1], hash),
  call('hpexpiretime', [a, 'g'], [-1], hash),
  call('hpttl', [a, 'f'], [number], hash, volatile),
  call('hrandfield', [a], 'f', ['hset', a, { f: 1 }]),
  call('hrandfield', [a, 2, true], { f: 1, g: 'two' }, hash),
  call('hscan', [a, 0, { match: 'f*', count: 10 }], ['0', ['f', 1]], hash),
  call('hset', [a, { f: 1, x: 2 }], 1, hash),
  call('hsetex', [a, { expiration: { ex: 60 } }, { f: 1, x: 2 }], 1),
  call('hsetex', [a, { conditional: 'fnx', expiration: { keepttl: true } }, { f: 1 }], 0, hash),
  call('hsetnx', [a, 'f', 2], 0, hash),
  call('hstrlen', [a, 'g'], 3, hash),
  call('httl', [a, ['f', 'g', 'x']], [60, -1, -2], hash, volatile),
  call('hvals', [a], [1, 'two'], hash),
]

const list: Step = ['rpush', a, 'x', 2, { three: 3 }]

const lists: Call[] = [
  call('lindex', [a, 1], 2, list),
  call('linsert', [a, 'before', 2, 'new'], 4, list),
  call('llen', [a], 3, list),
  call('lmove', [a, b, 'left', 'right'], 'x', list),
  call('lmpop', [2, [b, a], 'LEFT', 2], [a, ['x', 2]], list),
  call('lpop', [a], 'x', list),
  call('lpop', [a, 2], ['x', 2], list),
  call('lpop', [a], null),
  call('lpos', [a, 2], 1, list),
  call('lpos', [a, 'x', { count: 2, rank: 1, maxLen: 10 }], [0], list),
  call('lpush', [a, 1, 2], 2),
  call('lpushx', [a, 1], 0),
  call('lrange', [a, 0, -1], ['x', 2, { three: 3 }], list),
  call('lrem', [a, 1, 'x'], 1, list),
  call('lset', [a, 0, 'y'], 'OK', list),
  call('ltrim', [a, 0, 1], 'OK', list),
  call('rpop', [a], { three: 3 }, list),
  call('rpush', [a, { x: 1 }], 1),
  call('rpushx', [a, 1, 2], 5, list),
]

const set: Step = ['sadd', a, 'x', 'y']
const other: Step = ['sadd', b, 'y', 'z']

const sets: Call[] = [
  call('sadd', [a, 'x', 'y', 'x'], 2),
  call('scard', [a], 2, set),
  call('sdiff', [a, b], ['x'], set, other),
  call('sdiffstore', [c, a, b], 1, set, other),
  call('sinter', [a, b], ['y'], set, other),
  call('sintercard', [[a, b], { limit: 5 }], 1, set, other),
  call('sinterstore', [c, a, b], 1, set, other),
  call('sismember', [a, 'x'], 1, set),
  call('smembers', [a], expect.arrayContaining(['x', 'y']), set),
  call('smismember', [a, ['x', 'z']], [1, 0], set),
  call('smove', [a, b, 'x'], 1, set, other),
  call('spop', [a], 1, ['sadd', a, 1]),
  call('spop', [a, 2], expect.arrayContaining(['x', 'y']), set),
  call('srandmember', [a], 'x', ['sadd', a, 'x']),
  call('srandmember', [a, 5], expect.arrayContaining(['x', 'y']), set),
  call('srem', [a, 'x', 'z'], 1, set),
  call('sscan', [a, 0, { match: 'x' }], ['0', ['x']], set),
  call('sunion', [a, b], expect.arrayContaining(['x', 'y', 'z']), set, other),
  call('sunionstore', [c, a, b], 3, set, other),
]

const board: Step = ['zadd', a, { score: 1, member: 'x' }, { score: 2.5, member: 'y' }]
const rivals: Step = ['zadd', b, { score: 10, member: 'y' }, { score: 20, member: 'z' }]
const words: Step = ['zadd', a, { score: 0, member: 'x' }, { score: 0, member: 'y' }]

const sortedSets: Call[] = [
  call('zadd', [a, { score: 1, member: 'x' }, { score: 2, member: { y: 1 } }], 2),
  call('zadd', [a, { nx: true }, { score: 5, member: 'x' }], 0, board),
  call('zadd', [a, { xx: true, ch: true, gt: true }, { score: 5, member: 'x' }], 1, board),
  call('zadd', [a, { incr: true }, { score: 5, member: 'x' }], 6, board),
  call('zcard', [a], 2, board),
  call('zcount', [a, '(1', '+inf'], 1, board),
  call('zdiffstore', [c, 2, a, b], 1, board, rivals),
  call('zincrby', [a, 0.5, 'x'], 1.5, board),
  call('zinterstore', [c, 2, [a, b], { weights: [2, 3], aggregate: 'max' }], 1, board, rivals),
  call('zlexcount', [a, '-', '[x'], 1, words),
  call('zmscore', [a, ['x', 'none', 'y']], [1, null, 2.5], board),
  call('zpopmax', [a], ['y', 2.5], board),
  call('zpopmin', [a, 2], ['x', 1, 'y', 2.5], board),
  call('zrange', [a, 0, -1], ['x', 'y'], board),
  call('zrange', [a, 0, -1, { withScores: true, rev: true }], ['y', 2.5, 'x', 1], board),
  call(
    'zrange',
    [a, '-inf', '+inf', { byScore: true, offset: 1, count: 1, withScores: true }],
    ['y', 2.5],
    board,
  ),
  call('zrange', [a, '[y', '+', { byLex: true }], ['y'], words),
  call('zrank', [a, 'y'], 1, board),
  call('zrank', [a, 'none'], null, board),
  call('zrem', [a, 'x', 'none'], 1, board),
  call('zremrangebylex', [a, '[x', '[x'], 1, words),
  call('zremrangebyrank', [a, 0, 0], 1, board),
  call('zremrangebyscore', [a, 2, '+inf'], 1, board),
  call('zrevrank', [a, 'y'], 0, board),
  call('zscan', [a, 0, { count: 10 }], ['0', ['x', 1, 'y', 2.5]], board),
  call('zscore', [a, 'y'], 2.5, board),
  call('zscore', [a, 'none'], null, board),
  call('zunion', [2, [a, b]], ['x', 'y', 'z'], board, rivals),
  call(
    'zunion',
    [2, [a, b], { withScores: true, weights: [2, 1], aggregate: 'sum' }],
    ['x', 2, 'y', 15, 'z', 20],
    board,
    rivals,
  ),
  call('zunionstore', [c, 1, a], 2, board),
]

const places: Step = [
  'geoadd',
  a,
  { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' },
  { longitude: 15.087269, latitude: 37.502669, member: 'Catania' },
]
const middle = { type: 'FROMLONLAT', coordinate: { lon: 15, lat: 37 } }
const near = { type: 'BYRADIUS', radius: 200, radiusType: 'KM' }

const geo: Call[] = [
  call('geoadd', places.slice(1), 2),
  call('geodist', [a, 'Palermo', 'Catania', 'KM'], 166.2742, places),
  call('geohash', [a, 'Palermo', 'none'], ['sqc8b49rny0', null], places),
  call(
    'geopos',
    [a, ['Palermo', 'none']],
    [{ lng: 13.361389338970184, lat: 38.1155563954963 }],
    places,
  ),
  call(
    'geosearch',
    [a, middle, near, 'ASC'],
    [{ member: 'Catania' }, { member: 'Palermo' }],
    places,
  ),
  call(
    'geosearch',
    [
      a,
      { type: 'FROMMEMBER', member: 'Palermo' },
      { type: 'BYBOX', rect: { width: 10, height: 10 }, rectType: 'KM' },
      'ASC',
      { withCoord: true, withDist: true, withHash: true, count: { limit: 1, any: true } },
    ],
    [
      {
        member: 'Palermo',
        dist: 0,
        hash: '3479099956230698',
        coord: { long: 13.361389338970184, lat: 38.1155563954963 },
      },
    ],
    places,
  ),
  call('geosearchstore', [b, a, middle, near, 'ASC', { storeDist: true }], 2, places),
]

const counts: Call[] = [
  call('pfadd', [a, 'x', 'y'], 1),
  call('pfcount', [a, b], 3, ['pfadd', a, 'x', 'y'], ['pfadd', b, 'y', 'z']),
  call('pfmerge', [c, a, b], 'OK', ['pfadd', a, 'x']),
]

const entry: Step = ['xadd', a, '1-1', { f: 'v', n: 1 }]
const later: Step = ['xadd', a, '2-1', { f: { x: 1 } }]
const group: Step = ['xgroup', a, { type: 'CREATE', group: 'g', id: '0' }]
const taken: Step = ['xreadgroup', 'g', 'me', a, '>']
const first = ['1-1', ['f', 'v', 'n', 1]]

const streams: Call[] = [
  call('xack', [a, 'g', ['1-1', '9-9']], 1, entry, group, taken),
  call('xackdel', [a, 'g', 'acked', '1-1', '9-9'], [1, -1], entry, group, taken),
  call('xadd', [a, '5-1', { f: 'v' }], '5-1'),
  call('xadd', [a, '*', { f: 'v' }, { nomkStream: true }], null),
  call(
    'xadd',
    [a, '5-1', { f: 1 }, { trim: { type: 'MAXLEN', threshold: 1, comparison: '=' } }],
    '5-1',
    entry,
  ),
  call(
    'xautoclaim',
    [a, 'g', 'you', 0, '0-0', { count: 1 }],
    ['0-0', [first], []],
    entry,
    group,
    taken,
  ),
  call(
    'xautoclaim',
    [a, 'g', 'you', 0, '0-0', { justId: true }],
    ['0-0', ['1-1'], []],
    entry,
    group,
    taken,
  ),
  call('xclaim', [a, 'g', 'you', 0, '1-1'], [first], entry, group, taken),
  call(
    'xclaim',
    [a, 'g', 'you', 0, ['1-1'], { retryCount: 3, justId: true }],
    ['1-1'],
    entry,
    group,
    taken,
  ),
  call('xdel', [a, ['1-1', '9-9']], 1, entry),
  call('xdelex', [a, 'keepref', '1-1', '9-9'], [1, -1], entry),
  call('xgroup', [a, { type: 'CREATE', group: 'g', id: '$', options: { MKSTREAM: true } }], 'OK'),
  call('xgroup', [a, { type: 'CREATECONSUMER', group: 'g', consumer: 'me' }], 1, entry, group),
  call('xgroup', [a, { type: 'DELCONSUMER', group: 'g', consumer: 'me' }], 1, entry, group, taken),
  call(
    'xgroup',
    [a, { type: 'SETID', group: 'g', id: '0', options: { ENTRIESREAD: 0 } }],
    'OK',
    entry,
    group,
  ),
  call('xgroup', [a, { type: 'DESTROY', group: 'g' }], 1, entry, group),
  call(
    'xinfo',
    [a, { type: 'GROUPS' }],
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
        0,
      ],
    ],
    entry,
    group,
    taken,
  ),
  call(
    'xinfo',
    [a, { type: 'CONSUMERS', group: 'g' }],
    [expect.arrayContaining(['name', 'me', 'pending', 1, 'idle'])],
    entry,
    group,
    taken,
  ),
  call('xinfo', [a, { type: 'CONSUMERS', group: 'g' }], [], entry, group, [
    'xreadgroup',
    'g',
    'me',
    a,
    '>',
    { NOACK: true },
  ]),
  call('xlen', [a], 1, entry),
  call('xpending', [a, 'g', '-', '+', 10], [['1-1', 'me', number, 1]], entry, group, taken),
  call('xpending', [a, 'g', '-', '+', 10, { consumer: 'you' }], [], entry, group, taken),
  call('xrange', [a, '-', '+', 1], { '1-1': { f: 'v', n: 1 } }, entry, later),
  call('xread', [a, '0-0'], [[a, [first]]], entry),
  call('xread', [[a, b], ['0-0', '0-0'], { count: 1 }], [[a, [first]]], entry),
  call('xread', [a, '1-1', { blockMS: 1 }], null, entry),
  call('xreadgroup', ['g', 'me', a, '>', { count: 1 }], [[a, [first]]], entry, later, group),
  call('xreadgroup', ['g', 'me', a, '0'], [[a, [first]]], entry, group, taken),
  call('xrevrange', [a, '+', '-', 1], { '2-1': { f: { x: 1 } } }, entry, later),
  call('xtrim', [a, { strategy: 'MAXLEN', threshold: 1 }], 1, entry, later),
  call('xtrim', [a, { strategy: 'MINID', exactness: '=', threshold: '2-1' }], 1, entry, later),
  call('xtrim', [a, { strategy: 'MAXLEN', threshold: 1, limit: 10 }], 0, entry, later),
]

const scripts: Call[] = [
  call('eval', ['return {KEYS[1], ARGV[1], 1, false, {2}}', [a], ['x']], [a, 'x', 1, null, [2]]),
  call('evalRo', [SCRIPT, [a], []], 'value', string),
  call('evalsha', [SHA, [a], []], 'value', string, script),
  call('evalshaRo', [SHA, [a], []], 10, counter, script),
  call('scriptExists', [SHA, '0'.repeat(40)], [1, 0], script),
  call('scriptFlush', [{ sync: true }], 'OK', script),
  call('scriptLoad', [SCRIPT], SHA),
  call('functions.load', [{ code: LIBRARY, replace: true }], 'shop', library),
  call('functions.call', ['buy', [a], ['3']], 7, counter, library),
  call('functions.callRo', ['stock', [a]], 10, counter, library),
  call(
    'functions.list',
    [{ libraryName: 'shop', withCode: true }],
    [
      {
        libraryName: 'shop',
        engine: 'LUA',
        functions: expect.arrayContaining([
          { name: 'buy', description: undefined, flags: [] },
          { name: 'stock', description: undefined, flags: ['no-writes'] },
        ]),
        libraryCode: LIBRARY,
      },
    ],
    library,
  ),
  call(
    'functions.stats',
    [],
    { engines: { LUA: { librariesCount: 1, functionsCount: 2 } } },
    library,
  ),
  call('functions.delete', ['shop'], 'OK', library),
  call('functions.flush', [], 'OK', library),
]

const server: Call[] = [
  call('clientSetinfo', ['lib-name', 'test'], 'OK'),
  call('echo', ['hello'], 'hello'),
  call('echo', ['OK'], 'OK'),
  call('ping', [], 'PONG'),
  call('ping', [['hello']], 'hello'),
  call('publish', ['nobody', { m: 1 }], 0),
  call('time', [], [number, number]),
]

export const CALLS: readonly Call[] = [
  ...strings,
  ...bits,
  ...keys,
  ...hashes,
  ...lists,
  ...sets,
  ...sortedSets,
  ...geo,
  ...counts,
  ...streams,
  ...scripts,
  ...server,
]
