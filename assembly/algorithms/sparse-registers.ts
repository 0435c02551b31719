// The sparse form of a HyperLogLog: its 16,384 registers as runs of equal ones.
//
//   00nnnnnn            ZERO    n + 1 registers are 0         1 … 64
//   01nnnnnn nnnnnnnn   XZERO   n + 1 registers are 0         1 … 16,384
//   1vvvvvnn            VAL     n + 1 registers are v + 1     1 … 4 of a rank of 1 … 32
//
// An empty one is a single XZERO. To raise a register, the run it is in is split, and then runs
// nearby that have become alike are joined, five runs from the one before. Redis does exactly
// so, and the bytes can be compared: an order that gives a shorter form is no improvement here.

import { HyperLogLog } from "./hyperloglog";

const ZERO_MAX: u32 = 64;
const RUN_MAX: u32 = 4;
const RANK_MAX: u32 = 32;
/** Runs that are looked at for joining after a change. */
const JOIN_SCAN: i32 = 5;

/** 16 bytes that are set and 16 that are not: from `firstLanes + 16 - n`, the first n are. */
const firstLanes: usize = memory.data<u64>([-1, -1, 0, 0]);

export enum Raised {
  /** The register was so high already. */
  NO,
  YES,
  /** The sparse form cannot hold it: it must become dense. */
  DENSE,
  /** The runs do not add up. */
  CORRUPTED,
}

export class SparseRegisters {
  /** Bytes of an empty sparse HyperLogLog. */
  static readonly EMPTY_SIZE: u32 = HyperLogLog.HEADER + 2;
  /** Bytes that `raise` can add. */
  static readonly GROWTH: u32 = 3;

  /** The length of the HyperLogLog after `raise`. */
  static length: u32 = 0;

  /** Where the last `raise` found the run before the changed one: its offset (0: none) and first register. */
  private static hintAt: u32 = 0;
  private static hintFirst: u32 = 0;

  /** Writes a HyperLogLog that has seen nothing. */
  static create(ptr: usize): void {
    HyperLogLog.begin(ptr, false);
    SparseRegisters.storeXZero(ptr + HyperLogLog.HEADER, HyperLogLog.REGISTERS);
  }

  /** Says that the next `raise` is the first one of a HyperLogLog. */
  @inline static forget(): void {
    SparseRegisters.hintAt = 0;
  }

  /**
   * Raises a register of the HyperLogLog of `len` bytes, which has room for three more but may not
   * grow above `maxLen`. The new length is in `length`. Between two calls for one HyperLogLog
   * nothing else may change it, unless `forget` is called; it may move.
   */
  static raise(ptr: usize, len: u32, index: u32, rank: u32, maxLen: u32): Raised {
    SparseRegisters.length = len;
    if (rank > RANK_MAX) return Raised.DENSE;
    let end = ptr + len;
    if (!SparseRegisters.find(ptr, end, index)) return Raised.CORRUPTED;
    const at = SparseRegisters.foundAt;
    const before = SparseRegisters.foundBefore;
    const first = SparseRegisters.foundFirst;
    const span = SparseRegisters.span(at, end);

    const code: u32 = load<u8>(at);
    const isValue = SparseRegisters.isValue(code);
    const old = isValue ? SparseRegisters.rank(code) : 0;
    if (old >= rank) return Raised.NO;
    if (span == 1 && (isValue || (code & 0x40) == 0)) {
      SparseRegisters.storeValue(at, rank, 1);
    } else {
      const oldSize = SparseRegisters.size(at);
      const left = index - first;
      const right = first + span - 1 - index;
      const size = <i32>(
        (SparseRegisters.sizeOf(left, isValue) + 1 + SparseRegisters.sizeOf(right, isValue))
      );
      const growth = size - <i32>oldSize;
      if (growth > 0 && len + <u32>growth > maxLen) return Raised.DENSE;
      const next = at + oldSize;
      if (growth) memory.copy(next + growth, next, end - next);
      let out = at;
      if (left) out = SparseRegisters.storeRun(out, old, left);
      out = SparseRegisters.storeValue(out, rank, 1);
      if (right) SparseRegisters.storeRun(out, old, right);
      end += growth;
    }
    end = SparseRegisters.join(before ? before : at, end);
    SparseRegisters.length = <u32>(end - ptr);
    HyperLogLog.invalidate(ptr);
    return Raised.YES;
  }

