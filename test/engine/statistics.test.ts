/** Whose commands the statistics tell of. */
import { expect, test } from 'vitest'
import { Kind } from '../../host/core/abi.ts'
import { Lab } from '../support/lab.ts'

const commands = ['SET k 1', 'INCR k', 'DUMP k', 'LPUSH k x', 'GET', 'MULTI', 'INCR k', 'EXEC']

/** What the statistics and the slow log have after the commands of one session. */
function toldOf(kind: Kind): { stats: string; slow: string; seen: string } {
  const lab = new Lab()
  const client = lab.open()
  const monitor = lab.open()
  client.say('CONFIG SET slowlog-log-slower-than 0')
  client.say('CONFIG RESETSTAT')
  client.say('SLOWLOG RESET')
  monitor.say('MONITOR')
  const session = lab.open(kind)
  for (const command of commands) session.say(command)
  const seen = monitor.hear()
  const stats = client.say('INFO commandstats')
  const slow = client.say('SLOWLOG GET 100')
  return { stats, slow, seen }
}

test('those of a client are in the statistics, in the slow log and in MONITOR', () => {
  const { stats, slow, seen } = toldOf(Kind.client)
  expect(stats).toMatch(/cmdstat_incr:calls=2,/)
  expect(stats).toMatch(/cmdstat_get:calls=0,.*rejected_calls=1,/)
  expect(slow).toContain('DUMP')
  expect(seen).toContain('"DUMP"')
})

test.each([
  ['the host itself', Kind.internal],
  ['a log that is loaded', Kind.loader],
])('those of %s are in none of them', (_, kind) => {
  const { stats, slow, seen } = toldOf(kind)
  for (const name of ['set', 'incr', 'dump', 'lpush', 'get', 'multi', 'exec']) {
    expect(stats).not.toContain(`cmdstat_${name}:`)
    expect(slow.toLowerCase()).not.toContain(`\r\n${name}\r\n`)
  }
  expect(seen).toBe('')
})
