/** What sorted sets do that a redis-server 7.0 beside them cannot tell: later options, the log, memory. */
import { describe, expect, test } from 'vitest'
import { Kind } from '../../host/core/abi.ts'
import { randomStream } from '../differential/random/generator.ts'
import { formatLine } from '../support/command-line.ts'
import { Lab, type Talk } from '../support/lab.ts'
import { Random, seed } from '../support/random.ts'

function logged(): { lab: Lab; talk: Talk } {
  const lab = new Lab()
  lab.engine.logOn(true)
  return { lab, talk: lab.open() }
}

const FOUR = 'ZADD z 1 a 2 b 3 c 4 d'

describe('the effects log', () => {
  test.each([
    ['ZADD z NX CH 1 a 9 e', 'ZADD z NX CH 1 a 9 e'],
    ['ZADD z INCR 1 a', 'ZADD z INCR 1 a'],
    ['ZINCRBY z 1 a', 'ZINCRBY z 1 a'],
    ['ZREM z a none', 'ZREM z a none'],
    ['ZREM z a b c d', 'ZREM z a b c d'],
    ['ZPOPMIN z', 'ZPOPMIN z'],
    ['ZPOPMAX z 2', 'ZPOPMAX z 2'],
    ['ZMPOP 2 none z MIN', 'ZPOPMIN z 1'],
    ['ZMPOP 1 z MAX COUNT 3', 'ZPOPMAX z 3'],
    ['ZMPOP 1 z MAX COUNT 30', 'ZPOPMAX z 4'],
    ['BZPOPMIN none z 0', 'ZPOPMIN z'],
    ['BZPOPMAX z 0', 'ZPOPMAX z'],
    ['BZMPOP 0 2 none z MIN COUNT 2', 'ZPOPMIN z 2'],
    ['ZREMRANGEBYRANK z 0 1', 'ZREMRANGEBYRANK z 0 1'],
    ['ZREMRANGEBYSCORE z (1 3', 'ZREMRANGEBYSCORE z (1 3'],
    ['ZRANGESTORE out z 0 1', 'ZRANGESTORE out z 0 1'],
    ['ZRANGESTORE z z 9 10', 'ZRANGESTORE z z 9 10'],
    ['ZUNIONSTORE out 1 z', 'ZUNIONSTORE out 1 z'],
    ['GEOADD z CH 0 0 a', 'ZADD z CH 3377699720527872 a'],
    ['GEOADD z NX 1 1 p 2 2 a', 'ZADD z NX 3377822707026402 p 3378191666521995 a'],
    ['GEOADD z 1 1 p 1 1 q', 'ZADD z 3377822707026402 p 3377822707026402 q'],
  ])('has %s as %s', (command, effect) => {
    const { lab, talk } = logged()
    talk.say(FOUR)
    lab.takeLog()
    talk.say(command)
    expect(lab.effects()).toEqual([effect])
  })

  test.each([
    'ZADD z 1 a',
    'ZADD z NX 5 a',
    'ZADD z XX 5 none',
    'ZADD z GT 0 a',
    'ZINCRBY z 0 a',
    'ZREM z none',
    'ZPOPMIN z 0',
    'ZPOPMIN none',
    'ZMPOP 1 none MIN',
    'BZPOPMIN none 0.01',
    'ZREMRANGEBYSCORE z 10 20',
    'ZRANGESTORE none z 9 10',
    'ZDIFFSTORE none 2 z z',
    'GEOADD z XX 1 1 none',
    'ZUNION 1 z',
    'ZRANDMEMBER z 2',
    'ZADD z 1 a x b',
  ])('has nothing of %s', (command) => {
    const { lab, talk } = logged()
    talk.say(FOUR)
    lab.takeLog()
    talk.say(command)
    expect(lab.effects()).toEqual([])
  })

  test('has what a client that waited has taken behind what it waited for', () => {
    const { lab, talk } = logged()
    const waiting = lab.open()
    waiting.say('BZMPOP 0 1 z MAX COUNT 2')
    talk.say('ZADD z 1 a 2 b 3 c')
    expect(lab.effects()).toEqual(['SELECT 0', 'ZADD z 1 a 2 b 3 c', 'ZPOPMAX z 2'])
    expect(waiting.hear()).toBe(
      '*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n',
    )
  })

  test(`makes another engine hold the same after random commands (seed ${seed})`, () => {
    for (const family of ['zset', 'geo']) {
      const from = new Lab()
      const to = new Lab({ seed: [3, 4] })
      const talk = from.open()
      const loader = to.open(Kind.loader)
      from.engine.logOn(true)
      const sent: string[] = []
      for (const { command } of randomStream(new Random(seed), family, 3000)) {
        if (!/^(z|geo|del|sadd)/i.test(String(command[0]))) continue
        sent.push(formatLine(command))
        talk.say(command.map(String))
        for (const record of from.takeLog()) loader.feed(record.bytes.subarray(64))
        from.pass(20)
        to.nowMs = from.nowMs
      }
      expect([to.open().say('DEBUG DIGEST'), sent.length]).toEqual([
        from.open().say('DEBUG DIGEST'),
        sent.length,
      ])
    }
  })
})

