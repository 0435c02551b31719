/** The files of docs/deploy: they agree with each other, and their command lines start the server. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/process.ts'

const root = resolve(import.meta.dirname, '../..')
const file = (name: string) => readFileSync(join(root, 'docs/deploy', name), 'utf8')
const conf = file('redis.conf')
const dockerfile = file('Dockerfile')
const unit = file('wadi.service')
const kubernetes = file('kubernetes.yaml')

/** All values of a line `name value`, or `name=value`, or `name: value`. */
function all(text: string, name: string): string[] {
  const line = new RegExp(`^[ -]*${name}(?: |=|: )(.+)$`, 'gm')
  return [...text.matchAll(line)].map(([, value]) => value!.trim())
}
const one = (text: string, name: string): string => {
  const values = [...new Set(all(text, name))]
  expect(values).toHaveLength(1)
  return values[0]!
}
const list = (text: string, name: string) => JSON.parse(one(text, name)) as string[]

const CONFIG = '/etc/wadi/redis.conf'
const socketPath = one(conf, 'unixsocket')
const graceSeconds = Number(one(conf, 'shutdown-timeout'))

describe('the files agree', () => {
  test('on the place of the configuration', () => {
    expect(list(dockerfile, 'ENTRYPOINT').at(-1)).toBe(CONFIG)
    expect(all(dockerfile, 'COPY')).toContain(`docs/deploy/redis.conf ${CONFIG}`)
    expect(one(unit, 'ExecStart')).toContain(` ${CONFIG} `)
    expect(all(kubernetes, 'mountPath')).toContain(CONFIG)
    expect(one(kubernetes, 'subPath')).toBe('redis.conf')
    expect(file('kustomization.yaml')).toContain('- redis.conf')
    const folder = one(conf, 'include').replace('/*.conf', '')
    expect(all(kubernetes, 'mountPath')).toContain(folder)
    expect(dockerfile).toContain(folder)
  })

  test('on the port', () => {
    const port = one(conf, 'port')
    expect(one(dockerfile, 'EXPOSE')).toBe(port)
    expect(one(kubernetes, 'containerPort')).toBe(port)
    expect(one(kubernetes, 'port')).toBe(port)
  })

  test('on the Unix socket, and that its folder is there', () => {
    expect(dockerfile.match(/CMD (\[.*\])/)?.[1]).toContain(socketPath)
    const probes = all(kubernetes, 'command')
    expect(probes).toHaveLength(3)
    for (const probe of probes) expect(probe).toContain(socketPath)
    expect(`/run/${one(unit, 'RuntimeDirectory')}/redis.sock`).toBe(socketPath)
    expect(all(kubernetes, 'mountPath')).toContain('/run/wadi')
    expect(dockerfile).toContain('mkdir -p /data /run/wadi')
  })

  test('on where the data is, which is where the server is started', () => {
    expect(one(conf, 'dir')).toBe('./')
    expect(all(dockerfile, 'WORKDIR').at(-1)).toBe('/data')
    expect(one(dockerfile, 'VOLUME')).toBe('/data')
    expect(one(kubernetes, 'workingDir')).toBe('/data')
    expect(all(kubernetes, 'mountPath')).toContain('/data')
    expect(one(unit, 'WorkingDirectory')).toBe(`/var/lib/${one(unit, 'StateDirectory')}`)
  })

  test('that nobody is root', () => {
    const [user, group] = one(dockerfile, 'USER').split(':')
    expect(Number(user)).toBeGreaterThan(0)
    expect(one(kubernetes, 'runAsUser')).toBe(user)
    expect(one(kubernetes, 'runAsGroup')).toBe(group)
    expect(one(kubernetes, 'runAsNonRoot')).toBe('true')
    expect(one(unit, 'User')).toBe('wadi')
  })

  test('that the server has time to leave', () => {
    expect(one(dockerfile, 'STOPSIGNAL')).toBe('SIGTERM')
    expect(one(unit, 'KillSignal')).toBe('SIGTERM')
    expect(Number(one(unit, 'TimeoutStopSec'))).toBeGreaterThan(graceSeconds)
    expect(Number(one(kubernetes, 'terminationGracePeriodSeconds'))).toBeGreaterThan(graceSeconds)
    expect(Number(/--stop-timeout (\d+)/.exec(dockerfile)?.[1])).toBeGreaterThan(graceSeconds)
  })

  test('on files that are there', () => {
    for (const path of all(dockerfile, 'COPY')) {
      const [from] = path.split(' ')
      if (from?.startsWith('docs/')) expect(existsSync(join(root, from))).toBe(true)
    }
    expect(list(dockerfile, 'ENTRYPOINT')[1]).toBe('/opt/wadi/dist/node/cli.js')
    expect(one(unit, 'ExecStart')).toContain('/opt/wadi/dist/node/cli.js')
    expect(existsSync(join(root, 'dist/node/cli.js'))).toBe(true)
  })
})

