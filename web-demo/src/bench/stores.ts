// The stores that are compared, each behind the same four calls.

import { clear as clearIdb, createStore, get, getMany, set, setMany } from 'idb-keyval'
import { call } from '../store/store.ts'

export interface Contender {
  id: string
  name: string
  note: string
  /** Makes it ready, with nothing in it. */
  prepare(): Promise<void>
  set(key: string, value: string): unknown
  get(key: string): unknown
  setMany(entries: [string, string][]): unknown
  getMany(keys: string[]): unknown
  /** Takes away what was written. */
  clean(keys: string[]): Promise<void>
}

const PREFIX = 'bench:'
let idb: ReturnType<typeof createStore>

export const contenders: Contender[] = [
  {
    id: 'wadi',
    name: 'Wadi',
    note: 'shared by all tabs, kept in files',
    prepare: async () => undefined,
    set: (key, value) => call('SET', PREFIX + key, value),
    get: (key) => call('GET', PREFIX + key),
    setMany: (entries) =>
      Promise.all(entries.map(([key, value]) => call('SET', PREFIX + key, value))),
    getMany: (keys) => Promise.all(keys.map((key) => call('GET', PREFIX + key))),
    clean: async (keys) => void (await call('UNLINK', ...keys.map((key) => PREFIX + key))),
  },
  {
    id: 'idb',
    name: 'idb-keyval',
    note: 'one IndexedDB record a key',
    prepare: async () => {
      idb ??= createStore('wadi-demo-bench', 'entries')
      await clearIdb(idb)
    },
    set: (key, value) => set(key, value, idb),
    get: (key) => get(key, idb),
    setMany: (entries) => setMany(entries, idb),
    getMany: (keys) => getMany(keys, idb),
    clean: () => clearIdb(idb),
  },
  {
    id: 'local',
    name: 'localStorage',
    note: 'synchronous, at most 5 MB',
    prepare: async () => undefined,
    set: (key, value) => localStorage.setItem(PREFIX + key, value),
    get: (key) => localStorage.getItem(PREFIX + key),
    setMany: (entries) => {
      for (const [key, value] of entries) localStorage.setItem(PREFIX + key, value)
    },
    getMany: (keys) => keys.map((key) => localStorage.getItem(PREFIX + key)),
    clean: async (keys) => {
      for (const key of keys) localStorage.removeItem(PREFIX + key)
    },
  },
]