  /** What `find` found: the run, its first register, and the run before it (0: none). */
  private static foundAt: usize = 0;
  private static foundFirst: u32 = 0;
  private static foundBefore: usize = 0;

  /** Finds the run of a register; false when there is none, or only a part of it. */
  private static find(ptr: usize, end: usize, index: u32): bool {
    let at = ptr + HyperLogLog.HEADER;
    let before: usize = 0;
    let first: u32 = 0;
    // Registers that are raised in their order need not be searched from the start; but the run
    // before the one that changes must be known, so the search begins at least one run earlier.
    const hint = SparseRegisters.hintAt;
    if (hint && index >= SparseRegisters.hintFirst + SparseRegisters.span(ptr + hint, end)) {
      at = ptr + hint;
      first = SparseRegisters.hintFirst;
    }
    // Runs of one byte are taken up to sixteen at once. The byte after them is there, for an XZERO.
    while (end - at > 16) {
      const codes = v128.load(at);
      const masks = v128.bitselect(i8x16.splat(3), i8x16.splat(63), i8x16.shr_s(codes, 7));
      const spans = i8x16.add(v128.and(codes, masks), i8x16.splat(1));
      const kinds = v128.and(codes, i8x16.splat(<i8>0xc0));
      const count = <u32>ctz(i8x16.bitmask(i8x16.eq(kinds, i8x16.splat(0x40))) | 0x10000);
      const sum = SparseRegisters.sum(v128.and(spans, v128.load(firstLanes + 16 - count)));
      if (index < first + sum) break;
      first += sum;
      at += count;
      if (count) before = at - 1;
      if (count == 16) continue;
      const span = SparseRegisters.span(at, end);
      if (index < first + span) break;
      before = at;
      first += span;
      at += 2;
    }
    while (at < end) {
      const span = SparseRegisters.span(at, end);
      if (index < first + span) break;
      before = at;
      first += span;
      at += SparseRegisters.size(at);
    }
    if (at >= end || at + SparseRegisters.size(at) > end) return false;
    SparseRegisters.foundAt = at;
    SparseRegisters.foundFirst = first;
    SparseRegisters.foundBefore = before;
    SparseRegisters.hintAt = before ? <u32>(before - ptr) : 0;
    SparseRegisters.hintFirst = before ? first - SparseRegisters.span(before, end) : 0;
    return true;
  }


  @inline private static sum(bytes: v128): u32 {
    const fours = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
    const twos = i64x2.extract_lane(fours, 0) + i64x2.extract_lane(fours, 1);
    return <u32>twos + <u32>(twos >> 32);
  }

  /** Joins neighbours of one rank in the next few runs; returns where the runs end now. */
  private static join(at: usize, end: usize): usize {
    for (let scan = JOIN_SCAN; at < end && scan; scan--) {
      const code: u32 = load<u8>(at);
      if (!(code & 0x80)) {
        at += SparseRegisters.size(at);
        continue;
      }
      if (at + 1 < end) {
        const next: u32 = load<u8>(at, 1);
        const count = (code & 3) + (next & 3) + 2;
        if ((code ^ next) < 4 && count <= RUN_MAX) {
          SparseRegisters.storeValue(at, SparseRegisters.rank(code), count);
          memory.copy(at + 1, at + 2, end - at - 2);
          end--;
          continue;
        }
      }
      at++;
    }
    return end;
  }

