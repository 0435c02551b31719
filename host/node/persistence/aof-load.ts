// Loading the append-only file: the base, then what happened since, through a session of the kind `loader`.
//
// The scanner hands over whole commands only, so the engine never sees half of one. It answers a loader with
// nothing but errors. Clients are answered `-LOADING` meanwhile: work is done in slices.

import { join } from 'node:path'
import { Kind, Flag } from '../../core/abi.ts'
import { ReplyDecoder, readText } from '../../core/decode.ts'
import type { Engine } from '../../core/engine.ts'
import { ReplyError } from '../../core/errors.ts'
import type { Logger } from '../logger.ts'
import { systemMessage } from '../system-error.ts'
import { AofScanner, type AofProblem } from './aof-scanner.ts'
import type { Manifest } from './aof-manifest.ts'
import type { ReadFile, Storage } from './storage.ts'

/** The dataset cannot be loaded; the log says why, and the process ends. */
export class LoadError extends Error {
  override name = 'LoadError'
}

/** Reads an RDB file, or the part of a file that is one; answers where it ends. @throws {LoadError} */
export type LoadRdb = (file: ReadFile, path: string, slice: Slice) => Promise<number>

/** Lets others have a turn when the slice is used up. */
export type Slice = () => Promise<void> | undefined

export interface AofLoadParts {
  engine: Engine
  storage: Storage
  log: Logger
  loadRdb: LoadRdb
  slice: Slice
  /** Whether a torn end is cut off and the rest loaded. */
  loadsTruncated: () => boolean
  /** Bytes of all files that were loaded. */
  progress: (bytes: number) => void
}

const FEED_BYTES = 1 << 18
const RDB_MAGIC = 'REDIS'

export class AofLoad {
  readonly #parts: AofLoadParts

  constructor(parts: AofLoadParts) {
    this.#parts = parts
  }

  /** Loads all files of a manifest; answers their size in all, and that of the base. @throws {LoadError} */
  async load(manifest: Manifest, dir: string): Promise<{ totalBytes: number; baseBytes: number }> {
    const { log } = this.#parts
    const { files } = manifest
    const sizes: number[] = []
    for (const { name } of files) sizes.push(this.#size(join(dir, name), name))
    let done = 0
    for (const [index, { name }] of files.entries()) {
      const started = performance.now()
      const isLast = index === files.length - 1
      if (sizes[index]) {
        const isTruncated = await this.#loadFile(join(dir, name), name, done)
        if (isTruncated && !isLast)
          throw this.#fatal('Fatal error: the truncated file is not the last file')
      }
      done += sizes[index]!
      const kind = manifest.base === files[index] ? 'base' : 'incr'
      if (sizes[index])
        log.notice(`DB loaded from ${kind} file ${name}: ${seconds(started)} seconds`)
    }
    return { totalBytes: done, baseBytes: manifest.base ? sizes[0]! : 0 }
  }

  #size(path: string, name: string): number {
    const file = this.#open(path, name)
    file.close()
    return file.size
  }

