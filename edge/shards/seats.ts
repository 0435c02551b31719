// The seats of a shard. Those that listen, track or wait are kept in rows, written in the turn that changed them, so that
// none is lost whatever becomes of the object; those that watch are in memory alone, since a sleep breaks
// a WATCH anyway.

import { concat } from '../../host/core/bytes.ts'
import { NoRoomError } from '../../host/core/errors.ts'
import { kindOf } from '../../host/http/index.ts'
import type { Identity } from '../../host/http/index.ts'
import { isSame } from '../sessions/same.ts'
import type { Outlet } from '../sessions/outlet.ts'
import type { Turns } from '../sessions/turns.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Sql } from '../store/sql.ts'
import { Courier } from './courier.ts'
import { giveBack, type GivesBack, givesBack } from './give-back.ts'
import { RequestReader } from './requests.ts'
import { type SeatRow, SeatRows } from './seat-rows.ts'
import type { Delivery, Hold, SeatAnswer, SeatCall, SeatKind, SeatName } from './seat.ts'

export interface SeatParts {
  data: Dataset
  turns: Turns
  sql: Sql
  /** Brings deliveries to a gateway; answers those of its clients that are gone. */
  deliver(gateway: string, deliveries: Delivery[]): Promise<number[]>
  pause(ms: number): Promise<void>
  /** Runs a command in a database, for nobody. */
  runIn(db: number, command: readonly (string | Uint8Array)[]): Promise<void>
}

export class Seats {
  readonly #parts: SeatParts
  readonly #rows: SeatRows
  readonly #seats = new Map<string, Seat>()
  readonly #couriers = new Map<string, Courier>()
  readonly #settled = new Set<Seat>()
  #lastOrder = 0
  /** Which shard this is, as deliveries say. */
  #shard: number

  constructor(parts: SeatParts, shard: number) {
    this.#parts = parts
    this.#shard = shard
    this.#rows = new SeatRows(parts.sql)
  }

  set shard(shard: number) {
    this.#shard = shard
  }

  /** Brings back what is in rows. */
  wake(): void {
    for (const row of this.#rows.all()) {
      const session = this.#parts.data.engine.unpark(row.bytes)
      if (!session) {
        this.#rows.drop(row)
        this.#post(row, { isOver: true })
        continue
      }
      const seat = this.#add(row, session)
      seat.hold = row.hold
      seat.order = row.place
      seat.login = row.login
      seat.isWaiting = row.place > 0
      seat.undo = row.undo
      seat.kept = row
      this.#lastOrder = Math.max(this.#lastOrder, row.place)
      this.#parts.turns.attach(session, seat)
    }
  }

  /** Runs commands on a seat. @throws {ReplyError} nobody may log in so @throws {NoRoomError} */
  async call(call: SeatCall): Promise<SeatAnswer> {
    const { data, turns } = this.#parts
    let seat = this.#seats.get(keyOf(call))
    if (!seat) {
      if (!call.isNew) return { replies: new Uint8Array(0), isOver: true }
      seat = this.#open(call)
    }
    try {
      const login = JSON.stringify(call.identity)
      if (login !== seat.login) data.login(seat.session, call.identity)
      seat.login = login
    } catch (error) {
      this.#close(seat)
      throw error
    }
    seat.hold = call.hold
    seat.begin()
    turns.feed(seat.session, call.commands)
    await seat.answered
    if (seat.isWaiting) seat.undo = givesBack(lastOf(call.commands))
    const answer = {
      replies: seat.end(),
      ...(seat.isWaiting && { isWaiting: true }),
      ...(seat.isOver && { isOver: true }),
    }
    this.#settle(seat)
    return answer
  }

