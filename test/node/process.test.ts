import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ReplyError } from '../../host/core/errors.ts'
import { formatTime, Logger } from '../../host/node/logger.ts'
import { fitClients } from '../../host/node/process/open-files.ts'
import { listenAddress, processTitle } from '../../host/node/process/title.ts'
import { handleSignals, parseWish } from '../../host/node/process/signals.ts'
import { detectSupervisor } from '../../host/node/process/supervisor.ts'
import { Settings } from '../../host/node/settings.ts'
import { parseShutdown, Shutdown, type ShutdownWish } from '../../host/node/shutdown.ts'

const DATE = new Date(2026, 10, 20, 10, 2, 3, 4)

function makeLog(): { log: Logger; lines: string[] } {
  const lines: string[] = []
  const log = new Logger({ pid: 7, now: () => DATE, write: (line) => lines.push(line) })
  return { log, lines }
}

describe('the log', () => {
  test('writes lines as Redis does', () => {
    const { log, lines } = makeLog()
    log.level = 0
    log.debug('a')
    log.verbose('b')
    log.role = 'M'
    log.notice('c')
    log.warning('d')
    expect(lines).toEqual([
      '7:C 20 Nov 2026 10:02:03.004 . a\n',
      '7:C 20 Nov 2026 10:02:03.004 - b\n',
      '7:M 20 Nov 2026 10:02:03.004 * c\n',
      '7:M 20 Nov 2026 10:02:03.004 # d\n',
    ])
  })

  test.each([
    ['debug', 4],
    ['verbose', 3],
    ['notice', 2],
    ['warning', 1],
    ['nothing', 0],
  ])('at the level %s has %i of four lines', (level, count) => {
    const { log, lines } = makeLog()
    log.setLevel(level)
    for (const each of [0, 1, 2, 3] as const) log.log(each, 'x')
    expect(lines).toHaveLength(count)
  })

  test('writes objects where that is wanted', () => {
    const { log, lines } = makeLog()
    log.format = 'json'
    log.warning('a "quoted"\nline')
    log.role = 'M'
    log.signal('Received SIGTERM')
    const common = { time: DATE.toISOString(), pid: 7 }
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...common, level: 'warning', role: 'start', message: 'a "quoted"\nline' },
      { ...common, level: 'notice', role: 'master', message: 'Received SIGTERM' },
    ])
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
  })

  test('pads days and numbers', () => {
    expect(formatTime(new Date(2026, 0, 2, 3, 4, 5, 6))).toBe('02 Jan 2026 03:04:05.006')
  })
})

describe('signals', () => {
  function make(shutdown: (wish: ShutdownWish) => Promise<boolean>, words = 'default') {
    const { log, lines } = makeLog()
    const source = new EventEmitter()
    const codes: number[] = []
    handleSignals(source, {
      log,
      wish: () => words,
      shutdown,
      exit: (code) => codes.push(code),
    })
    return { source, lines, codes }
  }

  test('a second SIGINT ends the process with 1 while a shutdown takes its time', () => {
    const { source, lines, codes } = make(() => new Promise(() => undefined))
    source.emit('SIGINT')
    expect(codes).toEqual([])
    source.emit('SIGINT')
    expect(codes).toEqual([1])
    expect(lines).toContain('7:signal-handler (1795168923) You insist... exiting now.\n')
  })

  test('a shutdown that fails is logged, and may be asked for again', async () => {
    let times = 0
    const { source, lines } = make(async () => {
      times++
      return false
    })
    source.emit('SIGTERM')
    await new Promise((resolve) => setImmediate(resolve))
    expect(lines.join('')).toContain('but errors trying to shut down the server')
    source.emit('SIGTERM')
    expect(times).toBe(2)
  })

  test.each([
    ['default', { save: undefined, now: false, force: false }],
    ['nosave now', { save: false, now: true, force: false }],
    ['save force', { save: true, now: false, force: true }],
  ])('shutdown-on-sigterm %s', (words, wish) => {
    expect(parseWish(words)).toEqual(wish)
  })
})

