// HyperLogLog (Flajolet et al., 2007): how many different elements were seen, within 0.81 %, in at
// most 12 KB. A hash of the element chooses one of 16,384 registers, and the register keeps the
// longest run of zeros that was seen in the rest of the hash. The bytes are those of Redis, since a
// HyperLogLog is a string that clients can read, move and merge elsewhere:
//
//   0        4          5        8                        16
//   ├────────┼──────────┼────────┼────────────────────────┼───────────
//   │ "HYLL" │ encoding │   –    │ estimate, u64          │ registers
//   └────────┴──────────┴────────┴────────────────────────┴───────────
//
// The estimate is the one computed last; its top bit says that registers have changed since.
//
// Encoding 0, dense: 6 bits a register without gaps, the first one in the lowest bits of the first
// byte: four registers are three bytes. Encoding 1, sparse: runs of equal registers, see
// `SparseRegisters`. Registers that were taken out of either lie one a byte: "raw".

import { Murmur } from "./murmur";

const MAGIC: u32 = 0x4c4c5948;
const STALE: u64 = 0x8000000000000000;
const HASH_SEED: u64 = 0xadc83b19;

/** Bits of the hash that choose the register. */
const INDEX_BITS: u32 = 14;
/** How three bytes of four registers go to each 32-bit lane; 16 gives a zero. */
const SPREAD_0: u64 = 0x1005040310020100;
const SPREAD_1: u64 = 0x100b0a0910080706;
/** How three bytes of each lane go back together. */
const GATHER_0: u64 = 0x0908060504020100;
const GATHER_1: u64 = 0x101010100e0d0c0a;

export class HyperLogLog {
  static readonly HEADER: u32 = 16;
  static readonly REGISTERS: u32 = 1 << INDEX_BITS;
  /** Bytes of a dense HyperLogLog, and of its registers. */
  static readonly DENSE_SIZE: u32 = 16 + ((1 << INDEX_BITS) / 4) * 3;
  static readonly DENSE_BYTES: u32 = ((1 << INDEX_BITS) / 4) * 3;

  /** What the last `locate` found. */
  static index: u32 = 0;
  static rank: u32 = 0;

  /** Whether the string can be a HyperLogLog; the registers of a sparse one may still be corrupted. */
  static isOne(ptr: usize, len: u32): bool {
    if (len < HyperLogLog.HEADER || load<u32>(ptr) != MAGIC) return false;
    const encoding: u32 = load<u8>(ptr, 4);
    return encoding == 1 || (encoding == 0 && len == HyperLogLog.DENSE_SIZE);
  }


  @inline static isDense(ptr: usize): bool {
    return load<u8>(ptr, 4) == 0;
  }

  /** Writes the header; the estimate is 0 and valid. */
  static begin(ptr: usize, isDense: bool): void {
    store<u32>(ptr, MAGIC);
    store<u32>(ptr, isDense ? 0 : 1, 4);
    store<u64>(ptr, 0, 8);
  }

  /** Gives a dense HyperLogLog the header of another, which has the same estimate. */
  static beginAs(ptr: usize, other: usize): void {
    memory.copy(ptr, other, HyperLogLog.HEADER);
    store<u8>(ptr, 0, 4);
  }


  @inline static hasEstimate(ptr: usize): bool {
    return load<i64>(ptr, 8) >= 0;
  }


  @inline static estimateOf(ptr: usize): i64 {
    return load<i64>(ptr, 8);
  }


  @inline static setEstimate(ptr: usize, estimate: u64): void {
    store<u64>(ptr, estimate, 8);
  }


  @inline static invalidate(ptr: usize): void {
    store<u64>(ptr, load<u64>(ptr, 8) | STALE, 8);
  }

  /** Finds the register of an element and the rank it would set there, in `index` and `rank`. */
  @inline static locate(ptr: usize, len: u32): void {
    const hash = Murmur.hash(ptr, len, HASH_SEED);
    HyperLogLog.index = (<u32>hash) & (HyperLogLog.REGISTERS - 1);
    HyperLogLog.rank = 1 + <u32>ctz((hash >> INDEX_BITS) | ((<u64>1) << (64 - INDEX_BITS)));
  }

  /** Raises a register of a dense HyperLogLog; false when it is so high already. */
  static raise(ptr: usize, index: u32, rank: u32): bool {
    const bit = index * 6;
    const at = ptr + HyperLogLog.HEADER + (bit >> 3);
    const shift = bit & 7;
    // The last register ends with the last byte, so the byte after it is only read where needed.
    const isSplit = shift > 2;
    let pair: u32 = isSplit ? load<u16>(at) : load<u8>(at);
    if (((pair >> shift) & 63) >= rank) return false;
    pair = (pair & ~(63 << shift)) | (rank << shift);
    if (isSplit) store<u16>(at, pair);
    else store<u8>(at, pair);
    return true;
  }

  /** Raises each raw register to that of the dense HyperLogLog. */
  static mergeDense(raw: usize, ptr: usize): void {
    const end = raw + HyperLogLog.REGISTERS;
    let at = ptr + HyperLogLog.HEADER;
    for (; raw < end - 16; raw += 16, at += 12) {
      v128.store(raw, i8x16.max_u(v128.load(raw), HyperLogLog.unpack(v128.load(at))));
    }
    // A whole vector from here would pass the end.
    const last = i8x16.shuffle(
      v128.load(at - 4),
      i8x16.splat(0),
      4,
      5,
      6,
      7,
      8,
      9,
      10,
      11,
      12,
      13,
      14,
      15,
      16,
      17,
      18,
      19,
    );
    v128.store(raw, i8x16.max_u(v128.load(raw), HyperLogLog.unpack(last)));
  }

  /** Writes the registers of a dense HyperLogLog from raw ones, which must be below 64. */
  static packDense(ptr: usize, raw: usize): void {
    const end = raw + HyperLogLog.REGISTERS;
    const gather = i64x2(<i64>GATHER_0, <i64>GATHER_1);
    let at = ptr + HyperLogLog.HEADER;
    for (; raw < end; raw += 16, at += 12) {
      const x = v128.load(raw);
      const low = v128.or(
        v128.and(x, i32x4.splat(0x3f)),
        v128.and(i32x4.shr_u(x, 2), i32x4.splat(0x3f << 6)),
      );
      const high = v128.or(
        v128.and(i32x4.shr_u(x, 4), i32x4.splat(0x3f << 12)),
        v128.and(i32x4.shr_u(x, 6), i32x4.splat(0x3f << 18)),
      );
      const packed = i8x16.swizzle(v128.or(low, high), gather);
      store<u64>(at, i64x2.extract_lane(packed, 0));
      store<u32>(at, i32x4.extract_lane(packed, 2), 8);
    }
  }

  /** The 16 registers in the first 12 bytes, one a byte. */
  @inline private static unpack(packed: v128): v128 {
    const x = i8x16.swizzle(packed, i64x2(<i64>SPREAD_0, <i64>SPREAD_1));
    return v128.or(
      v128.or(v128.and(x, i32x4.splat(0x3f)), v128.and(i32x4.shl(x, 2), i32x4.splat(0x3f00))),
      v128.or(
        v128.and(i32x4.shl(x, 4), i32x4.splat(0x3f0000)),
        v128.and(i32x4.shl(x, 6), i32x4.splat(0x3f000000)),
      ),
    );
  }
}
