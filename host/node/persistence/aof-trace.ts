// Reads one command of an append-only file as redis-check-aof does, to say of a broken one what that says: where
// its last step began, how many lines it had read until then, and what it missed.

import type { ReadFile } from './storage.ts'

const LINE_MAX = 127

export interface Trace {
  /** Where the last step began. */
  offset: number
  lines: number
  /** What was missed; undefined when the command is whole, or the file ends between two steps. */
  text: string | undefined
}

class Tracer implements Trace {
  offset: number
  lines = 0
  text: string | undefined
  readonly #file: ReadFile
  #at: number

  constructor(file: ReadFile, from: number) {
    this.#file = file
    this.#at = from
    this.offset = from
  }

  /** Reads the command, or with `nameOnly` its first argument. */
  run(nameOnly: boolean): this {
    const argc = this.#number('*')
    if (argc === undefined) return this
    for (let i = 0; i < (nameOnly ? 1 : argc); i++) {
      const length = this.#number('$')
      if (length === undefined || !this.#skip(length + 2)) return this
    }
    return this
  }

  /** A line with a number behind its mark. */
  #number(mark: string): number | undefined {
    this.offset = this.#at
    const bytes = Buffer.alloc(LINE_MAX)
    const text = bytes.toString('latin1', 0, this.#file.read(bytes, this.#at))
    const line = text.slice(0, text.indexOf('\n') + 1 || text.length)
    if (line === '') return undefined
    if (line[0] !== mark) {
      this.text = `Expected prefix '${mark}', got: '${line[0]}'`
      return undefined
    }
    const digits = /^\s*[+-]?\d+/.exec(line.slice(1))?.[0] ?? ''
    this.#at += line.length
    return this.#endsLine(line.slice(1 + digits.length)) ? Number(digits) : undefined
  }

  #endsLine(rest: string): boolean {
    if (rest.startsWith('\r\n')) {
      this.lines++
      return true
    }
    const got = Buffer.from(rest.padEnd(2, '\0').slice(0, 2), 'latin1').toString('hex')
    this.text = `Expected \\r\\n, got: ${got}`
    return false
  }

  /** So many bytes, with the end of the line behind them. */
  #skip(length: number): boolean {
    this.offset = this.#at
    const there = this.#file.size - this.#at
    if (there < length) {
      this.text = `Expected to read ${length} bytes, got ${there} bytes`
      return false
    }
    this.#at += length
    const end = Buffer.alloc(2)
    this.#file.read(end, this.#at - 2)
    return this.#endsLine(end.toString('latin1'))
  }
}

/** Traces the command at a place of a file. */
export function traceCommand(file: ReadFile, from: number, nameOnly = false): Trace {
  return new Tracer(file, from).run(nameOnly)
}
