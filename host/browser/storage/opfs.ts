// Records in the origin's private file system, in a Worker that may write there at once: a commit is one write, and
// with `strict` one flush.
//
//   wadi/<store>/<epoch>.<generation>       commits one after another
//
//   0        4        8
//   ├────────┼────────┼──────────────────────────────────────────────┬──────────────
//   │ length │ CRC-32 │ { remove: [[from, to]], put: [[name, size]] }│ bytes, bytes …      a commit
//   └────────┴────────┴─ length of this in front, u32 ───────────────┴──────────────
//
// A file begins with a commit of everything that was live in the one before; one that has no whole first commit
// counts for nothing. An owner of yesterday still writes to its own file, which nobody reads any more: before it
// says that something is kept, it looks whether a file of a later epoch is there.

import { StaleOwnerError, StorageError, StorageFullError } from '../errors.ts'
import { crc32 } from './crc32.ts'
import type { Changes, Durability, Storage } from './storage.ts'

/** The folder of all stores. */
const FOLDER = 'wadi'
/** A file is written anew when so many bytes of it, and more than are live, are of no use. */
const WASTE_BYTES = 1 << 24
const HEADER = 12

interface Place {
  at: number
  length: number
}

/** A writable file in a Worker. */
interface SyncFile {
  read(into: Uint8Array, options: { at: number }): number
  write(bytes: Uint8Array, options: { at: number }): number
  flush(): void
  truncate(size: number): void
  close(): void
}

interface Folder {
  keys(): AsyncIterable<string>
  getFileHandle(name: string, options?: { create?: boolean }): Promise<FileHandle>
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<Folder>
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>
}

interface FileHandle {
  getFile(): Promise<Blob>
  createSyncAccessHandle(): Promise<SyncFile>
}

/** Where files are: `navigator.storage`. */
export interface Root {
  getDirectory?(): Promise<unknown>
}

const fileName = (epoch: number, generation: number): string => `${epoch}.${generation}`
const parseName = (name: string): [epoch: number, generation: number] => {
  const [epoch, generation] = name.split('.').map(Number)
  return [epoch ?? 0, generation ?? 0]
}
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

export class OpfsStorage implements Storage {
  readonly #name: string
  readonly #root: Root
  #folder: Folder | undefined
  #file: SyncFile | undefined
  #epoch = 0
  #generation = 0
  #end = 0
  #live = 0
  #places = new Map<string, Place>()

  constructor(name: string, root: Root) {
    this.#name = name
    this.#root = root
  }

