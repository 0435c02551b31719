// What a session over several shards needs of where it lives, and what its own commands see of it.

import type { Identity } from '../../host/http/index.ts'
import type { Attached } from './attached.ts'
import type { Clients } from './clients.ts'
import type { Args, SessionState } from './session-state.ts'
import type { SlotMap } from './slots.ts'

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

/** A session, as those of its commands see it that are answered outside the shards. */
export interface Speaker {
  readonly state: SessionState
  /** Shows commands to a shard; its replies. */
  exchange(shard: number, commands: readonly Args[]): Promise<Uint8Array[]>
}
