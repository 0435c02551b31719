// CRC-64 of RDB files and DUMP payloads: the polynomial of Jones, 0xad93d23594c935a9, reflected,
// start 0.
//
// Eight bytes are taken at a time ("slicing by 8", Kounavis and Berry, 2008): table n says what a
// byte followed by n zero bytes adds, so eight look-ups that do not wait for each other are one step.

/** The polynomial with its bits reversed. */
const POLYNOMIAL: u64 = 0x95ac9329ac4bc9b5;

const tables: usize = memory.data(8 * 8 * 256, 64);
for (let byte = 0; byte < 256; byte++) {
  let crc: u64 = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
  store<u64>(tables + (byte << 3), crc);
}
for (let entry = 256; entry < 8 * 256; entry++) {
  const before = load<u64>(tables + ((entry - 256) << 3));
  store<u64>(
    tables + (entry << 3),
    (before >> 8) ^ load<u64>(tables + ((<usize>(before & 255)) << 3)),
  );
}

export class Crc64 {
  /** Goes on from the sum of what came before, 0 at the start. */
  static update(crc: u64, ptr: usize, len: usize): u64 {
    const end = ptr + len;
    for (; end - ptr >= 8; ptr += 8) {
      crc ^= load<u64>(ptr);
      crc =
        Crc64.entry(7, crc) ^
        Crc64.entry(6, crc >> 8) ^
        Crc64.entry(5, crc >> 16) ^
        Crc64.entry(4, crc >> 24) ^
        Crc64.entry(3, crc >> 32) ^
        Crc64.entry(2, crc >> 40) ^
        Crc64.entry(1, crc >> 48) ^
        Crc64.entry(0, crc >> 56);
    }
    for (; ptr < end; ptr++) crc = Crc64.entry(0, crc ^ load<u8>(ptr)) ^ (crc >> 8);
    return crc;
  }


  @inline private static entry(table: usize, byte: u64): u64 {
    return load<u64>(tables + (table << 11) + ((<usize>(byte & 255)) << 3));
  }
}
