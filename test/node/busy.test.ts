/**
 * A script that runs for too long, on redis-server and on Wadi: what the others hear, and how it ends. The same
 * dance is danced on both, and what everybody heard is compared.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { LOOP, starts, untilBusy } from '../support/busy.ts'
import { parseLine } from '../support/command-line.ts'
import type { TestServer } from '../support/process.ts'
import { redisMissing } from '../support/redis.ts'
import { Connection, encode, type Command } from '../support/resp.ts'

const LIBRARY = `#!lua name=l
redis.register_function('loop', function() while true do end end)
redis.register_function('write', function() redis.call('SET', 'a', '1') while true do end end)`

/** Bytes as they are, and how many replies they have. */
interface Raw {
  bytes: Buffer
  replies: number
}

const raw = (text: string, replies = 0): Raw => ({ bytes: Buffer.from(text), replies })

/** Who says something, and what: commands of one write. */
type Step = readonly [who: number, ...commands: (string | Command | Raw)[]]

interface Dance {
  name: string
  before?: readonly Step[]
  /** What the first one runs without end. */
  script: Command
  busy: readonly Step[]
  /** Once the first one has its reply. */
  after?: readonly Step[]
}

const KILL: Step = [3, 'SCRIPT KILL']
const FUNCTION_KILL: Step = [3, 'FUNCTION KILL']
const load: Step = [3, ['FUNCTION', 'LOAD', LIBRARY]]

