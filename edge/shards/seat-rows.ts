// Seats in rows: each is a parked session, and what it needs to go on.

import { concat } from '../../host/core/bytes.ts'
import { blob, pieces, type Sql, type SqlValue } from '../store/sql.ts'
import type { GivesBack } from './give-back.ts'
import type { Hold, SeatKind, SeatName } from './seat.ts'

export interface SeatRow extends SeatName {
  hold: Hold
  /** Its place among those that wait; 0: it does not wait. */
  place: number
  /** As whom it acts. */
  login: string
  /** What puts back what the call takes that waits. */
  undo: GivesBack
  bytes: Uint8Array
}

export class SeatRows {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
    sql.exec(
      `CREATE TABLE IF NOT EXISTS seat_rows
         (gateway TEXT, guest INTEGER, kind TEXT, part INTEGER,
          hold TEXT NOT NULL, place INTEGER NOT NULL, login TEXT NOT NULL, undo TEXT NOT NULL, bytes BLOB NOT NULL,
          PRIMARY KEY (gateway, guest, kind, part))
       WITHOUT ROWID`,
    )
  }

  put(row: SeatRow): void {
    const { gateway, guest, kind, hold, place, login, undo } = row
    let part = 0
    for (const piece of pieces(row.bytes))
      this.#sql.exec(
        `INSERT OR REPLACE INTO seat_rows
             (gateway, guest, kind, part, hold, place, login, undo, bytes)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        gateway,
        guest,
        kind,
        part++,
        hold,
        place,
        login,
        undo,
        piece,
      )
    this.#sql.exec(
      'DELETE FROM seat_rows WHERE gateway = ? AND guest = ? AND kind = ? AND part >= ?',
      gateway,
      guest,
      kind,
      part,
    )
  }

  drop({ gateway, guest, kind }: SeatName): void {
    this.#sql.exec(
      'DELETE FROM seat_rows WHERE gateway = ? AND guest = ? AND kind = ?',
      gateway,
      guest,
      kind,
    )
  }

  dropGuest(gateway: string, guest: number): void {
    this.#sql.exec('DELETE FROM seat_rows WHERE gateway = ? AND guest = ?', gateway, guest)
  }

  dropGateway(gateway: string): void {
    this.#sql.exec('DELETE FROM seat_rows WHERE gateway = ?', gateway)
  }

  /** All of them, those that wait in the order in which they came. */
  all(): SeatRow[] {
    const rows = this.#sql
      .exec('SELECT * FROM seat_rows ORDER BY place, gateway, guest, kind, part')
      .toArray()
    const whole: Record<string, SqlValue>[][] = []
    for (const row of rows) {
      if (row['part'] === 0) whole.push([row])
      else whole.at(-1)!.push(row)
    }
    return whole.map((parts) => {
      const first = parts[0]!
      return {
        gateway: first['gateway'] as string,
        guest: first['guest'] as number,
        kind: first['kind'] as SeatKind,
        hold: first['hold'] as Hold,
        place: first['place'] as number,
        login: first['login'] as string,
        undo: first['undo'] as GivesBack,
        bytes: concat(parts.map((part) => blob(part['bytes']))),
      }
    })
  }

  /** Clients of gateways that went while the object slept must not be served any more. */
  async callTheRoll(alive: (gateway: string, guests: number[]) => Promise<number[]>) {
    const guests = new Map<string, number[]>()
    for (const row of this.#sql.exec('SELECT DISTINCT gateway, guest FROM seat_rows').toArray()) {
      const gateway = row['gateway'] as string
      guests.set(gateway, [...(guests.get(gateway) ?? []), row['guest'] as number])
    }
    const calls = [...guests].map(async ([gateway, all]) => {
      // Of a gateway that does not answer, all are kept.
      const there = new Set(await alive(gateway, all).catch(() => all))
      for (const guest of all) if (!there.has(guest)) this.dropGuest(gateway, guest)
    })
    await Promise.all(calls)
  }
}
