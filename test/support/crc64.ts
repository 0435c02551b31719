// CRC-64 as RDB has it (the polynomial of Jones, reflected), for bytes that tests put together.

const table = new BigUint64Array(256).map((_, byte) => {
  let crc = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
  return crc
})

export function crc64(bytes: Uint8Array): bigint {
  let crc = 0n
  for (const byte of bytes) crc = table[Number((crc ^ BigInt(byte)) & 255n)]! ^ (crc >> 8n)
  return crc
}
