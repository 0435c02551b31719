/** What happens at the limit of memory: who goes, who is refused, in which order, and what is counted. */
import { describe, expect, test } from 'vitest'
import { Lab, type Talk } from '../support/lab.ts'

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
const KIB = 1024
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const filler = 'x'.repeat(100)

/** The command that makes a key of about two kilobytes. */
const makes: Record<string, (key: string) => (string | number)[]> = {
  string: (key) => ['SET', key, filler.repeat(20)],
  list: (key) => ['RPUSH', key, ...range(20).map(() => filler)],
  set: (key) => ['SADD', key, ...range(20).map((i) => `${filler}${i}`)],
  hash: (key) => ['HSET', key, ...range(20).flatMap((i) => [i, filler])],
  zset: (key) => ['ZADD', key, ...range(20).flatMap((i) => [i, `${filler}${i}`])],
  stream: (key) => ['XADD', key, '*', ...range(20).flatMap((i) => [i, filler])],
}
const policies = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
]

function field(talk: Talk, section: string, name: string): number {
  return Number(new RegExp(`${name}:(\\d+)`).exec(talk.say(`INFO ${section}`))![1])
}

const used = (talk: Talk) => field(talk, 'memory', 'used_memory')
const evicted = (talk: Talk) => field(talk, 'stats', 'evicted_keys')

/** Leaves so many bytes until the limit. */
function limit(talk: Talk, policy: string, bytes: number): number {
  // The first look makes room for its own reply.
  used(talk)
  const maxmemory = used(talk) + bytes
  expect(talk.say(`CONFIG SET maxmemory ${maxmemory} maxmemory-policy ${policy}`)).toBe('+OK\r\n')
  return maxmemory
}

const exists = (talk: Talk, key: string) => talk.say(`EXISTS ${key}`) === ':1\r\n'

describe.each(policies)('%s', (policy) => {
  test.each(Object.keys(makes))('with keys of type %s', (type) => {
    const lab = new Lab()
    const talk = lab.open()
    const maxmemory = limit(talk, policy, 400 * KIB)
    const replies = new Set<string>()
    for (let i = 0; i < 800; i++) {
      const reply = talk.say(makes[type]!(`key:${i}`))
      replies.add(reply.startsWith('-') ? reply : 'taken')
      // Every second key has an expiry.
      if (i % 2) talk.say(`PEXPIRE key:${i} ${1e9 - i}`)
      if (i % 50 === 0) lab.pass(1)
    }
    lab.pass(1)
    expect(used(talk)).toBeLessThan(maxmemory + 16 * KIB)
    const lasting = range(400).filter((i) => !exists(talk, `key:${i * 2}`))
    if (policy === 'noeviction') {
      expect(evicted(talk)).toBe(0)
    } else {
      expect(evicted(talk)).toBeGreaterThan(50)
    }
    if (policy.startsWith('allkeys')) {
      expect([...replies]).toEqual(['taken'])
      expect(lasting.length).toBeGreaterThan(0)
    } else {
      // What has no expiry stays, until nothing else is left: then there is no room.
      expect([...replies]).toEqual(['taken', OOM])
      const firstMissing = range(400).find((i) => !exists(talk, `key:${i * 2}`))!
      const later = range(400).slice(firstMissing)
      expect(later.filter((i) => exists(talk, `key:${i * 2}`)).length).toBeLessThan(40)
    }
  })
})

