// The list of keys: found by SCAN, with what a row shows, and kept up to date by what changes.

import { call, callBytes, nameOfKey, store } from '../store/store.ts'
import { escaped } from '../ui/format.ts'

export const TYPES = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const
export type Type = (typeof TYPES)[number]

export interface Key {
  name: string
  type: Type
  /** When it expires, in ms since 1970; `undefined`: never. */
  expiresAt: number | undefined
  sizeBytes: number
  /** Times that it changed since the list was read, so that a row can flash. */
  changes: number
}

/** Keys that are read at once. */
const PAGE = 200

export interface Found {
  keys: Key[]
  cursor: string
}

/** Reads keys from a cursor on until a page is full; cursor '0' afterwards: that was all. */
export async function scan(pattern: string, type: Type | '', from: string): Promise<Found> {
  const names = new Set<string>()
  let cursor = from
  do {
    const filter = type ? ['TYPE', type] : []
    const [next, some] = (await callBytes(
      'SCAN',
      cursor,
      'MATCH',
      pattern || '*',
      'COUNT',
      '500',
      ...filter,
    )) as [Uint8Array, Uint8Array[]]
    cursor = escaped(next)
    for (const key of some) names.add(nameOfKey(key))
  } while (cursor !== '0' && names.size < PAGE)
  const keys = await Promise.all([...names].map(describe))
  return { keys: keys.filter((key) => key !== undefined), cursor }
}

/** What a row shows of a key; `undefined` when it is gone. */
export async function describe(name: string): Promise<Key | undefined> {
  const [type, ttlMs, sizeBytes] = await Promise.all([
    call('TYPE', name),
    call('PTTL', name) as Promise<number>,
    call('MEMORY', 'USAGE', name) as Promise<number | null>,
  ])
  if (type === 'none') return undefined
  return {
    name,
    type: type as Type,
    expiresAt: ttlMs < 0 ? undefined : Date.now() + ttlMs,
    sizeBytes: sizeBytes ?? 0,
    changes: 0,
  }
}

/** Calls back with the names that changed, gathered for a moment; `null`: all may have. */
export function onChanges(callback: (names: string[] | null) => void): () => void {
  const gathered = new Set<string>()
  let isAll = false
  let timer: number | undefined
  const stop = store.watch('*', (name) => {
    // The name of a key that is no text arrives with marks in the place of its bytes: which one it is cannot be told.
    if (name === null || name.includes('\uFFFD')) isAll = true
    else gathered.add(name)
    timer ??= window.setTimeout(() => {
      timer = undefined
      const all = [...gathered]
      gathered.clear()
      callback(isAll ? null : all)
      isAll = false
    }, 80)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}
