// CRC-16/XMODEM (polynomial 0x1021, no reflection, start 0), which says in which of the 16,384 hash
// slots of a cluster a key lives.

const POLYNOMIAL: u32 = 0x1021;
const SLOTS: u32 = 16384;

const table: usize = memory.data(2 * 256, 2);
for (let byte = 0; byte < 256; byte++) {
  let crc: u32 = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  store<u16>(table + (byte << 1), <u16>crc);
}

export class Crc16 {
  static of(ptr: usize, len: u32): u32 {
    let crc: u32 = 0;
    for (const end = ptr + len; ptr < end; ptr++) {
      crc = ((crc << 8) & 0xffff) ^ load<u16>(table + (((crc >> 8) ^ load<u8>(ptr)) << 1));
    }
    return crc;
  }

  /**
   * The hash slot of a key. When the key has a hash tag (the bytes between its first `{` and the
   * next `}`, at least one), only the tag counts, so that keys can be kept together.
   */
  static slot(key: usize, len: u32): u32 {
    const end = key + len;
    let open = key;
    while (open < end && load<u8>(open) != 0x7b) open++;
    if (open < end) {
      let close = ++open;
      while (close < end && load<u8>(close) != 0x7d) close++;
      if (close < end && close > open) return Crc16.of(open, <u32>(close - open)) & (SLOTS - 1);
    }
    return Crc16.of(key, len) & (SLOTS - 1);
  }
}
