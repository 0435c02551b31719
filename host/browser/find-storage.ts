// Where a store can be kept in this browser.

import { StorageError } from './errors.ts'
import type { StoreEvents } from './events.ts'
import { IdbStorage } from './storage/idb.ts'
import { OpfsStorage } from './storage/opfs.ts'
import type { Storage } from './storage/storage.ts'
import type { Surroundings } from './surroundings.ts'

/** Where the store can be kept; undefined, with a warning, when it cannot. */
export async function findStorage(
  { locks, indexedDB, keeping }: Surroundings,
  name: string,
  storage: 'indexeddb' | 'opfs' | Storage | undefined,
  warn: (warning: StoreEvents['warning']) => void,
): Promise<Storage | undefined> {
  const notKept = (code: string, why: string): undefined => {
    warn({ code, message: `${why}: the store ${name} is kept in memory only` })
  }
  if (typeof storage === 'object') return storage
  if (storage === 'opfs' && locks && keeping) {
    const opfs = new OpfsStorage(name, keeping)
    if (await canWriteAtOnce(opfs)) return opfs
    warn({
      code: 'no-opfs',
      message: `files can be written at once in a Worker only, and not in every browser: the store ${name} is kept in IndexedDB`,
    })
  }
  if (!locks)
    return notKept('no-locks', 'there are no Web Locks here (is the page served by https?)')
  if (!indexedDB) return notKept('no-indexeddb', 'there is no IndexedDB here')
  const idb = new IdbStorage(name, indexedDB)
  try {
    await idb.epoch()
    return idb
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return notKept('no-indexeddb', `IndexedDB cannot be used (${error.message})`)
  }
}

/** Whether there is a private file system that this thread may write to without waiting. */
async function canWriteAtOnce(opfs: OpfsStorage): Promise<boolean> {
  const { FileSystemFileHandle: handle } = globalThis as {
    FileSystemFileHandle?: { prototype: object }
  }
  if (!handle || !('createSyncAccessHandle' in handle.prototype)) return false
  return opfs.epoch().then(
    () => true,
    () => false,
  )
}
