// Log lines as redis-server writes them, since people and tools read them:
//
//   2193:M 20 Nov 2026 10:12:24.439 * Ready to accept connections
//   pid:role date, level (. debug, - verbose, * notice, # warning), text
//
// or, with `log-format json`, for those who collect logs:
//
//   {"time":"2026-11-20T10:12:24.439Z","level":"notice","pid":2193,"role":"master","message":"Ready to …"}

import { appendFileSync, writeSync } from 'node:fs'
import { Level } from '../core/abi.ts'

/** Who writes: a process before it serves, a master, a replica, a sentinel. */
export type Role = 'C' | 'M' | 'S' | 'X'

export type LogFormat = 'redis' | 'json'

const MARKS = '.-*#'
const NAMES = ['debug', 'verbose', 'notice', 'warning']
const ROLES = { C: 'start', M: 'master', S: 'replica', X: 'sentinel' }
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** At the level `nothing` not even warnings are written. */
const LEVELS: Record<string, number> = { ...Level, nothing: Level.warning + 1 }

export interface LoggerOptions {
  pid: number
  now: () => Date
  /** Takes whole lines. */
  write: (line: string) => void
}

export class Logger {
  role: Role = 'C'
  /** Lines below this level are not written. */
  level: number = Level.notice
  format: LogFormat = 'redis'
  /** Where the lines go. */
  write: (line: string) => void

  readonly #pid: number
  readonly #now: () => Date

  constructor(options: LoggerOptions) {
    this.#pid = options.pid
    this.#now = options.now
    this.write = options.write
  }

  /** Takes a level by its name in the configuration. */
  setLevel(name: string): void {
    this.level = LEVELS[name] ?? Level.notice
  }

  log(level: Level, text: string): void {
    if (level < this.level) return
    const now = this.#now()
    if (this.format === 'json') return this.#object(now, level, text)
    this.write(`${this.#pid}:${this.role} ${formatTime(now)} ${MARKS[level]} ${text}\n`)
  }

  debug(text: string): void {
    this.log(Level.debug, text)
  }

  verbose(text: string): void {
    this.log(Level.verbose, text)
  }

  notice(text: string): void {
    this.log(Level.notice, text)
  }

  warning(text: string): void {
    this.log(Level.warning, text)
  }

  /** What a signal handler writes: no date, no level. */
  signal(text: string): void {
    const now = this.#now()
    if (this.format === 'json') return this.#object(now, Level.notice, text)
    const seconds = Math.floor(now.getTime() / 1000)
    this.write(`${this.#pid}:signal-handler (${seconds}) ${text}\n`)
  }

  #object(now: Date, level: Level, message: string): void {
    const line = {
      time: now.toISOString(),
      level: NAMES[level],
      pid: this.#pid,
      role: ROLES[this.role],
      message,
    }
    this.write(`${JSON.stringify(line)}\n`)
  }
}

/** `20 Nov 2026 10:12:24.439`, in local time. */
export function formatTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** Standard output, at once: a line must not be lost when the process exits right after it. */
export function toStandardOutput(line: string): void {
  try {
    writeSync(1, line)
  } catch {
    process.stdout.write(line)
  }
}

/** A file, opened for each line as Redis does, so that it may be moved away at any time. */
export function toFile(path: string): (line: string) => void {
  return (line) => {
    try {
      appendFileSync(path, line)
    } catch {
      // A full disk must not end the server.
    }
  }
}
