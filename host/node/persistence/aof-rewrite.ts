// One rewrite of the append-only file: the dataset as it is now becomes a new base, and what happens from
// now on goes into a new incr, so that all files before them can be deleted.
//
//   1  the manifest lists a new, empty incr          the old files and the new one make up the dataset
//   2  the log goes there, and a snapshot begins     at the same offset of the log
//   3  the snapshot is written beside, flushed       and renamed to the new base
//   4  the manifest lists base and incr only         what was before is history
//   5  history is deleted, and leaves the manifest
//
// A crash between any two steps leaves a manifest whose files make up the dataset. When the file is only
// being turned on, step 1 is left out: until step 4 the manifest says what it said before.

import { join } from 'node:path'
import type { Logger } from '../logger.ts'
import { systemMessage } from '../system-error.ts'
import { type AofFile, type BaseFormat, type Manifest, writeManifest } from './aof-manifest.ts'
import { appendWhole, type Storage } from './storage.ts'

export interface RewriteParts {
  storage: Storage
  log: Logger
  /** The folder of the files, and their name. */
  dir: string
  filename: string
  /** Where the snapshot is written before it is the base. */
  temporary: string
  /** What a new base is: an RDB, or commands. */
  format: BaseFormat
  /** Begins a snapshot of the dataset as it is now, in pieces. */
  snapshot: () => Iterator<Uint8Array>
  /** Whether the file is flushed while it is written. */
  syncsOften: () => boolean
  /** Lets others have a turn when the slice is used up. */
  slice: () => Promise<void> | undefined
  signal: AbortSignal
}

/** So many bytes are written between two flushes of the snapshot. */
const SYNC_BYTES = 4 << 20

/** The rewrite was given up. */
export class RewriteAborted extends Error {
  override name = 'RewriteAborted'
}

/** Writes a snapshot to a file and flushes it; answers its size. */
export async function writeSnapshot(
  path: string,
  pieces: Iterator<Uint8Array>,
  parts: RewriteParts,
): Promise<number> {
  const { storage, slice, signal, syncsOften } = parts
  const file = storage.append(path, { empty: true })
  let bytes = 0
  let unsynced = 0
  try {
    for (let step = pieces.next(); !step.done; step = pieces.next()) {
      if (signal.aborted) throw new RewriteAborted()
      appendWhole(file, step.value)
      bytes += step.value.length
      unsynced += step.value.length
      if (unsynced >= SYNC_BYTES && syncsOften()) {
        await file.sync()
        unsynced = 0
      }
      const pause = slice()
      if (pause) await pause
    }
    if (signal.aborted) throw new RewriteAborted()
    await file.sync()
    return bytes
  } catch (error) {
    pieces.return?.()
    await storage.remove(path).catch(() => undefined)
    throw error
  } finally {
    file.close()
  }
}

/** Steps 3 and 4: answers the new manifest and the size of the base. */
export async function replaceBase(
  manifest: Manifest,
  first: AofFile | undefined,
  pieces: Iterator<Uint8Array>,
  parts: RewriteParts,
): Promise<{ manifest: Manifest; baseBytes: number }> {
  const { storage, log, dir, filename, temporary } = parts
  const baseBytes = await writeSnapshot(temporary, pieces, parts)
  const base = manifest.nextBase(filename, parts.format)
  try {
    await storage.rename(temporary, join(dir, base.name))
  } catch (error) {
    log.warning(
      `Error trying to rename the temporary AOF base file ${temporary} into ${join(dir, base.name)}: ` +
        systemMessage(error),
    )
    throw error
  }
  log.notice(`Successfully renamed the temporary AOF base file ${temporary} into ${base.name}`)
  const switched = manifest.withBase(base, first)
  await writeManifest(storage, dir, filename, switched)
  return { manifest: switched, baseBytes }
}

/** Step 5: answers the manifest without history. */
export async function deleteHistory(
  manifest: Manifest,
  parts: Pick<RewriteParts, 'storage' | 'log' | 'dir' | 'filename'>,
): Promise<Manifest> {
  if (manifest.history.length === 0) return manifest
  const { storage, log, dir, filename } = parts
  for (const { name } of manifest.history) {
    log.notice(`Removing the history file ${name} in the background`)
    await storage.remove(join(dir, name))
  }
  const rest = manifest.withoutHistory()
  await writeManifest(storage, dir, filename, rest)
  return rest
}

/** A snapshot of commands behind the time at which it began. */
export function* stamped(pieces: Iterator<Uint8Array>, nowMs: number): Generator<Uint8Array> {
  // It begins before anything of it is asked for.
  let step = pieces.next()
  try {
    yield Buffer.from(`#TS:${Math.floor(nowMs / 1000)}\r\n`)
    for (; !step.done; step = pieces.next()) yield step.value
  } finally {
    if (!step.done) pieces.return?.()
  }
}

/** A snapshot that has begun: its first piece is there already. */
export function begun(pieces: Iterator<Uint8Array>): Iterator<Uint8Array> {
  let first: IteratorResult<Uint8Array> | undefined = pieces.next()
  return {
    next() {
      const step = first ?? pieces.next()
      first = undefined
      return step
    },
    return: (value) => pieces.return?.(value) ?? { done: true, value: undefined },
  }
}
