// Linear memory as JavaScript sees it, and the control block in it, in which the engine tells its host what a call
// left behind (docs/architecture.md has the table).
//
// Views of linear memory die when it grows, and it may grow in any call: a view that has died has no length.

/** Fields of the control block, in 32-bit words. */
export const Word = {
  address: 4,
  argc: 6,
  argv: 7,
  mayWait: 14,
  snapshotState: 15,
  callLength: 18,
  callDatabase: 19,
  settings: 22,
  asleep: 23,
  callFlags: 24,
} as const

/** Fields of the control block, in doubles. */
export const Double = {
  wall: 0,
  monotonic: 1,
  logEnd: 4,
  unsent: 5,
  used: 6,
  loaded: 8,
  deadline: 10,
} as const

const CONTROL_BYTES = 104

type Field<T> = T[keyof T]

export class MemoryView {
  readonly #memory: WebAssembly.Memory
  readonly #control: number
  #bytes!: Uint8Array
  #words!: Uint32Array
  #control32!: Uint32Array
  #control64!: Float64Array

  /** @param control the address of the control block */
  constructor(memory: WebAssembly.Memory, control: number) {
    this.#memory = memory
    this.#control = control
    this.#renew()
  }

  /** All of linear memory; take it again after any call of the engine. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#renew()
    return this.#bytes
  }

  /** The same as 32-bit words. */
  get words(): Uint32Array {
    if (this.#bytes.length === 0) this.#renew()
    return this.#words
  }

  word(field: Field<typeof Word>): number {
    if (this.#control32.length === 0) this.#renew()
    return this.#control32[field]!
  }

  double(field: Field<typeof Double>): number {
    if (this.#control64.length === 0) this.#renew()
    return this.#control64[field]!
  }

  /** Tells the engine the time, in µs. */
  setTime(monotonic: number, wall: number): void {
    if (this.#control64.length === 0) this.#renew()
    this.#control64[Double.monotonic] = monotonic
    this.#control64[Double.wall] = wall
  }

  #renew(): void {
    const { buffer } = this.#memory
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#control32 = new Uint32Array(buffer, this.#control, CONTROL_BYTES / 4)
    this.#control64 = new Float64Array(buffer, this.#control, CONTROL_BYTES / 8)
  }
}
