// Commits in a file of the private file system, one after another: how they are written, and read again.
//
//   0        4        8
//   ├────────┼────────┼──────────────────────────────────────────────┬──────────────
//   │ length │ CRC-32 │ { remove: [[from, to]], put: [[name, size]] }│ bytes, bytes …      a commit
//   └────────┴────────┴─ length of this in front, u32 ───────────────┴──────────────

import { crc32 } from './crc32.ts'
import type { Changes } from './storage.ts'

const HEADER = 12
/** The first byte of all heads. */
const BRACE = 0x7b
/** Places that are tried in search of a commit. */
const MOST_TRIES = 1000

/** Where a record lies in its file. */
export interface Place {
  at: number
  length: number
}

export type Places = Map<string, Place>

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Head {
  remove: readonly (readonly [string, string])[]
  put: (readonly [name: string, size: number])[]
}

export function writeCommit({ put, remove = [] }: Changes): Uint8Array {
  const sizes = put.map(([name, bytes]) => [name, bytes.length] as const)
  const head = encode(JSON.stringify({ remove, put: sizes } satisfies Head))
  const length = put.reduce((sum, [, bytes]) => sum + bytes.length, 4 + head.length)
  const commit = new Uint8Array(8 + length)
  const view = new DataView(commit.buffer)
  view.setUint32(0, length, true)
  view.setUint32(8, head.length, true)
  commit.set(head, HEADER)
  let at = HEADER + head.length
  for (const [, bytes] of put) {
    commit.set(bytes, at)
    at += bytes.length
  }
  view.setUint32(4, crc32(commit.subarray(8)), true)
  return commit
}

/** The first commit of a file that counts; it changes nothing. */
export const FIRST = writeCommit({ put: [] })
/** What stands in its place until the file counts: no commit, its length is beyond all files. */
export const BLANK = new Uint8Array(FIRST.length).fill(0xff)

/** Follows a commit whose bytes end at `end`; how many bytes that were live are not any more. */
export function apply(places: Places, { put, remove = [] }: Changes, end: number): number {
  let gone = 0
  const drop = (name: string): void => {
    gone += places.get(name)?.length ?? 0
    places.delete(name)
  }
  for (const [from, to] of remove)
    for (const name of places.keys()) if (name >= from && name <= to) drop(name)
  let at = end - put.reduce((sum, [, bytes]) => sum + bytes.length, 0)
  for (const [name, { length }] of put) {
    drop(name)
    places.set(name, { at, length })
    at += length
  }
  return gone
}

/** What a file was found to hold. */
export interface FileContent {
  places: Places
  /** Where its last commit ends; 0 where it has none. A torn one behind that counts for nothing. */
  end: number
  /** What is wrong with it: commits between others that are not what was written. */
  damages: string[]
}

export function readFile(file: Uint8Array): FileContent {
  const places: Places = new Map()
  const damages: string[] = []
  if (!isShown(file)) return { places, end: 0, damages }
  let at = 0
  for (;;) {
    const commit = at === 0 ? { ...lookAt(file, 0), end: FIRST.length } : lookAt(file, at)
    if (commit?.isWhole) apply(places, readChanges(file, at), commit.end)
    else if (at === 0 || (commit && lookAt(file, commit.end)?.isWhole))
      damages.push(`its commit at byte ${at} is damaged`)
    else break
    at = commit!.end
  }
  if (hasCommit(file, at + 1)) damages.push(`it cannot be read from byte ${at} on`)
  return { places, end: at, damages }
}

/** Whether a file counts: its first commit has been written over the blank. */
export function isShown(file: Uint8Array): boolean {
  const first = file.subarray(0, FIRST.length)
  const differs = first.findIndex((byte, i) => byte !== FIRST[i])
  if (differs < 0) return first.length === FIRST.length
  return first.subarray(differs).some((byte) => byte !== BLANK[0])
}

/** Where a commit ends, and whether it is what was written; undefined where the file is too short for it. */
function lookAt(file: Uint8Array, at: number): { end: number; isWhole: boolean } | undefined {
  if (file.length - at < HEADER) return undefined
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const end = at + 8 + view.getUint32(at, true)
  if (end > file.length) return undefined
  return { end, isWhole: view.getUint32(at + 4, true) === crc32(file.subarray(at + 8, end)) }
}

/** What a whole commit changes: of its records the lengths only. */
function readChanges(file: Uint8Array, at: number): Changes {
  const length = new DataView(file.buffer, file.byteOffset, file.length).getUint32(at + 8, true)
  const text = new TextDecoder().decode(file.subarray(at + HEADER, at + HEADER + length))
  const { put, remove } = JSON.parse(text) as Head
  return { put: put.map(([name, size]) => [name, { length: size } as Uint8Array] as const), remove }
}

/**
 * Whether there is a whole commit anywhere behind a place: then what stands there was not torn off. It is not read:
 * it may be within a value.
 */
function hasCommit(file: Uint8Array, from: number): boolean {
  let at = from
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    at = file.indexOf(BRACE, at + HEADER) - HEADER
    if (at < from) return false
    if (lookAt(file, at)?.isWhole) return true
    at++
  }
  return false
}
