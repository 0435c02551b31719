// LZF (Lehmann), the compression of strings in RDB files and DUMP payloads.
//
// The compressed form is a row of runs and references:
//
//   000nnnnn  byte … byte                  n + 1 bytes as they are
//   nnnooooo  oooooooo                     n + 2 bytes (n from 1 to 6) from o + 1 bytes back
//   111ooooo  nnnnnnnn  oooooooo           n + 9 bytes from o + 1 bytes back
//
// `compress` makes the same choices as Redis does, so that the payloads are the same too. It looks
// three bytes up in a table of where their hash was seen last. The table is not cleared for each
// call: a position is stored with the number of bytes that all calls before had, and what
// is below that number belongs to an earlier call.

const HASH_BITS: u32 = 16;
const HASH_MASK: u32 = (1 << HASH_BITS) - 1;
const RUN_MAX: u32 = 32;
const OFFSET_MAX: u32 = 1 << 13;
const LENGTH_MAX: u32 = (1 << 8) + (1 << 3);

const table: usize = memory.data(4 << HASH_BITS, 16);

export class Lzf {
  /** Bytes that calls before have compressed, since the table was cleared. */
  private static base: u32 = 0;

  /**
   * Compresses into at most `room` bytes at `dst` and returns how many they are; 0 when they are
   * too few. The text is at least 1 byte.
   */
  static compress(src: usize, len: u32, dst: usize, room: u32): u32 {
    if (!room) return 0;
    const end = src + len;
    const limit = dst + room;
    const base = Lzf.reserve(len);
    let at = src;
    let out = dst + 1;
    let run: u32 = 0;
    while (at + 2 < end) {
      const slot = Lzf.slot(at);
      const position = base + <u32>(at - src);
      const before = load<u32>(slot);
      store<u32>(slot, position);
      const offset = position - before - 1;
      // The first byte of the text is never referred to.
      if (offset < OFFSET_MAX && before > base && Lzf.isSame(src + (before - base), at)) {
        const from = src + (before - base);
        if (out - usize(!run) + 4 >= limit) return 0;
        store<u8>(out - run - 1, run - 1);
        out -= usize(!run);
        let most = min(<u32>(end - at) - 2, LENGTH_MAX);
        // Redis compares the first 16 bytes without looking at this limit.
        if (most == 17 || most == 18) most = 19;
        let length: u32 = 3;
        while (length < most && load<u8>(from + length) == load<u8>(at + length)) length++;
        const coded = length - 2;
        if (coded < 7) {
          store<u8>(out++, (offset >> 8) + (coded << 5));
        } else {
          store<u8>(out, (offset >> 8) + (7 << 5));
          store<u8>(out + 1, coded - 7);
          out += 2;
        }
        store<u8>(out, offset);
        out += 2;
        run = 0;
        at += length;
        if (at + 2 >= end) break;
        store<u32>(Lzf.slot(at - 2), base + <u32>(at - 2 - src));
        store<u32>(Lzf.slot(at - 1), base + <u32>(at - 1 - src));
      } else {
        if (out >= limit) return 0;
        store<u8>(out++, load<u8>(at++));
        if (++run == RUN_MAX) {
          store<u8>(out - run - 1, run - 1);
          run = 0;
          out++;
        }
      }
    }
    if (out + 3 > limit) return 0;
    while (at < end) {
      store<u8>(out++, load<u8>(at++));
      if (++run == RUN_MAX) {
        store<u8>(out - run - 1, run - 1);
        run = 0;
        out++;
      }
    }
    store<u8>(out - run - 1, run - 1);
    out -= usize(!run);
    return <u32>(out - dst);
  }

  /** Whether the bytes decompress to exactly `size` bytes, which are then at `dst`. */
  static decompress(src: usize, len: u32, dst: usize, size: u32): bool {
    const end = src + len;
    const limit = dst + size;
    let out = dst;
    while (src < end) {
      const control: u32 = load<u8>(src++);
      if (control < RUN_MAX) {
        const run = control + 1;
        if (end - src < run || limit - out < run) return false;
        memory.copy(out, src, run);
        src += run;
        out += run;
      } else {
        let length = control >> 5;
        if (length == 7) {
          if (src >= end) return false;
          length += load<u8>(src++);
        }
        length += 2;
        if (src >= end) return false;
        const offset = (((control & 31) << 8) | load<u8>(src++)) + 1;
        if (out - dst < offset || limit - out < length) return false;
        const from = out - offset;
        if (offset >= length) memory.copy(out, from, length);
        else for (let i: u32 = 0; i < length; i++) store<u8>(out + i, load<u8>(from + i));
        out += length;
      }
    }
    return out == limit;
  }

  /** Where positions of a text of `len` bytes begin. */
  private static reserve(len: u32): u32 {
    if (Lzf.base > u32.MAX_VALUE - len) {
      memory.fill(table, 0, 4 << HASH_BITS);
      Lzf.base = 0;
    }
    const base = Lzf.base;
    Lzf.base = base + len;
    return base;
  }


  @inline private static slot(at: usize): usize {
    const three =
      ((<u32>load<u8>(at)) << 16) | ((<u32>load<u8>(at, 1)) << 8) | (<u32>load<u8>(at, 2));
    return table + ((((three >> (24 - HASH_BITS)) - three * 5) & HASH_MASK) << 2);
  }


  @inline private static isSame(a: usize, b: usize): bool {
    return load<u16>(a) == load<u16>(b) && load<u8>(a, 2) == load<u8>(b, 2);
  }
}
