// wadi check-aof: whether the files of an append-only file are whole, and with --fix cutting off what is
// not, with the output of redis-check-aof and its exit codes.

import { dirname, join } from 'node:path'
import { systemMessage } from '../system-error.ts'
import { type AofProblem, AofScanner } from './aof-scanner.ts'
import { ManifestError, readManifest } from './aof-manifest.ts'
import { traceCommand } from './aof-trace.ts'
import { checkRdbFile, type CheckIo } from './check-rdb.ts'
import { NodeStorage, type ReadFile } from './storage.ts'

const USAGE =
  'Usage: wadi check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof|directory>'

/** The check is over, with this exit code. */
class Ended extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

type Result = 'valid' | 'empty' | 'truncated'

interface Wish {
  path: string
  fixes: boolean
  /** Drops what was written after this time, Unix time in seconds. */
  until: number | undefined
}

/** Answers the exit code. */
export function checkAof(args: readonly string[], io: CheckIo): number {
  const wish = parseWish(args)
  if (!wish) {
    io.print(USAGE)
    return 1
  }
  if (Number.isNaN(wish.until)) {
    io.print('Invalid timestamp, aborting...')
    return 1
  }
  try {
    new Check(wish, io).run()
    return 0
  } catch (error) {
    if (error instanceof Ended) return error.code
    throw error
  }
}

function parseWish(args: readonly string[]): Wish | undefined {
  const [first, second, third] = args
  if (args.length === 1 && first) return { path: first, fixes: false, until: undefined }
  if (args.length === 2 && first === '--fix' && second) {
    return { path: second, fixes: true, until: undefined }
  }
  if (args.length === 3 && first === '--truncate-to-timestamp' && third) {
    return { path: third, fixes: false, until: Number(/^\d+$/.test(second!) ? second : Number.NaN) }
  }
  return undefined
}

class Check {
  readonly #wish: Wish
  readonly #io: CheckIo
  readonly #storage = new NodeStorage()
  /** Lines of all files so far. */
  #lines = 1

  constructor(wish: Wish, io: CheckIo) {
    this.#wish = wish
    this.#io = io
  }

  run(): void {
    const path = this.#manifestIn(this.#wish.path)
    if (path.endsWith('.manifest')) this.#checkParts(path)
    else this.#checkSingle(path)
  }

  /** A folder stands for the manifest in it. */
  #manifestIn(path: string): string {
    if (this.#storage.kind(path) !== 'directory') return path
    const names = this.#storage.list(path).filter((each) => /^(?!temp-).*\.manifest$/.test(each))
    if (names.length === 1) return join(path, names[0]!)
    this.#io.print(`Cannot find the manifest in ${path}: there are ${names.length}`)
    throw new Ended(1)
  }

