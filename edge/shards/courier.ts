// Brings what a shard has for the clients of one gateway there, in order: one call at a time, and what comes up
// meanwhile goes with the next.

import { CALL_BYTES } from '../bulk.ts'
import type { Delivery } from './seat.ts'

/** So much is brought in one call. */
const LOAD_BYTES = 8 << 20

/** A gateway that does not take its messages loses the clients that they are for. */
const WAITING_BYTES = CALL_BYTES

const TRIES = 4
const FIRST_PAUSE_MS = 50

export interface CourierParts {
  /** Answers those clients that are gone. */
  deliver(deliveries: Delivery[]): Promise<number[]>
  pause(ms: number): Promise<void>
  /** A client that is gone, or cannot be reached. */
  gone(guest: number): void
}

/** What is on its way. */
interface Parcel {
  delivery: Delivery
  /** It certainly did not arrive. */
  untaken?: (() => void) | undefined
}

export class Courier {
  readonly #parts: CourierParts
  #waiting: Parcel[] = []
  #waitingBytes = 0
  #isUnderway = false

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  post(delivery: Delivery, untaken?: () => void): void {
    const size = delivery.bytes?.length ?? 0
    if (size && this.#waitingBytes + size > WAITING_BYTES) {
      // Its client has to learn that it misses something.
      const { guest, kind, shard } = delivery
      queueMicrotask(() => {
        untaken?.()
        this.#parts.gone(guest)
      })
      this.#waiting.push({ delivery: { guest, kind, shard, isOver: true } })
    } else {
      this.#waiting.push({ delivery, untaken })
      this.#waitingBytes += size
    }
    if (this.#isUnderway) return
    this.#isUnderway = true
    queueMicrotask(() => void this.#bring())
  }

  async #bring(): Promise<void> {
    while (this.#waiting.length) {
      const load = this.#take()
      const { gone, isCertain } = await this.#try(load.map(({ delivery }) => delivery))
      const isGone = new Set(gone)
      if (isCertain)
        for (const { delivery, untaken } of load) if (isGone.has(delivery.guest)) untaken?.()
      for (const guest of isGone) this.#parts.gone(guest)
    }
    this.#isUnderway = false
  }

  #take(): Parcel[] {
    let bytes = 0
    let count = 0
    for (const { delivery } of this.#waiting) {
      bytes += delivery.bytes?.length ?? 0
      if (count && bytes > LOAD_BYTES) break
      count++
    }
    const load = this.#waiting.splice(0, count)
    for (const { delivery } of load) this.#waitingBytes -= delivery.bytes?.length ?? 0
    return load
  }

  /** The clients that did not get theirs; not certain: a call broke, and what it brought may have arrived. */
  async #try(load: Delivery[]): Promise<{ gone: number[]; isCertain: boolean }> {
    for (let left = TRIES, ms = FIRST_PAUSE_MS; left > 0; left--, ms *= 4) {
      try {
        return { gone: await this.#parts.deliver(load), isCertain: left === TRIES }
      } catch {
        if (left > 1) await this.#parts.pause(ms)
      }
    }
    return { gone: load.map(({ guest }) => guest), isCertain: false }
  }
}
