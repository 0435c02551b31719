// What a socket keeps while the object sleeps: its session, parked. It lies in the socket's attachment, or in
// rows of SQLite when it is too large for that (half a command, a long transaction).

import type { Counted } from '../limits.ts'
import { blob, pieces, type Sql } from '../store/sql.ts'

/** An attachment holds 16,384 bytes; some of them are its own form. */
const ATTACHMENT_BYTES = 15_500

export interface Attachment {
  /** The number of the socket, which names its rows. */
  id: number
  /** The parked session; undefined where it is in rows. */
  parked?: Uint8Array
  /** Where the session's wait stands among all that wait; 0: it does not wait. */
  order: number
  /** Whom the limits count. */
  counted: Counted
}

/** The parts of a WebSocket that keep an attachment. */
export interface Keeper {
  serializeAttachment(value: unknown): void
  deserializeAttachment(): unknown
}

export class Parked {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
    sql.exec(
      `CREATE TABLE IF NOT EXISTS parked
         (socket INTEGER, part INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (socket, part))
       WITHOUT ROWID`,
    )
  }

  /** Keeps a session; answers whether it lies in rows. */
  put(
    keeper: Keeper,
    facts: Omit<Attachment, 'parked'>,
    bytes: Uint8Array,
    inRows: boolean,
  ): boolean {
    if (bytes.length <= ATTACHMENT_BYTES) {
      keeper.serializeAttachment({ ...facts, parked: bytes } satisfies Attachment)
      if (inRows) this.drop(facts.id)
      return false
    }
    this.#sql.transaction(() => {
      this.drop(facts.id)
      let part = 0
      for (const piece of pieces(bytes))
        this.#sql.exec(
          'INSERT INTO parked (socket, part, bytes) VALUES (?, ?, ?)',
          facts.id,
          part++,
          piece,
        )
    })
    keeper.serializeAttachment(facts satisfies Attachment)
    return true
  }

  /** The parked session of an attachment, wherever it lies. */
  get(attachment: Attachment): Uint8Array {
    if (attachment.parked) return attachment.parked
    const rows = this.#sql
      .exec('SELECT bytes FROM parked WHERE socket = ? ORDER BY part', attachment.id)
      .toArray()
    const all = rows.map((row) => blob(row['bytes']))
    const bytes = new Uint8Array(all.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of all) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }

  drop(socket: number): void {
    this.#sql.exec('DELETE FROM parked WHERE socket = ?', socket)
  }

  /** Rows of sockets that are gone. */
  keepOnly(sockets: ReadonlySet<number>): void {
    for (const row of this.#sql.exec('SELECT DISTINCT socket FROM parked').toArray()) {
      const socket = row['socket'] as number
      if (!sockets.has(socket)) this.drop(socket)
    }
  }
}