describe('ZRANK and ZREVRANK', () => {
  test.each([
    ['ZRANK z b WITHSCORE', '*2\r\n:1\r\n$1\r\n2\r\n'],
    ['ZREVRANK z b withscore', '*2\r\n:2\r\n$1\r\n2\r\n'],
    ['ZRANK z none WITHSCORE', '*-1\r\n'],
    ['ZRANK none a WITHSCORE', '*-1\r\n'],
    ['ZRANK z none', '$-1\r\n'],
    ['ZRANK z b SCORE', '-ERR syntax error\r\n'],
    ['ZRANK z b WITHSCORE x', "-ERR wrong number of arguments for 'zrank' command\r\n"],
  ])('%s', (command, reply) => {
    const talk = new Lab().open()
    talk.say(FOUR)
    expect(talk.say(command)).toBe(reply)
  })

  test('reply a double in RESP3', () => {
    const talk = new Lab().open()
    talk.say('HELLO 3')
    talk.say('ZADD z 0.1 a')
    expect(talk.say('ZRANK z a WITHSCORE')).toBe('*2\r\n:0\r\n,0.1\r\n')
  })
})

describe('an engine of 32 MB', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
  const members = (count: number, length: number) =>
    numbers(count).flatMap((i) => [String(i % 100), `${i}`.padStart(length, 'm')])

  test.each([
    ['ZADD of many short members', ['ZADD', 'new', ...members(200_000, 1)]],
    ['ZADD of many long members', ['ZADD', 'new', ...members(60_000, 100)]],
    [
      'GEOADD of many',
      ['GEOADD', 'new', ...numbers(100_000).flatMap((i) => ['1', '1', String(i)])],
    ],
    ['ZUNIONSTORE', ['ZUNIONSTORE', 'new', '3', 'a', 'b', 'c']],
    ['ZUNION', ['ZUNION', '3', 'a', 'b', 'c', 'WITHSCORES']],
    ['ZINTERSTORE', ['ZINTERSTORE', 'new', '2', 'a', 'a']],
    ['ZDIFFSTORE', ['ZDIFFSTORE', 'new', '2', 'a', 'b']],
    ['ZRANGESTORE', ['ZRANGESTORE', 'new', 'a', '0', '-1']],
    [
      'GEOSEARCHSTORE',
      ['GEOSEARCHSTORE', 'new', 'g', 'FROMLONLAT', '0', '0', 'BYRADIUS', '9000', 'km'],
    ],
    ['ZRANGE of all', ['ZRANGE', 'a', '0', '-1', 'WITHSCORES']],
    ['ZRANDMEMBER with repetition', ['ZRANDMEMBER', 'a', '-4000000000', 'WITHSCORES']],
    ['ZRANDMEMBER of most', ['ZRANDMEMBER', 'a', '50000']],
    ['ZRANDMEMBER of some', ['ZRANDMEMBER', 'a', '10000']],
    ['COPY', ['COPY', 'a', 'new']],
  ])('%s answers OOM or succeeds whole', (_name, command) => {
    const lab = new Lab({ maxPages: 512 })
    let talk = lab.open()
    for (const key of ['a', 'b', 'c']) {
      for (let i = 0; i < 60; i++) {
        const some = numbers(1000).flatMap((j) => [String(j), `${key}:${i * 1000 + j}`])
        talk.say(['ZADD', key, ...some])
      }
    }
    talk.say(['GEOADD', 'g', ...numbers(20_000).flatMap((i) => [String(i % 180), '1', String(i)])])
    const before = talk.say('ZCARD a')
    const reply = talk.say(command)
    if (reply === '') talk = lab.open()
    if (reply.startsWith('-')) {
      expect(reply).toMatch(/^-OOM/)
      expect(talk.say('EXISTS new')).toBe(':0\r\n')
    }
    expect(talk.say('ZCARD a')).toBe(before)
    expect(talk.say('PING')).toBe('+PONG\r\n')
    expect(talk.say('FLUSHALL')).toBe('+OK\r\n')
    expect(talk.say(['ZADD', 'a', ...members(1000, 10)])).toBe(':1000\r\n')
  })

  test('a listpack that may be very long stays one where there is no room for a tree', () => {
    const talk = new Lab({ maxPages: 512 }).open()
    talk.say('CONFIG SET zset-max-listpack-entries 1000000')
    talk.say(['ZADD', 'z', ...numbers(5000).flatMap((i) => [String(i), `member:${i}`])])
    for (let i = 0; talk.say(['SET', `k${i}`, 'x'.repeat(100_000)]) === '+OK\r\n'; i++);
    expect(talk.say(`ZADD z 5000 ${'l'.repeat(65)}`)).toBe(':1\r\n')
    expect(talk.say('OBJECT ENCODING z')).toBe('$8\r\nlistpack\r\n')
    expect(talk.say('FLUSHALL')).toBe('+OK\r\n')
    talk.say(['ZADD', 'z', ...numbers(5000).flatMap((i) => [String(i), `member:${i}`])])
    expect(talk.say(`ZADD z 5000 ${'l'.repeat(65)}`)).toBe(':1\r\n')
    expect(talk.say('OBJECT ENCODING z')).toBe('$8\r\nskiplist\r\n')
  })
})

