// The server: an engine, what feeds it, and what looks after it, put together.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SystemClock } from '../core/clock.ts'
import { Engine } from '../core/engine.ts'
import { ReplyError } from '../core/errors.ts'
import { InternalSession } from '../core/internal.ts'
import { Origins } from '../http/index.ts'
import { Clients } from './clients.ts'
import { HostCommands } from './commands.ts'
import { ConfigError, type Directive } from './config/directives.ts'
import { configRewrite } from './config/rewrite-command.ts'
import { addProcessInfo, Info } from './info.ts'
import type { LogFormat, Logger } from './logger.ts'
import { addDebugCommands } from './debug.ts'
import { HttpServer } from './http/server.ts'
import { LatencyMonitor } from './latency.ts'
import { Loop } from './loop.ts'
import { Listeners, StartError } from './net/listeners.ts'
import { connectOut } from './net/outgoing.ts'
import { fitClients } from './process/open-files.ts'
import { loadLua } from './module.ts'
import { Persistence } from './persistence/persistence.ts'
import { NodeStorage, type Storage } from './persistence/storage.ts'
import { migrate } from './migrate.ts'
import { addReplicationInfo, ReplicationIdentity } from './replication/identity.ts'
import { Settings } from './settings.ts'
import { Shutdown } from './shutdown.ts'
import { systemMessage } from './system-error.ts'
import { registerTokens } from './tokens.ts'
import { Users } from './users.ts'

/** As long as a shutdown may take, in ms. */
const FOREVER_MS = 1e12

export interface ServerParts {
  module: WebAssembly.Module
  clock: SystemClock
  seed: readonly [number, number]
  /** 40 hex digits that name this run. */
  runId: string
  log: Logger
  /** The configuration file, as an absolute path; '' without one. */
  configFile: string
  /** How many files and sockets the process may have open; unlimited unless told. */
  openFiles?: number
  /** What relative paths start from until `dir` says otherwise. */
  cwd: string
  /** Where files are kept: on this machine, unless told. */
  storage?: Storage
  /** Ends the process, or what stands for it. */
  exit(code: number): void
}

export class Server {
  readonly settings = new Settings()
  readonly info = new Info()
  readonly commands: HostCommands
  readonly engine: Engine
  readonly internal: InternalSession
  readonly loop: Loop
  readonly clients: Clients
  /** What the HTTP port answers. */
  readonly http: HttpServer
  readonly listeners: Listeners
  readonly shutdown: Shutdown
  /** What takes long outside the engine. */
  readonly latency: LatencyMonitor
  /** The history that its dataset belongs to. */
  readonly identity = new ReplicationIdentity()
  readonly persistence: Persistence
  readonly users: Users
  /** Ends the process. */
  readonly exit: (code: number) => void
  readonly log: Logger
  /** The configuration file; '' without one. */
  readonly configFile: string
  /** Who supervises the process. */
  supervisor = 'no'
  readonly #openFiles: number
  readonly #modules: string[] = []
  readonly #cwd: string

  constructor(parts: ServerParts) {
    const { clock, log } = parts
    this.log = log
    this.configFile = parts.configFile
    this.#cwd = parts.cwd
    this.#openFiles = parts.openFiles ?? Infinity
    this.commands = new HostCommands(
      () => this.engine,
      log,
      () => this.loop.deliverReady(),
    )
    this.engine = new Engine({
      module: parts.module,
      lua: loadLua,
      clock,
      seed: parts.seed,
      host: {
        log: (level, text) => log.log(level, text),
        command: (session, number) => this.commands.run(session, number),
        configure: (name, value) => this.settings.configure(name, value),
        apply: (name) => this.#apply(name),
        info: (section) => this.info.lines(section),
        hear: () => this.clients.hear(),
      },
    })
    this.internal = new InternalSession(this.engine)
    this.latency = new LatencyMonitor(this.internal, this.settings)
    this.loop = new Loop(this.engine, clock)
    this.clients = new Clients({
      engine: this.engine,
      loop: this.loop,
      settings: this.settings,
      log,
      isOpenToAll: () => this.users.isOpenToAll(),
      closed: (session) => this.commands.forget(session),
    })
    this.http = new HttpServer({
      clients: this.clients,
      isLoading: () => this.persistence.isLoading,
      origins: () => new Origins(this.settings.get('http-origins').split(' ').filter(Boolean)),
      maxConnections: () => this.settings.number('maxclients'),
    })
    this.listeners = new Listeners({
      settings: this.settings,
      clients: this.clients,
      http: this.http,
      log,
      path: (name) => this.path(name),
    })
    this.shutdown = new Shutdown({
      log,
      hold: (on) => this.#holdWrites(on),
      letGo: () => this.close(),
      endScript: () => this.#endScript(),
      leave: () => parts.exit(0),
    })
    this.shutdown.register(this.commands)
    this.users = new Users({
      internal: this.internal,
      settings: this.settings,
      log,
      path: () => this.path('aclfile'),
    })
    this.users.register(this.commands)
    registerTokens(this.commands, {
      internal: this.internal,
      settings: this.settings,
      nowMs: () => clock.wallUs(clock.monotonicUs()) / 1000,
    })
    const outgoing = { settings: this.settings, path: (name: string) => this.path(name) }
    this.commands.onLate('migrate', (call) =>
      migrate(call, this.internal, (place) => connectOut(outgoing, place, 'tls-cluster')),
    )
    this.commands.onLate('config|rewrite', () => configRewrite(this))
    this.commands.onLate('debug|config-rewrite-force-all', () =>
      configRewrite(this, { writesAll: true }),
    )
    addProcessInfo(this.info, {
      runId: parts.runId,
      configFile: parts.configFile,
      supervisor: () => this.supervisor,
      clock,
      engine: this.engine,
      settings: this.settings,
    })
    addReplicationInfo(this.info, this)
    this.exit = (code) => parts.exit(code)
    this.persistence = new Persistence({
      home: this,
      storage: parts.storage ?? new NodeStorage(),
      now: () => Math.floor(clock.wallUs(clock.monotonicUs()) / 1000),
    })
    addDebugCommands(this)
    this.#followSettings()
  }

