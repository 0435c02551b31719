// What a store takes from the browser around it: each part may be missing, and tests bring their own.

import { webRuntime, type Runtime } from '../core/runtime.ts'
import type { Factory } from './storage/idb.ts'

/** Web Locks: one owner a store. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
    held: (lock: object | null) => Promise<void>,
  ): Promise<unknown>
}

/** `navigator.storage`, as far as it is used. */
export interface Keeping {
  persist?(): Promise<boolean>
  estimate(): Promise<{ usage?: number; quota?: number }>
  getDirectory?(): Promise<FileSystemDirectoryHandle>
}

export interface Surroundings {
  runtime: Runtime
  locks: Locks | undefined
  indexedDB: Factory | undefined
  keeping: Keeping | undefined
  /** The page's own turns: becoming visible, being frozen, leaving. */
  page: EventTarget | undefined
}

/** Those of the page or Worker that this runs in. */
export function browserSurroundings(): Surroundings {
  const { navigator } = globalThis as { navigator?: { locks?: unknown; storage?: Keeping } }
  const { document } = globalThis as { document?: EventTarget }
  return {
    runtime: webRuntime(globalThis),
    locks: navigator?.locks as Locks | undefined,
    indexedDB: factory(),
    keeping: navigator?.storage,
    page: document,
  }
}

/** Where storage is blocked, reading the property may throw. */
function factory(): Factory | undefined {
  try {
    return (globalThis as { indexedDB?: Factory }).indexedDB ?? undefined
  } catch {
    return undefined
  }
}
