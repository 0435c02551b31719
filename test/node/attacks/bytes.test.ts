/** Bytes that no client would send: Wadi and redis-server answer the same, or hang up the same. */
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestServer } from '../../support/process.ts'
import { redisMissing, startRedis } from '../../support/redis.ts'
import { commands } from '../../support/server.ts'
import { startWadi } from '../../support/wadi.ts'

const missing = redisMissing()
const PASSWORD = 'hunter2'

const array = (...args: string[]) => String(commands(args))
const letters = 'a b c d e f g h i j'.split(' ')
const long = (length: number) => 'x'.repeat(length)

/** Before a client has logged in. */
const strangers: [about: string, bytes: string][] = [
  ['a command', array('GET', 'a')],
  ['ten arguments', array('MSET', ...letters.slice(0, 9))],
  ['eleven arguments', '*11\r\n'],
  ['very many arguments', '*2147483647\r\n'],
  ['more arguments than can be counted', '*99999999999\r\n'],
  ['an argument of 16384 bytes', array('AUTH', long(16384))],
  ['an argument of one byte more', '*2\r\n$4\r\nAUTH\r\n$16385\r\n'],
  ['a giant argument', '*2\r\n$4\r\nAUTH\r\n$536870912\r\n'],
  ['an argument that is too large for anybody', '*2\r\n$4\r\nAUTH\r\n$536870913\r\n'],
  ['an inline command of 16 KB', `AUTH ${long(16000)}\r\n`],
  ['a wrong password', array('AUTH', 'wrong')],
  ['a wrong user', array('AUTH', 'nobody', PASSWORD)],
  ['a wrong password in HELLO', array('HELLO', '3', 'AUTH', 'default', 'wrong')],
  ['a subscription', array('SUBSCRIBE', 'c')],
  ['a transaction', array('MULTI') + array('EXEC')],
  ['the configuration', array('CONFIG', 'GET', '*')],
  ['its way out', array('RESET') + array('QUIT')],
  ['eleven arguments after logging in', array('AUTH', PASSWORD) + array('DEL', ...letters)],
  [
    'eleven arguments after RESET',
    `${array('AUTH', PASSWORD)}${array('RESET')}*11\r\n$3\r\nDEL\r\n`,
  ],
]

/** From anybody. */
const anybody: [about: string, bytes: string][] = [
  ['a negative array', '*-5\r\n*1\r\n$4\r\nPING\r\n'],
  ['an empty array', '*0\r\n*1\r\n$4\r\nPING\r\n'],
  ['an array of too many', '*2147483648\r\n'],
  ['an array of no number', '*abc\r\n'],
  ['an array of a number with a blank', '* 1\r\n$4\r\nPING\r\n'],
  ['an array of a number with a plus', '*+1\r\n$4\r\nPING\r\n'],
  ['an array of a number with zeros', '*01\r\n$4\r\nPING\r\n'],
  ['an array of nothing', '*\r\n'],
  ['a bulk of a negative length', '*1\r\n$-1\r\n'],
  ['a bulk that is too long', '*1\r\n$536870913\r\n'],
  ['a bulk of a length that overflows', '*1\r\n$18446744073709551616\r\n'],
  ['a bulk of no number', '*1\r\n$x\r\n'],
  ['no bulk', '*1\r\n:1\r\n'],
  ['a bulk without its end', '*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n'],
  ['an array in an array', '*1\r\n*1\r\n$4\r\nPING\r\n'],
  ['an array without end', `*${long(65540)}`],
  ['a bulk without end', `*1\r\n$${long(65540)}`],
  ['an inline command without end', long(65540)],
  ['an unbalanced quote', 'SET "a\r\n'],
  ['a zero byte', 'PING\0\r\nPING\r\n'],
  ['lines of nothing', '\r\n\r\n\n\nPING\r\n'],
  ['bytes that are no text', '\xff\xfe\x80\x01\r\nPING\r\n'],
  ['a name of 200 bytes', array(long(200), 'a')],
  ['many long arguments of an unknown command', array('nope', ...Array(20).fill(long(50)))],
  ['an HTTP request', 'GET / HTTP/1.1\r\nAccept: */*\r\n\r\n'],
  ['an HTTP request with a host', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\nSET http 1\r\n'],
  ['an HTTP post', 'POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\nSET http 1\r\n'],
  ['an HTTP post in small letters', 'post / HTTP/1.1\r\n\r\nSET http 1\r\n'],
  ['a RESP array called POST', `${array('POST', '/')}${array('SET', 'http', '1')}`],
  ['what is left of HTTP', array('EXISTS', 'http')],
  ['the beginning of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\nPING\r\n'],
]

describe.skipIf(missing)(`hostile bytes${missing ? `: ${missing}` : ''}`, () => {
  let locked: TestServer[]
  let open: TestServer[]

  beforeAll(async () => {
    const args = ['--requirepass', PASSWORD]
    const wadi = ['--timeout', '0']
    locked = await Promise.all([startRedis({ args }), startWadi({ args })])
    open = await Promise.all([startRedis(), startWadi({ args: wadi })])
  })
  afterAll(() => Promise.all([...locked, ...open].map((server) => server.stop())))

  /** Sends bytes and the end of the connection; all that comes back until it is closed. */
  function send({ port }: TestServer, bytes: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1')
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(answer))
      socket.end(bytes, 'latin1')
    })
  }

  async function compare([redis, wadi]: TestServer[], bytes: string): Promise<void> {
    expect(await send(wadi!, bytes)).toBe(await send(redis!, bytes))
  }

  it.each(strangers)('of a stranger: %s', (_, bytes) => compare(locked, bytes))
  it.each(anybody)('of anybody: %s', (_, bytes) => compare(open, bytes))

  it('of HTTP are told to the operator', () => {
    for (const server of open)
      expect(server.output()).toContain('Possible SECURITY ATTACK detected')
    expect(open[1]!.output()).toMatch(/Connection from 127\.0\.0\.1:\d+ aborted\.\n/)
    // Once a minute, so that nobody fills the disk.
    expect(open[1]!.output().match(/SECURITY ATTACK/g)).toHaveLength(1)
  })

  it('of any kind leave the server as it was', async () => {
    for (const server of [...locked, ...open]) {
      expect(await send(server, array('AUTH', PASSWORD) + array('PING'))).toMatch(/\+PONG\r\n$/)
    }
  })
})
