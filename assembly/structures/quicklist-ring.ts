// The directory of a quicklist: its nodes in a ring, each with the position of its first element.
//
//   0       4       8      12     16     20
//   ├───────┼───────┼──────┼──────┼──────┤
//   │ count │ nodes │ ring │ mask │ head │
//   └───────┴───────┴──┬───┴──────┴──────┘
//                      ▼
//          ┌───┬───┬───┬───────┬────────┬────────┬───┐
//          │   │   │ … │ last  │        │ first  │ … │      a power of two of nodes, 16 bytes each
//          └───┴───┴───┴───────┴────────┴────────┴───┘
//
// As a ring both its ends grow and shrink at no cost. A node knows the position of its first element from an
// arbitrary origin: pushing at the front counts down from it, at the end counts up, so no other node has to
// know. An index is found by binary search, where a chain of nodes would be walked. A change in the middle
// moves the positions (and, when nodes come or go, the nodes) on the shorter side of it: never more nodes than
// the search for the place passed over.

import { Heap } from "../memory/heap";
import { Node } from "./quicklist-node";

const FIRST_RING: u32 = 4;
/** Bytes of a node's place. */
export const NODE: u32 = <u32>offsetof<Node>();


@unmanaged
export class NodeRing {
  /** Elements. */
  count: u32;
  nodes: u32;
  protected ring: usize;
  protected mask: u32;
  protected head: u32;

  /** After `locate`: how far into its node the element is. */
  static offset: u32 = 0;

  // --- the whole ---

  /** Makes it empty. */
  protected begin(): void {
    this.count = 0;
    this.nodes = 0;
    this.ring = Heap.alloc(FIRST_RING * NODE);
    this.mask = FIRST_RING - 1;
    this.head = 0;
  }

  /** Has copies of the nodes of another one, whose fields it has already. */
  protected copyNodes(other: NodeRing): void {
    this.ring = Heap.alloc((other.mask + 1) * NODE);
    for (let i: u32 = 0; i < other.nodes; i++) this.at(i).copyFrom(other.at(i));
  }

  /** Frees at most `limit` nodes, and the list itself after the last; whether that is done. */
  free(limit: u32): bool {
    const stop = this.nodes > limit ? this.nodes - limit : 0;
    while (this.nodes > stop) {
      const node = this.at(--this.nodes);
      node.touch();
      Heap.free(node.block);
    }
    if (stop) return false;
    this.freeAlone();
    return true;
  }

  /** Bytes of memory, all in all. */
  get memoryBytes(): usize {
    let bytes = Heap.sizeOf(changetype<usize>(this)) + Heap.sizeOf(this.ring);
    for (let i: u32 = 0; i < this.nodes; i++) bytes += Heap.sizeOf(this.at(i).block);
    return bytes;
  }

  /** Frees the ring and this, but no node. */
  protected freeAlone(): void {
    Heap.free(this.ring);
    Heap.free(changetype<usize>(this));
  }

  // --- positions ---

  /** The node with an index below `nodes`, valid until nodes come or go. */
  @inline at(index: u32): Node {
    return changetype<Node>(this.ring + ((this.head + index) & this.mask) * NODE);
  }

  /** Position behind the last element. */
  @inline protected get end(): u32 {
    return this.nodes ? this.at(0).start + this.count : 0;
  }

  /** The node that holds an index below `count`; how far into it is in `offset`. */
  protected locate(index: u32): u32 {
    const origin = this.at(0).start;
    let low: u32 = 0;
    let high = this.nodes - 1;
    // The ends are where most come to.
    if (high && index < this.at(1).start - origin) high = 0;
    else if (high && index >= this.at(high).start - origin) low = high;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.at(middle).start - origin <= index) low = middle;
      else high = middle - 1;
    }
    NodeRing.offset = index - (this.at(low).start - origin);
    return low;
  }

  /** Between the first `left` nodes and the others, `count` elements came (or went, when negative). */
  protected move(left: u32, count: u32): void {
    if (left > this.nodes >> 1) {
      for (let i = left; i < this.nodes; i++) this.at(i).start += count;
    } else {
      for (let i: u32 = 0; i < left; i++) this.at(i).start -= count;
    }
  }

  // --- nodes come and go ---

  /** Opens a place for a node; what is in it is up to the caller. */
  protected newNode(index: u32): Node {
    if (this.nodes > this.mask) this.resizeRing((this.mask + 1) << 1);
    if (index < this.nodes >> 1) {
      this.head--;
      for (let i: u32 = 0; i < index; i++) this.copyNode(i + 1, i);
    } else {
      for (let i = this.nodes; i > index; i--) this.copyNode(i - 1, i);
    }
    this.nodes++;
    return this.at(index);
  }

  /** Moves nodes to a list of their own and leaves their places empty; 0 when there is no room for one. */
  protected detach(index: u32, count: u32): usize {
    const capacity: u32 = (<u32>1) << (32 - clz(count));
    if (!Heap.hasRoom(<u64>capacity * NODE)) return 0;
    const gone = changetype<NodeRing>(Heap.alloc(offsetof<NodeRing>()));
    gone.ring = Heap.alloc(capacity * NODE);
    gone.mask = capacity - 1;
    gone.head = 0;
    gone.nodes = count;
    for (let i: u32 = 0; i < count; i++) {
      v128.store(gone.ring + i * NODE, v128.load(changetype<usize>(this.at(index + i))));
      this.at(index + i).block = 0;
    }
    return changetype<usize>(gone);
  }

  /** Frees nodes and closes their places. */
  protected removeNodes(index: u32, count: u32): void {
    const behind = index + count;
    for (let i = index; i < behind; i++) {
      const node = this.at(i);
      if (!node.block) continue;
      node.touch();
      Heap.free(node.block);
    }
    if (index < this.nodes - behind) {
      for (let i = index; i; i--) this.copyNode(i - 1, i - 1 + count);
      this.head += count;
    } else {
      for (let i = behind; i < this.nodes; i++) this.copyNode(i, i - count);
    }
    this.nodes -= count;
    this.fitRing();
  }


  @inline protected copyNode(from: u32, to: u32): void {
    v128.store(changetype<usize>(this.at(to)), v128.load(changetype<usize>(this.at(from))));
  }

  /** A ring that is mostly empty becomes smaller, with room to grow again before it is full. */
  protected fitRing(): void {
    let capacity = this.mask + 1;
    while (capacity > FIRST_RING && this.nodes < capacity >> 2) capacity >>= 1;
    if (capacity <= this.mask) this.resizeRing(capacity);
  }

  protected resizeRing(capacity: u32): void {
    const ring = Heap.alloc(capacity * NODE);
    for (let i: u32 = 0; i < this.nodes; i++) {
      v128.store(ring + i * NODE, v128.load(changetype<usize>(this.at(i))));
    }
    Heap.free(this.ring);
    this.ring = ring;
    this.mask = capacity - 1;
    this.head = 0;
  }
}
