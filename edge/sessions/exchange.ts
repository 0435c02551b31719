// Calls from outside that are no connections: commands go in as RESP, each call on a session of its own, and their replies
// come back once the last of them has answered. A call that waits (a BLPOP, a command while clients are paused)
// is waited for.

import { concat } from '../../host/core/bytes.ts'
import { NoRoomError, ReplyError } from '../../host/core/errors.ts'
import { type Caller, type Identity, kindOf, TOO_MANY } from '../../host/http/index.ts'
import { type Batch, type BatchAnswer, callsOf } from '../batch.ts'
import { outgoing } from '../bulk.ts'
import { countedOf, originOf } from '../caller.ts'
import type { RequestLimits } from '../limits.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Outlet } from './outlet.ts'
import type { Timers, Turns } from './turns.ts'

/** Code of the same worker. */
export const TRUSTED: Identity = { id: 'worker', user: 'default', expiresMs: 0 }

/** Why a call was not carried out; errors lose their fields on the way between objects. */
export interface Refusal {
  status: 403 | 409 | 429
  message: string
  retryAfter?: number
}

/** Calls of one batch are run until so many bytes of replies are there; the rest come again. */
const BATCH_BYTES = 8 << 20

/** Nobody asked for the replies of a call that took longer than its batch. */
const FORGET_MS = 30_000

/** What calls were answered so far, together. */
interface Tally {
  bytes: number
}

/** One call. */
class Exchange implements Outlet {
  readonly #pieces: Uint8Array[] = []
  readonly session: number
  readonly #tally: Tally
  #length = 0
  #isRun = false
  #isDone = false
  #run: (() => void) | undefined
  #resolve: (() => void) | undefined

  constructor(session: number, tally: Tally) {
    this.session = session
    this.#tally = tally
  }

  send(bytes: Uint8Array): void {
    this.#pieces.push(bytes)
    this.#length += bytes.length
    this.#tally.bytes += bytes.length
  }

  close(): void {
    this.#finish()
  }

  settled(isBlocked: boolean): void {
    if (!isBlocked) return this.#finish()
    this.#isRun = true
    this.#run?.()
  }

  #finish(): void {
    this.#isRun = true
    this.#isDone = true
    this.#run?.()
    this.#resolve?.()
  }

  /** Whether all replies are there. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** All replies are there. */
  get done(): Promise<void> {
    if (this.#isDone) return Promise.resolve()
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** All replies are there, or the call waits for something. */
  get run(): Promise<void> | undefined {
    if (this.#isRun) return undefined
    return new Promise((resolve) => {
      this.#run = resolve
    })
  }

  get length(): number {
    return this.#length
  }

  get replies(): Uint8Array {
    return concat(this.#pieces)
  }
}

export interface ExchangeParts {
  data: Dataset
  turns: Turns
  limits: RequestLimits
  timers: Pick<Timers, 'nowMs' | 'after'>
}

export class Exchanges {
  readonly #parts: ExchangeParts
  /** Calls that took longer than their batch, by their tickets. */
  readonly #late = new Map<number, Exchange>()
  #tickets = 0

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  /** Runs the commands of one call. @throws {NoRoomError} */
  async run(commands: Uint8Array, caller: Caller): Promise<Uint8Array | Refusal> {
    const call = this.#begin(commands, caller, { bytes: 0 })
    return call instanceof Exchange ? this.#end(call) : call
  }

  /** Runs calls that came together, all in one turn, up to where their replies are many. @throws {NoRoomError} */
  async runAll(batch: Batch): Promise<BatchAnswer> {
    const begun: (Exchange | Refusal)[] = []
    const { turns, data } = this.#parts
    const tally = { bytes: 0 }
    turns.together(() => {
      for (const { commands, caller } of callsOf(batch)) {
        if (tally.bytes + data.engine.unsentBytes > BATCH_BYTES) break
        try {
          begun.push(this.#begin(commands, caller, tally))
        } catch (error) {
          if (error instanceof NoRoomError && begun.length) break
          throw error
        }
      }
    })
    for (const call of begun) if (call instanceof Exchange) await call.run
    const replies: Uint8Array[] = []
    const ends = begun.map((call) => {
      if (!(call instanceof Exchange)) return { refusal: call }
      if (!call.isDone) return { ticket: this.#keep(call) }
      turns.close(call.session)
      replies.push(call.replies)
      return call.length
    })
    return { replies: outgoing(concat(replies)), ends }
  }

  /** The replies of a call that took longer than its batch; undefined: nobody waits for these. */
  late(ticket: number): Promise<Uint8Array> | undefined {
    const call = this.#late.get(ticket)
    this.#late.delete(ticket)
    return call && this.#end(call)
  }

  #keep(call: Exchange): number {
    const ticket = ++this.#tickets
    this.#late.set(ticket, call)
    this.#parts.timers.after(FORGET_MS, () => {
      if (this.#late.delete(ticket)) this.#parts.turns.close(call.session)
    })
    return ticket
  }

  /** @throws {NoRoomError} */
  #begin(commands: Uint8Array, caller: Caller, tally: Tally): Exchange | Refusal {
    const { data, turns, limits, timers } = this.#parts
    const { identity } = caller
    const waitS = identity ? limits.take(countedOf(caller), timers.nowMs()) : 0
    if (waitS) return { status: 429, message: `ERR ${TOO_MANY}`, retryAfter: waitS }
    const session = data.engine.open(kindOf(caller), originOf(caller))
    if (!session) throw new NoRoomError('no room for another session')
    const call = new Exchange(session, tally)
    turns.attach(session, call)
    try {
      data.login(session, identity ?? TRUSTED)
      turns.feed(session, commands)
    } catch (error) {
      turns.close(session)
      // The login was refused: its user is not there any more.
      if (error instanceof ReplyError) return { status: 403, message: error.message }
      throw error
    }
    return call
  }

  async #end(call: Exchange): Promise<Uint8Array> {
    try {
      if (!call.isDone) await call.done
    } finally {
      this.#parts.turns.close(call.session)
    }
    return call.replies
  }
}