const dances: readonly Dance[] = [
  {
    name: 'commands are refused, wrong ones too, and what is allowed runs',
    script: LOOP,
    busy: [
      [1, 'PING', 'GET a', 'SET a 1', 'NOSUCH', 'GET', 'SCRIPT', 'SCRIPT EXISTS x', 'SCRIPT HELP'],
      [1, 'WATCH a', 'UNWATCH', 'RESET', 'AUTH x', 'AUTH a b', 'INFO', 'CLIENT ID', 'CONFIG GET x'],
      [2, 'SUBSCRIBE a', 'MONITOR', 'EVAL x 0', 'FCALL f 0', 'FUNCTION LIST', 'COMMAND', 'ECHO x'],
      [2, 'FUNCTION KILL', 'FUNCTION STATS', 'CLIENT KILL ID 1', 'DEBUG SLEEP 0', 'HELLO 4'],
      [2, 'SHUTDOWN', 'SHUTDOWN NOW', 'SHUTDOWN x', 'SHUTDOWN ABORT', 'SHUTDOWN SAVE NOSAVE'],
      KILL,
    ],
    after: [
      [0, 'PING'],
      [1, 'PING', 'GET a'],
      [2, 'PING'],
      [3, 'SCRIPT KILL', 'FUNCTION KILL', 'FUNCTION STATS'],
    ],
  },
  {
    name: 'a transaction fails, begun before or meanwhile',
    before: [
      [1, 'MULTI', 'SET a 1'],
      [2, 'MULTI', 'SET b 1'],
    ],
    script: LOOP,
    busy: [
      [1, 'SET a 2'],
      [2, 'EXEC', 'EXEC'],
      [3, 'MULTI', 'SET c 1', 'EXEC', 'MULTI', 'DISCARD', 'MULTI', 'EXEC', 'EXEC'],
      KILL,
    ],
    after: [
      [1, 'EXEC', 'MGET a b c'],
      [2, 'EXEC'],
    ],
  },
  {
    name: 'a transaction that holds the script goes on after it',
    before: [[0, 'MULTI', 'SET a 1', LOOP, 'SET b 2']],
    script: ['EXEC'],
    busy: [[1, 'GET a'], KILL],
    after: [[1, 'MGET a b']],
  },
  {
    name: 'a function',
    before: [load],
    script: ['FCALL', 'loop', '1', 'key', 'argument'],
    busy: [[1, 'GET a', 'SCRIPT KILL', 'FUNCTION STATS', 'MULTI', 'GET a', 'EXEC'], FUNCTION_KILL],
    after: [[1, 'FUNCTION STATS', 'FUNCTION DELETE l']],
  },
  {
    name: 'a function, in RESP3',
    before: [load, [1, 'HELLO 3']],
    script: ['FCALL', 'loop', '0'],
    busy: [[1, 'FUNCTION STATS', 'GET a'], FUNCTION_KILL],
    after: [[1, 'FUNCTION STATS', 'FUNCTION DELETE l']],
  },
  {
    name: 'the line in which the error was caught is finished',
    script: ['EVAL', 'local t = {pcall(function() while true do end end)} return t[2]', '0'],
    busy: [KILL],
  },
  {
    name: 'no pcall outlives that line',
    script: ['EVAL', 'while true do\n pcall(function()\n  while true do end\n end)\nend', '0'],
    busy: [KILL],
  },
  {
    name: 'a search in a text, a coroutine, a loop of calls',
    script: [
      'EVAL',
      "for i = 1, 1e9 do string.find(string.rep('a', 100), '.-b') redis.call('GET', 'a') end",
      '0',
    ],
    busy: [[1, 'GET a'], KILL],
  },
  {
    name: 'in a coroutine',
    script: ['EVAL', 'return coroutine.wrap(function() while true do end end)()', '0'],
    busy: [[1, 'GET a'], KILL],
  },
  {
    name: 'users',
    before: [
      [3, 'ACL SETUSER bob on >pw ~a* +get +multi +exec +discard'],
      [3, 'ACL SETUSER eve on >pw +@all -script -function ~*'],
      [1, 'AUTH bob pw'],
      [2, 'AUTH eve pw'],
    ],
    script: LOOP,
    busy: [
      [1, 'GET a', 'GET b', 'PING', 'MULTI', 'GET b', 'EXEC'],
      [2, 'SCRIPT KILL', 'FUNCTION STATS', 'AUTH bob no', 'AUTH bob pw', 'PING'],
      KILL,
    ],
    after: [[3, 'ACL DELUSER bob eve']],
  },
  {
    name: 'listeners',
    before: [
      [1, 'SUBSCRIBE news'],
      [2, 'HELLO 3', raw('SUBSCRIBE news\r\n'), 'PING'],
    ],
    script: ['EVAL', "redis.call('PUBLISH', 'news', 'x') while true do end", '0'],
    busy: [[1, 'PING', 'GET a'], [2, 'PING', 'GET a'], KILL],
    after: [
      [1, 'PING'],
      [1, 'RESET'],
    ],
  },
  {
    name: 'who waits goes on waiting',
    before: [[1, 'RPUSH other x']],
    script: LOOP,
    busy: [[2, 'BLPOP list 0'], KILL],
    after: [[3, 'RPUSH list x', 'LRANGE other 0 -1']],
  },
  {
    name: 'who had written half a command',
    before: [[1, 'PING', raw('*2\r\n$3\r\nGE')]],
    script: LOOP,
    busy: [[1, raw('T\r\n$1\r\na\r\nPING\r\n*1\r\n$4\r\nPI', 2)], KILL],
    after: [[1, raw('NG\r\n', 1)]],
  },
  {
    name: 'who breaks the protocol',
    script: LOOP,
    busy: [[1, 'PING', raw('*1\r\n!\r\n', 1)], KILL],
  },
  {
    name: 'a pipeline',
    script: LOOP,
    busy: [[1, ...Array.from({ length: 3000 }, (_, i) => `NOSUCH${i} ${'x'.repeat(100)}`)], KILL],
    after: [[1, 'PING']],
  },
  {
    name: 'a script that has written',
    script: ['EVAL', "redis.call('SET', 'a', '1') for i = 1, 6e7 do end return 7", '0'],
    busy: [[1, 'SCRIPT KILL', 'FUNCTION KILL', 'GET a']],
    after: [[1, 'GET a']],
  },
]

/** Both of them, with four who are connected to each. */
class Stage {
  readonly server: TestServer
  clients: Connection[] = []

  constructor(server: TestServer) {
    this.server = server
  }

