// Stores as older releases wrote them, byte for byte, without the code under test.

import { crc32 } from 'node:zlib'

/** What IndexedDB has of a store: records and numbers by name. */
export type Stored = [name: string, value: number[] | number][]

/** A stored record: "WCH" and the digit of the format, CRC-32, epoch; from the second format on the plain length. */
function record(format: 1 | 2, epoch: number, payload: Uint8Array): number[] {
  const header = Buffer.alloc(format === 1 ? 16 : 20)
  header.write(`WCH${format}`)
  header.writeDoubleLE(epoch, 8)
  if (format === 2) header.writeUInt32LE(payload.length, 16)
  const bytes = Buffer.concat([header, payload])
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  return [...bytes]
}

const command = (...args: string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`

/** A batch of the effects log: 64 bytes of header, and commands. */
function batch(epoch: number, db: number, ...commands: string[]): Buffer {
  const body = Buffer.from(commands.join(''))
  const header = Buffer.alloc(64)
  header.write('WLB1')
  header.writeUInt32LE(body.length, 4)
  header.writeBigUInt64LE(BigInt(epoch), 8)
  header.writeUInt32LE(commands.length, 56)
  header.writeUInt32LE(db, 60)
  return Buffer.concat([header, body])
}

/** An RDB file of version 10 with short strings in database 0, and no checksum. */
function rdb(strings: { [key: string]: string }): Buffer {
  const text = (value: string): number[] => [value.length, ...Buffer.from(value)]
  const entries = Object.entries(strings).flatMap(([key, value]) => [
    0,
    ...text(key),
    ...text(value),
  ])
  return Buffer.from([...Buffer.from('REDIS0010'), 0xfe, 0, ...entries, 0xff, ...Buffer.alloc(8)])
}

/**
 * A store of two owners: a snapshot, a record behind it that counts, one from before that was left, a batch that
 * lies in two records, and the beginning of one whose end was never written.
 */
export function olderStore(format: 1 | 2): Stored {
  const encode = (manifest: object): Buffer => Buffer.from(JSON.stringify(manifest))
  const more = format === 2 ? { codec: '', origins: [[77, 5]] } : {}
  const snapshot = { id: 3, records: 2, bytes: 0 }
  const file = rdb({ kept: 'snapshot', changed: 'snapshot' })
  const long = batch(4, 1, command('SELECT', '1'), command('SET', 'long', 'x'.repeat(1000)))
  return [
    ['!epoch', 5],
    ...[0, 1, 2, 3, 4].map((epoch): [string, number] => [`!fence-${epoch}`, 0]),
    ['manifest', record(format, 4, encode({ format, ...more, snapshot, logFrom: 11 }))],
    ['snap-000003-000000', record(format, 4, file.subarray(0, 20))],
    ['snap-000003-000001', record(format, 4, file.subarray(20))],
    ['log-000000000011', record(format, 4, batch(4, 0, command('SET', 'changed', 'log')))],
    ['log-000000000012', record(format, 4, long.subarray(0, 500))],
    ['log-000000000013', record(format, 4, long.subarray(500))],
    [
      'log-000000000014',
      record(format, 4, batch(4, 1, command('SET', 'torn', '1')).subarray(0, 80)),
    ],
    [
      'log-000000000015',
      record(
        format,
        5,
        batch(5, 0, command('SELECT', '0'), command('INCR', 'n'), command('INCR', 'n')),
      ),
    ],
  ]
}
