// Reads the primitives of RDB from bytes that may end anywhere and may be anybody's.
//
// Every function looks at what is left before it reads. When that is too little, `state` becomes SHORT
// and the caller goes back to where its element began (`mark`, `rewind`) until more has come; what can
// never become right makes it BAD. Once `state` is not OK, all that is read is 0.

import { Double } from "../algorithms/double";
import { Integer } from "../algorithms/integer";
import { Lzf } from "../algorithms/lzf";
import { Heap } from "../memory/heap";
import { RdbString } from "./rdb-format";

export const enum RdbState {
  OK,
  /** The bytes end too soon. */
  SHORT,
  /** They are not what they should be: `reason` says why. */
  BAD,
  /** The value has no elements: a file passes over it, a payload is refused. */
  EMPTY,
  /** There is no memory for it. */
  NO_ROOM,
}

/** Compression makes at most 264 bytes of 3. */
const RATIO_MAX: u32 = 88;
/** Scratch memory that is kept. */
const SCRATCH_KEPT: u32 = 65536;
const DIGITS: u32 = 24;

const digits: usize = memory.data(2 * DIGITS, 8);
/** Where strings are decompressed: a block and its size for each of the two. */
const scratch: usize = memory.data(2 * 8, 8);


@unmanaged
export class RdbReader {
  at: usize;
  end: usize;
  state: RdbState;
  /** Bytes that must be there to go on, from `at`, as far as that is known. */
  wanted: u32;
  /** Where the element began. */
  private marked: usize;
  /** Why it is BAD: a static text. */
  private why: u32;
  /** What `string` found. */
  ptr: usize;
  len: u32;
  /** Whether it was stored as a number, and which. */
  isInteger: bool;
  integer: i64;


  @inline get isOk(): bool {
    return this.state == RdbState.OK;
  }


  @inline get rest(): usize {
    return this.end - this.at;
  }


  @inline get reason(): string {
    return changetype<string>(<usize>this.why);
  }

  bad(reason: string): void {
    if (this.state == RdbState.BAD) return;
    this.state = RdbState.BAD;
    this.why = <u32>changetype<usize>(reason);
  }

  /** An element begins here. */
  @inline mark(): void {
    this.marked = this.at;
  }

  /** Goes back to where the element began, where it was cut short. */
  @inline rewind(): void {
    if (this.state != RdbState.SHORT) return;
    this.wanted += <u32>(this.at - this.marked);
    this.at = this.marked;
  }

  /** Whether so many bytes are there. */
  @inline has(size: u64): bool {
    if (size <= <u64>this.rest) return this.state == RdbState.OK;
    this.lack(size);
    return false;
  }

  private lack(size: u64): void {
    if (this.state != RdbState.OK) return;
    if (size > <u64>i32.MAX_VALUE) return this.bad("a string is too long");
    this.state = RdbState.SHORT;
    this.wanted = <u32>size;
  }

  // ── numbers ────────────────────────────────────────────────────────────────────────────────

  byte(): u32 {
    if (!this.has(1)) return 0;
    return load<u8>(this.at++);
  }

  u32(): u32 {
    if (!this.has(4)) return 0;
    this.at += 4;
    return load<u32>(this.at - 4);
  }

  u64(): u64 {
    if (!this.has(8)) return 0;
    this.at += 8;
    return load<u64>(this.at - 8);
  }

  double(): f64 {
    return reinterpret<f64>(this.u64());
  }

  /** A double as text: a length byte, of which three mean something else, and digits. */
  textDouble(): f64 {
    const len = this.byte();
    if (len == 255) return -Infinity;
    if (len == 254) return Infinity;
    if (len == 253) return NaN;
    if (!this.has(len)) return 0.0;
    this.at += len;
    if (Double.parse(this.at - len, len)) return Double.value;
    this.bad("a score is not a number");
    return 0.0;
  }

  /** A length, or for a string that is not stored as it is its form and `isInteger` set. */
  private lengthOrForm(): u64 {
    this.isInteger = false;
    const first = this.byte();
    switch (first >> 6) {
      case 0:
        return first;
      case 1:
        return ((first & 63) << 8) | this.byte();
      case 3:
        this.isInteger = true;
        return first & 63;
    }
    if (first == 0x80) return bswap<u32>(this.u32());
    if (first == 0x81) return bswap<u64>(this.u64());
    this.bad("a length has an unknown form");
    return 0;
  }

