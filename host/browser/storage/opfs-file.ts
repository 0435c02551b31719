// A file of commits that is written at once, and the one that follows it.
//
//   ├─ nothing ─┼─ commit ─┼─ commit ─┼┄                the first commit changes nothing, and is written last: until
//   0                                                   then the file counts for nothing

import { StorageError, StorageFullError } from '../errors.ts'
import { apply, type Place, type Places, readFile, writeCommit } from './opfs-commits.ts'
import type { Changes } from './storage.ts'

/** A writable file in a Worker. */
export interface SyncFile {
  read(into: Uint8Array, options: { at: number }): number
  write(bytes: Uint8Array, options: { at: number }): number
  flush(): void
  truncate(size: number): void
  getSize(): number
  close(): void
}

/** Records that can be copied. */
export interface Source {
  readonly places: ReadonlyMap<string, Place>
  read(place: Place): Uint8Array
}

const NOTHING = writeCommit({ put: [] })
/** It is no commit: its length is beyond all files. */
const BLANK = new Uint8Array(NOTHING.length).fill(0xff)

export class CommitFile implements Source {
  readonly #file: SyncFile
  #end: number
  #live = 0
  #isShown = false
  readonly #places: Places = new Map()
  /** What was copied here, and from where. */
  readonly #copied = new Map<string, Place>()

  /** A file that counts for nothing until `show`. */
  constructor(file: SyncFile) {
    this.#file = file
    file.truncate(0)
    this.#end = file.write(BLANK, { at: 0 })
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places
  }

  get liveBytes(): number {
    return this.#live
  }

  /** Bytes that are of no use any more. */
  get wasteBytes(): number {
    return this.#end - this.#live
  }

  read({ at, length }: Place): Uint8Array {
    const bytes = new Uint8Array(length)
    this.#file.read(bytes, { at })
    return bytes
  }

  /** @throws {StorageFullError | StorageError} nothing was changed */
  append(changes: Changes, flushes: boolean): void {
    const commit = writeCommit(changes)
    const start = this.#end
    this.#attempt(start, () => {
      const written = this.#file.write(commit, { at: start })
      if (written < commit.length) throw new DOMException('short write', 'QuotaExceededError')
      if (flushes) this.#file.flush()
    })
    this.#end = start + commit.length
    const gone = apply(this.#places, changes, this.#end)
    for (const [, { length }] of changes.put) this.#live += length
    this.#live -= gone
  }

  /** Copies what is live elsewhere and not here, about so many bytes of it; whether that was all. */
  copy(from: Source, most: number, flushes: boolean): boolean {
    const remove: [string, string][] = []
    for (const name of this.#copied.keys())
      if (!from.places.has(name)) {
        remove.push([name, name])
        this.#copied.delete(name)
      }
    const put: [string, Uint8Array][] = []
    let bytes = 0
    for (const [name, place] of from.places) {
      if (this.#copied.get(name) === place) continue
      if (bytes >= most) break
      put.push([name, from.read(place)])
      this.#copied.set(name, place)
      bytes += place.length
    }
    if (put.length || remove.length) this.append({ put, remove }, flushes)
    return bytes < most
  }

  /** From now on the file counts, with all that is in it. */
  show(): void {
    if (this.#isShown) return
    this.#attempt(this.#end, () => {
      this.#file.flush()
      this.#file.write(NOTHING, { at: 0 })
      this.#file.flush()
    })
    this.#isShown = true
    this.#copied.clear()
  }

  close(): void {
    this.#file.close()
  }

  #attempt(end: number, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#file.truncate(end)
      const { name, message } = error as Error
      throw name === 'QuotaExceededError'
        ? new StorageFullError(message)
        : new StorageError(`${name}: ${message}`, { cause: error })
    }
  }
}

/** The records in the bytes of a file; undefined for one that does not count. */
export function sourceOf(bytes: Uint8Array): Source | undefined {
  const { places, isWhole } = readFile(bytes)
  if (!isWhole) return undefined
  return { places, read: ({ at, length }) => bytes.subarray(at, at + length) }
}
