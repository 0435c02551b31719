// The nodes of a score tree: leaves with the members in order, branches with counted subtrees.
//
// A leaf, at most 1 KB; it starts small and grows with what it holds (c is its capacity):
//
//   0      4      8       10         11      12  16         16 + 8c   16 + 12c
//   ├──────┼──────┼───────┼──────────┼───────┼───┼──────────┼─────────┤
//   │ next │ prev │ count │ capacity │ level │ – │ scores … │ items … │
//   └──────┴──────┴───────┴──────────┴───────┴───┴──────────┴─────────┘
//
// The score stands beside the item so that a search reads no member until two scores are equal.
//
// A branch, 1 KB with room for 50 children; each child has a key, the lowest of its subtree:
//
//   0             8       10   11      12  16         416       616          816      1016
//   ├─────────────┼───────┼────┼───────┼───┼──────────┼─────────┼────────────┼────────┤
//   │      –      │ count │ 50 │ level │ – │ scores … │ items … │ children … │ sizes …│
//   └─────────────┴───────┴────┴───────┴───┴──────────┴─────────┴────────────┴────────┘
//
// The key of a branch's first child is never read: whatever is below the second key goes there.
// `sizes` counts the members below each child; their running sum is what gives a rank.

import { Heap } from "../memory/heap";
import { ScoredMember } from "./scored-member";

/** The largest node, header included. */
const NODE_MAX: u32 = 1024;
const LEAF_ENTRY: u32 = sizeof<f64>() + sizeof<u32>();
const BRANCH_ENTRY: u32 = sizeof<f64>() + 3 * sizeof<u32>();

/** What leaves and branches share: a sorted run of (score, item). */
@unmanaged
export class ScoreNode {
  /** Neighbours of a leaf in rank order. */
  next: ScoreLeaf | null;
  prev: ScoreLeaf | null;
  private entries: u16;
  private room: u8;
  /** 0 in a leaf, else the number of levels below. */
  private height: u8;


  @inline static readonly HEADER: u32 = offsetof<ScoreNode>();


  @inline protected setUp(level: u32, capacity: u32): void {
    this.next = null;
    this.prev = null;
    this.entries = 0;
    this.room = <u8>capacity;
    this.height = <u8>level;
  }


  @inline get count(): u32 {
    return this.entries;
  }


  @inline set count(value: u32) {
    this.entries = <u16>value;
  }


  @inline get capacity(): u32 {
    return this.room;
  }


  @inline get level(): u32 {
    return this.height;
  }


  @inline get isLeaf(): bool {
    return this.height == 0;
  }


  @inline protected get scores(): usize {
    return changetype<usize>(this) + ScoreNode.HEADER;
  }


  @inline protected get items(): usize {
    return this.scores + (this.capacity << 3);
  }


  @inline scoreAt(index: u32): f64 {
    return load<f64>(this.scores + (index << 3));
  }


  @inline itemAt(index: u32): ScoredMember {
    return changetype<ScoredMember>(<usize>load<u32>(this.items + (index << 2)));
  }


  @inline setKey(index: u32, score: f64, item: ScoredMember): void {
    store<f64>(this.scores + (index << 3), score);
    store<u32>(this.items + (index << 2), changetype<usize>(item));
  }

  /**
   * How many of the scores from `start` on are below `score`, or equal to it where `orEqual` is set
   * (a constant), plus `start`. All are looked at, four at a time: the loads do not wait for each
   * other as those of a binary search do, which makes it the faster one at this size.
   */
  @inline countBelow(score: f64, orEqual: bool, start: u32): u32 {
    const end = this.scores + (this.count << 3);
    const wanted = f64x2.splat(score);
    let at = this.scores + (start << 3);
    let even = i64x2.splat(0);
    let odd = i64x2.splat(0);
    for (; at + 32 <= end; at += 32) {
      const low = v128.load(at);
      const high = v128.load(at, 16);
      even = i64x2.sub(even, orEqual ? f64x2.le(low, wanted) : f64x2.lt(low, wanted));
      odd = i64x2.sub(odd, orEqual ? f64x2.le(high, wanted) : f64x2.lt(high, wanted));
    }
    even = i64x2.add(even, odd);
    let below = start + <u32>(i64x2.extract_lane(even, 0) + i64x2.extract_lane(even, 1));
    for (; at < end; at += 8)
      below += u32(orEqual ? load<f64>(at) <= score : load<f64>(at) < score);
    return below;
  }

