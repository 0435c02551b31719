// A tab's link to the store's owner: many sessions over one port, and another port after a hand-over.

import { MaybeAppliedError } from '../errors.ts'
import {
  Down,
  type Message,
  type Port,
  type SentError,
  transferOf,
  Up,
  WINDOW_BYTES,
} from '../protocol.ts'
import type { Runtime, Timer } from '../../core/runtime.ts'
import type { Argument } from '../../core/encode.ts'
import type { NearReads } from './near.ts'
import { unpackError } from './unpack.ts'
import { type Loss, RemoteSession, type SessionHost } from '../../core/remote/session.ts'

export interface LinkParts {
  runtime: Pick<Runtime, 'later' | 'clock'>
  /** The owner has not answered for so long: someone else must become it. */
  ownerTimeoutMs: number
  onSilence: () => void
  onEvent: (kind: string, event: unknown) => void
  /** Bytes of the effects log. */
  onLog: (bytes: Uint8Array) => void
  /** The log does not tell all that has changed. */
  onAnew: () => void
  /** There is an owner again; whoever needs it may ask. */
  onOwner: () => void
  /** Reads that are answered in this tab. */
  near?: NearReads | undefined
}

interface Asked {
  what: string
  argument: unknown
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

const GRACEFUL: Loss = { isGraceful: true }

/** Asked again of the next owner. */
const REPEATABLE = new Set(['export', 'estimate', 'flush', 'reads', 'follow'])

/** Bytes of commands that may be under way before what follows waits here. */
const AHEAD_BYTES = WINDOW_BYTES * 4

export class Link implements SessionHost {
  readonly #parts: LinkParts
  readonly #sessions = new Map<number, RemoteSession>()
  readonly #asked = new Map<number, Asked>()
  #port: Port | undefined
  #epoch = 0
  #loss: Loss = GRACEFUL
  #lastSession = 0
  #lastAsk = 0
  #ended: Error | undefined
  /** Sessions that the owner has yet to greet, and that did not wait for it. */
  readonly #fresh = new Set<number>()
  /** Bytes that were received and not yet credited, and bytes that the owner has not taken in yet. */
  #received = 0
  #ahead = 0
  #waiting: [message: Message, bytes: Uint8Array<ArrayBuffer>][] = []
  /** Why writes of sessions that the owner ended were not kept. */
  readonly #reasons = new Map<number, Error>()
  #timer: Timer | undefined
  #heard = 0

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  /** The epoch of the owner that is spoken to, or was last. */
  get epoch(): number {
    return this.#epoch
  }

  get isConnected(): boolean {
    return this.#port !== undefined
  }

  /** How often anything was heard of an owner. */
  get heard(): number {
    return this.#heard
  }

  /** Somebody is about to become the owner: that is as good as an answer. */
  wait(): void {
    this.#heard++
  }

  session(): RemoteSession {
    const session = new RemoteSession(++this.#lastSession, this)
    if (this.#ended) {
      session.end(this.#ended)
      return session
    }
    this.#sessions.set(session.number, session)
    if (this.#port) {
      session.begin()
      // An earlier owner had nothing of it: what it asks needs not wait for the answer, and comes in its turn
      // among what others of this tab ask.
      this.#fresh.add(session.number)
      session.opened(0, GRACEFUL, (names) => this.reads(names))
    }
    return session
  }

  /** Asks for something that no command does. */
  ask(what: string, argument?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      const id = ++this.#lastAsk
      this.#asked.set(id, { what, argument, resolve, reject })
      this.#port?.post([Up.ask, id, what, argument])
      return this.#expect()
    })
  }

  /** Which of these commands only read. */
  async reads(names: string[]): Promise<boolean[]> {
    return (await this.ask('reads', names)) as boolean[]
  }