  async claim(): Promise<number> {
    const folder = await this.#open()
    const names = await listFiles(folder)
    this.#epoch = Math.max(0, ...names.map((name) => parseName(name)[0])) + 1
    // From here on a file of an older epoch is not added to any more, or in vain.
    const handle = await folder.getFileHandle(fileName(this.#epoch, 0), { create: true })
    this.#file = await handle.createSyncAccessHandle()
    for (const name of names.toReversed()) {
      const bytes = new Uint8Array(
        await (await (await folder.getFileHandle(name)).getFile()).arrayBuffer(),
      )
      const { places, isWhole } = readFile(bytes)
      if (!isWhole) continue
      this.#begin(places, ({ at, length }) => bytes.subarray(at, at + length))
      break
    }
    if (this.#end === 0) this.#begin(new Map(), () => new Uint8Array(0))
    for (const name of names) await folder.removeEntry(name).catch(() => undefined)
    return this.#epoch
  }

  async epoch(): Promise<number> {
    const names = await listFiles(await this.#open())
    return Math.max(0, ...names.map((name) => parseName(name)[0]))
  }

  async names(from: string, to: string): Promise<string[]> {
    return [...this.#places.keys()].filter((name) => name >= from && name <= to).sort()
  }

  async read(names: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return names.map((name) => {
      const place = this.#places.get(name)
      return place && this.#readAt(place)
    })
  }

  async commit(epoch: number, changes: Changes, durability: Durability): Promise<void> {
    if (epoch !== this.#epoch || !this.#file) throw new StaleOwnerError(epoch)
    this.#append(changes, durability === 'strict')
    if ((await this.epoch()) !== epoch) throw new StaleOwnerError(epoch)
    if (this.#end - this.#live > Math.max(WASTE_BYTES, this.#live)) await this.#rewrite()
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
  }

  async #open(): Promise<Folder> {
    this.#folder ??= await storeFolder(this.#root, this.#name, true)
    if (!this.#folder) throw new StorageError('there is no private file system here')
    return this.#folder
  }

  #readAt({ at, length }: Place): Uint8Array {
    const bytes = new Uint8Array(length)
    this.#file?.read(bytes, { at })
    return bytes
  }

  /** Begins a file with everything that is live. */
  #begin(places: Map<string, Place>, read: (place: Place) => Uint8Array): void {
    const put = [...places].map(([name, place]) => [name, read(place)] as const)
    this.#places = new Map()
    this.#end = this.#live = 0
    this.#append({ put }, true)
  }

  #append(changes: Changes, flushes: boolean): void {
    const file = this.#file!
    const commit = writeCommit(changes)
    const start = this.#end
    try {
      const written = file.write(commit, { at: start })
      if (written < commit.length) throw new DOMException('short write', 'QuotaExceededError')
      if (flushes) file.flush()
    } catch (error) {
      file.truncate(start)
      const { name, message } = error as Error
      throw name === 'QuotaExceededError'
        ? new StorageFullError(message)
        : new StorageError(`${name}: ${message}`, { cause: error })
    }
    this.#end = start + commit.length
    const gone = apply(this.#places, changes, this.#end)
    for (const [, { length }] of changes.put) this.#live += length
    this.#live -= gone
  }

  /** Goes on in another file, with what is live. */
  async #rewrite(): Promise<void> {
    const folder = await this.#open()
    const before = this.#file!
    const name = fileName(this.#epoch, this.#generation)
    const handle = await folder.getFileHandle(fileName(this.#epoch, this.#generation + 1), {
      create: true,
    })
    const places = this.#places
    this.#file = await handle.createSyncAccessHandle()
    this.#generation++
    this.#begin(places, ({ at, length }) => {
      const bytes = new Uint8Array(length)
      before.read(bytes, { at })
      return bytes
    })
    before.close()
    await folder.removeEntry(name).catch(() => undefined)
  }
}

/** The names of the stores that are kept in files. */
export async function listOpfs(root: Root): Promise<string[]> {
  const folder = await storeFolder(root, undefined, false)
  const names: string[] = []
  if (folder) for await (const name of folder.keys()) names.push(decodeURIComponent(name))
  return names
}

export async function deleteOpfs(name: string, root: Root): Promise<void> {
  const folder = await storeFolder(root, undefined, false)
  await folder?.removeEntry(encodeURIComponent(name), { recursive: true }).catch(() => undefined)
}

/** The folder of a store, or that of all of them. */
async function storeFolder(
  root: Root,
  name: string | undefined,
  create: boolean,
): Promise<Folder | undefined> {
  try {
    const top = (await root.getDirectory?.()) as Folder | undefined
    const all = await top?.getDirectoryHandle(FOLDER, { create })
    return name === undefined
      ? all
      : await all?.getDirectoryHandle(encodeURIComponent(name), { create })
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return undefined
    throw new StorageError((error as Error).message, { cause: error })
  }
}

/** The files of a store, the newest last. */
async function listFiles(folder: Folder): Promise<string[]> {
  const names: string[] = []
  for await (const name of folder.keys()) names.push(name)
  return names.sort((a, b) => {
    const [epochA, generationA] = parseName(a)
    const [epochB, generationB] = parseName(b)
    return epochA - epochB || generationA - generationB
  })
}

// ── commits ──────────────────────────────────────────────────────────────────────────────────

interface Head {
  remove: readonly (readonly [string, string])[]
  put: (readonly [name: string, size: number])[]
}

function writeCommit({ put, remove = [] }: Changes): Uint8Array {
  const sizes = put.map(([name, bytes]) => [name, bytes.length] as const)
  const head = encode(JSON.stringify({ remove, put: sizes } satisfies Head))
  const length = put.reduce((sum, [, bytes]) => sum + bytes.length, 4 + head.length)
  const commit = new Uint8Array(8 + length)
  const view = new DataView(commit.buffer)
  view.setUint32(0, length, true)
  view.setUint32(8, head.length, true)
  commit.set(head, HEADER)
  let at = HEADER + head.length
  for (const [, bytes] of put) {
    commit.set(bytes, at)
    at += bytes.length
  }
  view.setUint32(4, crc32(commit.subarray(8)), true)
  return commit
}

/** Follows a commit whose bytes end at `end`; how many bytes that were live are not any more. */
function apply(places: Map<string, Place>, { put, remove = [] }: Changes, end: number): number {
  let gone = 0
  const drop = (name: string): void => {
    gone += places.get(name)?.length ?? 0
    places.delete(name)
  }
  for (const [from, to] of remove)
    for (const name of places.keys()) if (name >= from && name <= to) drop(name)
  let at = end - put.reduce((sum, [, bytes]) => sum + bytes.length, 0)
  for (const [name, { length }] of put) {
    drop(name)
    places.set(name, { at, length })
    at += length
  }
  return gone
}

/** Where the records of a file lie: a torn commit at its end counts for nothing. */
function readFile(file: Uint8Array): { places: Map<string, Place>; isWhole: boolean } {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const places = new Map<string, Place>()
  let at = 0
  while (file.length - at >= HEADER) {
    const end = at + 8 + view.getUint32(at, true)
    if (end > file.length || view.getUint32(at + 4, true) !== crc32(file.subarray(at + 8, end)))
      break
    const head = file.subarray(at + HEADER, at + HEADER + view.getUint32(at + 8, true))
    const { put, remove } = JSON.parse(new TextDecoder().decode(head)) as Head
    const changes = put.map(([name, size]) => [name, { length: size } as Uint8Array] as const)
    apply(places, { put: changes, remove }, end)
    at = end
  }
  return { places, isWhole: at > 0 }
}
