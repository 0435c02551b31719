// An input of ZUNION and its like: a sorted set, or a set whose members all have the score 1.

import { Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { Sets } from "./set";
import { SetWalk } from "./set-walk";
import { SortedSet } from "./sorted-set";
import { SortedSetWalk } from "./sorted-set-walk";

const SCORE_IN_SET: f64 = 1.0;

/**
 *   0        4         8        16
 *   ├────────┼─────────┼────────┤
 *   │ entry  │ members │ weight │    entry 0: the key is missing
 *   └────────┴─────────┴────────┘
 */
@unmanaged
export class Operand {
  private entry: Entry | null;
  length: u32;
  weight: f64;

  /** The member a walk stands on, and its score. */
  static ptr: usize = 0;
  static len: u32 = 0;
  static score: f64 = 0.0;
  private static walksSet: bool = false;
  /** Members of a sorted set that a walk has not come to. */
  private static rest: u32 = 0;

  setUp(entry: Entry | null): void {
    this.entry = entry;
    this.length = entry ? Types.length(entry.type, entry.value, entry.encoding) : 0;
    this.weight = 1.0;
  }

  /** Bytes of the value. */
  get bytes(): u64 {
    const entry = this.entry;
    return entry ? Types.size(entry.type, entry.value, entry.encoding) : 0;
  }

  /** Whether a walk meets the members in the order of sorted sets. */
  get isSorted(): bool {
    const entry = this.entry;
    return entry == null || entry.type == Type.ZSET;
  }

  /** Begins a walk over the members; `next` goes to the first. */
  startWalk(): void {
    const entry = this.entry;
    Operand.walksSet = false;
    Operand.rest = 0;
    if (!entry) return;
    if (entry.type == Type.SET) {
      SetWalk.main.start(entry.value, entry.encoding);
      Operand.walksSet = true;
    } else {
      SortedSetWalk.main.start(entry, 0, false);
      Operand.rest = this.length;
    }
  }

  /** Goes to the next member; false at the end. */
  static next(): bool {
    if (Operand.walksSet) {
      const walk = SetWalk.main;
      if (!walk.next()) return false;
      Operand.ptr = walk.ptr;
      Operand.len = walk.len;
      Operand.score = SCORE_IN_SET;
      return true;
    }
    if (!Operand.rest) return false;
    Operand.rest--;
    const walk = SortedSetWalk.main;
    walk.read();
    Operand.ptr = walk.ptr;
    Operand.len = walk.len;
    Operand.score = walk.memberScore;
    if (Operand.rest) walk.step();
    return true;
  }

  /** Whether a member is there; its score is then in `SortedSet.score`. */
  find(ptr: usize, len: u32): bool {
    const entry = this.entry;
    if (!entry) return false;
    if (entry.type == Type.ZSET) return SortedSet.find(entry, ptr, len);
    SortedSet.score = SCORE_IN_SET;
    return Sets.has(entry, ptr, len);
  }
}

/** The inputs of one command, side by side in a block. */
@unmanaged
export class Operands {
  count: u32;

  static create(count: u32): Operands {
    const operands = changetype<Operands>(Heap.alloc(8 + count * offsetof<Operand>()));
    operands.count = count;
    return operands;
  }


  @inline at(index: u32): Operand {
    return changetype<Operand>(changetype<usize>(this) + 8 + <usize>index * offsetof<Operand>());
  }


  @inline free(): void {
    Heap.free(changetype<usize>(this));
  }

  /** Members of all of them. */
  get members(): u64 {
    let total: u64 = 0;
    for (let i: u32 = 0; i < this.count; i++) total += this.at(i).length;
    return total;
  }

  get bytes(): u64 {
    let total: u64 = 0;
    for (let i: u32 = 0; i < this.count; i++) total += this.at(i).bytes;
    return total;
  }

  /**
   * Sorts by length, smallest first; equal ones stay in order, since sums of doubles depend on it. A merge
   * sort from runs of one upwards, to and fro between the block and one beside it.
   */
  sort(): void {
    const count = this.count;
    const spare = Operands.create(count);
    let from: Operands = this;
    let to = spare;
    for (let run: u32 = 1; run < count; run <<= 1) {
      for (let start: u32 = 0; start < count; start += run << 1) {
        from.mergeRuns(to, start, min(start + run, count), min(start + (run << 1), count));
      }
      const merged = to;
      to = from;
      from = merged;
    }
    if (from != this)
      memory.copy(
        changetype<usize>(this),
        changetype<usize>(from),
        8 + count * offsetof<Operand>(),
      );
    spare.free();
  }

  private mergeRuns(to: Operands, start: u32, middle: u32, end: u32): void {
    let left = start;
    let right = middle;
    for (let at = start; at < end; at++) {
      const takesLeft =
        left < middle && (right >= end || this.at(left).length <= this.at(right).length);
      const source = this.at(takesLeft ? left++ : right++);
      memory.copy(changetype<usize>(to.at(at)), changetype<usize>(source), offsetof<Operand>());
    }
  }
}
