/** What some commands mean over REST, and over REST alone. */
import { beforeEach, expect, it } from 'vitest'
import { Kind } from '../../host/core/abi.ts'
import type { Reply } from '../support/resp.ts'
import { Stage } from '../support/stage.ts'

let stage: Stage
let client: number
let rest: number

beforeEach(() => {
  stage = new Stage()
  client = stage.open()
  rest = stage.open(Kind.rest)
})

/** A reply in one line. */
function shown(reply: Reply): string {
  if (reply.isNull) return 'nil'
  return reply.isAggregate ? `[${reply.items.map(shown).join(' ')}]` : reply.text
}

const ask = (session: number, command: string | string[]) => shown(stage.ask(session, command))

const LIBRARY = `#!lua name=lib
redis.register_function('look', function(keys) return redis.call('GET', keys[1]) end)
redis.register_function('touch', function(keys) return redis.call('SET', keys[1], 'x') end)`

it('SCAN tells types with WITHTYPE', () => {
  ask(client, 'SET k v')
  for (const command of ['SCAN 0 WITHTYPE', 'SCAN 0 COUNT 10 withtype MATCH k TYPE string']) {
    expect(ask(rest, command)).toBe('[0 [k string]]')
    expect(ask(client, command)).toBe('ERR syntax error')
  }
  expect(ask(rest, 'SCAN 0 TYPE WITHTYPE')).toBe('[0 []]')
  expect(ask(rest, 'SCAN 0')).toBe('[0 [k]]')
  const script = "return redis.pcall('SCAN', 0, 'WITHTYPE').err"
  expect(ask(rest, ['EVAL', script, '0'])).toBe('ERR syntax error')
})

it('XREADGROUP with NOACK makes no consumer, and leaves one that is there', () => {
  const consumers = () => ask(client, 'XINFO CONSUMERS s g')
  for (const command of ['XADD s 1-1 f 1', 'XADD s 1-2 f 2', 'XADD s 1-3 f 3']) ask(client, command)
  ask(client, 'XGROUP CREATE s g 0')
  const read = (name: string) => `XREADGROUP GROUP g ${name} COUNT 1 NOACK STREAMS s >`
  expect(ask(rest, read('new'))).toBe('[[s [[1-1 [f 1]]]]]')
  expect(consumers()).toBe('[]')
  ask(client, read('old'))
  expect(consumers()).toMatch(/^\[\[name old pending 0 idle 0 /)
  stage.nowMs += 100
  expect(ask(rest, read('old'))).toBe('[[s [[1-3 [f 3]]]]]')
  expect(consumers()).toMatch(/^\[\[name old pending 0 idle 0 /)
  expect(ask(rest, 'XREADGROUP GROUP g new STREAMS s >')).toBe('nil')
  expect(consumers()).toMatch(/name new /)
})

it('FCALL_RO runs a function that may write until it writes', () => {
  ask(client, ['FUNCTION', 'LOAD', LIBRARY])
  ask(client, 'SET k v')
  expect(ask(rest, 'FCALL_RO look 1 k')).toBe('v')
  expect(ask(rest, 'FCALL_RO touch 1 k')).toContain('commands are not allowed from read-only')
  expect(ask(client, 'GET k')).toBe('v')
  const flagged = '#!lua\nreturn 1'
  for (const session of [client, rest])
    expect(ask(session, ['EVAL_RO', flagged, '0'])).toContain('write flag using *_ro command')
  expect(ask(client, 'FCALL_RO look 1 k')).toBe(
    'ERR Can not execute a script with write flag using *_ro command.',
  )
})

it('a session is the same after it slept', () => {
  ask(client, 'SET k v')
  const parked = stage.engine.park(rest)
  stage.close(rest)
  const woken = stage.engine.unpark(parked)
  stage.sessions.set(woken, Buffer.alloc(0))
  expect(ask(woken, 'SCAN 0 WITHTYPE')).toBe('[0 [k string]]')
})

it('counts as a client', () => {
  expect(ask(client, 'CONFIG SET maxclients 2')).toBe('OK')
  expect(stage.open(Kind.rest)).toBe(0)
  expect(ask(client, 'CLIENT LIST')).toMatch(/flags=N .*\n.*flags=N /)
})
