// Where a store is kept in this browser: in files, where this thread may write to them, or in IndexedDB.
//
// A store that is there stays where it lies, unless another place was asked for or this thread cannot write there:
// then it is moved. Of a move that was cut short both places tell; IndexedDB counts if it has a manifest.

import { StorageError } from './errors.ts'
import type { Warning } from './events.ts'
import { FIRST_LOG, LAST_SNAPSHOT, MANIFEST } from './journal/manifest.ts'
import { move } from './journal/move.ts'
import { IdbStorage } from './storage/idb.ts'
import { OpfsStorage } from './storage/opfs.ts'
import type { Storage } from './storage/storage.ts'
import type { Keeping, Surroundings } from './surroundings.ts'

export type Place = 'indexeddb' | 'opfs'

export interface Search {
  surroundings: Surroundings
  name: string
  /** Where it was asked to be; `auto` where it lies, and a new one in files if that can be. */
  wanted: 'auto' | Place | Storage
  warn: (warning: Warning) => void
  /** Has a thread that may write to files move the store into IndexedDB. */
  moveOut?: () => Promise<void>
}

/** Where the store can be kept; undefined, with a warning, when it cannot. @throws {StorageError} it cannot be moved */
export async function findStorage(search: Search): Promise<Storage | undefined> {
  const { surroundings, name, wanted } = search
  if (typeof wanted === 'object') return wanted
  if (!surroundings.locks)
    return notKept(search, 'no-locks', 'there are no Web Locks here (is the page served by https?)')
  const { indexedDB, keeping } = surroundings
  const idb = indexedDB && new IdbStorage(name, indexedDB)
  const files =
    keeping && (await hasFileSystem(keeping)) ? new OpfsStorage(name, keeping) : undefined
  const lies = await whereItLies(idb, files)
  const place = await choose(search, lies, files)
  if (idb && files && lies) {
    if (lies === place) void (place === 'indexeddb' && files.remove())
    else if (place === 'opfs') await move(idb, files)
    else if (canWriteAtOnce()) await move(files, idb)
    else await search.moveOut?.()
  }
  return place === 'opfs' ? files : checked(search, idb)
}

/** The place where the store lies; undefined for one that is new. */
async function whereItLies(
  idb: IdbStorage | undefined,
  files: OpfsStorage | undefined,
): Promise<Place | undefined> {
  const [isInIdb, areFiles] = await Promise.all([idb?.exists().catch(() => false), files?.exists()])
  const [manifest] = isInIdb ? await idb!.read([MANIFEST]) : []
  if (manifest) return 'indexeddb'
  if (areFiles) return 'opfs'
  const isDamaged = isInIdb && (await idb!.names(FIRST_LOG, LAST_SNAPSHOT)).length > 0
  return isDamaged ? 'indexeddb' : undefined
}

async function choose(
  { wanted, name, warn }: Search,
  lies: Place | undefined,
  files: OpfsStorage | undefined,
): Promise<Place> {
  if (wanted === 'indexeddb' || (wanted === 'auto' && lies === 'indexeddb')) return 'indexeddb'
  if (files && canWriteAtOnce() && (lies === 'opfs' || (await files.canWrite()))) return 'opfs'
  if (wanted === 'opfs')
    warn({
      code: 'no-opfs',
      message: `files can be written at once in a Worker only, and not in every browser: the store ${name} is kept in IndexedDB`,
    })
  return 'indexeddb'
}

/** IndexedDB, if it works. */
async function checked(
  search: Search,
  idb: IdbStorage | undefined,
): Promise<IdbStorage | undefined> {
  if (!idb) return notKept(search, 'no-indexeddb', 'there is no IndexedDB here')
  try {
    await idb.epoch()
    return idb
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return notKept(search, 'no-indexeddb', `IndexedDB cannot be used (${error.message})`)
  }
}

function notKept({ warn, name }: Search, code: string, why: string): undefined {
  warn({ code, message: `${why}: the store ${name} is kept in memory only` })
}

async function hasFileSystem(keeping: Keeping): Promise<boolean> {
  try {
    return (await keeping.getDirectory?.()) !== undefined
  } catch {
    return false
  }
}

/** Whether this thread may write to files without waiting: Workers may, pages may not. */
function canWriteAtOnce(): boolean {
  const { FileSystemFileHandle: handle } = globalThis as {
    FileSystemFileHandle?: { prototype: object }
  }
  return handle !== undefined && 'createSyncAccessHandle' in handle.prototype
}
