import { expect, test } from 'vitest'
import { Lab, type Talk } from '../../support/lab.ts'

function hash(fields = 'a 1 b 2 c 3'): { lab: Lab; talk: Talk } {
  const lab = new Lab()
  lab.engine.logOn(true)
  const talk = lab.open()
  talk.say(`HSET h ${fields}`)
  lab.takeLog()
  return { lab, talk }
}

test.each([
  ['HEXPIRE h 10 FIELDS 2 a x', '*2\r\n:1\r\n:-2\r\n'],
  ['HEXPIRE nokey 10 FIELDS 1 a', '*1\r\n:-2\r\n'],
  ['HEXPIRE h 10 XX FIELDS 1 a', '*1\r\n:0\r\n'],
  ['HEXPIRE h 10 GT FIELDS 1 a', '*1\r\n:0\r\n'],
  ['HEXPIRE h 10 LT FIELDS 1 a', '*1\r\n:1\r\n'],
  ['HEXPIRE h 0 FIELDS 1 a', '*1\r\n:2\r\n'],
  ['HEXPIRE h -1 FIELDS 1 a', '-ERR invalid expire time, must be >= 0\r\n'],
  ['HEXPIRE h 10 FIELDS 0 a', '-ERR Parameter `numFields` should be greater than 0\r\n'],
  [
    'HEXPIRE h 10 FIELDS 2 a',
    '-ERR The `numfields` parameter must match the number of arguments\r\n',
  ],
  [
    'HEXPIRE h 10 FIELD 1 a',
    '-ERR Mandatory argument FIELDS is missing or not at the right position\r\n',
  ],
  ['HTTL h FIELDS 2 a x', '*2\r\n:-1\r\n:-2\r\n'],
  ['HPERSIST h FIELDS 2 a x', '*2\r\n:-1\r\n:-2\r\n'],
  ['HGETDEL h FIELDS 2 a x', '*2\r\n$1\r\n1\r\n$-1\r\n'],
  ['HSETEX h FNX FIELDS 1 a 9', ':0\r\n'],
  ['HSETEX h FXX EX 10 FIELDS 1 a 9', ':1\r\n'],
])('%s', (command, reply) => {
  expect(hash().talk.say(command)).toBe(reply)
})

test('a field is gone when its time comes, and the hash with its last field', () => {
  const { lab, talk } = hash()
  talk.say('HPEXPIRE h 100 FIELDS 2 a b')
  expect(talk.say('HPTTL h FIELDS 1 a')).toBe('*1\r\n:100\r\n')
  lab.nowMs += 101
  expect(talk.say('HGET h a')).toBe('$-1\r\n')
  expect(talk.say('HGETALL h')).toBe('*2\r\n$1\r\nc\r\n$1\r\n3\r\n')
  expect(talk.say('HEXISTS h b')).toBe(':0\r\n')
  talk.say('HPEXPIRE h 100 FIELDS 1 c')
  lab.pass(200)
  expect(talk.say('EXISTS h')).toBe(':0\r\n')
})

test('fields that nobody asks for go too, and are logged as deletions', () => {
  const { lab, talk } = hash()
  talk.say('HPEXPIRE h 100 FIELDS 2 a b')
  lab.takeLog()
  lab.pass(150)
  expect(lab.effects().sort()).toEqual(['HDEL h a', 'HDEL h b'])
  expect(talk.say('HLEN h')).toBe(':1\r\n')
})

test('setting a field ends its expiry, counting it up keeps it', () => {
  const { talk } = hash()
  talk.say('HEXPIRE h 100 FIELDS 2 a b')
  talk.say('HSET h a 5')
  talk.say('HINCRBY h b 5')
  expect(talk.say('HTTL h FIELDS 2 a b')).toBe('*2\r\n:-1\r\n:100\r\n')
})

test('the effect is absolute and names only the fields that changed', () => {
  const { lab, talk } = hash()
  talk.say('HEXPIRE h 10 FIELDS 3 a x b')
  expect(lab.effects()).toEqual(['HPEXPIREAT h 1800000010000 FIELDS 2 a b'])
  talk.say('HSETEX h EX 1 FIELDS 1 a 7')
  expect(lab.effects()).toEqual(['HSETEX h PXAT 1800000001000 FIELDS 1 a 7'])
  talk.say('HGETEX h PERSIST FIELDS 1 a')
  expect(lab.effects()).toEqual(['HPERSIST h FIELDS 1 a'])
})

test('expiries move with the key: RENAME, COPY, MOVE, SWAPDB', () => {
  const { lab, talk } = hash()
  talk.say('HPEXPIRE h 100 FIELDS 1 a')
  talk.say('RENAME h r')
  talk.say('COPY r k')
  talk.say('MOVE k 1')
  talk.say('SWAPDB 1 2')
  lab.pass(150)
  expect(talk.say('HLEN r')).toBe(':2\r\n')
  talk.say('SELECT 2')
  expect(talk.say('HLEN k')).toBe(':2\r\n')
})

test('ten thousand fields with different times go at their times', () => {
  const lab = new Lab()
  const talk = lab.open()
  for (let i = 0; i < 10_000; i += 100) {
    talk.say(['HSET', 'h', ...Array.from({ length: 100 }, (_, j) => [`f${i + j}`, 'v']).flat()])
    talk.say(
      `HPEXPIRE h ${1000 + i} FIELDS 100 ${Array.from({ length: 100 }, (_, j) => `f${i + j}`).join(' ')}`,
    )
  }
  for (const [passed, left] of [
    [500, 10_000],
    [1000, 9500],
    [4000, 5500],
    [6000, 0],
  ] as const) {
    lab.pass(passed)
    lab.pass(1)
    const length = Number(talk.say('HLEN h').slice(1))
    expect(Math.abs(length - left)).toBeLessThanOrEqual(100)
  }
})

test('a hash travels with the expiries of its fields through DUMP and RESTORE', () => {
  const { lab, talk } = hash()
  talk.say('HPEXPIRE h 5000 FIELDS 2 a b')
  const session = talk.session
  lab.engine.feedChunk(session, Buffer.from('DUMP h\r\n'))
  const reply = Buffer.from(lab.engine.drain(session))
  const payload = reply.subarray(reply.indexOf('\r\n') + 2, -2)
  expect(talk.say(['RESTORE', 'r', '0', payload])).toBe('+OK\r\n')
  expect(talk.say('HPTTL r FIELDS 3 a b c')).toBe('*3\r\n:5000\r\n:5000\r\n:-1\r\n')
  lab.pass(6000)
  expect(talk.say('HGETALL r')).toBe('*2\r\n$1\r\nc\r\n$1\r\n3\r\n')
})
