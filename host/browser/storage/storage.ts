// Where a store's bytes are kept: records by name, changed a group at a time by one writer.
//
// A writer claims the storage and gets an epoch above all before. From then on nothing that an older writer
// commits is kept: each commit looks at the epoch first, and fails with `StaleOwnerError`.

export type Durability = 'relaxed' | 'strict'

/** Changes that are made all together or not at all. */
export interface Changes {
  put: readonly (readonly [name: string, bytes: Uint8Array])[]
  /** First and last name of ranges, in the order of their characters. Ranges go before anything is put. */
  remove?: readonly (readonly [from: string, to: string])[]
}

export interface Storage {
  /** Becomes the one writer; answers its epoch. */
  claim(): Promise<number>
  /** The epoch of the writer that claimed it last. */
  epoch(): Promise<number>
  /** The names of records from one to another, in order. */
  names(from: string, to: string): Promise<string[]>
  /** Records by name; undefined for one that is not there. */
  read(names: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /**
   * Makes changes. With `strict` they have reached the disk when this resolves.
   *
   * @throws {StaleOwnerError | StorageFullError | StorageError} nothing was changed
   */
  commit(epoch: number, changes: Changes, durability: Durability): Promise<void>
  close(): void
}
