// A listpack: a list of strings and integers packed in one block, byte for byte as Redis packs it,
// so that RDB files and DUMP payloads carry the block as it is.
//
//   0       4       6
//   ├───────┼───────┼─────────┬─────────┬───┬──────┐
//   │ bytes │ count │ entry 0 │ entry 1 │ … │ 0xff │       little endian; count 65535: too many to say
//   └───────┴───────┴─────────┴─────────┴───┴──────┘
//
// An entry is what it holds, then how long that was, so that it can be walked from both ends:
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
// A text that spells an integer is stored as the integer. Functions take the block's address; those that
// may move the block answer its new address, and where the entry in question is now in `at`.
// Texts that are passed in must not lie in the block that changes.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";


@unmanaged
class Header {
  /** All of the block, this header and the end mark too. */
  bytes: u32;
  count: u16;
}

const HEADER: u32 = <u32>offsetof<Header>("count") + 2;
const UNKNOWN: u32 = 65535;
const END: u32 = 0xff;

const TEXT_6: u32 = 0x80;
const INTEGER_13: u32 = 0xc0;
const TEXT_12: u32 = 0xe0;
const TEXT_32: u32 = 0xf0;
const INTEGER_16: u32 = 0xf1;
const INTEGER_24: u32 = 0xf2;
const INTEGER_32: u32 = 0xf3;
const INTEGER_64: u32 = 0xf4;

/** Blocks above this grow by an eighth more than asked for: below, size classes leave slack enough. */
const TIGHT_MAX: u32 = 32768;

/** Where `text` spells integers out. */
const spelled: usize = memory.data(24, 8);

export class Listpack {
  static readonly HEADER: u32 = HEADER;
  /** Bytes of an empty listpack. */
  static readonly EMPTY: u32 = HEADER + 1;
  /** No listpack may grow beyond this. */
  static readonly MAX_BYTES: u32 = 1 << 30;

  /** What `read` found: an integer here, or a text at `ptr` with `len` bytes. */
  static value: i64 = 0;
  static ptr: usize = 0;
  static len: u32 = 0;

  /** After a change: the entry that was put in, or the one behind what was deleted (0: none). */
  static at: usize = 0;

  /** The entry that `encode` prepared for `write`. */
  private static newIsInteger: bool = false;
  private static newValue: i64 = 0;
  private static newPtr: usize = 0;
  private static newLen: u32 = 0;
  /** Its bytes without the backlen. */
  private static newSize: u32 = 0;

  // --- the block ---

  /** An empty listpack with room for `capacity` bytes. */
  static create(capacity: u32 = 0): usize {
    const lp = Heap.alloc(max(capacity, Listpack.EMPTY));
    Listpack.clear(lp);
    return lp;
  }

  /** Makes an empty listpack of any block. */
  @inline static clear(lp: usize): void {
    Listpack.setHeader(lp, Listpack.EMPTY, 0);
    store<u8>(lp + HEADER, END);
  }


  @inline static free(lp: usize): void {
    Heap.free(lp);
  }

  static copy(lp: usize): usize {
    const bytes = Listpack.bytes(lp);
    const twin = Heap.alloc(bytes);
    memory.copy(twin, lp, bytes);
    return twin;
  }


  @inline static bytes(lp: usize): u32 {
    return changetype<Header>(lp).bytes;
  }

  /** The number of entries as the header tells it; 65535 when it cannot. */
  @inline static told(lp: usize): u32 {
    return changetype<Header>(lp).count;
  }


  @inline static setHeader(lp: usize, bytes: u32, count: u32): void {
    changetype<Header>(lp).bytes = bytes;
    changetype<Header>(lp).count = <u16>count;
  }

  /** How many entries; above 65534 they are counted by walking. */
  static length(lp: usize): u32 {
    const known = Listpack.told(lp);
    if (known != UNKNOWN) return known;
    let count: u32 = 0;
    for (let p = lp + HEADER; load<u8>(p) != END; p = Listpack.skip(p)) count++;
    if (count < UNKNOWN) changetype<Header>(lp).count = <u16>count;
    return count;
  }

