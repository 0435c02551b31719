// A WebSocket that is opened again when it was lost, with a pause that grows.
//
//   dialing ──open──► up ──lost──► waiting ──pause──► dialing …      closed at any time, for good

import type { Runtime, Timer } from '../core/runtime.ts'
import { Backoff, type BackoffOptions } from './backoff.ts'

/** As much of a WebSocket as is used: a browser's, Node's, or that of the package ws. */
export interface WebSocketLike {
  binaryType: string
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
  addEventListener(
    kind: 'open' | 'message' | 'close' | 'error',
    listener: (event: { data?: unknown; code?: number; reason?: string }) => void,
  ): void
}

export interface SocketEvents {
  onOpen(): void
  onBytes(bytes: Uint8Array): void
  /** An attempt failed, or the connection was lost; `reason` is for people. */
  onLost(reason: string): void
}

export interface SocketParts extends SocketEvents {
  dial(): WebSocketLike
  runtime: Pick<Runtime, 'later'>
  backoff: BackoffOptions
  /** An attempt that takes longer has failed. */
  timeoutMs: number
}

/** A browser does not say why: not to a page that the server has not let in. */
const WHY =
  'the connection failed; perhaps nobody listens there, or the server does not let in pages of this origin'

export class Socket {
  readonly #parts: SocketParts
  readonly #backoff: Backoff
  #socket: WebSocketLike | undefined
  #isUp = false
  #timer: Timer | undefined
  #isClosed = false

  constructor(parts: SocketParts) {
    this.#parts = parts
    this.#backoff = new Backoff(parts.backoff)
    this.#dial()
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Sends bytes, which are dropped while there is no connection. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isUp) this.#socket?.send(bytes)
  }

  /** What was sent was understood: the next pause is a short one again. */
  succeeded(): void {
    this.#backoff.reset()
  }

  close(): void {
    this.#isClosed = true
    this.#isUp = false
    this.#timer?.cancel()
    this.#socket?.close()
    this.#socket = undefined
  }

  #dial(): void {
    const socket = this.#parts.dial()
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    this.#timer = this.#parts.runtime.later(this.#parts.timeoutMs, () => {
      this.#lost(socket, `no answer in ${this.#parts.timeoutMs} ms`)
    })
    socket.addEventListener('open', () => {
      if (this.#socket !== socket) return
      this.#timer?.cancel()
      this.#isUp = true
      this.#parts.onOpen()
    })
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket === socket && data instanceof ArrayBuffer)
        this.#parts.onBytes(new Uint8Array(data))
    })
    socket.addEventListener('error', () => this.#lost(socket, WHY))
    socket.addEventListener('close', ({ code, reason }) => {
      this.#lost(socket, `the connection was closed (${code}${reason ? `: ${reason}` : ''})`)
    })
  }

  #lost(socket: WebSocketLike, reason: string): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#isUp = false
    this.#timer?.cancel()
    socket.close()
    this.#parts.onLost(reason)
    if (this.#isClosed) return
    this.#timer = this.#parts.runtime.later(this.#backoff.next(), () => this.#dial())
  }
}
