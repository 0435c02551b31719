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
import type { Refusal } from '../refusal.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Outlet } from './outlet.ts'
import type { Timers, Turns } from './turns.ts'

/** Code of the same worker. */
export const TRUSTED: Identity = { id: 'worker', user: 'default', expiresMs: 0 }

const NO_ROOM: Refusal = { status: 503, message: 'ERR no room for another session' }

/** Calls of one batch are run until so many bytes of replies are there; the rest come again. */
const BATCH_BYTES = 8 << 20

/** Nobody asked for the replies of a call that took longer than its batch. */
const FORGET_MS = 30_000

/** One call. */
class Exchange implements Outlet {
  /** All that was answered so far. */
  readonly pieces: Uint8Array[] = []
  /** 0: the engine has closed it, and another may have its number. */
  session: number
  /** How many bytes were answered so far. */
  length = 0
  /** What it does was stored; it is done, or waits for something. */
  isRun = false
  /** All replies are there. */
  isDone = false
  #wake: () => void = () => undefined

  constructor(session: number) {
    this.session = session
  }

  send(bytes: Uint8Array): void {
    this.pieces.push(bytes)
    this.length += bytes.length
  }

  close(): void {
    this.session = 0
    this.settled(false)
  }

  settled(isBlocked: boolean): void {
    this.isRun = true
    this.isDone ||= !isBlocked
    this.#wake()
  }

  /** It was run, or goes on to be. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

const answeredBytes = (calls: readonly (Exchange | Refusal)[]): number =>
  calls.reduce((sum, call) => sum + (call instanceof Exchange ? call.length : 0), 0)

export interface ExchangeParts {
  data: Dataset
  turns: Turns
  limits: RequestLimits
  timers: Pick<Timers, 'nowMs' | 'after'>
}

export class Exchanges {
  readonly #parts: ExchangeParts
  /** Calls that took longer than their batch, by their tickets, until they are forgotten. */
  readonly #late = new Map<string, { call: Exchange; forgetting: { cancel(): void } }>()

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  /** Runs the commands of one call. */
  async run(commands: Uint8Array, caller: Caller): Promise<Uint8Array | Refusal> {
    const call = this.#begin(commands, caller)
    return call instanceof Exchange ? this.#end(call) : call
  }

  /** Runs calls that came together, all in one turn, up to where their replies are many: the first of them at least. */
  async runAll(batch: Batch): Promise<BatchAnswer> {
    const begun: (Exchange | Refusal)[] = []
    const { turns } = this.#parts
    turns.together(() => {
      for (const { commands, caller } of callsOf(batch)) {
        const call = this.#begin(commands, caller)
        // There may be room once those before it are over.
        if (call === NO_ROOM && begun.some((other) => other instanceof Exchange)) return
        begun.push(call)
        if (answeredBytes(begun) > BATCH_BYTES) return
      }
    })
    for (const call of begun) if (call instanceof Exchange && !call.isRun) await call.change()
    const replies: Uint8Array[] = []
    const ends = begun.map((call) => {
      if (!(call instanceof Exchange)) return { refusal: call }
      if (!call.isDone) return { ticket: this.#keep(call) }
      turns.close(call.session)
      replies.push(...call.pieces)
      return call.length
    })
    return { replies: outgoing(concat(replies)), ends }
  }

  /** The replies of a call that took longer than its batch; undefined: nobody waits for these. */
  late(ticket: string): Promise<Uint8Array> | undefined {
    const late = this.#late.get(ticket)
    if (!late) return undefined
    this.#late.delete(ticket)
    late.forgetting.cancel()
    return this.#end(late.call)
  }

  /** A ticket is worth nothing once the object has started again. */
  #keep(call: Exchange): string {
    const ticket = crypto.randomUUID()
    const forgetting = this.#parts.timers.after(FORGET_MS, () => {
      this.#late.delete(ticket)
      this.#parts.turns.close(call.session)
    })
    this.#late.set(ticket, { call, forgetting })
    return ticket
  }

  #begin(commands: Uint8Array, caller: Caller): Exchange | Refusal {
    const { data, turns, limits, timers } = this.#parts
    const { identity } = caller
    const waitS = identity ? limits.take(countedOf(caller), timers.nowMs()) : 0
    if (waitS) return { status: 429, message: `ERR ${TOO_MANY}`, retryAfter: waitS }
    const session = data.engine.open(kindOf(caller), originOf(caller))
    if (!session) return NO_ROOM
    const call = new Exchange(session)
    turns.attach(session, call)
    try {
      data.login(session, identity ?? TRUSTED)
    } catch (error) {
      turns.close(session)
      // Its user is not there any more.
      if (error instanceof ReplyError) return { status: 403, message: error.message }
      if (error instanceof NoRoomError) return NO_ROOM
      throw error
    }
    turns.feed(session, commands)
    return call
  }

  async #end(call: Exchange): Promise<Uint8Array> {
    while (!call.isDone) await call.change()
    this.#parts.turns.close(call.session)
    return concat(call.pieces)
  }
}