  async open(): Promise<void> {
    this.clients = await Promise.all([0, 1, 2, 3].map(() => Connection.connect(this.server.port)))
    const watcher = await this.watcher()
    await watcher.exchange([['FLUSHALL'], ['FUNCTION', 'FLUSH']])
    watcher.close()
    // Who is not accepted yet is not heard.
    for (const client of this.clients) await client.call('PING')
  }

  async watcher(): Promise<Connection> {
    const watcher = await Connection.connect(this.server.port)
    // It may still be loading.
    while ((await watcher.call('PING')).isError);
    return watcher
  }

  /** What everybody heard, a line each time. */
  async dance({ before = [], script, busy, after = [] }: Dance): Promise<string[]> {
    await this.open()
    const watcher = await this.watcher()
    const heard: string[] = []
    for (const step of before) heard.push(await this.step(step))
    const caller = this.clients[0]!
    caller.write(encode(script))
    await untilBusy(watcher)
    for (const step of busy) heard.push(await this.step(step))
    heard.push(`script: ${(await caller.replies(1)).map(plain).join(' ')}`)
    for (const step of after) heard.push(await this.step(step))
    for (const [i, client] of this.clients.entries())
      heard.push(`${i}: ${client.take().map(plain).join(' ')}`)
    for (const client of [watcher, ...this.clients]) client.close()
    return heard
  }

  async step([who, ...commands]: Step): Promise<string> {
    const client = this.clients[who]!
    const said = commands.map((each) => {
      if (typeof each === 'object' && 'bytes' in each) return each
      return { bytes: encode(typeof each === 'string' ? parseLine(each) : each), replies: 1 }
    })
    client.write(Buffer.concat(said.map(({ bytes }) => bytes)))
    const replies = await client.replies(said.reduce((sum, { replies }) => sum + replies, 0))
    return `${who}: ${replies.map(plain).join(' ')}`
  }
}

/** A reply without what differs between the versions, and between two runs. */
function plain(reply: { bytes: Buffer }): string {
  return reply.bytes
    .toString('latin1')
    .replaceAll(/(NOPERM) .*?\r\n/g, '$1\r\n')
    .replaceAll(/(duration_ms\r\n:)\d+/g, '$1')
    .replaceAll(/(version\r\n).*?\r\n.*?\r\n/g, '$1')
    .replaceAll(/(\$2\r\nid\r\n:)\d+/g, '$1')
}

const missing = redisMissing()

