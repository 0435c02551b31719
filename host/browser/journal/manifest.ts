// What belongs to a store: which snapshot, and where the log behind it begins. It is replaced in the same commit
// that drops what it does not name any more.

import { StoreVersionError } from '../errors.ts'
import { NEWEST_FORMAT, readRecord, RecordDamage, writeRecord } from './record.ts'

export interface Manifest {
  format: number
  /** The snapshot's number, how many records it has and how many bytes they hold; none: the log is all. */
  snapshot: { id: number; records: number; bytes: number } | undefined
  /** The number of the first record of the log. */
  logFrom: number
  /** The name of the codec that payloads went through; '' for none. */
  codec: string
  /** Who wrote lately, and the number of his last request that is in the snapshot. */
  origins: [origin: number, sequence: number][]
}

export const MANIFEST = 'manifest'

const digits = (number: number, width: number): string => String(number).padStart(width, '0')

/** The name of a record of the log. */
export const logName = (number: number): string => `log-${digits(number, 12)}`
export const logNumber = (name: string): number => Number(name.slice(4))
export const FIRST_LOG = logName(0)
export const LAST_LOG = 'log-:'

/** The name of a record of a snapshot. */
export const snapshotName = (id: number, index: number): string =>
  `snap-${digits(id, 6)}-${digits(index, 6)}`
export const snapshotRange = (id: number): [string, string] => [
  snapshotName(id, 0),
  `snap-${digits(id, 6)}-:`,
]
export const FIRST_SNAPSHOT = 'snap-'
export const LAST_SNAPSHOT = 'snap-:'
export const snapshotOf = (name: string): number => Number(name.slice(5, 11))

export function writeManifest(manifest: Manifest, epoch: number): Uint8Array {
  const { format, codec, origins, ...rest } = manifest
  const said = format >= 2 ? { format, codec, origins, ...rest } : { format, ...rest }
  const payload = new TextEncoder().encode(JSON.stringify(said))
  return writeRecord(format, epoch, payload, payload.length)
}

/** @throws {RecordDamage | StoreVersionError} */
export function readManifest(bytes: Uint8Array): Manifest {
  const digit = bytes.length > 3 ? bytes[3]! - 48 : 0
  const isRecord = bytes[0] === 87 && bytes[1] === 67 && bytes[2] === 72
  if (isRecord && digit > NEWEST_FORMAT && digit <= 9) throw new StoreVersionError(digit)
  const { payload } = readRecord(bytes)
  try {
    const said = JSON.parse(new TextDecoder().decode(payload)) as Partial<Manifest>
    return {
      format: said.format!,
      snapshot: said.snapshot,
      logFrom: said.logFrom!,
      codec: said.codec ?? '',
      origins: said.origins ?? [],
    }
  } catch {
    throw new RecordDamage('it is no manifest')
  }
}
