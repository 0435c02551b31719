// A file of commits that is written at once, and the one that follows it.
//
//   ├─ nothing ─┼─ commit ─┼─ commit ─┼┄                the first commit changes nothing, and is written last: until
//   0                                                   then the file counts for nothing

import { StorageError, StorageFullError } from '../errors.ts'
import { apply, type Bytes, type Place, type Places, writeCommit } from './opfs-commits.ts'
import { BLANK, type FileContent, FIRST, scan } from './opfs-scan.ts'
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

const WINDOW_BYTES = 1 << 16

export class CommitFile implements Source {
  readonly #file: SyncFile
  #end: number
  #live: number
  #isShown: boolean
  readonly #places: Places
  /** What was copied here, and from where. */
  readonly #copied = new Map<string, Place>()

  /** Behind the last commit stands something that is none. */
  #hasRest: boolean

  private constructor(file: SyncFile, end: number, content?: FileContent) {
    this.#file = file
    this.#end = end
    this.#isShown = content !== undefined
    this.#hasRest = content !== undefined && file.getSize() > end
    this.#places = content?.places ?? new Map()
    this.#live = [...this.#places.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** A file that counts for nothing until `show`; it takes no room before there is something in it. */
  static begin(file: SyncFile): CommitFile {
    file.truncate(0)
    return new CommitFile(file, 0)
  }

  /** A file with commits that were read from it, to which more are added. */
  static resume(file: SyncFile, content: FileContent): CommitFile {
    return new CommitFile(file, content.end, content)
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
    const first = start === 0 ? BLANK.length : 0
    this.#attempt(() => {
      if (this.#hasRest) this.#file.truncate(start)
      this.#hasRest = false
      if (first) this.#write(BLANK, 0)
      this.#write(commit, start + first)
      if (flushes) this.#file.flush()
    })
    this.#end = start + first + commit.length
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
    this.#attempt(() => {
      this.#file.flush()
      this.#write(FIRST, 0)
      this.#file.flush()
    })
    this.#end = Math.max(this.#end, FIRST.length)
    this.#isShown = true
    this.#copied.clear()
  }

  /** Ends it: the file counts for nothing, even where it was to be shown and only that failed. */
  hide(): void {
    try {
      if (this.#end > 0) this.#file.write(BLANK, { at: 0 })
      this.#file.flush()
    } catch {
      // It was not shown, unless the disk itself fails.
    }
    this.#file.close()
  }

  close(): void {
    this.#file.close()
  }

  #write(bytes: Uint8Array, at: number): void {
    const written = this.#file.write(bytes, { at })
    if (written < bytes.length) throw new DOMException('short write', 'QuotaExceededError')
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#file.truncate(this.#end)
      throw storageError(error)
    }
  }
}

/** What a file says when it cannot be written. */
export function storageError(error: unknown): StorageError | StorageFullError {
  const { name, message } = error as Error
  return name === 'QuotaExceededError'
    ? new StorageFullError(message)
    : new StorageError(`${name}: ${message}`, { cause: error })
}

/** What a file holds; its heads are read, and what lies near them. */
export function contentOf(file: SyncFile): FileContent {
  return scan(new Window(file))
}

/** The bytes of a file, of which some are kept: heads lie close together. */
class Window implements Bytes {
  readonly size: number
  readonly #file: SyncFile
  #kept = new Uint8Array(0)
  #from = 0

  constructor(file: SyncFile) {
    this.#file = file
    this.size = file.getSize()
  }

  read(at: number, length: number): Uint8Array {
    if (at < this.#from || at + length > this.#from + this.#kept.length) {
      const most = Math.max(0, Math.min(Math.max(length, WINDOW_BYTES), this.size - at))
      const bytes = new Uint8Array(most)
      this.#kept = bytes.subarray(0, this.#file.read(bytes, { at }))
      this.#from = at
    }
    return this.#kept.subarray(at - this.#from, at - this.#from + length)
  }
}
