// A node of a quicklist: a listpack that leaves room at its ends, or one element too large for one.
//
//   block                                            block + Heap.sizeOf(block)
//   ├─────┬───────────────────────────────────┬──────┤
//   │ gap │ listpack                          │ room │      length 0
//   └─────┴───────────────────────────────────┴──────┘
//   ├────────────────────────────────────────────┬───┤
//   │ the bytes of the element                   │   │      length > 0
//   └────────────────────────────────────────────┴───┘
//
// Redis's lists move all of a listpack for each element that comes or goes at its front. Here an element is
// written into the gap and the header goes in front of it; one that leaves becomes part of the gap.
// Wherever an edit in the middle needs a listpack that begins its block, `level` moves it there.

import { Heap } from "../memory/heap";
import { Block } from "./block";
import { Listpack } from "./listpack";
import { END } from "./listpack-entry";

/** The smallest block a node begins with when more is to come. */
const FIRST_BLOCK: u32 = 256;


@unmanaged
export class Node {
  block: usize;
  /** Position of its first element, counted from an origin that only the differences know. */
  start: u32;
  /** Bytes of a large element; 0: a listpack. */
  length: u32;
  /** Nodes have at most 64 KB, of which the listpack takes some. */
  gap: u16;
  private pad: u16;


  @inline get isLarge(): bool {
    return this.length != 0;
  }

  /** The listpack, to be read. */
  @inline get listpack(): usize {
    return this.block + this.gap;
  }

  /** The listpack, to be changed: every change of a node's bytes comes through here first. */
  @inline touch(): usize {
    Block.changes(this.block);
    return this.block + this.gap;
  }


  @inline get count(): u32 {
    return this.length ? 1 : Listpack.told(this.listpack);
  }

  /** Bytes of what it holds. */
  @inline get bytes(): u32 {
    return this.length ? this.length : Listpack.bytes(this.listpack);
  }

  // --- making one ---

  /** One element by itself, copied. */
  makeLarge(ptr: usize, len: u32): void {
    this.block = Heap.alloc(len);
    memory.copy(this.block, ptr, len);
    this.length = len;
    this.gap = 0;
  }

  /** A listpack that begins a block, which the node now owns. */
  adopt(lp: usize): void {
    this.block = lp;
    this.length = 0;
    this.gap = 0;
  }

  /** An empty listpack, which will grow at its front or at its end. */
  makeEmpty(inFront: bool): void {
    const block = Heap.alloc(FIRST_BLOCK);
    this.adopt(block);
    if (inFront) this.gap = <u16>(<u32>Heap.sizeOf(block) - Listpack.EMPTY);
    Listpack.clear(block + this.gap);
  }

  copyFrom(other: Node): void {
    if (other.isLarge) this.makeLarge(other.block, other.length);
    else this.adopt(Listpack.copy(other.listpack));
    this.start = other.start;
  }

  // --- the ends ---

  /**
   * Adds an element behind the last.
   * @param limit the bytes that a node of this list may have
   * @param isAlone the list has no other node, so this one grows at both ends
   */
  append(ptr: usize, len: u32, limit: u32, isAlone: bool): void {
    let lp = this.touch();
    const added = Listpack.encode(ptr, len);
    const bytes = Listpack.bytes(lp);
    if (this.gap + bytes + added > <u32>Heap.sizeOf(this.block)) {
      lp = this.makeRoom(added, limit, isAlone, false);
    }
    const p = Listpack.end(lp);
    Listpack.write(p);
    store<u8>(p + added, END);
    Listpack.setHeader(lp, bytes + added, Listpack.told(lp) + 1);
  }

  /** Adds an element before the first, as `append` does. */
  prepend(ptr: usize, len: u32, limit: u32, isAlone: bool): void {
    let lp = this.touch();
    const added = Listpack.encode(ptr, len);
    if (this.gap < added) lp = this.makeRoom(added, limit, isAlone, true);
    const bytes = Listpack.bytes(lp);
    const count = Listpack.told(lp);
    lp -= added;
    this.gap -= <u16>added;
    Listpack.write(lp + Listpack.HEADER);
    Listpack.setHeader(lp, bytes + added, count + 1);
  }

