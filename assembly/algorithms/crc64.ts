// CRC-64 as Redis uses it (Jones: polynomial 0xad93d23594c935a9, reflected, no inversion).

const POLYNOMIAL: u64 = 0x95ac9329ac4bc9b5;
const table: usize = memory.data(2048, 8);

export class Crc64 {
  private static isReady: bool = false;

  /** The checksum of what `crc` stands for followed by these bytes; begin with 0. */
  static update(crc: u64, pointer: usize, length: u32): u64 {
    if (!Crc64.isReady) Crc64.boot();
    let value = crc;
    for (let i: u32 = 0; i < length; i++) {
      value =
        load<u64>(table + ((<usize>((value ^ load<u8>(pointer + i)) & 255)) << 3)) ^ (value >> 8);
    }
    return value;
  }

  private static boot(): void {
    Crc64.isReady = true;
    for (let byte: u64 = 0; byte < 256; byte++) {
      let value = byte;
      for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ POLYNOMIAL : value >> 1;
      store<u64>(table + ((<usize>byte) << 3), value);
    }
  }
}
