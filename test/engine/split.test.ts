/**
 * Where a stream of commands is cut does not matter, and no input harms: every cut gives the same
 * replies, protocol errors are those of redis-server, garbage never traps.
 */
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest'
import { families, randomStream } from '../differential/random/generator.ts'
import { newEngine, Wire } from '../support/engine.ts'
import type { TestServer } from '../support/process.ts'
import { Random, seed } from '../support/random.ts'
import { redisMissing, startRedis } from '../support/redis.ts'
import { Connection, encode, readable } from '../support/resp.ts'

const random = new Random()

/** What a new engine answers to these pieces. */
function replies(pieces: readonly Buffer[], atOnce = false): string {
  const wire = new Wire(newEngine())
  for (const piece of pieces) {
    if (atOnce) wire.receiveAtOnce(piece)
    else wire.receive(piece)
  }
  return wire.answer.bytes.toString('latin1')
}

/** The stream in pieces of a random length, most of them short. */
function cut(stream: Buffer, longest: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < stream.length;) {
    const length = 1 + random.below(random.once(3) ? longest : Math.min(longest, 40))
    pieces.push(stream.subarray(at, at + length))
    at += length
  }
  return pieces
}

const bulk = (length: number) => Buffer.from(random.bytes(length))

/** All ways to write a command: arrays, inline lines, empty ones, big and binary arguments. */
function mixture(length: number): Buffer {
  const parts: Buffer[] = []
  for (const { command } of randomStream(random, random.pick(families), length)) {
    switch (random.below(12)) {
      case 0:
        parts.push(Buffer.from(random.pick(['\r\n', '*0\r\n', '*-1\r\n', '  \r\n', '\n'])))
        break
      case 1:
        parts.push(Buffer.from(random.pick(['PING\r\n', 'set k "a\\x00b"\n', "ECHO 'it''s'\r\n"])))
        break
      case 2:
        parts.push(encode(['SET', `big${random.below(3)}`, bulk(random.below(300))]))
        break
      default:
    }
    parts.push(encode(command))
  }
  return Buffer.concat(parts)
}

const EVERY_FORM = Buffer.concat([
  encode(['SET', 'key', 'value']),
  Buffer.from('GET key\r\nSET "q\\x41\\n" \'a b\'\nGET "q\\x41\\n"\r\n\r\n*0\r\n'),
  encode(['MULTI']),
  encode(['APPEND', 'key', 'x'.repeat(120)]),
  encode(['HELLO', '3']),
  encode(['EXEC']),
  encode(['GET', 'none']),
  Buffer.from('*2\r\n$0004\r\nECHO\r\n$+2\r\n'),
])

describe('a stream that is cut', () => {
  it('answers alike for a cut at every position', () => {
    const whole = replies([EVERY_FORM])
    for (let at = 1; at < EVERY_FORM.length; at++) {
      const pieces = [EVERY_FORM.subarray(0, at), EVERY_FORM.subarray(at)]
      assert(replies(pieces) === whole, `a cut at ${at} changes the replies`)
    }
  })

  it('answers alike byte by byte', () => {
    const pieces = Array.from(EVERY_FORM, (byte) => Buffer.of(byte))
    expect(replies(pieces)).toBe(replies([EVERY_FORM]))
  })

  it(`answers alike for random cuts of random commands, seed ${seed}`, () => {
    for (let round = 0; round < 12; round++) {
      const stream = mixture(400)
      const whole = replies([stream])
      for (const longest of [7, 100, 20_000, 70_000]) {
        assert(replies(cut(stream, longest)) === whole, `round ${round}, up to ${longest} bytes`)
      }
      assert(replies([stream], true) === whole, `round ${round}, at once`)
      assert(replies(cut(stream, 30_000), true) === whole, `round ${round}, buffers`)
    }
  })

  it(`answers alike for big values cut anywhere, seed ${seed}`, () => {
    const sizes = [16_380, 16_384, 16_390, 65_500, 65_536, 70_000, 200_000, 1_000_000]
    const stream = Buffer.concat(
      sizes.flatMap((size) => [
        encode(['SET', `v${size}`, bulk(size)]),
        encode(['STRLEN', `v${size}`]),
        encode(['MSET', 'a', bulk(40), `w${size}`, bulk(size), 'b', bulk(40)]),
        encode(['GET', `w${size}`]),
      ]),
    )
    const whole = replies([stream])
    for (const longest of [3000, 65_536, 65_537, 300_000]) {
      for (let i = 0; i < 3; i++) {
        assert(replies(cut(stream, longest)) === whole, `up to ${longest} bytes`)
      }
    }
    assert(replies([stream], true) === whole, 'at once')
  })

  it('a reply larger than all buffers leaves whole', () => {
    const value = bulk(3_000_000)
    const stream = Buffer.concat([
      encode(['SET', 'v', value]),
      ...Array.from({ length: 5 }, () => encode(['GET', 'v'])),
      encode(['PING']),
    ])
    const got = Buffer.from(replies([stream]), 'latin1')
    const one = Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')])
    const wanted = [Buffer.from('+OK\r\n'), one, one, one, one, one, Buffer.from('+PONG\r\n')]
    expect(got.equals(Buffer.concat(wanted))).toBe(true)
  })
})