describe('a shutdown', () => {
  const wish: ShutdownWish = { save: undefined, now: false, force: false }
  const parts = (done: string[], log = makeLog().log) => ({
    log,
    hold: (on: boolean) => void done.push(on ? 'hold' : 'go on'),
    letGo: () => void done.push('let go'),
    leave: () => void done.push('left'),
    endScript: () => false,
  })

  test('holds writes, runs its steps in order, then leaves', async () => {
    const done: string[] = []
    const shutdown = new Shutdown(parts(done))
    shutdown.addStep(async () => void done.push('save'))
    shutdown.addStep(() => void done.push('remove'))
    expect(await shutdown.run(wish)).toBe(true)
    expect(done).toEqual(['hold', 'save', 'remove', 'let go', 'left'])
  })

  test('stops at a step that fails, unless it is forced', async () => {
    const done: string[] = []
    const { log, lines } = makeLog()
    const shutdown = new Shutdown(parts(done, log))
    shutdown.addStep(() => {
      throw new Error('the disk is full')
    })
    expect(await shutdown.run(wish)).toBe(false)
    expect(lines.join('')).toContain('# the disk is full')
    expect(done).toEqual(['hold', 'go on'])
    expect(await shutdown.run({ ...wish, force: true })).toBe(true)
    expect(done.at(-1)).toBe('left')
  })

  test.each([
    [[], { save: undefined, now: false, force: false }],
    [['nosave'], { save: false, now: false, force: false }],
    [['save', 'now', 'force'], { save: true, now: true, force: true }],
    [['abort'], 'abort'],
  ])('understands %j', (words, expected) => {
    expect(parseShutdown(words)).toEqual(expected)
  })

  test.each([[['save', 'nosave']], [['abort', 'now']], [['later']]])('refuses %j', (words) => {
    expect(() => parseShutdown(words)).toThrow(ReplyError)
  })
})

describe('settings', () => {
  test('a refused value changes nothing', () => {
    const settings = new Settings()
    settings.load('port', '1')
    settings.onChange('port', () => 'no')
    settings.live = true
    expect(settings.configure('port', '2')).toBeUndefined()
    expect(settings.apply('port')).toBe('no')
  })

  test('while the server starts nothing is done about a value, but it is checked', () => {
    const settings = new Settings()
    const seen: string[] = []
    settings.check('dir', (value) => (value === 'bad' ? 'not there' : undefined))
    settings.onChange('dir', (value) => void seen.push(value))
    expect(settings.configure('dir', 'bad')).toBe('not there')
    expect(settings.configure('dir', 'good')).toBeUndefined()
    expect([settings.get('dir'), seen]).toEqual(['good', []])
  })
})

describe('a supervisor', () => {
  test.each([
    ['no', { NOTIFY_SOCKET: '/s' }, undefined],
    ['auto', {}, undefined],
    ['auto', { NOTIFY_SOCKET: '/s' }, 'systemd'],
    ['auto', { UPSTART_JOB: 'j' }, 'upstart'],
    ['systemd', { NOTIFY_SOCKET: '/s' }, 'systemd'],
    ['systemd', {}, undefined],
    ['upstart', {}, undefined],
  ])('%s in %j is %s', (directive, env, who) => {
    expect(detectSupervisor(directive, { env, log: makeLog().log })).toBe(who)
  })
})

describe('the title of the process', () => {
  test.each([
    ['127.0.0.1 -::1', 6379, '', '127.0.0.1:6379'],
    ['-::1', 6379, '', '::1:6379'],
    ['* -::*', 7000, '', '*:7000'],
    ['', 7000, '', '*:7000'],
    ['127.0.0.1', 0, '/run/s', 'unixsocket:/run/s'],
  ])('shows bind %j, port %i and socket %j as %s', (bind, port, socket, shown) => {
    expect(listenAddress(bind, port, socket)).toBe(shown)
  })

  test('follows the template', () => {
    const facts = {
      title: 'wadi',
      listenAddress: '*:7000',
      serverMode: '',
      port: 7000,
      tlsPort: 0,
      unixSocket: '',
      configFile: '/a.conf',
    }
    expect(processTitle('{title} {listen-addr} {server-mode}', facts)).toBe('wadi *:7000')
    expect(processTitle('x{port}-{tls-port} {config-file}{unixsocket}', facts)).toBe(
      'x7000-0 /a.conf',
    )
  })
})

describe('the limit of open files', () => {
  test('has room for as many clients as fit', () => {
    const { log, lines } = makeLog()
    expect(fitClients(10_000, 20_000, log)).toBe(10_000)
    expect(lines).toEqual([])
    expect(fitClients(100_000, 20_000, log)).toBe(19_968)
    expect(lines.map((line) => line.slice(31))).toEqual([
      'You requested maxclients of 100000 requiring at least 100032 max file descriptors.\n',
      "Server can't set maximum open files to 100032 because of OS error: Operation not permitted.\n",
      'Current maximum open files is 20000. maxclients has been reduced to 19968 to compensate for low ' +
        "ulimit. If you need higher maxclients increase 'ulimit -n'.\n",
    ])
  })
})
