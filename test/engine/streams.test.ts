/** What streams do that redis-server 7.0 cannot tell us: later commands, the effects log, the clock. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Kind } from '../../host/core/abi.ts'
import { families, randomStream } from '../differential/random/generator.ts'
import { steadyText } from '../differential/streams.ts'
import { lines } from '../differential/values.ts'
import { formatLine } from '../support/command-line.ts'
import { Random, seed } from '../support/random.ts'
import type { Reply } from '../support/resp.ts'
import { Stage } from '../support/stage.ts'

let stage: Stage
let client: number

beforeEach(() => {
  stage = new Stage()
  client = stage.open()
})

/** A reply in one line: `[1-1 [f v]]`. */
function shown(reply: Reply): string {
  if (reply.isNull) return 'nil'
  return reply.isAggregate ? `[${reply.items.map(shown).join(' ')}]` : reply.text
}

const ask = (command: string) => shown(stage.ask(client, command))

/** Runs a script: each line is a command, or `=> reply` of the command before. */
function script(text: string): void {
  let last = ''
  let reply = ''
  for (const line of lines(text)) {
    if (line.startsWith('=>')) expect([last, reply]).toEqual([last, line.slice(2).trim()])
    else reply = ask((last = line))
  }
}

const THREE = `
  XADD s 1-1 f 1
  XADD s 2-1 f 2
  XADD s 3-1 f 3
  XGROUP CREATE s g 0
  XGROUP CREATE s h 0
  XREADGROUP GROUP g a COUNT 2 STREAMS s >
  XREADGROUP GROUP h b STREAMS s >
`

describe('XDELEX', () => {
  it.each([
    ['keeps what is pending', 'XDELEX s IDS 2 1-1 9-9', '[1 -1]', '2', '3'],
    ['keeps what is pending', 'XDELEX s KEEPREF IDS 1 1-1', '[1]', '2', '3'],
    ['makes groups forget', 'XDELEX s DELREF IDS 2 1-1 3-1', '[1 1]', '1', '1'],
    [
      'leaves what is pending or not read',
      'XDELEX s ACKED IDS 4 1-1 2-1 3-1 4-1',
      '[2 2 2 -1]',
      '2',
      '3',
    ],
    ['takes the ids in front of the option', 'XDELEX s ids 1 1-1 delref', '[1]', '1', '2'],
  ])('%s: %s', (_, command, reply, pendingOfG, pendingOfH) => {
    script(THREE)
    expect(ask(command)).toBe(reply)
    expect(ask('XPENDING s g')).toMatch(`[${pendingOfG} `)
    expect(ask('XPENDING s h')).toMatch(`[${pendingOfH} `)
  })

  it('deletes with ACKED once every group has read and acknowledged', () => {
    script(`${THREE}
      XACK s g 1-1 2-1
      XACK s h 1-1 3-1
      XDELEX s ACKED IDS 3 1-1 2-1 3-1
      => [1 2 2]
      XREADGROUP GROUP g a NOACK STREAMS s >
      XDELEX s ACKED IDS 2 2-1 3-1
      => [2 1]
      XRANGE s - +
      => [[2-1 [f 2]]]`)
  })

  it('forgets ids with DELREF that are not in the stream any more', () => {
    script(`${THREE}
      XDEL s 1-1
      XDELEX s DELREF IDS 1 1-1
      => [-1]
      XPENDING s g
      => [1 2-1 2-1 [[a 1]]]`)
  })

  it('answers -1 for each id of a missing key', () => {
    script(`
      XDELEX none IDS 3 1-1 2-2 0
      => [-1 -1 -1]
      SET str x
      XDELEX str IDS 1 1-1
      => WRONGTYPE Operation against a key holding the wrong kind of value`)
  })
})