/** The bulk strings of a reply. */
const bulks = (reply: string) => [...reply.matchAll(/\$\d+\r\n(.*)\r\n/g)].map((match) => match[1]!)

describe('a sorted set of thousands', () => {
  const steady = Array.from({ length: 5000 }, (_, i) => `steady:${i}`)
  const filled = (): Talk => {
    const talk = new Lab().open()
    talk.say(['ZADD', 'z', ...steady.flatMap((name, i) => [String(i % 70), name])])
    return talk
  }

  test('is scanned whole while members come and go', () => {
    const talk = filled()
    const seen = new Map<string, string>()
    let cursor = '0'
    let calls = 0
    do {
      const [next, ...pairs] = bulks(talk.say(`ZSCAN z ${cursor} COUNT 40`))
      for (let i = 0; i < pairs.length; i += 2) seen.set(pairs[i]!, pairs[i + 1]!)
      cursor = next!
      const names = Array.from({ length: 60 }, (_, i) => `passing:${calls * 60 + i}`)
      if (calls < 40) talk.say(['ZADD', 'z', ...names.flatMap((name) => ['1', name])])
      else talk.say(['ZREM', 'z', ...names.map((_, i) => `passing:${(calls - 40) * 60 + i}`)])
      calls++
    } while (cursor !== '0')
    expect(calls).toBeGreaterThan(60)
    for (const [i, name] of steady.entries()) expect(seen.get(name)).toBe(String(i % 70))
  })

  test.each([1, 2, 100, 1600, 1700, 2500, 4999, 5000, 6000])(
    'gives %i different members at random',
    (count) => {
      const names = bulks(filled().say(`ZRANDMEMBER z ${count}`))
      expect(names).toHaveLength(Math.min(count, 5000))
      expect(new Set(names).size).toBe(names.length)
      for (const name of names) expect(name).toMatch(/^steady:\d{1,4}$/)
    },
  )

  test('gives each member the same chance', () => {
    const talk = new Lab().open()
    talk.say('ZADD z 1 a 2 b 3 c 4 d')
    const counts = new Map<string, number>()
    for (let i = 0; i < 2000; i++) {
      for (const name of bulks(talk.say('ZRANDMEMBER z 2'))) {
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    }
    for (const name of 'abcd') {
      expect(counts.get(name)).toBeGreaterThan(850)
      expect(counts.get(name)).toBeLessThan(1150)
    }
  })
})

test('a large sorted set is freed in slices, and all of its memory comes back', () => {
  const lab = new Lab()
  const talk = lab.open()
  const used = () => Number(/used_memory:(\d+)/.exec(talk.say('INFO memory'))![1])
  talk.say('ZADD z 1 a')
  talk.say('DEL z')
  const before = used()
  for (let i = 0; i < 200; i++) {
    talk.say([
      'ZADD',
      'z',
      ...Array.from({ length: 500 }, (_, j) => [String((j * 7919 + i) % 1000), `${i}:${j}`]).flat(),
    ])
  }
  const full = used()
  expect(talk.say('DEL z')).toBe(':1\r\n')
  expect(used() - before).toBeGreaterThan((full - before) / 2)
  lab.pass(100)
  expect(used() - before).toBeLessThan(70_000)
})
