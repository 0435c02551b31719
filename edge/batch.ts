// Calls that go to an object together.
//
//   commands   [ those of call 0 ][ of call 1 ] …        lengths  [ bytes of 0, bytes of 1, … ]
//   replies    [ those of call 0 ][ of call 2 ] …        ends     [ bytes of 0, { ticket }, bytes of 2, … ]

import { concat } from '../host/core/bytes.ts'
import type { Caller } from '../host/http/index.ts'
import type { Bulk } from './bulk.ts'
import type { Refusal } from './refusal.ts'

export interface Batch {
  commands: Uint8Array
  lengths: number[]
  callers: Caller[]
}

/** How a call ended: with so many bytes of replies, not yet, so that they are to be asked for with the ticket, or refused. */
export type BatchEnd = number | { ticket: string } | { refusal: Refusal }

export interface BatchAnswer {
  replies: Bulk
  /** Those of the first calls; the others were not run, and may come again. */
  ends: BatchEnd[]
}

export interface Call {
  commands: Uint8Array
  caller: Caller
}

export function batchOf(calls: readonly Call[]): Batch {
  return {
    commands: concat(calls.map(({ commands }) => commands)),
    lengths: calls.map(({ commands }) => commands.length),
    callers: calls.map(({ caller }) => caller),
  }
}

export function* callsOf({ commands, lengths, callers }: Batch): Generator<Call> {
  let at = 0
  for (const [i, length] of lengths.entries()) {
    yield { commands: commands.subarray(at, at + length), caller: callers[i]! }
    at += length
  }
}
