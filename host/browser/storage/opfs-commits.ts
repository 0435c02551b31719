// Commits in a file of the private file system, one after another: how they are written, and read again.
//
//   0        4        8
//   ├────────┼────────┼──────────────────────────────────────────────┬──────────────
//   │ length │ CRC-32 │ { remove: [[from, to]], put: [[name, size]] }│ bytes, bytes …      a commit
//   └────────┴────────┴─ length of this in front, u32 ───────────────┴──────────────

import { crc32 } from './crc32.ts'
import type { Changes } from './storage.ts'

const HEADER = 12

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

/** Where the records of a file lie: a torn commit at its end counts for nothing. */
export function readFile(file: Uint8Array): { places: Places; isWhole: boolean } {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const places: Places = new Map()
  let at = 0
  while (file.length - at >= HEADER) {
    const end = at + 8 + view.getUint32(at, true)
    if (end > file.length || view.getUint32(at + 4, true) !== crc32(file.subarray(at + 8, end)))
      break
    const head = file.subarray(at + HEADER, at + HEADER + view.getUint32(at + 8, true))
    const { put, remove } = JSON.parse(new TextDecoder().decode(head)) as Head
    const changes = put.map(([name, size]) => [name, { length: size } as Uint8Array] as const)
    apply(places, { put: changes, remove }, end)
    at = end
  }
  return { places, isWhole: at > 0 }
}
