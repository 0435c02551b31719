// The stores of this origin.

import { StoreInUseError } from './errors.ts'
import { StoreLock } from './owner/lock.ts'
import { deleteIdb, listIdb } from './storage/idb.ts'
import { deleteOpfs, listOpfs } from './storage/opfs-folder.ts'
import { browserSurroundings } from './surroundings.ts'

/** The names of all stores that are kept in this browser. */
export async function listStores(): Promise<string[]> {
  const { indexedDB, keeping } = browserSurroundings()
  const names = [
    ...(indexedDB ? await listIdb(indexedDB).catch(() => []) : []),
    ...(keeping ? await listOpfs(keeping).catch(() => []) : []),
  ]
  return [...new Set(names)].sort()
}

/** Deletes a store and all that is in it. @throws {StoreInUseError} it is open */
export async function deleteStore(name: string): Promise<void> {
  const { indexedDB, locks, keeping } = browserSurroundings()
  if (!locks) return
  const lock = await StoreLock.take(locks, name, 'if-free')
  if (!lock) throw new StoreInUseError(name)
  try {
    if (indexedDB) await deleteIdb(name, indexedDB)
    if (keeping) await deleteOpfs(name, keeping)
  } finally {
    lock.release()
  }
}
