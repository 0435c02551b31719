/** Sessions that are heard in the middle of another one's script, whatever they send and wherever it is cut. */
import { describe, expect, it } from 'vitest'
import { Flag } from '../../host/core/abi.ts'
import { encode, ReplyReader } from '../support/frames.ts'
import { Lab, type Talk } from '../support/lab.ts'
import { Random, seed } from '../support/random.ts'

const BUSY =
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'
const LOOP = ['EVAL', 'while true do end', '0']

/** An engine whose scripts are too slow at the first look; `hear` is called while one runs. */
function slow(hear: (lab: Lab, times: number) => void): Lab {
  let times = 0
  const lab = new Lab({
    host: {
      hear: () => {
        hear(lab, ++times)
        return true
      },
    },
  })
  lab.open().say('CONFIG SET busy-reply-threshold 5 script-instruction-limit 50000000')
  let now = lab.nowMs
  Object.defineProperty(lab, 'nowMs', { get: () => (now += 20) })
  return lab
}

/** What a session says when it is told a piece of its input in the middle of a script. */
function tell(talk: Talk, piece: Uint8Array): string {
  const { engine } = talk.lab
  if (!engine.mayHear(talk.session)) throw new Error('the session cannot be heard')
  engine.hear(talk.session, piece)
  return talk.hear()
}

const kill = encode(['SCRIPT', 'KILL'])