describe('XACKDEL', () => {
  it.each([
    ['XACKDEL s g IDS 3 1-1 3-1 1-1', '[1 -1 -1]', '[[2-1 [f 2]] [3-1 [f 3]]]', '3'],
    ['XACKDEL s g DELREF IDS 1 1-1', '[1]', '[[2-1 [f 2]] [3-1 [f 3]]]', '2'],
    ['XACKDEL s g ACKED IDS 2 1-1 2-1', '[2 2]', '[[1-1 [f 1]] [2-1 [f 2]] [3-1 [f 3]]]', '3'],
    ['XACKDEL s none IDS 1 1-1', '[-1]', '[[1-1 [f 1]] [2-1 [f 2]] [3-1 [f 3]]]', '3'],
    ['XACKDEL none g IDS 1 1-1', '[-1]', '[[1-1 [f 1]] [2-1 [f 2]] [3-1 [f 3]]]', '3'],
  ])('%s answers %s', (command, reply, left, pendingOfH) => {
    script(THREE)
    expect(ask(command)).toBe(reply)
    expect(ask('XRANGE s - +')).toBe(left)
    expect(ask('XPENDING s h')).toMatch(`[${pendingOfH} `)
  })

  it('deletes with ACKED when the last group acknowledges', () => {
    script(`${THREE}
      XACKDEL s h ACKED IDS 1 1-1
      => [2]
      XACKDEL s g ACKED IDS 1 1-1
      => [1]
      XLEN s
      => 2`)
  })
})

it.each([
  ['IDS 0 1-1', 'ERR Number of IDs must be a positive integer'],
  ['IDS x 1-1', 'ERR Number of IDs must be a positive integer'],
  ['IDS 2 1-1', 'ERR The `numids` parameter must match the number of arguments'],
  ['IDS 1 1-1 2-2', 'ERR syntax error'],
  ['FOO IDS 1 1-1', 'ERR syntax error'],
  ['KEEPREF DELREF ACKED', 'ERR syntax error'],
  ['IDS 1 x', 'ERR Invalid stream ID specified as stream command argument'],
])('XDELEX and XACKDEL refuse %s', (options, error) => {
  expect(ask(`XDELEX s ${options}`)).toBe(error)
  expect(ask(`XACKDEL s g ${options}`)).toBe(error)
})

describe('XADD and XTRIM with an eye on groups', () => {
  it('trim only what is acknowledged, also behind what is not', () => {
    script(`${THREE}
      XACK s h 2-1 3-1
      XACK s g 2-1
      XTRIM s MAXLEN 1 ACKED
      => 1
      XRANGE s - +
      => [[1-1 [f 1]] [3-1 [f 3]]]
      XINFO GROUPS s
      => [[name g consumers 1 pending 1 last-delivered-id 2-1 entries-read 2 lag nil] [name h consumers 1 pending 1 last-delivered-id 3-1 entries-read 3 lag 0]]
      XADD s ACKED MAXLEN 1 4-1 f 4
      => 4-1
      XLEN s
      => 3`)
  })

  it('make groups forget what they trim', () => {
    script(`${THREE}
      XTRIM s MINID 2 DELREF
      => 1
      XPENDING s g
      => [1 2-1 2-1 [[a 1]]]
      XADD s DELREF MAXLEN = 1 5-1 f 5
      => 5-1
      XPENDING s h
      => [0 nil nil nil]`)
  })
})

describe('XREAD +', () => {
  it('reads the last entry that is there', () => {
    script(`${THREE}
      XREAD STREAMS s +
      => [[s [[3-1 [f 3]]]]]
      XDEL s 3-1
      XREAD STREAMS s s + 2-1
      => [[s [[2-1 [f 2]]]]]
      XTRIM s MAXLEN 0
      XREAD STREAMS s +
      => nil
      XREAD STREAMS none +
      => nil
      XREADGROUP GROUP g a STREAMS s +
      => ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.`)
  })

  it('waits for the next entry of an empty stream', () => {
    const waiting = stage.open()
    stage.send(waiting, 'XREAD BLOCK 0 STREAMS s +')
    script(`
      MULTI
      XADD s 1-1 f 1
      XADD s 1-2 f 2
      EXEC`)
    expect(stage.replies(waiting).map(shown)).toEqual(['[[s [[1-1 [f 1]] [1-2 [f 2]]]]]'])
  })
})