  #checkSingle(path: string): void {
    const file = this.#open(path)
    file.close()
    this.#io.print('Start checking Old-Style AOF')
    const result = this.#checkFile(path, path, true)
    this.#judge('', path, result)
  }

  #checkParts(path: string): void {
    this.#io.print('Start checking Multi Part AOF')
    const manifest = this.#manifest(path)
    const { base, incrs, files } = manifest
    const check = (name: string, kind: string) => {
      const isLast = files.at(-1)?.name === name
      const result = this.#checkFile(join(dirname(path), name), name, isLast)
      this.#judge(`${kind} `, name, result)
    }
    if (base) {
      const isRdb = this.#isRdb(join(dirname(path), base.name))
      this.#io.print(`Start to check BASE AOF (${isRdb ? 'RDB' : 'RESP'} format).`)
      check(base.name, 'BASE')
    }
    if (incrs.length) this.#io.print('Start to check INCR files.')
    for (const { name } of incrs) check(name, 'INCR')
    this.#io.print('All AOF files and manifest are valid')
  }

  /** What was cut off was told already. */
  #judge(kind: string, name: string, result: Result): void {
    if (result !== 'truncated') this.#io.print(`${kind}AOF ${name} is ${result}`)
  }

  #manifest(path: string) {
    this.#open(path).close()
    try {
      const manifest = readManifest(this.#storage, path)
      if (manifest) return manifest
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error
      for (const line of error.report()) this.#io.print(line.trim())
    }
    throw new Ended(1)
  }

  #open(path: string): ReadFile {
    try {
      return this.#storage.read(path)
    } catch (error) {
      this.#io.print(`Cannot open file ${path}: ${systemMessage(error)}`)
      throw new Ended(1)
    }
  }

  #isRdb(path: string): boolean {
    const file = this.#open(path)
    const magic = Buffer.alloc(5)
    file.read(magic, 0)
    file.close()
    return magic.toString('latin1') === 'REDIS'
  }

  /** Checks one file; one that is broken and stays so ends the check. */
  #checkFile(path: string, name: string, isLast: boolean): Result {
    const { print } = this.#io
    const isRdb = this.#isRdb(path)
    const file = this.#open(path)
    try {
      if (file.size === 0) return 'empty'
      const from = isRdb ? this.#checkPreamble(file, name) : 0
      const scanner = new AofScanner(file, { from, until: this.#wish.until })
      while (scanner.next());
      this.#lines += scanner.lines
      if (this.#wish.until !== undefined) {
        return this.#truncateToTime(scanner, path, name, isLast)
      }
      const { problem, validBytes } = scanner
      if (problem) this.#tell(problem, scanner, file, name)
      const diff = file.size - validBytes
      print(
        `AOF analyzed: filename=${name}, size=${file.size}, ok_up_to=${validBytes}, ` +
          `ok_up_to_line=${this.#lines}, diff=${diff}`,
      )
      if (diff === 0) return 'valid'
      this.#cut(path, name, file.size, validBytes, isLast)
      return 'truncated'
    } finally {
      file.close()
    }
  }

  /** Says what is wrong, and counts the lines up to there. */
  #tell(problem: AofProblem, scanner: AofScanner, file: ReadFile, name: string): void {
    const { print } = this.#io
    const { kind } = problem
    if (kind === 'format' && !problem.text) return print(`AOF ${name} format error`)
    const from = kind === 'transaction' ? scanner.lastCommand : scanner.offset
    const trace = traceCommand(file, from, kind === 'misplaced')
    if (kind !== 'transaction') this.#lines += trace.lines
    const place = kind === 'misplaced' ? ` in AOF ${name}` : ''
    const text = kind === 'misplaced' || kind === 'transaction' ? problem.text : trace.text
    if (text) print(`0x${trace.offset.toString(16).padStart(16)}: ${text}${place}`)
  }

  #checkPreamble(file: ReadFile, name: string): number {
    const end = checkRdbFile(file, name, this.#io)
    if (end === undefined) {
      this.#io.print('RDB preamble of AOF file is not sane, aborting.')
      throw new Ended(1)
    }
    this.#io.print('RDB preamble is OK, proceeding with AOF tail...')
    return end
  }

  /** The end of a file is broken: it is cut off, if that is wished and allowed. */
  #cut(path: string, name: string, size: number, validBytes: number, isLast: boolean): void {
    const { print, ask } = this.#io
    if (!this.#wish.fixes) {
      print(`AOF ${name} is not valid. Use the --fix option to try fixing it.`)
      throw new Ended(1)
    }
    if (!isLast) {
      print(`Failed to truncate AOF ${name} because it is not the last file`)
      throw new Ended(1)
    }
    const diff = size - validBytes
    print(
      `This will shrink the AOF ${name} from ${size} bytes, with ${diff} bytes, to ${validBytes} bytes`,
    )
    if (!/^y/i.test(ask('Continue? [y/N]: '))) {
      print('Aborting...')
      throw new Ended(1)
    }
    this.#truncate(path, name, validBytes)
    print(`Successfully truncated AOF ${name}`)
  }

  /** Drops what was written later. */
  #truncateToTime(scanner: AofScanner, path: string, name: string, isLast: boolean): 'valid' {
    const { print } = this.#io
    const { until } = this.#wish
    if (!scanner.isStopped) {
      print(`Truncate nothing in AOF ${name} to timestamp ${until}`)
      return 'valid'
    }
    if (scanner.validBytes === 0) {
      print(`AOF ${name} has nothing before timestamp ${until}, aborting...`)
      throw new Ended(1)
    }
    if (!isLast) {
      print(
        `Failed to truncate AOF ${name} to timestamp ${until} to offset ${scanner.offset} ` +
          'because it is not the last file.',
      )
      throw new Ended(1)
    }
    this.#truncate(path, name, scanner.validBytes)
    print(`Successfully truncated AOF ${name} to timestamp ${until}`)
    throw new Ended(0)
  }

  #truncate(path: string, name: string, length: number): void {
    try {
      const file = this.#storage.append(path)
      file.truncate(length)
      file.close()
    } catch (error) {
      this.#io.print(`Failed to truncate AOF ${name}: ${systemMessage(error)}`)
      throw new Ended(1)
    }
  }
}