  /** Takes `count` of its elements from the front; some stay. */
  dropFirst(count: u32): void {
    let lp = this.touch();
    let p = lp + Listpack.HEADER;
    if (count == 1) p = Listpack.skip(p);
    else p = Listpack.seek(lp, count);
    const size = <u32>(p - lp) - Listpack.HEADER;
    const bytes = Listpack.bytes(lp) - size;
    const left = Listpack.told(lp) - count;
    this.gap += <u16>size;
    Listpack.setHeader(lp + size, bytes, left);
    this.shrink();
  }

  /** Takes all its elements from `p` on, which are `count`; some stay. */
  dropFrom(p: usize, count: u32): void {
    const lp = this.touch();
    store<u8>(p, END);
    Listpack.setHeader(lp, <u32>(p + 1 - lp), Listpack.told(lp) - count);
    this.shrink();
  }

  /** Takes `count` elements from index `from` on; some stay. */
  drop(from: u32, count: u32): void {
    if (!from) return this.dropFirst(count);
    if (from + count == this.count) return this.dropFrom(Listpack.seek(this.listpack, from), count);
    const lp = this.level();
    this.block = Listpack.deleteRange(lp, from, count);
  }

  // --- room ---

  /** Moves the listpack to the start of the block, so that the functions of `Listpack` may change it. */
  level(): usize {
    const lp = this.touch();
    if (this.gap) {
      memory.copy(this.block, lp, Listpack.bytes(lp));
      this.gap = 0;
    }
    return this.block;
  }

  /** Gives back what room there is, for a node that is not at an end any more. */
  settle(): void {
    if (this.isLarge) return;
    const bytes = Listpack.bytes(this.listpack);
    if (<u32>Heap.goodSize(bytes) < <u32>Heap.sizeOf(this.block)) this.moveTo(Heap.alloc(bytes), 0);
  }

  /** Gives room back when most of the block is empty. */
  @inline shrink(): void {
    const capacity = <u32>Heap.sizeOf(this.block);
    const bytes = Listpack.bytes(this.listpack);
    if (capacity > 64 && bytes < (capacity >> 3) * 3) this.moveTo(Heap.alloc(bytes), 0);
  }

  /**
   * Sees to it that `added` bytes fit at one end: slides the listpack in its block while that leaves
   * enough room for the next ones, else moves to a block half as large again.
   */
  private makeRoom(added: u32, limit: u32, isAlone: bool, inFront: bool): usize {
    const bytes = Listpack.bytes(this.listpack);
    const total = bytes + added;
    let block = this.block;
    let capacity = <u32>Heap.sizeOf(block);
    if (total > capacity || (capacity < limit && capacity - total < total >> 3)) {
      block = Heap.alloc(max(min(total + (total >> 1), limit), total));
      capacity = <u32>Heap.sizeOf(block);
    }
    const room = capacity - total;
    const gap = (isAlone ? room >> 1 : inFront ? room : 0) + (inFront ? added : 0);
    this.moveTo(block, gap);
    return block + gap;
  }

  private moveTo(block: usize, gap: u32): void {
    const lp = this.touch();
    memory.copy(block + gap, lp, Listpack.bytes(lp));
    if (block != this.block) Heap.free(this.block);
    this.block = block;
    this.gap = <u16>gap;
  }

  /** Reads its one large element, as `Listpack.read` does. */
  @inline readLarge(): bool {
    Listpack.ptr = this.block;
    Listpack.len = this.length;
    return false;
  }

  /** Whether its one large element is the text that `Listpack.want` was told. */
  @inline get isWantedLarge(): bool {
    return Listpack.isWantedText(this.block, this.length);
  }
}
