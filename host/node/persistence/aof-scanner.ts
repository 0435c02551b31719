// Walks over a file of commands as the append-only file has them, without running them:
//
//   *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $1\r\nv\r\n     a command: an array of bulk strings, nothing else
//   #TS:1700000000\r\n                              an annotation, which is passed over
//
// It says how far the file is whole: the end of the last command that is not inside a transaction whose EXEC
// is missing.

import type { ReadFile } from './storage.ts'

const CHUNK_BYTES = 1 << 20
const ASTERISK = 42
const DOLLAR = 36
const HASH = 35
const CR = 13
const LF = 10
/** The longest line that says a number. */
const LINE_MAX = 128
const ARGUMENTS_MAX = 2 ** 31 - 1
const BULK_MAX = 2 ** 32 - 1

/** What is wrong with a file. */
export interface AofProblem {
  /** `truncated`: it ends too early; `transaction`: before EXEC; else bytes that cannot stand there. */
  kind: 'truncated' | 'transaction' | 'format' | 'misplaced'
  /** Where it shows. */
  offset: number
  text: string
}

export class AofScanner {
  /** The end of the last whole command outside of transactions. */
  validBytes: number
  /** Lines read, as redis-check-aof counts them. */
  lines = 0
  problem: AofProblem | undefined
  /** Where the last whole command begins. */
  lastCommand = 0
  /** The last time annotation, Unix time in seconds. */
  timestamp = 0

  readonly #file: ReadFile
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  /** The place of the buffer's first byte in the file, and how many bytes it has. */
  #position: number
  #length = 0
  #at = 0
  #isInTransaction = false
  /** Stops before the first annotation of a later time. */
  readonly #until: number

  constructor(file: ReadFile, options: { from?: number; until?: number | undefined } = {}) {
    this.#file = file
    this.#position = options.from ?? 0
    this.#until = options.until ?? Infinity
    this.validBytes = this.#position
  }

  /** Where the scan is. */
  get offset(): number {
    return this.#position + this.#at
  }