  /** The first index from `start` on whose (score, member) is not below the one given. */
  @inline lowerBound(score: f64, ptr: usize, len: u32, start: u32): u32 {
    const low = this.countBelow(score, false, start);
    if (low >= this.count || this.scoreAt(low) != score) return low;
    const next = low + 1;
    const end =
      next < this.count && this.scoreAt(next) == score ? this.countBelow(score, true, next) : next;
    return this.lowerMember(ptr, len, false, low, end);
  }

  /** The first index in [low, high) whose member is not below the one given; with `after`, is above it. */
  lowerMember(ptr: usize, len: u32, after: bool, low: u32, high: u32): u32 {
    const limit = i32(after);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.itemAt(middle).compareKey(ptr, len) < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether the key at `index` is this one. */
  @inline hasKey(index: u32, score: f64, ptr: usize, len: u32): bool {
    return (
      index < this.count &&
      this.scoreAt(index) == score &&
      this.itemAt(index).compareKey(ptr, len) == 0
    );
  }
}


@unmanaged
export class ScoreLeaf extends ScoreNode {
  /** The most members a leaf can hold. */
  @inline static readonly MAX: u32 = (NODE_MAX - ScoreNode.HEADER) / LEAF_ENTRY;

  /** An empty leaf with room for at least `room` members. */
  static create(room: u32): ScoreLeaf {
    const size = Heap.goodSize(ScoreNode.HEADER + LEAF_ENTRY * min(room, ScoreLeaf.MAX));
    const leaf = changetype<ScoreLeaf>(Heap.alloc(size));
    leaf.setUp(0, <u32>(size - ScoreNode.HEADER) / LEAF_ENTRY);
    return leaf;
  }

  /** Moves entries [index, count) by one to make room for one more. */
  @inline insert(index: u32, score: f64, item: ScoredMember): void {
    const behind = this.count - index;
    const scores = this.scores + (index << 3);
    const items = this.items + (index << 2);
    if (behind) {
      memory.copy(scores + 8, scores, behind << 3);
      memory.copy(items + 4, items, behind << 2);
    }
    store<f64>(scores, score);
    store<u32>(items, changetype<usize>(item));
    this.count++;
  }

  /** Takes entries [from, to) out. */
  @inline erase(from: u32, to: u32): void {
    const behind = this.count - to;
    if (behind) {
      const scores = this.scores;
      const items = this.items;
      memory.copy(scores + (from << 3), scores + (to << 3), behind << 3);
      memory.copy(items + (from << 2), items + (to << 2), behind << 2);
    }
    this.count -= to - from;
  }

  /** Moves the entry at `from` to `to` and gives it a new score. */
  shift(from: u32, to: u32, score: f64): void {
    const item = this.itemAt(from);
    const scores = this.scores;
    const items = this.items;
    if (from < to) {
      memory.copy(scores + (from << 3), scores + ((from + 1) << 3), (to - from) << 3);
      memory.copy(items + (from << 2), items + ((from + 1) << 2), (to - from) << 2);
    } else {
      memory.copy(scores + ((to + 1) << 3), scores + (to << 3), (from - to) << 3);
      memory.copy(items + ((to + 1) << 2), items + (to << 2), (from - to) << 2);
    }
    this.setKey(to, score, item);
  }

  /** Appends entries [from, count) of another leaf; there is room for them. */
  append(other: ScoreLeaf, from: u32): void {
    const added = other.count - from;
    const count = this.count;
    memory.copy(this.scores + (count << 3), other.scores + (from << 3), added << 3);
    memory.copy(this.items + (count << 2), other.items + (from << 2), added << 2);
    this.count = count + added;
  }
}


@unmanaged
export class ScoreBranch extends ScoreNode {
  /** The most children a branch can have. */
  @inline static readonly MAX: u32 = (NODE_MAX - ScoreNode.HEADER) / BRANCH_ENTRY;


  @inline private static readonly ITEMS: u32 = ScoreNode.HEADER + (ScoreBranch.MAX << 3);


  @inline private static readonly CHILDREN: u32 = ScoreBranch.ITEMS + (ScoreBranch.MAX << 2);


  @inline private static readonly SIZES: u32 = ScoreBranch.CHILDREN + (ScoreBranch.MAX << 2);