describe('a session that is heard', () => {
  it('is told BUSY, and can kill the script', () => {
    const heard: string[] = []
    const lab = slow((_, times) =>
      heard.push(tell(other, times === 1 ? encode(['GET', 'a']) : kill)),
    )
    const other = lab.open()
    const caller = lab.open()
    expect(caller.say(LOOP)).toMatch(/^-ERR Script killed by user with SCRIPT KILL/)
    expect(heard.join('')).toBe(`-${BUSY}\r\n+OK\r\n`)
    expect(caller.say('PING')).toBe('+PONG\r\n')
    expect(other.say('SCRIPT KILL')).toBe('-NOTBUSY No scripts in execution right now.\r\n')
  })

  it('is not the caller, nor one that waits, nor one that says nothing', () => {
    const may: boolean[] = []
    const talks: Talk[] = []
    const lab = slow(({ engine }, times) => {
      if (times > 1) tell(talks[0]!, kill)
      else may.push(...talks.map(({ session }) => engine.mayHear(session)))
    })
    talks.push(lab.open(), lab.open(), lab.open(), lab.open())
    talks[1]!.say('BLPOP list 0')
    talks[2]!.say('CLIENT REPLY OFF')
    talks[3]!.say(LOOP)
    expect(may).toEqual([true, false, false, false])
  })

  it('is marked, so that the host looks after it once the script has ended', () => {
    const lab = slow((_, times) => {
      if (times === 1) expect(tell(other, encode(['QUIT']))).toBe('+OK\r\n')
      else tell(killer, kill)
    })
    const other = lab.open()
    const killer = lab.open()
    lab.open().say(LOOP)
    const ready: number[] = []
    for (let next = lab.engine.ready(); next; next = lab.engine.ready()) ready.push(next)
    expect(ready).toContain(other.session)
    expect(other.flags & Flag.closeAfter).toBe(Flag.closeAfter)
  })

  it('leaves what it has begun to say to be ended later', () => {
    const half = '*2\r\n$4\r\nEC'
    const lab = slow((_, times) => {
      if (times === 1)
        expect(tell(other, Buffer.from(`HO\r\n$1\r\nx\r\n${half}`))).toBe(`-${BUSY}\r\n`)
      else tell(killer, kill)
    })
    const other = lab.open()
    const killer = lab.open()
    expect(other.feed(Buffer.from(half))).toBe('')
    lab.open().say(LOOP)
    expect(other.feed(Buffer.from('HO\r\n$1\r\ny\r\n'))).toBe('$1\r\ny\r\n')
  })

  it('hears behind the gate what it was told in front of it, in order', () => {
    const told: string[] = []
    const lab = slow((_, times) => {
      if (times === 1) told.push(tell(other, encode(['GET', 'a'])), tell(killer, encode(['PING'])))
      else told.push(tell(killer, kill))
    })
    const other = lab.open()
    const killer = lab.open()
    const { engine } = lab
    engine.logOn(true)
    engine.gate(true)
    expect(other.say('SET a 1')).toBe('')
    expect(lab.open().say(LOOP)).toBe('')
    expect(told).toEqual(['', `-${BUSY}\r\n`, '+OK\r\n'])
    engine.release(engine.logEnd)
    expect(other.hear()).toBe(`+OK\r\n-${BUSY}\r\n`)
  })

  it('is not heard while what the script sent it waits for the gate', () => {
    const may: boolean[] = []
    const lab = slow(({ engine }) => {
      may.push(engine.mayHear(listener.session))
      tell(killer, kill)
    })
    const listener = lab.open()
    const killer = lab.open()
    listener.say('SUBSCRIBE news')
    lab.engine.logOn(true)
    lab.engine.gate(true)
    lab.open().say(['EVAL', "redis.call('PUBLISH', 'news', 'x') while true do end", '0'])
    expect(may).toEqual([false])
    expect(listener.hear()).toBe('*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n')
  })

  it('cannot write, nor call what writes later', () => {
    const said: string[] = []
    const lab = slow((_, times) => {
      if (times > 1) tell(killer, kill)
      if (times > 1) return
      for (const line of ['SET a 1', 'MULTI', 'SET a 2', 'EXEC', 'WATCH b'])
        said.push(tell(other, encode(line.split(' '))))
    })
    const other = lab.open()
    const killer = lab.open()
    lab.open().say(LOOP)
    expect(said).toEqual([
      `-${BUSY}\r\n`,
      '+OK\r\n',
      `-${BUSY}\r\n`,
      `-EXECABORT Transaction discarded because of: ${BUSY}\r\n`,
      '+OK\r\n',
    ])
    expect(other.say('EXISTS a')).toBe(':0\r\n')
  })

  it('watches what the script writes after that', () => {
    const lab = slow((_, times) => {
      if (times === 1) tell(other, encode(['WATCH', 'a']))
    })
    const other = lab.open()
    const caller = lab.open()
    caller.say('CONFIG SET script-instruction-limit 0')
    caller.say(['EVAL', "for i = 1, 3e6 do end redis.call('SET', 'a', '1') return 'done'", '0'])
    expect(other.say('MULTI')).toBe('+OK\r\n')
    expect(other.say('EXEC')).toBe('*-1\r\n')
  })

  it('a function is killed by FUNCTION KILL, and FUNCTION STATS tells of it', () => {
    const said: string[] = []
    const lab = slow((_, times) => {
      if (times > 1) return
      for (const line of ['SCRIPT KILL', 'FUNCTION STATS', 'FUNCTION KILL'])
        said.push(tell(other, encode(line.split(' '))))
    })
    const other = lab.open()
    const caller = lab.open()
    caller.say([
      'FUNCTION',
      'LOAD',
      "#!lua name=l\nredis.register_function('f', function() while true do end end)",
    ])
    expect(caller.say('FCALL f 0')).toMatch(
      /^-ERR Script killed by user with SCRIPT KILL.* script: f, /,
    )
    expect(said[0]).toBe(`-${BUSY.replace('SCRIPT', 'FUNCTION')}\r\n`)
    expect(said[1]).toContain(
      '$4\r\nname\r\n$1\r\nf\r\n$7\r\ncommand\r\n*3\r\n$5\r\nFCALL\r\n$1\r\nf\r\n',
    )
    expect(said[2]).toBe('+OK\r\n')
  })
})

describe('a script that has written', () => {
  const writing = ['EVAL', "redis.call('SET', 'a', '1') while true do end", '0']

  it('cannot be killed', () => {
    const said: string[] = []
    const lab = slow((_, times) => {
      if (times === 1) said.push(tell(other, kill))
    })
    const other = lab.open()
    expect(lab.open().say(writing)).toContain('script-instruction-limit')
    expect(said[0]).toMatch(/^-UNKILLABLE Sorry the script already executed write commands/)
  })

  it('is out of the log when the process is told to end, and ends', () => {
    let ended = 0
    const lab = slow(({ engine }) => {
      ended++
      engine.abandon()
    })
    const caller = lab.open()
    lab.engine.logOn(true)
    caller.say('SET kept 1')
    for (const command of ['MULTI', 'SET also 1', writing, writing, 'EXEC']) caller.say(command)
    expect(caller.flags & Flag.closeNow).toBe(Flag.closeNow)
    expect(ended).toBeGreaterThan(0)
    expect(lab.effects()).toEqual(['SELECT 0', 'SET kept 1'])
  })
})

