// A node of an index of ids (id-tree.ts): a sorted run of entries, linked with its neighbours.
//
//   node    0       4      8      12      14     16
//           ├───────┼──────┼──────┼───────┼──────┼──────────┬──────────┬──
//           │ stamp │ prev │ next │ count │ room │ entry[0] │ entry[1] │ …
//           └───────┴──────┴──────┴───────┴──────┴──────────┴──────────┴──
//   entry   0        8        16
//           ├────────┼────────┼──────────
//           │ ms     │ seq    │ value …       a stride that the tree is told once
//           └────────┴────────┴──────────
//   branch  the same with a child as value: an id that is not above any id below the child
//           (the first branch of a node takes whatever lies below the second)

import { Heap } from "../memory/heap";
import { Block } from "./block";

/** What every entry begins with; the value follows. */
@unmanaged
export class IdEntry {
  ms: u64;
  seq: u64;


  @inline isBelow(ms: u64, seq: u64): bool {
    return this.ms < ms || (this.ms == ms && this.seq < seq);
  }


  @inline isAt(ms: u64, seq: u64): bool {
    return this.ms == ms && this.seq == seq;
  }
}


@unmanaged
export class Branch extends IdEntry {
  child: IdNode;
}


@unmanaged
export class IdNode extends Block {
  prev: IdNode | null;
  next: IdNode | null;
  count: u16;
  room: u16;


  @inline at(index: u32, stride: u32): usize {
    return changetype<usize>(this) + offsetof<IdNode>() + <usize>(index * stride);
  }


  @inline branch(index: u32): Branch {
    return changetype<Branch>(this.at(index, offsetof<Branch>()));
  }

  /** The first entry from `low` on that is not below the id: its index, or `count`. */
  @inline lowerBound(low: u32, stride: u32, ms: u64, seq: u64): u32 {
    let high = <u32>this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (changetype<IdEntry>(this.at(middle, stride)).isBelow(ms, seq)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The branch below which the id belongs. */
  @inline branchOf(ms: u64, seq: u64): u32 {
    const index = this.lowerBound(1, offsetof<Branch>(), ms, seq);
    return index < <u32>this.count && this.branch(index).isAt(ms, seq) ? index : index - 1;
  }

  /** Makes a gap of one entry. */
  @inline open(index: u32, stride: u32): usize {
    const gap = this.at(index, stride);
    const behind = <usize>((<u32>this.count - index) * stride);
    if (behind) memory.copy(gap + stride, gap, behind);
    this.count++;
    return gap;
  }

  /** Takes one entry out. */
  @inline cut(index: u32, stride: u32): void {
    const count = --this.count;
    const gap = this.at(index, stride);
    const behind = <usize>((<u32>count - index) * stride);
    if (behind) memory.copy(gap, gap + stride, behind);
  }

  /** Appends all entries of `other`. */
  @inline take(other: IdNode, stride: u32): void {
    memory.copy(
      this.at(this.count, stride),
      other.at(0, stride),
      <usize>(<u32>other.count * stride),
    );
    this.count += other.count;
  }


  @inline static create(room: u32, stride: u32): IdNode {
    const node = changetype<IdNode>(Heap.alloc(offsetof<IdNode>() + <usize>(room * stride)));
    node.prev = null;
    node.next = null;
    node.count = 0;
    node.room = <u16>room;
    node.stampNew();
    return node;
  }
}
