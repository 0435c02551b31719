/** Directives through the engine's door: the configuration file, and a host that has a say. */
import { readFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Engine } from '../../host/core/engine.ts'
import { bareHost } from '../../host/core/engine-host.ts'
import { Kind } from '../../host/core/abi.ts'
import { ReplyError } from '../../host/core/errors.ts'
import { InternalSession } from '../../host/core/internal.ts'
import { ReplyDecoder, readText } from '../../host/core/decode.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import { buildEngine } from '../../scripts/engine.ts'

let module: WebAssembly.Module
let engine: Engine
let internal: InternalSession
let client: number
let told: string[]
let applied: string[]
let refused: Map<string, string>

beforeAll(async () => {
  module = new WebAssembly.Module(readFileSync(await buildEngine('release')))
})

beforeEach(() => {
  told = []
  applied = []
  refused = new Map()
  engine = new Engine({
    module,
    clock: { monotonicUs: () => 0, wallUs: () => 0 },
    seed: [1, 2],
    host: {
      ...bareHost,
      configure(name, value) {
        told.push(`${name} ${value}`)
        return refused.get(`${name} ${value}`)
      },
      apply(name) {
        applied.push(name)
        return refused.get(name)
      },
    },
  })
  internal = new InternalSession(engine)
  client = engine.open(Kind.client)
})

/** The reply to a line of a client, errors as text. */
function ask(line: string): unknown {
  const flags = engine.feedChunk(client, encodeCommand(words(line)))
  const output = engine.drain(client, flags)
  const decoder = new ReplyDecoder(readText)
  decoder.reset(output, 0, output.length)
  const reply = decoder.decode(false)
  return reply instanceof ReplyError ? reply.message : reply
}

/** The reply to a line of the configuration file: OK, or the reason why not. */
function load(line: string): unknown {
  try {
    return internal.call('WADI.DIRECTIVE', ...words(line))
  } catch (error) {
    return (error as Error).message.replace(/^ERR /, '')
  }
}

const words = (line: string): string[] =>
  (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''))
const value = (name: string): unknown => (ask(`CONFIG GET ${name}`) as string[])[1]

