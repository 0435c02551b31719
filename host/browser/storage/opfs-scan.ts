// What a file of commits holds: its heads are read one after another.
//
//   ├─ first ─┼─ commit ─┼─ damaged ─┼─ commit ─┼─ torn …      a commit that is followed by a whole one was not torn
//   0                                                          off: that it cannot be read is damage, and told
//
// Whether the bytes of a commit are whole is asked of the last one only: those before were there when it was written,
// and a record that is damaged since then is seen by its own checksum.

import {
  apply,
  areWhole,
  type Bytes,
  type Commit,
  HEADER,
  inMemory,
  type Places,
  readCommit,
  writeCommit,
} from './opfs-commits.ts'

/** The first commit of a file that counts; it changes nothing. */
export const FIRST = writeCommit({ put: [] })
/** What stands in its place until the file counts: no commit, its length is beyond all files. */
export const BLANK = new Uint8Array(FIRST.length).fill(0xff)

/** The first byte of all heads: a brace. */
const BRACE = 0x7b
/** Places that are tried in search of a commit. */
const MOST_TRIES = 1000

/** What a file was found to hold. */
export interface FileContent {
  places: Places
  /** Where its last commit ends; 0 where it has none. A torn one behind that counts for nothing. */
  end: number
  /** What is wrong with it: commits that are not what was written, but are no torn end. */
  damages: string[]
}

export function scan(file: Bytes): FileContent {
  const places: Places = new Map()
  const damages: string[] = []
  if (!isShown(file)) return { places, end: 0, damages }
  if (readCommit(file, 0)?.end !== FIRST.length) damages.push('its first commit is damaged')
  let at = FIRST.length
  let commit = readCommit(file, at)
  while (commit) {
    const next = readCommit(file, commit.end)
    if (commit.changes && (next?.changes || areWhole(file, commit)))
      apply(places, commit.changes, commit.end)
    else if (next?.changes) damages.push(`its commit at byte ${at} is damaged`)
    else break
    at = commit.end
    commit = next
  }
  if (at < file.size && hasCommit(file.read(at + 1, file.size)))
    damages.push(`it cannot be read from byte ${at} on`)
  return { places, end: at, damages }
}

/** Whether a file counts: its first commit has been written over the blank. */
export function isShown(file: Bytes): boolean {
  const first = file.read(0, FIRST.length)
  const differs = first.findIndex((byte, i) => byte !== FIRST[i])
  if (differs < 0) return first.length === FIRST.length
  return first.subarray(differs).some((byte) => byte !== BLANK[0])
}

/**
 * Whether there is a whole commit anywhere: then what stands here was not torn off. It is not read: it may be within
 * a value.
 */
function hasCommit(bytes: Uint8Array): boolean {
  const file = inMemory(bytes)
  let at = 0
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    at = bytes.indexOf(BRACE, at + HEADER) - HEADER
    if (at < 0) return false
    if (isCommit(file, at)) return true
    at++
  }
  return false
}

function isCommit(file: Bytes, at: number): boolean {
  let commit: Commit | undefined
  try {
    commit = readCommit(file, at)
  } catch {
    return false // a head that is none, within a value
  }
  return commit?.changes !== undefined && areWhole(file, commit)
}
