// Snapshots of the dataset in chunks under 2 MB. A new one is written beside the one that counts; the fact
// `snapshot` says which one that is, and where in the log it continues. Whatever else lies there
// is the rest of one that was not finished.

import type { Facts } from './facts.ts'
import type { LogRows } from './log.ts'
import { blob, PIECE_BYTES, type Sql } from './sql.ts'

interface Whole {
  generation: number
  bytes: number
  /** The first row of the log behind it. */
  log: number
}

const NONE: Whole = { generation: 0, bytes: 0, log: 0 }

export class SnapshotRows {
  readonly #sql: Sql
  readonly #facts: Facts
  #whole: Whole

  constructor(sql: Sql, facts: Facts) {
    this.#sql = sql
    this.#facts = facts
    sql.exec(
      `CREATE TABLE IF NOT EXISTS snapshot
         (generation INTEGER, part INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (generation, part))
       WITHOUT ROWID`,
    )
    this.#whole = (facts.get('snapshot') as Whole | undefined) ?? NONE
    sql.exec('DELETE FROM snapshot WHERE generation != ?', this.#whole.generation)
  }

  /** The size of the snapshot that counts. */
  get bytes(): number {
    return this.#whole.bytes
  }

  /** The first row of the log that is not in the snapshot. */
  get log(): number {
    return this.#whole.log
  }

  *read(): Generator<Uint8Array> {
    const rows = this.#sql.exec(
      'SELECT bytes FROM snapshot WHERE generation = ? ORDER BY part',
      this.#whole.generation,
    )
    for (const row of rows) yield blob(row['bytes'])
  }

  /** A new snapshot, behind which the log continues with its row `log`. */
  begin(log: number): SnapshotWriter {
    return new SnapshotWriter(this.#sql, this.#whole.generation + 1, log)
  }

  /** A snapshot is complete: it counts from now on, and what it replaces goes. */
  finish(writer: SnapshotWriter, log: LogRows): void {
    const whole: Whole = { generation: writer.generation, bytes: writer.bytes, log: writer.log }
    this.#sql.transaction(() => {
      writer.flush()
      whole.bytes = writer.bytes
      this.#facts.set('snapshot', whole)
      this.#sql.exec('DELETE FROM snapshot WHERE generation != ?', whole.generation)
      log.dropBefore(whole.log)
    })
    this.#whole = whole
  }

  /** A snapshot was given up. */
  discard(writer: SnapshotWriter): void {
    this.#sql.exec('DELETE FROM snapshot WHERE generation = ?', writer.generation)
  }
}

/** Gathers what the engine gives into chunks. */
export class SnapshotWriter {
  readonly generation: number
  readonly log: number
  bytes = 0
  readonly #sql: Sql
  readonly #chunk = new Uint8Array(PIECE_BYTES)
  #length = 0
  #part = 0

  constructor(sql: Sql, generation: number, log: number) {
    this.#sql = sql
    this.generation = generation
    this.log = log
  }

  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + PIECE_BYTES - this.#length)
      this.#chunk.set(part, this.#length)
      this.#length += part.length
      at += part.length
      if (this.#length === PIECE_BYTES) this.flush()
    }
  }

  flush(): void {
    if (!this.#length) return
    this.#sql.exec(
      'INSERT OR REPLACE INTO snapshot (generation, part, bytes) VALUES (?, ?, ?)',
      this.generation,
      this.#part++,
      this.#chunk.subarray(0, this.#length),
    )
    this.bytes += this.#length
    this.#length = 0
  }
}