describe('who goes', () => {
  /** Fills a store with 200 keys, makes some of them dear, and adds until half of them are gone. */
  function survivors(policy: string, endear: (lab: Lab, talk: Talk) => void): number[] {
    const lab = new Lab()
    const talk = lab.open()
    talk.say('CONFIG SET maxmemory-samples 10')
    talk.say(`CONFIG SET maxmemory-policy ${policy}`)
    for (const i of range(200))
      talk.say(['SET', `key:${i}`, filler.repeat(20), 'PX', 1e9 + i * 1e6])
    endear(lab, talk)
    limit(talk, policy, 0)
    for (const i of range(100)) talk.say(['SET', `new:${i}`, filler.repeat(20), 'PX', 2e9])
    return range(200).filter((i) => exists(talk, `key:${i}`))
  }
  const dear = (kept: number[]) => kept.filter((i) => i < 40).length

  test.each(['allkeys-lru', 'volatile-lru'])('%s: what was not used for long', (policy) => {
    const kept = survivors(policy, (lab, talk) => {
      lab.pass(1_000_000)
      for (const i of range(40)) talk.say(`GET key:${i}`)
      lab.pass(1000)
    })
    expect(dear(kept)).toBeGreaterThan(36)
    expect(kept.length).toBeLessThan(140)
  })

  test.each(['allkeys-lfu', 'volatile-lfu'])('%s: what is used seldom', (policy) => {
    const kept = survivors(policy, (_, talk) => {
      for (const i of range(4000)) talk.say(`GET key:${i % 40}`)
    })
    expect(dear(kept)).toBeGreaterThan(36)
    expect(kept.length).toBeLessThan(140)
  })

  test('volatile-ttl: what would go soonest anyway', () => {
    const kept = survivors('volatile-ttl', () => undefined)
    // Those with the longest time left are behind.
    expect(kept.filter((i) => i >= 150).length).toBeGreaterThan(45)
    expect(kept.filter((i) => i < 50).length).toBeLessThan(10)
  })

  test('counters of use decay with time', () => {
    const lab = new Lab()
    const talk = lab.open()
    talk.say('CONFIG SET maxmemory-policy allkeys-lfu')
    talk.say('SET k v')
    for (let i = 0; i < 3000; i++) talk.say('GET k')
    const frequency = () => Number(talk.say('OBJECT FREQ k').slice(1))
    const before = frequency()
    expect(before).toBeGreaterThan(10)
    lab.pass(5 * 60_000)
    expect(frequency()).toBe(before - 5)
    talk.say('CONFIG SET lfu-decay-time 0')
    lab.pass(60 * 60_000)
    expect(frequency()).toBeGreaterThanOrEqual(before - 5)
  })

  test('a higher lfu-log-factor counts slower', () => {
    const count = (factor: number) => {
      const talk = new Lab().open()
      talk.say(`CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor ${factor}`)
      talk.say('SET k v')
      for (let i = 0; i < 1000; i++) talk.say('GET k')
      return Number(talk.say('OBJECT FREQ k').slice(1))
    }
    expect(count(0)).toBe(255)
    expect(count(10)).toBeLessThan(40)
    expect(count(100)).toBeLessThan(count(1))
  })
})

