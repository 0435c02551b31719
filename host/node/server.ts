// The server: an engine, what feeds it, and what looks after it, put together.

import { resolve } from 'node:path'
import type { SystemClock } from '../core/clock.ts'
import { Engine } from '../core/engine.ts'
import { ReplyError } from '../core/errors.ts'
import { InternalSession } from '../core/internal.ts'
import { Clients } from './clients.ts'
import { HostCommands } from './commands.ts'
import { ConfigError, type Directive } from './config/directives.ts'
import { addProcessInfo, Info } from './info.ts'
import type { Logger } from './logger.ts'
import { Loop } from './loop.ts'
import { parseBind } from './net/address.ts'
import { ListenError, Listeners, type TcpPlace } from './net/listeners.ts'
import { Settings } from './settings.ts'
import { Shutdown } from './shutdown.ts'
import { watchDirectory, watchLog, watchPlace } from './server-settings.ts'

export interface ServerParts {
  module: WebAssembly.Module
  clock: SystemClock
  seed: readonly [number, number]
  /** 40 hex digits that name this run. */
  runId: string
  log: Logger
  /** The configuration file, as an absolute path; '' without one. */
  configFile: string
  /** What relative paths start from until `dir` says otherwise. */
  cwd: string
  /** Ends the process, or what stands for it. */
  exit(code: number): void
}

/** The server cannot start; the log says why. */
export class StartError extends Error {
  override name = 'StartError'
}

export class Server {
  readonly settings = new Settings()
  readonly info = new Info()
  readonly commands: HostCommands
  readonly engine: Engine
  readonly internal: InternalSession
  readonly loop: Loop
  readonly clients: Clients
  readonly listeners: Listeners
  readonly shutdown: Shutdown
  readonly log: Logger
  readonly #parts: ServerParts

  constructor(parts: ServerParts) {
    const { clock, log } = (this.#parts = parts)
    this.log = log
    this.commands = new HostCommands(
      () => this.engine,
      log,
      () => this.loop.deliverReady(),
    )
    this.engine = new Engine({
      module: parts.module,
      clock,
      seed: parts.seed,
      host: {
        log: (level, text) => log.log(level, text),
        command: (session) => this.commands.run(session),
        configure: (name, value) => this.settings.configure(name, value),
        info: (section) => this.info.lines(section),
      },
    })
    this.internal = new InternalSession(this.engine)
    this.loop = new Loop(this.engine, clock)
    this.clients = new Clients({
      engine: this.engine,
      loop: this.loop,
      settings: this.settings,
      log,
      isOpenToAll: () => this.#isOpenToAll(),
      closed: (session) => this.commands.forget(session),
    })
    this.listeners = new Listeners((client, unixPath) => this.clients.arrive(client, unixPath), log)
    this.shutdown = new Shutdown(log, () => this.#leave())
    this.shutdown.register(this.commands)
    addProcessInfo(this.info, {
      runId: parts.runId,
      configFile: parts.configFile,
      startedUs: clock.monotonicUs(),
      nowUs: () => clock.monotonicUs(),
      port: () => this.listeners.port || this.settings.number('port'),
    })
  }
    watchLog(this.settings, log)
    watchDirectory(this.settings, parts.cwd, (path) => this.#setDirectory(path))
    watchPlace(this.settings, log, (changed) => this.#listenTcp(changed))
  }

  /**
   * Sets the configuration, line by line.
   *
   * @throws {ConfigError} the first line that is wrong
   */
  configure(directives: Iterable<Directive>): void {
    for (const directive of directives) {
      const { name, args } = directive
      const bytes = [name, ...args].map((arg) => Buffer.from(arg, 'latin1'))
      try {
        this.internal.call('WADI.DIRECTIVE', ...bytes)
      } catch (error) {
        if (!(error instanceof ReplyError)) throw error
        throw new ConfigError(error.message.replace(/^ERR /, ''), directive)
      }
    }
    this.#readSettings()
    this.#setDirectory(this.path('dir'))
  }

  /** A directive that is a path, as an absolute one. */
  path(name: string): string {
    return resolve(this.#parts.cwd, this.settings.get('dir'), this.settings.get(name))
  }

  /**
   * Begins to serve.
   *
   * @throws {StartError}
   */
  listen(): void {
    const { settings, log } = this
    settings.live = true
    const port = settings.number('port')
    const unixSocket = settings.get('unixsocket')
    try {
      if (port) this.#listenTcp({})
      if (unixSocket) this.#listenUnix()
    } catch (error) {
      this.listeners.closeTcp()
      if (error instanceof ListenError) log.warning(error.message)
      throw new StartError('cannot listen', { cause: error })
    }
    this.loop.start()
  }

  /** Lets go of everything, without saving. */
  close(): void {
    this.loop.stop()
    this.listeners.closeTcp()
    if (this.listeners.closeUnix()) this.log.notice('Removing the unix socket file.')
    this.clients.closeAll()
  }
}
