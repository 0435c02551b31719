// Records in memory: for a store that cannot be kept, and for tests, which put their faults in here.

import { NameTakenError, StaleOwnerError } from '../errors.ts'
import { type Changes, isMade, type Storage } from './storage.ts'

/** What several openings of the same store share. */
export class MemoryRecords {
  readonly records = new Map<string, Uint8Array>()
  epoch = 0
}

export class MemoryStorage implements Storage {
  readonly #shared: MemoryRecords

  constructor(shared = new MemoryRecords()) {
    this.#shared = shared
  }

  async claim(above = 0): Promise<number> {
    return (this.#shared.epoch = Math.max(this.#shared.epoch, above) + 1)
  }

  async epoch(): Promise<number> {
    return this.#shared.epoch
  }

  async names(from: string, to: string): Promise<string[]> {
    return [...this.#shared.records.keys()].filter((name) => name >= from && name <= to).sort()
  }

  async read(names: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return names.map((name) => this.#shared.records.get(name))
  }

  async commit(epoch: number, { put, remove = [], areNew }: Changes): Promise<void> {
    const { records } = this.#shared
    const areTaken = areNew && put.some(([name]) => records.has(name))
    if ((areTaken || !areNew) && epoch !== this.#shared.epoch) throw new StaleOwnerError(epoch)
    if (areTaken) {
      if (isMade(put, await this.read(put.map(([name]) => name)))) return
      throw new NameTakenError(`there is a record ${put[0]?.[0]} already`)
    }
    for (const [from, to] of remove)
      for (const name of records.keys()) if (name >= from && name <= to) records.delete(name)
    for (const [name, bytes] of put) records.set(name, bytes)
  }

  close(): void {}
}