  #open(path: string, name: string): ReadFile {
    try {
      return this.#parts.storage.read(path)
    } catch (error) {
      throw this.#fatal(
        `Unable to obtain the AOF file ${name} length. stat: ${systemMessage(error)}`,
      )
    }
  }

  /** Loads one file; whether its end was torn off. */
  async #loadFile(path: string, name: string, done: number): Promise<boolean> {
    const file = this.#open(path, name)
    try {
      const from = await this.#loadPreamble(file, path)
      const scanner = new AofScanner(file, { from })
      await this.#run(scanner, name, done)
      if (!scanner.problem) return false
      await this.#judge(scanner.problem, scanner.validBytes, path, name)
      return true
    } finally {
      file.close()
    }
  }

  /** A file may begin as an RDB, and be one altogether. */
  async #loadPreamble(file: ReadFile, path: string): Promise<number> {
    const { log, loadRdb, slice } = this.#parts
    const magic = Buffer.alloc(RDB_MAGIC.length)
    file.read(magic, 0)
    if (magic.toString('latin1') !== RDB_MAGIC) return 0
    const isBase = path.endsWith('.rdb')
    log.notice(
      isBase ? 'Reading RDB base file on AOF loading...' : 'Reading RDB preamble from AOF file...',
    )
    const end = await loadRdb(file, path, slice)
    if (!isBase) log.notice('Reading the remaining AOF tail...')
    return end
  }

  async #run(scanner: AofScanner, name: string, done: number): Promise<void> {
    const { engine, slice, progress } = this.#parts
    const session = engine.open(Kind.loader)
    const pointer = engine.buffer(FEED_BYTES)
    try {
      for (let bytes = scanner.next(); bytes; bytes = scanner.next()) {
        for (let at = 0; at < bytes.length; at += FEED_BYTES) {
          const piece = bytes.subarray(at, at + FEED_BYTES)
          engine.bytes.set(piece, pointer)
          engine.setTime()
          this.#feed(session, pointer, piece.length, `${name}, before offset ${scanner.offset}`)
        }
        progress(done + scanner.offset)
        const pause = slice()
        if (pause) await pause
      }
    } finally {
      engine.unbuffer(pointer)
      engine.close(session)
    }
  }

  #feed(session: number, pointer: number, length: number, place: string): void {
    const { engine } = this.#parts
    let flags = engine.feed(session, pointer, length)
    for (;;) {
      if (flags & Flag.output) this.#complain(session, place)
      if (!(flags & Flag.more)) return
      flags = engine.feedMore(session)
    }
  }

  /** A command of the log failed: what it should have done is not in the dataset. */
  #complain(session: number, place: string): void {
    const { log, engine } = this.#parts
    const output = engine.drain(session)
    const decoder = new ReplyDecoder(readText)
    decoder.reset(output, 0, output.length)
    while (decoder.position < output.length) {
      const reply = decoder.decode(false)
      const errors = (Array.isArray(reply) ? reply : [reply]).filter(
        (item) => item instanceof ReplyError,
      )
      for (const { message } of errors) {
        const unknown = /^ERR unknown command '(.*?)'/.exec(message)
        if (unknown)
          throw this.#fatal(`Unknown command '${unknown[1]}' reading the append only file ${place}`)
        if (message.startsWith('OOM '))
          throw this.#fatal(`Out of memory reading the append only file ${place}`)
        log.warning(
          `== CRITICAL == This AOF-loading-client is sending an error to its server: '${message}'`,
        )
      }
    }
  }

  /** A torn end is cut off, if that is allowed; all else is fatal. */
  async #judge(problem: AofProblem, validBytes: number, path: string, name: string): Promise<void> {
    const { log, loadsTruncated } = this.#parts
    const where = `${problem.text || 'Not a command'}, at offset ${problem.offset}`
    if (problem.kind === 'format') {
      log.warning(
        `Bad file format reading the append only file ${name}: make a backup of your AOF file, ` +
          'then use ./redis-check-aof --fix <filename.manifest>',
      )
      throw this.#fatal(`The append only file ${name} is damaged. ${where}`)
    }
    if (problem.kind === 'misplaced')
      throw this.#fatal(`${problem.text} in AOF ${name}, at offset ${problem.offset}`)
    if (problem.kind === 'transaction')
      log.warning(`Revert incomplete MULTI/EXEC transaction in AOF file ${name}`)
    if (!loadsTruncated()) {
      throw this.#fatal(
        `Unexpected end of file reading the append only file ${name}. You can: 1) Make a backup of ` +
          'your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you ' +
          "can set the 'aof-load-truncated' configuration option to yes and restart the server.",
      )
    }
    log.warning(`!!! Warning: short read while loading the AOF file ${name}!!!`)
    log.warning(`!!! Truncating the AOF ${name} at offset ${validBytes} !!!`)
    await this.#truncate(path, name, validBytes)
    log.warning(`AOF ${name} loaded anyway because aof-load-truncated is enabled`)
  }

  async #truncate(path: string, name: string, length: number): Promise<void> {
    try {
      const file = this.#parts.storage.append(path)
      try {
        file.truncate(length)
        await file.sync()
      } finally {
        file.close()
      }
    } catch (error) {
      throw this.#fatal(`Error truncating the AOF file ${name}: ${systemMessage(error)}`)
    }
  }

  #fatal(text: string): LoadError {
    this.#parts.log.warning(text)
    return new LoadError(text)
  }
}

const seconds = (started: number): string => ((performance.now() - started) / 1000).toFixed(3)
