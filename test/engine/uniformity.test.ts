/**
 * What is drawn by chance is drawn evenly: a chi-square test over many draws of an engine with a fixed seed,
 * in the small and in the large form of each type.
 */
import { describe, expect, it } from 'vitest'
import { Lab, type Talk } from '../support/lab.ts'

const MEMBERS = { small: 50, large: 1000 } as const
const DRAWS = 40

/** Bulk strings of a reply. */
const bulks = (reply: string) =>
  [...reply.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, text]) => text!)

/**
 * How far the counts are from even, in standard deviations: chi-square has `n - 1` degrees of freedom, and
 * the cube root of its share of them is nearly normal (Wilson and Hilferty, 1931).
 */
function deviation(counts: readonly number[]): number {
  const degrees = counts.length - 1
  const expected = counts.reduce((sum, count) => sum + count) / counts.length
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const spread = 2 / (9 * degrees)
  return (Math.cbrt(chi / degrees) - (1 - spread)) / Math.sqrt(spread)
}

function count(drawn: readonly string[], names: readonly string[]): number[] {
  const counts = new Map(names.map((name) => [name, 0]))
  for (const name of drawn) counts.set(name, counts.get(name)! + 1)
  return [...counts.values()]
}

interface Form {
  readonly name: string
  readonly encoding: string
  readonly names: readonly string[]
  readonly fill: (talk: Talk, names: readonly string[]) => void
}

const named = (prefix: string, size: number) =>
  Array.from({ length: size }, (_, i) => `${prefix}${i}`)
const numbers = (size: number) => Array.from({ length: size }, (_, i) => String(i * 3))
const add = (talk: Talk, names: readonly string[]) => void talk.say(['SADD', 'k', ...names])
const set = (talk: Talk, names: readonly string[]) =>
  void talk.say(['HSET', 'k', ...names.flatMap((name) => [name, 'v'])])
const rank = (talk: Talk, names: readonly string[]) =>
  void talk.say(['ZADD', 'k', ...names.flatMap((name, i) => [i, name])])

const SETS: readonly Form[] = [
  { name: 'integers', encoding: 'intset', names: numbers(MEMBERS.small), fill: add },
  { name: 'few', encoding: 'listpack', names: named('m', MEMBERS.small), fill: add },
  { name: 'many', encoding: 'hashtable', names: named('m', MEMBERS.large), fill: add },
]
const HASHES: readonly Form[] = [
  { name: 'few', encoding: 'listpack', names: named('f', MEMBERS.small), fill: set },
  { name: 'many', encoding: 'hashtable', names: named('f', MEMBERS.large), fill: set },
]
const SORTED_SETS: readonly Form[] = [
  { name: 'few', encoding: 'listpack', names: named('z', MEMBERS.small), fill: rank },
  { name: 'many', encoding: 'skiplist', names: named('z', MEMBERS.large), fill: rank },
]

/** Ways to draw: the command, and how many it draws of so many. */
const WAYS: readonly [name: string, draws: (size: number) => number | undefined][] = [
  ['one', () => undefined],
  ['some, which may repeat', (size) => -size * 2],
  ['a few different ones', (size) => Math.ceil(size / 25)],
  ['most of them', (size) => size - Math.ceil(size / 10)],
]

function open(form: Form): Talk {
  const talk = new Lab({ seed: [20, 26] }).open()
  form.fill(talk, form.names)
  expect(talk.say('OBJECT ENCODING k')).toContain(form.encoding)
  return talk
}

describe.each([
  ['SRANDMEMBER', SETS],
  ['HRANDFIELD', HASHES],
  ['ZRANDMEMBER', SORTED_SETS],
] as const)('%s is even', (command, forms) => {
  for (const form of forms) {
    for (const [way, draws] of WAYS) {
      it(`of ${form.name}, ${way}`, () => {
        const talk = open(form)
        const size = form.names.length
        const wanted = draws(size)
        const each = Math.abs(wanted ?? 1)
        const drawn: string[] = []
        for (let i = 0; i < (size * DRAWS) / each; i++) {
          const reply = bulks(
            talk.say(wanted === undefined ? `${command} k` : `${command} k ${wanted}`),
          )
          expect(reply).toHaveLength(each)
          if (wanted !== undefined && wanted > 0) expect(new Set(reply).size).toBe(each)
          drawn.push(...reply)
        }
        // Different ones are more even than chance: only too much unevenness counts there.
        const found = deviation(count(drawn, form.names))
        expect(found).toBeLessThan(3.5)
        if (wanted === undefined || wanted < 0) expect(found).toBeGreaterThan(-3.5)
      })
    }
  }
})

describe('SPOP is even', () => {
  for (const form of SETS) {
    it.each([1, Math.ceil(form.names.length / 10)])(`of ${form.name}, %i at a time`, (each) => {
      const talk = open(form)
      const size = form.names.length
      const drawn: string[] = []
      for (let i = 0; i < (size * DRAWS) / each; i++) {
        const reply = bulks(talk.say(`SPOP k ${each}`))
        expect(new Set(reply).size).toBe(each)
        drawn.push(...reply)
        talk.say(['SADD', 'k', ...reply])
      }
      expect(deviation(count(drawn, form.names))).toBeLessThan(3.5)
    })
  }

  it('as the last ones as well: each place in the order', () => {
    const names = named('m', 8)
    const first: string[] = []
    const last: string[] = []
    const talk = new Lab({ seed: [5, 6] }).open()
    for (let i = 0; i < 2000; i++) {
      talk.say(['SADD', 'k', ...names])
      const order = names.map(() => bulks(talk.say('SPOP k'))[0]!)
      first.push(order[0]!)
      last.push(order[order.length - 1]!)
    }
    for (const drawn of [first, last]) {
      const found = deviation(count(drawn, names))
      expect(Math.abs(found)).toBeLessThan(3.5)
    }
  })
})

describe('RANDOMKEY is even', () => {
  it.each([5, MEMBERS.small, MEMBERS.large])('of %i keys', (size) => {
    const talk = new Lab({ seed: [7, 8] }).open()
    const names = named('key:', size)
    talk.say(['MSET', ...names.flatMap((name) => [name, 'v'])])
    const drawn = Array.from({ length: size * DRAWS }, () => bulks(talk.say('RANDOMKEY'))[0]!)
    expect(Math.abs(deviation(count(drawn, names)))).toBeLessThan(3.5)
  })
})
