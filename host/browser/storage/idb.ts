// Records in IndexedDB, through idb-keyval with a `UseStore` of our own: theirs has no durability option, and
// ours opens the database again when the browser has dropped the connection.
//
// A transaction must not need its page: one whose page is frozen in the middle of it would block the next owner
// for a minute or more. So everything is asked at once, commit included, and the epoch is checked without waiting for
// an answer, since a request that fails ends its transaction. What is left is a page that is stopped between the
// first call and the last, some 50 µs; nothing helps there (docs/browser.md, limits).
//
//   put 5, 6         add !fence-7, delete !fence-7, put 5, put 6      a new owner leaves !fence-7 in place
//   7, 8 areNew      add 8, add 7                                     a new owner has put 7 there
//
// In Firefox, of a transaction that was told to commit, only the last request ends it by its failure: what is
// new is added backwards therefore, and the fence, which stands in front, does without the word there.

import { promisifyRequest, type UseStore } from 'idb-keyval'
import { NameTakenError, StaleOwnerError, StorageError, StorageFullError } from '../errors.ts'
import { type Changes, type Durability, isMade, type Storage } from './storage.ts'

/** Databases of stores have this in front of their names. */
export const PREFIX = 'wadi:'
const OBJECTS = 'records'
const EPOCH = '!epoch'
const TRIAL = '!trial'
const fence = (epoch: number): string => `!fence-${epoch}`

/** The parts of IndexedDB that are used: tests bring their own. */
export type Factory = Pick<IDBFactory, 'open' | 'deleteDatabase' | 'databases'>

export class IdbStorage implements Storage {
  readonly #factory: Factory
  readonly #name: string
  #database: Promise<IDBDatabase> | undefined
  #isClosed = false
  /** Any request that fails ends its transaction, also where all was asked at once. */
  #endsWhole = true
  /** The database was closed because another page deletes it. */
  onDeleted: (() => void) | undefined

  constructor(name: string, factory: Factory) {
    this.#name = PREFIX + name
    this.#factory = factory
  }

  /** Whether there is a database of this store, as far as the browser says so without making one. */
  async exists(): Promise<boolean> {
    if (!('databases' in this.#factory)) return true
    const databases = await this.#factory.databases()
    return databases.some(({ name }) => name === this.#name)
  }

  async claim(above = 0): Promise<number> {
    let epoch = 0
    await this.#use('strict')('readwrite', (store) => {
      const request = store.get(EPOCH) as IDBRequest<number | undefined>
      request.onsuccess = () => {
        const before = request.result ?? 0
        epoch = Math.max(before, above) + 1
        store.put(epoch, EPOCH)
        store.put(0, fence(before))
        store.transaction.commit?.()
      }
      return promisifyRequest(store.transaction)
    })
    await this.#use('relaxed')('readwrite', async (store) => {
      this.#endsWhole = await this.#tryEnding(store)
    })
    return epoch
  }

  /** Lets a request fail, in front of others that change nothing. */
  #tryEnding(store: IDBObjectStore): Promise<boolean> {
    const { transaction } = store
    return new Promise((resolve) => {
      transaction.addEventListener('abort', () => resolve(true))
      transaction.addEventListener('complete', () => resolve(false))
      store.add(0, EPOCH)
      store.delete(TRIAL)
      transaction.commit?.()
    })
  }

  async epoch(): Promise<number> {
    const [epoch] = await this.#get<number>([EPOCH])
    return epoch ?? 0
  }

  async names(from: string, to: string): Promise<string[]> {
    const keys = await this.#use('relaxed')('readonly', (store) => {
      const request = store.getAllKeys(IDBKeyRange.bound(from, to))
      store.transaction.commit?.()
      return promisifyRequest(request)
    })
    return keys as string[]
  }

  read(names: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.#get<Uint8Array>(names)
  }

  async commit(epoch: number, changes: Changes, durability: Durability): Promise<void> {
    const { put, remove = [], areNew = false } = changes
    let isTaken = false
    const guarded = (request: IDBRequest): void =>
      request.addEventListener('error', () => {
        // The requests behind it are aborted, and say so.
        isTaken ||= request.error?.name === 'ConstraintError'
      })
    try {
      await this.#use(durability)('readwrite', (store) => {
        const own = fence(epoch)
        if (!areNew) {
          guarded(store.add(0, own))
          store.delete(own)
        }
        for (const [from, to] of remove) store.delete(IDBKeyRange.bound(from, to))
        if (areNew) for (const [name, bytes] of put.toReversed()) guarded(store.add(bytes, name))
        else for (const [name, bytes] of put) store.put(bytes, name)
        if (areNew || this.#endsWhole) store.transaction.commit?.()
        return promisifyRequest(store.transaction)
      })
    } catch (error) {
      if (!isTaken) throw error
      if (!areNew || (await this.epoch()) !== epoch) throw new StaleOwnerError(epoch)
      if (!isMade(put, await this.read(put.map(([name]) => name))))
        throw new NameTakenError(`there is a record ${put[0]?.[0]} already`)
    }
  }

  #get<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    return this.#use('relaxed')('readonly', (store) => {
      const requests = keys.map((key) =>
        promisifyRequest(store.get(key) as IDBRequest<T | undefined>),
      )
      store.transaction.commit?.()
      return Promise.all(requests)
    })
  }

  close(): void {
    this.#isClosed = true
    void this.#database?.then((database) => database.close()).catch(() => undefined)
    this.#database = undefined
  }

  /** A way into the database; a transaction that finds the connection dropped is tried again on a new one. */
  #use(durability: Durability): UseStore {
    return async (mode, callback) => {
      for (let attempt = 0; ; attempt++) {
        const database = await this.#open()
        try {
          const transaction = database.transaction(OBJECTS, mode, { durability })
          return await callback(transaction.objectStore(OBJECTS))
        } catch (error) {
          const isDropped = (error as Error | null)?.name === 'InvalidStateError'
          if (!isDropped || attempt > 0 || this.#isClosed) throw translate(error)
          this.#database = undefined
        }
      }
    }
  }

  #open(): Promise<IDBDatabase> {
    if (this.#isClosed) return Promise.reject(new StorageError('the storage is closed'))
    if (this.#database) return this.#database
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      const request = this.#factory.open(this.#name)
      request.onupgradeneeded = () => request.result.createObjectStore(OBJECTS)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(translate(request.error))
    })
    this.#database = opening
    opening.then(
      (database) => {
        database.onclose = () => {
          if (this.#database === opening) this.#database = undefined
        }
        database.onversionchange = () => {
          database.close()
          this.#isClosed = true
          this.onDeleted?.()
        }
      },
      () => {
        if (this.#database === opening) this.#database = undefined
      },
    )
    return opening
  }
}

/** The names of the stores that are kept. */
export async function listIdb(factory: Factory): Promise<string[]> {
  const databases = await factory.databases()
  return databases
    .map(({ name = '' }) => name)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
}

export function deleteIdb(name: string, factory: Factory): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.deleteDatabase(PREFIX + name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(translate(request.error))
  })
}

function translate(error: unknown): Error {
  const { name, message } = error instanceof Object ? (error as Error) : new Error(String(error))
  if (name === 'QuotaExceededError') return new StorageFullError(message)
  if (error instanceof StorageError || error instanceof StorageFullError) return error
  return new StorageError(`${name}: ${message}`, { cause: error })
}