it('a home that cannot hear others is not asked again, and its scripts end as before', () => {
  let asked = 0
  const lab = new Lab({
    host: {
      hear: () => {
        asked++
        return false
      },
    },
  })
  const caller = lab.open()
  caller.say('CONFIG SET busy-reply-threshold 5 script-instruction-limit 5000000')
  let now = lab.nowMs
  Object.defineProperty(lab, 'nowMs', { get: () => (now += 20) })
  expect(caller.say(LOOP)).toContain('Script ended: it ran more instructions than')
  expect(asked).toBe(1)
})

/** `WADI_FUZZ=1000000` makes it a thousand. */
const rounds = Math.ceil(Number(process.env['WADI_FUZZ'] ?? 20_000) / 1000)

describe(`whatever is sent, seed ${seed}`, () => {
  /** Commands that answer the same whenever they run, and what they answer. */
  function someCommand(random: Random): [Buffer, string] {
    const text = Buffer.from(random.bytes(random.once(8) ? random.below(20_000) : random.below(20)))
    const bulk = `$${text.length}\r\n${text.toString('latin1')}\r\n`
    switch (random.below(5)) {
      case 0:
        return [Buffer.from('PING\r\n'), '+PONG\r\n']
      case 1:
        return [encode(['PING']), '+PONG\r\n']
      case 2:
        return [encode(['GET']), "-ERR wrong number of arguments for 'get' command\r\n"]
      case 3:
        return [Buffer.from('\r\n*0\r\n'), '']
      default:
        return [encode(['ECHO', text]), bulk]
    }
  }

  it('every command has its reply or BUSY, in order, and nothing of another is lost', () => {
    const random = new Random()
    for (let round = 0; round < rounds; round++) {
      const talks: Talk[] = []
      const streams: { expected: string[]; rest: Buffer; got: string }[] = []
      const piece = (i: number, most: number): Buffer => {
        const stream = streams[i]!
        const length = Math.min(1 + random.below(most), stream.rest.length, 60_000)
        const taken = stream.rest.subarray(0, length)
        stream.rest = stream.rest.subarray(length)
        return taken
      }
      const lab = slow(({ engine }, times) => {
        for (const [i, talk] of talks.entries()) {
          if (i === 0 || random.once(3) || !streams[i]!.rest.length) continue
          if (!engine.mayHear(talk.session)) continue
          engine.hear(talk.session, piece(i, random.once(2) ? 30 : 40_000))
          if (!random.once(4)) streams[i]!.got += talk.hear()
        }
        if (times > 6) tell(killer, kill)
      })
      const killer = lab.open()
      for (let i = 0; i < 4; i++) {
        talks.push(lab.open())
        const commands = Array.from({ length: 1 + random.below(60) }, () => someCommand(random))
        if (i === 0) {
          const at = random.below(commands.length)
          commands.splice(at, 0, [encode(LOOP), 'killed'])
        }
        streams.push({
          expected: commands.map(([, reply]) => reply).filter(Boolean),
          rest: Buffer.concat(commands.map(([bytes]) => bytes)),
          got: '',
        })
      }
      while (streams.some(({ rest }) => rest.length)) {
        const i = random.below(4)
        if (streams[i]!.rest.length) streams[i]!.got += talks[i]!.feed(piece(i, 50_000))
      }
      for (const [i, { expected, got }] of streams.entries()) {
        const all = got + drain(talks[i]!)
        const replies = new ReplyReader().push(Buffer.from(all, 'latin1'))
        expect(replies.length).toBe(expected.length)
        for (const [j, reply] of replies.entries()) {
          const text = reply.bytes.toString('latin1')
          if (expected[j] === 'killed') expect(text).toMatch(/^-ERR Script killed/)
          else if (text !== `-${BUSY}\r\n`) expect(text).toBe(expected[j])
          else expect(i).not.toBe(0)
        }
      }
    }
  })
})

/** Lets a session go on with what it kept, and takes what it says. */
function drain(talk: Talk): string {
  let text = talk.hear()
  while (talk.flags & Flag.more) {
    talk.lab.engine.feedMore(talk.session)
    text += talk.hear()
  }
  return text
}
