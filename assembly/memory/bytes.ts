// Comparing and scanning raw bytes.

export class Bytes {
  /** Whether two byte strings of the same length are equal. */
  static equal(a: usize, b: usize, length: u32): bool {
    let rest = length;
    while (rest >= 8) {
      if (load<u64>(a) != load<u64>(b)) return false;
      a += 8;
      b += 8;
      rest -= 8;
    }
    if (rest >= 4) {
      if (load<u32>(a) != load<u32>(b)) return false;
      a += 4;
      b += 4;
      rest -= 4;
    }
    for (; rest; rest--, a++, b++) if (load<u8>(a) != load<u8>(b)) return false;
    return true;
  }

  /** Lexicographic order: negative, zero or positive; the shorter of two equal prefixes is less. */
  static compare(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
    let rest = min(aLength, bLength);
    while (rest >= 8) {
      const x = load<u64>(a);
      const y = load<u64>(b);
      if (x != y) return bswap(x) < bswap(y) ? -1 : 1;
      a += 8;
      b += 8;
      rest -= 8;
    }
    if (rest && min(aLength, bLength) >= 8) {
      // The last 8 bytes overlap what is known to be equal.
      const x = load<u64>(a + rest - 8);
      const y = load<u64>(b + rest - 8);
      if (x != y) return bswap(x) < bswap(y) ? -1 : 1;
      rest = 0;
    }
    for (; rest; rest--, a++, b++) {
      const difference = <i32>load<u8>(a) - <i32>load<u8>(b);
      if (difference) return difference;
    }
    return aLength == bLength ? 0 : aLength < bLength ? -1 : 1;
  }

  /**
   * Copies bytes to a place that they do not overlap. Texts of up to 256 bytes go in words, the last of which
   * overlaps the one before it: a `memory.copy` of unknown length costs more than most of them.
   */
  static copy(target: usize, source: usize, length: u32): void {
    if (length > 256) return memory.copy(target, source, length);
    if (length >= 16) {
      for (let at: u32 = 0; at + 16 < length; at += 16)
        v128.store(target + at, v128.load(source + at));
      return v128.store(target + length - 16, v128.load(source + length - 16));
    }
    if (length >= 8) {
      const last = load<u64>(source + length - 8);
      store<u64>(target, load<u64>(source));
      store<u64>(target + length - 8, last);
    } else if (length >= 4) {
      const last = load<u32>(source + length - 4);
      store<u32>(target, load<u32>(source));
      store<u32>(target + length - 4, last);
    } else if (length) {
      const middle = length >> 1;
      const last = load<u8>(source + length - 1);
      store<u8>(target + middle, load<u8>(source + middle));
      store<u8>(target, load<u8>(source));
      store<u8>(target + length - 1, last);
    }
  }


  @inline static lower(char: u32): u32 {
    return char - 65 < 26 ? char | 32 : char;
  }

  /** Whether the bytes are this ASCII text in any letter case; `text` is given in lower case. */
  static is(pointer: usize, length: u32, text: string): bool {
    if (length != <u32>text.length) return false;
    const chars = changetype<usize>(text);
    for (let i: u32 = 0; i < length; i++) {
      if (Bytes.lower(load<u8>(pointer + i)) != load<u16>(chars + (i << 1))) return false;
    }
    return true;
  }

  /** Whether the bytes begin with this ASCII text, given in lower case, in any letter case. */
  static startsWith(pointer: usize, length: u32, text: string): bool {
    return length >= <u32>text.length && Bytes.is(pointer, text.length, text);
  }

  /** Whether two byte strings of the same length are equal but for the case of ASCII letters. */
  static equalFolded(a: usize, b: usize, length: u32): bool {
    for (let i: u32 = 0; i < length; i++) {
      if (Bytes.lower(load<u8>(a + i)) != Bytes.lower(load<u8>(b + i))) return false;
    }
    return true;
  }

  /** Copies ASCII text to memory; returns its length. */
  static put(target: usize, text: string): u32 {
    const length = <u32>text.length;
    const chars = changetype<usize>(text);
    for (let i: u32 = 0; i < length; i++) store<u8>(target + i, load<u16>(chars + (i << 1)));
    return length;
  }

  /** The first `byte` in the range, or 0. */
  static indexOf(start: usize, end: usize, byte: u32): usize {
    let at = start;
    const pattern = i8x16.splat(<i8>byte);
    for (; at + 16 <= end; at += 16) {
      const mask = i8x16.bitmask(i8x16.eq(v128.load(at), pattern));
      if (mask) return at + ctz(mask);
    }
    for (; at < end; at++) if (load<u8>(at) == byte) return at;
    return 0;
  }
}
