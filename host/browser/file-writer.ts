// What a Worker has of files that a page has not.

import type { FileWriter } from './find-storage.ts'
import { move } from './journal/move.ts'
import { OpfsStorage } from './storage/opfs.ts'

/** Undefined where files cannot be written at once. */
export function fileWriter(): FileWriter | undefined {
  const { FileSystemFileHandle: handle } = globalThis as {
    FileSystemFileHandle?: { prototype: object }
  }
  if (!handle || !('createSyncAccessHandle' in handle.prototype)) return undefined
  return { open: (name, keeping) => new OpfsStorage(name, keeping), move }
}
