// Ranges of a sorted set: by score, by member, by rank. Whatever the question was, the answer is an
// interval of ranks.

import { Double } from "../algorithms/double";
import { Entry } from "../keyspace/entry";
import { Slice } from "../memory/slice";
import { PackedSortedSet } from "./packed-sorted-set";
import { SortedSet } from "./sorted-set";
import { SortedSetWalk } from "./sorted-set-walk";

const OPEN: u32 = 0x28; // (
const CLOSED: u32 = 0x5b; // [
const LOWEST: u32 = 0x2d; // -
const HIGHEST: u32 = 0x2b; // +

/** The ranks `from` up to, not including, `to`. */
export class Interval {
  static from: u32 = 0;
  static to: u32 = 0;


  @inline static get length(): u32 {
    return Interval.to - Interval.from;
  }


  @inline static set(from: u32, to: u32): void {
    Interval.from = from;
    Interval.to = max(from, to);
  }

  /** The ranks `start` to `stop`, both included, negative from the end; `isReverse` counts from the end. */
  static ofRanks(entry: Entry, start: i64, stop: i64, isReverse: bool): void {
    const length = <i64>SortedSet.length(entry);
    if (start < 0) start = max<i64>(start + length, 0);
    if (stop < 0) stop += length;
    if (start > stop || start >= length) return Interval.set(0, 0);
    if (stop >= length) stop = length - 1;
    if (isReverse) Interval.set(<u32>(length - 1 - stop), <u32>(length - start));
    else Interval.set(<u32>start, <u32>(stop + 1));
  }

  /** Passes over `offset` members in reading order and keeps `count`; a negative count keeps all. */
  static limit(offset: i64, count: i64, isReverse: bool): void {
    const length = <i64>Interval.length;
    if (offset < 0 || offset >= length) return Interval.set(0, 0);
    const kept = count < 0 ? length - offset : min(count, length - offset);
    if (isReverse)
      Interval.set(<u32>(<i64>Interval.to - offset - kept), <u32>(<i64>Interval.to - offset));
    else
      Interval.set(<u32>(<i64>Interval.from + offset), <u32>(<i64>Interval.from + offset + kept));
  }
}

/** Scores from `min` to `max`; a bound that begins with `(` is itself not in the range. */
export class ScoreRange {
  static min: f64 = 0.0;
  static max: f64 = 0.0;
  static excludesMin: bool = false;
  static excludesMax: bool = false;

  static parse(min: Slice, max: Slice): bool {
    if (!ScoreRange.parseBound(min)) return false;
    ScoreRange.min = Double.value;
    ScoreRange.excludesMin = ScoreRange.isOpen(min);
    if (!ScoreRange.parseBound(max)) return false;
    ScoreRange.max = Double.value;
    ScoreRange.excludesMax = ScoreRange.isOpen(max);
    return true;
  }

  /** Finds the interval of a set. */
  static locate(entry: Entry): void {
    let from: u32;
    let to: u32;
    if (SortedSet.isPacked(entry)) {
      const lp = entry.value;
      from = PackedSortedSet.countBelow(lp, ScoreRange.min, ScoreRange.excludesMin);
      to = PackedSortedSet.countBelow(lp, ScoreRange.max, !ScoreRange.excludesMax);
    } else {
      const set = SortedSet.indexed(entry);
      from = set.seekScore(ScoreRange.min, ScoreRange.excludesMin, SortedSetWalk.main);
      to = set.seekScore(ScoreRange.max, !ScoreRange.excludesMax, SortedSetWalk.main);
    }
    Interval.set(from, to);
  }


  @inline private static isOpen(bound: Slice): bool {
    return bound.len > 0 && <u32>load<u8>(bound.ptr) == OPEN;
  }

  /** Reads a bound into `Double.value`, as C's strtod would: up to a zero byte, and nothing is 0. */
  private static parseBound(bound: Slice): bool {
    const skipped = u32(ScoreRange.isOpen(bound));
    const ptr = <usize>bound.ptr + skipped;
    const len = bound.len - skipped;
    const taken = Double.scan(ptr, len);
    return (taken == len || !load<u8>(ptr + taken)) && !isNaN(Double.value);
  }
}

/** Members from `min` to `max` by their bytes: `[a`, `(a`, or `-` and `+` for what is below and above all. */
export class LexRange {
  private static min: Slice = changetype<Slice>(0);
  private static max: Slice = changetype<Slice>(0);

  static parse(min: Slice, max: Slice): bool {
    LexRange.min = min;
    LexRange.max = max;
    return LexRange.isBound(min) && LexRange.isBound(max);
  }

  /** Finds the interval of a set. */
  static locate(entry: Entry): void {
    Interval.set(
      LexRange.countBelow(entry, LexRange.min, OPEN),
      LexRange.countBelow(entry, LexRange.max, CLOSED),
    );
  }

  /** Members below a bound; one equal to it counts when the bound begins with `countsEqual`. */
  private static countBelow(entry: Entry, bound: Slice, countsEqual: u32): u32 {
    const kind = <u32>load<u8>(bound.ptr);
    if (kind == LOWEST) return 0;
    if (kind == HIGHEST) return SortedSet.length(entry);
    const ptr = <usize>bound.ptr + 1;
    const len = bound.len - 1;
    const orEqual = kind == countsEqual;
    return SortedSet.isPacked(entry)
      ? PackedSortedSet.countBelowMember(entry.value, ptr, len, orEqual)
      : SortedSet.indexed(entry).seekMember(ptr, len, orEqual, SortedSetWalk.main);
  }

  private static isBound(bound: Slice): bool {
    if (!bound.len) return false;
    const kind = <u32>load<u8>(bound.ptr);
    if (kind == OPEN || kind == CLOSED) return true;
    return (kind == LOWEST || kind == HIGHEST) && (bound.len == 1 || !load<u8>(bound.ptr, 1));
  }
}