  length(): u64 {
    const value = this.lengthOrForm();
    if (!this.isInteger) return value;
    this.bad("a length has an unknown form");
    return 0;
  }

  // ── strings ────────────────────────────────────────────────────────────────────────────────

  /**
   * A string, then at `ptr`: in the bytes themselves, or in memory that lasts until the next call
   * with the same slot, 0 or 1.
   */
  string(slot: u32): bool {
    const size = this.head();
    if (!this.isOk) return false;
    if (this.isInteger) {
      this.ptr = digits + slot * DIGITS;
      this.len = Integer.format(this.integer, this.ptr);
      return true;
    }
    if (!size) {
      this.ptr = this.at;
      this.at += this.len;
      return true;
    }
    const block = this.scratchFor(slot, this.len);
    return block != 0 && this.decompress(block, size);
  }

  /** A string in a block of its own, with its length in `len`; 0 when there is none. */
  block(): usize {
    const size = this.head();
    if (!this.isOk) return 0;
    if (this.isInteger) {
      const block = Heap.alloc(DIGITS);
      this.len = Integer.format(this.integer, block);
      return block;
    }
    if (!this.hasRoom(this.len)) return 0;
    const block = Heap.alloc(this.len);
    if (size) {
      if (this.decompress(block, size)) return block;
      Heap.free(block);
      return 0;
    }
    memory.copy(block, this.at, this.len);
    this.at += this.len;
    return block;
  }

  /**
   * What comes before the bytes of a string: they are all there. Answers how many they are when they
   * are compressed, else 0; an integer is read wholly.
   */
  private head(): u32 {
    const length = this.lengthOrForm();
    if (this.isInteger) {
      switch (<u32>length) {
        case RdbString.INT_8:
          this.integer = <i64>(<i8>this.byte());
          return 0;
        case RdbString.INT_16:
          if (!this.has(2)) return 0;
          this.integer = load<i16>(this.at);
          this.at += 2;
          return 0;
        case RdbString.INT_32:
          this.integer = <i64>(<i32>this.u32());
          return 0;
        case RdbString.LZF:
          return this.compressedHead();
        default:
          this.bad("a string has an unknown form");
          return 0;
      }
    }
    if (this.has(length)) this.len = <u32>length;
    return 0;
  }

  private compressedHead(): u32 {
    const size = this.length();
    const length = this.length();
    this.isInteger = false;
    if (!this.has(size)) return 0;
    if (!size || length > size * RATIO_MAX) this.bad("a compressed string is too long");
    this.len = <u32>length;
    return <u32>size;
  }

  private decompress(block: usize, size: u32): bool {
    if (!Lzf.decompress(this.at, size, block, this.len)) {
      this.bad("a compressed string is broken");
      return false;
    }
    this.at += size;
    this.ptr = block;
    return true;
  }

  hasRoom(size: u64): bool {
    if (Heap.hasRoom(size)) return true;
    this.state = RdbState.NO_ROOM;
    return false;
  }

  private scratchFor(slot: u32, size: u32): usize {
    const record = scratch + (slot << 3);
    if (load<u32>(record, 4) >= size && size) return load<u32>(record);
    if (!this.hasRoom(size)) return 0;
    RdbReader.release(record);
    const block = Heap.alloc(size);
    store<u32>(record, <u32>block);
    store<u32>(record, <u32>Heap.sizeOf(block), 4);
    return block;
  }

  private static release(record: usize): void {
    if (load<u32>(record)) Heap.free(load<u32>(record));
    store<u64>(record, 0);
  }

  /** Gives scratch memory back that was needed for something large; with `all`, any. */
  static tidy(all: bool): void {
    for (let record = scratch; record < scratch + 16; record += 8) {
      if (all || load<u32>(record, 4) > SCRATCH_KEPT) RdbReader.release(record);
    }
  }

  /** Passes over a string. */
  skipString(): bool {
    const size = this.head();
    if (!this.isOk) return false;
    if (!this.isInteger) this.at += size ? size : this.len;
    return true;
  }
}
