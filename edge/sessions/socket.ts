// A WebSocket that speaks RESP, and its session. While the object sleeps only the socket is left, with what its
// attachment keeps.

import type { Counted } from '../limits.ts'
import { isSame } from './same.ts'
import type { Outlet } from './outlet.ts'
import type { Keeper, Parked } from './parked.ts'

/** The parts of a WebSocket of the runtime that are used. */
export interface WebSocketEnd extends Keeper {
  send(bytes: Uint8Array): void
  close(code?: number, reason?: string): void
}

/** Close codes of RFC 6455. */
export const Close = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  error: 1011,
  tryLater: 1013,
}

export class Socket implements Outlet {
  readonly gathers = true
  readonly id: number
  readonly end: WebSocketEnd
  session = 0
  /** Whom the limits count for it. */
  readonly counted: Counted
  /** Its place among those that wait; 0: it does not wait. */
  order = 0
  readonly #sockets: SocketOwner
  #kept: Uint8Array | undefined
  #keptOrder = 0
  #inRows = false

  constructor(sockets: SocketOwner, end: WebSocketEnd, id: number, counted: Counted) {
    this.#sockets = sockets
    this.end = end
    this.id = id
    this.counted = counted
  }

  send(bytes: Uint8Array): void {
    try {
      this.end.send(bytes)
    } catch {
      // It closes just now: `webSocketClose` follows.
    }
  }

  close(atOnce: boolean): void {
    this.#sockets.gone(this)
    if (this.#inRows) this.#sockets.parked.drop(this.id)
    try {
      this.end.close(atOnce ? Close.policy : Close.normal)
    } catch {
      // It is closed already.
    }
  }

  settled(isBlocked: boolean): void {
    if (isBlocked && !this.order) this.order = this.#sockets.nextOrder()
    else if (isBlocked || !this.order) return
    else this.order = 0
    this.#sockets.changed(this)
  }

  /** Keeps the parked session where it outlives a sleep, if it is not there already. */
  keep(bytes: Uint8Array): void {
    const isKept =
      this.#kept !== undefined && this.#keptOrder === this.order && isSame(this.#kept, bytes)
    if (isKept) return
    const { id, order, counted } = this
    const facts = { id, order, counted }
    this.#inRows = this.#sockets.parked.put(this.end, facts, bytes, this.#inRows)
    this.#kept = bytes
    this.#keptOrder = order
  }

  /** It was kept so: nothing is new. */
  restored(bytes: Uint8Array, inRows: boolean): void {
    this.#kept = bytes
    this.#keptOrder = this.order
    this.#inRows = inRows
  }
}

/** What a socket needs of all sockets. */
export interface SocketOwner {
  readonly parked: Parked
  nextOrder(): number
  /** Its session is not what was kept. */
  changed(socket: Socket): void
  gone(socket: Socket): void
}
