/** Sessions that wait for keys, with a clock that moves only when a test says so. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Flag } from '../../host/core/abi.ts'
import type { Engine } from '../../host/core/engine.ts'
import { Random, seed } from '../support/random.ts'
import { Stage } from '../support/stage.ts'

let stage: Stage
let engine: Engine
let sessions: Map<number, Buffer>

beforeEach(() => {
  stage = new Stage()
  ;({ engine, sessions } = stage)
})

const open = () => stage.open()
const send = (session: number, line: string) => stage.send(session, line)
const received = (session: number) => stage.received(session)
const pass = (ms: number) => stage.pass(ms)
const logged = () => stage.logged()

const NIL = String.raw`*-1\r\n`

describe('time-outs', () => {
  it('end a wait at the millisecond that was asked for', () => {
    const waiting = open()
    send(waiting, 'BLPOP k 0.25')
    pass(249)
    expect(received(waiting)).toEqual([])
    pass(1)
    expect(received(waiting)).toEqual([NIL])
  })

  it('tell the host when to call', () => {
    const waiting = open()
    send(waiting, 'BLPOP k 0.025')
    expect(pass(0)).toBe(25)
    expect(pass(10)).toBe(15)
    expect(pass(15)).toBe(100)
  })

  it('earlier than the next call raise a flag until the host has called', () => {
    const [waiting, other] = [open(), open()]
    expect(send(waiting, 'BLPOP k 0.5') & Flag.timer).toBe(0)
    expect(send(other, 'BLPOP k 0.02') & Flag.timer).toBe(Flag.timer)
    expect(pass(0)).toBe(20)
    expect(send(open(), 'PING') & Flag.timer).toBe(0)
  })

  it('of many sessions end in their order', () => {
    const random = new Random()
    const deadlines = Array.from({ length: 300 }, () => random.between(1, 2000))
    const waiting = deadlines.map((ms) => {
      const session = open()
      send(session, `BLPOP k${ms % 7} ${ms / 1000}`)
      return session
    })
    const served = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const gone = random.below(waiting.length)
      if (served.has(gone)) continue
      served.add(gone)
      engine.close(waiting[gone]!)
      sessions.delete(waiting[gone]!)
    }
    for (let ms = 1; ms <= 2000; ms++) {
      pass(1)
      waiting.forEach((session, i) => {
        if (served.has(i) || deadlines[i]! > ms) return
        expect([deadlines[i], received(session)]).toEqual([ms, [NIL]])
        served.add(i)
      })
    }
    for (const session of sessions.keys()) expect(received(session)).toEqual([])
  })

  it('do not come when the session was served', () => {
    const [waiting, other] = [open(), open()]
    send(waiting, 'BLPOP k 1')
    send(other, 'RPUSH k a')
    expect(received(waiting)).toEqual(['k a'])
    pass(2000)
    expect(received(waiting)).toEqual([])
  })

  it('count from the first command, also when it ran again in vain', () => {
    const [waiting, other] = [open(), open()]
    send(other, 'SET target string')
    send(waiting, 'BLMPOP 1 1 k LEFT')
    pass(600)
    send(other, 'MULTI')
    send(other, 'RPUSH k a')
    send(other, 'DEL k')
    send(other, 'EXEC')
    expect(received(waiting)).toEqual([])
    pass(399)
    expect(received(waiting)).toEqual([])
    pass(1)
    expect(received(waiting)).toEqual([NIL])
  })
})

describe('the effects log', () => {
  it.each([
    ['BLPOP a k 0', 'LPOP k'],
    ['BRPOP k 0', 'RPOP k'],
    ['BLMPOP 0 2 a k RIGHT COUNT 5', 'RPOP k 2'],
    ['BLMOVE k other LEFT RIGHT 0', 'LMOVE k other LEFT RIGHT'],
    ['BRPOPLPUSH k other 0', 'RPOPLPUSH k other'],
  ])('has %s of a served session as %s', (command, effect) => {
    const [waiting, other] = [open(), open()]
    engine.logOn(true)
    send(waiting, command)
    expect(logged()).toEqual([])
    send(other, 'RPUSH k x y')
    expect(logged()).toEqual(['SELECT 0', 'RPUSH k x y', effect])
    expect(received(waiting).length).toBe(1)
  })

  it.each([
    ['LMPOP 2 none k LEFT COUNT 2', 'LPOP k 2'],
    ['LMPOP 1 k RIGHT COUNT 100', 'RPOP k 3'],
    ['BLPOP none k 0', 'LPOP k'],
    ['BLMPOP 0 1 k LEFT', 'LPOP k 1'],
    ['BLMOVE k k LEFT LEFT 0', 'LMOVE k k LEFT LEFT'],
    ['BRPOPLPUSH k other 0', 'RPOPLPUSH k other'],
    ['LPOP k 2', 'LPOP k 2'],
    ['LINSERT k BEFORE b x', 'LINSERT k BEFORE b x'],
  ])('has %s as %s', (command, effect) => {
    const session = open()
    send(session, 'RPUSH k a b c')
    engine.logOn(true)
    send(session, command)
    expect(logged()).toEqual(['SELECT 0', effect])
  })

  it.each([
    'LTRIM k 0 -1',
    'LREM k 0 none',
    'LPUSHX none a',
    'LPOP none',
    'LPOP k 0',
    'LMOVE none k LEFT LEFT',
  ])('has nothing of %s, which changes nothing', (command) => {
    const session = open()
    send(session, 'RPUSH k a b c')
    engine.logOn(true)
    send(session, command)
    expect(logged()).toEqual([])
  })
})

describe('waiting', () => {
  it('gives back all its memory', () => {
    const other = open()
    const round = (end: (waiting: number) => void) => {
      const waiting = open()
      send(waiting, `BLPOP ${'some-key '.repeat(5)}k j 1`)
      end(waiting)
      if (sessions.delete(waiting)) engine.close(waiting)
      pass(0)
    }
    const ends = [() => send(other, 'RPUSH j value'), () => pass(1000), () => send(other, 'PING')]
    ends.forEach(round)
    const before = engine.usedBytes
    for (let i = 0; i < 100; i++) ends.forEach(round)
    expect(engine.usedBytes).toBe(before)
  })

  it('holds back what the session sends until it is served', () => {
    const [waiting, other] = [open(), open()]
    send(waiting, 'BLPOP k 0')
    send(waiting, 'ECHO one')
    send(waiting, 'BLPOP k 0')
    send(waiting, 'ECHO two')
    expect(received(waiting)).toEqual([])
    send(other, 'RPUSH k a')
    expect(received(waiting)).toEqual(['k a', String.raw`$3\r\none\r\n`])
    send(other, 'RPUSH k b')
    expect(received(waiting)).toEqual(['k b', String.raw`$3\r\ntwo\r\n`])
  })

  it(`serves in order of arrival, whatever happens (seed ${seed})`, () => {
    const random = new Random()
    const keys = ['a', 'b', 'c']
    const lists = new Map(keys.map((key) => [key, [] as string[]]))
    let queue: { session: number; keys: string[]; deadline: number }[] = []
    const idle = Array.from({ length: 12 }, open)
    const pusher = open()
    const expected = new Map<number, string[]>()
    const expects = (session: number, reply: string) => expected.set(session, [reply])

    /** The first who waits for a key, while there is something in it. */
    function serve(key: string): void {
      const list = lists.get(key)!
      for (const waiter of queue) {
        if (!list.length || !waiter.keys.includes(key)) continue
        queue = queue.filter((other) => other !== waiter)
        idle.push(waiter.session)
        expects(waiter.session, `${key} ${list.shift()}`)
      }
    }

    for (let step = 0; step < 3000; step++) {
      expected.clear()
      const action = random.below(10)
      if (action < 5 && idle.length) {
        const session = idle.splice(random.below(idle.length), 1)[0]!
        const wanted = Array.from({ length: random.between(1, 3) }, () => random.pick(keys))
        const ms = random.once(3) ? 0 : random.between(1, 50)
        send(session, `BLPOP ${wanted.join(' ')} ${ms / 1000}`)
        const from = wanted.find((key) => lists.get(key)!.length > 0)
        if (from) {
          expects(session, `${from} ${lists.get(from)!.shift()}`)
          idle.push(session)
        } else {
          queue.push({ session, keys: wanted, deadline: ms ? stage.nowMs + ms : Infinity })
        }
      } else if (action < 8) {
        const key = random.pick(keys)
        const values = Array.from({ length: random.between(1, 3) }, (_, i) => `v${step}.${i}`)
        send(pusher, `RPUSH ${key} ${values.join(' ')}`)
        received(pusher)
        lists.get(key)!.push(...values)
        serve(key)
      } else {
        pass(random.between(1, 20))
        for (const waiter of queue.filter(({ deadline }) => deadline <= stage.nowMs)) {
          expects(waiter.session, NIL)
          idle.push(waiter.session)
        }
        queue = queue.filter(({ deadline }) => deadline > stage.nowMs)
      }
      for (const session of sessions.keys()) {
        expect(received(session)).toEqual(expected.get(session) ?? [])
      }
    }
  })
})
