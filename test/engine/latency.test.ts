import { describe, expect, test } from 'vitest'
import { Kind } from '../../host/core/abi.ts'
import { Lab } from '../support/lab.ts'

/** An engine that heard of delays of the host, one a second. */
function withSpikes(...lengths: number[]): { lab: Lab; ask: (command: string) => string } {
  const lab = new Lab()
  const host = lab.open(Kind.internal)
  const client = lab.open()
  client.say('CONFIG SET latency-monitor-threshold 5')
  for (const ms of lengths) {
    expect(host.say(`WADI.LATENCY aof-write ${ms}`)).toBe('+OK\r\n')
    lab.nowMs += 1000
    lab.engine.setTime()
  }
  return { lab, ask: (command) => client.say(command) }
}

const bulk = (reply: string) => reply.slice(reply.indexOf('\r\n') + 2, -2)

describe('the latency monitor', () => {
  test('draws the picture that redis-server draws', () => {
    const { ask } = withSpikes(5, 15, 10, 51)
    expect(bulk(ask('LATENCY GRAPH aof-write')).split('\n')).toEqual([
      'aof-write - high 51 ms, low 5 ms (all time high 51 ms)',
      '-'.repeat(80),
      '   #',
      '   |',
      '   |',
      '_#o|',
      '    ',
      '4321',
      'ssss',
      '',
    ])
  })

  test('draws 80 samples a row, the newest 160', () => {
    const { ask } = withSpikes(...Array.from({ length: 200 }, (_, i) => 5 + i))
    const lines = bulk(ask('LATENCY GRAPH aof-write')).split('\n')
    expect(lines[0]).toBe('aof-write - high 204 ms, low 45 ms (all time high 204 ms)')
    // Four rows of the picture, one empty, the ages; an empty line; the same again.
    expect(lines.slice(2).filter((line) => line.length === 80)).toHaveLength(4 + 1 + 2 + 4 + 1 + 3)
    expect(lines.filter((line) => line === '')).toHaveLength(2)
  })

  test('sums up as redis-server does', () => {
    const { ask } = withSpikes(5, 15, 10, 50)
    expect(bulk(ask('LATENCY DOCTOR'))).toContain(
      '1. aof-write: 4 latency spikes (average 20ms, mean deviation 15ms, period 1.00 sec). ' +
        'Worst all time event 50ms.\n',
    )
  })

  test('leaves out what is shorter than the threshold', () => {
    const { ask } = withSpikes(4)
    expect(ask('LATENCY LATEST')).toBe('*0\r\n')
  })

  test('hears of keys that expire and of keys that make room, when that takes long', () => {
    const lab = new Lab()
    const client = lab.open()
    client.say('CONFIG SET latency-monitor-threshold 5 maxmemory-policy allkeys-lru')
    client.say('SET volatile value PX 1')
    client.say('SET large ' + 'x'.repeat(100_000))
    let nowMs = lab.nowMs
    // Every look at the clock takes 10 ms.
    Object.defineProperty(lab, 'nowMs', { get: () => (nowMs += 10) })
    lab.engine.setTime()
    lab.engine.tick(1000)
    expect(client.say('LATENCY LATEST')).toContain('expire-cycle')
    client.say('CONFIG SET maxmemory 1')
    client.say('SET other value')
    expect(client.say('LATENCY LATEST')).toContain('eviction-cycle')
    expect(client.say('INFO stats')).toMatch(/expire_cycle_cpu_milliseconds:[1-9]/)
    expect(client.say('INFO stats')).toMatch(/current_eviction_exceeded_time:[1-9]/)
  })

  test('is told by the host alone', () => {
    const { ask } = withSpikes()
    expect(ask('WADI.LATENCY aof-write 10')).toMatch(/^-ERR unknown command/)
  })
})

describe('time is counted', () => {
  test('for what ran, not for what was refused or queued', () => {
    const lab = new Lab()
    const client = lab.open()
    client.say('MULTI')
    client.say('SET key value')
    client.say('DISCARD')
    client.say('GET')
    const info = client.say('INFO all')
    expect(info).toContain('cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1')
    expect(info).not.toContain('cmdstat_set')
    expect(info).not.toContain('usec_get:')
    expect(info).not.toContain('usec_set:')
  })
})
