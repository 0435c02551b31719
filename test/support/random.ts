// Randomness that a test can repeat: every run draws a new seed, shows it in the name of the test, and
// takes it back from the environment (`SEED=123 npx vitest …`). Where CI says so, it is always the same one:
// a change is judged by what it changed, and new seeds are tried by hand.

const CI_SEED = 20_261_120

export const seed = Number(
  process.env['SEED'] ?? (process.env['CI'] ? CI_SEED : Math.floor(Math.random() * 2 ** 31)),
)

/** mulberry32: small, and good enough to choose test cases. */
export class Random {
  #state: number

  constructor(start: number = seed) {
    this.#state = start >>> 0
  }

  /** 32 random bits. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** An integer from 0 to limit - 1. */
  below(limit: number): number {
    return Math.floor((this.u32() / 2 ** 32) * limit)
  }

  /** An integer from `first` to `last`, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32())
  }

  /** A signed 64-bit integer whose size is spread over all the powers of two. */
  i64(): bigint {
    return BigInt.asIntN(64, this.u64()) >> BigInt(this.below(64))
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.u32())
  }

  /** A text of `length` characters drawn from `alphabet`. */
  text(length: number, alphabet: string): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join('')
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }
}
