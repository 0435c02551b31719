// Slots as Redis Cluster has them: CRC-16 (XMODEM) of the key, or of what stands between its first { and the } behind
// it, in 16384 slots. A shard has a run of them.

export const SLOTS = 16384

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

export function slotOf(key: Uint8Array): number {
  const open = key.indexOf(123)
  const close = open < 0 ? -1 : key.indexOf(125, open + 1)
  const hashed = close > open + 1 ? key.subarray(open + 1, close) : key
  let crc = 0
  for (const byte of hashed) crc = ((crc << 8) ^ TABLE[((crc >> 8) ^ byte) & 0xff]!) & 0xffff
  return crc % SLOTS
}

/** Which slots are where. It travels with each request, so that a shard can tell that somebody has an old one. */
export interface SlotMap {
  epoch: number
  shards: number
}

export function shardOf(slot: number, map: SlotMap): number {
  return Math.floor((slot * map.shards) / SLOTS)
}

/** The first and the last slot of a shard. */
export function slotsOf(shard: number, shards: number): [first: number, last: number] {
  const first = (number: number): number => Math.ceil((number * SLOTS) / shards)
  return [first(shard), first(shard + 1) - 1]
}