  #open(call: SeatCall): Seat {
    const { data, turns } = this.#parts
    const origin = `${call.address ?? '0.0.0.0'}:0 ${call.gateway}:0 -1`
    const session = data.engine.open(kindOf(call), origin)
    if (!session) throw new NoRoomError('no room for another session')
    const seat = this.#add(call, session)
    turns.attach(session, seat)
    return seat
  }

  #add({ gateway, guest, kind }: SeatName, session: number): Seat {
    const seat = new Seat({ gateway, guest, kind }, session, {
      post: (bytes) => this.#post(seat.name, { bytes }, this.#undoing(seat, bytes)),
      over: () => this.#over(seat),
      settled: () => this.#settleSoon(seat),
    })
    this.#seats.set(keyOf(seat.name), seat)
    return seat
  }

  /** Puts back what a call took that waited, should its client not be there any more. */
  #undoing(seat: Seat, bytes: Uint8Array): (() => void) | undefined {
    if (!seat.isWaiting || !seat.undo) return undefined
    const { db = 0 } = JSON.parse(seat.login) as Identity
    const { undo } = seat
    return () => {
      const command = giveBack(undo, bytes)
      if (command) void this.#parts.runIn(db, command).catch(ignore)
    }
  }

  /** The client is gone. */
  drop(gateway: string, guest: number): void {
    for (const kind of ['listen', 'work'] as const) {
      const seat = this.#seats.get(keyOf({ gateway, guest, kind }))
      if (seat) this.#close(seat)
    }
    this.#rows.dropGuest(gateway, guest)
  }

  /** A gateway begins anew: whoever it had before is gone. */
  dropAll(gateway: string): void {
    for (const { name } of this.#seats.values())
      if (name.gateway === gateway) this.drop(gateway, name.guest)
    this.#rows.dropGateway(gateway)
  }

  /** The engine closes the session: its client has to know. */
  #over(seat: Seat): void {
    this.#forget(seat)
    if (!seat.isAsked) this.#post(seat.name, { isOver: true })
  }

  #close(seat: Seat): void {
    this.#forget(seat)
    seat.abandon()
    this.#parts.turns.close(seat.session)
  }

  #forget(seat: Seat): void {
    this.#seats.delete(keyOf(seat.name))
    this.#settled.delete(seat)
    if (seat.kept) this.#delete(seat)
  }

  #settleSoon(seat: Seat): void {
    if (this.#settled.size === 0)
      queueMicrotask(() => {
        for (const one of this.#settled) this.#settle(one)
        this.#settled.clear()
      })
    this.#settled.add(seat)
  }

  /** All that was asked of it was answered, or waits. */
  #settle(seat: Seat): void {
    if (seat.isOver) return
    if (seat.hold === 'none' && !seat.isWaiting) this.#close(seat)
    else this.#keep(seat)
  }

  #keep(seat: Seat): void {
    const { turns } = this.#parts
    if (seat.hold !== 'stored' && !seat.isWaiting) {
      if (seat.kept) turns.run(() => this.#delete(seat))
      return
    }
    if (seat.isWaiting && !seat.order) seat.order = ++this.#lastOrder
    if (!seat.isWaiting) seat.order = 0
    const bytes = this.#parts.data.engine.park(seat.session)
    const { hold, order: place, login, kept, undo } = seat
    const row = { ...seat.name, hold, place, login, undo, bytes }
    if (kept && isSameRow(kept, row)) return
    turns.run(() => this.#rows.put(row))
    seat.kept = row
  }

  #delete(seat: Seat): void {
    this.#rows.drop(seat.name)
    seat.kept = undefined
  }

  #post({ gateway, guest, kind }: SeatName, what: Partial<Delivery>, untaken?: () => void): void {
    let courier = this.#couriers.get(gateway)
    if (!courier) {
      courier = new Courier({
        deliver: (deliveries) => this.#parts.deliver(gateway, deliveries),
        pause: (ms) => this.#parts.pause(ms),
        gone: (gone) => this.drop(gateway, gone),
      })
      this.#couriers.set(gateway, courier)
    }
    courier.post({ guest, kind, shard: this.#shard, ...what }, untaken)
  }
}

/** What a seat tells. */
interface SeatEvents {
  post(bytes: Uint8Array): void
  over(): void
  settled(): void
}

class Seat implements Outlet {
  readonly name: { gateway: string; guest: number; kind: SeatKind }
  readonly session: number
  readonly #events: SeatEvents
  hold: Hold = 'none'
  /** As whom it acts. */
  login = ''
  /** Its place among those that wait; 0: it does not wait. */
  order = 0
  isWaiting = false
  /** Of the call that waits, or waited last. */
  undo: GivesBack = ''
  isOver = false
  /** What is in rows. */
  kept: SeatRow | undefined
  #replies: Uint8Array[] | undefined
  /** Whoever called waits until all was answered, or waits itself. */
  answered: Promise<void> = Promise.resolve()
  #answer: () => void = () => undefined

  constructor(name: Seat['name'], session: number, events: SeatEvents) {
    this.name = name
    this.session = session
    this.#events = events
  }

  /** Whether a call runs, which takes what is sent. */
  get isAsked(): boolean {
    return this.#replies !== undefined
  }

  begin(): void {
    this.#replies = []
    this.answered = new Promise((resolve) => {
      this.#answer = resolve
    })
  }

  end(): Uint8Array {
    const replies = concat(this.#replies ?? [])
    this.#replies = undefined
    return replies
  }

  send(bytes: Uint8Array): void {
    if (this.#replies) this.#replies.push(bytes)
    else this.#events.post(bytes)
  }

  /** It ends; a call that runs hears of it. */
  abandon(): void {
    this.isOver = true
    this.#answer()
  }

  close(): void {
    this.abandon()
    this.#events.over()
  }

  settled(isBlocked: boolean): void {
    this.isWaiting = isBlocked
    if (this.isAsked) this.#answer()
    else this.#events.settled()
  }
}

/** The last command of these. */
const lastOf = (commands: Uint8Array): Uint8Array[] =>
  new RequestReader().read(commands).at(-1)?.args ?? []

/** The object ends, and with it what was to be put back. */
const ignore = (): void => undefined

const isSameRow = (a: SeatRow, b: SeatRow): boolean =>
  a.hold === b.hold && a.place === b.place && a.login === b.login && isSame(a.bytes, b.bytes)

const keyOf = ({ gateway, guest, kind }: SeatName): string => `${gateway} ${guest} ${kind}`
