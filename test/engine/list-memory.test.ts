/** Lists in a memory that is full: commands are refused, nothing traps, and what was there stays. */
import { expect, it } from 'vitest'
import { Kind, WINDOW_BYTES } from '../../host/core/abi.ts'
import { newEngine } from '../support/engine.ts'
import { Random, seed } from '../support/random.ts'
import { encode, Reply } from '../support/frames.ts'

const PAGES = 100

it.each([
  ['-2', 20, 1],
  ['-2', 6000, 1],
  ['-5', 100, 100],
  ['1', 3, 1],
  ['1', 3, 500],
  ['-1', 30_000, 3],
])(
  `with list-max-listpack-size %s and %i bytes, %i at once (seed ${seed})`,
  (limit, length, atOnce) => {
    const random = new Random()
    const engine = newEngine(PAGES)
    const reader = engine.open(Kind.client)
    let writer = engine.open(Kind.client)
    /** The reply as text; empty when there was not even room for what was sent, and the connection goes. */
    const send = (session: number, command: readonly (string | Buffer)[]): string => {
      const bytes = encode(command)
      let output = Buffer.alloc(0)
      for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
        const flags = engine.feedChunk(session, bytes.subarray(at, at + WINDOW_BYTES))
        output = Buffer.concat([output, engine.drain(session, flags)])
      }
      return new Reply(output).text
    }
    const ask = (...command: string[]) => send(reader, command)
    const write = (...command: (string | Buffer)[]): string => {
      const reply = writer ? send(writer, command) : ''
      if (reply) return reply
      if (writer) engine.close(writer)
      writer = engine.open(Kind.client)
      return 'OOM'
    }
    const value = () => Buffer.from(random.bytes(random.between(length >> 1, length)))
    expect(ask('CONFIG', 'SET', 'list-max-listpack-size', limit)).toBe('OK')
    let count = 0
    let refused = 0
    for (let step = 0; refused < 50 && step < 200_000; step++) {
      const values = Array.from({ length: atOnce }, value)
      const end = random.pick(['LPUSH', 'RPUSH'])
      const reply = random.once(300)
        ? write('LINSERT', 'k', 'BEFORE', 'pivot', values[0]!)
        : write(end, 'k', ...values)
      if (reply.startsWith('OOM')) refused++
      else if (Number(reply) > 0) count = Number(reply)
      if (step === 0) count = Number(ask('RPUSH', 'k', 'pivot'))
      if (random.once(50)) write('LSET', 'k', String(random.below(count)), value())
      if (random.once(50)) ask('RPOPLPUSH', 'k', 'other')
      if (random.once(50)) ask('RPOPLPUSH', 'other', 'k')
      if (random.once(50)) count = Number(ask('LLEN', 'k'))
    }
    expect(refused).toBe(50)
    count = Number(ask('LLEN', 'k'))
    for (let i = 0; i < 100; i++) {
      expect(ask('LINDEX', 'k', String(random.below(count)))).not.toMatch(/^(ERR|OOM)|^$/)
    }
    expect(Number(ask('DEL', 'k', 'other'))).toBeGreaterThan(0)
    while (engine.tick(1000) === 1);
    // The writer may be about to be closed, if there was no room for what it sent last.
    if (writer) engine.close(writer)
    writer = engine.open(Kind.client)
    expect(write('RPUSH', 'k', value())).toBe('1')
  },
)
