// What SORT sorts: an element with its weight each, in an order that is found only as far as it is wanted.
//
//   0        8         16      20
//   ├────────┼─────────┼───────┼──────┤
//   │ weight │ element │ order │ bits │    24 bytes
//   └────────┴─────────┴───────┴──────┘
//
//   weight     a double; or, in the order of texts, a text
//   text       pointer and length of bytes that stay where they are; or an i64 that is spelled so
//   order      counts the elements as they came: decides between equal ones
//
// The sort is a quicksort that leaves alone what lies outside the wanted range: O(N + M log M) for
// M of N elements. Its pivots are random, so that no input makes it slow.

import { Integer } from "../algorithms/integer";
import { Random } from "../algorithms/random";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";

/** Up to so many elements are sorted by insertion. */
const FEW: u32 = 12;

const leftDigits: usize = memory.data(24);
const rightDigits: usize = memory.data(24);
const pivot: usize = memory.data(24, 8);
const moved: usize = memory.data(24, 8);

/** Bits of `SortItem.bits`. */
const enum Bit {
  /** The element is an integer. */
  INTEGER = 1,
  /** The weight is a text that is there, and that text is an integer. */
  WEIGHED = 2,
  WEIGHT_INTEGER = 4,
}


@unmanaged
export class SortItem {
  /** A double, or what `setText` stores. */
  private weight: f64;
  private element: u64;
  private order: u32;
  private bits: u32;

  /** What `read` found. */
  static ptr: usize = 0;
  static len: u32 = 0;


  @inline static readonly SIZE: u32 = 24;

  /** Takes an element; bytes that are no integer must stay where they are. */
  set(ptr: usize, len: u32, order: u32): void {
    this.weight = 0.0;
    this.order = order;
    this.bits = hold(changetype<usize>(this) + offsetof<SortItem>("element"), ptr, len)
      ? Bit.INTEGER
      : 0;
  }

  setInteger(value: i64, order: u32): void {
    this.weight = 0.0;
    this.order = order;
    this.bits = Bit.INTEGER;
    this.element = <u64>value;
  }


  @inline get isInteger(): bool {
    return (this.bits & Bit.INTEGER) != 0;
  }


  @inline get integer(): i64 {
    return <i64>this.element;
  }

  /** The bytes of the element, in `ptr` and `len`; of an integer, its digits until the next call. */
  @inline read(): void {
    SortItem.view(
      changetype<usize>(this) + offsetof<SortItem>("element"),
      this.isInteger,
      leftDigits,
    );
  }


  @inline set score(value: f64) {
    this.weight = value;
  }

  /** Takes a text as the weight; bytes that are no integer must stay where they are. */
  weigh(ptr: usize, len: u32): void {
    this.bits |= Bit.WEIGHED;
    if (hold(changetype<usize>(this), ptr, len)) this.bits |= Bit.WEIGHT_INTEGER;
  }

  /** Below 0 when this one comes before another, in rising order and without their place in the input. */
  @inline compare(other: SortItem): i32 {
    if (SortItems.isAlpha)
      return SortItems.hasWeights ? this.compareWeights(other) : this.compareElements(other);
    if (this.weight < other.weight) return -1;
    if (this.weight > other.weight) return 1;
    return this.compareElements(other);
  }

  /** An element without a weight comes first. */
  private compareWeights(other: SortItem): i32 {
    const isWeighed = this.bits & Bit.WEIGHED;
    if (isWeighed != (other.bits & Bit.WEIGHED)) return isWeighed ? 1 : -1;
    if (!isWeighed) return 0;
    return compareTexts(
      changetype<usize>(this),
      (this.bits & Bit.WEIGHT_INTEGER) != 0,
      changetype<usize>(other),
      (other.bits & Bit.WEIGHT_INTEGER) != 0,
    );
  }

  compareElements(other: SortItem): i32 {
    return compareTexts(
      changetype<usize>(this) + offsetof<SortItem>("element"),
      this.isInteger,
      changetype<usize>(other) + offsetof<SortItem>("element"),
      other.isInteger,
    );
  }

  /** Whether this one comes before another, which is never the same. */
  isBefore(other: SortItem): bool {
    const order = this.compare(other);
    if (order) return SortItems.isDescending ? order > 0 : order < 0;
    if (SortItems.hasOrder) return this.order < other.order;
    return this.compareElements(other) < 0;
  }

