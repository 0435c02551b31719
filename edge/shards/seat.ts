// A seat: the session that a gateway has for one of its clients on a shard, where that client is more than one answer a
// command: it listens, watches, tracks what it caches, or waits. Gateway and shard say all of it by calls, so that both
// sleep in between; here is what they say.

import type { Identity } from '../../host/http/index.ts'

/** A client listens and works in sessions of its own: what it hears is in RESP3, whatever it speaks. */
export type SeatKind = 'listen' | 'work'

/** What becomes of a seat once it has answered: it outlives a sleep, or goes with it, or goes at once. */
export type Hold = 'stored' | 'awake' | 'none'

export interface SeatName {
  /** The name of the gateway's object. */
  gateway: string
  /** The client there. */
  guest: number
  kind: SeatKind
}

export interface SeatCall extends SeatName {
  /** It is made if it is not there. */
  isNew: boolean
  hold: Hold
  /** As RESP. */
  commands: Uint8Array
  identity: Identity
  /** Where the client comes from. */
  address?: string
  /** Whether it asks over REST. */
  isRest?: boolean
}

export interface SeatAnswer<Bytes = Uint8Array> {
  replies: Bytes
  /** The last command waits: its reply comes as a delivery. */
  isWaiting?: boolean
  /** There is no such seat any more, or it ended. */
  isOver?: boolean
}

/** What a shard has for a client of a gateway, when nobody asked. */
export interface Delivery {
  guest: number
  kind: SeatKind
  shard: number
  bytes?: Uint8Array
  isOver?: boolean
}
