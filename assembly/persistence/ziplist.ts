// Reads the ziplists and zipmaps that servers before Redis 7 wrote. Nothing here keeps them: their elements
// are read one by one, and every length is compared with what is left before it is used.
//
//   ziplist  │ bytes u32 │ tail u32 │ count u16 │ entry … │ 0xff
//   entry    │ length of the entry before: u8, or 0xfe and u32 │ kind │ text or integer
//
//   kind   00llllll                   text up to 63           11000000  an integer of 16 bits
//          01llllll llllllll          text up to 16383        11010000  of 32 bits
//          10000000 + 4, big end 1st  longer text             11100000  of 64 bits
//                                                             11110000  of 24 bits
//                                                             11111110  of 8 bits
//                                                             1111vvvv  v - 1: 0 … 12
//
//   zipmap   │ count u8 │ length, field, length, free u8, value, free bytes │ … │ 0xff
//                         a length is a byte below 254, or 254 and u32

import { Integer } from "../algorithms/integer";

const END: u32 = 0xff;
const HEADER: u32 = 10;
const LONG: u32 = 254;

const digits: usize = memory.data(24, 8);

export class Ziplist {
  /** The element that `next` read. */
  static ptr: usize = 0;
  static len: u32 = 0;
  /** Whether all was as it should be so far. */
  static ok: bool = false;

  private static at: usize = 0;
  /** The end mark. */
  private static end: usize = 0;

  /** Stands in front of the first element. */
  static open(ptr: usize, size: u32): bool {
    Ziplist.ok = size > HEADER && load<u32>(ptr) == size && <u32>load<u8>(ptr + size - 1) == END;
    Ziplist.at = ptr + HEADER;
    Ziplist.end = ptr + size - 1;
    return Ziplist.ok;
  }

  /** Reads the next element; false at the end, or where it is broken. */
  static next(): bool {
    let p = Ziplist.at;
    const end = Ziplist.end;
    if (!Ziplist.ok || p >= end) return false;
    p += <u32>load<u8>(p) < LONG ? 1 : 5;
    if (p >= end) return Ziplist.fail();
    const kind = <u32>load<u8>(p++);
    if (kind < 0xc0) return Ziplist.text(p, kind);
    let size: u32 = 0;
    if (kind == 0xc0) size = 2;
    else if (kind == 0xd0) size = 4;
    else if (kind == 0xe0) size = 8;
    else if (kind == 0xf0) size = 3;
    else if (kind == 0xfe) size = 1;
    else if (kind < 0xf1 || kind > 0xfd) return Ziplist.fail();
    if (<usize>size > end - p) return Ziplist.fail();
    let value: i64 = <i64>kind - 0xf1;
    if (size == 1) value = load<i8>(p);
    else if (size == 2) value = load<i16>(p);
    else if (size == 3) value = load<i32>(p - 1) >> 8;
    else if (size == 4) value = load<i32>(p);
    else if (size == 8) value = load<i64>(p);
    Ziplist.ptr = digits;
    Ziplist.len = Integer.format(value, digits);
    Ziplist.at = p + size;
    return true;
  }

  private static text(p: usize, kind: u32): bool {
    const end = Ziplist.end;
    let len = kind & 63;
    if (kind >= 0x80) {
      if (end - p < 4) return Ziplist.fail();
      len = bswap<u32>(load<u32>(p));
      p += 4;
    } else if (kind >= 0x40) {
      if (p >= end) return Ziplist.fail();
      len = (len << 8) | load<u8>(p++);
    }
    if (<usize>len > end - p) return Ziplist.fail();
    Ziplist.ptr = p;
    Ziplist.len = len;
    Ziplist.at = p + len;
    return true;
  }

  private static fail(): bool {
    Ziplist.ok = false;
    return false;
  }

  // ── zipmaps ────────────────────────────────────────────────────────────────────────────────

  /** Stands in front of the first field of a zipmap. */
  static openMap(ptr: usize, size: u32): bool {
    Ziplist.ok = size >= 2 && <u32>load<u8>(ptr + size - 1) == END;
    Ziplist.at = ptr + 1;
    Ziplist.end = ptr + size - 1;
    return Ziplist.ok;
  }

  /** Reads the next field, or with `isValue` the value that follows it. */
  static nextOfMap(isValue: bool): bool {
    let p = Ziplist.at;
    const end = Ziplist.end;
    if (!Ziplist.ok || (p >= end && !isValue)) return false;
    if (p >= end) return Ziplist.fail();
    let len = <u32>load<u8>(p++);
    if (len > LONG) return Ziplist.fail();
    if (len == LONG) {
      if (end - p < 4) return Ziplist.fail();
      len = load<u32>(p);
      p += 4;
    }
    let free: u32 = 0;
    if (isValue) {
      if (p >= end) return Ziplist.fail();
      free = load<u8>(p++);
    }
    if (<u64>len + free > <u64>(end - p)) return Ziplist.fail();
    Ziplist.ptr = p;
    Ziplist.len = len;
    Ziplist.at = p + len + free;
    return true;
  }
}
