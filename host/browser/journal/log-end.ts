// The end of a log that a new owner has found: behind it no owner of yesterday can add anything (journal.ts draws it).

import { NameTakenError } from '../errors.ts'
import type { Storage } from '../storage/storage.ts'
import { LAST_LOG, logName, logNumber, type Manifest } from './manifest.ts'
import { ADDING_FORMAT, writeRecord } from './record.ts'

export interface LogEnd {
  /** The records of the log. */
  names: string[]
  /** Whether a mark stands behind them: an empty record, which has the number that an owner of yesterday would use. */
  isMarked: boolean
  /** The number of the record that is added next. */
  nextLog: number
}

/** Adds the mark, where one is needed. The caller has claimed the storage. */
export async function endLog(
  storage: Storage,
  epoch: number,
  { format, logFrom }: Pick<Manifest, 'format' | 'logFrom'>,
  isNew: boolean,
): Promise<LogEnd> {
  for (;;) {
    const names = await storage.names(logName(logFrom), LAST_LOG)
    const last = names.at(-1)
    const end = last === undefined ? logFrom : logNumber(last) + 1
    const isFresh = isNew && names.length === 0
    if (format < ADDING_FORMAT || isFresh || storage.alwaysLooks)
      return { names, isMarked: false, nextLog: end }
    const mark = writeRecord(format, epoch, new Uint8Array(0), 0)
    try {
      await storage.commit(epoch, { put: [[logName(end), mark]], areNew: true }, 'relaxed')
      return { names, isMarked: true, nextLog: end + 1 }
    } catch (error) {
      // The owner before is not gone, and has written there meanwhile.
      if (!(error instanceof NameTakenError)) throw error
    }
  }
}
