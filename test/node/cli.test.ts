import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../support/process.ts'
import { connect, type RawClient } from '../support/server.ts'

const CLI = resolve(import.meta.dirname, '../../host/node/cli.ts')

/** Runs the command line until it ends. */
function run(
  args: string[],
  input = '',
): { stdout: string; stderr: string; status: number | null } {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'latin1', input, timeout: 20_000 })
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wadi-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface Running {
  port: number
  dir: string
  child: ChildProcess
  output(): string
  exit: Promise<number | null>
  client: RawClient
}

/** Starts a server and waits until it serves. */
async function serve(args: string[] = [], config?: string): Promise<Running> {
  const [port, dir] = [await freePort(), folder()]
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
  const file = config === undefined ? [] : [join(dir, 'redis.conf')]
  if (config !== undefined) writeFileSync(file[0]!, config)
  const child = spawn(process.execPath, [CLI, ...file, ...own, ...args], { cwd: dir })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const exit = new Promise<number | null>((done) => child.once('exit', done))
  onTestFinished(() => void child.kill('SIGKILL'))
  const client = await connectSoon(port)
  return { port, dir, child, output: () => output, exit, client }
}

async function connectSoon(port: number): Promise<RawClient> {
  for (;;) {
    try {
      return await connect(port)
    } catch {
      await new Promise((wake) => setTimeout(wake, 10))
    }
  }
}

describe('the command line', () => {
  test.each([['-v'], ['--version']])('%s tells the version as tools expect it', (option) => {
    const { stdout, status } = run([option])
    expect(stdout).toMatch(
      /^Redis server v=7\.\d+\.\d+ sha=\w+:\d malloc=\S+ bits=\d+ build=\w+\n$/,
    )
    expect(status).toBe(0)
  })

  test.each([['-h'], ['--help']])('%s tells how it is used', (option) => {
    const { stderr, status } = run([option])
    expect(stderr).toContain('Usage: wadi [/path/to/redis.conf] [options] [-]')
    expect(status).toBe(1)
  })

  test('--test-memory says that it cannot', () => {
    const { stderr, status } = run(['--test-memory', '10'])
    expect(stderr).toContain('no particular piece')
    expect(status).toBe(1)
  })
})