  /** Whether `added` more bytes are allowed. */
  @inline static canGrow(lp: usize, added: u64): bool {
    return <u64>Listpack.bytes(lp) + added <= Listpack.MAX_BYTES;
  }

  /** Gives back memory that was kept for growth. */
  @inline static trim(lp: usize): usize {
    const bytes = Listpack.bytes(lp);
    return Heap.goodSize(bytes) < Heap.sizeOf(lp) ? Listpack.moveTo(Heap.alloc(bytes), lp) : lp;
  }

  // --- walking ---

  /** The first entry, 0 when there is none. */
  @inline static first(lp: usize): usize {
    const p = lp + HEADER;
    return load<u8>(p) == END ? 0 : p;
  }

  /** The last entry, 0 when there is none. */
  @inline static last(lp: usize): usize {
    return Listpack.prev(lp, lp + Listpack.bytes(lp) - 1);
  }

  /** The entry behind, 0 at the end. */
  @inline static next(p: usize): usize {
    p = Listpack.skip(p);
    return load<u8>(p) == END ? 0 : p;
  }

  /** The entry before (`p` may be the end mark), 0 at the start. */
  @inline static prev(lp: usize, p: usize): usize {
    return p == lp + HEADER ? 0 : Listpack.back(p);
  }

  /** The address behind an entry: the next one, or the end mark. */
  @inline static skip(p: usize): usize {
    const size = Listpack.sizeAt(p);
    return p + size + Listpack.backlenSize(size);
  }

