// Where a store's bytes are kept: records by name, changed a group at a time by one writer.
//
// A writer claims the storage and gets an epoch above all before. From then on nothing that an older writer
// commits is kept: each commit looks at the epoch first, and fails with `StaleOwnerError`. One that says
// `areNew` may look at its names instead, which costs nothing: journal/journal.ts draws why that is enough.

export type Durability = 'relaxed' | 'strict'

/** Changes that are made all together or not at all. */
export interface Changes {
  put: readonly (readonly [name: string, bytes: Uint8Array])[]
  /** First and last name of ranges, in the order of their characters. Ranges go before anything is put. */
  remove?: readonly (readonly [from: string, to: string])[]
  /**
   * No record is there by the names that are put, unless a newer writer took them: it is enough to refuse names
   * that are taken. A storage that looks at the epoch anyway need not care.
   */
  areNew?: boolean
}

export interface Storage {
  /** Each commit looks at the epoch, also one whose names are new: a new writer need not take any. */
  readonly alwaysLooks?: boolean
  /** What is damaged of what was claimed, besides records that are not what was written. */
  readonly damages?: readonly string[]
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
   * @throws {StaleOwnerError | NameTakenError | StorageFullError | StorageError} nothing was changed
   */
  commit(epoch: number, changes: Changes, durability: Durability): Promise<void>
  close(): void
}

/**
 * Whether names that are taken are so by the very same records: then a commit that was reported as failed had
 * been made.
 */
export function isMade(put: Changes['put'], found: readonly (Uint8Array | undefined)[]): boolean {
  return put.every(([, bytes], i) => {
    const there = found[i]
    return there?.length === bytes.length && there.every((byte, at) => byte === bytes[at])
  })
}
