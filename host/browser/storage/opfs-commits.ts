// Commits in a file of the private file system, one after another.
//
//   0        4        8          12       16
//   ├────────┼────────┼──────────┼────────┼────────────────────────────────────────────┬───────────────
//   │ length │ CRC-32 │ CRC-32   │ length │ { remove: [[from, to]], put: [[name, size]] } │ bytes, bytes …
//   │        │ of ►   │ of bytes │ of ►   │                                            │
//   └────────┴────────┴──────────┴────────┴─ the head ─────────────────────────────────┴───────────────
//   what follows       ├─ has the first checksum ─────────────────────────────────────┤
//
// So heads can be read and trusted without the bytes between them, whose records have checksums of their own. The
// first length, of all that follows it, leads on where a head is damaged.

import { crc32 } from './crc32.ts'
import type { Changes } from './storage.ts'

/** Bytes in front of a head. */
export const HEADER = 16

/** Where a record lies in its file. */
export interface Place {
  at: number
  length: number
}

export type Places = Map<string, Place>

/** Bytes of a file, as many as there are. */
export interface Bytes {
  readonly size: number
  read(at: number, length: number): Uint8Array
}

export const inMemory = (bytes: Uint8Array): Bytes => ({
  size: bytes.length,
  read: (at, length) => bytes.subarray(at, at + length),
})

interface Head {
  remove: readonly (readonly [string, string])[]
  put: (readonly [name: string, size: number])[]
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

export function writeCommit({ put, remove = [] }: Changes): Uint8Array {
  const sizes = put.map(([name, bytes]) => [name, bytes.length] as const)
  const head = encode(JSON.stringify({ remove, put: sizes } satisfies Head))
  const bytesAt = HEADER + head.length
  const commit = new Uint8Array(bytesAt + sizeOf({ put }))
  const view = new DataView(commit.buffer)
  view.setUint32(0, commit.length - 4, true)
  view.setUint32(12, head.length, true)
  commit.set(head, HEADER)
  let at = bytesAt
  for (const [, bytes] of put) {
    commit.set(bytes, at)
    at += bytes.length
  }
  view.setUint32(8, crc32(commit.subarray(bytesAt)), true)
  view.setUint32(4, crc32(commit.subarray(8, bytesAt)), true)
  return commit
}

/** A commit in a file, as far as its head tells. */
export interface Commit {
  end: number
  /** What it changes, of its records the lengths only; undefined where the head is not what was written. */
  changes?: Changes
  /** Where its bytes begin, and their checksum. */
  bytesAt: number
  checksum: number
}

/** The commit that begins at a place; undefined where the file is too short for it. */
export function readCommit(file: Bytes, at: number): Commit | undefined {
  const header = file.read(at, HEADER)
  if (header.length < HEADER) return undefined
  const view = new DataView(header.buffer, header.byteOffset, HEADER)
  const length = view.getUint32(0, true)
  const sum = view.getUint32(4, true)
  const checksum = view.getUint32(8, true)
  const bytesAt = at + HEADER + view.getUint32(12, true)
  const head = bytesAt > file.size ? undefined : file.read(at + 8, bytesAt - at - 8)
  const isWhole = head !== undefined && sum === crc32(head)
  const changes = isWhole ? readHead(head.subarray(HEADER - 8)) : undefined
  const end = changes ? bytesAt + sizeOf(changes) : at + 4 + length
  return end > file.size ? undefined : { end, bytesAt, checksum, ...(changes && { changes }) }
}

function readHead(bytes: Uint8Array): Changes {
  const { put, remove } = JSON.parse(new TextDecoder().decode(bytes)) as Head
  return { put: put.map(([name, size]) => [name, { length: size } as Uint8Array] as const), remove }
}

const sizeOf = ({ put }: Changes): number => put.reduce((sum, [, { length }]) => sum + length, 0)

/** Whether the bytes of a commit are what was written. */
export function areWhole(file: Bytes, { bytesAt, end, checksum }: Commit): boolean {
  return crc32(file.read(bytesAt, end - bytesAt)) === checksum
}

/** Follows a commit whose bytes end at `end`; how many bytes that were live are not any more. */
export function apply(places: Places, { put, remove = [] }: Changes, end: number): number {
  let gone = 0
  const drop = (name: string): void => {
    gone += places.get(name)?.length ?? 0
    places.delete(name)
  }
  for (const [from, to] of remove)
    for (const name of places.keys()) if (name >= from && name <= to) drop(name)
  let at = end - sizeOf({ put })
  for (const [name, { length }] of put) {
    drop(name)
    places.set(name, { at, length })
    at += length
  }
  return gone
}
