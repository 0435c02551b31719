// Requests that are in a worker at the same time go to their object in one call: a call takes longer than a command,
// and it is calls that are paid for. Whether to wait for others is decided as for the turns of an object: see
// `sessions/group.ts`.
//
// A promise may be resolved by another request than the one that waits for it, where the worker's compatibility date is
// 2024-10-14 or later, but the runtime ends a request that waits for nothing of its own: each has a timer. The call is that of
// the request which began the group, and goes on when its client does not.

import { waitUntil } from 'cloudflare:workers'
import { RefusedError } from '../host/http/index.ts'
import { type BatchEnd, batchOf, type Call } from './batch.ts'
import { incoming } from './bulk.ts'
import { Group } from './sessions/group.ts'
import type { WadiEnv } from './settings.ts'
import { refused } from './refusal.ts'
import { exchangeOn, type Place, shardStub } from './shards/place.ts'

const mayShare = Cloudflare.compatibilityFlags['handle_cross_request_promise_resolution'] === true

/** More than this goes alone. */
const SMALL_BYTES = 64 << 10

/** So many go together: what they do is one event of the object, whose time is limited. */
const MOST_CALLS = 64

/** A request whose answer did not come by then is told so. */
const PATIENCE_MS = 60_000

/** So many objects are known to have company. */
const MOST_OBJECTS = 1000

/** What became of a call: its replies, or why there are none here. */
type Outcome = Uint8Array | Exclude<BatchEnd, number>

type Timer = ReturnType<typeof setTimeout>

/** A call that waits for its batch. */
interface Waiting extends Call {
  resolve: (outcome: Outcome) => void
  reject: (error: unknown) => void
}

/** The batches to one object. */
class Batches {
  readonly #env: WadiEnv
  readonly #place: Place
  #group = this.#newGroup()
  #waiting: Waiting[] = []
  #bytes = 0

  constructor(env: WadiEnv, place: Place) {
    this.#env = env
    this.#place = place
  }

  /** Takes a call along; undefined: it is to go alone. Whoever has the outcome ends the timer. */
  take(call: Call): { outcome: Promise<Outcome>; timer: Timer } | undefined {
    const { length } = call.commands
    if (length > SMALL_BYTES) return undefined
    const isLast = this.#waiting.length === MOST_CALLS - 1
    const mayWait = this.#group.takes(this.#bytes + length, 0) && !isLast
    if (!mayWait && !this.#waiting.length) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
    const waiting = { ...call, resolve, reject }
    this.#waiting.push(waiting)
    this.#bytes += length
    const timer = setTimeout(() => this.#giveUp(waiting), PATIENCE_MS)
    if (!mayWait) this.#leave()
    return { outcome: promise, timer }
  }

  #newGroup(): Group {
    return new Group(
      (wake) => waitUntil(new Promise<void>((resolve) => setTimeout(resolve, 0)).then(wake)),
      () => this.#leave(),
    )
  }

  /** All that wait leave in one call, which is that of the request that runs now. */
  #leave(): void {
    const all = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    if (all.length) waitUntil(this.#carry(all))
  }

  async #carry(left: Waiting[]): Promise<void> {
    try {
      const stub = shardStub(this.#env, this.#place, this.#place.shard)
      while (left.length) {
        const answer = await stub.exchangeAll(batchOf(left), this.#place)
        if (!('ends' in answer)) throw refused(answer)
        const replies = await incoming(answer.replies)
        let at = 0
        for (const [i, end] of answer.ends.entries())
          left[i]!.resolve(typeof end === 'number' ? replies.subarray(at, (at += end)) : end)
        if (!answer.ends.length) throw new Error('the object ran nothing')
        left = left.slice(answer.ends.length)
      }
    } catch (error) {
      for (const { reject } of left) reject(error)
    }
  }

  #giveUp(waiting: Waiting): void {
    waiting.reject(new RefusedError('ERR the store did not answer in time', 503))
    const at = this.#waiting.indexOf(waiting)
    if (at < 0) return
    // The request that began the group is gone, and its timer with it.
    this.#waiting.splice(at, 1)
    this.#group = this.#newGroup()
    this.#leave()
  }
}

const known = new WeakMap<WadiEnv, Map<string, Batches>>()

function batchesOf(env: WadiEnv, place: Place): Batches {
  let all = known.get(env)
  if (!all) known.set(env, (all = new Map()))
  const name = `${place.shard}/${place.name}`
  let batches = all.get(name)
  if (!batches) {
    if (all.size >= MOST_OBJECTS) all.delete(all.keys().next().value!)
    all.set(name, (batches = new Batches(env, place)))
  }
  return batches
}

/** Runs a call on an object, with others if there are any. @throws {RefusedError} */
export async function exchangeTogether(
  env: WadiEnv,
  place: Place,
  call: Call,
): Promise<Uint8Array> {
  const taken = mayShare ? batchesOf(env, place).take(call) : undefined
  if (!taken) return exchangeOn(env, place, place.shard, call.commands, call.caller)
  let outcome: Outcome
  try {
    outcome = await taken.outcome
  } finally {
    clearTimeout(taken.timer)
  }
  if (outcome instanceof Uint8Array) return outcome
  if ('refusal' in outcome) throw refused(outcome.refusal)
  const replies = await shardStub(env, place, place.shard).late(outcome.ticket)
  if (!replies) throw new RefusedError('ERR the session was closed', 503)
  return incoming(replies)
}
