// The stores of this origin.

import { StoreInUseError } from './errors.ts'
import { StoreLock } from './owner/lock.ts'
import { deleteIdb, listIdb } from './storage/idb.ts'
import { browserSurroundings } from './surroundings.ts'

/** The names of all stores that are kept in this browser. */
export async function listStores(): Promise<string[]> {
  const { indexedDB } = browserSurroundings()
  return indexedDB ? listIdb(indexedDB) : []
}

/** Deletes a store and all that is in it. @throws {StoreInUseError} it is open */
export async function deleteStore(name: string): Promise<void> {
  const { indexedDB, locks } = browserSurroundings()
  if (!indexedDB || !locks) return
  const lock = await StoreLock.take(locks, name, 'if-free')
  if (!lock) throw new StoreInUseError(name)
  try {
    await deleteIdb(name, indexedDB)
  } finally {
    lock.release()
  }
}
