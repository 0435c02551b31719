// Telling a supervisor that the server is ready (`supervised systemd`, `supervised upstart`).

import { spawn } from 'node:child_process'
import type { Logger } from '../logger.ts'

export interface Surroundings {
  env: NodeJS.ProcessEnv
  pid: number
  log: Logger
}

/** Who supervises this process, as the directive and the environment say. */
export function detectSupervisor(
  directive: string,
  { env, log }: Omit<Surroundings, 'pid'>,
): 'systemd' | 'upstart' | undefined {
  const isAuto = directive === 'auto'
  if (directive === 'systemd' || (isAuto && env['NOTIFY_SOCKET'])) {
    if (env['NOTIFY_SOCKET']) return 'systemd'
    log.warning('systemd supervision requested or auto-detected, but NOTIFY_SOCKET not found!')
  }
  if (directive === 'upstart' || (isAuto && env['UPSTART_JOB'])) {
    if (env['UPSTART_JOB']) return 'upstart'
    log.warning('upstart supervision requested, but UPSTART_JOB not found!')
  }
  return undefined
}

/** Says that clients are served from now on. */
export function notifySupervisor(who: 'systemd' | 'upstart', { pid, log }: Surroundings): void {
  if (who === 'upstart') {
    log.notice('supervised by upstart, will stop to signal readiness.')
    process.kill(pid, 'SIGSTOP')
    return
  }
  const status = '--status=Ready to accept connections'
  const notify = spawn('systemd-notify', ['--ready', `--pid=${pid}`, status], { stdio: 'ignore' })
  notify.on('error', (error) => log.warning(`systemd supervision error: ${error.message}`))
}
