// The file with the process id, as init scripts expect it.

import { unlinkSync, writeFileSync } from 'node:fs'
import type { Logger } from '../logger.ts'

/** Where a server that runs in the background writes its id when no place is given. */
export const DEFAULT_PIDFILE = '/var/run/redis.pid'

export class PidFile {
  readonly #path: string
  readonly #log: Logger

  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** A place that cannot be written is no reason not to serve. */
  write(pid: number): void {
    try {
      writeFileSync(this.#path, `${pid}\n`)
    } catch (error) {
      this.#log.warning(`Failed to write PID file: ${(error as Error).message}`)
    }
  }

  remove(): void {
    this.#log.notice('Removing the pid file.')
    try {
      unlinkSync(this.#path)
    } catch {
      // Someone else removed it.
    }
  }
}
