// A client's socket and its session in the engine.
//
// The kernel fills one buffer that all sockets share, so what arrives goes into the engine before
// anything else can happen. Replies leave in pieces, one outstanding at a time; while one waits for the
// client, later output stays in the engine, which counts it and enforces the limits.

import { Flag } from '../../core/abi.ts'
import type { Engine } from '../../core/engine.ts'
import type { Loop, Outlet } from '../loop.ts'
import { readAtOnce, writeAtOnce } from './at-once.ts'
import { copyBytes } from './copy.ts'
import { type Outbox, PIECE_BYTES } from './outbox.ts'
import type { ClientSocket } from './socket.ts'

/** A client whose replies wait is not read any more while the replies of all together exceed this. */
const UNSENT_LIMIT_BYTES = 256 * 1024 * 1024

/**
 * So much at once is a pipeline: its replies leave once all readable sockets were read. Less is most often one
 * command, whose client waits for nothing else.
 */
const PIPELINE_BYTES = 256

export class Connection implements Outlet {
  readonly session: number
  readonly #socket: ClientSocket
  readonly #engine: Engine
  readonly #loop: Loop
  readonly #outbox: Outbox
  readonly #closed: () => void
  /** Bytes handed to the socket of which it has not said that they are gone. */
  #inFlight = 0
  #isSending = false
  #hasMore = false
  #isProceeding = false
  #isEnding = false
  #isOpen = true
  /** The client has ended the connection, or it broke: the event loop will see that. */
  #isOver = false
  readonly #sent = (error?: Error | null): void => this.#afterSend(error)

  constructor(
    session: number,
    socket: ClientSocket,
    parts: { engine: Engine; loop: Loop; outbox: Outbox },
    closed: () => void,
  ) {
    this.session = session
    this.#socket = socket
    this.#engine = parts.engine
    this.#loop = parts.loop
    this.#outbox = parts.outbox
    this.#closed = closed
    this.#loop.attach(session, this)
  }

  /** What the client sent; it has been taken when this returns. */
  receive(chunk: Buffer, length: number): void {
    if (!this.#isOpen) return
    const engine = this.#engine
    copyBytes(chunk, 0, length, engine.bytes, engine.window)
    engine.setTime()
    const flags = engine.feed(this.session, engine.window, length)
    if (flags === Flag.output && length >= PIPELINE_BYTES) this.#loop.flushLater(this)
    else this.#after(flags)
  }

  proceed(): void {
    this.#isProceeding = false
    if (!this.#isOpen || !this.#hasMore || this.#inFlight) return
    this.#hasMore = false
    this.#after(this.#engine.feedMore(this.session))
  }

  deliver(flags: number): void {
    if (!this.#isOpen) return
    this.#after(flags & ~(Flag.ready | Flag.log | Flag.timer))
  }

  /**
   * In the middle of somebody's script: runs what the client sent meanwhile, and tells it what the kernel takes of the
   * replies. The rest, and what else is to be done, follows when the engine says after the script that the session
   * is ready. A client that has not taken what it was told before is not heard.
   */
  hear(buffer: Uint8Array): void {
    const { fd, isReading } = this.#socket
    if (fd < 0 || !isReading || this.#inFlight || this.#isOver || !this.#isOpen) return
    if (!this.#engine.mayHear(this.session)) return
    const length = readAtOnce(fd, buffer)
    if (length > 0) this.#engine.hear(this.session, buffer.subarray(0, length))
    this.#isOver = length === 0 || !this.#tellAtOnce(fd)
  }

  /** Sends what the kernel takes; false when the connection is broken. */
  #tellAtOnce(fd: number): boolean {
    const engine = this.#engine
    for (;;) {
      const length = Math.min(engine.output(this.session), PIECE_BYTES)
      if (length === 0) return true
      const taken = writeAtOnce(fd, this.#outbox.take(engine.bytes, engine.address, length))
      if (taken < 0) return false
      engine.sent(this.session, taken)
      if (taken < length) return true
    }
  }

  /** The client is gone, or is to be. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#loop.detach(this.session)
    if (!this.#engine.crash) this.#engine.close(this.session)
    this.#socket.destroy()
    this.#closed()
  }

  #after(flags: number): void {
    if (flags & Flag.output) this.#flush()
    if (flags & ~(Flag.output | Flag.blocked)) this.#rare(flags)
  }

  /** Sends what the engine has for the client. */
  flush(): void {
    if (this.#isOpen) this.#flush()
  }

  #rare(flags: number): void {
    if (flags & Flag.closeNow) this.close()
    if (flags & Flag.closeAfter) this.#end()
    if (flags & Flag.more) {
      this.#hasMore = true
      this.#proceedLater()
    }
    this.#loop.settle(flags)
  }

  /** Sends until nothing is left or the socket takes no more. */
  #flush(): void {
    const engine = this.#engine
    while (this.#isOpen && !this.#inFlight) {
      const length = Math.min(engine.output(this.session), PIECE_BYTES)
      if (length === 0) return
      this.#inFlight = length
      this.#isSending = true
      this.#socket.send(this.#outbox.take(engine.bytes, engine.address, length), this.#sent)
      this.#isSending = false
      if (this.#inFlight) this.#wait()
    }
  }

  /** The client is slow. */
  #wait(): void {
    if (!this.#socket.copies) this.#outbox.keep()
    if (this.#engine.unsentBytes > UNSENT_LIMIT_BYTES) this.#socket.read(false)
  }

  #afterSend(error: Error | null | undefined): void {
    const length = this.#inFlight
    this.#inFlight = 0
    if (!this.#isOpen) return
    if (error) return this.close()
    this.#engine.sent(this.session, length)
    if (this.#isSending) return
    this.#flush()
    if (this.#inFlight || !this.#isOpen) return
    if (this.#isEnding) this.#end()
    else if (this.#hasMore) this.#proceedLater()
    else this.#socket.read(true)
  }

  /** Goes on with what the engine left, once nothing waits for the client and others had their turn. */
  #proceedLater(): void {
    if (this.#inFlight || this.#isProceeding) return
    this.#isProceeding = true
    this.#loop.proceedLater(this)
  }

  /** Closes once everything is sent. */
  #end(): void {
    this.#isEnding = true
    this.#socket.read(false)
    if (!this.#inFlight) this.close()
  }
}
