// A set of integers kept sorted in one block, byte for byte as Redis keeps it.
//
//   0       4       8
//   ├───────┼───────┼────────────┬────────────┬───
//   │ width │ count │ integer[0] │ integer[1] │ …     little endian; width is 2, 4 or 8 bytes
//   └───────┴───────┴────────────┴────────────┴───
//
// All integers have the width of the widest one that was ever added. Membership is a binary search. Adding
// and removing move what lies behind, which is why a set leaves this form at set-max-intset-entries.
// Functions take the block's address; `add` and `remove` may move it, answer where it is, and say in
// `changed` whether there was anything to do.

import { Heap } from "../memory/heap";


@unmanaged
class Header {
  width: u32;
  count: u32;
}

const INTEGERS: usize = offsetof<Header>();

export class IntSet {
  /** Whether the last `add` or `remove` changed the set. */
  static changed: bool = false;

  static create(): usize {
    const set = Heap.alloc(INTEGERS + 8);
    changetype<Header>(set).width = 2;
    changetype<Header>(set).count = 0;
    return set;
  }


  @inline static free(set: usize): void {
    Heap.free(set);
  }

  static copy(set: usize): usize {
    const bytes = IntSet.bytes(set);
    const twin = Heap.alloc(bytes);
    memory.copy(twin, set, bytes);
    return twin;
  }


  @inline static length(set: usize): u32 {
    return changetype<Header>(set).count;
  }


  @inline static bytes(set: usize): u32 {
    return <u32>INTEGERS + changetype<Header>(set).count * changetype<Header>(set).width;
  }

  /** The integer at an index below the length, in ascending order. */
  @inline static at(set: usize, index: u32): i64 {
    return IntSet.load(set, changetype<Header>(set).width, index);
  }

  static has(set: usize, value: i64): bool {
    const index = IntSet.lowerBound(set, value);
    return index < changetype<Header>(set).count && IntSet.at(set, index) == value;
  }

  /** The index of an integer, -1 when it is not there. */
  static indexOf(set: usize, value: i64): i32 {
    const index = IntSet.lowerBound(set, value);
    return index < changetype<Header>(set).count && IntSet.at(set, index) == value
      ? <i32>index
      : -1;
  }

  static add(set: usize, value: i64): usize {
    const header = changetype<Header>(set);
    const width = IntSet.widthOf(value);
    if (width > header.width) {
      IntSet.changed = true;
      return IntSet.widen(set, width, value);
    }
    const count = header.count;
    const index = IntSet.lowerBound(set, value);
    IntSet.changed = index == count || IntSet.at(set, index) != value;
    if (!IntSet.changed) return set;
    const bytes = IntSet.bytes(set) + header.width;
    if (bytes > <u32>Heap.sizeOf(set)) set = Heap.resize(set, bytes);
    IntSet.move(set, index, index + 1, count - index);
    IntSet.store(set, changetype<Header>(set).width, index, value);
    changetype<Header>(set).count = count + 1;
    return set;
  }

  static remove(set: usize, value: i64): usize {
    const index = IntSet.indexOf(set, value);
    IntSet.changed = index >= 0;
    return index >= 0 ? IntSet.removeAt(set, index) : set;
  }

  static removeAt(set: usize, index: u32): usize {
    const count = changetype<Header>(set).count - 1;
    IntSet.move(set, index + 1, index, count - index);
    changetype<Header>(set).count = count;
    const bytes = IntSet.bytes(set);
    const capacity = <u32>Heap.sizeOf(set);
    return capacity > 64 && bytes < (capacity >> 3) * 3 ? Heap.resize(set, bytes) : set;
  }

  /**
   * Whether `size` bytes at `ptr`, which may come from a stranger, are a set that is not empty. Deep:
   * the order is looked at too.
   */
  static validate(ptr: usize, size: u32, deep: bool): bool {
    if (size < <u32>INTEGERS) return false;
    const width = changetype<Header>(ptr).width;
    const count = changetype<Header>(ptr).count;
    if (width != 2 && width != 4 && width != 8) return false;
    if (!count || <u64>INTEGERS + <u64>count * width != size) return false;
    if (!deep) return true;
    for (let i: u32 = 1; i < count; i++) {
      if (IntSet.load(ptr, width, i - 1) >= IntSet.load(ptr, width, i)) return false;
    }
    return true;
  }


  @inline private static widthOf(value: i64): u32 {
    return value == <i64>(<i16>value) ? 2 : value == <i64>(<i32>value) ? 4 : 8;
  }

  /** The value is outside what the set can hold so far, so its place is at one of the two ends. */
  private static widen(set: usize, width: u32, value: i64): usize {
    const old = changetype<Header>(set).width;
    const count = changetype<Header>(set).count;
    const bytes = <u32>INTEGERS + (count + 1) * width;
    if (bytes > <u32>Heap.sizeOf(set)) set = Heap.resize(set, bytes);
    const shift = u32(value < 0);
    // From the end on, so that no integer is overwritten before it was read.
    for (let i = count; i; i--)
      IntSet.store(set, width, i - 1 + shift, IntSet.load(set, old, i - 1));
    IntSet.store(set, width, value < 0 ? 0 : count, value);
    changetype<Header>(set).width = width;
    changetype<Header>(set).count = count + 1;
    return set;
  }

  /** The first index whose integer is not below `value`. */
  private static lowerBound(set: usize, value: i64): u32 {
    const count = changetype<Header>(set).count;
    switch (changetype<Header>(set).width) {
      case 2:
        return IntSet.search<i16>(set + INTEGERS, count, value);
      case 4:
        return IntSet.search<i32>(set + INTEGERS, count, value);
      default:
        return IntSet.search<i64>(set + INTEGERS, count, value);
    }
  }

  /** Halves without a branch on the comparison: its outcome cannot be predicted. */
  private static search<T>(integers: usize, count: u32, value: i64): u32 {
    if (!count) return 0;
    let base: u32 = 0;
    let rest = count;
    while (rest > 1) {
      const half = rest >> 1;
      base = select(
        base + half,
        base,
        <i64>load<T>(integers + (base + half - 1) * sizeof<T>()) < value,
      );
      rest -= half;
    }
    return base + u32(<i64>load<T>(integers + base * sizeof<T>()) < value);
  }


  @inline private static move(set: usize, from: u32, to: u32, count: u32): void {
    const width = changetype<Header>(set).width;
    memory.copy(set + INTEGERS + to * width, set + INTEGERS + from * width, count * width);
  }


  @inline private static load(set: usize, width: u32, index: u32): i64 {
    const p = set + INTEGERS + index * width;
    return width == 2 ? <i64>load<i16>(p) : width == 4 ? <i64>load<i32>(p) : load<i64>(p);
  }


  @inline private static store(set: usize, width: u32, index: u32, value: i64): void {
    const p = set + INTEGERS + index * width;
    if (width == 2) store<i16>(p, <i16>value);
    else if (width == 4) store<i32>(p, <i32>value);
    else store<i64>(p, value);
  }
}