describe('a line of the configuration file', () => {
  const lines: [line: string, answer: string][] = [
    ['port 7000', 'OK'],
    ['PORT 7001', 'OK'],
    ['port 70000', 'argument must be between 0 and 65535 inclusive'],
    ['port', 'wrong number of arguments'],
    ['port 1 2', 'wrong number of arguments'],
    ['databases 32', 'OK'],
    ['databases 2147483647', 'There is not enough memory for so many databases'],
    ['databases 0', 'argument must be between 1 and 2147483647 inclusive'],
    ['maxmemory 1gb', 'OK'],
    ['maxmemory 1tb', 'argument must be a memory value'],
    ['appendonly maybe', "argument must be 'yes' or 'no'"],
    ['save "3600 1 300 10"', 'OK'],
    ['save "3600 x"', 'Invalid save parameters'],
    ['client-output-buffer-limit "normal 0 0 0"', 'OK'],
    ['latency-tracking-info-percentiles "50 99.9"', 'OK'],
    ['unixsocketperm 700', 'OK'],
    ['unixsocketperm 800', "argument couldn't be parsed as an octal number"],
    ['unixsocketperm 7777', 'argument must be between 0 and 777 inclusive'],
    ['nosuch 1', 'Bad directive or wrong number of arguments'],
    ['list-max-ziplist-entries 512', 'OK'],
    ['replicaof 10.0.0.1 6379', 'OK'],
    ['replicaof 10.0.0.1 port', 'Invalid master port'],
    ['slaveof no one', 'OK'],
    ['rename-command FLUSHALL ""', 'OK'],
    ['rename-command NOSUCH x', 'No such command in rename-command'],
    ['rename-command GET set', 'Target command name already exists'],
    ['appendfilename a/b', "appendfilename can't be a path, just a filename"],
  ]
  test.each(lines)('%s: %s', (line, answer) => {
    expect(load(line)).toBe(answer)
    expect(told).toEqual([])
  })

  test('there are as many databases as the file says', () => {
    expect(ask('SELECT 16')).toBe('ERR DB index is out of range')
    load('databases 40')
    expect(ask('SELECT 39')).toBe('OK')
    expect(ask('SELECT 40')).toBe('ERR DB index is out of range')
    load('databases 2')
    expect(ask('SELECT 1')).toBe('OK')
    expect(ask('SELECT 2')).toBe('ERR DB index is out of range')
    expect(ask('SWAPDB 0 1')).toBe('OK')
  })

  test('INFO shows the percentiles that the file names', () => {
    load('latency-tracking-info-percentiles 10 99.25')
    ask('GET key')
    expect(ask('INFO latencystats')).toMatch(
      /percentiles_usec_get:p10=\d+\.\d{3},p99\.25=\d+\.\d{3}\r\n/,
    )
    load('latency-tracking-info-percentiles ""')
    expect(ask('INFO latencystats')).toContain('percentiles_usec_get:\r\n')
  })

  test('save lines add up, and the first replaces what the server begins with', () => {
    load('save 10 1')
    load('save 20 2 30 3')
    expect(value('save')).toBe('10 1 20 2 30 3')
    load('save ""')
    expect(value('save')).toBe('')
  })

  test('output limits are set class by class', () => {
    load('client-output-buffer-limit replica 512mb 1mb 30')
    load('client-output-buffer-limit normal 1kb 0 0')
    expect(value('client-output-buffer-limit')).toBe(
      'normal 1024 0 0 slave 536870912 1048576 30 pubsub 33554432 8388608 60',
    )
  })

  test('a renamed command is known by its new name only', () => {
    load('rename-command CONFIG hidden')
    expect(ask('CONFIG GET port')).toMatch(/^ERR unknown command 'CONFIG'/)
    expect(ask('HIDDEN GET port')).toEqual(['port', '6379'])
  })

  test('is for the host alone', () => {
    expect(ask('WADI.DIRECTIVE port 1')).toMatch(/^ERR unknown command/)
    expect(ask('COMMAND INFO WADI.DIRECTIVE')).toEqual([null])
  })
})

describe('CONFIG SET', () => {
  test('tells the host of its directives, as CONFIG GET shows them', () => {
    expect(ask('CONFIG SET port 7000 loglevel WARNING save "60 1" maxmemory 1mb')).toBe('OK')
    expect(told).toEqual(['port 7000', 'loglevel warning', 'save 60 1'])
  })

  test('tells nothing where nothing changes', () => {
    expect(ask('CONFIG SET port 6379 loglevel Notice')).toBe('OK')
    expect(told).toEqual([])
  })

  test('sets nothing when one value will not do', () => {
    expect(ask('CONFIG SET port 7000 maxmemory 1mb timeout x')).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'timeout') - " +
        "argument couldn't be parsed into an integer",
    )
    expect([value('port'), value('maxmemory'), told]).toEqual(['6379', '0', []])
  })

  test('sets everything back when the host refuses', () => {
    refused.set('bind 10.9.9.9', 'Failed to bind to specified addresses.')
    expect(ask('CONFIG SET maxmemory 1mb port 7000 bind 10.9.9.9 timeout 5')).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'bind') - " +
        'Failed to bind to specified addresses.',
    )
    expect(told).toEqual(['port 7000', 'bind 10.9.9.9', 'port 6379'])
    expect(['maxmemory', 'port', 'bind', 'timeout'].map(value)).toEqual([
      '0',
      '6379',
      '* -::*',
      '0',
    ])
  })

  test('lets the host act once all are set, and sets all back when it then refuses', () => {
    expect(ask('CONFIG SET port 7000 maxmemory 1mb loglevel warning')).toBe('OK')
    expect(applied).toEqual(['port', 'loglevel'])
    told = []
    applied = []
    refused.set('bind', 'Failed to bind to specified addresses.')
    expect(ask('CONFIG SET port 7001 bind 10.9.9.9 loglevel debug timeout 5')).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'bind') - " +
        'Failed to bind to specified addresses.',
    )
    expect(told.slice(3)).toEqual(['port 7000', 'bind * -::*', 'loglevel warning'])
    expect(applied).toEqual(['port', 'bind', 'port', 'bind'])
    expect(['port', 'bind', 'loglevel', 'timeout'].map(value)).toEqual([
      '7000',
      '* -::*',
      'warning',
      '0',
    ])
  })

  test('acts on the name of a file even where it stays the same', () => {
    load('tls-cert-file /etc/cert')
    expect(ask('CONFIG SET tls-cert-file /etc/cert')).toBe('OK')
    expect(applied).toEqual(['tls-cert-file'])
  })

  test('takes a refusal without a reason', () => {
    refused.set('port 7000', '')
    refused.set('port 7001', 'no')
    expect(ask('CONFIG SET port 7001')).toMatch(/'port'\) - no$/)
  })

  test('frees what it does not keep', () => {
    const used = (): string => /used_memory:(\d+)/.exec(ask('INFO memory') as string)![1]!
    const round = (): void => {
      ask(`CONFIG SET masterauth ${'a'.repeat(1000)} save "1 1" port x`)
      ask(`CONFIG SET masterauth ${'a'.repeat(1000)} save "1 1"`)
      ask('CONFIG SET masterauth b save ""')
    }
    round()
    used() // INFO itself takes memory for its reply
    const before = used()
    for (let i = 0; i < 100; i++) round()
    expect(used()).toBe(before)
  })
})