describe.skipIf(missing)('as on redis-server', () => {
  const stages: Stage[] = []

  beforeAll(async () => {
    stages.push(
      ...(await Promise.all([starts.redis(), starts.wadi()])).map((each) => new Stage(each)),
    )
  })
  afterAll(() => Promise.all(stages.map(({ server }) => server.stop())))

  it.each(dances)('$name', async (dance) => {
    const [expected, got] = await Promise.all(stages.map((stage) => stage.dance(dance)))
    expect(got).toEqual(expected)
  })

  it('a hundred are told', async () => {
    const told = await Promise.all(
      stages.map(async (stage) => {
        await stage.open()
        const crowd = await Promise.all(Array.from({ length: 100 }, () => stage.watcher()))
        stage.clients[0]!.write(encode(LOOP))
        await untilBusy(crowd[0]!)
        const replies = await Promise.all(
          crowd.map((each) => each.exchange([['PING'], ['GET', 'a']])),
        )
        await stage.clients[1]!.call('SCRIPT', 'KILL')
        await stage.clients[0]!.replies(1)
        const again = await Promise.all(crowd.map((each) => each.call('PING')))
        for (const each of [...crowd, ...stage.clients]) each.close()
        return [...replies.flat(), ...again].map(plain)
      }),
    )
    expect(told[1]).toEqual(told[0])
    expect(new Set(told[1]).size).toBe(2)
  })

  it('who goes meanwhile is gone afterwards', async () => {
    await Promise.all(
      stages.map(async (stage) => {
        await stage.open()
        const sockets = await Promise.all([0, 1, 2].map(() => rawSocket(stage.server.port)))
        const [ends, breaks, speaks] = sockets as [net.Socket, net.Socket, net.Socket]
        const before = await countClients(stage.clients[1]!)
        stage.clients[0]!.write(encode(LOOP))
        await untilBusy(stage.clients[1]!)
        ends.end()
        breaks.resetAndDestroy()
        speaks.end('PING\r\n')
        // What is said after that comes later than what they did.
        await stage.clients[2]!.call('PING')
        await stage.clients[2]!.call('SCRIPT', 'KILL')
        await stage.clients[0]!.replies(1)
        while ((await countClients(stage.clients[1]!)) > before - 3);
        for (const each of stage.clients) each.close()
      }),
    )
  })

  it('who does not read what it is told gets it later, in order', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, i) => `NOSUCH${i} ${'x'.repeat(100)}\r\n`,
    ).join('')
    const heard = await Promise.all(
      stages.map(async (stage) => {
        await stage.open()
        const socket = await rawSocket(stage.server.port)
        socket.pause()
        stage.clients[0]!.write(encode(LOOP))
        await untilBusy(stage.clients[1]!)
        socket.write(lines)
        for (let i = 0; i < 20; i++) await stage.clients[2]!.call('PING')
        await stage.clients[2]!.call('SCRIPT', 'KILL')
        await stage.clients[0]!.replies(1)
        let text = ''
        socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
        socket.resume()
        socket.write('ECHO end\r\n')
        while (!text.endsWith('$3\r\nend\r\n')) await new Promise((next) => setImmediate(next))
        socket.destroy()
        for (const each of stage.clients) each.close()
        return text
      }),
    )
    expect(heard[1] === heard[0]).toBe(true)
  })

  it('ioredis', async () => {
    for (const { server } of stages) {
      const [caller, other] = [0, 1].map(() => new Redis(server.port, '127.0.0.1'))
      await Promise.all([caller!.ping(), other!.ping()])
      const outcome = caller!.eval('while true do end', 0).catch(String)
      const told = async () => other!.get('a').catch(String)
      while (!String(await told()).includes('BUSY Redis is busy running a script.'));
      expect(await other!.script('KILL')).toBe('OK')
      expect(await outcome).toContain('Script killed by user with SCRIPT KILL')
      expect(await other!.ping()).toBe('PONG')
      caller!.disconnect()
      other!.disconnect()
    }
  })

  it('redis-cli that was connected before', async () => {
    for (const stage of stages) {
      await stage.open()
      const cli = spawn('redis-cli', ['-p', String(stage.server.port)])
      onTestFinished(() => void cli.kill())
      let said = ''
      cli.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const says = async (line: string, answer: string) => {
        cli.stdin.write(`${line}\n`)
        while (!said.includes(answer)) await new Promise((next) => setImmediate(next))
        said = ''
      }
      await says('PING', 'PONG')
      stage.clients[0]!.write(encode(LOOP))
      await untilBusy(stage.clients[1]!)
      await says('GET a', 'BUSY Redis is busy running a script.')
      await says('SCRIPT KILL', 'OK')
      expect((await stage.clients[0]!.replies(1))[0]!.text).toContain('Script killed')
      cli.stdin.end()
      for (const each of stage.clients) each.close()
    }
  })
})