/** The file system of a container or machine below a folder of its own. */
class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), 'wadi-deploy-'))
  readonly socket = join(this.dir, 'run/redis.sock')
  #child: ChildProcess | undefined
  #printed = ''

  constructor(readonly port: number) {
    for (const folder of ['data', 'run', 'etc/conf.d'])
      mkdirSync(join(this.dir, folder), { recursive: true })
    writeFileSync(
      join(this.dir, 'etc/redis.conf'),
      this.#place(conf).replace(/^port .*/m, `port ${port}`),
    )
    onTestFinished(() => {
      this.#child?.kill('SIGKILL')
      rmSync(this.dir, { recursive: true, force: true })
    })
  }

  #place(text: string): string {
    return text
      .replaceAll('/opt/wadi', root)
      .replaceAll('/etc/wadi', join(this.dir, 'etc'))
      .replaceAll('/run/wadi', join(this.dir, 'run'))
  }

  /** Starts a command line of the files, with a `node` that is this one. */
  start(command: readonly string[], env: Record<string, string> = {}): void {
    const [, ...args] = command.map((word) => this.#place(word))
    this.#printed = ''
    this.#child = spawn(process.execPath, [...args, '--bind', '127.0.0.1'], {
      cwd: join(this.dir, 'data'),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child.stdout?.on('data', (text) => (this.#printed += text))
  }

  /** What the health check says. */
  isHealthy(): boolean {
    const script = join(root, 'docs/deploy/health.mjs')
    return spawnSync(process.execPath, [script, this.socket]).status === 0
  }

  async isReady(): Promise<void> {
    while (!this.#printed.includes('The server is now ready')) {
      if (this.#child?.exitCode !== null) throw new Error(`it ended:\n${this.#printed}`)
      await new Promise((done) => setTimeout(done, 20))
    }
  }

  /** Ends it as all three do; its exit code and log. */
  async stop(): Promise<{ code: number | null; log: string }> {
    const gone = new Promise<number | null>((done) => this.#child?.once('exit', done))
    this.#child?.kill('SIGTERM')
    return { code: await gone, log: this.#printed }
  }

  connect(password?: string): Redis {
    const redis = new Redis({ port: this.port, host: '127.0.0.1', ...(password && { password }) })
    onTestFinished(() => redis.disconnect())
    return redis
  }
}

describe('the server', () => {
  test('of the image starts, is healthy, leaves in order, and has its data when it is back', async () => {
    const machine = new Machine(await freePort())
    const entry = list(dockerfile, 'ENTRYPOINT')
    expect(machine.isHealthy()).toBe(false)
    machine.start(entry)
    await machine.isReady()
    expect(machine.isHealthy()).toBe(true)
    const redis = machine.connect()
    expect(await redis.set('kept', 'yes')).toBe('OK')
    redis.disconnect()
    const { code, log } = await machine.stop()
    expect(code).toBe(0)
    expect(log).toMatch(/Received SIGTERM scheduling shutdown[^]*ready to exit, bye bye/)
    expect(machine.isHealthy()).toBe(false)
    expect(existsSync(machine.socket)).toBe(false)

    writeFileSync(join(machine.dir, 'etc/conf.d/password.conf'), 'requirepass secret\n')
    machine.start([...entry, '--maxmemory', '64mb'])
    await machine.isReady()
    expect(machine.isHealthy()).toBe(true)
    const again = machine.connect('secret')
    expect(await again.get('kept')).toBe('yes')
    expect(await again.config('GET', 'maxmemory')).toEqual(['maxmemory', '67108864'])
    again.disconnect()
    expect((await machine.stop()).code).toBe(0)
  })

  test('of the unit tells systemd when it is ready', async () => {
    const machine = new Machine(await freePort())
    const command = one(unit, 'ExecStart').split(' ')
    // systemd-notify stands in a folder of its own, and writes down what it was told.
    const told = join(machine.dir, 'told')
    writeFileSync(
      join(machine.dir, 'systemd-notify'),
      `#!/bin/sh\necho "$@" > ${told}.new && mv ${told}.new ${told}\n`,
      { mode: 0o755 },
    )
    machine.start(command, {
      NOTIFY_SOCKET: '/nowhere',
      PATH: `${machine.dir}:${process.env['PATH']}`,
    })
    while (!existsSync(told)) await new Promise((done) => setTimeout(done, 20))
    expect(readFileSync(told, 'utf8')).toMatch(/^--ready --pid=\d+ /)
    expect(machine.isHealthy()).toBe(true)
    expect((await machine.stop()).code).toBe(0)
  })

  test.each([
    ['nosave', ['--save', '60 1', '--appendonly', 'no'], false],
    ['save', ['--save', '', '--appendonly', 'no'], true],
    ['save now force', ['--save', '', '--appendonly', 'no'], true],
  ] as const)(
    'with shutdown-on-sigterm %s leaves a snapshot or none',
    async (words, options, isSaved) => {
      const machine = new Machine(await freePort())
      machine.start([
        ...list(dockerfile, 'ENTRYPOINT'),
        '--shutdown-on-sigterm',
        ...words.split(' '),
        ...options,
      ])
      await machine.isReady()
      const redis = machine.connect()
      await redis.set('a', '1')
      redis.disconnect()
      expect((await machine.stop()).code).toBe(0)
      expect(existsSync(join(machine.dir, 'data/dump.rdb'))).toBe(isSaved)
    },
  )
})

test('the health check fails while the dataset is loaded, and where nothing answers', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'wadi-health-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const script = join(root, 'docs/deploy/health.mjs')
  for (const [answer, code] of [
    ['-LOADING Redis is loading the dataset in memory\r\n', 1],
    ['+PONG\r\n', 0],
    ['-NOAUTH Authentication required.\r\n', 0],
  ] as const) {
    const path = join(dir, `${answer.length}.sock`)
    const server = createServer((socket: Socket) => socket.on('data', () => socket.write(answer)))
    await new Promise<void>((done) => server.listen(path, done))
    const child = spawn(process.execPath, [script, path])
    expect(await new Promise((done) => child.once('exit', done))).toBe(code)
    server.close()
  }
})
