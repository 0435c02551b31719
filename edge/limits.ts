// How much one credential, and one address, may ask of an object. The counts are in its memory: they begin anew when
// it wakes, and then there was quiet.

import { Buckets } from '../host/http/index.ts'

export interface Limits {
  /** Requests a second; 0: no limit. */
  perToken: number
  perAddress: number
}

/** Who is counted. */
export interface Counted {
  token?: string
  address?: string
}

export class RequestLimits {
  readonly #tokens: Buckets
  readonly #addresses: Buckets

  constructor(limits: Limits) {
    this.#tokens = new Buckets(limits.perToken)
    this.#addresses = new Buckets(limits.perAddress)
  }

  /** Counts a request; in how many s there may be another, 0: this one may go on. */
  take({ token, address }: Counted, nowMs: number): number {
    const byToken = token === undefined ? 0 : this.#tokens.take(token, nowMs)
    const byAddress = address === undefined ? 0 : this.#addresses.take(address, nowMs)
    return Math.max(byToken, byAddress)
  }
}