describe('a wrong configuration ends the start with the report of redis-server', () => {
  const version = (text: string) => text.replace(/\(Redis [\d.]+\)/, '(Redis V)')
  test.each([
    ['an unknown directive', ['--nonsense', '1']],
    ['no number', ['--port', 'abc']],
    ['a number out of range', ['--port', '70000']],
    ['too many arguments', ['--port', '1', '2']],
    ['no argument', ['--port']],
    ['no word of the enumeration', ['--appendfsync', 'often']],
    ['a folder that is not there', ['--dir', '/nowhere']],
    ['a file as a folder', ['--dir', '/etc/passwd']],
    ['a log that cannot be written', ['--logfile', '/nowhere/log']],
    ['bad permissions', ['--unixsocketperm', '999']],
    ['bad save points', ['--save', '1']],
    ['a command that is not there', ['--rename-command', 'nope', 'x']],
    ['a bad amount of memory', ['--maxmemory', '10 bananas']],
    ['a bad answer to yes or no', ['--appendonly', 'maybe']],
    ['bad output limits', ['--client-output-buffer-limit', 'nobody', '1', '2', '3']],
  ])('%s', (_, args) => {
    const redis = spawnSync('redis-server', args, { encoding: 'latin1', timeout: 5000 })
    const wadi = run(args)
    expect(version(wadi.stderr)).toBe(version(redis.stderr))
    expect(wadi.status).toBe(redis.status)
  })

  test('a module, since none can be loaded', () => {
    const { stdout, status } = run(['--port', '0', '--loadmodule', '/lib/x.so'])
    expect(stdout).toMatch(/# Can't load module from \/lib\/x\.so: server aborting\n$/)
    expect(status).toBe(1)
  })

  test('a file that is not there', () => {
    const { stdout, status } = run(['/nowhere/redis.conf'])
    expect(stdout).toMatch(
      /# Fatal error, can't open config file '\/nowhere\/redis.conf': No such file or directory\n$/,
    )
    expect(status).toBe(1)
  })
})

describe('a server', () => {
  test('logs its start as redis-server does', async () => {
    const { output, child } = await serve()
    // The port may answer before the last line has come through the pipe.
    await vi.waitFor(() => expect(output()).toContain('Ready to accept connections\n'))
    const line = (level: string, text: string) =>
      `${child.pid}:[CM] \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} ${level} ${text}\\n`
    expect(output()).toMatch(
      new RegExp(
        `^${line('#', 'oO0OoO0OoO0Oo Wadi is starting oO0OoO0OoO0Oo')}` +
          line('#', `Redis version=7\\.\\S+, bits=\\d+, .* pid=${child.pid}, just started`) +
          line('#', 'Configuration loaded') +
          line('\\*', 'Running mode=standalone, port=\\d+\\.') +
          line('\\*', `PID: ${child.pid}`) +
          line('#', 'Server initialized') +
          `${line('\\*', 'Ready to accept connections')}$`,
      ),
    )
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('leaves on %s with 0', async (signal) => {
    const { output, child, exit } = await serve()
    child.kill(signal)
    expect(await exit).toBe(0)
    const said = output()
      .split('\n')
      .slice(-4, -1)
      .map((line) => line.replace(/^.*? [#*] /, ''))
    expect(said[0]).toMatch(
      new RegExp(
        `^${child.pid}:signal-handler \\(\\d+\\) Received ${signal} scheduling shutdown\\.\\.\\.$`,
      ),
    )
    expect(said.slice(1)).toEqual([
      'User requested shutdown...',
      'Redis is now ready to exit, bye bye...',
    ])
  })

  test.each(['SIGHUP', 'SIGUSR1'] as const)('goes on after %s', async (signal) => {
    const { child, client } = await serve()
    child.kill(signal)
    client.send(['PING'])
    expect(await client.readLike('+PONG\r\n')).toBe('+PONG\r\n')
  })

  test.each([[[]], [['NOSAVE']], [['NOW', 'FORCE']]])('leaves on SHUTDOWN %j', async (words) => {
    const { client, exit } = await serve()
    client.send(['SHUTDOWN', ...words])
    expect(await client.readAll()).toBe('')
    expect(await exit).toBe(0)
  })

  test.each([
    [['FOO'], '-ERR syntax error\r\n'],
    [['SAVE', 'NOSAVE'], '-ERR syntax error\r\n'],
    [['ABORT', 'NOW'], '-ERR syntax error\r\n'],
    [['ABORT'], '-ERR No shutdown in progress.\r\n'],
  ])('refuses SHUTDOWN %j', async (words, error) => {
    const { client } = await serve()
    client.send(['SHUTDOWN', ...words])
    expect(await client.readLike(error)).toBe(error)
  })

  test('keeps its process id in a file while it runs', async () => {
    const { dir, child, exit, output } = await serve(['--pidfile', 'wadi.pid'])
    const path = join(dir, 'wadi.pid')
    expect(readFileSync(path, 'latin1')).toBe(`${child.pid}\n`)
    child.kill('SIGTERM')
    await exit
    expect(existsSync(path)).toBe(false)
    expect(output()).toContain('* Removing the pid file.')
  })

  test('writes its log to a file, at the level that is asked for', async () => {
    const { dir, output, child, exit } = await serve(['--logfile', 'log', '--loglevel', 'warning'])
    child.kill('SIGTERM')
    await exit
    expect(output()).toBe('')
    const log = readFileSync(join(dir, 'log'), 'latin1')
    expect(log).toContain('# Server initialized')
    expect(log).not.toContain('Ready to accept connections')
  })

  test('runs in the background and leaves its process id', async () => {
    const [port, dir] = [await freePort(), folder()]
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '']
    const { status, stdout } = run(
      [...args, '--daemonize', 'yes', '--pidfile', 'pid', '-'],
      'hz 20\n',
    )
    expect([status, stdout.replace(/^.*# /, '')]).toEqual([0, 'Reading config from stdin\n'])
    const client = await connectSoon(port)
    const pid = Number(readFileSync(join(dir, 'pid'), 'latin1'))
    onTestFinished(() => {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It is gone, as it should be.
      }
    })
    client.send(['CONFIG', 'GET', 'hz'])
    const hz = '*2\r\n$2\r\nhz\r\n$2\r\n20\r\n'
    expect(await client.readLike(hz)).toBe(hz)
    client.send(['SHUTDOWN', 'NOSAVE'])
    await client.readAll()
  })

  test('rewrites its configuration file as redis-server does', async () => {
    const config = [
      '# head',
      '',
      '',
      '',
      'SAVE 60 1',
      'save 30 2',
      'slave-read-only no',
      'maxmemory 100mb',
      'rename-command FLUSHALL ""',
      '# tail',
      '  timeout 5   ',
      'timeout 6',
      'requirepass "a b"',
      'hz 10',
      '',
    ].join('\n')
    const { dir, client } = await serve(['--loglevel', 'warning'], config)
    client.send(
      ['AUTH', 'a b'],
      ['CONFIG', 'SET', 'maxmemory', '150000000', 'save', '60 3', 'appendfsync', 'no'],
      ['CONFIG', 'REWRITE'],
    )
    expect(await client.readLike('+OK\r\n'.repeat(3))).toBe('+OK\r\n'.repeat(3))
    const lines = readFileSync(join(dir, 'redis.conf'), 'latin1').split('\n')
    expect(lines.slice(0, 14)).toEqual([
      '# head',
      '',
      'save 60 3',
      '',
      'replica-read-only no',
      'maxmemory 150000000',
      'rename-command FLUSHALL ""',
      '# tail',
      'timeout 6',
      '',
      'requirepass "a b"',
      'hz 10',
      '',
      '# Generated by CONFIG REWRITE',
    ])
    expect(lines).toContain('appendfsync no')
    expect(lines).toContain('bind 127.0.0.1')
    expect(lines).toContain(`dir "${dir}"`)
    expect(lines.at(-1)).toBe('')
  })
})
