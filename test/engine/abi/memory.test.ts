import { describe, expect, test } from 'vitest'
import { Flag, Kind } from '../../../host/core/abi.ts'
import { SnapshotError } from '../../../host/core/errors.ts'
import { Lab } from '../../support/lab.ts'

const MIB = 1 << 20

describe('an engine of 32 MB', () => {
  const small = (): Lab => new Lab({ maxPages: 512 })

  test('refuses the write that does not fit, before it changes anything, and loses nothing', () => {
    const lab = small()
    const talk = lab.open()
    let written = 0
    let reply = ''
    const value = 'x'.repeat(10_000)
    for (; written < 5000; written++) {
      reply = talk.say(['SET', `key:${written}`, value])
      if (!reply.startsWith('+')) break
    }
    expect(reply).toMatch(/^-OOM /)
    expect(written).toBeGreaterThan(1000)
    for (let i = 0; i < written; i++) expect(talk.say(`STRLEN key:${i}`)).toBe(':10000\r\n')
    expect(talk.say(`EXISTS key:${written}`)).toBe(':0\r\n')
    expect(talk.say('DBSIZE')).toBe(`:${written}\r\n`)
  })

  test.each([
    ['APPEND', ['APPEND', 'k', 'x'.repeat(9 * MIB)]],
    ['SETRANGE far out', ['SETRANGE', 'k', String(28 * MIB), 'x']],
    ['SETBIT far out', ['SETBIT', 'k', String(28 * 8 * MIB), '1']],
    ['SET of a value that is too big', ['SET', 'k', 'x'.repeat(20 * MIB)]],
    ['COPY of a big value', ['COPY', 'k', 'l']],
    [
      'LPUSH of many',
      ['LPUSH', 'l', ...Array.from({ length: 60_000 }, (_, i) => `${'x'.repeat(100)}${i}`)],
    ],
    [
      'SADD of many',
      ['SADD', 's', ...Array.from({ length: 60_000 }, (_, i) => `${'x'.repeat(100)}${i}`)],
    ],
    ['SUNIONSTORE', ['SUNIONSTORE', 't', 'set', 'set']],
    ['LCS', ['LCS', 'k', 'k']],
    [
      'DEBUG-like growth by MSET',
      ['MSET', ...Array.from({ length: 2000 }, (_, i) => [`m${i}`, 'x'.repeat(5000)]).flat()],
    ],
  ])('%s answers OOM or succeeds whole', (_name, command) => {
    const lab = small()
    let talk = lab.open()
    expect(talk.say(['SET', 'k', 'x'.repeat(5 * MIB)])).toBe('+OK\r\n')
    talk.say(['SADD', 'set', ...Array.from({ length: 5000 }, (_, i) => `${'y'.repeat(50)}${i}`)])
    const before = talk.say('STRLEN k')
    const reply = talk.say(command)
    if (talk.flags & Flag.closeAfter) {
      // What cannot even be received ends the connection.
      expect(reply).toMatch(/^-OOM/)
      talk.close()
      talk = lab.open()
      expect(talk.say('STRLEN k')).toBe(before)
    }
    if (reply.startsWith('-')) {
      expect(reply).toMatch(/^-(OOM|ERR Insufficient memory)/)
      expect(talk.say('STRLEN k')).toBe(before)
    }
    expect(talk.say('PING')).toBe('+PONG\r\n')
    expect(talk.say('SET after 1')).toMatch(/^(\+OK|-OOM)/)
    expect(talk.say('FLUSHALL')).toBe('+OK\r\n')
    expect(talk.say(['SET', 'k', 'x'.repeat(5 * MIB)])).toBe('+OK\r\n')
  })

  test.each<[string, (string | string[])[]]>([
    ['a value whose log entry does not fit', [['SET', 'k', 'x'.repeat(6 * MIB)]]],
    [
      'a script that logs more than there is memory',
      [['EVAL', `for i = 1, 40 do redis.call('SET', 'k', string.rep('x', ${MIB})) end`, '0']],
    ],
    [
      'a script that logs little, but often',
      [['EVAL', `for i = 1, 4000 do redis.call('SET', 'k', string.rep('x', 9000)) end`, '0']],
    ],
    [
      'a transaction',
      ['MULTI', ...Array.from({ length: 14 }, (_, i) => ['SET', `k${i}`, 'x'.repeat(MIB)]), 'EXEC'],
    ],
  ])('with a log, %s is refused with OOM or succeeds', (_name, commands) => {
    const lab = small()
    lab.engine.logOn(true)
    const talk = lab.open()
    const say = (command: string | string[]): string => {
      const reply = talk.say(command)
      lab.engine.logTaken(lab.engine.log())
      return reply
    }
    expect(say(['SET', 'before', 'x'.repeat(5 * MIB)])).toBe('+OK\r\n')
    const reply = commands.map(say).at(-1)
    expect(reply).toMatch(/^(-OOM|-EXECABORT .*OOM|\+|\*14|\$-1)/)
    expect(say('STRLEN before')).toBe(`:${5 * MIB}\r\n`)
    expect(say(['SET', 'after', 'x'.repeat(MIB)])).toBe('+OK\r\n')
    expect(say('FLUSHALL')).toBe('+OK\r\n')
  })

  test('a snapshot for which there is no memory is given up', () => {
    const lab = small()
    const talk = lab.open()
    expect(talk.say(`SETRANGE l ${13 * MIB} x`)).toBe(`:${13 * MIB + 1}\r\n`)
    expect(() => [...lab.engine.snapshot()]).toThrow(SnapshotError)
    expect(talk.say('DEL l')).toBe(':1\r\n')
    expect(talk.say('SET k v')).toBe('+OK\r\n')
    lab.pass(1)
    expect([...lab.engine.snapshot()].length).toBeGreaterThan(0)
  })

  test('what a script wrote with hardly any memory left can be loaded again', () => {
    const lab = small()
    lab.engine.logOn(true)
    const talk = lab.open()
    expect(talk.say(`SETRANGE k ${7 * MIB} x`)).toBe(`:${7 * MIB + 1}\r\n`)
    const script = `local s = string.rep('x', ${3 * MIB}) redis.call('SET', 'a', s) redis.call('SET', 'b', s) return 1`
    expect(talk.say(['EVAL', script, '0'])).toBe(':1\r\n')
    const records = lab.takeLog()
    const again = small()
    again.open(Kind.internal).say('WADI.STATE loading yes')
    const loader = again.open(Kind.loader)
    for (const { bytes } of records) expect(loader.feed(bytes.subarray(64))).toBe('')
    loader.close()
    again.open(Kind.internal).say('WADI.STATE loading no')
    expect(again.open().say('STRLEN b')).toBe(`:${3 * MIB}\r\n`)
  })

  test('a reply that cannot fit closes the connection, not the engine', () => {
    const lab = small()
    const talk = lab.open()
    talk.say(['SET', 'k', 'x'.repeat(4 * MIB)])
    for (let i = 0; i < 10; i++) lab.engine.feedChunk(talk.session, Buffer.from('GET k\r\n'))
    expect(lab.open().say('PING')).toBe('+PONG\r\n')
  })

  test('all memory comes back', () => {
    const lab = small()
    const talk = lab.open()
    const used = (): number => Number(/used_memory:(\d+)/.exec(talk.say('INFO memory'))![1])
    const before = used()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20_000; i++) talk.say(['SET', `key:${i}`, 'x'.repeat(i % 300)])
      talk.say(['HSET', 'h', ...Array.from({ length: 4000 }, (_, i) => [`f${i}`, `v${i}`]).flat()])
      talk.say([
        'ZADD',
        'z',
        ...Array.from({ length: 4000 }, (_, i) => [String(i), `m${i}`]).flat(),
      ])
      talk.say('FLUSHALL')
    }
    lab.pass(1)
    // The vector of arguments stays as large as such commands need it.
    expect(used() - before).toBeLessThan(200_000)
  })
})

test('deleting a collection of 300,000 members is spread over ticks', () => {
  const lab = new Lab()
  const talk = lab.open()
  for (let i = 0; i < 300; i++) {
    talk.say(['SADD', 's', ...Array.from({ length: 1000 }, (_, j) => `member:${i}:${j}`)])
  }
  const used = (): number => Number(/used_memory:(\d+)/.exec(talk.say('INFO memory'))![1])
  const full = used()
  expect(talk.say('DEL s')).toBe(':1\r\n')
  expect(used()).toBeGreaterThan(full * 0.9)
  expect(talk.say('EXISTS s')).toBe(':0\r\n')
  lab.pass(1)
  expect(used()).toBeLessThan(full * 0.1)
})
