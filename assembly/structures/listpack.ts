// A listpack: a list of strings and integers packed in one block, byte for byte as Redis packs it,
// so that RDB files and DUMP payloads carry the block as it is.
//
//   0       4       6
//   ├───────┼───────┼─────────┬─────────┬───┬──────┐
//   │ bytes │ count │ entry 0 │ entry 1 │ … │ 0xff │       little endian; count 65535: too many to say
//   └───────┴───────┴─────────┴─────────┴───┴──────┘
//
// A text that spells an integer is stored as the integer. Functions take the block's address; those that
// may move the block answer its new address, and where the entry in question is now in `at`.
// Texts that are passed in must not lie in the block that changes.

import { Heap } from "../memory/heap";
import { END, ListpackEntry } from "./listpack-entry";


@unmanaged
class Header {
  /** All of the block, this header and the end mark too. */
  bytes: u32;
  count: u16;
}

const HEADER: u32 = <u32>offsetof<Header>("count") + 2;
const UNKNOWN: u32 = 65535;
/** Blocks above this grow by an eighth more than asked for: below, size classes leave slack enough. */
const TIGHT_MAX: u32 = 65536;

export class Listpack extends ListpackEntry {
  static readonly HEADER: u32 = HEADER;
  /** Bytes of an empty listpack. */
  static readonly EMPTY: u32 = HEADER + 1;
  /** No listpack may grow beyond this. */
  static readonly MAX_BYTES: u32 = 1 << 30;

  /** After a change: the entry that was put in, or the one behind what was deleted (0: none). */
  static at: usize = 0;

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

  /** The entry before (`p` may be the end mark), 0 at the start. */
  @inline static prev(lp: usize, p: usize): usize {
    return p == lp + HEADER ? 0 : Listpack.back(p);
  }

  /** The end mark. */
  @inline static end(lp: usize): usize {
    return lp + Listpack.bytes(lp) - 1;
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

  /** The first of the last `count` entries that are wanted, or of as many as there are; 0: none. */
  static findWantedFromEnd(lp: usize, count: u32): usize {
    let found: usize = 0;
    for (let p = Listpack.last(lp); p && count; p = Listpack.prev(lp, p)) {
      if (!Listpack.isWanted(p)) continue;
      found = p;
      count--;
    }
    return found;
  }

  /** Deletes up to `limit` wanted entries from `p` on, the block stays where it is; how many. */
  static deleteWanted(lp: usize, p: usize, limit: u32): u32 {
    const end = Listpack.end(lp);
    let target = p;
    let kept = p;
    let gone: u32 = 0;
    while (p < end && gone < limit) {
      const next = Listpack.skip(p);
      if (Listpack.isWanted(p)) {
        memory.copy(target, kept, p - kept);
        target += p - kept;
        kept = next;
        gone++;
      }
      p = next;
    }
    memory.copy(target, kept, end + 1 - kept);
    const known = Listpack.told(lp);
    Listpack.setHeader(
      lp,
      <u32>(target + (end + 1 - kept) - lp),
      known == UNKNOWN ? known : known - gone,
    );
    return gone;
  }

  // --- changing ---

  static append(lp: usize, ptr: usize, len: u32): usize {
    return Listpack.push(lp, Listpack.encode(ptr, len));
  }

  static appendInteger(lp: usize, value: i64): usize {
    return Listpack.push(lp, Listpack.encodeInteger(value));
  }

  static prepend(lp: usize, ptr: usize, len: u32): usize {
    return Listpack.insertBefore(lp, lp + HEADER, ptr, len);
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

  static replace(lp: usize, p: usize, ptr: usize, len: u32): usize {
    return Listpack.splice(lp, p, <u32>(Listpack.skip(p) - p), Listpack.encode(ptr, len));
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
    if (total < bytes) lp = Listpack.shrink(lp);
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
    lp = Listpack.shrink(lp);
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
  @inline static shrink(lp: usize): usize {
    const capacity = <u32>Heap.sizeOf(lp);
    const bytes = Listpack.bytes(lp);
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