describe('at the limit', () => {
  test('keys go before the write, and the log learns of them first', () => {
    const lab = new Lab()
    const talk = lab.open()
    for (const i of range(20)) talk.say(['SET', `key:${i}`, filler.repeat(20)])
    limit(talk, 'allkeys-lru', -3 * KIB)
    lab.engine.logOn(true)
    expect(talk.say(['SET', 'new', filler])).toBe('+OK\r\n')
    const effects = lab
      .effects()
      .map((line) => line.split(' ').slice(0, 2).join(' '))
      .filter((line) => line !== 'SELECT 0')
    expect(effects.at(-1)).toBe('SET new')
    expect(effects.length).toBeGreaterThan(1)
    for (const effect of effects.slice(0, -1)) expect(effect).toMatch(/^DEL key:\d+$/)
    // Asking may push out some more.
    expect(evicted(talk)).toBeGreaterThanOrEqual(effects.length - 1)
  })

  test('with lazyfree-lazy-eviction the log says UNLINK', () => {
    const lab = new Lab()
    const talk = lab.open()
    talk.say('CONFIG SET lazyfree-lazy-eviction yes')
    for (const i of range(20)) talk.say(['SET', `key:${i}`, filler.repeat(20)])
    limit(talk, 'allkeys-lru', -3 * KIB)
    lab.engine.logOn(true)
    talk.say(['SET', 'new', filler])
    expect(lab.effects()[1]).toMatch(/^UNLINK key:\d+$/)
  })

  test.each([
    ['SET k v', OOM],
    ['APPEND k v', OOM],
    ['LPUSH l a', OOM],
    ['GET old', '$1\r\n1\r\n'],
    ['DEL nothing', ':0\r\n'],
    ['EXPIRE old 100', ':1\r\n'],
    ['LPOP nothing', '$-1\r\n'],
    ['PING', '+PONG\r\n'],
    ['CONFIG SET maxmemory 0', '+OK\r\n'],
  ])('%s answers %j', (command, reply) => {
    const talk = new Lab().open()
    talk.say('SET old 1')
    talk.say('CONFIG SET maxmemory 1')
    expect(talk.say(command)).toBe(reply)
  })

  test('a command that a transaction queues is refused, and with it the transaction', () => {
    const talk = new Lab().open()
    talk.say('CONFIG SET maxmemory 1')
    expect(talk.say('MULTI')).toBe('+OK\r\n')
    expect(talk.say('SET k v')).toBe(OOM)
    expect(talk.say('GET k')).toBe(OOM)
    expect(talk.say('EXEC')).toBe(
      '-EXECABORT Transaction discarded because of previous errors.\r\n',
    )
  })

  test('a transaction that was queued while there was room is refused as a whole', () => {
    const lab = new Lab()
    const talk = lab.open()
    talk.say('MULTI')
    talk.say('SET k v')
    talk.say('GET k')
    lab.open().say('CONFIG SET maxmemory 1')
    expect(talk.say('EXEC')).toBe(`-EXECABORT Transaction discarded because of: ${OOM.slice(1)}`)
    expect(talk.say('EXISTS k')).toBe(':0\r\n')
  })

  test('a transaction that begins within the limit runs to its end', () => {
    const talk = new Lab().open()
    limit(talk, 'noeviction', 64 * KIB)
    talk.say('MULTI')
    talk.say(['SETRANGE', 'big', String(300 * KIB), 'v'])
    talk.say('SET last v')
    expect(talk.say('EXEC')).toMatch(/\+OK\r\n$/)
    expect(talk.say('SET more v')).toBe(OOM)
  })

  test('a transaction of reads runs', () => {
    const lab = new Lab()
    const talk = lab.open()
    talk.say('MULTI')
    talk.say('GET k')
    lab.open().say('CONFIG SET maxmemory 1')
    expect(talk.say('EXEC')).toBe('*1\r\n$-1\r\n')
  })

  test('buffers of clients count: replies that nobody takes push keys out', () => {
    const lab = new Lab()
    const talk = lab.open()
    for (const i of range(500)) talk.say(['SET', `key:${i}`, filler.repeat(20)])
    talk.say(['SET', 'big', 'x'.repeat(200 * KIB)])
    limit(talk, 'allkeys-random', 64 * KIB)
    const slow = lab.open()
    lab.engine.feedChunk(slow.session, Buffer.from('GET big\r\n'.repeat(3)))
    talk.say('SET after 1')
    expect(evicted(talk)).toBeGreaterThan(20)
  })

  test('a limit that is lowered pushes keys out with the next commands', () => {
    const lab = new Lab()
    const talk = lab.open()
    for (const i of range(2000)) talk.say(['SET', `key:${i}`, filler.repeat(20)])
    const half = Math.round(used(talk) / 2)
    talk.say(`CONFIG SET maxmemory ${half} maxmemory-policy allkeys-lru`)
    for (const i of range(40)) talk.say(`GET key:${i}`)
    expect(used(talk)).toBeLessThan(half + KIB)
  })

  test('a limit that is lowered pushes keys out in the background, too', () => {
    const lab = new Lab()
    const talk = lab.open()
    for (const i of range(2000)) talk.say(['SET', `key:${i}`, filler.repeat(20)])
    const half = Math.round(used(talk) / 2)
    talk.say(`CONFIG SET maxmemory ${half} maxmemory-policy noeviction`)
    lab.pass(1)
    expect(evicted(talk)).toBe(0)
    lab.engine.logOn(true)
    talk.say('CONFIG SET maxmemory-policy allkeys-lru')
    lab.pass(1)
    const gone = lab.effects().filter((effect) => effect.startsWith('DEL key:')).length
    expect(gone).toBeGreaterThan(800)
    expect(gone).toBe(evicted(talk))
    // The buffer of the log does not count.
    expect(used(talk)).toBeLessThan(half + 128 * KIB)
  })

  test('large values push out as many small keys as they need', () => {
    const lab = new Lab()
    const talk = lab.open()
    for (const i of range(30_000)) talk.say(['SET', `key:${i}`, filler])
    const maxmemory = limit(talk, 'allkeys-lru', 0)
    const large = 'x'.repeat(400 * KIB)
    for (const i of range(40)) {
      expect(talk.say(['SET', `large:${i}`, large])).toBe('+OK\r\n')
      expect(used(talk)).toBeLessThan(maxmemory * 1.125 + 2 * large.length)
    }
    expect(evicted(talk)).toBeGreaterThan(20_000)
  })

  test.each([
    ['100mb', 100 * KIB * KIB],
    ['1gb', KIB ** 3],
    ['2k', 2000],
    ['50%', 2 * KIB ** 3],
    ['100%', 4 * KIB ** 3],
  ])('%s is an amount', (text, bytes) => {
    const talk = new Lab().open()
    expect(talk.say(`CONFIG SET maxmemory ${text}`)).toBe('+OK\r\n')
    expect(talk.say('CONFIG GET maxmemory')).toContain(`\r\n${bytes}\r\n`)
  })
})

