// open(): what was asked for, as far as the browser has it.

import { Events } from './events.ts'
import { StorageError, StoreInUseError } from './errors.ts'
import { loadEngine } from './engine-file.ts'
import { HereStore } from './here.ts'
import type { Codec } from './journal/record.ts'
import { StoreLock } from './owner/lock.ts'
import { IdbStorage } from './storage/idb.ts'
import type { Storage } from './storage/storage.ts'
import { browserSurroundings, type Surroundings } from './surroundings.ts'
import type { AsyncStore, OpenOptions, Store, SyncOptions, SyncStore } from './types.ts'

/** Opens a store; it is made if there is none of that name. */
export function open(name: string, options: SyncOptions): Promise<SyncStore>
export function open(name: string, options?: OpenOptions): Promise<AsyncStore>
export function open(name: string, options: OpenOptions = {}): Promise<Store> {
  return openIn(browserSurroundings(), name, options)
}

/** Opens a store in a browser of which parts may be missing. */
export async function openIn(
  surroundings: Surroundings,
  name: string,
  options: OpenOptions,
): Promise<Store> {
  return openHere(surroundings, name, options)
}

async function openHere(
  surroundings: Surroundings,
  name: string,
  options: OpenOptions,
): Promise<Store> {
  const { mode = 'here', maxMemoryBytes, durability = 'relaxed' } = options
  const events = new Events()
  const loading = loadEngine(options.wasm)
  loading.catch(() => undefined)
  const lock =
    mode === 'memory' || !surroundings.locks
      ? undefined
      : await StoreLock.take(surroundings.locks, name, 'if-free')
  if (mode !== 'memory' && surroundings.locks && !lock) throw new StoreInUseError(name)
  try {
    const module = await loading
    const keeper = {
      module,
      runtime: surroundings.runtime,
      durability: durability === 'strict' ? ('strict' as const) : ('relaxed' as const),
      storage:
        mode === 'memory' ? undefined : await findStorage(surroundings, name, options, events),
      codec: options.codec as Codec | undefined,
      recover: options.recover ?? false,
      maxMemoryBytes,
    }
    return await HereStore.open({ name, mode, keeper, events, lock, surroundings })
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** Where the store can be kept; undefined, with a warning, when it cannot. */
async function findStorage(
  { locks, indexedDB }: Surroundings,
  name: string,
  { storage = 'indexeddb' }: OpenOptions,
  events: Events,
): Promise<Storage | undefined> {
  const notKept = (code: string, why: string): undefined => {
    events.emit('warning', { code, message: `${why}: the store ${name} is kept in memory only` })
  }
  if (typeof storage === 'object') return storage
  if (!locks)
    return notKept('no-locks', 'there are no Web Locks here (is the page served by https?)')
  if (!indexedDB) return notKept('no-indexeddb', 'there is no IndexedDB here')
  const idb = new IdbStorage(name, indexedDB)
  try {
    await idb.names('manifest', 'manifest')
    return idb
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return notKept('no-indexeddb', `IndexedDB cannot be used (${error.message})`)
  }
}
