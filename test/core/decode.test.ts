import { describe, expect, test } from 'vitest'
import { IncompleteReply, type Reply, ReplyDecoder, readText } from '../../host/core/decode.ts'
import { ReplyError } from '../../host/core/errors.ts'
import { Random, seed } from '../support/random.ts'

function decode(text: string | Uint8Array, asBytes = false): Reply {
  const bytes = new Uint8Array(Buffer.from(text as string))
  const decoder = new ReplyDecoder(readText)
  decoder.reset(bytes, 0, bytes.length)
  const reply = decoder.decode(asBytes)
  expect(decoder.position).toBe(bytes.length)
  return reply
}

describe('a reply becomes a value', () => {
  const cases: [string, string, Reply][] = [
    ['simple string', '+OK\r\n', 'OK'],
    ['longer simple string', '+QUEUED\r\n', 'QUEUED'],
    ['bulk string', '$5\r\nhello\r\n', 'hello'],
    ['empty bulk string', '$0\r\n\r\n', ''],
    ['text with a mark of the byte order', '$4\r\n\ufeffb\r\n', '\ufeffb'],
    ['text of several bytes a character', '$7\r\nschön!\r\n', 'schön!'],
    ['integer', ':42\r\n', 42],
    ['negative integer', ':-7\r\n', -7],
    ['zero', ':0\r\n', 0],
    ['integer beyond exact doubles', ':9223372036854775807\r\n', 9223372036854775807n],
    ['lowest integer', ':-9223372036854775808\r\n', -9223372036854775808n],
    ['null of RESP2', '$-1\r\n', null],
    ['null array of RESP2', '*-1\r\n', null],
    ['null of RESP3', '_\r\n', null],
    ['true', '#t\r\n', true],
    ['false', '#f\r\n', false],
    ['double', ',3.25\r\n', 3.25],
    ['infinity', ',inf\r\n', Infinity],
    ['negative infinity', ',-inf\r\n', -Infinity],
    ['big number', '(123456789012345678901234567890\r\n', 123456789012345678901234567890n],
    ['verbatim text', '=8\r\ntxt:some\r\n', 'some'],
    ['array', '*3\r\n:1\r\n$1\r\na\r\n*0\r\n', [1, 'a', []]],
    ['set', '~2\r\n+a\r\n+b\r\n', ['a', 'b']],
    ['push', '>2\r\n+message\r\n+b\r\n', ['message', 'b']],
    ['attributes are skipped', '|1\r\n+ttl\r\n:9\r\n:5\r\n', 5],
  ]
  test.each(cases)('%s', (_, wire, value) => {
    expect(decode(wire)).toEqual(value)
  })

  test('NaN', () => expect(decode(',nan\r\n')).toBeNaN())

  test('a map is an object that inherits nothing', () => {
    const map = decode('%2\r\n+a\r\n:1\r\n+__proto__\r\n:2\r\n')
    expect(Object.getPrototypeOf(map)).toBeNull()
    expect(Object.entries(map as object)).toEqual([
      ['a', 1],
      ['__proto__', 2],
    ])
  })

  test('in bytes mode text stays bytes and a map is a Map', () => {
    const wire = Buffer.from([
      ...Buffer.from('%1\r\n$1\r\n'),
      0xff,
      ...Buffer.from('\r\n$2\r\nab\r\n'),
    ])
    const map = decode(wire, true) as Map<Uint8Array, Uint8Array>
    expect([...map]).toEqual([[Uint8Array.of(0xff), Uint8Array.from(Buffer.from('ab'))]])
  })

  test('an error is a value with a code', () => {
    const error = decode('-WRONGTYPE Operation against a key\r\n') as ReplyError
    expect(error).toBeInstanceOf(ReplyError)
    expect([error.code, error.message]).toEqual(['WRONGTYPE', 'WRONGTYPE Operation against a key'])
  })

  test('a bulk error', () => expect(decode('!9\r\nERR wrong\r\n')).toBeInstanceOf(ReplyError))
})

test(`a reply cut anywhere is incomplete (seed ${seed})`, () => {
  const random = new Random()
  const wire = (depth: number): string => {
    const kind = random.below(depth > 3 ? 5 : 8)
    const items = (count: number) => Array.from({ length: count }, () => wire(depth + 1)).join('')
    const count = random.below(4)
    switch (kind) {
      case 0:
        return `:${random.between(-1000, 1000)}\r\n`
      case 1:
        return `$${count * 5}\r\n${'x\r\nyz'.repeat(count)}\r\n`
      case 2:
        return '_\r\n'
      case 3:
        return ',1.5\r\n'
      case 4:
        return '=6\r\ntxt:ab\r\n'
      case 5:
        return `%${count}\r\n${`+f\r\n${wire(depth + 1)}`.repeat(count)}`
      case 6:
        return `~${count}\r\n${items(count)}`
      default:
        return `*${count}\r\n${items(count)}`
    }
  }
  for (let round = 0; round < 200; round++) {
    const text = wire(0)
    decode(text)
    for (let cut = 0; cut < text.length; cut++) {
      expect(() => decode(text.slice(0, cut))).toThrow(IncompleteReply)
    }
  }
})

test('a reply nested without end is refused', () => {
  expect(() => decode('*1\r\n'.repeat(100_000))).toThrow('nested deeper')
})
