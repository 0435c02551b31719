// The folders of stores in the origin's private file system, and the file that says which writer is the newest.
//
//   wadi/<store>/<epoch>.<generation>       commits one after another
//   wadi-epochs/<store>                     as many bytes as the newest epoch says
//
// A file of epochs is open in all writers of a store at once, and only ever grows: a writer sees by its length, and
// without waiting, whether a newer one has come. Not every browser opens a file twice; there a writer looks for
// the files of a newer one.

import { StorageError } from '../errors.ts'
import { storageError, type SyncFile } from './opfs-file.ts'

/** The folder of all stores, and that of their epochs. */
const STORES = 'wadi'
const EPOCHS = 'wadi-epochs'
/** What browsers say of a file that is open elsewhere. */
const LOCKED = new Set(['NoModificationAllowedError', 'InvalidStateError'])

export interface Folder {
  keys(): AsyncIterable<string>
  getFileHandle(name: string, options?: { create?: boolean }): Promise<FileHandle>
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<Folder>
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>
}

export interface FileHandle {
  getFile(): Promise<Blob>
  createSyncAccessHandle(options?: { mode?: string }): Promise<SyncFile>
  /** Renames the file, in browsers that can. */
  move?(name: string): Promise<void>
}

/** Where files are: `navigator.storage`. */
export interface Root {
  getDirectory?(): Promise<unknown>
}

export const fileName = (epoch: number, generation: number): string => `${epoch}.${generation}`

export const parseName = (name: string): [epoch: number, generation: number] => {
  const [epoch, generation] = name.split('.').map(Number)
  return [epoch ?? 0, generation ?? 0]
}

/** Names of ours: what else lies there is left alone. */
const NAME = /^\d{1,15}\.\d{1,15}$/

/** The newest epoch of a store, where it can be seen at once. */
export class EpochFile {
  readonly #file: SyncFile

  private constructor(file: SyncFile) {
    this.#file = file
  }

  static async open(root: Root, store: string): Promise<EpochFile | undefined> {
    const { FileSystemSyncAccessHandle: handle } = globalThis as {
      FileSystemSyncAccessHandle?: { prototype: object }
    }
    if (!handle || !('mode' in handle.prototype)) return undefined
    try {
      const folder = await openFolder(root, EPOCHS, true)
      const file = await folder?.getFileHandle(encodeURIComponent(store), { create: true })
      const opened = await file?.createSyncAccessHandle({ mode: 'readwrite-unsafe' })
      return opened && new EpochFile(opened)
    } catch {
      return undefined
    }
  }

  get newest(): number {
    return this.#file.getSize()
  }

  /** @throws {StorageFullError} there is no room for a byte */
  raise(epoch: number): void {
    try {
      this.#file.write(new Uint8Array(1), { at: epoch - 1 })
    } catch (error) {
      throw storageError(error)
    }
  }

  close(): void {
    this.#file.close()
  }
}

/** The folder of a store. */
export async function storeFolder(root: Root, store: string): Promise<Folder> {
  const all = await openFolder(root, STORES, true)
  const folder = await all?.getDirectoryHandle(encodeURIComponent(store), { create: true })
  if (!folder) throw new StorageError('there is no private file system here')
  return folder
}

/** The files that a store has now, and how to remove these and no later ones; makes no folder. */
export async function findFiles(
  root: Root,
  store: string,
): Promise<{ count: number; remove: () => Promise<void> }> {
  const all = await openFolder(root, STORES, false)
  const folder = await unlessMissing(all?.getDirectoryHandle(encodeURIComponent(store)))
  const names = folder ? await listFiles(folder) : []
  return {
    count: names.length,
    async remove() {
      for (const name of names) await folder?.removeEntry(name)
    },
  }
}

/** A file, if there is one of that name. */
export function findFile(folder: Folder, name: string): Promise<FileHandle | undefined> {
  return unlessMissing(folder.getFileHandle(name))
}

/** Opens a file for this thread alone; undefined where another has it open. */
export async function tryLock(handle: FileHandle): Promise<SyncFile | undefined> {
  try {
    return await handle.createSyncAccessHandle()
  } catch (error) {
    if (LOCKED.has((error as Error).name)) return undefined
    throw error
  }
}

/** The files of a store, the newest last. */
export async function listFiles(folder: Folder): Promise<string[]> {
  const names: string[] = []
  for await (const name of folder.keys()) if (NAME.test(name)) names.push(name)
  return names.sort((a, b) => {
    const [epochA, generationA] = parseName(a)
    const [epochB, generationB] = parseName(b)
    return epochA - epochB || generationA - generationB
  })
}

/** The names of the stores that are kept in files. */
export async function listOpfs(root: Root): Promise<string[]> {
  const folder = await openFolder(root, STORES, false)
  const names: string[] = []
  if (folder) for await (const name of folder.keys()) names.push(decodeURIComponent(name))
  return names
}

/** Deletes a store. @throws {StorageError} a tab that sleeps still has its file open */
export async function deleteOpfs(store: string, root: Root): Promise<void> {
  await removeFolder(root, store)
  await remove(root, EPOCHS, store)
}

/** Deletes the files of a store; its newest epoch is still known. @throws {StorageError} one is open */
export function removeFolder(root: Root, store: string): Promise<void> {
  return remove(root, STORES, store)
}

async function remove(root: Root, name: string, store: string): Promise<void> {
  const folder = await openFolder(root, name, false)
  try {
    await unlessMissing(folder?.removeEntry(encodeURIComponent(store), { recursive: true }))
  } catch (error) {
    throw new StorageError((error as Error).message, { cause: error })
  }
}

async function openFolder(root: Root, name: string, create: boolean): Promise<Folder | undefined> {
  try {
    const top = (await root.getDirectory?.()) as Folder | undefined
    return await unlessMissing(top?.getDirectoryHandle(name, { create }))
  } catch (error) {
    throw new StorageError((error as Error).message, { cause: error })
  }
}

/** What is looked for; undefined where there is no such thing. */
export async function unlessMissing<T>(looking: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await looking
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return undefined
    throw error
  }
}