describe('consumers', () => {
  it.each([
    'XREADGROUP GROUP g new STREAMS s >',
    'XREADGROUP GROUP g new STREAMS s 0',
    'XCLAIM s g new 0 9-9',
    'XAUTOCLAIM s g new 1000000 0',
  ])('are there once they asked: %s', (command) => {
    script('XGROUP CREATE s g $ MKSTREAM')
    ask(command)
    expect(ask('XINFO CONSUMERS s g')).toBe('[[name new pending 0 idle 0 inactive -1]]')
  })

  it('are seen when they ask and active when they get something', () => {
    script('XADD s 1-1 f v\nXGROUP CREATE s g 0\nXREADGROUP GROUP g a STREAMS s >')
    stage.pass(50)
    script('XREADGROUP GROUP g a STREAMS s >')
    stage.pass(7)
    script(`
      XINFO CONSUMERS s g
      => [[name a pending 1 idle 7 inactive 57]]
      XPENDING s g - + 1
      => [[1-1 a 57 1]]
      XREADGROUP GROUP g a STREAMS s 0
      XPENDING s g - + 1
      => [[1-1 a 0 2]]
      XINFO CONSUMERS s g
      => [[name a pending 1 idle 0 inactive 57]]
      XCLAIM s g b 0 1-1
      XINFO CONSUMERS s g
      => [[name a pending 0 idle 0 inactive 57] [name b pending 1 idle 0 inactive 0]]`)
  })
})

it('XREADGROUP hears that the stream it waits for has expired', () => {
  script('XGROUP CREATE s g $ MKSTREAM\nPEXPIRE s 100')
  const waiting = stage.open()
  stage.send(waiting, 'XREADGROUP GROUP g c BLOCK 0 STREAMS s >')
  stage.pass(99)
  expect(stage.received(waiting)).toEqual([])
  stage.pass(50)
  stage.pass(100)
  expect(stage.received(waiting)).toEqual([
    String.raw`-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n`,
  ])
})

// --- the effects log ---

const now = 1_800_000_000_000

