// Values of every type in every form, as the commands that make them: for whatever must carry whole
// values from one place to another.

import type { Command } from './frames.ts'
import type { Random } from './random.ts'

const text = (length: number, seed = 7) =>
  Array.from({ length }, (_, i) => 'abcdefghijklmnopqrstuvwxyz'[(i * seed + (i >> 3)) % 26]).join(
    '',
  )

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const noise = (length: number) =>
  Buffer.from(range(length).map((i) => ((i * 2654435761) >>> 11) & 255))

/** The commands that make each key; a key's name says what is in it. */
export function everyForm(): Map<string, Command[]> {
  const made = new Map<string, Command[]>()
  const add = (key: string, ...commands: Command[]) =>
    made.set(
      key,
      commands.map(([name, ...rest]) => [name!, key, ...rest]),
    )
  // strings
  for (const value of ['', '0', '-1', '127', '128', '-129', '32767', '40000', '-40000'])
    add(`int:${value}`, ['SET', value])
  for (const value of [
    '2147483647',
    '2147483648',
    '-9223372036854775808',
    '007',
    '+1',
    ' 1',
    '1.5',
  ])
    add(`text:${value}`, ['SET', value])
  for (const length of [1, 20, 21, 63, 64, 100, 4096, 4097, 16383, 16384, 100_000]) {
    add(`str:repeated:${length}`, ['SET', 'a'.repeat(length)])
    add(`str:words:${length}`, ['SET', text(length)])
    add(`str:noise:${length}`, ['SET', noise(length)])
  }
  add('str:grown', ['SET', 'x'], ['APPEND', text(500)], ['SETRANGE', 3000, 'end'])
  // lists
  add('list:one', ['RPUSH', 'a'])
  add('list:mixed', ['RPUSH', '', '1', '-5', '123456789012', 'b', text(70), 'a'.repeat(300)])
  add('list:long', ['RPUSH', ...range(3000).map((i) => `element ${i}`)])
  add('list:integers', ['RPUSH', ...range(3000).map((i) => i * 7919)])
  add('list:large', ['RPUSH', 'a', noise(20_000), 'b', text(9000), 'c'])
  add('list:front', ['LPUSH', ...range(1500).map((i) => `front ${i}`)], ['LPOP', 3], ['RPOP', 3])
  // sets
  add('set:16', ['SADD', 1, 2, 3, -4])
  add('set:32', ['SADD', 1, 70_000, -70_000])
  add('set:64', ['SADD', 1, '5000000000'])
  add('set:small', ['SADD', 'a', 'b', '1', text(40)])
  add('set:table', ['SADD', ...range(700).map((i) => `member ${i}`)])
  add('set:integers', ['SADD', ...range(700).map((i) => i * 3)])
  add('set:long', ['SADD', text(100), 'a'.repeat(5000)])
  // sorted sets
  add('zset:small', ['ZADD', 1, 'a', 2.5, 'b', '-inf', 'c', '+inf', 'd', '1e100', '5', 0, ''])
  add('zset:equal', ['ZADD', 0, 'b', 0, 'a', 0, '10', 0, '9', '-0', 'z'])
  add('zset:table', ['ZADD', ...range(400).flatMap((i) => [i % 7, `member ${i}`])])
  add('zset:long', ['ZADD', '0.1', text(100), '3.14159', 'a'.repeat(3000)])
  // hashes
  add('hash:small', ['HSET', 'a', '1', 'b', 'text', '3', '', '', '-7'])
  add('hash:table', ['HSET', ...range(700).flatMap((i) => [`field ${i}`, `value ${i * i}`])])
  add('hash:long', ['HSET', 'a', text(3000), 'b'.repeat(100), '1'])
  return made
}

/** Streams with what hangs on them. */
export function everyStream(): Map<string, Command[]> {
  const made = new Map<string, Command[]>()
  made.set('stream:one', [['XADD', 'stream:one', '1-1', 'a', '1']])
  made.set('stream:empty', [
    ['XADD', 'stream:empty', '1-1', 'a', '1'],
    ['XDEL', 'stream:empty', '1-1'],
    ['XGROUP', 'CREATE', 'stream:empty', 'g', '0'],
  ])
  const key = 'stream:groups'
  made.set(key, [
    ...range(350).map((i): Command => ['XADD', key, `${i + 1}-0`, 'name', `n${i}`, 'v', i]),
    ['XADD', key, '400-1', 'other', text(200)],
    ['XDEL', key, '5-0', '200-0'],
    ['XTRIM', key, 'MAXLEN', '340'],
    ['XGROUP', 'CREATE', key, 'all', '0'],
    ['XGROUP', 'CREATE', key, 'none', '$'],
    ['XGROUP', 'CREATECONSUMER', key, 'none', 'idle'],
    ['XREADGROUP', 'GROUP', 'all', 'first', 'COUNT', 120, 'STREAMS', key, '>'],
    ['XREADGROUP', 'GROUP', 'all', 'second', 'COUNT', 20, 'STREAMS', key, '>'],
    ['XACK', key, 'all', '20-0', '21-0'],
  ])
  return made
}

/** Random commands that change values of these keys. */
export function randomWrite(random: Random, key: string): Command {
  const word = () => random.text(random.between(0, 12), 'abc0123456789 ')
  const type = key.slice(0, key.indexOf(':'))
  switch (type) {
    case 'list':
      return random.pick([
        () => ['RPUSH', key, word(), word()],
        () => ['LPUSH', key, word()],
        () => ['LPOP', key],
        () => ['LTRIM', key, random.below(3), -1 - random.below(3)],
        () => ['LSET', key, random.between(-5, 5), word()],
        () => ['LREM', key, 1, word()],
        () => ['LINSERT', key, 'BEFORE', word(), word()],
      ] as (() => Command)[])()
    case 'set':
      return random.pick([
        () => ['SADD', key, word(), word()],
        () => ['SREM', key, word()],
        () => ['SPOP', key],
      ] as (() => Command)[])()
    case 'zset':
      return random.pick([
        () => ['ZADD', key, random.between(-9, 9), word()],
        () => ['ZINCRBY', key, random.between(-9, 9) / 2, word()],
        () => ['ZREM', key, word()],
        () => ['ZPOPMIN', key],
      ] as (() => Command)[])()
    case 'hash':
      return random.pick([
        () => ['HSET', key, word(), word(), word(), word()],
        () => ['HDEL', key, word()],
        () => ['HINCRBY', key, 'n', random.between(-9, 9)],
      ] as (() => Command)[])()
    default:
      return random.pick([
        () => ['SET', key, word()],
        () => ['APPEND', key, word()],
        () => ['INCR', key],
      ] as (() => Command)[])()
  }
}
