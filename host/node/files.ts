// Writing a file so that there is always a whole one: beside it, to the disk, then in its place.

import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Puts `bytes` in a file's place; the old file stays if that fails. */
export function replaceFile(path: string, bytes: Uint8Array, mode = 0o644): void {
  const beside = `${path}.${process.pid}.tmp`
  try {
    writeWhole(beside, bytes, mode)
    renameSync(beside, path)
  } catch (error) {
    removeQuietly(beside)
    throw error
  }
  syncDirectory(dirname(path))
}

function writeWhole(path: string, bytes: Uint8Array, mode: number): void {
  const file = openSync(path, 'w', mode)
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A rename is on the disk once its directory is. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was not made.
  }
}
