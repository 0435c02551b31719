// The effects log in rows of SQLite: one stream of batch records, cut into rows.
//
//   id 7   ████████████ 1 MB        a large record is split
//   id 8   ███ its rest
//   id 9   █████·· 8 KB             small records share a row, which is rewritten …
//   id 10  ██                       … until it is full: this is the tail
//
// A tail that no longer fits a page of SQLite gets its full size at once, with zeros behind its records: where a row keeps
// its size SQLite writes only those of its pages that changed, and one that grows is written anew, all of it.
//
// Written rows are what a user pays for. What is appended at once costs one: the tail is rewritten, or a new one begins.
// Fewer rows are deleted later, too, and a wake-up reads less of them.

import { blob, PIECE_BYTES, pieces, type Sql } from './sql.ts'

/** The tail is rewritten up to this size. */
export const TAIL_BYTES = 8192
/** A row of this size lies in one page, with what SQLite adds. */
const PAGE_BYTES = 4000

export class LogRows {
  /** Bytes in all rows. */
  bytes = 0
  /** Rows written so far, by the accounting of SQLite. */
  rowsWritten = 0

  readonly #sql: Sql
  readonly #tail = new Uint8Array(TAIL_BYTES)
  #tailLength = 0
  /** The row that is written next, or rewritten if the tail holds something. */
  #id: number

  constructor(sql: Sql) {
    this.#sql = sql
    sql.exec('CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)')
    const [row] = sql.exec('SELECT max(id) AS last, sum(length(bytes)) AS bytes FROM log').toArray()
    this.#id = ((row?.['last'] as number | null) ?? 0) + 1
    this.bytes = (row?.['bytes'] as number | null) ?? 0
  }

  /** The row in which the next record begins, if `begin` is called now. */
  get next(): number {
    return this.#tailLength ? this.#id + 1 : this.#id
  }

  /** What follows is in rows of its own, from `next` on. */
  begin(): void {
    this.#id = this.next
    this.#tail.fill(0)
    this.#tailLength = 0
  }

  /** Adds records, which are not kept; a throw leaves none of them. */
  append(records: Uint8Array): void {
    const length = this.#tailLength + records.length
    if (length <= TAIL_BYTES) this.#rewrite(records, length)
    else if (records.length <= TAIL_BYTES) this.#startTail(records)
    else if (records.length <= PIECE_BYTES) this.#addRows(records)
    else this.#sql.transaction(() => this.#addRows(records))
    this.bytes += records.length
  }

  #rewrite(records: Uint8Array, length: number): void {
    this.#tail.set(records, this.#tailLength)
    const row = this.#tail.subarray(0, length <= PAGE_BYTES ? length : TAIL_BYTES)
    if (this.#tailLength) this.#write('UPDATE log SET bytes = ? WHERE id = ?', row, this.#id)
    else this.#write('INSERT INTO log (bytes, id) VALUES (?, ?)', row, this.#id)
    this.#tailLength = length
  }

  #startTail(records: Uint8Array): void {
    this.begin()
    this.#rewrite(records, records.length)
  }

  #addRows(records: Uint8Array): void {
    this.begin()
    for (const piece of pieces(records))
      this.#write('INSERT INTO log (bytes, id) VALUES (?, ?)', piece, this.#id++)
  }

  #write(statement: string, bytes: Uint8Array, id: number): void {
    this.rowsWritten += this.#sql.exec(statement, bytes, id).rowsWritten
  }

  /** Forgets the rows before `id`. */
  dropBefore(id: number): void {
    this.rowsWritten += this.#sql.exec('DELETE FROM log WHERE id < ?', id).rowsWritten
    const [row] = this.#sql.exec('SELECT sum(length(bytes)) AS bytes FROM log').toArray()
    this.bytes = (row?.['bytes'] as number | null) ?? 0
  }

  /** The stream from row `id` on, cut anywhere. */
  *read(id: number): Generator<Uint8Array> {
    for (const row of this.#sql.exec('SELECT bytes FROM log WHERE id >= ? ORDER BY id', id))
      yield blob(row['bytes'])
  }
}
