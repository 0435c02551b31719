// The near end of a session that has no socket: an HTTP request, which speaks for somebody elsewhere.

import type { ClientSocket } from './socket.ts'

/** Takes what the session says; the bytes are the receiver's. */
export type LocalReceiver = (bytes: Uint8Array<ArrayBuffer>) => void

export class LocalSocket implements ClientSocket {
  readonly copies = true
  readonly fd = -1
  readonly isReading = true
  readonly #receive: LocalReceiver

  constructor(receive: LocalReceiver) {
    this.#receive = receive
  }

  /** Who calls decides when: there is nothing to pause. */
  read(): void {}

  send(piece: Buffer, sent: (error?: Error | null) => void): void {
    this.#receive(new Uint8Array(piece))
    sent()
  }

  destroy(): void {}
}
