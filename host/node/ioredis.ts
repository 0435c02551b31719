// ioredis, and what is built on it, over an engine in the same process: no server, no socket.
//
//   const db = openSync()
//   const redis = new Redis({ Connector: connectorFor(db) })
//   const queue = new Queue('mail', { connection: new Redis({ Connector: connectorFor(db), maxRetriesPerRequest: null }) })

import { Duplex } from 'node:stream'
import { Flag, Kind } from '../core/abi.ts'
import type { Database, Outlet } from '../core/embedded.ts'
import { NoRoomError } from '../core/errors.ts'

/** A session of the engine as the stream that a socket would be. */
export class EngineStream extends Duplex {
  /** What sockets have and clients look at. */
  readonly connecting = false
  readonly remoteAddress = undefined
  readonly #db: Database
  #session: number

  /** @throws {NoRoomError} */
  constructor(db: Database) {
    super()
    this.#db = db
    this.#session = db.engine.open(Kind.client)
    if (!this.#session) throw new NoRoomError('no room for another connection')
    db.attach(this.#session, new StreamOutlet(this))
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  override _read(): void {
    // Output is pushed as it comes: it lies in the same process already.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    try {
      const { engine } = this.#db
      for (let at = 0; at < chunk.length && this.#session; at += engine.windowBytes)
        this.deliver(engine.feedChunk(this.#session, chunk.subarray(at, at + engine.windowBytes)))
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    done()
    this.destroy()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const session = this.#session
    this.#session = 0
    if (session) {
      this.#db.forget(session)
      if (!this.#db.engine.crash) this.#db.engine.close(session)
      this.#db.settle()
    }
    this.push(null)
    done(error)
  }

  /** Whether a blocking command waits. */
  get isWaiting(): boolean {
    return this.#session !== 0 && (this.#db.engine.status(this.#session) & Flag.blocked) !== 0
  }

  /** What a feed left: output, more to do, sessions of others. */
  deliver(flags: number): void {
    if (!this.#session) return
    const output = this.#db.engine.drain(this.#session, flags)
    // Clients note a command only after they have written it: what they read comes later than that.
    if (output.length) queueMicrotask(() => this.#session && this.push(output))
    if (flags & Flag.log) this.#db.logged()
    if (flags & Flag.ready) this.#db.settle()
    if (flags & Flag.timer) this.#db.tick()
    if (flags & Flag.blocked) this.#db.wake()
    if (flags & (Flag.closeAfter | Flag.closeNow)) queueMicrotask(() => this.destroy())
  }
}

/** The end that the database knows: closing it ends the stream. */
class StreamOutlet implements Outlet {
  readonly #stream: EngineStream

  constructor(stream: EngineStream) {
    this.#stream = stream
  }

  get isWaiting(): boolean {
    return this.#stream.isWaiting
  }

  deliver(flags: number): void {
    this.#stream.deliver(flags)
  }

  close(): void {
    this.#stream.destroy()
  }
}

/** What ioredis takes as its option `Connector`. */
export interface EngineConnector {
  readonly connecting: boolean
  readonly firstError?: Error
  check(): boolean
  connect(): Promise<EngineStream>
  disconnect(): void
}

/** ioredis's option `Connector` for a database of this process. */
export function connectorFor(db: Database): new () => EngineConnector {
  return class implements EngineConnector {
    readonly connecting = false
    #stream: EngineStream | undefined

    check(): boolean {
      return true
    }

    async connect(): Promise<EngineStream> {
      return (this.#stream = new EngineStream(db))
    }

    disconnect(): void {
      this.#stream?.end()
    }
  }
}
