// What is known of a server when its metrics are written.

export interface Measured {
  /** The text of INFO, with all sections. */
  info: string
  slowlog?: {
    length: number
    /** The newest entry. */
    last?: { id: number; seconds: number }
  }
  /** LATENCY LATEST. */
  spikes?: readonly { event: string; atSeconds: number; seconds: number }[]
  /** LATENCY HISTOGRAM: calls of a command, and how many took at most so many µs. */
  histograms?: readonly {
    command: string
    calls: number
    buckets: readonly (readonly [number, number])[]
  }[]
}
