// wadi check-rdb: whether an RDB file is whole, with the output of redis-check-rdb and its exit codes. An engine of
// its own loads it; a walk tells what is in it, as far as that went.

import { LoadOption, LoadState } from '../../core/abi.ts'
import { SystemClock } from '../../core/clock.ts'
import { Engine } from '../../core/engine.ts'
import { RdbError } from '../../core/errors.ts'
import { InternalSession } from '../../core/internal.ts'
import { RdbWalk } from './rdb-walk.ts'
import { NodeStorage, type ReadFile } from './storage.ts'

export interface CheckIo {
  module: WebAssembly.Module
  /** Prints a line. */
  print: (line: string) => void
  /** Prints a line where errors go. */
  complain: (line: string) => void
  /** Asks the person in front of it; answers the line typed. */
  ask: (question: string) => string
}

const READ_BYTES = 1 << 18

const ENDS = 'the file ends too soon'
/** Reasons of the engine for which redis-check-rdb has a text. */
const TEXTS: Record<string, string> = {
  'the checksum is wrong': 'RDB CRC error',
  [ENDS]: 'Unexpected EOF reading RDB file',
}

/** Answers the exit code. */
export function checkRdb(args: readonly string[], io: CheckIo): number {
  const [path] = args
  if (args.length !== 1 || path === undefined) {
    io.complain('Usage: wadi check-rdb <rdb-file-name>')
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
  const { print } = io
  print(`[offset 0] Checking RDB file ${path}`)
  const problem = load(file, io.module)
  // Where a file ends too soon the walk finds by itself.
  const until = problem && problem.reason !== ENDS ? problem.offset : Infinity
  const walk = new RdbWalk(file, { print, nowMs: Date.now(), until })
  const reason = walk.run() ?? (problem && (TEXTS[problem.reason] ?? problem.reason))
  if (reason) printProblem(walk, reason, print)
  else printEnd(walk, print)
  print(`[info] ${walk.keys} keys read`)
  print(`[info] ${walk.expires} expires`)
  print(`[info] ${walk.alreadyExpired} already expired`)
  return reason ? undefined : walk.offset
}

function printProblem(walk: RdbWalk, reason: string, print: (line: string) => void): void {
  print('--- RDB ERROR DETECTED ---')
  print(`[offset ${walk.offset}] ${reason}`)
  print(`[additional info] While doing: ${walk.doing}`)
  if (walk.key !== undefined) print(`[additional info] Reading key '${walk.key}'`)
  if (walk.type !== undefined)
    print(`[additional info] Reading type ${walk.type} (${walk.typeName})`)
}

function printEnd(walk: RdbWalk, print: (line: string) => void): void {
  const { offset } = walk
  print(
    walk.hasChecksum
      ? `[offset ${offset}] Checksum OK`
      : `[offset ${offset}] RDB file was saved with checksum disabled: no check performed.`,
  )
  print(`[offset ${offset}] \\o/ RDB looks OK! \\o/`)
}

/** Loads the file; why and where that failed. */
function load(file: ReadFile, module: WebAssembly.Module): RdbError | undefined {
  const engine = new Engine({ module, clock: new SystemClock(globalThis), seed: [1, 2] })
  const internal = new InternalSession(engine)
  internal.call('WADI.STATE', 'loading', 'yes')
  engine.beginLoad(LoadOption.skipsModules)
  const piece = Buffer.allocUnsafe(READ_BYTES)
  let state: number = LoadState.running
  for (let at = 0; at < file.size && state === LoadState.running;) {
    const count = file.read(piece, at)
    if (count === 0) break
    state = engine.loadPiece(piece.subarray(0, count))
    at += count
  }
  try {
    engine.endLoad()
    return undefined
  } catch (error) {
    if (error instanceof RdbError) return error
    throw error
  }
}
