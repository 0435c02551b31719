// The estimate of a HyperLogLog from how many registers have each rank, by the improved raw
// estimator of Ertl ("New cardinality estimation algorithms for HyperLogLog sketches", 2017). It
// needs no correction for small or large numbers. The order of the floating point operations is
// kept as in Redis: the numbers are the same to the last one.

import { HyperLogLog } from "./hyperloglog";
import { SparseRegisters } from "./sparse-registers";

/** 1 / (2 ln 2) */
const ALPHA: f64 = 0.72134752044448170368;
const REGISTERS: f64 = 16384.0;
/** The largest rank but one. */
const LAST: u32 = 50;

/** How many registers have each rank; ranks above 51 only come from corrupted bytes. */
const counts: usize = memory.data(4 * 64, 16);

export class Cardinality {
  /** The last estimate. */
  static value: i64 = 0;

  /** Estimates a HyperLogLog; false when it is corrupted. `raw` is room for its registers. */
  static of(ptr: usize, len: u32, raw: usize): bool {
    if (HyperLogLog.isDense(ptr)) {
      memory.fill(raw, 0, HyperLogLog.REGISTERS);
      HyperLogLog.mergeDense(raw, ptr);
      Cardinality.ofRaw(raw);
      return true;
    }
    memory.fill(counts, 0, 4 * 64);
    if (!SparseRegisters.histogram(ptr, len, counts)) return false;
    Cardinality.estimate();
    return true;
  }

  /** Estimates for raw registers. */
  static ofRaw(raw: usize): void {
    memory.fill(counts, 0, 4 * 64);
    // Four ranks are counted at a time, from the lowest up, until all registers are found.
    let found: u32 = 0;
    for (let rank: u32 = 0; rank < 64 && found < HyperLogLog.REGISTERS; rank += 4) {
      found += Cardinality.countFour(raw, rank);
    }
    Cardinality.estimate();
  }

  /** Counts the raw registers of this rank and of the next three; returns how many they are. */
  private static countFour(raw: usize, rank: u32): u32 {
    const rank0 = i8x16.splat(<i8>rank);
    const rank1 = i8x16.splat(<i8>(rank + 1));
    const rank2 = i8x16.splat(<i8>(rank + 2));
    const rank3 = i8x16.splat(<i8>(rank + 3));
    let total = i32x4.splat(0);
    for (const end = raw + HyperLogLog.REGISTERS; raw < end;) {
      // A lane counts to at most 128 before it is added up.
      let count0 = i8x16.splat(0);
      let count1 = i8x16.splat(0);
      let count2 = i8x16.splat(0);
      let count3 = i8x16.splat(0);
      for (const part = raw + 128 * 16; raw < part; raw += 16) {
        const x = v128.load(raw);
        count0 = i8x16.sub(count0, i8x16.eq(x, rank0));
        count1 = i8x16.sub(count1, i8x16.eq(x, rank1));
        count2 = i8x16.sub(count2, i8x16.eq(x, rank2));
        count3 = i8x16.sub(count3, i8x16.eq(x, rank3));
      }
      total = i32x4.add(
        total,
        i32x4(
          Cardinality.sum(count0),
          Cardinality.sum(count1),
          Cardinality.sum(count2),
          Cardinality.sum(count3),
        ),
      );
    }
    v128.store(counts + (rank << 2), total);
    return (
      i32x4.extract_lane(total, 0) +
      i32x4.extract_lane(total, 1) +
      i32x4.extract_lane(total, 2) +
      i32x4.extract_lane(total, 3)
    );
  }


  @inline private static sum(bytes: v128): i32 {
    const fours = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
    return (
      i32x4.extract_lane(fours, 0) +
      i32x4.extract_lane(fours, 1) +
      i32x4.extract_lane(fours, 2) +
      i32x4.extract_lane(fours, 3)
    );
  }

  /** Estimates for what is in `counts`. */
  private static estimate(): void {
    const full = <f64>load<u32>(counts + ((LAST + 1) << 2));
    let z = REGISTERS * Cardinality.tau((REGISTERS - full) / REGISTERS);
    for (let rank = LAST; rank >= 1; rank--) {
      z += <f64>load<u32>(counts + (rank << 2));
      z *= 0.5;
    }
    z += REGISTERS * Cardinality.sigma(<f64>load<u32>(counts) / REGISTERS);
    Cardinality.value = Cardinality.rounded((ALPHA * REGISTERS * REGISTERS) / z);
  }

  /** To the nearest integer, halves up; what no integer can hold is the lowest one, as on x86. */
  @inline private static rounded(value: f64): i64 {
    if (!(value < 9223372036854775808.0)) return i64.MIN_VALUE;
    const down = floor(value);
    return <i64>(value - down >= 0.5 ? down + 1.0 : down);
  }

  private static sigma(x: f64): f64 {
    if (x == 1.0) return Infinity;
    let y = 1.0;
    let z = x;
    let before: f64;
    do {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    } while (before != z);
    return z;
  }

  private static tau(x: f64): f64 {
    if (x == 0.0 || x == 1.0) return 0.0;
    let y = 1.0;
    let z = 1.0 - x;
    let before: f64;
    do {
      x = sqrt(x);
      before = z;
      y *= 0.5;
      z -= (1.0 - x) * (1.0 - x) * y;
    } while (before != z);
    return z / 3.0;
  }
}
