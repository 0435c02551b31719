import { beforeAll, describe, expect, test } from 'vitest'
import { load, type Instance } from '../../support/compile.ts'
import { Random, seed } from '../../support/random.ts'
import { besideRedis } from '../../support/beside-redis.ts'
import { redisMissing } from '../../support/redis.ts'

interface Exports {
  arena(): number
  matches(
    pattern: number,
    patternLength: number,
    text: number,
    textLength: number,
    ignoreCase: boolean,
  ): number
}

let engine: Instance<Exports>

beforeAll(async () => {
  engine = await load<Exports>(new URL('./glob.as.ts', import.meta.url))
})

/** The text lies at the end of memory, so that reading past it is caught. */
function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const end = engine.memory.buffer.byteLength
  const textAt = end - text.length
  engine.write(textAt, Buffer.from(text, 'latin1'))
  const patternAt = engine.exports.arena()
  engine.write(patternAt, Buffer.from(`${pattern}]**`, 'latin1'))
  return engine.exports.matches(patternAt, pattern.length, textAt, text.length, ignoreCase) !== 0
}

const lowerCase = (code: number) => (code >= 65 && code <= 90 ? code + 32 : code)

/** The same question answered by recursion over the two texts. */
function model(pattern: string, text: string, ignoreCase: boolean): boolean {
  const fold = (code: number) => (ignoreCase ? lowerCase(code) : code)
  if (text === '') return pattern === ''
  const match = (p: number, t: number): boolean => {
    if (t === text.length) return /^\**$/.test(pattern.slice(p))
    if (p === pattern.length) return false
    const byte = text.charCodeAt(t)
    switch (pattern[p]) {
      case '*':
        for (let from = t; from <= text.length; from++) if (match(p + 1, from)) return true
        return false
      case '?':
        return match(p + 1, t + 1)
      case '[': {
        p++
        const negated = pattern[p] === '^'
        if (negated) p++
        let found = false
        for (; p < pattern.length && pattern[p] !== ']'; p++) {
          const left = pattern.length - p
          if (pattern[p] === '\\' && left >= 2) {
            p++
            found ||= pattern.charCodeAt(p) === byte
          } else if (left >= 3 && pattern[p + 1] === '-') {
            const signed = (code: number) => (code << 24) >> 24
            const ends = [signed(pattern.charCodeAt(p)), signed(pattern.charCodeAt(p + 2))]
            const [low, high] = [Math.min(...ends), Math.max(...ends)]
            const value = fold(signed(byte))
            found ||= value >= fold(low) && value <= fold(high)
            p += 2
          } else {
            found ||= fold(pattern.charCodeAt(p)) === fold(byte)
          }
        }
        return found !== negated && match(p + 1, t + 1)
      }
      case '\\':
        if (p + 1 < pattern.length) p++
    }
    return fold(pattern.charCodeAt(p)) === fold(byte) && match(p + 1, t + 1)
  }
  return match(0, 0)
}

test.each([
  ['*', 'anything'],
  ['h?llo', 'hello'],
  ['h*llo', 'hllo'],
  ['h*llo', 'heeeello'],
  ['h[ae]llo', 'hallo'],
  ['h[^e]llo', 'hbllo'],
  ['h[a-c]llo', 'hbllo'],
  ['h[c-a]llo', 'hbllo'],
  ['a\\*c', 'a*c'],
  ['a[\\]-]c', 'a]c'],
  ['a\\', 'a\\'],
  ['[^', 'x'],
  ['[a', 'a'],
  ['[a-', '-'],
  ['***a***', 'a'],
])('%j matches %j', (pattern, text) => {
  expect(matches(pattern, text)).toBe(true)
})

test.each([
  ['*', ''],
  ['h?llo', 'hllo'],
  ['h[ae]llo', 'hillo'],
  ['h[^e]llo', 'hello'],
  ['a\\*c', 'abc'],
  ['[', '['],
  ['[]', ']'],
  ['abc', 'abcd'],
  ['abcd', 'abc'],
  ['', 'a'],
  ['A', 'a'],
])('%j does not match %j', (pattern, text) => {
  expect(matches(pattern, text)).toBe(false)
})

test('case is ignored where asked, but not for an escaped byte in a class', () => {
  expect(matches('AB[C-D]', 'abc', true)).toBe(true)
  expect(matches('\\A', 'a', true)).toBe(true)
  expect(matches('[A]', 'a', true)).toBe(true)
  expect(matches('[\\A]', 'a', true)).toBe(false)
})

test('many stars over a long text take no exponential time', () => {
  expect(matches('a*'.repeat(900) + 'b', 'a'.repeat(5000))).toBe(false)
})

test('a match past a thousand stars fails', () => {
  expect(matches('*a'.repeat(1000), 'a'.repeat(1500))).toBe(true)
  expect(matches('*a'.repeat(1001), 'a'.repeat(1500))).toBe(false)
  expect(matches('*a'.repeat(1000) + '*', 'a'.repeat(1500))).toBe(true)
})

const alphabets = [
  'ab*',
  'ab*?',
  'abAB*?[]^-\\',
  'ab[]-^',
  '*?[^a-\\',
  'aAzZ[]-^\\\xff\x80\x01*@`{',
]

function randomPattern(random: Random): string {
  return random.text(random.below(10), random.pick(alphabets))
}

function randomText(random: Random): string {
  return random.text(
    random.below(8),
    random.pick(['ab', 'abAB', 'ab*[]\\-^', 'aAzZ\xff\x80\x01`{@']),
  )
}

test(`random patterns match as in the model (seed ${seed})`, () => {
  const random = new Random()
  for (let i = 0; i < 100_000; i++) {
    const pattern = randomPattern(random)
    const text = randomText(random)
    for (const ignoreCase of [false, true]) {
      const result = [pattern, text, ignoreCase, matches(pattern, text, ignoreCase)]
      expect(result).toEqual([pattern, text, ignoreCase, model(pattern, text, ignoreCase)])
    }
  }
})

describe.skipIf(redisMissing())('beside redis-server', () => {
  const redis = besideRedis()

  test(`HSCAN finds the fields that match (seed ${seed})`, async () => {
    const random = new Random()
    const texts = [...new Set(Array.from({ length: 100 }, () => randomText(random)))]
    const bytes = (text: string) => Buffer.from(text, 'latin1')
    await redis.call('HSET', 'texts', ...texts.flatMap((text) => [bytes(text), 'x']))
    for (let i = 0; i < 2000; i++) {
      const pattern = randomPattern(random)
      if (pattern === '*') continue
      const reply = await redis.call('HSCAN', 'texts', '0', 'MATCH', bytes(pattern))
      const found = reply.items[1]!.items.filter((_, at) => at % 2 === 0).map((item) => item.text)
      const ours = texts.filter((text) => matches(pattern, text))
      expect([pattern, ...found.toSorted()]).toEqual([pattern, ...ours.toSorted()])
    }
  })

  test(`COMMAND LIST finds the names that match in either case (seed ${seed})`, async () => {
    const random = new Random()
    const names = (await redis.call('COMMAND', 'LIST')).items.map((item) => item.text)
    for (let i = 0; i < 500; i++) {
      const pattern = random.text(random.below(6), 'SETgethxaz*?[]-^\\')
      const reply = await redis.call('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', pattern)
      const found = reply.items.map((item) => item.text).toSorted()
      const ours = names.filter((name) => matches(pattern, name, true)).toSorted()
      expect([pattern, ...found]).toEqual([pattern, ...ours])
    }
  })
})
