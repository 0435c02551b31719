// Bytes of RDB, put together by hand: what servers of other versions write.

import { crc64 } from './crc64.ts'

export type Piece = number | string | Buffer | readonly Piece[]

/** Numbers are bytes, texts are strings with their length in front. */
export function bytes(...pieces: Piece[]): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if (typeof piece === 'number') return Buffer.from([piece])
      if (typeof piece === 'string') return string(Buffer.from(piece, 'latin1'))
      return Buffer.isBuffer(piece) ? piece : bytes(...(piece as Piece[]))
    }),
  )
}

export function length(value: number): Buffer {
  if (value < 64) return Buffer.from([value])
  if (value < 16384) return Buffer.from([0x40 | (value >> 8), value & 255])
  const long = Buffer.from([0x80, 0, 0, 0, 0])
  long.writeUInt32BE(value, 1)
  return long
}

export const string = (data: Buffer): Buffer => Buffer.concat([length(data.length), data])

export function u64(value: bigint | number): Buffer {
  const out = Buffer.alloc(8)
  out.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)))
  return out
}

/** A payload of DUMP around a value with its type. */
export function payload(value: Buffer, version = 9): Buffer {
  const head = Buffer.concat([value, Buffer.from([version & 255, version >> 8])])
  return Buffer.concat([head, u64(crc64(head))])
}

/** A file around what stands between its head and its end. */
export function file(body: Buffer, version = 10): Buffer {
  const head = Buffer.from(`REDIS${String(version).padStart(4, '0')}`)
  const all = Buffer.concat([head, body, Buffer.from([255])])
  return Buffer.concat([all, u64(crc64(all))])
}

/** A ziplist of texts and, for numbers, integers. */
export function ziplist(...elements: (string | number | Buffer)[]): Buffer {
  const parts: Buffer[] = []
  let before = 0
  let tail = 10
  let at = 10
  for (const element of elements) {
    const own = typeof element === 'number' ? ziplistInteger(element) : ziplistText(element)
    const previous = before < 254 ? Buffer.from([before]) : Buffer.from([254, 0, 0, 0, 0])
    if (before >= 254) previous.writeUInt32LE(before, 1)
    parts.push(previous, own)
    tail = at
    before = previous.length + own.length
    at += before
  }
  const head = Buffer.alloc(10)
  head.writeUInt32LE(at + 1, 0)
  head.writeUInt32LE(tail, 4)
  head.writeUInt16LE(elements.length, 8)
  return Buffer.concat([head, ...parts, Buffer.from([255])])
}

function ziplistText(element: string | Buffer): Buffer {
  const data = Buffer.from(element as string)
  const { length: size } = data
  if (size < 64) return Buffer.concat([Buffer.from([size]), data])
  if (size < 16384) return Buffer.concat([Buffer.from([0x40 | (size >> 8), size & 255]), data])
  const head = Buffer.from([0x80, 0, 0, 0, 0])
  head.writeUInt32BE(size, 1)
  return Buffer.concat([head, data])
}

function ziplistInteger(value: number): Buffer {
  if (value >= 0 && value <= 12) return Buffer.from([0xf1 + value])
  if (value >= -128 && value < 128) return Buffer.from([0xfe, value & 255])
  const wide = u64(value)
  if (value >= -32768 && value < 32768)
    return Buffer.concat([Buffer.from([0xc0]), wide.subarray(0, 2)])
  if (value >= -(2 ** 23) && value < 2 ** 23)
    return Buffer.concat([Buffer.from([0xf0]), wide.subarray(0, 3)])
  if (value >= -(2 ** 31) && value < 2 ** 31)
    return Buffer.concat([Buffer.from([0xd0]), wide.subarray(0, 4)])
  return Buffer.concat([Buffer.from([0xe0]), wide])
}

/** A zipmap of fields and values. */
export function zipmap(...pairs: [string, string][]): Buffer {
  const size = (text: string) =>
    text.length < 254 ? [text.length] : [254, text.length & 255, text.length >> 8, 0, 0]
  const parts = pairs.flatMap(([field, value]) => [
    Buffer.from([...size(field)]),
    Buffer.from(field),
    Buffer.from([...size(value), 0]),
    Buffer.from(value),
  ])
  return Buffer.concat([Buffer.from([pairs.length]), ...parts, Buffer.from([255])])
}

/** A listpack of texts below 64 bytes and of integers. */
export function listpack(...elements: (string | number)[]): Buffer {
  const parts = elements.map((element) => {
    if (typeof element === 'number')
      return element < 128 ? Buffer.from([element, 1]) : Buffer.from([0xf4, ...u64(element), 9])
    return Buffer.from([0x80 | element.length, ...Buffer.from(element), element.length + 1])
  })
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(6)
  head.writeUInt32LE(body.length + 7, 0)
  head.writeUInt16LE(elements.length, 4)
  return Buffer.concat([head, body, Buffer.from([255])])
}