describe('the effects log has', () => {
  const effects = (command: string) => {
    stage.engine.logOn(true)
    ask(command)
    return stage.logged().filter((line) => !['SELECT 0', 'MULTI', 'EXEC'].includes(line))
  }
  const claim = (id: string, consumer: string, count: number, last: string) =>
    `XCLAIM s g ${consumer} 0 ${id} TIME ${now} RETRYCOUNT ${count} FORCE JUSTID LASTID ${last}`

  it.each<[string, string[]]>([
    ['XADD s * f v', [`XADD s ${now}-0 f v`]],
    ['XADD s 5-* f v', ['XADD s 5-0 f v']],
    ['XADD s 5-5 f v', ['XADD s 5-5 f v']],
    ['XADD s NOMKSTREAM * f v', [`XADD s ${now}-0 f v`]],
    ['XADD s MAXLEN 2 5-5 f v', ['XADD s MAXLEN 2 5-5 f v']],
    ['XADD s MAXLEN ~ 2 LIMIT 5 5-5 f v', ['XADD s MAXLEN = 4 5-5 f v']],
    ['XADD s MINID ~ 2 * f v', [`XADD s MINID = 1-1 ${now}-0 f v`]],
    [
      'XADD s DELREF MAXLEN 3 5-5 f v',
      ['XACK s g 1-1', 'XACK s h 1-1', 'XADD s MAXLEN = 3 5-5 f v'],
    ],
    ['XTRIM s MAXLEN 1', ['XTRIM s MAXLEN 1']],
    ['XTRIM s MAXLEN ~ 1', []],
    ['XTRIM s MINID 2 DELREF', ['XACK s g 1-1', 'XACK s h 1-1', 'XTRIM s MINID = 2-1']],
    ['XDEL s 1-1 9-9', ['XDEL s 1-1 9-9']],
    ['XDEL s 9-9', []],
    ['XDELEX s DELREF IDS 2 1-1 9-9', ['XACK s g 1-1', 'XACK s h 1-1', 'XDEL s 1-1']],
    ['XDELEX s ACKED IDS 1 1-1', []],
    ['XACKDEL s g IDS 1 1-1', ['XACK s g 1-1', 'XDEL s 1-1']],
    ['XACK s g 1-1 7-7', ['XACK s g 1-1 7-7']],
    ['XACK s g 7-7', []],
    ['XSETID s 5-5', ['XSETID s 5-5']],
    ['XGROUP CREATE s k $', ['XGROUP CREATE s k $']],
    ['XGROUP DESTROY s none', []],
    ['XGROUP CREATECONSUMER s g a', []],
    [
      'XREADGROUP GROUP g a STREAMS s >',
      [claim('3-1', 'a', 1, '3-1'), 'XGROUP SETID s g 3-1 ENTRIESREAD 3'],
    ],
    [
      'XREADGROUP GROUP g new NOACK STREAMS s >',
      ['XGROUP CREATECONSUMER s g new', 'XGROUP SETID s g 3-1 ENTRIESREAD 3'],
    ],
    ['XREADGROUP GROUP g a COUNT 1 STREAMS s 0', [claim('1-1', 'a', 2, '2-1')]],
    ['XCLAIM s g a 0 1-1 LASTID 7-7', [claim('1-1', 'a', 2, '7-7')]],
    ['XCLAIM s g a 0 7-7 LASTID 7-7', ['XGROUP SETID s g 7-7 ENTRIESREAD 2']],
    ['XCLAIM s g a 1000 1-1', []],
    [
      'XAUTOCLAIM s g new 0 0 COUNT 1',
      ['XGROUP CREATECONSUMER s g new', claim('1-1', 'new', 2, '2-1')],
    ],
  ])('%s as %j', (command, expected) => {
    script(THREE)
    expect(effects(command)).toEqual(expected)
  })

  it('what trimming with ACKED did behind what stays', () => {
    script(`${THREE}
      XACK s h 2-1 3-1
      XACK s g 2-1`)
    expect(effects('XTRIM s MAXLEN 1 ACKED')).toEqual(['XDEL s 2-1', 'XTRIM s MINID = 1-1'])
  })

  it('what a waiting consumer got', () => {
    script('XGROUP CREATE s g $ MKSTREAM')
    stage.engine.logOn(true)
    stage.send(stage.open(), 'XREADGROUP GROUP g c BLOCK 0 STREAMS s >')
    expect(stage.logged()).toEqual(['SELECT 0', 'XGROUP CREATECONSUMER s g c'])
    ask('XADD s 1-1 f v')
    expect(stage.logged()).toEqual([
      'XADD s 1-1 f v',
      'MULTI',
      claim('1-1', 'c', 1, '1-1'),
      'XGROUP SETID s g 1-1 ENTRIESREAD 1',
      'EXEC',
    ])
  })

  const rounds = families.includes('stream') ? 12 : 0
  it.runIf(rounds)(`all that makes the same streams again (seed ${seed})`, () => {
    for (let round = 0; round < rounds; round++) {
      const [from, to] = [new Stage(), new Stage()]
      const session = from.open()
      const loader = to.open(Kind.loader)
      from.engine.logOn(true)
      const sent: string[] = []
      for (const { command } of randomStream(new Random(seed + round), 'stream', 300)) {
        if (!/^(x|del|rename|copy)/i.test(String(command[0]))) continue
        sent.push(formatLine(command))
        from.send(session, command)
        from.pass(1)
        to.nowMs = from.nowMs
        for (const effect of from.effects()) to.feed(loader, Buffer.from(effect.bytes))
      }
      const readers = [to.open(), from.open()] as const
      for (const key of ['x1', 'x2']) {
        const state = (on: Stage, as: number) => [
          steadyText(on.ask(as, ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'])),
          shown(on.ask(as, ['XINFO', 'GROUPS', key])),
        ]
        expect([sent, ...state(to, readers[0])]).toEqual([sent, ...state(from, readers[1])])
      }
    }
  })
})
