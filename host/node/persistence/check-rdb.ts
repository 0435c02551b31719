// wadi check-rdb: whether an RDB file is whole. An engine of its own loads it, with the output of
// redis-check-rdb and its exit codes.

import { LoadState } from '../../core/abi.ts'
import { SystemClock } from '../../core/clock.ts'
import { Engine } from '../../core/engine.ts'
import { RdbError } from '../../core/errors.ts'
import { InternalSession } from '../../core/internal.ts'
import { NodeStorage, type ReadFile } from './storage.ts'

export interface CheckIo {
  module: WebAssembly.Module
  /** Prints a line. */
  print: (line: string) => void
  /** Asks the person in front of it; answers the line typed. */
  ask: (question: string) => string
}

const READ_BYTES = 1 << 18
const AUX = 0xfa
const HEADER_BYTES = 9

/** Answers the exit code. */
export function checkRdb(args: readonly string[], io: CheckIo): number {
  const [path] = args
  if (args.length !== 1 || path === undefined) {
    io.print('Usage: wadi check-rdb <rdb-file-name>')
    return 1
  }
  let file: ReadFile
  try {
    file = new NodeStorage().read(path)
  } catch {
    io.print(`[offset 0] Checking RDB file ${path}`)
    return 1
  }
  try {
    return checkRdbFile(file, path, io) === undefined ? 1 : 0
  } finally {
    file.close()
  }
}

/** Checks a file that begins as an RDB; where that ends, undefined when it is damaged. */
export function checkRdbFile(file: ReadFile, path: string, io: CheckIo): number | undefined {
  io.print(`[offset 0] Checking RDB file ${path}`)
  for (const { end, name, value } of auxFields(file)) {
    io.print(`[offset ${end}] AUX FIELD ${name} = '${value}'`)
  }
  const engine = new Engine({
    module: io.module,
    clock: new SystemClock(globalThis),
    seed: [1, 2],
  })
  const internal = new InternalSession(engine)
  internal.call('WADI.STATE', 'loading', 'yes')
  try {
    const end = load(engine, file)
    io.print(`[offset ${end}] Checksum OK`)
    io.print(`[offset ${end}] \\o/ RDB looks OK! \\o/`)
    return end
  } catch (error) {
    if (!(error instanceof RdbError)) throw error
    io.print('--- RDB ERROR DETECTED ---')
    io.print(`[offset ${error.offset}] ${error.reason}`)
    return undefined
  } finally {
    printCounts(engine, internal, io)
  }
}

function load(engine: Engine, file: ReadFile): number {
  engine.beginLoad(0)
  const piece = Buffer.allocUnsafe(READ_BYTES)
  let state: number = LoadState.running
  for (let at = 0; at < file.size && state === LoadState.running;) {
    const count = file.read(piece, at)
    if (count === 0) break
    state = engine.loadPiece(piece.subarray(0, count))
    at += count
  }
  engine.endLoad()
  return engine.loadedBytes
}

function printCounts(engine: Engine, internal: InternalSession, io: CheckIo): void {
  const sum = (field: string) =>
    [...(internal.call('INFO', 'keyspace') as string).matchAll(new RegExp(`${field}=(\\d+)`, 'g'))]
      .map((match) => Number(match[1]))
      .reduce((total, count) => total + count, 0)
  const keys = sum('keys')
  const expires = sum('expires')
  internal.call('WADI.STATE', 'loading', 'no')
  for (let calls = 0; calls < 1000 && engine.tick(1 << 20) <= 1; calls++);
  io.print(`[info] ${keys} keys read`)
  io.print(`[info] ${expires} expires`)
  io.print(`[info] ${keys - sum('keys')} already expired`)
}

/** The fields at the head of the file, which say where it comes from. */
function* auxFields(file: ReadFile): Generator<{ end: number; name: string; value: string }> {
  const head = Buffer.alloc(Math.min(4096, file.size))
  file.read(head, 0)
  let at = HEADER_BYTES
  const text = (): string | undefined => {
    const first = head[at]
    if (first === undefined) return undefined
    const kind = first >> 6
    if (kind === 3) {
      const bytes = [1, 2, 4][first & 63]
      if (bytes === undefined || at + 1 + bytes > head.length) return undefined
      at += 1 + bytes
      return String(head.readIntLE(at - bytes, bytes))
    }
    const length = kind === 0 ? first & 63 : ((first & 63) << 8) | (head[at + 1] ?? 0)
    const from = at + (kind === 0 ? 1 : 2)
    if (kind > 1 || from + length > head.length) return undefined
    at = from + length
    return head.toString('latin1', from, at)
  }
  while (head[at] === AUX) {
    at++
    const name = text()
    const value = text()
    if (name === undefined || value === undefined) return
    yield { end: at, name, value }
  }
}
