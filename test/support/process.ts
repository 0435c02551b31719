/** Server processes of tests: started on a private port with a folder of their own, ended by pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

export interface TestServer {
  readonly name: string
  readonly port: number
  /** Its working folder; removed when it stops. */
  readonly dir: string
  readonly pid: number
  /** What it has printed. */
  output(): string
  /** Ends it with a signal and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface Launch {
  readonly name: string
  /** The program and its arguments for a port and a folder. */
  command(port: number, dir: string): string[]
  /** Instead of a free one. */
  readonly port?: number
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Loopback only, nothing saved, DEBUG allowed. */
export function serverArguments(port: number, dir: string): string[] {
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir]
  return [...own, '--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes']
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

async function attempt(launch: Launch): Promise<TestServer> {
  const port = launch.port ?? (await freePort())
  const dir = mkdtempSync(path.join(os.tmpdir(), `${launch.name}-`))
  const [program, ...args] = launch.command(port, dir)
  const child = spawn(program!, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let printed = ''
  const print = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-20_000)
  }
  child.stdout.on('data', print)
  child.stderr.on('data', print)
  const gone = new Promise<void>((resolve) => {
    const done = () => {
      running.delete(child)
      rmSync(dir, { recursive: true, force: true })
      resolve()
    }
    child.once('exit', done)
    child.once('error', (error) => {
      printed += String(error)
      done()
    })
  })
  const server: TestServer = {
    name: launch.name,
    port,
    dir,
    pid: child.pid ?? 0,
    output: () => printed,
    async stop(signal = 'SIGKILL') {
      child.kill(signal)
      await gone
    },
  }
  const deadline = performance.now() + 20_000
  while (!(await answers(port))) {
    if (!running.has(child)) throw new Error(`${launch.name} ended at its start:\n${printed}`)
    if (performance.now() > deadline) {
      await server.stop()
      throw new Error(`${launch.name} does not listen after 20 s:\n${printed}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return server
}

/** Starts a server and waits until it accepts connections. */
export async function start(launch: Launch): Promise<TestServer> {
  try {
    return await attempt(launch)
  } catch (error) {
    // Somebody else may have taken the port in between; once more with another one.
    if (launch.port !== undefined || !/address already in use|EADDRINUSE/i.test(String(error))) {
      throw error
    }
    return attempt(launch)
  }
}
