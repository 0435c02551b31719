// One entry of a listpack.
//
// It is what it holds, then how long that was, so that it can be walked from both ends:
//
//   ├──────────────────────┼──────┼─────────┤
//   │ kind, value or length│ text │ backlen │     backlen: bytes of the two before it, 7 bits a byte,
//   └──────────────────────┴──────┴─────────┘     big end first; every byte but the first has bit 7
//
//   0vvvvvvv                  0 … 127               11110001 + 2 bytes   an integer of 16 bits
//   10llllll                  text up to 63         11110010 + 3 bytes   of 24 bits
//   110vvvvv vvvvvvvv         an integer of 13 bits 11110011 + 4 bytes   of 32 bits
//   1110llll llllllll         text up to 4095       11110100 + 8 bytes   of 64 bits
//   11110000 + 4 bytes        longer text           11111111             the end
//
// A text that spells an integer is stored as the integer. These functions need no more than the address of
// an entry; `Listpack` adds those that need the whole block.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";

export const END: u32 = 0xff;

const TEXT_6: u32 = 0x80;
const INTEGER_13: u32 = 0xc0;
const TEXT_12: u32 = 0xe0;
const TEXT_32: u32 = 0xf0;
const INTEGER_16: u32 = 0xf1;
const INTEGER_24: u32 = 0xf2;
const INTEGER_32: u32 = 0xf3;
const INTEGER_64: u32 = 0xf4;

/** Where `text` spells integers out. */
const spelled: usize = memory.data(24, 8);

export class ListpackEntry {
  /** What `read` found: an integer here, or a text at `ptr` with `len` bytes. */
  static value: i64 = 0;
  static ptr: usize = 0;
  static len: u32 = 0;

  /** What `want` was told. */
  private static wantedPtr: usize = 0;
  private static wantedLen: u32 = 0;
  private static wantedIsInteger: bool = false;
  private static wantedValue: i64 = 0;

  /** The entry that `encode` prepared for `write`. */
  private static newIsInteger: bool = false;
  private static newValue: i64 = 0;
  private static newPtr: usize = 0;
  private static newLen: u32 = 0;
  /** Its bytes without the backlen. */
  private static newSize: u32 = 0;

  // --- walking ---

  /** The entry behind, 0 at the end. */
  @inline static next(p: usize): usize {
    p = ListpackEntry.skip(p);
    return load<u8>(p) == END ? 0 : p;
  }

  /** The address behind an entry: the next one, or the end mark. */
  @inline static skip(p: usize): usize {
    const size = ListpackEntry.sizeAt(p);
    return p + size + ListpackEntry.backlenSize(size);
  }

  /** The entry that ends where `p` begins; there must be one. */
  static back(p: usize): usize {
    let byte = <u32>load<u8>(p - 1);
    if (byte < 128) return p - byte - 1;
    let size = byte & 127;
    let shift = 7;
    let at = p - 1;
    do {
      byte = load<u8>(--at);
      size |= (byte & 127) << shift;
      shift += 7;
    } while (byte >= 128);
    return at - size;
  }

  // --- reading ---

  /** Reads an entry: true when it is an integer, now in `value`; else the text is in `ptr` and `len`. */
  @inline static read(p: usize): bool {
    const kind = <u32>load<u8>(p);
    if (kind < TEXT_6) {
      ListpackEntry.value = kind;
      return true;
    }
    if (kind < INTEGER_13) {
      ListpackEntry.ptr = p + 1;
      ListpackEntry.len = kind & 63;
      return false;
    }
    return ListpackEntry.readLarger(p, kind);
  }

  /** Reads an entry as text: an integer is spelled out, where it stays until the next call. */
  static text(p: usize): void {
    if (!ListpackEntry.read(p)) return;
    ListpackEntry.ptr = spelled;
    ListpackEntry.len = Integer.format(ListpackEntry.value, spelled);
  }

  private static readLarger(p: usize, kind: u32): bool {
    if (kind < TEXT_12) {
      ListpackEntry.value = ((<i32>((kind << 8) | load<u8>(p, 1))) << 19) >> 19;
      return true;
    }
    if (kind < TEXT_32) {
      ListpackEntry.ptr = p + 2;
      ListpackEntry.len = ((kind & 15) << 8) | load<u8>(p, 1);
      return false;
    }
    switch (kind) {
      case TEXT_32:
        ListpackEntry.ptr = p + 5;
        ListpackEntry.len = load<u32>(p, 1);
        return false;
      case INTEGER_16:
        ListpackEntry.value = load<i16>(p, 1);
        return true;
      case INTEGER_24:
        ListpackEntry.value = load<i32>(p) >> 8;
        return true;
      case INTEGER_32:
        ListpackEntry.value = load<i32>(p, 1);
        return true;
      default:
        ListpackEntry.value = load<i64>(p, 1);
        return true;
    }
  }

  /** Whether an entry holds this text. */
  static equals(p: usize, ptr: usize, len: u32): bool {
    if (ListpackEntry.read(p)) {
      return Integer.parse(ptr, len) && Integer.value == ListpackEntry.value;
    }
    return ListpackEntry.len == len && Bytes.equal(ListpackEntry.ptr, ptr, len);
  }

  /**
   * Looks for a text from `p` on; after each entry that differs, `step` entries are passed over (1 to
   * compare the fields of field, value, field, value …). 0 when it is not there.
   */
  static find(p: usize, ptr: usize, len: u32, step: u32 = 0): usize {
    ListpackEntry.want(ptr, len);
    return p ? ListpackEntry.findWanted(p, step) : 0;
  }

