// The other end of a session: a WebSocket, or a call that waits for its replies.

export interface Outlet {
  /** Answers that are sent together cost less than one by one. */
  readonly gathers?: boolean
  /** Bytes of the engine for whoever is there; they are a copy. */
  send(bytes: Uint8Array): void
  /** The engine wants it gone: after what was sent, or at once. */
  close(atOnce: boolean): void
  /** All that was fed has been run, and answered unless a call waits. */
  settled?(isBlocked: boolean): void
}
