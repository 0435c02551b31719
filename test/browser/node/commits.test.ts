/** Files of commits: a torn end counts for nothing; what is damaged in the middle is told, and never taken for an end. */
import { describe, expect, test } from 'vitest'
import { inMemory, writeCommit } from '../../../host/browser/storage/opfs-commits.ts'
import {
  BLANK,
  type FileContent,
  FIRST,
  isShown as isShownFile,
  scan,
} from '../../../host/browser/storage/opfs-scan.ts'
import { concat } from '../../../host/core/bytes.ts'

const readFile = (bytes: Uint8Array): FileContent => scan(inMemory(bytes))
const isShown = (bytes: Uint8Array): boolean => isShownFile(inMemory(bytes))
const put = (name: string, text: string): Uint8Array =>
  writeCommit({ put: [[name, new TextEncoder().encode(text)]] })

const commits = [FIRST, put('a', 'one'), put('b', 'two {"remove":['), put('c', 'three')]
const file = concat(commits)
const starts = commits.map((_, i) => concat(commits.slice(0, i)).length)

const names = (bytes: Uint8Array): string[] => [...readFile(bytes).places.keys()]

test('all records of a whole file are there', () => {
  expect(names(file)).toEqual(['a', 'b', 'c'])
  expect(readFile(file)).toMatchObject({ end: file.length, damages: [] })
})

test('a file counts once its first commit is written over the blank', () => {
  expect(isShown(new Uint8Array(0))).toBe(false)
  expect(isShown(BLANK)).toBe(false)
  expect(isShown(FIRST)).toBe(true)
  for (let i = 0; i < FIRST.length; i++)
    expect(isShown(concat([FIRST.subarray(0, i), BLANK.subarray(i)]))).toBe(false)
  expect(readFile(concat([BLANK, ...commits.slice(1)]))).toMatchObject({ end: 0, damages: [] })
})

test('an end that is torn off anywhere counts for nothing, and is no damage', () => {
  for (let length = FIRST.length; length < file.length; length++) {
    const { places, end, damages } = readFile(file.subarray(0, length))
    const whole = starts.filter((start) => start > 0 && start <= length).length - 1
    expect([places.size, end, damages]).toEqual([whole, starts[whole + 1], []])
  }
})

test('an end that was never written, though the file is as long, counts for nothing either', () => {
  const torn = file.slice()
  torn.fill(0, starts[3]! + 20)
  expect(readFile(torn)).toMatchObject({ end: starts[3], damages: [] })
})

describe('bits that have changed', () => {
  const flipped = (...places: number[]): Uint8Array => {
    const bytes = file.slice()
    for (const at of places) bytes[at]! ^= 0x10
    return bytes
  }
  /** Where the bytes of the second commit begin. */
  const bytesAt = starts[3]! - 'two {"remove":['.length

  test('in a head are told, and cost its commit only', () => {
    for (let at = starts[2]! + 4; at < bytesAt; at++) {
      expect(names(flipped(at)), `byte ${at}`).toEqual(['a', 'c'])
      expect(readFile(flipped(at)).damages).toEqual([`its commit at byte ${starts[2]} is damaged`])
    }
  })

  test('in the last head are an end that was torn off', () => {
    expect(names(flipped(starts[3]! + 20))).toEqual(['a', 'b'])
  })

  test('among the bytes are left to the checksums of records', () => {
    for (let at = bytesAt; at < starts[3]!; at++)
      expect(readFile(flipped(at))).toMatchObject({ end: file.length, damages: [] })
  })

  test('in the first commit cost nothing', () => {
    for (let at = 0; at < FIRST.length; at++) expect(names(flipped(at))).toEqual(['a', 'b', 'c'])
  })

  test('in a length cost nothing, with its head what follows', () => {
    expect(names(flipped(starts[2]!))).toEqual(['a', 'b', 'c'])
    const bytes = flipped(starts[2]!, starts[2]! + 20)
    expect(names(bytes)).toEqual(['a'])
    expect(readFile(bytes)).toMatchObject({
      end: starts[2],
      damages: [`it cannot be read from byte ${starts[2]} on`],
    })
  })
})

test('a commit within a value that was torn off is not read', () => {
  const torn = writeCommit({ put: [['value', concat([put('evil', 'x'), new Uint8Array(500)])]] })
  const bytes = concat([FIRST, torn.subarray(0, torn.length - 10)])
  expect(names(bytes)).toEqual([])
  expect(readFile(bytes).end).toBe(FIRST.length)
})
