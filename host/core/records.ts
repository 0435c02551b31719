// The log as the engine gives it: a stream of batch records. A record is a header of 64 bytes, drawn in
// assembly/persistence/effects.ts, and commands. Zeros where a record would begin are the rest of a piece that was
// not filled.

import { concat } from './bytes.ts'
import { encodeCommand } from './encode.ts'

const FORMAT = 0x31424c57 // "WLB1"
const NO_DATABASE = 0xffffffff

/** What the header of the record that begins at `at` says. */
export const BatchHeader = {
  bytes: 64,
  /** Bytes of the commands behind it. */
  length: (log: Uint8Array, at: number): number => u32(log, at + 4),
  timeMs: (log: Uint8Array, at: number): number => u64(log, at + 32),
  /** Where in the log its commands begin. */
  offset: (log: Uint8Array, at: number): number => u64(log, at + 40),
  /** The SELECT that its first command counts on; empty where none came before. */
  select(log: Uint8Array, at: number): Uint8Array {
    const db = u32(log, at + 60)
    return db === NO_DATABASE ? new Uint8Array(0) : encodeCommand(['SELECT', db])
  },
}

/** The log is not what was written. */
export class LogError extends Error {
  override name = 'LogError'
  /** It ends inside a record: what was written last is not whole. */
  readonly isTorn: boolean

  constructor(message: string, isTorn = false) {
    super(message)
    this.isTorn = isTorn
  }
}

/**
 * The commands of a log that is cut anywhere, in pieces that end where a record ends.
 *
 * @throws {LogError} the stream holds something else, or ends inside a record
 */
export function* commandsOf(stream: Iterable<Uint8Array>): Generator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0)
  let isFirst = true
  for (const piece of stream) {
    const log = rest.length ? concat([rest, piece]) : piece
    let at = 0
    while (at + BatchHeader.bytes <= log.length && log[at] !== 0) {
      if (u32(log, at) !== FORMAT) throw new LogError('the log holds no batch record')
      const end = at + BatchHeader.bytes + BatchHeader.length(log, at)
      if (end > log.length) break
      if (isFirst) yield BatchHeader.select(log, at)
      isFirst = false
      yield log.subarray(at + BatchHeader.bytes, end)
      at = end
    }
    rest = log[at] === 0 ? log.subarray(log.length) : log.subarray(at)
  }
  if (rest.length) throw new LogError('the log ends inside a batch record', true)
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

/** As far as a number can hold it exactly. */
function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32
}
