// Token buckets: so many requests a second, and twice as many at once after a quiet time.

interface Bucket {
  left: number
  atMs: number
}

/** Buckets that are full again are forgotten when there are more than this. */
const MOST_BUCKETS = 10_000

export class Buckets {
  readonly #rate: number
  readonly #burst: number
  readonly #buckets = new Map<string, Bucket>()

  /** @param rate requests a second; 0: no limit */
  constructor(rate: number) {
    this.#rate = rate
    this.#burst = rate * 2
  }

  /** Takes a request from a bucket; answers in how many s there is room for one more, 0: there was. */
  take(key: string, nowMs: number): number {
    if (!this.#rate) return 0
    const bucket = this.#buckets.get(key) ?? { left: this.#burst, atMs: nowMs }
    const gained = (Math.max(nowMs - bucket.atMs, 0) * this.#rate) / 1000
    bucket.left = Math.min(bucket.left + gained, this.#burst)
    bucket.atMs = nowMs
    if (this.#buckets.size >= MOST_BUCKETS) this.#forget(nowMs)
    this.#buckets.set(key, bucket)
    if (bucket.left < 1) return Math.max(Math.ceil((1 - bucket.left) / this.#rate), 1)
    bucket.left--
    return 0
  }

  #forget(nowMs: number): void {
    const fullAfterMs = (this.#burst * 1000) / this.#rate
    for (const [key, { atMs }] of this.#buckets)
      if (nowMs - atMs >= fullAfterMs) this.#buckets.delete(key)
  }
}
