// Where a store can be kept in this browser.

import { StorageError } from './errors.ts'
import type { StoreEvents } from './events.ts'
import { IdbStorage } from './storage/idb.ts'
import type { Storage } from './storage/storage.ts'
import type { Surroundings } from './surroundings.ts'

/** Where the store can be kept; undefined, with a warning, when it cannot. */
export async function findStorage(
  { locks, indexedDB }: Surroundings,
  name: string,
  storage: 'indexeddb' | 'opfs' | Storage,
  warn: (warning: StoreEvents['warning']) => void,
): Promise<Storage | undefined> {
  const notKept = (code: string, why: string): undefined => {
    warn({ code, message: `${why}: the store ${name} is kept in memory only` })
  }
  if (typeof storage === 'object') return storage
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
