// The end of a process that must not end so: the report in the log, and DEBUG's ways to bring it about.

import { EngineCrash, ReplyError } from '../../core/errors.ts'
import { configRewrite } from '../config/rewrite-command.ts'
import type { Logger } from '../logger.ts'
import type { Server } from '../server.ts'
import { REDIS_VERSION } from '../version.ts'
import { sleep } from './sleep.ts'

const NO_RESTART = new ReplyError('ERR failed to restart the server. Check server logs.')

/** Writes what is known of a crash. */
export function reportCrash(log: Logger, error: unknown): void {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  log.warning('=== WADI BUG REPORT START: Cut & paste starting from here ===')
  log.warning(`Redis ${REDIS_VERSION} crashed: ${message}`)
  if (error instanceof EngineCrash) log.warning(`Command: ${error.command.join(' ')}`)
  for (const line of (stack ?? '').split('\n')) log.warning(line)
  log.warning('=== WADI BUG REPORT END ===')
}

/** DEBUG SEGFAULT, PANIC, ASSERT, OOM, RESTART and CRASH-AND-RECOVER: for a server that is the whole process. */
export function addCrashCommands(server: Server): void {
  const { commands, log } = server
  const end = (signal: 'SIGSEGV' | 'SIGABRT', message: string) => () => {
    reportCrash(log, new Error(message))
    process.kill(process.pid, signal)
    return null
  }
  commands.on('debug|segfault', end('SIGSEGV', 'by signal: 11'))
  commands.on('debug|panic', end('SIGABRT', 'Guru Meditation: called by Unit Test'))
  commands.on('debug|assert', end('SIGABRT', "=== ASSERTION FAILED === '1 == 2' is not true"))
  commands.on('debug|oom', end('SIGABRT', 'Out Of Memory'))
  commands.on('debug|crash-and-recover', (call) => startAgain(log, Number(call.text(2)) || 0))
  commands.onLate('debug|restart', async (call) => {
    await Promise.resolve()
    if (server.configFile) await configRewrite(server)
    await server.persistence.snapshots.save()
    return startAgain(log, Number(call.text(2)) || 0)
  })
}

/** The same program in the place of this one, with the same arguments. */
function startAgain(log: Logger, delayMs: number): ReplyError {
  sleep(delayMs)
  const { execPath, execArgv, argv, env } = process
  if (!process.execve) {
    log.warning('This version of Node cannot start another program in its own place')
    return NO_RESTART
  }
  return process.execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], env)
}
