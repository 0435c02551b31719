// The command line of redis-server: a server that is the whole process, and the checks of files.

import { accessSync, appendFileSync, constants, readFileSync, readSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { SystemClock } from '../core/clock.ts'
import { parseArguments, type Serve } from './config/arguments.ts'
import { ConfigError, ConfigFileError, readDirectives } from './config/directives.ts'
import { Logger, toFile, toStandardOutput } from './logger.ts'
import { loadModule } from './module.ts'
import { addCrashCommands, reportCrash } from './process/crash.ts'
import { isInBackground, startInBackground } from './process/daemon.ts'
import { DEFAULT_PIDFILE, PidFile } from './process/pidfile.ts'
import { handleSignals } from './process/signals.ts'
import { openFileLimit } from './process/open-files.ts'
import { listenAddress, processTitle } from './process/title.ts'
import { watchStarter } from './process/starter.ts'
import { detectSupervisor, notifySupervisor } from './process/supervisor.ts'
import { LoadError } from './persistence/aof-load.ts'
import { checkAof } from './persistence/check-aof.ts'
import { checkRdb, type CheckIo } from './persistence/check-rdb.ts'
import { StartError } from './net/listeners.ts'
import { Server } from './server.ts'
import { systemMessage } from './system-error.ts'
import { memoryTestAnswer, REDIS_VERSION, usage, versionLine } from './version.ts'

const STANDARD_INPUT = 0

const log = new Logger({ pid: process.pid, now: () => new Date(), write: toStandardOutput })

/** @param argv in latin1, a character a byte, like the text of configuration files */
export async function main(argv: readonly string[]): Promise<void> {
  const check = argv[0] === 'check-aof' ? checkAof : argv[0] === 'check-rdb' ? checkRdb : undefined
  if (check) return void (process.exitCode = check(argv.slice(1).map(fromLatin1), checkIo()))
  const line = parseArguments(argv)
  switch (line.do) {
    case 'version':
      return print(versionLine)
    case 'help':
      process.stderr.write(usage)
      return void (process.exitCode = 1)
    case 'check-system':
      return print('[system-check] ...OK')
    case 'test-memory':
      process.stderr.write(memoryTestAnswer)
      return void (process.exitCode = 1)
    default:
      return serve(line)
  }
}

/** What the checks of files need; they ask on the terminal. */
function checkIo(): CheckIo {
  return {
    module: loadModule(),
    print,
    complain: (line) => void process.stderr.write(`${line}\n`),
    ask(question) {
      writeSync(1, question)
      const line = Buffer.alloc(64)
      try {
        return line.toString('latin1', 0, readSync(STANDARD_INPUT, line))
      } catch {
        return ''
      }
    },
  }
}

function fromLatin1(text: string): string {
  return Buffer.from(text, 'latin1').toString()
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function serve(line: Serve): Promise<void> {
  const stdin = line.stdin ? readStandardInput() : undefined
  const server = makeServer(line)
  try {
    server.configure(readDirectives({ file: line.file, stdin, options: line.options }))
    openLog(server)
  } catch (error) {
    return refuse(error)
  }
  const { settings } = server
  const supervisor = detectSupervisor(settings.get('supervised'), { env: process.env, log })
  const isDaemon = settings.isOn('daemonize') && !supervisor
  if (isDaemon && !isInBackground(process.env)) {
    await startInBackground(stdin)
    process.exit(0)
  }
  announce(line)
  if (!isDaemon && !supervisor) watchStarter(() => process.kill(process.pid, 'SIGTERM'))
  await run(server, isDaemon)
  if (!supervisor) return
  server.supervisor = supervisor
  notifySupervisor(supervisor, { env: process.env, pid: process.pid, log })
}

function makeServer(line: Serve): Server {
  const [low, high] = new Uint32Array(Uint8Array.from(randomBytes(8)).buffer)
  return new Server({
    module: loadModule(),
    clock: new SystemClock(globalThis),
    seed: [low!, high!],
    runId: randomBytes(20).toString('hex'),
    log,
    configFile: line.file === undefined ? '' : resolve(line.file),
    cwd: process.cwd(),
    openFiles: openFileLimit(),
    exit: (code) => process.exit(code),
  })
}

function readStandardInput(): string {
  log.warning('Reading config from stdin')
  return readFileSync(STANDARD_INPUT, 'latin1')
}

/** The log goes where the configuration says, if it can be written there. */
function openLog(server: Server): void {
  if (!server.settings.get('logfile')) return
  const path = server.path('logfile')
  try {
    appendFileSync(path, '')
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new ConfigError(`Can't open the log file: ${systemMessage(error)}`)
  }
  log.write = toFile(path)
}

/** The start fails because of the configuration. */
function refuse(error: unknown): never {
  if (error instanceof ConfigError) process.stderr.write(error.report(REDIS_VERSION))
  else if (error instanceof ConfigFileError) log.warning(`Fatal error, ${error.message}`)
  else throw error
  process.exit(1)
}

function announce(line: Serve): void {
  log.warning('oO0OoO0OoO0Oo Wadi is starting oO0OoO0OoO0Oo')
  log.warning(
    `Redis version=${REDIS_VERSION}, bits=32, commit=00000000, modified=0, pid=${process.pid}, just started`,
  )
  if (line.file !== undefined || line.options || line.stdin) {
    log.warning('Configuration loaded')
  } else {
    log.warning(
      'Warning: no config file specified, using the default config. In order to specify a ' +
        'config file use wadi /path/to/redis.conf',
    )
  }
}

async function run(server: Server, isDaemon: boolean): Promise<void> {
  const { settings } = server
  log.role = 'M'
  log.notice(`Running mode=standalone, port=${settings.number('port')}.`)
  log.notice(`PID: ${process.pid}`)
  // A bug: say what is known and end; whoever watches over the process starts it again.
  process.on('uncaughtException', (error) => {
    reportCrash(log, error)
    process.exit(1)
  })
  addCrashCommands(server)
  handleSignals(process, {
    log,
    wish: (signal) =>
      settings.get(signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm'),
    shutdown: (wish) => server.shutdown.run(wish),
    exit: (code) => process.exit(code),
  })
  writePidFile(server, isDaemon)
  try {
    server.listen()
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    process.exit(1)
  }
  if (settings.isOn('set-proc-title')) setTitle(server)
  log.warning('Server initialized')
  try {
    await server.load()
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    process.exit(1)
  }
  const { tcp, tls } = server.listeners
  if (tcp.port || tls.port) log.notice('Ready to accept connections')
  const unixSocket = settings.get('unixsocket')
  if (unixSocket) log.notice(`The server is now ready to accept connections at ${unixSocket}`)
}

function writePidFile(server: Server, isDaemon: boolean): void {
  const given = server.settings.get('pidfile')
  if (!given && !isDaemon) return
  const pidFile = new PidFile(given ? server.path('pidfile') : DEFAULT_PIDFILE, log)
  pidFile.write(process.pid)
  server.shutdown.addStep(() => pidFile.remove())
}

function setTitle({ settings, configFile }: Server): void {
  const port = settings.number('port')
  const unixSocket = settings.get('unixsocket')
  process.title = processTitle(settings.get('proc-title-template'), {
    title: 'wadi',
    listenAddress: listenAddress(
      settings.get('bind'),
      port || settings.number('tls-port'),
      unixSocket,
    ),
    serverMode: settings.isOn('cluster-enabled') ? '[cluster]' : '',
    port,
    tlsPort: settings.number('tls-port'),
    unixSocket,
    configFile,
  })
}
