// The owner's side: sessions of many tabs on one engine. A tab sends RESP, a session's commands of a microtask in
// one message, and gets back what the engine has for it, in one message too.

import { Flag, Kind } from '../../core/abi.ts'
import { concat } from '../../core/bytes.ts'
import type { Outlet } from '../../core/embedded.ts'
import type { Engine } from '../../core/engine.ts'
import {
  Down,
  type Message,
  packError,
  type Port,
  transferOf,
  Up,
  WINDOW_BYTES,
} from '../protocol.ts'
import type { Keeper } from './keeper.ts'

/** What a tab may ask besides commands. */
export type Answerer = (what: string, argument: unknown, seat: Seat) => Promise<unknown>

export class Hub {
  readonly keeper: Keeper
  readonly answer: Answerer
  readonly #seats = new Set<Seat>()

  constructor(keeper: Keeper, answer: Answerer) {
    this.keeper = keeper
    this.answer = answer
  }

  get engine(): Engine {
    return this.keeper.db.engine
  }

  /** A tab has come. */
  seat(port: Port): Seat {
    const seat = new Seat(this, port)
    this.#seats.add(seat)
    return seat
  }

  forget(seat: Seat): void {
    this.#seats.delete(seat)
  }

  /** Everything that was answered is kept: nobody waits for the disk. */
  settled(): void {
    for (const seat of this.#seats) seat.settled()
  }

  /** What was written last could not be kept: whoever may still wait for it hears so. */
  failed(error: Error): void {
    for (const seat of this.#seats) seat.failed(error)
  }

  /** Serves nobody any more, and says nothing. */
  end(): void {
    for (const seat of this.#seats) seat.leave()
  }

  /** Tells all tabs. */
  tell(message: Message): void {
    for (const seat of this.#seats) seat.post(message)
  }

  /** Tells the tabs that keep a replica, and have not yet got this with their snapshot. */
  follow(bytes: Uint8Array, offset: number): void {
    for (const seat of this.#seats) if (offset > seat.follows) seat.post([Down.follow, bytes])
  }

  /** Replicas are to be made anew. */
  renew(): void {
    for (const seat of this.#seats) {
      if (seat.follows === Infinity) continue
      seat.follows = Infinity
      seat.post([Down.anew])
    }
  }

  get hasFollowers(): boolean {
    for (const seat of this.#seats) if (seat.follows < Infinity) return true
    return false
  }
}

/** A tab. */
export class Seat {
  readonly hub: Hub
  /** It keeps a replica: the log goes there too, from this offset on. */
  follows = Infinity
  /** Bytes that may still go there. */
  credit = WINDOW_BYTES
  readonly #port: Port
  readonly #sessions = new Map<number, HubSession>()
  #taken = 0
  #isGone = false

  constructor(hub: Hub, port: Port) {
    this.hub = hub
    this.#port = port
  }

  post(message: Message, transfer?: Transferable[]): void {
    if (!this.#isGone) this.#port.post(message, transfer)
  }

  /** The tab has gone. */
  leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    for (const session of this.#sessions.values()) session.end()
    this.#sessions.clear()
    this.hub.forget(this)
    this.#port.close()
  }

  settled(): void {
    for (const session of this.#sessions.values()) session.isUnsure = false
  }

  failed(error: Error): void {
    for (const [number, session] of this.#sessions) {
      if (!session.isUnsure) continue
      session.end()
      this.#sessions.delete(number)
      this.post([Down.reset, number, packError(error)])
    }
  }

  forget(number: number): void {
    this.#sessions.delete(number)
  }

  /** @throws {EngineCrash} */
  receive(message: Message): void {
    switch (message[0]) {
      case Up.data:
        return this.#data(message[1] as number, message[2] as number, message[3] as Uint8Array)
      case Up.open:
        return this.#open(message[1] as number, message[2] as number)
      case Up.close:
        this.#sessions.get(message[1] as number)?.end()
        return void this.#sessions.delete(message[1] as number)
      case Up.ask:
        return void this.#ask(message[1] as number, message[2] as string, message[3])
      case Up.credit:
        return this.#refill(message[1] as number)
      case Up.ping:
        return this.post([Down.pong])
      case Up.leave:
        return this.leave()
      default:
        return undefined
    }
  }

  #data(number: number, sequence: number, bytes: Uint8Array): void {
    this.#taken += bytes.length
    this.#sessions.get(number)?.receive(bytes, sequence)
    if (this.#taken < WINDOW_BYTES / 2) return
    this.post([Down.credit, this.#taken])
    this.#taken = 0
  }

  #open(number: number, origin: number): void {
    const session = new HubSession(this, number, origin)
    this.#sessions.set(number, session)
    const { journal } = this.hub.keeper
    journal?.gather() // what was carried out a moment ago counts too
    this.post([Down.opened, number, journal?.origins.last(origin) ?? 0])
  }

  async #ask(id: number, what: string, argument: unknown): Promise<void> {
    try {
      this.post([Down.told, id, undefined, await this.hub.answer(what, argument, this)])
    } catch (error) {
      this.post([Down.told, id, packError(error as Error)])
    }
  }

  #refill(bytes: number): void {
    this.credit += bytes
    for (const session of this.#sessions.values()) if (session.isStarving) session.deliver(0)
  }
}

/** A session of a tab. */
class HubSession implements Outlet {
  /** Something that it asked may not be kept yet. */
  isUnsure = false
  /** It has output, and no credit to send it. */
  isStarving = false
  isWaiting = false
  readonly #seat: Seat
  readonly #number: number
  readonly #origin: number
  #session: number
  #sequence = 0
  #left = 0

  constructor(seat: Seat, number: number, origin: number) {
    this.#seat = seat
    this.#number = number
    this.#origin = origin
    const { db } = seat.hub.keeper
    this.#session = db.engine.open(Kind.client)
    if (this.#session) db.attach(this.#session, this)
  }

  receive(bytes: Uint8Array, sequence: number): void {
    if (!this.#session) return this.close()
    const { engine } = this.#seat.hub
    this.isUnsure = true
    this.#sequence = sequence
    let flags = 0
    const { windowBytes } = engine
    this.#sign()
    for (let at = 0; at < bytes.length; at += windowBytes)
      flags = engine.feedChunk(this.#session, bytes.subarray(at, at + windowBytes))
    this.deliver(flags)
  }

  /** Sends what the engine has for it, as far as there is credit, and goes on with what is left to do. */
  deliver(flags: number): void {
    if (!this.#session) return
    const { engine } = this.#seat.hub
    const pieces: Uint8Array[] = []
    const session = this.#session
    let all = flags | this.#left
    this.isStarving = false
    for (;;) {
      if (this.#seat.credit <= 0) {
        this.isStarving = true
        this.#left = all & Flag.more
        break
      }
      const length = engine.output(session)
      if (length) {
        const at = engine.address
        pieces.push(engine.bytes.slice(at, at + length))
        engine.sent(session, length)
        this.#seat.credit -= length
      } else if (all & Flag.more) {
        this.#sign()
        flags = engine.feedMore(session)
        all = (all & ~Flag.more) | flags
      } else {
        this.#left = 0
        break
      }
    }
    engine.writer(this.#epoch, 0, 0)
    this.isWaiting = (flags & Flag.blocked) !== 0
    const { keeper } = this.#seat.hub
    const { db } = keeper
    if (all & Flag.log) {
      if (this.#seat.hub.hasFollowers) keeper.log().gather()
      db.logged()
    }
    if (pieces.length) this.#post(concat(pieces) as Uint8Array<ArrayBuffer>)
    if (all & Flag.ready) db.settle()
    if (all & Flag.timer) db.tick()
    else if (flags & Flag.blocked) db.wake()
    if (all & (Flag.closeAfter | Flag.closeNow)) this.close()
  }

  /** The engine ends it. */
  close(): void {
    this.end()
    this.#seat.forget(this.#number)
    this.#seat.post([Down.reset, this.#number])
  }

  /** Its tab ends it. */
  end(): void {
    const session = this.#session
    if (!session) return
    this.#session = 0
    const { db } = this.#seat.hub.keeper
    db.forget(session)
    if (!db.engine.crash) db.engine.close(session)
  }

  get #epoch(): number {
    return this.#seat.hub.keeper.journal?.epoch ?? 0
  }

  /** What is written from now on is of this session's last request. */
  #sign(): void {
    this.#seat.hub.engine.writer(this.#epoch, this.#origin, this.#sequence)
  }

  #post(bytes: Uint8Array<ArrayBuffer>): void {
    this.#seat.post([Down.data, this.#number, bytes], transferOf(bytes))
  }
}
