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

export class Courier {
  readonly #parts: CourierParts
  #waiting: Delivery[] = []
  #waitingBytes = 0
  #isUnderway = false

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  post(delivery: Delivery): void {
    const size = delivery.bytes?.length ?? 0
    if (size && this.#waitingBytes + size > WAITING_BYTES) {
      // Its client has to learn that it misses something.
      const { guest, kind, shard } = delivery
      queueMicrotask(() => this.#parts.gone(guest))
      this.#waiting.push({ guest, kind, shard, isOver: true })
    } else {
      this.#waiting.push(delivery)
      this.#waitingBytes += size
    }
    if (this.#isUnderway) return
    this.#isUnderway = true
    queueMicrotask(() => void this.#bring())
  }

  async #bring(): Promise<void> {
    while (this.#waiting.length) {
      const load = this.#take()
      const gone = await this.#try(load)
      for (const guest of new Set(gone ?? load.map(({ guest }) => guest))) this.#parts.gone(guest)
    }
    this.#isUnderway = false
  }

  #take(): Delivery[] {
    let bytes = 0
    let count = 0
    for (const { bytes: one } of this.#waiting) {
      bytes += one?.length ?? 0
      if (count && bytes > LOAD_BYTES) break
      count++
    }
    const load = this.#waiting.splice(0, count)
    for (const { bytes: one } of load) this.#waitingBytes -= one?.length ?? 0
    return load
  }

  /** Undefined: the gateway cannot be reached. */
  async #try(load: Delivery[]): Promise<number[] | undefined> {
    for (let left = TRIES, ms = FIRST_PAUSE_MS; left > 0; left--, ms *= 4) {
      try {
        return await this.#parts.deliver(load)
      } catch {
        if (left > 1) await this.#parts.pause(ms)
      }
    }
    return undefined
  }
}