const line = (length: number) => 'x'.repeat(length)

/** Input that breaks the protocol, or nearly. */
const HOSTILE: Record<string, string> = {
  'a length that is no number': '*x\r\nPING\r\n',
  'no length': '*\r\n',
  'a length with a space': '* 1\r\n$4\r\nPING\r\n',
  'a length with a plus': '*+1\r\n$4\r\nPING\r\n',
  'a length with zeros': '*01\r\n$4\r\nPING\r\n',
  'a length ended by LF': '*1\n$4\nPING\n',
  'a length with CR alone': '*1\rx$4\r\nPING\r\n',
  'too many arguments': '*2147483648\r\n$4\r\nPING\r\n',
  'the most arguments': '*2147483647\r\n$4\r\nPING\r\n',
  'a million arguments and one': '*1048577\r\n$4\r\nPING\r\n',
  'arguments beyond 64 bits': '*99999999999999999999\r\n',
  'negative arguments': '*-5\r\nPING\r\n',
  'the least arguments': '*-9223372036854775808\r\nPING\r\n',
  'beyond the least arguments': '*-9223372036854775809\r\nPING\r\n',
  'a bulk of length -1': '*1\r\n$-1\r\n',
  'a bulk without a length': '*1\r\n$\r\n',
  'a bulk length that is no number': '*1\r\n$x\r\n',
  'a bulk over 512 MB': '*1\r\n$536870913\r\n',
  'a bulk of 512 MB': '*1\r\n$536870912\r\n',
  'a bulk beyond 64 bits': '*1\r\n$99999999999999999999\r\n',
  'an integer for a bulk': '*1\r\n:1\r\n',
  'a word for a bulk': '*2\r\nPING\r\n',
  'an empty line for a bulk': '*1\r\n\r\n',
  'a nul for a bulk': '*1\r\n\0\r\n',
  'a bulk that is longer than it says': '*1\r\n$4\r\nPINGPONG\r\n',
  'a bulk without its end': '*1\r\n$4\r\nPINGxxPING\r\n',
  'a bulk for a command': '$4\r\nPING\r\n',
  'a simple string for a command': '+PING\r\n',
  'a double quote that stays open': 'PING "abc\r\n',
  'a single quote that stays open': "PING 'abc\r\n",
  'text behind a quote': 'PING "a"b\r\n',
  'text behind a single quote': "PING 'a'b\r\n",
  'a quote inside a word': 'PING a"b c"\r\n',
  'quotes with escapes': 'ECHO "\\x41\\n\\t\\r\\b\\a\\q\\x4"\r\n',
  'an escape at the end': 'ECHO "abc\\"\r\n',
  'a single quote escaped': "ECHO 'it\\'s'\r\n",
  'empty quotes': 'ECHO ""\r\n',
  'an empty command name': '""\r\n',
  'spaces and tabs around words': ' \t ECHO \t a\t\r\n',
  'a vertical tab between words': 'ECHO\va\fb\r\n',
  'a nul between words': 'ECHO\0a b\r\n',
  'inline commands ended by LF': 'PING\nPING\n',
  'an inline command with CR inside': 'ECHO a\rb\r\n',
  'empty lines': '\r\n\n\r\n  \r\nPING\r\n',
  'an inline command of 64 KB and no end': line(65_537),
  'an inline command of 64 KB less one': `${line(65_533)}\r\n`,
  'an inline command of 70 KB and no end': line(70_000),
  'an array length of 64 KB': `*${'1'.repeat(65_537)}`,
  'a bulk length of 64 KB': `*1\r\n$${'1'.repeat(65_537)}`,
  'commands behind an error': '*1\r\n$4\r\nPING\r\n*x\r\n*1\r\n$4\r\nPING\r\n',
  'a POST request': 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n',
  'a Host line': 'Host: localhost\r\nPING\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\nPING\r\n',
  'all bytes': `${String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))}\r\nPING\r\n`,
  'a wrong type in a deep pipeline': `${'*1\r\n$4\r\nPING\r\n'.repeat(50)}*1\r\n%4\r\n`,
}

