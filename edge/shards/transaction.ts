// MULTI over several shards: commands are queued here, and go to their shard with EXEC. What is wrong with one of them
// the shard says at once: it is shown the command inside a transaction that it discards.

import { commandName } from '../../host/core/keys.ts'
import { encodeCommand } from '../../host/core/encode.ts'
import { errorReply, isError, itemsOf, nullArray, OK, QUEUED } from './replies.ts'
import { type Route, routeOf } from './routes.ts'
import type { SessionParts } from './session-parts.ts'
import { type Args, type SessionState, takeCaching } from './session-state.ts'
import type { SlotMap } from './slots.ts'

/** All of it goes in one call between objects, which carries at most 32 MB. */
const MAX_BYTES = 24 << 20

export const CROSSSLOT = errorReply("CROSSSLOT Keys in request don't hash to the same slot")
const TOO_LARGE = errorReply('ERR the transaction is larger than 24 MB')

/** They are queued like commands of a shard. */
const ANYWHERE = /^(ping|echo|select|unwatch)$/
/** MULTI and WATCH have no place in a transaction, and do it no harm. */
const IS_MISPLACED = /^-ERR (MULTI calls can not be nested|WATCH inside MULTI is not allowed)/

const utf8 = new TextEncoder()
const decoder = new TextDecoder()
const EXISTS = utf8.encode('EXISTS')
const MULTI = [utf8.encode('MULTI')]
const EXEC = [utf8.encode('EXEC')]
const DISCARD = [utf8.encode('DISCARD')]

type Exchange = (shard: number, commands: readonly Args[]) => Promise<Uint8Array[]>

export interface TransactionDoor {
  /** Apart from what the session has on the shard: a DISCARD there would forget what it watches. */
  show: Exchange
  run: Exchange
}

export class Transaction {
  readonly #state: SessionState
  readonly #parts: SessionParts
  readonly #door: TransactionDoor
  /** What is queued. */
  #bytes: number

  constructor(state: SessionState, parts: SessionParts, door: TransactionDoor) {
    this.#state = state
    this.#parts = parts
    this.#door = door
    this.#bytes = (state.queue ?? []).reduce((sum, args) => sum + sizeOf(args), 0)
  }

  async begin(): Promise<Uint8Array> {
    // Whoever may not do it must not have commands looked at: they would run.
    const [reply] = await this.#door.show(0, [MULTI, DISCARD])
    if (isError(reply!)) return reply!
    this.#state.queue = []
    this.#bytes = 0
    return OK
  }

  /** The shard to which these commands may go as one: all of one slot, and no more than a shard can do. */
  shardOf(commands: readonly Args[]): number | undefined {
    let slot: number | undefined
    let shard: number | undefined
    for (const args of commands) {
      const name = nameOf(args)
      if (/^(ping|echo|unwatch)$/.test(name)) continue
      const route = routeOf(args, this.#parts.map)
      if (route.kind !== 'one') return undefined
      if (route.slot === undefined) continue
      if (slot !== undefined && slot !== route.slot) return undefined
      slot = route.slot
      shard = route.shard
    }
    return shard ?? 0
  }

  /** Queues commands; the reply of each. */
  async queue(commands: readonly Args[]): Promise<Uint8Array[]> {
    const replies: Uint8Array[] = []
    const shown = new Map<number, number[]>()
    for (const [i, args] of commands.entries()) {
      const target = this.#targetOf(args)
      if (target instanceof Uint8Array) replies[i] = target
      else
        shown
          .set(target, shown.get(target) ?? [])
          .get(target)!
          .push(i)
    }
    await Promise.all(
      [...shown].map(async ([shard, places]) => {
        const own = places.map((place) => commands[place]!)
        const verdicts = await this.#door.show(shard, [MULTI, ...own, DISCARD])
        for (const [k, place] of places.entries())
          replies[place] = verdicts[k + 1] ?? errorReply('ERR the shard gave no reply')
      }),
    )
    const { queue } = this.#state
    for (const [i, args] of commands.entries()) {
      if (!isError(replies[i]!)) {
        // What comes behind a mistake is not kept, and counts for nothing.
        if (!this.#state.isAborted) queue!.push([...args])
      } else if (!IS_MISPLACED.test(decoder.decode(replies[i]))) this.#state.isAborted = true
    }
    return replies.map((reply) => (isError(reply) ? reply : QUEUED))
  }

  /** Which shard is to look at a command, or why it cannot be queued. */
  #targetOf(args: Args): number | Uint8Array {
    const name = nameOf(args)
    this.#bytes += sizeOf(args)
    if (this.#bytes > MAX_BYTES) return TOO_LARGE
    if (ANYWHERE.test(name) || name === 'multi') return 0
    if (name === 'watch') return watchRoute(args, this.#parts.map).kind === 'one' ? 0 : CROSSSLOT
    const route = routeOf(args, this.#parts.map)
    if (route.kind === 'one') return route.shard
    if (route.kind === 'refused') return errorReply(route.error)
    if (route.kind === 'parts') return CROSSSLOT
    const shown = (commandName(args.map((arg) => decoder.decode(arg))) ?? name).replace(' ', '|')
    return errorReply(`ERR '${shown}' of several shards is not allowed inside a transaction`)
  }

  async exec(): Promise<Uint8Array> {
    const { queue, isAborted, protocol } = this.#state
    if (!queue) return errorReply('ERR EXEC without MULTI')
    const { attached, map } = this.#parts
    const watching = attached?.watching
    const caching = takeCaching(this.#state)
    this.leave()
    try {
      const routes = queue.map((args) => routeOf(args, map))
      const slots = new Set(routes.map((route) => (route.kind === 'one' ? route.slot : undefined)))
      slots.delete(undefined)
      if (slots.size > 1) return CROSSSLOT
      if (isAborted)
        return errorReply('EXECABORT Transaction discarded because of previous errors.')
      const keyed = routes.find((route) => route.kind === 'one' && route.slot !== undefined)
      const shard = keyed?.kind === 'one' ? keyed.shard : (watching ?? 0)
      if (watching !== undefined && watching !== shard) return CROSSSLOT
      const whole = [...(caching ? [caching] : []), MULTI, ...queue, EXEC]
      const reply =
        watching === undefined
          ? (await this.#door.run(shard, whole)).at(-1)
          : await attached!.exec(
              shard,
              whole.map((args) => encodeCommand(args)),
            )
      if (reply && !isError(reply) && reply[1] !== MINUS) this.#select(queue, itemsOf(reply))
      return reply ?? nullArray(protocol)
    } finally {
      await attached?.unwatch()
    }
  }

  /** A SELECT that was carried out holds. */
  #select(queue: readonly Args[], replies: readonly Uint8Array[]): void {
    for (const [i, args] of queue.entries())
      if (nameOf(args) === 'select' && !isError(replies[i]!))
        this.#state.db = Number(decoder.decode(args[1]))
  }

  async discard(): Promise<Uint8Array> {
    if (!this.#state.queue) return errorReply('ERR DISCARD without MULTI')
    this.leave()
    await this.#parts.attached?.unwatch()
    return OK
  }

  leave(): void {
    delete this.#state.queue
    delete this.#state.isAborted
  }
}

const MINUS = 45

const nameOf = (args: Args): string => decoder.decode(args[0]).toLowerCase()

/** As routes go, WATCH is EXISTS: of its keys, all must be in one slot. */
export const watchRoute = (args: Args, map: SlotMap): Route =>
  routeOf([EXISTS, ...args.slice(1)], map)

const sizeOf = (args: Args): number => args.reduce((sum, arg) => sum + arg.length + 16, 0)
