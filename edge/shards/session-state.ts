// What a session over several shards is.

import type { Identity } from '../../host/http/index.ts'

export interface SessionState {
  id: number
  protocol: 2 | 3
  db: number
  name: string
  library: string
  libraryVersion: string
  /** Unix time in ms. */
  createdMs: number
  lastMs: number
  lastCommand: string
  identity?: Identity
  /** The commands since MULTI. */
  queue?: Uint8Array[][]
  /** A command was refused while queueing. */
  isAborted?: boolean
  /** CLIENT REPLY: no replies, or none to the next command. */
  silence?: 'off' | 'skip'
  /** CLIENT CACHING, for the next command. */
  caching?: 'YES' | 'NO'
}

export function newState(id: number, nowMs: number, identity?: Identity): SessionState {
  return {
    id,
    protocol: 2,
    db: identity?.db ?? 0,
    name: '',
    library: '',
    libraryVersion: '',
    createdMs: nowMs,
    lastMs: nowMs,
    lastCommand: 'NULL',
    ...(identity && { identity }),
  }
}

export type Args = readonly Uint8Array[]

/** CLIENT CACHING as it goes to the shard in front of the command that it is for. */
export function takeCaching(state: SessionState): Args | undefined {
  const { caching } = state
  delete state.caching
  return caching && ['CLIENT', 'CACHING', caching].map((word) => new TextEncoder().encode(word))
}
