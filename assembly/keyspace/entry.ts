// A key and its value in one block.
//
//   0                       4               8                16           20
//   ├──────┬──────┬─────────┼───────┬───────┼────────────────┼────────────┼───────┬───────────
//   │ type │ enc. │  lru    │ flags │ key   │ expiry, ms     │ place in   │ key   │ value
//   │ 4    │ 4    │  24     │ 3     │ len 29│ i64            │ volatiles  │ bytes │ …
//   └──────┴──────┴─────────┴───────┴───────┼────────────────┴────────────┼───────┴───────────
//                                           └─ only with the flag VOLATILE ┘
//
// What the value area holds depends on the encoding:
//
//   INT       i64
//   INLINE    u32 length, bytes            (a string of at most INLINE_MAX bytes)
//   RAW       u32 length, u32 address      (a longer or a growing string, in a block of its own)
//   others    u32 address of the collection
//
// The block moves when the value area or the expiry needs another size class; `Database` does that
// and mends the pointers in its table and its list of volatile keys.

import { Bytes } from "../memory/bytes";

/** Value types. The numbers are those of the type registry. */
export const enum Type {
  STRING = 0,
  LIST = 1,
  SET = 2,
  ZSET = 3,
  HASH = 4,
  STREAM = 5,
  COUNT = 6,
  /** Not a value: the content of a flushed database, which waits to be freed. */
  DATABASE = 14,
  /** In a lookup: any type will do. */
  ANY = 15,
}

/** How a value lies in memory. */
export const enum Encoding {
  RAW = 0,
  INT = 1,
  INLINE = 2,
  LISTPACK = 3,
  QUICKLIST = 4,
  INTSET = 5,
  HASHTABLE = 6,
  SKIPLIST = 7,
  STREAM = 8,
  /** A listpack of field, value and expiry. */
  LISTPACK_EX = 9,
}

const FLAG_VOLATILE: u32 = 1 << 31;
// Bit 30 is free.
const FLAG_SAVED: u32 = 1 << 29;
const KEY_LENGTH_MASK: u32 = (1 << 29) - 1;
const HEADER: u32 = 8;
const VOLATILE_HEADER: u32 = 20;


@unmanaged
export class Entry {
  /** type, encoding and the clock of the last access. */
  private meta: u32;
  private lengthAndFlags: u32;

  /**
   * Whether an entry with FLAG_SAVED is one that the running snapshot has (FLAG_SAVED), or one that it has
   * not (0). Each snapshot turns it around, so that none has to visit all entries first.
   */
  static parity: u32 = 0;

  /** The longest key in bytes. */
  @inline static readonly KEY_MAX: u32 = KEY_LENGTH_MASK;
  /** The longest string that is kept inside its entry. */
  @inline static readonly INLINE_MAX: u32 = 4096;

  /** Bytes of an entry with this key length and value area. */
  @inline static bytes(keyLen: u32, isVolatile: bool, valueSize: usize): usize {
    return <usize>(isVolatile ? VOLATILE_HEADER : HEADER) + keyLen + valueSize;
  }

  /** Writes the header and the key of a new entry. */
  @inline init(type: u32, encoding: u32, lru: u32, keyPtr: usize, keyLen: u32): void {
    this.meta = type | (encoding << 4) | (lru << 8);
    this.lengthAndFlags = keyLen | Entry.parity;
    memory.copy(changetype<usize>(this) + HEADER, keyPtr, keyLen);
  }


  @inline get type(): u32 {
    return this.meta & 15;
  }


  @inline get encoding(): u32 {
    return (this.meta >> 4) & 15;
  }


  @inline setKind(type: u32, encoding: u32): void {
    this.meta = (this.meta & ~255) | type | (encoding << 4);
  }

  /** 24 bits: seconds of the last access, or with an LFU policy minutes (16) and counter (8). */
  @inline get lru(): u32 {
    return this.meta >> 8;
  }


  @inline set lru(value: u32) {
    this.meta = (this.meta & 255) | (value << 8);
  }

  /** Whether the key has an expiry. */
  @inline get isVolatile(): bool {
    return (this.lengthAndFlags & FLAG_VOLATILE) != 0;
  }

  /** Whether the snapshot that runs, or ran last, has this entry or need not have it. */
  @inline get isSaved(): bool {
    return (this.lengthAndFlags & FLAG_SAVED) == Entry.parity;
  }


  @inline markSaved(): void {
    this.lengthAndFlags = (this.lengthAndFlags & ~FLAG_SAVED) | Entry.parity;
  }

  /** From now on no entry that exists is saved. */
  @inline static turn(): void {
    Entry.parity ^= FLAG_SAVED;
  }


  @inline get keyLen(): u32 {
    return this.lengthAndFlags & KEY_LENGTH_MASK;
  }


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + (this.isVolatile ? VOLATILE_HEADER : HEADER);
  }
  /** Address of the value area. */
  @inline get area(): usize {
    return this.keyPtr + this.keyLen;
  }

  /** Unix time in ms at which the key is gone; -1 for never. */
  @inline get expiry(): i64 {
    return this.isVolatile ? load<i64>(changetype<usize>(this), 8) : -1;
  }


  @inline setExpiryInPlace(atMs: i64): void {
    store<i64>(changetype<usize>(this), atMs, 8);
  }


  @inline get volatileIndex(): u32 {
    return load<u32>(changetype<usize>(this), 16);
  }


  @inline set volatileIndex(index: u32) {
    store<u32>(changetype<usize>(this), index, 16);
  }

  /** Header words of another entry, without its place among the volatiles. */
  @inline copyHeader(from: Entry, isVolatile: bool): void {
    this.meta = from.meta;
    this.lengthAndFlags = isVolatile
      ? from.lengthAndFlags | FLAG_VOLATILE
      : from.lengthAndFlags & ~FLAG_VOLATILE;
  }

  /** Address of the collection. */
  @inline get value(): usize {
    return load<u32>(this.area);
  }


  @inline set value(address: usize) {
    store<u32>(this.area, address);
  }

  /** The number of a string with encoding INT. */
  @inline get integer(): i64 {
    return load<i64>(this.area);
  }


  @inline set integer(value: i64) {
    store<i64>(this.area, value);
  }

  /** Length of a string with encoding INLINE or RAW. */
  @inline get stringLen(): u32 {
    return load<u32>(this.area);
  }
  /** Address of the bytes of a string with encoding INLINE or RAW. */
  @inline get stringPtr(): usize {
    const area = this.area;
    return this.encoding == Encoding.INLINE ? area + 4 : load<u32>(area, 4);
  }

  /** Bytes of the value area. */
  get areaSize(): usize {
    const encoding = this.encoding;
    if (encoding == Encoding.INLINE) return 4 + this.stringLen;
    return encoding == Encoding.INT || encoding == Encoding.RAW ? 8 : 4;
  }


  @inline hasKey(pointer: usize, length: u32): bool {
    return this.keyLen == length && Bytes.equal(this.keyPtr, pointer, length);
  }
}
