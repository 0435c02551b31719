/** Operations of BITOP that redis-server 7.0 cannot tell us, beside a model. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Random, seed } from '../support/random.ts'
import { Stage } from '../support/stage.ts'

let stage: Stage
let client: number

beforeEach(() => {
  stage = new Stage()
  client = stage.open()
})

const MODELS: Record<string, (first: number, others: readonly number[]) => number> = {
  DIFF: (first, others) => first & ~others.reduce((a, b) => a | b),
  DIFF1: (first, others) => ~first & others.reduce((a, b) => a | b),
  ANDOR: (first, others) => first & others.reduce((a, b) => a | b),
  ONE: (first, others) => {
    let once = 0
    let twice = 0
    for (const one of [first, ...others]) {
      twice |= once & one
      once |= one
    }
    return once & ~twice
  },
}

const NAMES = Object.keys(MODELS)

describe.each(NAMES)('BITOP %s', (name) => {
  it(`does as the model with sources of all lengths (seed ${seed})`, () => {
    const random = new Random()
    for (let round = 0; round < 60; round++) {
      const sources = Array.from({ length: random.between(2, 6) }, () => {
        // Now and then longer than the blocks that are worked on at a time.
        const length = random.once(12) ? random.between(16_380, 33_000) : random.below(100)
        return Buffer.from(random.bytes(length))
      })
      for (const [i, source] of sources.entries()) stage.ask(client, ['SET', `s${i}`, source])
      const keys = sources.map((_, i) => `s${i}`)
      const length = Math.max(...sources.map((source) => source.length))
      expect(stage.ask(client, ['BITOP', name, 'out', ...keys]).text).toBe(String(length))
      const expected = Buffer.from(
        Array.from({ length }, (_, i) => {
          const [first, ...others] = sources.map((source) => source[i] ?? 0)
          return MODELS[name]!(first!, others) & 255
        }),
      )
      const got = stage.ask(client, ['GET', 'out'])
      expect(Buffer.compare(payload(got.bytes), expected)).toBe(0)
    }
  })

  it('takes a missing key and a number, and may write over a source', () => {
    for (const command of ['SET n 12', `BITOP ${name} n n none`]) stage.ask(client, command)
    const expected = [...Buffer.from('12')].map((byte) => MODELS[name]!(byte, [0]) & 255)
    expect([...payload(stage.ask(client, 'GET n').bytes)]).toEqual(expected)
    stage.ask(client, `BITOP ${name} n none none2`)
    expect(stage.ask(client, 'EXISTS n').text).toBe('0')
  })
})

it.each(['DIFF', 'DIFF1', 'ANDOR'])('BITOP %s wants two sources', (name) => {
  expect(stage.ask(client, `BITOP ${name.toLowerCase()} out a`).text).toBe(
    `ERR BITOP ${name} must be called with at least two source keys.`,
  )
})

/** What a bulk string has between its head and its end. */
function payload(reply: Uint8Array): Buffer {
  const bytes = Buffer.from(reply)
  return bytes.subarray(bytes.indexOf('\r\n') + 2, -2)
}
