/** The end of what 32-bit pointers reach: addresses beyond 2 GiB, and a memory that is really full. */
import os from 'node:os'
import { expect, test } from 'vitest'
import { Lab } from '../../support/lab.ts'

const GIB = 2 ** 30

test.skipIf(os.freemem() < 7 * GIB)(
  'four gigabytes can be filled, refuse what does not fit, and lose nothing (needs 7 GB of free memory)',
  () => {
    const lab = new Lab({ maxPages: 0 })
    const talk = lab.open()
    const big = 300 * 2 ** 20
    let count = 0
    while (talk.say(`SETRANGE big:${count} ${big - 1} x`) === `:${big}\r\n`) count++
    expect(count).toBeGreaterThanOrEqual(10)
    expect(talk.say(`EXISTS big:${count}`)).toBe(':0\r\n')

    const value = 'v'.repeat(60_000)
    let small = 0
    let reply = ''
    for (;;) {
      reply = talk.say(['SET', `small:${small}`, value])
      if (!reply.startsWith('+')) break
      small++
    }
    expect(reply).toMatch(/^-OOM /)
    expect(lab.engine.bytes.length).toBeGreaterThan(3.9 * GIB)
    expect(talk.say(`GET small:${small - 1}`)).toBe(`$${value.length}\r\n${value}\r\n`)
    expect(talk.say(`STRLEN big:${count - 1}`)).toBe(`:${big}\r\n`)
    expect(talk.say(`GETRANGE big:${count - 1} -1 -1`)).toBe('$1\r\nx\r\n')
    expect(talk.say('DBSIZE')).toBe(`:${count + small}\r\n`)

    expect(talk.say('FLUSHALL')).toBe('+OK\r\n')
    expect(talk.say(`SETRANGE again ${big - 1} x`)).toBe(`:${big}\r\n`)
  },
)