describe('protected directives', () => {
  test('are not for clients', () => {
    expect(ask('CONFIG SET dir /tmp')).toMatch(/- can't set protected config$/)
  })

  test('are for clients of this machine, where that is allowed', () => {
    load('enable-protected-configs local')
    expect(ask('CONFIG SET dir /tmp')).toMatch(/- can't set protected config$/)
    client = engine.open(Kind.client, '127.0.0.1:5000 127.0.0.1:6379 8')
    expect(ask('CONFIG SET dir /tmp')).toBe('OK')
    expect(told).toEqual(['dir /tmp'])
  })
})

describe('MODULE', () => {
  const denied =
    'ERR MODULE command not allowed. If the enable-module-command option is set to "local", ' +
    'you can run it from a local connection, otherwise you need to set this option in the ' +
    'configuration file, and then restart the server.'
  const calls = ['LOAD /x', 'LOADEX /x CONFIG a b', 'UNLOAD x']

  test('lists none, and loads none for clients', () => {
    expect(ask('MODULE LIST')).toEqual([])
    for (const call of calls) expect(ask(`MODULE ${call}`)).toBe(denied)
  })

  test('finds none to load, where it may', () => {
    load('enable-module-command local')
    for (const call of calls) expect(ask(`MODULE ${call}`)).toBe(denied)
    client = engine.open(Kind.client, '127.0.0.1:5000 127.0.0.1:6379 8')
    expect(ask('MODULE LOAD /x')).toMatch(/^ERR Error loading the extension\./)
    expect(ask('MODULE UNLOAD x')).toBe('ERR Error unloading module: no such module with that name')
  })
})

test('WADI.DIRECTIVES gives the lines of a configuration file', () => {
  for (const line of ['save 10 1', 'save 20 2', 'maxmemory 3gb', 'requirepass "a b"']) load(line)
  load('client-output-buffer-limit pubsub 1mb 1kb 60')
  const flat = internal.call('WADI.DIRECTIVES') as string[]
  const lines: string[] = []
  for (let i = 0; i < flat.length; i += 4) {
    const [name, , now, initial] = flat.slice(i, i + 4)
    if (now !== initial) lines.push(`${name} ${now} (${initial})`)
  }
  expect(lines).toEqual([
    'save 10 1 (3600 1 300 100 60 10000)',
    'save 20 2 (3600 1 300 100 60 10000)',
    'requirepass "a b" ("")',
    'maxmemory 3gb (0)',
    'client-output-buffer-limit pubsub 1mb 1kb 60 (pubsub 32mb 8mb 60)',
  ])
})
