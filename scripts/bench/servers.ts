// The two servers of a benchmark: redis-server and Wadi, alone on one core, measured from outside.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { cpuNs } from './cpu.ts'
import { call } from './wire.ts'

export interface Server {
  readonly name: string
  readonly port: number
  /** CPU time of all its threads so far, in nanoseconds. */
  cpuNs(): number
  /** The part of its CPU time that went into the kernel, in nanoseconds; counted in ticks of 10 ms. */
  kernelNs(): number
  /** Memory it occupies, as the system sees it. */
  rssBytes(): number
  /** Memory it says its data takes. */
  usedBytes(): Promise<number>
  stop(): Promise<void>
  /** What it measured of itself since it was last asked, in a file; only where it was told to measure. */
  report?(): Promise<string>
}

export interface StartOptions {
  /** A folder that stays when the server has left; else it gets one of its own. */
  dir?: string
  /** Measures its turns and slices itself. */
  measures?: boolean
}

const SERVER_CPU = '0'
const CLIENT_CPU = '1'

const canPin = os.cpus().length > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

/** How the measured processes are placed, for the report. */
export const placement = canPin
  ? 'server on one core, client on another'
  : 'server and client share the cores'

const pinned = (cpu: string, command: string[]) =>
  canPin ? ['taskset', '-c', cpu, ...command] : command

/** The command line of a client of these servers, on its core. */
export const asClient = (command: string[]) => pinned(CLIENT_CPU, command)

/** Puts this process on the clients' core: it is one while it fills servers and listens to them. */
export function becomeClient(): void {
  if (canPin) spawnSync('taskset', ['-apc', CLIENT_CPU, String(process.pid)])
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** Ticks of the kernel and of the program, as it shared out what `cpuNs` counts. */
function kernelNs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return user + system ? (cpuNs(pid) * system) / (user + system) : 0
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

async function start(
  name: string,
  program: string[],
  args: readonly string[],
  options: StartOptions,
): Promise<Server> {
  const port = await freePort()
  const dir = options.dir ?? mkdtempSync(path.join(os.tmpdir(), `bench-${name}-`))
  const turns = path.join(dir, 'turns.json')
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir]
  const plain = ['--save', '', ...(args.includes('--appendonly') ? [] : ['--appendonly', 'no'])]
  const command = pinned(SERVER_CPU, [...program, ...own, ...plain, ...args])
  // taskset replaces itself with the program, so the pid is that of the server.
  const child = spawn(command[0]!, command.slice(1), {
    stdio: 'ignore',
    env: { ...process.env, BENCH_TURNS: turns },
  })
  running.add(child)
  const gone = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', resolve)
  })
  for (let tries = 0; ; tries++) {
    try {
      await call(port, ['PING'])
      break
    } catch (error) {
      const isLoading = String(error).includes('LOADING')
      if ((tries > 200 && !isLoading) || child.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const pid = child.pid!
  return {
    name,
    port,
    cpuNs: () => cpuNs(pid),
    kernelNs: () => kernelNs(pid),
    rssBytes: () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
    },
    usedBytes: async () => {
      const info = await call(port, ['INFO', 'memory'])
      return Number(/used_memory:(\d+)/.exec(info)?.[1])
    },
    async stop() {
      child.kill('SIGKILL')
      await gone
      running.delete(child)
      if (!options.dir) rmSync(dir, { recursive: true, force: true })
    },
    ...(options.measures && {
      async report() {
        rmSync(turns, { force: true })
        process.kill(pid, 'SIGUSR2')
        while (!existsSync(turns)) await new Promise((resolve) => setTimeout(resolve, 20))
        return turns
      },
    }),
  }
}

export const startRedis = (args: readonly string[] = [], options: StartOptions = {}) =>
  start('redis', ['redis-server'], args, options)

export const startWadi = (args: readonly string[] = [], options: StartOptions = {}) => {
  const measure = ['--import', path.resolve(import.meta.dirname, 'turns.mjs')]
  const cli = path.resolve(import.meta.dirname, '../../dist/node/cli.js')
  const program = [process.execPath, ...(options.measures ? measure : []), cli]
  return start('wadi', program, args, options)
}
