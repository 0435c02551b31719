// How long to wait before the next attempt: twice as long each time up to a limit, of which a part is left to
// chance, so that the clients of a server that was away do not all come back at the same moment.

export interface BackoffOptions {
  /** The wait after the first attempt that failed. */
  minMs?: number
  maxMs?: number
}

export class Backoff {
  readonly #min: number
  readonly #max: number
  readonly #random: () => number
  #attempts = 0

  constructor(options: BackoffOptions = {}, random: () => number = Math.random) {
    this.#min = options.minMs ?? 100
    this.#max = Math.max(options.maxMs ?? 30_000, this.#min)
    this.#random = random
  }

  /** The wait before the next attempt, in ms: between half of the step and all of it. */
  next(): number {
    const step = Math.min(this.#min * 2 ** this.#attempts++, this.#max)
    return step / 2 + (step / 2) * this.#random()
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#attempts = 0
  }
}