describe('SHUTDOWN NOSAVE in the middle of a script that has written', () => {
  const sides = missing ? (['wadi'] as const) : (['redis', 'wadi'] as const)

  it.each(sides)('%s: what was acknowledged is kept, the script is not', async (side) => {
    const data = mkdtempSync(join(tmpdir(), 'wadi-busy-'))
    onTestFinished(() => rmSync(data, { recursive: true, force: true }))
    const args = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', data]
    const stage = new Stage(await starts[side]({ args }))
    await stage.open()
    const [caller, other, blocked] = stage.clients as [Connection, Connection, Connection]
    await other.call('SET', 'kept', '1')
    blocked.write(encode(['BLPOP', 'list', '0']))
    for (const command of [['MULTI'], ['SET', 'also', '1']]) await caller.call(...command)
    const script =
      "redis.call('SET', 'half', '1') redis.call('RPUSH', 'list', 'x') while true do end"
    await caller.call('EVAL', script, '0')
    await caller.call('SET', 'later', '1')
    caller.write(encode(['EXEC']))
    await untilBusy(other)
    expect((await other.call('SCRIPT', 'KILL')).text).toMatch(/^UNKILLABLE/)
    expect((await other.call('SHUTDOWN')).text).toMatch(/^BUSY/)
    other.write(encode(['SHUTDOWN', 'NOSAVE']))
    expect(await Promise.all(stage.clients.map((each) => each.closing(10_000)))).not.toContain(
      false,
    )
    expect(stage.clients.flatMap((each) => each.take().map(String))).toEqual([])
    await stage.server.stop()

    const again = new Stage(await starts[side]({ args }))
    onTestFinished(() => again.server.stop())
    const client = await again.watcher()
    const found = await client.call('MGET', 'kept', 'also', 'half', 'later')
    expect(found.items.map((item) => item.text)).toEqual(['1', '', '', ''])
    expect((await client.call('EXISTS', 'list')).text).toBe('0')
    client.close()
  })
})

describe('of Wadi alone', () => {
  let stage: Stage
  beforeAll(async () => {
    const data = mkdtempSync(join(tmpdir(), 'wadi-busy-'))
    const aof = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', data]
    stage = new Stage(await starts.wadi({ args: [...aof, '--unixsocket', join(data, 'socket')] }))
    await stage.open()
    return () => rmSync(data, { recursive: true, force: true })
  })
  afterAll(() => stage.server.stop())

  it('where replies wait for the disk, others are told as well, and writes go on afterwards', async () => {
    const [caller, first, second] = stage.clients as [Connection, Connection, Connection]
    await first.call('SET', 'a', '1')
    caller.write(encode(LOOP))
    await untilBusy(second)
    expect((await first.call('SET', 'a', '2')).text).toMatch(/^BUSY/)
    await second.call('SCRIPT', 'KILL')
    await caller.replies(1)
    expect((await first.call('SET', 'a', '3')).text).toBe('OK')
  })

  it('who comes through the Unix socket is heard', async () => {
    const [caller, other] = stage.clients as [Connection, Connection]
    const path = (await other.call('CONFIG', 'GET', 'unixsocket')).items[1]!.text
    const socket = net.connect(path)
    onTestFinished(() => void socket.destroy())
    const says = (line: string) =>
      new Promise<string>((resolve) => {
        socket.once('data', (chunk) => resolve(String(chunk)))
        socket.write(`${line}\r\n`)
      })
    expect(await says('PING')).toBe('+PONG\r\n')
    caller.write(encode(LOOP))
    await untilBusy(other)
    expect(await says('PING')).toMatch(/^-BUSY/)
    expect(await says('SCRIPT KILL')).toBe('+OK\r\n')
    await caller.replies(1)
  })

  it('who connects meanwhile is not heard before the script has ended', async () => {
    const [caller, other] = stage.clients as [Connection, Connection]
    caller.write(encode(LOOP))
    await untilBusy(other)
    const late = await Connection.connect(stage.server.port)
    late.write(encode(['SCRIPT', 'KILL']))
    for (let i = 0; i < 10; i++) expect((await other.call('PING')).text).toMatch(/^BUSY/)
    expect(late.arrived).toBe(0)
    await other.call('SCRIPT', 'KILL')
    await caller.replies(1)
    expect((await late.replies(1))[0]!.text).toMatch(/^NOTBUSY/)
    late.close()
  })

  it('the log says how the script can be ended', () => {
    expect(stage.server.output()).toMatch(
      /Slow script detected: still in execution after \d+ milliseconds. You can try killing the script using the SCRIPT KILL command. Script name is: 694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7\./,
    )
  })
})

async function rawSocket(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve) => {
    socket.once('data', () => resolve())
    socket.write('PING\r\n')
  })
  return socket
}

async function countClients(client: Connection): Promise<number> {
  return (await client.call('CLIENT', 'LIST')).text.trim().split('\n').length
}