  /**
   * Sets the configuration, line by line.
   *
   * @throws {ConfigError} the first line that is wrong
   */
  configure(directives: Iterable<Directive>): void {
    const users: Directive[] = []
    for (const directive of directives) {
      if (directive.name === 'user') users.push(directive)
      else check(directive, this.#setDirective(directive))
    }
    // A user is made once it is known what a new one may do, and has the last word on the default one.
    for (const user of users) check(user, this.users.declare(user))
    const values = this.internal.call('CONFIG', 'GET', '*') as string[]
    for (let i = 0; i < values.length; i += 2) this.settings.load(values[i]!, values[i + 1]!)
    this.#settleDirectory()
    this.#settleClients()
  }

  /** A text is the reason why it cannot be set. */
  #setDirective({ name, args }: Directive): string | undefined {
    if (name === 'loadmodule' && args.length) return void this.#modules.push(args[0]!)
    try {
      const words = [name, ...args].map((word) => Buffer.from(word, 'latin1'))
      this.internal.call('WADI.DIRECTIVE', ...words)
    } catch (error) {
      if (error instanceof ReplyError) return error.message.replace(/^ERR /, '')
      throw error
    }
    return this.settings.problem(name, args.join(' '))
  }

  /** A directive that is a path, as an absolute one. */
  path(name: string): string {
    return resolve(this.#cwd, this.settings.get('dir'), this.settings.get(name))
  }

  /** A file in the data folder, as an absolute path. */
  file(name: string): string {
    return resolve(this.#cwd, this.settings.get('dir'), name)
  }

  /**
   * Begins to serve; with `anyPort` on a port that is free.
   *
   * @throws {StartError} an address or a path cannot be had; the log says which
   */
  listen(options: { anyPort?: boolean } = {}): void {
    const { settings, log } = this
    if (this.users.begin() !== undefined) throw new StartError('the users cannot be had')
    for (const path of this.#modules) {
      log.warning(`Can't load module from ${path}: server aborting`)
      throw new StartError('there are no modules')
    }
    this.listeners.open(options)
    if (options.anyPort) {
      const { port } = this.listeners.tcp
      this.internal.call('WADI.DIRECTIVE', 'port', port)
      settings.load('port', String(port))
    }
    settings.live = true
    this.internal.call('CONFIG', 'RESETSTAT')
    this.loop.start()
  }

  /** Loads the dataset, once clients may come. @throws {LoadError} the log says why it cannot be */
  async load(options: { withSnapshot?: boolean } = {}): Promise<void> {
    await this.persistence.start(options)
    this.internal.call('WADI.STATE', 'serving', 'yes')
  }

  /** Writes of clients wait, without a reply, or go on. */
  #holdWrites(on: boolean): void {
    if (on) this.internal.call('CLIENT', 'PAUSE', FOREVER_MS, 'WRITE')
    else this.internal.call('CLIENT', 'UNPAUSE')
    this.loop.deliverReady()
  }

  #endScript(): boolean {
    if (!this.engine.isHearing) return false
    this.engine.abandon()
    return true
  }

  /** Lets go of everything, without saving. */
  close(): void {
    this.loop.stop()
    this.persistence.stop()
    this.clients.closeAll()
    this.http.close()
    this.listeners.close()
  }

  /** What the host does when a directive changes. */
  #followSettings(): void {
    const { settings, log } = this
    settings.check('log-format', (format) => void (log.format = format as LogFormat))
    settings.check('loglevel', (level) => log.setLevel(level))
    settings.check('dir', (dir) => directoryProblem(resolve(this.#cwd, dir)))
    settings.onChange('maxclients', (wanted) => {
      const fitting = fitClients(Number(wanted), this.#openFiles, log)
      if (fitting === Number(wanted)) return undefined
      return `The operating system is not able to handle the specified number of clients, try with ${fitting}`
    })
    settings.onChange('dir', () => queueMicrotask(() => this.#settleDirectory()))
  }

  /** Acts on a directive that CONFIG SET has set. */
  #apply(name: string): string | undefined {
    const refusal = this.settings.apply(name)
    if (refusal === undefined) return undefined
    this.log.warning(
      `Failed applying new configuration. Possibly related to new ${name} setting. ` +
        'Restoring previous settings.',
    )
    return refusal
  }

  /** As many clients as there may be sockets. */
  #settleClients(): void {
    const wanted = this.settings.number('maxclients')
    const fitting = fitClients(wanted, this.#openFiles, this.log)
    if (fitting === wanted) return
    this.internal.call('WADI.DIRECTIVE', 'maxclients', fitting)
    this.settings.load('maxclients', String(fitting))
  }

  /** Clients see the working directory as an absolute path. */
  #settleDirectory(): void {
    const dir = resolve(this.#cwd, this.settings.get('dir'))
    if (dir !== this.settings.get('dir')) this.internal.call('WADI.DIRECTIVE', 'dir', dir)
    this.settings.load('dir', dir)
  }
}

/** @throws {ConfigError} there is a reason why a line cannot be set */
function check(directive: Directive, reason: string | undefined): void {
  if (reason !== undefined) throw new ConfigError(reason, directive)
}

function directoryProblem(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : systemMessage({ code: 'ENOTDIR' })
  } catch (error) {
    return systemMessage(error)
  }
}
