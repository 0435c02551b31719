// The files of a data folder, behind an interface, so that tests can make disks fail and machines crash
// between any two steps.
//
// Opening, reading and appending happen at once, in the kernel's memory. What waits for the disk (flushing,
// renames, deleting) is a promise and happens beside the event loop.

import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'

/** A file that grows at its end. */
export interface AppendFile {
  /** Its size when it was opened. */
  readonly openedBytes: number
  /**
   * Appends, and answers how many bytes were taken: fewer than given when the disk is full.
   *
   * @throws {NodeJS.ErrnoException} none were
   */
  append(bytes: Uint8Array): number
  /** @throws {NodeJS.ErrnoException} */
  truncate(length: number): void
  /** All that was appended before is on the disk. */
  sync(): Promise<void>
  close(): void
}

/** A file that is read from any place. */
export interface ReadFile {
  readonly size: number
  /** Reads into a buffer, from a place in the file; answers how many bytes there were. */
  read(into: Uint8Array, position: number): number
  close(): void
}

export interface Storage {
  /** Opens a file to append to it; makes it if it is missing, empties it first when asked. */
  append(path: string, options?: { empty?: boolean }): AppendFile
  /** @throws {NodeJS.ErrnoException} ENOENT if it is missing */
  read(path: string): ReadFile
  rename(from: string, to: string): Promise<void>
  /** Removes a file; one that is missing will do. */
  remove(path: string): Promise<void>
  /** Makes a folder unless it is there. */
  makeDirectory(path: string): void
  /** What is at a path. */
  kind(path: string): 'file' | 'directory' | undefined
  list(path: string): string[]
  /** Names in a folder are on the disk as they are now. */
  syncDirectory(path: string): Promise<void>
}

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT

/** The files of this machine. */
export class NodeStorage implements Storage {
  append(path: string, options: { empty?: boolean } = {}): AppendFile {
    const flags = APPEND | (options.empty ? constants.O_TRUNC : 0)
    return new NodeAppendFile(openSync(path, flags, 0o644))
  }

  read(path: string): ReadFile {
    return new NodeReadFile(openSync(path, 'r'))
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to)
  }

  async remove(path: string): Promise<void> {
    try {
      await unlink(path)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  makeDirectory(path: string): void {
    try {
      mkdirSync(path, 0o755)
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
      if (!isThere || this.kind(path) !== 'directory') throw error
    }
  }

  kind(path: string): 'file' | 'directory' | undefined {
    try {
      return statSync(path).isDirectory() ? 'directory' : 'file'
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  list(path: string): string[] {
    return readdirSync(path)
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = await open(path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}

/** Whether an error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}

class NodeAppendFile implements AppendFile {
  readonly openedBytes: number
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
    this.openedBytes = fstatSync(fd).size
  }

  append(bytes: Uint8Array): number {
    return writeSync(this.#fd, bytes)
  }

  truncate(length: number): void {
    ftruncateSync(this.#fd, length)
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()))
    })
  }

  close(): void {
    closeSync(this.#fd)
  }
}

class NodeReadFile implements ReadFile {
  readonly size: number
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
    this.size = fstatSync(fd).size
  }

  read(into: Uint8Array, position: number): number {
    return readSync(this.#fd, into, 0, into.length, position)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** All of a small file. @throws {NodeJS.ErrnoException} */
export function readWhole(storage: Storage, path: string): Buffer {
  const file = storage.read(path)
  try {
    const bytes = Buffer.alloc(file.size)
    let length = 0
    while (length < bytes.length) {
      const count = file.read(bytes.subarray(length), length)
      if (count === 0) break
      length += count
    }
    return bytes.subarray(0, length)
  } finally {
    file.close()
  }
}

/** Appends all of it. @throws {NodeJS.ErrnoException} ENOSPC when only a part was taken */
export function appendWhole(file: AppendFile, bytes: Uint8Array): void {
  let at = 0
  while (at < bytes.length) {
    const count = file.append(at === 0 ? bytes : bytes.subarray(at))
    if (count <= 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' })
    at += count
  }
}