  /** The bytes that `hold` took. */
  static view(at: usize, isInteger: bool, digits: usize): void {
    if (isInteger) {
      SortItem.ptr = digits;
      SortItem.len = Integer.format(load<i64>(at), digits);
    } else {
      SortItem.ptr = load<u32>(at);
      SortItem.len = load<u32>(at, 4);
    }
  }
}

/** Stores a text as a number, which it then answers, or as where it lies. */
function hold(at: usize, ptr: usize, len: u32): bool {
  if (len <= Integer.MAX_LENGTH && Integer.parse(ptr, len)) {
    store<i64>(at, Integer.value);
    return true;
  }
  store<u32>(at, <u32>ptr);
  store<u32>(at, len, 4);
  return false;
}

function compareTexts(a: usize, isInteger: bool, b: usize, isOtherInteger: bool): i32 {
  if (isInteger && isOtherInteger && load<i64>(a) == load<i64>(b)) return 0;
  SortItem.view(a, isInteger, leftDigits);
  const ptr = SortItem.ptr;
  const len = SortItem.len;
  SortItem.view(b, isOtherInteger, rightDigits);
  return Bytes.compare(ptr, len, SortItem.ptr, SortItem.len);
}

/** The elements of the SORT that runs. */
export class SortItems {
  static count: u32 = 0;
  private static items: usize = 0;
  /** By text instead of by number. */
  static isAlpha: bool = false;
  static isDescending: bool = false;
  /** The texts to compare are weights, not the elements. */
  static hasWeights: bool = false;
  /** The elements came in an order that means something: it decides between equal weights. */
  static hasOrder: bool = false;


  @inline static bytesFor(count: u32): u64 {
    return <u64>count * SortItem.SIZE;
  }

  /** Begins an empty list with room for so many. */
  static begin(count: u32): void {
    SortItems.count = 0;
    SortItems.items = Heap.alloc(max<u32>(count, 1) * SortItem.SIZE);
  }

  static end(): void {
    Heap.free(SortItems.items);
  }


  @inline static at(index: u32): SortItem {
    return changetype<SortItem>(SortItems.items + <usize>index * SortItem.SIZE);
  }


  @inline static add(ptr: usize, len: u32): void {
    const index = SortItems.count++;
    SortItems.at(index).set(ptr, len, index);
  }


  @inline static addInteger(value: i64): void {
    const index = SortItems.count++;
    SortItems.at(index).setInteger(value, index);
  }

  /** Puts the elements in their order as far as those from `from` up to `to` are concerned. */
  static sort(from: u32, to: u32): void {
    if (SortItems.count && from < to)
      sortRange(0, <i32>SortItems.count - 1, <i32>from, <i32>to - 1);
  }
}

/** Sorts what lies from `first` to `last` and in the wanted range. */
function sortRange(first: i32, last: i32, from: i32, to: i32): void {
  while (last - first >= <i32>FEW) {
    if (last < from || first > to) return;
    const chosen = first + <i32>Random.below(<u32>(last - first + 1));
    memory.copy(pivot, changetype<usize>(SortItems.at(chosen)), SortItem.SIZE);
    let low = first;
    let high = last;
    while (low <= high) {
      while (SortItems.at(low).isBefore(changetype<SortItem>(pivot))) low++;
      while (changetype<SortItem>(pivot).isBefore(SortItems.at(high))) high--;
      if (low > high) break;
      exchange(low++, high--);
    }
    // The smaller part first, so that the stack stays low.
    if (high - first < last - low) {
      sortRange(first, high, from, to);
      first = low;
    } else {
      sortRange(low, last, from, to);
      last = high;
    }
  }
  for (let i = first + 1; i <= last; i++) {
    memory.copy(moved, changetype<usize>(SortItems.at(i)), SortItem.SIZE);
    let at = i;
    while (at > first && changetype<SortItem>(moved).isBefore(SortItems.at(at - 1))) {
      memory.copy(
        changetype<usize>(SortItems.at(at)),
        changetype<usize>(SortItems.at(at - 1)),
        SortItem.SIZE,
      );
      at--;
    }
    memory.copy(changetype<usize>(SortItems.at(at)), moved, SortItem.SIZE);
  }
}

function exchange(a: i32, b: i32): void {
  if (a == b) return;
  const left = changetype<usize>(SortItems.at(a));
  const right = changetype<usize>(SortItems.at(b));
  memory.copy(moved, left, SortItem.SIZE);
  memory.copy(left, right, SortItem.SIZE);
  memory.copy(right, moved, SortItem.SIZE);
}
