// RDB files: one is written beside and renamed into place, one is read in pieces.

import { dirname } from 'node:path'
import { LoadOption, LoadState } from '../../core/abi.ts'
import type { Engine } from '../../core/engine.ts'
import { RdbError } from '../../core/errors.ts'
import type { Logger } from '../logger.ts'
import { systemMessage } from '../system-error.ts'
import { LoadError, type Slice } from './aof-load.ts'
import { appendWhole, type ReadFile, type Storage } from './storage.ts'

/** The file was not written; the log says why. */
export class RdbSaveError extends Error {
  override name = 'RdbSaveError'
}

/** So many bytes are written between two flushes. */
const SYNC_BYTES = 4 << 20
const READ_BYTES = 1 << 18

export interface RdbWrite {
  storage: Storage
  log: Logger
  /** The file, and where it is written before it has its place. */
  path: string
  temporary: string
  pieces: Iterable<Uint8Array>
  slice: Slice
  syncsOften: boolean
  /** Gives up: nothing is left of it. */
  signal: AbortSignal
}

/** Writes a file; the old one stays if that fails. @throws {RdbSaveError} */
export async function writeRdb(parts: RdbWrite): Promise<void> {
  const { storage, log, path, temporary } = parts
  try {
    await writeBeside(parts)
  } catch (error) {
    if (!parts.signal.aborted) log.warning(`Write error saving DB on disk: ${systemMessage(error)}`)
    await storage.remove(temporary).catch(() => undefined)
    throw new RdbSaveError(systemMessage(error))
  }
  try {
    await storage.rename(temporary, path)
    await storage.syncDirectory(dirname(path))
  } catch (error) {
    log.warning(
      `Error moving temp DB file ${temporary} on the final destination ${path}: ${systemMessage(error)}`,
    )
    await storage.remove(temporary).catch(() => undefined)
    throw new RdbSaveError(systemMessage(error))
  }
  log.notice('DB saved on disk')
}

async function writeBeside(parts: RdbWrite): Promise<void> {
  const { storage, temporary, slice, syncsOften, signal } = parts
  const pieces = parts.pieces[Symbol.iterator]()
  try {
    let step = pieces.next()
    const file = storage.append(temporary, { empty: true })
    try {
      let unsynced = 0
      for (; !step.done; step = pieces.next()) {
        if (signal.aborted) throw new RdbSaveError('aborted')
        appendWhole(file, step.value)
        unsynced += step.value.length
        if (unsynced >= SYNC_BYTES && syncsOften) {
          await file.sync()
          unsynced = 0
        }
        const pause = slice()
        if (pause) await pause
      }
      await file.sync()
    } finally {
      file.close()
    }
  } finally {
    pieces.return?.()
  }
}

export interface RdbRead {
  engine: Engine
  log: Logger
  slice: Slice
  /** What `beginLoad` is told. */
  options?: number
  /** Bytes that were read. */
  progress?: (bytes: number) => void
}

/** Loads a file, or the part of one that is RDB; answers where that ends. @throws {LoadError} */
export async function readRdb(file: ReadFile, parts: RdbRead): Promise<number> {
  const { engine, log, slice } = parts
  const buffer = new Uint8Array(READ_BYTES)
  engine.beginLoad(parts.options ?? LoadOption.dropsExpired)
  let state: number = LoadState.running
  for (let at = 0; state === LoadState.running;) {
    const length = file.read(buffer, at)
    if (!length) break
    state = engine.loadPiece(buffer.subarray(0, length))
    at += length
    parts.progress?.(at)
    const pause = slice()
    if (pause) await pause
  }
  try {
    engine.endLoad()
  } catch (error) {
    if (!(error instanceof RdbError)) throw error
    log.warning(`Internal error in RDB reading offset ${error.offset} -> ${error.reason}`)
    if (error.reason === 'the file ends too soon')
      log.warning('Short read or OOM loading DB. Unrecoverable error, aborting now.')
    throw new LoadError(error.message)
  }
  return engine.loadedBytes
}
