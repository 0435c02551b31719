// Where a store is kept in this browser: in files, where this thread may write to them, or in IndexedDB.
//
// A store that is there stays where it lies, unless another place was asked for or this thread cannot write there:
// then it is moved. Of a move that was cut short both places tell; IndexedDB counts if it has a manifest.

import { StorageError } from './errors.ts'
import type { Warning } from './events.ts'
import { FIRST_LOG, LAST_SNAPSHOT, MANIFEST } from './journal/manifest.ts'
import type { Movable } from './journal/move.ts'
import { IdbStorage } from './storage/idb.ts'
import { findFiles } from './storage/opfs-folder.ts'
import type { Storage } from './storage/storage.ts'
import type { Keeping, Surroundings } from './surroundings.ts'

export type Place = 'indexeddb' | 'opfs'

export interface FileStorage extends Movable {
  canWrite(): Promise<boolean>
  /** Begins what a claim takes. */
  prepare(): void
}

/** Writes to files at once: Workers can, pages cannot, and need not load what does it. */
export interface FileWriter {
  open(name: string, keeping: Keeping): FileStorage
  move(from: Movable, to: Movable): Promise<void>
}

export interface Search {
  surroundings: Surroundings
  name: string
  /** Where it was asked to be; `auto` where it lies, and a new one in files if that can be. */
  wanted: 'auto' | Place | Storage
  warn: (warning: Warning) => void
  writer?: FileWriter | undefined
  /** Where there is no writer: has a Worker move the store into IndexedDB. */
  moveOut?: () => Promise<void>
}

/** Where the store can be kept; undefined, with a warning, when it cannot. @throws {StorageError} it cannot be moved */
export async function findStorage(search: Search): Promise<Storage | undefined> {
  const { surroundings, name, wanted, writer } = search
  if (typeof wanted === 'object') return wanted
  if (!surroundings.locks)
    return notKept(search, 'no-locks', 'there are no Web Locks here (is the page served by https?)')
  const { indexedDB, keeping } = surroundings
  const idb = indexedDB && new IdbStorage(name, indexedDB)
  const files = keeping && writer?.open(name, keeping)
  const { lies, left } = await whereItLies(name, idb, keeping, () => files?.prepare())
  const place = await choose(search, lies, files)
  if (place === lies) void left?.remove().catch(() => undefined)
  else if (lies && lies !== 'unknown' && idb) {
    if (!writer || !files) await search.moveOut?.()
    else if (place === 'opfs') await writer.move(idb, files)
    else await writer.move(files, idb)
  }
  if (place === 'opfs') return files
  files?.close()
  return checked(search, idb)
}

interface Found {
  lies: Place | 'unknown' | undefined
  /** Files that a move left which was cut short. Others may come by a move of the next owner, and must stay. */
  left?: { remove(): Promise<void> } | undefined
}

/**
 * The place where the store lies; undefined for one that is new. Where IndexedDB does not answer a store may be in it:
 * a new one beside that would be lost when it answers again.
 */
async function whereItLies(
  name: string,
  idb: IdbStorage | undefined,
  keeping: Keeping | undefined,
  areFiles: () => void,
): Promise<Found> {
  const finding = keeping && findFiles(keeping, name).catch(() => undefined)
  // They are opened while IndexedDB is asked, which takes as long.
  void finding?.then((found) => found?.count && areFiles())
  const [held, files] = await Promise.all([
    idb && holding(idb).catch(() => 'unknown' as const),
    finding,
  ])
  if (held === 'manifest') return { lies: 'indexeddb', left: files }
  if (files?.count) return { lies: 'opfs' }
  return { lies: held === 'records' ? 'indexeddb' : held }
}

/** What IndexedDB has of a store; no database is made for that. */
async function holding(idb: IdbStorage): Promise<'manifest' | 'records' | undefined> {
  if (!(await idb.exists())) return undefined
  const [manifest] = await idb.read([MANIFEST])
  if (manifest) return 'manifest'
  return (await idb.names(FIRST_LOG, LAST_SNAPSHOT)).length > 0 ? 'records' : undefined
}

async function choose(
  { wanted, name, warn }: Search,
  lies: Place | 'unknown' | undefined,
  files: FileStorage | undefined,
): Promise<Place> {
  const mayLieThere = wanted === 'auto' && (lies === 'indexeddb' || lies === 'unknown')
  if (wanted === 'indexeddb' || mayLieThere) return 'indexeddb'
  if (files && (lies === 'opfs' || (await files.canWrite()))) return 'opfs'
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
