import { expect, test } from 'vitest'
import { Lab, type Talk } from '../../support/lab.ts'

function logged(): { lab: Lab; talk: Talk } {
  const lab = new Lab()
  lab.engine.logOn(true)
  return { lab, talk: lab.open() }
}

test.each([
  ['SET k v', 'SET k v'],
  ['SET k v EX 10', 'SET k v PXAT 1800000010000'],
  ['SET k v PX 10 GET', 'SET k v PXAT 1800000000010'],
  ['SETEX k 10 v', 'SET k v PXAT 1800000010000'],
  ['INCRBYFLOAT k 1.5', 'SET k 1.5 KEEPTTL'],
  ['GETSET k v', 'SET k v'],
  ['INCR k', 'INCR k'],
  ['SADD s a b', 'SADD s a b'],
  ['HINCRBYFLOAT h f 0.5', 'HSET h f 0.5'],
])('%s is logged as %s', (command, effect) => {
  const { lab, talk } = logged()
  talk.say(command)
  expect(lab.effects()).toEqual(['SELECT 0', effect])
})

test.each([
  ['EXPIRE k 10', 'PEXPIREAT k 1800000010000'],
  ['PEXPIRE k 10', 'PEXPIREAT k 1800000000010'],
  ['EXPIRE k -1', 'DEL k'],
  ['GETDEL k', 'DEL k'],
  ['GETEX k EX 1', 'PEXPIREAT k 1800000001000'],
  ['DEL k other', 'DEL k other'],
  ['COPY k l', 'COPY k l'],
])('%s on a key that is there is logged as %s', (command, effect) => {
  const { lab, talk } = logged()
  talk.say('SET k v')
  lab.takeLog()
  talk.say(command)
  expect(lab.effects()).toEqual([effect])
})

test.each([
  'GET k',
  'DEL missing',
  'EXPIRE missing 1',
  'SETRANGE k 0 ',
  'SREM s a',
  'SET k',
  'INCR text',
])('%s changes nothing and is not logged', (command) => {
  const { lab, talk } = logged()
  talk.say('SET text abc')
  lab.takeLog()
  talk.say(command.endsWith(' ') ? [...command.trim().split(' '), ''] : command)
  expect(lab.effects()).toEqual([])
})

test('SPOP is logged as the removal of what it popped', () => {
  const { lab, talk } = logged()
  talk.say('SADD s a b c')
  lab.takeLog()
  const popped = /\$1\r\n(.)/.exec(talk.say('SPOP s'))![1]!
  expect(lab.effects()).toEqual([`SREM s ${popped}`])
  talk.say('SPOP s 5')
  expect(lab.effects()).toEqual(['DEL s'])
})

test('a database is selected when it changes, once', () => {
  const { lab, talk } = logged()
  talk.say('SET a 1')
  talk.say('SELECT 2')
  talk.say('SET b 1')
  talk.say('SET c 1')
  expect(lab.effects()).toEqual(['SELECT 0', 'SET a 1', 'SELECT 2', 'SET b 1', 'SET c 1'])
})

test('a transaction is one unit; one with a single effect needs no frame', () => {
  const { lab, talk } = logged()
  for (const command of ['MULTI', 'SET a 1', 'GET a', 'INCR a', 'EXEC']) talk.say(command)
  expect(lab.effects()).toEqual(['SELECT 0', 'MULTI', 'SET a 1', 'INCR a', 'EXEC'])
  for (const command of ['MULTI', 'GET a', 'SET a 1', 'EXEC']) talk.say(command)
  expect(lab.effects()).toEqual(['SET a 1'])
})

test('an expired key is logged as its deletion, before what found it', () => {
  const { lab, talk } = logged()
  talk.say('SET k v PX 10')
  lab.takeLog()
  lab.nowMs += 20
  talk.say('SET k w NX')
  expect(lab.effects()).toEqual(['MULTI', 'DEL k', 'SET k w NX', 'EXEC'])
})

test('active expiry is logged too', () => {
  const { lab, talk } = logged()
  talk.say('SET k v PX 10')
  lab.takeLog()
  lab.pass(200)
  expect(lab.effects()).toEqual(['DEL k'])
})

test('a record says its format, time, place in the log and what it holds', () => {
  const { lab, talk } = logged()
  talk.say('SET a 1')
  const [first] = lab.takeLog()
  lab.nowMs += 5
  talk.say('SET a 22')
  const [second] = lab.takeLog()
  expect(first).toMatchObject({
    format: 'WLB1',
    offset: 0,
    db: 0xffffffff,
    count: 1,
    time: 1_800_000_000_000n,
  })
  expect(second).toMatchObject({ offset: first!.length, db: 0, count: 1, time: 1_800_000_000_005n })
  expect(lab.engine.logEnd).toBe(first!.length + second!.length)
})

test('with the gate on, a reply waits until the log is safe, and a read of that write too', () => {
  const { lab, talk } = logged()
  lab.engine.gate(true)
  const other = lab.open()
  expect(talk.say('SET k v')).toBe('')
  expect(other.say('GET k')).toBe('')
  const [record] = lab.takeLog()
  lab.engine.release(record!.offset + record!.length - 1)
  expect(talk.hear()).toBe('')
  lab.engine.release(record!.offset + record!.length)
  expect(talk.hear()).toBe('+OK\r\n')
  expect(other.hear()).toBe('$1\r\nv\r\n')
})

test('a reply that is safe leaves although later ones of the same session are not', () => {
  const { lab, talk } = logged()
  lab.engine.gate(true)
  talk.say('SET k v')
  const [first] = lab.takeLog()
  talk.say('SET k w')
  lab.engine.release(first!.offset + first!.length)
  expect(talk.hear()).toBe('+OK\r\n')
  const [second] = lab.takeLog()
  lab.engine.release(second!.offset + second!.length)
  expect(talk.hear()).toBe('+OK\r\n')
})

test('the same bytes, time and seed give the same replies and effects', () => {
  const run = (): string => {
    const { lab, talk } = logged()
    let text = ''
    for (let i = 0; i < 300; i++) {
      text += talk.say(`SADD s m${i}`)
      if (i % 3 === 0) text += talk.say('SPOP s')
      if (i % 7 === 0) text += talk.say('SRANDMEMBER s 3')
      text += talk.say('RANDOMKEY')
    }
    return (
      text +
      lab
        .takeLog()
        .map((record) => record.bytes.toString('latin1'))
        .join('')
    )
  }
  expect(run()).toBe(run())
})