  /** Says which text the next calls of `isWanted`, `findWanted` and their like are about. */
  static want(ptr: usize, len: u32): void {
    ListpackEntry.wantedPtr = ptr;
    ListpackEntry.wantedLen = len;
    ListpackEntry.wantedIsInteger = Integer.parse(ptr, len);
    ListpackEntry.wantedValue = Integer.value;
  }


  @inline static isWanted(p: usize): bool {
    const kind = <u32>load<u8>(p);
    // The common case, without a detour through the static fields.
    if (kind >= TEXT_6 && kind < INTEGER_13) return ListpackEntry.isWantedText(p + 1, kind & 63);
    if (!ListpackEntry.read(p))
      return ListpackEntry.isWantedText(ListpackEntry.ptr, ListpackEntry.len);
    return ListpackEntry.wantedIsInteger && ListpackEntry.value == ListpackEntry.wantedValue;
  }


  @inline static isWantedText(ptr: usize, len: u32): bool {
    return len == ListpackEntry.wantedLen && Bytes.equal(ptr, ListpackEntry.wantedPtr, len);
  }

  static findWanted(p: usize, step: u32 = 0): usize {
    while (load<u8>(p) != END) {
      if (ListpackEntry.isWanted(p)) return p;
      p = ListpackEntry.skip(p);
      for (let i: u32 = 0; i < step && load<u8>(p) != END; i++) p = ListpackEntry.skip(p);
    }
    return 0;
  }

  // --- one entry's bytes ---

  /** Bytes that a text takes as an entry. */
  static entrySize(ptr: usize, len: u32): u32 {
    return ListpackEntry.encode(ptr, len);
  }

  /** Prepares a text for `write`; answers the bytes of its entry. */
  static encode(ptr: usize, len: u32): u32 {
    if (len - 1 < Integer.MAX_LENGTH && Integer.parse(ptr, len)) {
      return ListpackEntry.encodeInteger(Integer.value);
    }
    ListpackEntry.newIsInteger = false;
    ListpackEntry.newPtr = ptr;
    ListpackEntry.newLen = len;
    const size = len + (len < 64 ? 1 : len < 4096 ? 2 : 5);
    ListpackEntry.newSize = size;
    return size + ListpackEntry.backlenSize(size);
  }

  /** Prepares an integer for `write`; answers the bytes of its entry. */
  static encodeInteger(value: i64): u32 {
    ListpackEntry.newIsInteger = true;
    ListpackEntry.newValue = value;
    const magnitude = value < 0 ? ~value : value;
    const size: u32 =
      <u64>value < 128
        ? 1
        : magnitude < 1 << 12
          ? 2
          : magnitude < 1 << 15
            ? 3
            : magnitude < 1 << 23
              ? 4
              : magnitude < (<i64>1) << 31
                ? 5
                : 9;
    ListpackEntry.newSize = size;
    return size + 1;
  }

  /** Writes the prepared entry. */
  static write(p: usize): void {
    const size = ListpackEntry.newSize;
    if (ListpackEntry.newIsInteger) {
      const value = ListpackEntry.newValue;
      switch (size) {
        case 1:
          store<u8>(p, value);
          break;
        case 2:
          store<u8>(p, INTEGER_13 | (((<u32>value) >> 8) & 31));
          store<u8>(p, value, 1);
          break;
        case 3:
          store<u8>(p, INTEGER_16);
          store<u16>(p, value, 1);
          break;
        case 4:
          store<u32>(p, INTEGER_24 | ((<u32>value) << 8));
          break;
        case 5:
          store<u8>(p, INTEGER_32);
          store<u32>(p, value, 1);
          break;
        default:
          store<u8>(p, INTEGER_64);
          store<i64>(p, value, 1);
      }
      store<u8>(p + size, size);
      return;
    }
    const len = ListpackEntry.newLen;
    if (len < 64) store<u8>(p, TEXT_6 | len);
    else if (len < 4096) {
      store<u8>(p, TEXT_12 | (len >> 8));
      store<u8>(p, len, 1);
    } else {
      store<u8>(p, TEXT_32);
      store<u32>(p, len, 1);
    }
    Bytes.copy(p + size - len, ListpackEntry.newPtr, len);
    if (size < 128) store<u8>(p + size, size);
    else ListpackEntry.writeBacklen(p + size, size);
  }

  /** Bytes of kind, value or length, and text of an entry: all but its backlen. */
  @inline static sizeAt(p: usize): u32 {
    const kind = <u32>load<u8>(p);
    if (kind < TEXT_6) return 1;
    if (kind < INTEGER_13) return 1 + (kind & 63);
    return ListpackEntry.sizeAtLarger(p, kind);
  }

  private static sizeAtLarger(p: usize, kind: u32): u32 {
    if (kind < TEXT_12) return 2;
    if (kind < TEXT_32) return 2 + (((kind & 15) << 8) | load<u8>(p, 1));
    switch (kind) {
      case TEXT_32:
        return 5 + load<u32>(p, 1);
      case INTEGER_16:
        return 3;
      case INTEGER_24:
        return 4;
      case INTEGER_32:
        return 5;
      default:
        return 9;
    }
  }

  /** Bytes of the backlen of an entry of `size` bytes. Redis's limits, one below the full range. */
  @inline static backlenSize(size: u32): u32 {
    return size < 128 ? 1 : ListpackEntry.longBacklenSize(size);
  }

  private static longBacklenSize(size: u32): u32 {
    return size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
  }

  private static writeBacklen(p: usize, size: u32): void {
    const width = ListpackEntry.backlenSize(size);
    for (let i = width - 1; i; i--, size >>= 7) store<u8>(p + i, (size & 127) | 128);
    store<u8>(p, size);
  }
}