  /** The next whole commands, valid until the next call; undefined at the end or at a problem. */
  next(): Uint8Array | undefined {
    for (;;) {
      const from = this.#at
      while (this.#command()) if (this.#at - from > CHUNK_BYTES) break
      if (this.#at > from) return this.#buffer.subarray(from, this.#at)
      if (this.problem) return undefined
      if (this.#annotation()) continue
      if (this.problem || this.isStopped) return undefined
      if (this.#fill()) continue
      this.#end()
      return undefined
    }
  }

  /** Whether a later time ended the scan. */
  isStopped = false

  /** Moves past a command that is whole in the buffer. */
  #command(): boolean {
    const buffer = this.#buffer
    const start = this.#at
    if (start >= this.#length || buffer[start] === HASH) return false
    if (buffer[start] !== ASTERISK) return this.#fail(start, 'format', '')
    let at = this.#line(start)
    if (at < 0) return false
    const argc = this.#number
    if (argc < 1 || argc > ARGUMENTS_MAX) return this.#fail(start, 'format', '')
    let name = 0
    let nameLength = 0
    for (let i = 0; i < argc; i++) {
      if (at >= this.#length) return false
      if (buffer[at] !== DOLLAR) {
        return this.#fail(
          at,
          'format',
          `Expected prefix '$', got: '${String.fromCharCode(buffer[at]!)}'`,
        )
      }
      const body = this.#line(at)
      if (body < 0) return false
      const length = this.#number
      if (length < 0 || length > BULK_MAX)
        return this.#fail(at, 'format', 'Invalid length of an argument')
      at = body + length + 2
      if (at > this.#length) return false
      if (buffer[at - 2] !== CR || buffer[at - 1] !== LF) return this.#failLineEnd(at - 2)
      if (i === 0) {
        name = body
        nameLength = length
      }
    }
    this.#at = at
    if (!this.#account(start, argc, name, nameLength)) return false
    this.lines += 1 + 2 * argc
    this.lastCommand = this.#position + start
    return true
  }

  /** Follows transactions. */
  #account(start: number, argc: number, name: number, length: number): boolean {
    if (argc === 1 && (length === 5 || length === 4)) {
      const word = this.#buffer.toString('latin1', name, name + length).toLowerCase()
      if (word === 'multi') {
        if (this.#isInTransaction) return this.#misplaced(start, 'Unexpected MULTI')
        this.#isInTransaction = true
      } else if (word === 'exec') {
        if (!this.#isInTransaction) return this.#misplaced(start, 'Unexpected EXEC')
        this.#isInTransaction = false
      }
    }
    if (!this.#isInTransaction) this.validBytes = this.offset
    return true
  }

  #misplaced(start: number, text: string): boolean {
    const at = this.#at
    this.#at = start
    return this.#fail(at, 'misplaced', text)
  }

  #number = 0

  /** Reads the number of a line; answers where the next one begins, -1 when it is not whole or wrong. */
  #line(start: number): number {
    const buffer = this.#buffer
    let at = start + 1
    let value = 0
    let isNegative = false
    if (buffer[at] === 45) {
      isNegative = true
      at++
    }
    const digits = at
    for (; at < this.#length; at++) {
      const digit = buffer[at]! - 48
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (at + 2 > this.#length && at - start < LINE_MAX && isBlank(buffer, at, this.#length))
      return -1
    if (at === digits || buffer[at] !== CR || buffer[at + 1] !== LF) {
      this.#failLineEnd(at)
      return -1
    }
    this.#number = isNegative ? -value : value
    return at + 2
  }

  #failLineEnd(at: number): false {
    const got = this.#buffer.subarray(at, Math.min(at + 2, this.#length)).toString('hex')
    return this.#fail(at, 'format', `Expected \\r\\n, got: ${got}`)
  }

  #fail(at: number, kind: AofProblem['kind'], text: string): false {
    this.problem = { kind, offset: this.#position + at, text }
    return false
  }

  /** Moves past an annotation that is whole in the buffer. */
  #annotation(): boolean {
    if (this.#at >= this.#length || this.#buffer[this.#at] !== HASH) return false
    const end = this.#buffer.subarray(0, this.#length).indexOf('\r\n', this.#at)
    if (end < 0) {
      if (this.#length - this.#at > 1024)
        this.#fail(this.#at, 'format', 'Expected \\r\\n, got none')
      return false
    }
    const match = /^#TS:(\d+)$/.exec(this.#buffer.toString('latin1', this.#at, end))
    if (match && Number(match[1]) > this.#until) {
      this.isStopped = true
      return false
    }
    if (match) this.timestamp = Number(match[1])
    this.#at = end + 2
    if (!this.#isInTransaction) this.validBytes = this.offset
    return true
  }

  /** Reads more; false at the end of the file. */
  #fill(): boolean {
    const rest = this.#length - this.#at
    let buffer = this.#buffer
    if (this.#at > 0 && rest > 0) buffer.copyWithin(0, this.#at, this.#length)
    this.#position += this.#at
    this.#at = 0
    this.#length = rest
    if (rest === buffer.length) {
      buffer = Buffer.allocUnsafe(Math.min(buffer.length * 2, this.#file.size - this.#position + 1))
      this.#buffer.copy(buffer, 0, 0, rest)
      this.#buffer = buffer
    }
    const count = this.#file.read(buffer.subarray(rest), this.#position + rest)
    this.#length += count
    return count > 0
  }

  #end(): void {
    const isTorn = this.#at < this.#length
    if (isTorn) this.#fail(this.#length, 'truncated', 'Reached EOF inside a command')
    else if (this.#isInTransaction)
      this.#fail(this.#at, 'transaction', 'Reached EOF before reading EXEC for MULTI')
  }
}

/** Whether what stands there may be the beginning of a line's end. */
function isBlank(buffer: Buffer, at: number, end: number): boolean {
  return at >= end || (buffer[at] === CR && at + 1 >= end)
}
