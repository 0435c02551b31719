// The host's part of the latency monitor: what takes long outside the engine is told to it.

import type { InternalSession } from '../core/internal.ts'
import type { Settings } from './settings.ts'

export class LatencyMonitor {
  readonly #internal: InternalSession
  readonly #settings: Settings

  constructor(internal: InternalSession, settings: Settings) {
    this.#internal = internal
    this.#settings = settings
  }

  /** Notes events that took so many ms, if that is a spike; the engine hears of it when it is at rest. */
  note(ms: number, ...events: string[]): void {
    const threshold = this.#settings.number('latency-monitor-threshold')
    if (!threshold || ms < threshold) return
    queueMicrotask(() => {
      for (const event of events) this.#internal.call('WADI.LATENCY', event, Math.floor(ms))
    })
  }
}
