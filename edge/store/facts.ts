// Small facts about the store that outlive a sleep: which snapshot is the whole one, what CONFIG SET
// changed, how many shards there are.

import type { Sql } from './sql.ts'

export class Facts {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
    sql.exec('CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID')
  }

  get(name: string): unknown {
    const [row] = this.#sql.exec('SELECT value FROM facts WHERE name = ?', name).toArray()
    return row && JSON.parse(row['value'] as string)
  }

  set(name: string, value: unknown): void {
    const text = JSON.stringify(value)
    this.#sql.exec('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', name, text)
  }
}
