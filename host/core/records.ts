// Takes the stream of batch records apart: what it gives are the commands, in pieces that end where a record
// ends.
//
//   record: header of 64 bytes │ commands       format at 0, length at 4, database at 60
//
// Zeros where a record would begin are the rest of a piece that was not filled.

const HEADER_BYTES = 64
const FORMAT = 0x31424c57 // "WLB1"
const NO_DATABASE = 0xffffffff

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

/** @throws {LogError} the stream holds something else, or ends inside a record */
export function* commandsOf(stream: Iterable<Uint8Array>): Generator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0)
  let isFirst = true
  for (const piece of stream) {
    const bytes = rest.length ? join(rest, piece) : piece
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    while (at + HEADER_BYTES <= bytes.length && bytes[at] !== 0) {
      if (view.getUint32(at, true) !== FORMAT) throw new LogError('the log holds no batch record')
      const end = at + HEADER_BYTES + view.getUint32(at + 4, true)
      if (end > bytes.length) break
      if (isFirst) yield select(view.getUint32(at + 60, true))
      isFirst = false
      yield bytes.subarray(at + HEADER_BYTES, end)
      at = end
    }
    rest = bytes[at] === 0 ? bytes.subarray(bytes.length) : bytes.subarray(at)
  }
  if (rest.length) throw new LogError('the log ends inside a batch record', true)
}

/** The first record of a stream counts on the database that was selected before it. */
function select(db: number): Uint8Array {
  const digits = String(db)
  const command = `*2\r\n$6\r\nSELECT\r\n$${digits.length}\r\n${digits}\r\n`
  return new TextEncoder().encode(db === NO_DATABASE ? '' : command)
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