  /** Raises each raw register to that of the HyperLogLog; false when that is corrupted. */
  static merge(raw: usize, ptr: usize, len: u32): bool {
    const end = ptr + len;
    let index: u32 = 0;
    for (let at = ptr + HyperLogLog.HEADER; at < end; at += SparseRegisters.size(at)) {
      const code: u32 = load<u8>(at);
      let span = SparseRegisters.span(at, end);
      if (index + span > HyperLogLog.REGISTERS) return false;
      if (code & 0x80) {
        const rank = SparseRegisters.rank(code);
        for (; span; span--, index++) {
          if (rank > load<u8>(raw + index)) store<u8>(raw + index, rank);
        }
      }
      index += span;
    }
    return index == HyperLogLog.REGISTERS;
  }

  /** Counts how many registers have each rank, in u32s; false when the HyperLogLog is corrupted. */
  static histogram(ptr: usize, len: u32, counts: usize): bool {
    const end = ptr + len;
    let index: u32 = 0;
    for (let at = ptr + HyperLogLog.HEADER; at < end; at += SparseRegisters.size(at)) {
      const code: u32 = load<u8>(at);
      const span = SparseRegisters.span(at, end);
      index += span;
      if (index > HyperLogLog.REGISTERS) return false;
      const rank: u32 = code & 0x80 ? SparseRegisters.rank(code) : <u32>0;
      const slot = counts + ((<usize>rank) << 2);
      store<u32>(slot, load<u32>(slot) + span);
    }
    return index == HyperLogLog.REGISTERS;
  }

  /** Makes a dense HyperLogLog of a sparse one, by way of raw registers; false when corrupted. */
  static toDense(ptr: usize, len: u32, dense: usize, raw: usize): bool {
    memory.fill(raw, 0, HyperLogLog.REGISTERS);
    if (!SparseRegisters.merge(raw, ptr, len)) return false;
    HyperLogLog.beginAs(dense, ptr);
    HyperLogLog.packDense(dense, raw);
    return true;
  }

  /** Bytes of the run. */
  @inline static size(at: usize): u32 {
    return SparseRegisters.isLong(load<u8>(at)) ? 2 : 1;
  }

  /** Registers in the run. An XZERO that is cut off counts as if a zero byte followed. */
  @inline static span(at: usize, end: usize): u32 {
    const code: u32 = load<u8>(at);
    if (code & 0x80) return (code & 3) + 1;
    if (!(code & 0x40)) return code + 1;
    return ((code & 63) << 8) + (at + 1 < end ? <u32>load<u8>(at, 1) : 0) + 1;
  }

  /** Whether the run is a VAL: its registers are not 0. */
  @inline static isValue(code: u32): bool {
    return (code & 0x80) != 0;
  }

  /** Whether the run is an XZERO. */
  @inline static isLong(code: u32): bool {
    return (code & 0xc0) == 0x40;
  }

  /** The rank of a VAL. */
  @inline static rank(code: u32): u32 {
    return ((code >> 2) & 31) + 1;
  }


  @inline private static sizeOf(count: u32, isValue: bool): u32 {
    return count ? 1 + u32(!isValue && count > ZERO_MAX) : 0;
  }


  @inline private static storeRun(at: usize, rank: u32, count: u32): usize {
    if (rank) return SparseRegisters.storeValue(at, rank, count);
    if (count > ZERO_MAX) return SparseRegisters.storeXZero(at, count);
    store<u8>(at, count - 1);
    return at + 1;
  }


  @inline private static storeValue(at: usize, rank: u32, count: u32): usize {
    store<u8>(at, 0x80 | ((rank - 1) << 2) | (count - 1));
    return at + 1;
  }


  @inline private static storeXZero(at: usize, count: u32): usize {
    store<u8>(at, 0x40 | ((count - 1) >> 8));
    store<u8>(at, count - 1, 1);
    return at + 2;
  }
}
