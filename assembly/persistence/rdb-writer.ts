// Writes the primitives of RDB to a buffer that grows.
//
//   block
//   ├──────────────┬──────────────────┬─────────────┤
//   │ taken        │ written          │ room        │
//   └──────────────┴──────────────────┴─────────────┘
//   0              start              end           capacity

import { Integer } from "../algorithms/integer";
import { Lzf } from "../algorithms/lzf";
import { Config } from "../generated/config";
import { Heap } from "../memory/heap";
import { RdbString } from "./rdb-format";

const INITIAL: u32 = 1024;
/** A buffer that was larger than this is given back once it is empty. */
const KEPT: u32 = 1 << 20;
/** The longest form of a length. */
const LENGTH_MAX: u32 = 9;
/** Shorter strings are not worth compressing; longer ones would keep everyone waiting, who has no fork. */
const COMPRESS_MIN: u32 = 21;
const COMPRESS_MAX: u32 = 4 << 20;
/** No text longer than this is stored as an integer. */
const INTEGER_TEXT_MAX: u32 = 11;


@unmanaged
export class RdbWriter {
  private block: usize;
  private start: u32;
  private end: u32;
  private capacity: u32;

  /** Makes the memory at `this` an empty writer without a buffer. */
  init(): void {
    this.block = 0;
    this.start = 0;
    this.end = 0;
    this.capacity = 0;
  }

  /** Gives the buffer back. */
  dispose(): void {
    if (this.block) Heap.free(this.block);
    this.init();
  }

  /** Bytes that are written and not yet taken; they stand at `bytes`. */
  @inline get length(): u32 {
    return this.end - this.start;
  }


  @inline get bytes(): usize {
    return this.block + this.start;
  }

  /** Bytes of the buffer. */
  @inline get size(): u32 {
    return this.capacity;
  }

  /** So many bytes have left. */
  taken(length: u32): void {
    this.start += length;
    if (this.start != this.end) return;
    this.start = 0;
    this.end = 0;
    if (this.capacity > KEPT) this.dispose();
  }

  /** Where the next bytes go, with room for so many; `advance` says how many they were. */
  @inline room(size: u32): usize {
    if (size > this.capacity - this.end) this.grow(size);
    return this.block + this.end;
  }


  @inline advance(size: u32): void {
    this.end += size;
  }

  private grow(size: u32): void {
    const length = this.end - this.start;
    const need = length + size;
    // What was taken is room again, where that is most of the buffer.
    if (need > this.capacity >> 1) {
      const capacity = max(INITIAL, need < KEPT ? need << 1 : need + (need >> 2));
      const block = Heap.alloc(capacity);
      memory.copy(block, this.block + this.start, length);
      if (this.block) Heap.free(this.block);
      this.block = block;
      this.capacity = <u32>Heap.sizeOf(block);
    } else {
      memory.copy(this.block, this.block + this.start, length);
    }
    this.start = 0;
    this.end = length;
  }

  // ── numbers ────────────────────────────────────────────────────────────────────────────────

  @inline byte(value: u32): void {
    store<u8>(this.room(1), value);
    this.end++;
  }


  @inline u64(value: u64): void {
    store<u64>(this.room(8), value);
    this.end += 8;
  }


  @inline double(value: f64): void {
    store<f64>(this.room(8), value);
    this.end += 8;
  }

  writeLength(value: u64): void {
    const at = this.room(LENGTH_MAX);
    if (value < 1 << 6) {
      store<u8>(at, value);
      this.end++;
    } else if (value < 1 << 14) {
      store<u16>(at, bswap<u16>(<u16>(value | 0x4000)));
      this.end += 2;
    } else if (value <= <u64>u32.MAX_VALUE) {
      store<u8>(at, 0x80);
      store<u32>(at, bswap<u32>(<u32>value), 1);
      this.end += 5;
    } else {
      store<u8>(at, 0x81);
      store<u64>(at, bswap<u64>(value), 1);
      this.end += 9;
    }
  }

  // ── strings ────────────────────────────────────────────────────────────────────────────────

  /** Bytes as they are. */
  raw(ptr: usize, len: u32): void {
    memory.copy(this.room(len), ptr, len);
    this.end += len;
  }

  /** A string in its shortest form. */
  string(ptr: usize, len: u32): void {
    if (len <= INTEGER_TEXT_MAX && Integer.parse(ptr, len) && this.smallInteger(Integer.value))
      return;
    if (
      len - COMPRESS_MIN <= COMPRESS_MAX - COMPRESS_MIN &&
      Config.rdbcompression &&
      this.compressed(ptr, len)
    )
      return;
    this.writeLength(len);
    this.raw(ptr, len);
  }

  /** A string of ASCII text. */
  text(text: string): void {
    const len = <u32>text.length;
    this.writeLength(len);
    const at = this.room(len);
    const chars = changetype<usize>(text);
    for (let i: u32 = 0; i < len; i++) store<u8>(at + i, load<u16>(chars + (i << 1)));
    this.end += len;
  }

  /** The text of an integer. */
  integer(value: i64): void {
    if (this.smallInteger(value)) return;
    const len = Integer.length(value);
    this.writeLength(len);
    Integer.format(value, this.room(24));
    this.end += len;
  }

  private smallInteger(value: i64): bool {
    if (value != <i64>(<i32>value)) return false;
    const at = this.room(5);
    if (value == <i64>(<i8>value)) {
      store<u8>(at, 0xc0 | RdbString.INT_8);
      store<u8>(at, value, 1);
      this.end += 2;
    } else if (value == <i64>(<i16>value)) {
      store<u8>(at, 0xc0 | RdbString.INT_16);
      store<u16>(at, value, 1);
      this.end += 3;
    } else {
      store<u8>(at, 0xc0 | RdbString.INT_32);
      store<u32>(at, value, 1);
      this.end += 5;
    }
    return true;
  }

  /** Writes a string compressed, where that makes it shorter. */
  private compressed(ptr: usize, len: u32): bool {
    const head = 1 + (LENGTH_MAX << 1);
    const at = this.room(len + head) + head;
    const size = Lzf.compress(ptr, len, at, len - 4);
    if (!size) return false;
    const offset = <u32>(at - this.block);
    this.byte(0xc0 | RdbString.LZF);
    this.writeLength(size);
    this.writeLength(len);
    memory.copy(this.block + this.end, this.block + offset, size);
    this.end += size;
    return true;
  }
}
