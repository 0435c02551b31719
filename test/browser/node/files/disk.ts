// A private file system as a browser has it, in a folder of this machine: several threads see the same files, and
// before each operation a thread may be held.

import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import type { SyncFile } from '../../../../host/browser/storage/opfs-file.ts'
import type { Folder } from '../../../../host/browser/storage/opfs-folder.ts'

type Handle = Awaited<ReturnType<Folder['getFileHandle']>>

/** Called before each operation, with the name of the thread's files. */
export type Step = (what: string) => void

const failure = (name: string): DOMException => new DOMException(name, name)

let canRename = true

/**
 * What the browser can: a writer sees at once, by a file that all have open, that there is a newer one; files get
 * another name.
 */
export function setBrowser({ isShared, renames }: { isShared: boolean; renames: boolean }): void {
  canRename = renames
  const prototype = isShared ? { mode: 'readwrite' } : {}
  Object.assign(globalThis, { FileSystemSyncAccessHandle: { prototype } })
}

/** The file system as one thread sees it. */
export class Disk {
  readonly #top: string
  readonly #locks: string
  readonly #owner: string
  readonly #step: Step

  constructor(root: string, owner: string, step: Step = () => undefined) {
    this.#top = join(root, 'files')
    this.#locks = join(root, 'locks')
    this.#owner = owner
    this.#step = step
    for (const folder of [this.#top, this.#locks]) fs.mkdirSync(folder, { recursive: true })
  }

  async getDirectory(): Promise<Folder> {
    return this.#folder(this.#top)
  }

  /** What a thread held that is gone. */
  static release(root: string, owner: string): void {
    const locks = join(root, 'locks')
    for (const name of fs.readdirSync(locks)) release(join(locks, name), owner)
  }

  #lockOf(path: string): string {
    return join(this.#locks, path.slice(this.#top.length + 1).replaceAll('/', ' '))
  }

  #folder(path: string): Folder {
    const step = (what: string): void => this.#step(what)
    return {
      async *keys() {
        step('list')
        for (const name of fs.readdirSync(path)) yield name
      },
      getDirectoryHandle: async (name, { create = false } = {}) => {
        step('folder')
        const inner = join(path, name)
        if (create) fs.mkdirSync(inner, { recursive: true })
        if (!fs.existsSync(inner)) throw failure('NotFoundError')
        return this.#folder(inner)
      },
      getFileHandle: async (name, { create = false } = {}) => {
        step('find')
        const inner = join(path, name)
        if (create && !fs.existsSync(inner)) fs.writeFileSync(inner, '')
        if (!fs.existsSync(inner)) throw failure('NotFoundError')
        return this.#file(inner)
      },
      removeEntry: async (name) => {
        step('remove')
        const inner = join(path, name)
        if (!fs.existsSync(inner)) throw failure('NotFoundError')
        if (fs.existsSync(this.#lockOf(inner))) throw failure('NoModificationAllowedError')
        fs.rmSync(inner, { recursive: true })
      },
    }
  }

  #file(path: string): Handle {
    const seen = (): fs.BigIntStats => {
      if (!fs.existsSync(path)) throw failure('NotFoundError')
      return fs.statSync(path, { bigint: true })
    }
    return {
      ...(canRename && {
        move: async (name: string) => {
          this.#step('rename')
          const target = join(dirname(path), name)
          if (!fs.existsSync(path)) throw failure('NotFoundError')
          if ([path, target].some((each) => fs.existsSync(this.#lockOf(each))))
            throw failure('NoModificationAllowedError')
          fs.renameSync(path, target)
        },
      }),
      getFile: async () => {
        this.#step('see')
        const before = seen()
        const arrayBuffer = async (): Promise<ArrayBuffer> => {
          this.#step('read')
          const now = seen()
          // What was written to since it was seen cannot be read.
          if (now.mtimeNs !== before.mtimeNs || now.ino !== before.ino)
            throw failure('NotReadableError')
          return new Uint8Array(fs.readFileSync(path)).buffer
        }
        return { arrayBuffer } as Blob
      },
      createSyncAccessHandle: async ({ mode } = {}) => {
        this.#step('open')
        if (!fs.existsSync(path)) throw failure('NotFoundError')
        const lock = mode === undefined ? this.#lockOf(path) : undefined
        if (lock) this.#take(lock)
        return this.#open(path, lock)
      },
    }
  }

  #take(lock: string): void {
    try {
      fs.writeFileSync(lock, this.#owner, { flag: 'wx' })
    } catch {
      throw failure('NoModificationAllowedError')
    }
  }

  #open(path: string, lock: string | undefined): SyncFile {
    const file = fs.openSync(path, 'r+')
    let isOpen = true
    const stepped = <A extends unknown[], T>(what: string, work: (...args: A) => T) => {
      return (...args: A): T => {
        this.#step(what)
        if (!isOpen) throw failure('InvalidStateError')
        return work(...args)
      }
    }
    return {
      read: stepped('sync read', (into, { at }) => fs.readSync(file, into, 0, into.length, at)),
      write: stepped('sync write', (bytes, { at }) =>
        fs.writeSync(file, bytes, 0, bytes.length, at),
      ),
      flush: stepped('flush', () => undefined),
      truncate: stepped('truncate', (size) => fs.ftruncateSync(file, size)),
      getSize: stepped('size', () => fs.fstatSync(file).size),
      close: () => {
        if (!isOpen) return
        isOpen = false
        fs.closeSync(file)
        if (lock) release(lock, this.#owner)
      },
    }
  }
}

function release(lock: string, owner: string): void {
  if (fs.existsSync(lock) && fs.readFileSync(lock, 'utf8') === owner) fs.rmSync(lock)
}

/** The files of a store. */
export const filesOf = (root: string, store: string): string[] =>
  fs.readdirSync(join(root, 'files', 'wadi', store))
