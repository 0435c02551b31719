export class Hex {
  /** Replaces so many bytes by their hexadecimal digits, two each, in place. */
  static expand(at: usize, count: u32): void {
    for (let i: usize = count; i--;) {
      const byte: u32 = load<u8>(at + i);
      store<u8>(at + (i << 1), Hex.digit(byte >> 4));
      store<u8>(at + (i << 1) + 1, Hex.digit(byte & 15));
    }
  }


  @inline private static digit(value: u32): u32 {
    return value + (value < 10 ? 48 : 87);
  }
}
