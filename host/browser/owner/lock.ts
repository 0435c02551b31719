// The Web Lock of a store: who holds it owns the store. It may be stolen from a holder that does not answer; the
// storage's epoch sees to it that such a holder writes nothing when it wakes.

import type { Locks } from '../surroundings.ts'

export type Claim = 'if-free' | 'wait' | 'steal'

export class StoreLock {
  /** Called when another has taken the lock away. */
  onLost: (() => void) | undefined
  #release!: () => void
  #isReleased = false

  /** Takes the lock; undefined when it is not free, or the wait was ended. */
  static take(
    locks: Locks,
    store: string,
    claim: Claim,
    signal?: AbortSignal,
  ): Promise<StoreLock | undefined> {
    const lock = new StoreLock()
    const options = {
      ...(claim === 'if-free' && { ifAvailable: true }),
      ...(claim === 'steal' && { steal: true }),
      ...(claim === 'wait' && signal && { signal }),
    }
    return new Promise((resolve, reject) => {
      let isHeld = false
      const ended = locks.request(lockName(store), options, (held) => {
        if (!held) {
          resolve(undefined)
          return Promise.resolve()
        }
        isHeld = true
        return new Promise<void>((release) => {
          lock.#release = release
          resolve(lock)
        })
      })
      ended.catch((error: unknown) => {
        if (isHeld) lock.#lose()
        else if (signal?.aborted) resolve(undefined)
        else reject(error)
      })
    })
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#release()
  }

  #lose(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.onLost?.()
  }
}

export const lockName = (store: string): string => `wadi:${store}`
