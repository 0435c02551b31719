// A snapshot in pieces that take about the same time, whatever the dataset is made of.

import { SnapshotOption, SnapshotState } from './abi.ts'
import type { Clock } from './clock.ts'
import { SnapshotError } from './errors.ts'

/** What a piece of a snapshot takes, in µs; the units of work to begin with, and their limits. */
const SNAPSHOT_US = 300
const SNAPSHOT_WORK = 2000
const MIN_WORK = 64
const MAX_WORK = 1 << 16
/** The engine rests when so much waits to be taken. */
const SNAPSHOT_AHEAD = 1 << 18

/** Finds how much work a piece of a snapshot is. */
export class SnapshotPace {
  /** In the engine's units. */
  work = SNAPSHOT_WORK
  readonly #clock: Clock
  #beganUs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(): void {
    this.#beganUs = this.#clock.monotonicUs()
  }

  /** A piece of so many bytes is done. */
  end(length: number): void {
    const elapsedUs = this.#clock.monotonicUs() - this.#beganUs
    if (elapsedUs <= 0 || length >= SNAPSHOT_AHEAD) return
    const ideal = (this.work * SNAPSHOT_US) / elapsedUs
    this.work = Math.round(Math.min(Math.max((this.work + ideal) / 2, MIN_WORK), MAX_WORK))
  }
}

/** An engine, as far as it takes snapshots. */
interface Snapshotting {
  readonly bytes: Uint8Array
  readonly address: number
  readonly snapshotState: number
  beginSnapshot(options: number): number | undefined
  snapshotRead(work: number): number
  snapshotTaken(length: number): void
}

/** The pieces of `Engine.snapshot`. */
export function* snapshotPieces(
  engine: Snapshotting,
  pace: SnapshotPace,
  options: number,
): Generator<Uint8Array, void> {
  if (engine.beginSnapshot(options | SnapshotOption.on) === undefined)
    throw new SnapshotError('another snapshot is running')
  let state: number = SnapshotState.running
  try {
    while (state !== SnapshotState.idle) {
      pace.begin()
      const length = engine.snapshotRead(pace.work)
      state = engine.snapshotState
      pace.end(length)
      if (state === SnapshotState.failed)
        throw new SnapshotError('there is no room for what the snapshot must keep')
      yield engine.bytes.slice(engine.address, engine.address + length)
      if (length) engine.snapshotTaken(length)
      state = engine.snapshotState
    }
  } finally {
    if (state !== SnapshotState.idle) engine.beginSnapshot(0)
  }
}
