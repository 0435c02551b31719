import { expect, test } from 'vitest'
import { Flag } from '../../../host/core/abi.ts'
import { Lab } from '../../support/lab.ts'

test('a parked session keeps database, name, protocol and reply mode', () => {
  const talk = new Lab().open()
  talk.say('SELECT 3')
  talk.say('SET here 1')
  talk.say('CLIENT SETNAME me')
  talk.say('HELLO 3')
  const back = talk.sleep()
  expect(back.say('GET here')).toBe('$1\r\n1\r\n')
  expect(back.say('GET missing')).toBe('_\r\n')
  expect(back.say('CLIENT GETNAME')).toBe('$2\r\nme\r\n')
})

test('a queue of any size survives, and EXEC runs it', () => {
  const talk = new Lab().open()
  const big = 'x'.repeat(40_000)
  talk.say('MULTI')
  talk.say(['SET', 'big', big])
  talk.say('INCR n')
  const back = talk.sleep()
  expect(back.say('EXEC')).toBe('*2\r\n+OK\r\n:1\r\n')
  expect(back.say('STRLEN big')).toBe(`:${big.length}\r\n`)
})

test('a transaction that was refused while queueing stays refused', () => {
  const talk = new Lab().open()
  talk.say('MULTI')
  talk.say('NOSUCH')
  expect(talk.sleep().say('EXEC')).toMatch(/^-EXECABORT/)
})

test('what was watched before the sleep fails the EXEC after it', () => {
  const talk = new Lab().open()
  talk.say('WATCH k')
  talk.say('MULTI')
  talk.say('SET k 1')
  expect(talk.sleep().say('EXEC')).toBe('*-1\r\n')
})

test('subscriptions are there again, in order', () => {
  const lab = new Lab()
  const talk = lab.open()
  talk.say('SUBSCRIBE a b')
  talk.say('PSUBSCRIBE c*')
  const back = talk.sleep()
  const other = lab.open()
  expect(other.say('PUBLISH b hi')).toBe(':1\r\n')
  expect(other.say('PUBLISH cat hi')).toBe(':1\r\n')
  expect(back.hear()).toBe(
    '*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$2\r\nhi\r\n*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$3\r\ncat\r\n$2\r\nhi\r\n',
  )
})

test('a blocked call goes on waiting, until its old deadline', () => {
  const lab = new Lab()
  const talk = lab.open()
  talk.say('BLPOP list 10')
  lab.pass(6000)
  const back = talk.sleep()
  expect(back.flags & Flag.blocked).toBeTruthy()
  lab.pass(3900)
  expect(back.hear()).toBe('')
  lab.pass(200)
  expect(back.hear()).toBe('*-1\r\n')
})

test('a blocked call is served at once when its key came while it slept', () => {
  const lab = new Lab()
  const talk = lab.open()
  talk.say('BLPOP list 0')
  const parked = lab.engine.park(talk.session)
  talk.close()
  const other = lab.open()
  other.say('RPUSH list v')
  const session = lab.engine.unpark(parked)
  expect(Buffer.from(lab.engine.drain(session)).toString()).toBe('*2\r\n$4\r\nlist\r\n$1\r\nv\r\n')
})

test('half a command that was received goes on where it stopped', () => {
  const talk = new Lab().open()
  talk.feed(Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nab'))
  expect(talk.sleep().feed(Buffer.from('cde\r\n'))).toBe('+OK\r\n')
})

test('damaged bytes give no session, whatever is cut or changed', () => {
  const lab = new Lab()
  const talk = lab.open()
  talk.say('SUBSCRIBE a')
  talk.say('UNSUBSCRIBE')
  talk.say('MULTI')
  talk.say('SET k v')
  const parked = lab.engine.park(talk.session)
  for (let length = 0; length < parked.length; length++) {
    expect(lab.engine.unpark(parked.slice(0, length))).toBe(0)
  }
  for (let at = 0; at < parked.length; at++) {
    const changed = parked.slice()
    changed[at] = changed[at]! ^ 0xff
    const session = lab.engine.unpark(changed)
    if (session) lab.engine.close(session)
  }
  expect(lab.open().say('PING')).toBe('+PONG\r\n')
})
