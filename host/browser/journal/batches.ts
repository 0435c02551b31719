// The effects log as a reader sees it: a stream of batch records, cut anywhere into stored records. The layout of
// a batch is drawn in assembly/persistence/effects.ts.

import { concat } from '../../core/bytes.ts'

/** A batch of the log, without its header. */
export interface Batch {
  epoch: number
  originId: number
  originSequence: number
  timeMs: number
  /** The database that is selected before its first command; undefined: none was yet. */
  db: number | undefined
  commands: Uint8Array
}

const HEADER = 64
const FORMAT = 0x31424c57 // "WLB1"
const NO_DB = 0xffffffff

/** The log is not what was written. */
export class BatchDamage extends Error {
  override name = 'BatchDamage'
}

export class BatchReader {
  #rest: Uint8Array = new Uint8Array(0)

  /** Bytes of a batch that is not complete. */
  get torn(): number {
    return this.#rest.length
  }

  /** Drops what is not complete: the next bytes begin a batch. */
  drop(): void {
    this.#rest = new Uint8Array(0)
  }

  /** The batches that are complete with these bytes. @throws {BatchDamage} */
  *read(bytes: Uint8Array): Generator<Batch, void> {
    const input = this.#rest.length ? concat([this.#rest, bytes]) : bytes
    const view = new DataView(input.buffer, input.byteOffset, input.length)
    let at = 0
    while (input.length - at >= HEADER) {
      if (view.getUint32(at, true) !== FORMAT) throw new BatchDamage('no batch begins there')
      const end = at + HEADER + view.getUint32(at + 4, true)
      if (end > input.length) break
      const db = view.getUint32(at + 60, true)
      yield {
        epoch: Number(view.getBigUint64(at + 8, true)),
        originId: Number(view.getBigUint64(at + 16, true)),
        originSequence: Number(view.getBigUint64(at + 24, true)),
        timeMs: Number(view.getBigUint64(at + 32, true)),
        db: db === NO_DB ? undefined : db,
        commands: input.subarray(at + HEADER, end),
      }
      at = end
    }
    this.#rest = input.slice(at)
  }
}
