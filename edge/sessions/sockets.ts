// All sockets of an object, over its sleeps.
//
// An object falls asleep without a word, at the earliest some seconds after its last event, and never while
// a timer is pending. So sessions that changed are kept by a timer once the object has been quiet
// for a moment: a burst of commands costs one attachment, not one a command.
//
// On waking, sessions come back first that wait for nothing, then those that wait, in the order in which
// they came: each runs its call again, and they stand in line as they did.

import type { Kind } from '../../host/core/abi.ts'
import { TOO_MANY } from '../../host/http/index.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Counted, RequestLimits } from '../limits.ts'
import type { Attachment, Parked } from './parked.ts'
import { Close, Socket, type SocketOwner, type WebSocketEnd } from './socket.ts'
import type { Timers, Turns } from './turns.ts'

/** So long must nothing arrive before sessions are kept. */
const QUIET_MS = 500

export class Sockets implements SocketOwner {
  readonly parked: Parked
  readonly #data: Dataset
  readonly #turns: Turns
  readonly #timers: Timers
  readonly #limits: RequestLimits
  readonly #sockets = new Map<WebSocketEnd, Socket>()
  readonly #changed = new Set<Socket>()
  #lastId = 0
  #lastOrder = 0
  #activeMs = 0
  #isTimed = false

  constructor(parts: {
    data: Dataset
    turns: Turns
    timers: Timers
    parked: Parked
    limits: RequestLimits
  }) {
    this.#data = parts.data
    this.#turns = parts.turns
    this.#timers = parts.timers
    this.parked = parts.parked
    this.#limits = parts.limits
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Sockets that outlived the sleep. */
  wake(ends: readonly WebSocketEnd[]): void {
    const asleep = ends
      .map((end) => ({ end, attachment: end.deserializeAttachment() as Attachment | null }))
      .sort((a, b) => (a.attachment?.order ?? 0) - (b.attachment?.order ?? 0))
    for (const { attachment } of asleep) {
      this.#lastId = Math.max(this.#lastId, attachment?.id ?? 0)
      this.#lastOrder = Math.max(this.#lastOrder, attachment?.order ?? 0)
    }
    this.parked.keepOnly(new Set(asleep.map(({ attachment }) => attachment?.id ?? 0)))
    for (const { end, attachment } of asleep) this.#wakeOne(end, attachment)
  }

  #wakeOne(end: WebSocketEnd, attachment: Attachment | null): void {
    const bytes = attachment && this.parked.get(attachment)
    const session = bytes ? this.#data.engine.unpark(bytes) : 0
    if (!attachment || !bytes || !session) {
      end.close(Close.error)
      return
    }
    const socket = new Socket(this, end, attachment.id, attachment.counted)
    socket.session = session
    socket.order = attachment.order
    socket.restored(bytes, attachment.parked === undefined)
    this.#sockets.set(end, socket)
    this.#turns.attach(session, socket)
  }

  /** A socket that was accepted; false when there is no room for another. @throws {ReplyError} nobody may log in so */
  open(
    end: WebSocketEnd,
    kind: Kind,
    origin: string,
    counted: Counted,
    login: (session: number) => void,
  ): boolean {
    const session = this.#data.engine.open(kind, origin)
    if (!session) return false
    const socket = new Socket(this, end, ++this.#lastId, counted)
    socket.session = session
    this.#sockets.set(end, socket)
    this.#turns.attach(session, socket)
    try {
      login(session)
    } catch (error) {
      this.#turns.close(session)
      this.gone(socket)
      throw error
    }
    this.changed(socket)
    this.keepAll()
    return true
  }

  /** A frame; a socket whose session is not there is closed. */
  message(end: WebSocketEnd, bytes: Uint8Array): void {
    const socket = this.#sockets.get(end)
    if (!socket) return end.close(Close.error)
    this.#activeMs = this.#timers.nowMs()
    if (this.#limits.take(socket.counted, this.#activeMs))
      return this.refuse(end, Close.policy, TOO_MANY)
    this.#turns.feed(socket.session, bytes)
    if (this.#sockets.has(end)) this.changed(socket)
  }

  /** Ends a socket for a reason that the other end is told. */
  refuse(end: WebSocketEnd, code: number, reason: string): void {
    end.close(code, reason)
    this.closed(end)
  }

  /** The other end is gone. */
  closed(end: WebSocketEnd): void {
    const socket = this.#sockets.get(end)
    if (!socket) return
    this.#turns.close(socket.session)
    socket.close(false)
  }

  nextOrder(): number {
    return ++this.#lastOrder
  }

  changed(socket: Socket): void {
    this.#changed.add(socket)
    if (!this.#isTimed) this.#keepLater()
  }

  gone(socket: Socket): void {
    this.#sockets.delete(socket.end)
    this.#changed.delete(socket)
  }

  #keepLater(): void {
    this.#isTimed = true
    this.#timers.after(QUIET_MS, () => {
      this.#isTimed = false
      if (this.#timers.nowMs() - this.#activeMs < QUIET_MS) this.#keepLater()
      else this.keepAll()
    })
  }

  /** Keeps what changed since the last time; what they did is stored before. */
  keepAll(): void {
    this.#turns.settle()
    for (const socket of this.#changed) socket.keep(this.#data.engine.park(socket.session))
    this.#changed.clear()
  }
}
