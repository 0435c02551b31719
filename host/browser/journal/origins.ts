// Who wrote what last: for each origin the number of its last request that the log has. After a hand-over it
// says which requests were carried out, so that no write is done twice.

/** Origins that are remembered; those that wrote longest ago are forgotten first. */
const MOST = 256

export class Origins {
  readonly #last = new Map<number, number>()

  note(origin: number, sequence: number): void {
    if (!origin) return
    const last = this.#last.get(origin) ?? 0
    this.#last.delete(origin)
    this.#last.set(origin, Math.max(last, sequence))
    if (this.#last.size > MOST) this.#last.delete(this.#last.keys().next().value!)
  }

  /** The number of the last request of an origin that is known to have written; 0: none. */
  last(origin: number): number {
    return this.#last.get(origin) ?? 0
  }

  entries(): [number, number][] {
    return [...this.#last]
  }
}

/** Walks over the headers of whole batches, and tells those that say who asked. */
export function eachOrigin(
  bytes: Uint8Array,
  note: (origin: number, sequence: number) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += 64 + view.getUint32(at + 4, true)) {
    const origin = Number(view.getBigUint64(at + 16, true))
    if (origin) note(origin, Number(view.getBigUint64(at + 24, true)))
  }
}
