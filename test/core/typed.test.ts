/** What each typed call sends, for the whole table of commands. */
import { join } from 'node:path'
import { expect, expectTypeOf, test } from 'vitest'
import { Grammar } from '../../host/core/arguments.ts'
import type { Reply } from '../../host/core/decode.ts'
import type { Argument } from '../../host/core/encode.ts'
import type { Commands } from '../../host/core/generated/commands.ts'
import { commandMethods } from '../../host/core/typed.ts'
import { client } from '../../scripts/generate/client.ts'
import { loadCommands } from '../../scripts/generate/commands.ts'

const source = client(loadCommands(join(import.meta.dirname, '../../assembly')))
const grammars = new Map(
  [...source.matchAll(/^ {2}(\w+): '(.*)',$/gm)].map(([, name, text]) => [name!, text!]),
)

function sent(name: string, ...values: unknown[]): string {
  return new Grammar(grammars.get(name)!).arguments(values).join(' ')
}

const calls: [name: string, values: unknown[], expected: string][] = [
  ['get', ['k'], 'GET k'],
  ['set', ['k', 'v'], 'SET k v'],
  ['set', ['k', 'v', { ex: 10 }], 'SET k v EX 10'],
  ['set', ['k', 'v', { nx: true, get: true, keepttl: true }], 'SET k v NX GET KEEPTTL'],
  ['set', ['k', 'v', { nx: false, px: undefined }], 'SET k v'],
  ['ping', [], 'PING'],
  ['ping', ['x'], 'PING x'],
  ['del', ['a', 'b'], 'DEL a b'],
  ['del', [['a', 'b'], 'c'], 'DEL a b c'],
  ['mset', [{ a: 1, b: 2 }], 'MSET a 1 b 2'],
  ['hset', ['h', { a: 1, b: 2 }], 'HSET h a 1 b 2'],
  ['hset', ['h', 'a', 1], 'HSET h a 1'],
  ['hset', ['h', ['a', 1], ['b', 2]], 'HSET h a 1 b 2'],
  ['hset', ['h', new Map([['a', 1]])], 'HSET h a 1'],
  ['hset', ['h', { field: 'f', value: 'v' }], 'HSET h f v'],
  ['hsetex', ['h', { a: 1, b: 2 }, { ex: 5 }], 'HSETEX h EX 5 FIELDS 2 a 1 b 2'],
  ['hexpire', ['h', 10, ['a', 'b'], { nx: true }], 'HEXPIRE h 10 NX FIELDS 2 a b'],
  ['zadd', ['z', { score: 1, member: 'a' }], 'ZADD z 1 a'],
  ['zadd', ['z', [{ score: 1, member: 'a' }, [2, 'b']], { nx: true }], 'ZADD z NX 1 a 2 b'],
  [
    'zunion',
    [['a', 'b'], { weights: [1, 2], withscores: true }],
    'ZUNION 2 a b WEIGHTS 1 2 WITHSCORES',
  ],
  ['lmpop', [['a', 'b'], 'LEFT', { count: 2 }], 'LMPOP 2 a b LEFT COUNT 2'],
  ['blpop', [['a', 'b'], 0], 'BLPOP a b 0'],
  ['eval', ['return 1'], 'EVAL return 1 0'],
  ['eval', ['s', ['a', 'b'], 1, 2], 'EVAL s 2 a b 1 2'],
  [
    'xadd',
    ['s', '*', { f: 1 }, { trim: { strategy: 'maxlen', operator: '~', threshold: 10, limit: 5 } }],
    'XADD s maxlen ~ 10 LIMIT 5 * f 1',
  ],
  ['xread', [['a', 'b'], ['0', '1'], { count: 2 }], 'XREAD COUNT 2 STREAMS a b 0 1'],
  ['xgroupCreate', ['s', 'g', '$', { mkstream: true }], 'XGROUP CREATE s g $ MKSTREAM'],
  ['xpending', ['s', 'g', '-', '+', 5, 'c', { idle: 1 }], 'XPENDING s g IDLE 1 - + 5 c'],
  [
    'geosearch',
    ['g', { fromlonlat: [1, 2], byradius: { radius: 5, unit: 'km' }, count: 3, any: true }],
    'GEOSEARCH g FROMLONLAT 1 2 BYRADIUS 5 km COUNT 3 ANY',
  ],
  [
    'sort',
    ['k', { by: 'w*', get: ['a*', 'b*'], limit: [0, 5], alpha: true }],
    'SORT k BY w* LIMIT 0 5 GET a* GET b* ALPHA',
  ],
  ['bitcount', ['k'], 'BITCOUNT k'],
  ['bitcount', ['k', 0, -1, { bit: true }], 'BITCOUNT k 0 -1 BIT'],
  ['auth', ['secret', { username: 'ada' }], 'AUTH ada secret'],
  ['failover', [{ to: { host: 'h', port: 1, force: true } }], 'FAILOVER TO h 1 FORCE'],
  ['configSet', [{ maxmemory: 1 }], 'CONFIG SET maxmemory 1'],
  ['configGet', ['a', 'b'], 'CONFIG GET a b'],
  ['bitfield', ['k', 'GET', 'u8', 0], 'BITFIELD k GET u8 0'],
]

