// How many files and sockets this process may have open, since every client takes one.

import { readFileSync } from 'node:fs'
import type { Logger } from '../logger.ts'

/** Files that a server needs beside its clients. */
const RESERVED = 32

/** The limit; Infinity where the system does not tell. Node has raised it as far as it may. */
export function openFileLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}

/** The most clients of those wanted that the limit has room for; says in the log why they are fewer. */
export function fitClients(wanted: number, limit: number, log: Logger): number {
  const fitting = Math.max(1, limit - RESERVED)
  if (wanted <= fitting) return wanted
  const files = wanted + RESERVED
  log.warning(
    `You requested maxclients of ${wanted} requiring at least ${files} max file descriptors.`,
  )
  log.warning(
    `Server can't set maximum open files to ${files} because of OS error: Operation not permitted.`,
  )
  log.warning(
    `Current maximum open files is ${limit}. maxclients has been reduced to ${fitting} to compensate ` +
      "for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
  )
  return fitting
}
