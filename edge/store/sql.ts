// What the store needs of a Durable Object's SQLite. It is an interface so that a test can let a write fail.

export type SqlValue = string | number | null | ArrayBuffer | Uint8Array

export interface SqlResult {
  toArray(): Record<string, SqlValue>[]
  [Symbol.iterator](): Iterator<Record<string, SqlValue>>
  readonly rowsWritten: number
}

export interface Sql {
  exec(query: string, ...bindings: SqlValue[]): SqlResult
  /** Runs `work`; all it wrote is there, or where it throws, nothing of it. */
  transaction<T>(work: () => T): T
}

/** The largest piece in one row; a row holds at most 2 MB. */
export const PIECE_BYTES = 1 << 20

/** The part of an object's storage that is used. */
interface SqliteStorage {
  sql: { exec(query: string, ...bindings: unknown[]): unknown }
  transactionSync<T>(work: () => T): T
}

export function sqliteOf(storage: SqliteStorage): Sql {
  const { sql } = storage
  return {
    exec: (query, ...bindings) => sql.exec(query, ...bindings) as SqlResult,
    transaction: (work) => storage.transactionSync(work),
  }
}

/** A blob as it comes from a row. */
export function blob(value: SqlValue | undefined): Uint8Array {
  return new Uint8Array(value as ArrayBuffer)
}

/** Cuts bytes into pieces that fit a row. */
export function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