test.each(calls)('%s(%j) sends %s', (name, values, expected) => {
  expect(sent(name, ...values)).toBe(expected)
})

class Sent extends commandMethods() {
  args: readonly Argument[] = []

  call(...args: Argument[]): Reply {
    this.args = args
    return null
  }
}

test.each([
  ...calls.filter(([name]) => name in Sent.prototype), // not those that only other homes have
  ['set', ['k'], 'SET k'],
  ['set', ['k', 1], 'SET k 1'],
  ['set', ['k', 'v', 'more'], 'SET k v'],
  ['getex', ['k'], 'GETEX k'],
  ['getex', ['k', 'more'], 'GETEX k'],
  ['zrange', ['z', 0, -1], 'ZRANGE z 0 -1'],
  ['zrange', ['z', 0, -1, { rev: true }], 'ZRANGE z 0 -1 REV'],
  ['zadd', ['z', 1, 'a'], 'ZADD z 1'],
] as typeof calls)('the method %s(%j) sends %s', (name, values, expected) => {
  const db = new Sent() as unknown as Record<string, (...values: unknown[]) => unknown>
  db[name]!(...values)
  expect((db as unknown as Sent).args.join(' ')).toBe(expected)
  expect(sent(name, ...values)).toBe(expected)
})

test('bytes go as they are', () => {
  const bytes = new Uint8Array([0, 255])
  expect(new Grammar(grammars.get('set')!).arguments(['k', bytes])).toEqual(['SET', 'k', bytes])
})

test.each([
  ['set', ['k', { a: 1 }], 'an object is no argument: JSON.stringify makes a text of it'],
  ['set', ['k', new Date(0)], 'an object is no argument'],
  ['hset', ['h', { a: { b: 1 } }], 'an object is no argument'],
  ['hset', ['h', { a: null, b: null }], 'null is no argument'],
  ['hset', ['h', new Map([['a', undefined]])], 'undefined is no argument'],
  ['rpush', ['l', ['a', null]], 'null is no argument'],
  ['mset', ['a', null, 'b', null], 'null is no argument'],
] as const)('%s(%j) is refused, and nothing else is sent', (name, values, message) => {
  expect(() => sent(name, ...values)).toThrow(message)
})

test('every command of the table has a method', () => {
  expect(grammars.size).toBeGreaterThan(380)
  for (const text of grammars.values()) expect(() => new Grammar(text)).not.toThrow()
})

test('the type of an answer is that of what was asked', () => {
  const ask = (db: Commands<false>) => ({
    one: db.lpop('k'),
    some: db.lpop('k', 2),
    members: db.spop('k', 2),
    names: db.zrange('k', 0, -1),
    ranked: db.zrange('k', 0, -1, { rev: true, withscores: true }),
    pairs: db.hrandfield('k', 2, { withvalues: true }),
    lowest: db.zpopmin('k'),
    unknown: db.lpop('k', Number.NaN as number | undefined),
  })
  type Asked = ReturnType<typeof ask>
  expectTypeOf<Asked['one']>().toEqualTypeOf<string | null>()
  expectTypeOf<Asked['some']>().toEqualTypeOf<string[] | null>()
  expectTypeOf<Asked['members']>().toEqualTypeOf<string[]>()
  expectTypeOf<Asked['names']>().toEqualTypeOf<string[]>()
  expectTypeOf<Asked['ranked']>().toEqualTypeOf<[string, number][]>()
  expectTypeOf<Asked['pairs']>().toEqualTypeOf<[string, string][]>()
  expectTypeOf<Asked['lowest']>().toEqualTypeOf<[string, number] | []>()
  expectTypeOf<Asked['unknown']>().toEqualTypeOf<string | string[] | null>()
})