  /** The end mark. */
  @inline static end(lp: usize): usize {
    return lp + Listpack.bytes(lp) - 1;
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

  /** The entry at an index, negative from the end (-1 is the last); 0 when out of range. */
  static seek(lp: usize, index: i32): usize {
    const known = Listpack.told(lp);
    if (known != UNKNOWN) {
      if (index < 0) index += known;
      if (<u32>index >= known) return 0;
      if (<u32>index > known >> 1) index -= known;
    }
    if (index < 0) {
      let p = Listpack.last(lp);
      while (p && ++index) p = Listpack.prev(lp, p);
      return p;
    }
    let p = Listpack.first(lp);
    while (p && index--) p = Listpack.next(p);
    return p;
  }

  /**
   * Turns an ascending array of u32 indexes, all in range, into the addresses of their entries: one
   * walk for any number of random picks.
   */
  static seekAll(lp: usize, indexes: usize, count: u32): void {
    let p = lp + HEADER;
    let index: u32 = 0;
    for (const end = indexes + (count << 2); indexes < end; indexes += 4) {
      const wanted = load<u32>(indexes);
      for (; index < wanted; index++) p = Listpack.skip(p);
      store<u32>(indexes, p);
    }
  }

  // --- reading ---

  /** Reads an entry: true when it is an integer, now in `value`; else the text is in `ptr` and `len`. */
  @inline static read(p: usize): bool {
    const kind = <u32>load<u8>(p);
    if (kind < TEXT_6) {
      Listpack.value = kind;
      return true;
    }
    if (kind < INTEGER_13) {
      Listpack.ptr = p + 1;
      Listpack.len = kind & 63;
      return false;
    }
    return Listpack.readLarger(p, kind);
  }

  /** Reads an entry as text: an integer is spelled out, where it stays until the next call. */
  static text(p: usize): void {
    if (!Listpack.read(p)) return;
    Listpack.ptr = spelled;
    Listpack.len = Integer.format(Listpack.value, spelled);
  }

  private static readLarger(p: usize, kind: u32): bool {
    if (kind < TEXT_12) {
      Listpack.value = ((<i32>((kind << 8) | load<u8>(p, 1))) << 19) >> 19;
      return true;
    }
    if (kind < TEXT_32) {
      Listpack.ptr = p + 2;
      Listpack.len = ((kind & 15) << 8) | load<u8>(p, 1);
      return false;
    }
    switch (kind) {
      case TEXT_32:
        Listpack.ptr = p + 5;
        Listpack.len = load<u32>(p, 1);
        return false;
      case INTEGER_16:
        Listpack.value = load<i16>(p, 1);
        return true;
      case INTEGER_24:
        Listpack.value = load<i32>(p) >> 8;
        return true;
      case INTEGER_32:
        Listpack.value = load<i32>(p, 1);
        return true;
      default:
        Listpack.value = load<i64>(p, 1);
        return true;
    }
  }

  /** Whether an entry holds this text. */
  static equals(p: usize, ptr: usize, len: u32): bool {
    if (Listpack.read(p)) {
      return Integer.parse(ptr, len) && Integer.value == Listpack.value;
    }
    return Listpack.len == len && Bytes.equal(Listpack.ptr, ptr, len);
  }

  /**
   * Looks for a text from `p` on; after each entry that differs, `step` entries are passed over (1 to
   * compare the fields of field, value, field, value …). 0 when it is not there.
   */
  static find(p: usize, ptr: usize, len: u32, step: u32 = 0): usize {
    const isInteger = Integer.parse(ptr, len);
    const value = Integer.value;
    if (!p) return 0;
    while (true) {
      const kind = <u32>load<u8>(p);
      if (kind == END) return 0;
      if (kind >= TEXT_6 && kind < INTEGER_13) {
        // The common case, without a detour through the static fields.
        if ((kind & 63) == len && Bytes.equal(p + 1, ptr, len)) return p;
      } else if (Listpack.read(p)) {
        if (isInteger && Listpack.value == value) return p;
      } else if (Listpack.len == len && Bytes.equal(Listpack.ptr, ptr, len)) {
        return p;
      }
      p = Listpack.skip(p);
      for (let i: u32 = 0; i < step && load<u8>(p) != END; i++) p = Listpack.skip(p);
    }
  }

  // --- changing ---

  static append(lp: usize, ptr: usize, len: u32): usize {
    return Listpack.push(lp, Listpack.encode(ptr, len));
  }

  static appendInteger(lp: usize, value: i64): usize {
    return Listpack.push(lp, Listpack.encodeInteger(value));
  }

  /** Appends `count` texts, given as pairs of u32 pointer and length. */
  static appendAll(lp: usize, slices: usize, count: u32): usize {
    let bound = Listpack.bytes(lp);
    const end = slices + (count << 3);
    for (let slice = slices; slice < end; slice += 8) {
      bound += Listpack.entrySize(load<u32>(slice), load<u32>(slice, 4));
    }
    lp = Listpack.ensure(lp, bound);
    for (; slices < end; slices += 8)
      lp = Listpack.append(lp, load<u32>(slices), load<u32>(slices, 4));
    return lp;
  }

  static prepend(lp: usize, ptr: usize, len: u32): usize {
    return Listpack.insertBefore(lp, lp + HEADER, ptr, len);
  }

  static prependInteger(lp: usize, value: i64): usize {
    return Listpack.insertIntegerBefore(lp, lp + HEADER, value);
  }

  /** Puts a text in front of the entry (or end mark) at `p`. */
  static insertBefore(lp: usize, p: usize, ptr: usize, len: u32): usize {
    return Listpack.splice(lp, p, 0, Listpack.encode(ptr, len));
  }

  static insertIntegerBefore(lp: usize, p: usize, value: i64): usize {
    return Listpack.splice(lp, p, 0, Listpack.encodeInteger(value));
  }

  static insertAfter(lp: usize, p: usize, ptr: usize, len: u32): usize {
    return Listpack.insertBefore(lp, Listpack.skip(p), ptr, len);
  }

  static insertIntegerAfter(lp: usize, p: usize, value: i64): usize {
    return Listpack.insertIntegerBefore(lp, Listpack.skip(p), value);
  }

  static replace(lp: usize, p: usize, ptr: usize, len: u32): usize {
    return Listpack.splice(lp, p, <u32>(Listpack.skip(p) - p), Listpack.encode(ptr, len));
  }

  static replaceInteger(lp: usize, p: usize, value: i64): usize {
    return Listpack.splice(lp, p, <u32>(Listpack.skip(p) - p), Listpack.encodeInteger(value));
  }

  /** Deletes the entry at `p`. */
  @inline static delete(lp: usize, p: usize): usize {
    return Listpack.remove(lp, p, Listpack.skip(p), 1);
  }

  /** Deletes up to `count` entries from `p` on. */
  static deleteFrom(lp: usize, p: usize, count: u32): usize {
    let end = p;
    let gone: u32 = 0;
    for (; gone < count && load<u8>(end) != END; gone++) end = Listpack.skip(end);
    return Listpack.remove(lp, p, end, gone);
  }

  /** Deletes up to `count` entries from an index on, negative from the end. */
  static deleteRange(lp: usize, index: i32, count: u32): usize {
    const p = Listpack.seek(lp, index);
    return p ? Listpack.deleteFrom(lp, p, count) : lp;
  }

  /** Deletes the `count` entries whose addresses an ascending array holds: each byte moves once. */
  static deleteAll(lp: usize, entries: usize, count: u32): usize {
    if (!count) return lp;
    const end = lp + Listpack.bytes(lp);
    const last = entries + (count << 2);
    let target = <usize>load<u32>(entries);
    while (entries < last) {
      const from = Listpack.skip(load<u32>(entries));
      entries += 4;
      const size = (entries < last ? <usize>load<u32>(entries) : end) - from;
      memory.copy(target, from, size);
      target += size;
    }
    const known = Listpack.told(lp);
    const bytes = <u32>(target - lp);
    Listpack.setHeader(lp, bytes, known == UNKNOWN ? known : known - count);
    return Listpack.shrink(lp, bytes);
  }

  /** Appends all of `other` and frees it. */
  static merge(lp: usize, other: usize): usize {
    const body = Listpack.bytes(other) - Listpack.EMPTY;
    lp = Listpack.appendBody(lp, other + HEADER, body, Listpack.told(other));
    Heap.free(other);
    return lp;
  }

  /** Appends entries as they lie in another listpack; `count` as a header has it. */
  static appendBody(lp: usize, from: usize, body: u32, count: u32): usize {
    const bytes = Listpack.bytes(lp);
    const known = Listpack.told(lp);
    lp = Listpack.ensure(lp, bytes + body);
    memory.copy(lp + bytes - 1, from, body);
    store<u8>(lp + bytes + body - 1, END);
    Listpack.setHeader(lp, bytes + body, min(known + count, UNKNOWN));
    return lp;
  }

  /** Moves the entry at `p` and all behind it to a new listpack, whose address is answered. */
  static split(lp: usize, p: usize): usize {
    const end = Listpack.end(lp);
    const body = <u32>(end - p);
    let moved: u32 = 0;
    for (let entry = p; entry < end; entry = Listpack.skip(entry)) moved++;
    const tail = Listpack.appendBody(
      Listpack.create(body + Listpack.EMPTY),
      p,
      body,
      min(moved, UNKNOWN),
    );
    store<u8>(p, END);
    const known = Listpack.told(lp);
    const left = <u32>(p + 1 - lp);
    Listpack.setHeader(lp, left, known == UNKNOWN ? known : known - moved);
    return tail;
  }

  // --- one entry's bytes ---

  /** Bytes that a text takes as an entry. */
  static entrySize(ptr: usize, len: u32): u32 {
    return Listpack.encode(ptr, len);
  }

  /** Prepares a text for `write`; answers the bytes of its entry. */
  static encode(ptr: usize, len: u32): u32 {
    if (len - 1 < Integer.MAX_LENGTH && Integer.parse(ptr, len)) {
      return Listpack.encodeInteger(Integer.value);
    }
    Listpack.newIsInteger = false;
    Listpack.newPtr = ptr;
    Listpack.newLen = len;
    const size = len + (len < 64 ? 1 : len < 4096 ? 2 : 5);
    Listpack.newSize = size;
    return size + Listpack.backlenSize(size);
  }

  /** Prepares an integer for `write`; answers the bytes of its entry. */
  static encodeInteger(value: i64): u32 {
    Listpack.newIsInteger = true;
    Listpack.newValue = value;
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
    Listpack.newSize = size;
    return size + 1;
  }

  /** Writes the prepared entry. */
  static write(p: usize): void {
    const size = Listpack.newSize;
    if (Listpack.newIsInteger) {
      const value = Listpack.newValue;
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
    const len = Listpack.newLen;
    if (len < 64) store<u8>(p, TEXT_6 | len);
    else if (len < 4096) {
      store<u8>(p, TEXT_12 | (len >> 8));
      store<u8>(p, len, 1);
    } else {
      store<u8>(p, TEXT_32);
      store<u32>(p, len, 1);
    }
    memory.copy(p + size - len, Listpack.newPtr, len);
    if (size < 128) store<u8>(p + size, size);
    else Listpack.writeBacklen(p + size, size);
  }

  /** Bytes of kind, value or length, and text of an entry: all but its backlen. */
  @inline static sizeAt(p: usize): u32 {
    const kind = <u32>load<u8>(p);
    if (kind < TEXT_6) return 1;
    if (kind < INTEGER_13) return 1 + (kind & 63);
    return Listpack.sizeAtLarger(p, kind);
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
    return size < 128 ? 1 : Listpack.longBacklenSize(size);
  }

  private static longBacklenSize(size: u32): u32 {
    return size < 16383 ? 2 : size < 2097151 ? 3 : size < 268435455 ? 4 : 5;
  }

  private static writeBacklen(p: usize, size: u32): void {
    const width = Listpack.backlenSize(size);
    for (let i = width - 1; i; i--, size >>= 7) store<u8>(p + i, (size & 127) | 128);
    store<u8>(p, size);
  }

  // --- the bytes around an entry ---

  private static push(lp: usize, added: u32): usize {
    const bytes = Listpack.bytes(lp);
    lp = Listpack.ensure(lp, bytes + added);
    const p = lp + bytes - 1;
    Listpack.at = p;
    Listpack.write(p);
    store<u8>(p + added, END);
    changetype<Header>(lp).bytes = bytes + added;
    Listpack.countOneMore(lp);
    return lp;
  }

  /** Puts the prepared entry of `added` bytes in the place of `removed` bytes (0: between two). */
  private static splice(lp: usize, p: usize, removed: u32, added: u32): usize {
    const bytes = Listpack.bytes(lp);
    const total = bytes - removed + added;
    const offset = <u32>(p - lp);
    if (total > bytes) {
      lp = Listpack.ensure(lp, total);
      p = lp + offset;
    }
    if (added != removed) memory.copy(p + added, p + removed, bytes - offset - removed);
    Listpack.write(p);
    changetype<Header>(lp).bytes = total;
    if (!removed) Listpack.countOneMore(lp);
    if (total < bytes) lp = Listpack.shrink(lp, total);
    Listpack.at = lp + offset;
    return lp;
  }

  private static remove(lp: usize, from: usize, to: usize, count: u32): usize {
    const bytes = Listpack.bytes(lp);
    const offset = <u32>(from - lp);
    memory.copy(from, to, lp + bytes - to);
    const left = bytes - <u32>(to - from);
    const known = Listpack.told(lp);
    Listpack.setHeader(lp, left, known == UNKNOWN ? known : known - count);
    lp = Listpack.shrink(lp, left);
    from = lp + offset;
    Listpack.at = load<u8>(from) == END ? 0 : from;
    return lp;
  }

  /** One more entry; at 65535 the count becomes unknown by itself. */
  @inline private static countOneMore(lp: usize): void {
    const known = Listpack.told(lp);
    if (known != UNKNOWN) changetype<Header>(lp).count = <u16>(known + 1);
  }

  /** Room for `bytes` in all. */
  @inline private static ensure(lp: usize, bytes: u32): usize {
    return bytes <= <u32>Heap.sizeOf(lp) ? lp : Listpack.grow(lp, bytes);
  }

  private static grow(lp: usize, bytes: u32): usize {
    return Listpack.moveTo(Heap.alloc(bytes > TIGHT_MAX ? bytes + (bytes >> 3) : bytes), lp);
  }

  /** Moves what is left to a smaller block when most is empty: not at half, where it could go to and fro. */
  @inline private static shrink(lp: usize, bytes: u32): usize {
    const capacity = <u32>Heap.sizeOf(lp);
    return capacity > 64 && bytes < (capacity >> 3) * 3
      ? Listpack.moveTo(Heap.alloc(bytes), lp)
      : lp;
  }

  /** Copies only what is used, where a resize would copy all of the block. */
  private static moveTo(block: usize, lp: usize): usize {
    memory.copy(block, lp, Listpack.bytes(lp));
    Heap.free(lp);
    return block;
  }
}
