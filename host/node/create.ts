// A server in the caller's process, for tests and for programs that bring their own store.
//
//   const server = createServer({ config: { maxmemory: '100mb' } })
//   await server.listen()
//   server.port                            // a free one, since none was given
//   await server.close()

import { randomBytes } from 'node:crypto'
import { SystemClock } from '../core/clock.ts'
import type { Directive } from './config/directives.ts'
import { Logger } from './logger.ts'
import { loadModule } from './module.ts'
import type { Storage } from './persistence/storage.ts'
import { Server, type ServerParts } from './server.ts'

/** A directive's value, its values, or one list of values for each time it is given. */
export type DirectiveValue = string | number | readonly string[] | readonly (readonly string[])[]

/** Directives that say that the server keeps its data. */
const KEEPING = ['dir', 'dbfilename', 'save', 'appendonly']

export interface CreateOptions {
  /** Directives as in a configuration file; on 127.0.0.1 and a free port unless told. */
  config?: Record<string, DirectiveValue>
  /** Takes the lines of the log; nobody does unless told. */
  log?: (line: string) => void
  /** The compiled engine, for those who start many. */
  module?: WebAssembly.Module
  /** Where files are kept: on this machine, unless told. */
  storage?: Storage
  /** The server was told to leave: SHUTDOWN. */
  onExit?: (code: number) => void
}

export class EmbeddedServer {
  /** What it is made of: more can be registered before it listens. */
  readonly server: Server
  readonly #isPortFree: boolean
  readonly #keepsData: boolean

  constructor(options: CreateOptions) {
    const { config = {} } = options
    this.#isPortFree = config['port'] === undefined
    this.server = new Server(parts(options))
    this.#keepsData = KEEPING.some((name) => name in config)
    this.server.configure(directives({ bind: '127.0.0.1', save: '', ...config }))
  }

  /** The TCP port; 0 when there is none. */
  get port(): number {
    return this.server.listeners.tcp.port
  }

  /**
   * Begins to serve; a snapshot is loaded only where the configuration has a word about a folder or about
   * saving.
   *
   * @throws {StartError | LoadError}
   */
  async listen(): Promise<this> {
    this.server.listen({ anyPort: this.#isPortFree })
    await this.server.load({ withSnapshot: this.#keepsData })
    return this
  }

  /** Closes all connections and lets go of everything, without saving. */
  async close(): Promise<void> {
    this.server.close()
  }
}

/** @throws {ConfigError} a directive is wrong */
export function createServer(options: CreateOptions = {}): EmbeddedServer {
  return new EmbeddedServer(options)
}

function parts(options: CreateOptions): ServerParts {
  const [low, high] = new Uint32Array(Uint8Array.from(randomBytes(8)).buffer)
  return {
    module: options.module ?? loadModule(),
    clock: new SystemClock(globalThis),
    seed: [low!, high!],
    runId: randomBytes(20).toString('hex'),
    log: new Logger({
      pid: process.pid,
      now: () => new Date(),
      write: options.log ?? (() => undefined),
    }),
    configFile: '',
    cwd: process.cwd(),
    ...(options.storage && { storage: options.storage }),
    exit: options.onExit ?? (() => undefined),
  }
}

function* directives(config: Record<string, DirectiveValue>): Generator<Directive> {
  let line = 0
  for (const [name, value] of Object.entries(config)) {
    const given = typeof value === 'object' ? value : [String(value)]
    const lists = given.some((item) => typeof item === 'object') ? given : [given]
    for (const args of lists as string[][]) {
      yield { line: ++line, text: [name, ...args].join(' '), name, args }
    }
  }
}
