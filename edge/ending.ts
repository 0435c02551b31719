// The end of an object whose engine is ahead of what is stored. Nothing is run or answered any more; sockets are closed,
// since the runtime forgets them with the object and their other ends would wait for ever. Then the object
// goes, and the next request starts it again from what is stored.

import { Close, type WebSocketEnd } from './sessions/socket.ts'

/** Other ends that do not say goodbye by then are left alone. */
const PATIENCE_MS = 1000

export class Ending {
  #open: Set<WebSocketEnd> | undefined
  #abort: () => void = () => undefined

  get hasBegun(): boolean {
    return this.#open !== undefined
  }

  /** Closes the sockets, and calls `abort` once they are closed. */
  begin(ends: readonly WebSocketEnd[], abort: () => void): void {
    if (this.#open) return
    this.#open = new Set(ends)
    this.#abort = abort
    for (const end of ends) {
      try {
        end.close(Close.error)
      } catch {
        this.#open.delete(end) // It is closed already.
      }
    }
    if (this.#open.size) setTimeout(abort, PATIENCE_MS)
    else abort()
  }

  /** A socket is closed. */
  closed(end: WebSocketEnd): void {
    if (this.#open?.delete(end) && !this.#open.size) this.#abort()
  }

  /** For a call that cannot be answered: it ends with the object. */
  wait(): Promise<never> {
    return new Promise(() => undefined)
  }
}