describe('freeing', () => {
  const members = (from: number, count: number) => range(count).map((i) => `member:${from + i}`)

  test.each([
    ['DEL', 'lazyfree-lazy-user-del', 'no', true],
    ['DEL', 'lazyfree-lazy-user-del', 'yes', false],
    ['UNLINK', 'lazyfree-lazy-user-del', 'no', false],
    ['SET', 'lazyfree-lazy-server-del', 'no', true],
    ['SET', 'lazyfree-lazy-server-del', 'yes', false],
  ])('%s of a set of 5000 with %s %s', (command, directive, value, isAtOnce) => {
    const lab = new Lab()
    const talk = lab.open()
    talk.say(`CONFIG SET ${directive} ${value}`)
    talk.say(['SADD', 's', ...members(0, 5000)])
    lab.pass(1)
    talk.say(command === 'SET' ? 'SET s x' : `${command} s`)
    expect(field(talk, 'memory', 'lazyfree_pending_objects')).toBe(isAtOnce ? 0 : 1)
    lab.pass(1)
    expect(field(talk, 'memory', 'lazyfree_pending_objects')).toBe(0)
  })

  test('an expired set of 5000, as lazyfree-lazy-expire says', () => {
    for (const [value, pending] of [
      ['no', 0],
      ['yes', 1],
    ] as const) {
      const lab = new Lab()
      const talk = lab.open()
      talk.say(`CONFIG SET lazyfree-lazy-expire ${value}`)
      talk.say(['SADD', 's', ...members(0, 5000)])
      talk.say('PEXPIRE s 10')
      lab.nowMs += 20
      expect(talk.say('EXISTS s')).toBe(':0\r\n')
      expect(field(talk, 'memory', 'lazyfree_pending_objects')).toBe(pending)
    }
  })

  test('with more effort more expired keys go in one tick', () => {
    const gone = (effort: number) => {
      const lab = new Lab()
      const talk = lab.open()
      talk.say(`CONFIG SET active-expire-effort ${effort}`)
      // One of twelve has expired: not worth while for the least effort.
      for (const i of range(12_000)) talk.say(`SET key:${i} v PX ${i % 12 ? 1e9 : 5}`)
      lab.nowMs += 10
      lab.engine.setTime()
      lab.engine.tick(100_000)
      return field(talk, 'stats', 'expired_keys')
    }
    expect(gone(10)).toBeGreaterThan(gone(1) * 2)
  })
})