  /** An empty branch, `level` levels above the leaves. */
  static create(level: u32): ScoreBranch {
    const branch = changetype<ScoreBranch>(Heap.alloc(NODE_MAX));
    branch.setUp(level, ScoreBranch.MAX);
    return branch;
  }


  @inline childAt(index: u32): ScoreNode {
    return changetype<ScoreNode>(
      <usize>load<u32>(changetype<usize>(this) + (index << 2), ScoreBranch.CHILDREN),
    );
  }


  @inline setChild(index: u32, child: ScoreNode): void {
    store<u32>(
      changetype<usize>(this) + (index << 2),
      changetype<usize>(child),
      ScoreBranch.CHILDREN,
    );
  }

  /** Members below a child. */
  @inline sizeAt(index: u32): u32 {
    return load<u32>(changetype<usize>(this) + (index << 2), ScoreBranch.SIZES);
  }


  @inline setSize(index: u32, size: u32): void {
    store<u32>(changetype<usize>(this) + (index << 2), size, ScoreBranch.SIZES);
  }

  /** The child that holds (score, member), or would. */
  @inline childOf(score: f64, ptr: usize, len: u32): u32 {
    const index = this.lowerBound(score, ptr, len, 1);
    return this.hasKey(index, score, ptr, len) ? index : index - 1;
  }

  /** Members below the first `index` children. */
  @inline sizeBefore(index: u32): u32 {
    const sizes = changetype<usize>(this) + ScoreBranch.SIZES;
    let sums = i32x4.splat(0);
    let at: u32 = 0;
    for (; at + 4 <= index; at += 4) sums = i32x4.add(sums, v128.load(sizes + (at << 2)));
    sums = i32x4.add(sums, i32x4.shuffle(sums, sums, 2, 3, 0, 1));
    sums = i32x4.add(sums, i32x4.shuffle(sums, sums, 1, 0, 3, 2));
    let sum = <u32>i32x4.extract_lane(sums, 0);
    for (; at < index; at++) sum += load<u32>(sizes + (at << 2));
    return sum;
  }

  /** Members below this branch. */
  @inline get size(): u32 {
    return this.sizeBefore(this.count);
  }

  /** Makes `child` the one at `index`, with its key and size; the others move up. */
  insert(index: u32, score: f64, item: ScoredMember, child: ScoreNode, size: u32): void {
    const base = changetype<usize>(this);
    const behind = this.count - index;
    if (behind) {
      const narrow = base + (index << 2);
      const wide = base + (index << 3) + ScoreNode.HEADER;
      memory.copy(wide + 8, wide, behind << 3);
      memory.copy(narrow + ScoreBranch.ITEMS + 4, narrow + ScoreBranch.ITEMS, behind << 2);
      memory.copy(narrow + ScoreBranch.CHILDREN + 4, narrow + ScoreBranch.CHILDREN, behind << 2);
      memory.copy(narrow + ScoreBranch.SIZES + 4, narrow + ScoreBranch.SIZES, behind << 2);
    }
    this.setKey(index, score, item);
    this.setChild(index, child);
    this.setSize(index, size);
    this.count++;
  }

  /** Takes children [from, to) out. */
  erase(from: u32, to: u32): void {
    this.copyRun(from, this, to, this.count - to);
    this.count -= to - from;
  }

  /** Appends children [from, count) of another branch; the first of them gets this key. */
  append(other: ScoreBranch, from: u32, score: f64, item: ScoredMember): void {
    const count = this.count;
    const added = other.count - from;
    this.copyRun(count, other, from, added);
    this.setKey(count, score, item);
    this.count = count + added;
  }

  private copyRun(to: u32, other: ScoreBranch, from: u32, length: u32): void {
    if (!length) return;
    const target = changetype<usize>(this) + (to << 2);
    const source = changetype<usize>(other) + (from << 2);
    memory.copy(this.scores + (to << 3), other.scores + (from << 3), length << 3);
    memory.copy(target + ScoreBranch.ITEMS, source + ScoreBranch.ITEMS, length << 2);
    memory.copy(target + ScoreBranch.CHILDREN, source + ScoreBranch.CHILDREN, length << 2);
    memory.copy(target + ScoreBranch.SIZES, source + ScoreBranch.SIZES, length << 2);
  }
}
