/** A server in this process whose append-only file lies on a disk of the test's. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createServer, type CreateOptions, type EmbeddedServer } from '../../host/node/index.ts'
import { loadModule } from '../../host/node/module.ts'
import { Disk } from './disk.ts'
import { Connection } from './resp.ts'

const module = loadModule()

/** The folder of the files on that disk. */
export const folder = join(tmpdir(), 'appendonlydir')
export const manifestPath = join(folder, 'appendonly.aof.manifest')
export const incrPath = join(folder, 'appendonly.aof.1.incr.aof')

export interface Running {
  readonly server: EmbeddedServer
  readonly client: Connection
  readonly disk: Disk
  /** Texts of the log, without date. */
  readonly log: string[]
  /** With what the server has left, if it has. */
  exitCode(): number | undefined
}

/** Starts a server with appendfsync always; it ends with the test. */
export async function startOn(disk: Disk, config: CreateOptions['config'] = {}): Promise<Running> {
  const log: string[] = []
  let code: number | undefined
  const server = createServer({
    module,
    storage: disk,
    config: {
      dir: tmpdir(),
      save: '',
      appendonly: 'yes',
      appendfsync: 'always',
      'enable-debug-command': 'yes',
      ...config,
    },
    log: (line) => log.push(line.replace(/^.*? [.\-*#] /s, '').trimEnd()),
    onExit: (status) => (code = status),
  })
  onTestFinished(() => server.close())
  try {
    await server.listen()
  } catch (error) {
    throw new StartFailure(log, { cause: error })
  }
  const client = await Connection.connect(server.port)
  onTestFinished(() => client.close())
  return { server, client, disk, log, exitCode: () => code }
}

/** The server did not start. */
export class StartFailure extends Error {
  readonly log: string[]

  constructor(log: string[], options: ErrorOptions) {
    super(log.join('\n'), options)
    this.log = log
  }
}

/** What the log of a server says that does not start. */
export async function startFailure(
  disk: Disk,
  config: CreateOptions['config'] = {},
): Promise<string> {
  try {
    await startOn(disk, config)
  } catch (error) {
    if (error instanceof StartFailure) return error.message
    throw error
  }
  throw new Error('the server started')
}

/** The bytes of commands as the file has them. */
export function commandBytes(...commands: string[]): string {
  return commands
    .map((command) => {
      const words = command.split(' ')
      return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
    })
    .join('')
}

/** A disk with an append-only file of one incr. */
export function diskWith(incr: string | Uint8Array): Disk {
  const disk = new Disk()
  disk.put(manifestPath, 'file appendonly.aof.1.incr.aof seq 1 type i\n')
  disk.put(incrPath, incr)
  return disk
}

/** Turns of the event loop until something holds; the test's time limit ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
