// The engine in the caller's thread: open() and call.
//
//   const db = await open()
//   db.set('greeting', 'hello', { ex: 60 })
//   db.get('greeting')                    // 'hello'
//   db.call('OBJECT', 'ENCODING', 'greeting')

import { LoadOption } from './abi.ts'
import { concat } from './bytes.ts'
import { Connection, type Exchange } from './connection.ts'
import type { Reply } from './decode.ts'
import type { Argument } from './encode.ts'
import { Engine } from './engine.ts'
import type { EngineHost } from './engine-host.ts'
import { InternalSession } from './internal.ts'
import { PlainHost } from './plain-host.ts'
import type { Runtime, Timer } from './runtime.ts'
import { commandMethods } from './typed.ts'
import { TurnClock } from './turn-clock.ts'

export interface EmbeddedOptions {
  /** The compiled engine. */
  module: WebAssembly.Module
  runtime: Runtime
  /** The compiled Lua, asked for when the first script comes; without it there are no scripts. */
  lua?: () => WebAssembly.Module | undefined
  /** The most memory it may take, in bytes; all that wasm32 allows unless told. */
  maxMemoryBytes?: number
  host?: EngineHost
  /** The effects log may have bytes; called often where it is on. */
  logged?: () => void
}

/** The host's end of a session. */
export interface Outlet {
  /** Whether a blocking command waits there. */
  readonly isWaiting: boolean
  /** The engine has something to send here, or wants the session closed. */
  deliver(flags: number): void
  close(): void
}

/** Units of background work in one tick: well under a millisecond. */
const TICK_WORK = 500

/** An engine that nobody calls is looked after less and less often, down to this. */
const IDLE_TICK_MS = 1000
const WAKE_MS = 100

export class Database extends commandMethods() implements Exchange {
  readonly engine: Engine
  readonly runtime: Runtime
  readonly turnClock: TurnClock

  readonly #outlets = new Map<number, Outlet>()
  /** The connection of `call`. */
  readonly main: Connection
  readonly #internal: InternalSession
  #timer: Timer | undefined
  #nextTickMs = 0
  #closed = false
  readonly #logged: (() => void) | undefined

  constructor(options: EmbeddedOptions) {
    super()
    this.#logged = options.logged
    this.runtime = options.runtime
    this.engine = new Engine({
      module: options.module,
      clock: options.runtime.clock,
      seed: options.runtime.seed(),
      maxPages: Math.min(Math.ceil((options.maxMemoryBytes ?? 0) / 65536), 65535),
      // Commands are not measured: it would take half of the time of most of them.
      measure: () => this.turnClock?.lastUs ?? 0,
      ...(options.lua && { lua: options.lua }),
      host: options.host ?? new PlainHost(() => this.engine),
    })
    this.turnClock = new TurnClock(this.engine)
    this.#internal = new InternalSession(this.engine)
    this.main = this.connect()
    this.tick()
  }

  /**
   * Runs a command; text comes back as strings.
   *
   * @throws {ReplyError} the reply is an error
   */
  call(...args: Argument[]): Reply {
    return this.main.run(args, false)
  }

  /** Runs a command; text comes back as bytes. @throws {ReplyError} */
  callBytes(...args: Argument[]): Reply {
    return this.main.run(args, true)
  }

  /** Tells the engine something that only its host may say. @throws {ReplyError} */
  tell(...args: Argument[]): Reply {
    return this.#internal.call(...args)
  }

  /** Another connection to the same data: for subscriptions, transactions and blocking commands. */
  connect(): Connection {
    if (this.#closed) throw new Error('the database is closed')
    const connection = new Connection(this)
    this.attach(connection.session, connection)
    return connection
  }

  /** A session that someone else feeds: it is told when it has output, and closed with the database. */
  attach(session: number, outlet: Outlet): void {
    this.#outlets.set(session, outlet)
  }

  /** Background work (expiry, rehash, freeing); a timer does it, and an owner of the time may. */
  tick(): void {
    if (this.#closed) return
    const nextMs = this.engine.tick(TICK_WORK)
    this.#logged?.()
    this.settle()
    const isIdle = nextMs >= 100 && !this.#anyWaits()
    this.#nextTickMs = isIdle
      ? Math.min(Math.max(this.#nextTickMs * 2, nextMs), IDLE_TICK_MS)
      : nextMs
    this.#timer?.cancel()
    this.#timer = undefined
    // Whatever may become due is logged or waits, and either wakes it.
    if (this.#logged && this.engine.isAsleep) return
    this.#timer = this.runtime.later(this.#nextTickMs, () => this.tick())
  }

  #anyWaits(): boolean {
    for (const outlet of this.#outlets.values()) if (outlet.isWaiting) return true
    return false
  }

  /**
   * All keys of all databases as an RDB file, which a Redis server loads too.
   *
   * @throws {SnapshotError} there is no room for it, or another one is being taken
   */
  export(): Uint8Array {
    return concat([...this.engine.snapshot()])
  }

  /**
   * Makes the keys of an RDB file, whole or in pieces, the dataset; with `keep` they join the keys that are
   * there, and replace those of the same name.
   *
   * @throws {RdbError} it is no such file, or broken: what comes before that place is loaded
   */
  import(file: Uint8Array | Iterable<Uint8Array>, options: { keep?: boolean } = {}): void {
    const pieces = file instanceof Uint8Array ? [file] : file
    const rule = options.keep ? LoadOption.replaces : LoadOption.empties
    this.engine.load(pieces, LoadOption.dropsExpired | rule)
    this.settle()
  }

  close(): void {
    if (this.#closed) return
    this.#timer?.cancel()
    this.#closed = true
    if (this.engine.crash) return
    for (const outlet of this.#outlets.values()) outlet.close()
    this.#internal.close()
  }

  settle(): void {
    for (;;) {
      const session = this.engine.ready()
      if (!session) return
      const flags = this.engine.status(session)
      this.#outlets.get(session)?.deliver(flags)
    }
  }

  logged(): void {
    this.#logged?.()
    this.wake()
  }

  /** Something may become due while the timer sleeps. */
  wake(): void {
    if (this.#timer || this.#closed) return
    this.#nextTickMs = WAKE_MS
    this.#timer = this.runtime.later(WAKE_MS, () => this.tick())
  }

  unblock(clientId: number): void {
    this.#internal.call('CLIENT', 'UNBLOCK', clientId, 'TIMEOUT')
    this.settle()
  }

  forget(session: number): void {
    this.#outlets.delete(session)
  }
}
