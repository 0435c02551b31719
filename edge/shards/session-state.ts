// What a session over several shards is, and what it needs of where it lives.

import type { Identity } from '../../host/http/index.ts'
import type { Attached } from './attached.ts'
import type { Clients } from './clients.ts'
import type { SlotMap } from './slots.ts'

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

export interface SessionParts {
  map: SlotMap
  /** Runs commands on a shard, and answers their raw replies. */
  exchange(shard: number, commands: Uint8Array, identity: Identity): Promise<Uint8Array>
  /** Who logs in with these arguments of AUTH. */
  login(args: readonly string[]): Promise<Identity | undefined>
  /** All connections of the store. */
  clients: Clients
  /** For a connection: what it has on the shards. */
  attached?: Attached
}

export type Args = readonly Uint8Array[]

/** CLIENT CACHING as it goes to the shard in front of the command that it is for. */
export function takeCaching(state: SessionState): Args | undefined {
  const { caching } = state
  delete state.caching
  return caching && ['CLIENT', 'CACHING', caching].map((word) => new TextEncoder().encode(word))
}
