import { describe, expect, test } from 'vitest'
import {
  CommandEncoder,
  encodeCommand,
  type TextWriter,
  writeText,
} from '../../host/core/encode.ts'
import { nodeRuntime } from '../../host/node/runtime.ts'
import { Random, seed } from '../support/random.ts'

/** What RESP says a command looks like. */
function expected(args: (string | Uint8Array)[]): string {
  const parts = args.map((arg) => Buffer.from(arg as string))
  return `*${parts.length}\r\n${parts.map((p) => `$${p.length}\r\n${p.toString('latin1')}\r\n`).join('')}`
}

const writers: [string, TextWriter][] = [
  ['TextEncoder', writeText],
  ['Buffer', nodeRuntime().writeText],
]

describe.each(writers)('with %s', (_, write) => {
  const encode = (...args: (string | number | bigint | Uint8Array)[]) =>
    Buffer.from(encodeCommand(args, write)).toString('latin1')

  test.each([
    ['ASCII', ['SET', 'key', 'value']],
    ['empty text', ['SET', '', '']],
    ['ten characters', ['ECHO', '0123456789']],
    ['text longer than the loop takes', ['ECHO', 'x'.repeat(1000)]],
    ['other letters', ['ECHO', 'Grüße']],
    ['a length that takes one more digit in UTF-8', ['ECHO', 'ü'.repeat(7)]],
    ['a length that takes two more digits in UTF-8', ['ECHO', '世'.repeat(40)]],
    ['a last letter that is not ASCII', ['ECHO', `${'a'.repeat(98)}é`]],
    ['pairs of surrogates', ['ECHO', '😀😀']],
    ['a lone surrogate', ['ECHO', '\ud800']],
    ['bytes', ['ECHO', Uint8Array.of(0, 255, 13, 10)]],
  ])('%s', (_name, args) => {
    expect(encode(...args)).toBe(expected(args))
  })

  test.each([
    [1, '1'],
    [-1.5, '-1.5'],
    [123456789012345678901234567890n, '123456789012345678901234567890'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
  ])('the number %s is written as %s', (number, text) => {
    expect(encode('INCRBY', 'k', number)).toBe(expected(['INCRBY', 'k', text]))
  })

  test(`never writes behind its end, and says when there is no room (seed ${seed})`, () => {
    const random = new Random()
    const encoder = new CommandEncoder(write)
    for (let round = 0; round < 2000; round++) {
      const args = Array.from({ length: random.between(1, 4) }, () =>
        ['a', 'é', '世', 'ab'][random.below(4)]!.repeat(random.below(60)),
      )
      const room = random.below(400)
      const bytes = new Uint8Array(500).fill(0xee)
      const end = encoder.encode(bytes, 0, room, args)
      expect(bytes.subarray(room).every((byte) => byte === 0xee)).toBe(true)
      if (end >= 0)
        expect(Buffer.from(bytes.subarray(0, end)).toString('latin1')).toBe(expected(args))
      else expect(expected(args).length + 64 * args.length).toBeGreaterThan(room)
    }
  })
})
