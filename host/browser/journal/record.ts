// A stored record: a header, and a payload that a codec may have made of what it stands for.
//
//   0       4        8              16        20
//   ├───────┼────────┼──────────────┼─────────┼──────────
//   │ WCH2  │ CRC-32 │ epoch (f64)  │ plain   │ payload …      format 2: `plain` is the length before the codec
//   │ WCH3  │        │              │         │                format 3: the log is only added to (journal.ts)
//   ├───────┼────────┼──────────────┼─────────┘
//   │ WCH1  │ CRC-32 │ epoch (f64)  │ payload …                format 1: no codec
//
// The checksum covers what follows it.

import { crc32 } from '../storage/crc32.ts'

/** Formats that can be read; the last is the one that is written, unless an older tab is open. */
export const OLDEST_FORMAT = 1
export const NEWEST_FORMAT = 3
/** From this one on the log's own names are its fence. */
export const ADDING_FORMAT = 3

/** Changes payloads on their way to the storage and back: encrypts them, for example. */
export interface Codec {
  /** Goes into the manifest: a store opens with the codec that it was written with. */
  readonly name: string
  encode(plain: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** @throws the payload is not what `encode` made */
  decode(payload: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export interface StoredRecord {
  format: number
  epoch: number
  payload: Uint8Array
  /** The length that the payload decodes to. */
  plainLength: number
}

/** A record is not what was written. */
export class RecordDamage extends Error {
  override name = 'RecordDamage'
}

const MAGIC = 0x00484357 // "WCH", then the digit of the format
const HEADERS = [0, 16, 20, 20]

export function writeRecord(
  format: number,
  epoch: number,
  payload: Uint8Array,
  plainLength: number,
): Uint8Array {
  const header = HEADERS[format]!
  const bytes = new Uint8Array(header + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC | ((48 + format) << 24), true)
  view.setFloat64(8, epoch, true)
  if (format >= 2) view.setUint32(16, plainLength, true)
  bytes.set(payload, header)
  view.setUint32(4, crc32(bytes.subarray(8)), true)
  return bytes
}

/** @throws {RecordDamage} */
export function readRecord(bytes: Uint8Array): StoredRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 16) throw new RecordDamage('it is too short')
  const magic = view.getUint32(0, true)
  const format = (magic >>> 24) - 48
  if ((magic & 0xffffff) !== MAGIC || format < OLDEST_FORMAT || format > NEWEST_FORMAT)
    throw new RecordDamage('it does not begin as a record')
  const header = HEADERS[format]!
  if (bytes.length < header) throw new RecordDamage('it is too short')
  if (view.getUint32(4, true) !== crc32(bytes.subarray(8)))
    throw new RecordDamage('its checksum is wrong')
  const payload = bytes.subarray(header)
  const plainLength = format >= 2 ? view.getUint32(16, true) : payload.length
  return { format, epoch: view.getFloat64(8, true), payload, plainLength }
}