const missing = redisMissing()

describe.skipIf(missing)(`hostile input${missing ? `: ${missing}` : ''}`, () => {
  let server: TestServer
  let control: Connection

  beforeAll(async () => {
    server = await startRedis()
    control = await Connection.connect(server.port)
  })
  afterAll(async () => {
    control.close()
    await server.stop()
  })

  /** What redis-server answers; it has had four turns of its loop for that. */
  async function reference(input: Buffer): Promise<{ replies: string; closes: boolean }> {
    const connection = await Connection.connect(server.port)
    connection.write(input)
    for (let turn = 0; turn < 4; turn++) {
      await control.exchange([['PING']])
      await new Promise((resolve) => setImmediate(resolve))
    }
    const answer = { replies: connection.take().join(''), closes: connection.closed }
    connection.close()
    return answer
  }

  for (const [name, text] of Object.entries(HOSTILE)) {
    it(`${name} is answered as by redis-server, whole and in pieces`, async () => {
      const input = Buffer.from(text, 'latin1')
      const expected = await reference(input)
      const pieces = [[input], cut(input, 20), cut(input, 5000)]
      for (const parts of pieces) {
        const wire = new Wire(newEngine())
        for (const part of parts) wire.receive(part)
        const { bytes, closes } = wire.answer
        expect({ replies: readable(bytes, bytes.length), closes }).toEqual(expected)
      }
    })
  }
})

describe('garbage', () => {
  const engine = newEngine()

  /** Feeds it in pieces; the engine must go on serving others afterwards. */
  function survives(input: Buffer): void {
    const wire = new Wire(engine)
    for (const piece of cut(input, 2000)) wire.receive(piece)
    wire.close()
    const next = new Wire(engine)
    next.receive(Buffer.from('PING\r\n'))
    expect(next.answer.bytes.toString()).toBe('+PONG\r\n')
    next.close()
  }

  it(`of random bytes never traps, seed ${seed}`, () => {
    for (let i = 0; i < 400; i++) survives(bulk(random.below(3000)))
  })

  it(`of random protocol characters never traps, seed ${seed}`, () => {
    for (let i = 0; i < 400; i++) {
      survives(
        Buffer.from(random.text(random.below(3000), '*$:+-0123456789\r\n\r\n\r\n "\'\\xGET')),
      )
    }
  })

  it(`made of damaged commands never traps, seed ${seed}`, () => {
    for (let i = 0; i < 300; i++) {
      const stream = mixture(60)
      for (let damage = random.between(1, 8); damage > 0; damage--) {
        const at = random.below(stream.length)
        if (random.once(2)) stream[at] = random.below(256)
        else stream.copyWithin(at, random.below(stream.length), stream.length)
      }
      survives(stream)
    }
  })
})