  /** There is an owner to speak to. */
  attach(port: Port, epoch: number): void {
    this.detach(false)
    this.#port = port
    this.#epoch = epoch
    this.#ahead = this.#received = 0
    this.#fresh.clear()
    this.#heard++
    port.onMessage = (message) => {
      if (this.#port === port) this.#receive(message)
    }
    for (const [id, { what, argument }] of this.#asked) port.post([Up.ask, id, what, argument])
    for (const session of this.#sessions.values()) session.begin()
    this.#parts.near?.resume()
    this.#parts.onOwner()
    this.#expect()
  }

  /** The owner is gone. */
  detach(isGraceful: boolean): void {
    const port = this.#port
    if (!port) return
    this.#port = undefined
    this.#parts.near?.pause()
    this.#loss = { isGraceful }
    this.#waiting = []
    this.#reasons.clear()
    port.close()
    for (const session of this.#sessions.values()) session.lost()
    if (isGraceful) return
    for (const [id, asked] of this.#asked) {
      if (REPEATABLE.has(asked.what)) continue
      this.#asked.delete(id)
      asked.reject(new MaybeAppliedError(asked.what))
    }
  }

  /** Nobody will answer any more. */
  end(error: Error): void {
    this.#ended ??= error
    this.#parts.near?.pause()
    this.#timer?.cancel()
    this.#port?.post([Up.leave])
    this.#port?.close()
    this.#port = undefined
    for (const session of this.#sessions.values()) session.end(error)
    for (const { reject } of this.#asked.values()) reject(error)
    this.#sessions.clear()
    this.#asked.clear()
  }

  // ── of the sessions ────────────────────────────────────────────────────────────────────────

  send(session: number, sequence: number, bytes: Uint8Array<ArrayBuffer>): void {
    const message = [Up.data, session, sequence, bytes]
    if (this.#ahead >= AHEAD_BYTES) this.#waiting.push([message, bytes])
    else this.#post(message, bytes)
    if (!this.#timer) this.#expect()
  }

  begin(session: number, args: readonly Argument[]): (() => void) | undefined {
    return this.#parts.near?.begin(session, args)
  }

  open(session: number, origin: number): void {
    this.#port?.post([Up.open, session, origin])
  }

  close(session: number): void {
    this.#sessions.delete(session)
    this.#port?.post([Up.close, session])
  }

  #post(message: Message, bytes: Uint8Array<ArrayBuffer>): void {
    this.#ahead += bytes.length
    this.#port?.post(message, transferOf(bytes))
  }

  // ── from the owner ─────────────────────────────────────────────────────────────────────────

  #receive(message: Message): void {
    this.#heard++
    switch (message[0]) {
      case Down.data:
        return this.#data(message[1] as number, message[2] as Uint8Array)
      case Down.opened:
        return this.#opened(message[1] as number, message[2] as number)
      case Down.reset:
        return this.#reset(message[1] as number, message[2] as SentError | undefined)
      case Down.told:
        return this.#told(message[1] as number, message[2] as SentError | undefined, message[3])
      case Down.event:
        return this.#parts.onEvent(message[1] as string, message[2])
      case Down.credit:
        return this.#credit(message[1] as number)
      case Down.follow: {
        const bytes = message[1] as Uint8Array
        this.#parts.onLog(bytes)
        return undefined
      }
      case Down.anew:
        return this.#parts.onAnew()
      case Down.leave:
        return this.detach(true)
      default:
        return undefined
    }
  }

  #data(number: number, bytes: Uint8Array): void {
    this.#received += bytes.length
    if (this.#received >= WINDOW_BYTES / 2) {
      this.#port?.post([Up.credit, this.#received])
      this.#received = 0
    }
    this.#sessions.get(number)?.receive(bytes)
  }

  #opened(number: number, lastApplied: number): void {
    if (this.#fresh.delete(number)) return
    const reason = this.#reasons.get(number)
    this.#reasons.delete(number)
    const loss = reason ? { isGraceful: false, reason } : this.#loss
    this.#sessions.get(number)?.opened(lastApplied, loss, (names) => this.reads(names))
  }

  /** The owner has ended one session: because what it wrote was not kept, or it was told to. */
  #reset(number: number, error: SentError | undefined): void {
    const session = this.#sessions.get(number)
    if (!session) return
    this.#reasons.set(
      number,
      error ? unpackError(error) : new Error('the connection was closed before it was answered'),
    )
    this.#parts.near?.forget()
    session.lost()
    session.begin()
  }

  #told(id: number, error: SentError | undefined, value: unknown): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (error) asked?.reject(unpackError(error))
    else asked?.resolve(value)
  }

  #credit(bytes: number): void {
    this.#ahead -= bytes
    while (this.#waiting.length && this.#ahead < AHEAD_BYTES) {
      const [message, sent] = this.#waiting.shift()!
      this.#post(message, sent)
    }
  }

  // ── silence ────────────────────────────────────────────────────────────────────────────────

  get #isWaiting(): boolean {
    if (this.#asked.size) return true
    for (const session of this.#sessions.values()) if (session.pending) return true
    return false
  }

  /**
   * Looks after half of the time-out whether the owner has said anything, asks whether it is there if it has
   * not, and gives up on it after the other half. Nobody looks while nobody waits.
   */
  #expect(): void {
    if (this.#timer || this.#ended) return
    const heard = this.#heard
    this.#timer = this.#parts.runtime.later(this.#parts.ownerTimeoutMs / 2, () => {
      this.#timer = undefined
      if (!this.#isWaiting || this.#ended) return
      if (this.#heard !== heard) return this.#expect()
      this.#port?.post([Up.ping])
      this.#timer = this.#parts.runtime.later(this.#parts.ownerTimeoutMs / 2, () => {
        this.#timer = undefined
        if (this.#heard === heard && this.#isWaiting) this.#parts.onSilence()
        this.#expect()
      })
    })
  }
}
