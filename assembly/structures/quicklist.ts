// A list of any length: listpacks of a few kilobytes each, as Redis divides a list, behind a directory.
//
//   0        20         24         28
//   ├────────┼──────────┼──────────┤
//   │ (ring) │ maxBytes │ maxCount │
//   └────────┴──────────┴──────────┘
//
// Where a node ends is decided as Redis decides it, since a list with one node that is small enough becomes a
// bare listpack, and OBJECT ENCODING tells.

import { Heap } from "../memory/heap";
import { Listpack } from "./listpack";
import { Node } from "./quicklist-node";
import { NODE, NodeRing } from "./quicklist-ring";

/** Bytes of a node for list-max-listpack-size -1 … -5 are this, doubled for each step down. */
const NODE_BYTES: u32 = 4096;
/** Bytes of a node when its elements are counted. */
const COUNTED_NODE_BYTES: u32 = 8192;
/** What an element takes at most besides its text, as Redis estimates it. */
const OVERHEAD: u32 = 8;
/** Nodes above which a removal leaves the work of freeing them to its caller. */
const MANY_NODES: u32 = 64;


@unmanaged
export class Quicklist extends NodeRing {
  maxBytes: u32;
  maxCount: u32;

  /** Where `seek`, `next` and `previous` are: the node's index, and the entry in it. */
  static node: u32 = 0;
  static entry: usize = 0;

  // --- limits ---

  /** Bytes a node may have under a list-max-listpack-size. */
  static nodeBytes(fill: i32): u32 {
    return fill >= 0 ? COUNTED_NODE_BYTES : NODE_BYTES << (<u32>min(-1 - fill, 4));
  }

  /** Elements a node may have under a list-max-listpack-size. */
  static nodeCount(fill: i32): u32 {
    return fill < 0 ? u32.MAX_VALUE : <u32>max(fill, 1);
  }

  /** Bytes that the directory takes once `count` more elements of `bytes` bytes in all have come; 0: as now. */
  growth(bytes: u64, count: u64): u64 {
    if (this.nodes + count + 2 <= this.mask) return 0;
    // Two neighbours that did not fit in one node are more than a node together.
    const full = ((bytes + count * 2 * OVERHEAD) * 2) / this.maxBytes;
    const nodes = this.nodes + min(count, full + count / this.maxCount) + 2;
    return nodes <= this.mask ? 0 : (<u64>(NODE << 1)) << (64 - clz(nodes));
  }

  // --- the whole ---

  static create(fill: i32): Quicklist {
    const list = changetype<Quicklist>(Heap.alloc(offsetof<Quicklist>()));
    list.begin();
    list.maxBytes = Quicklist.nodeBytes(fill);
    list.maxCount = Quicklist.nodeCount(fill);
    return list;
  }

  copy(): Quicklist {
    const twin = changetype<Quicklist>(Heap.alloc(offsetof<Quicklist>()));
    memory.copy(changetype<usize>(twin), changetype<usize>(this), offsetof<Quicklist>());
    twin.copyNodes(this);
    return twin;
  }

  /** Takes over a listpack as it is, if it is no larger than a node may be; else what is in it. */
  appendListpack(lp: usize): void {
    const count = Listpack.length(lp);
    if (count && Listpack.bytes(lp) <= this.maxBytes && count <= this.maxCount) {
      const start = this.end;
      const node = this.newNode(this.nodes);
      node.start = start;
      node.adopt(Listpack.trim(lp));
      this.count += count;
      return;
    }
    for (let p = Listpack.first(lp); p; p = Listpack.next(p)) {
      Listpack.text(p);
      this.pushLast(Listpack.ptr, Listpack.len);
    }
    Listpack.free(lp);
  }

  /** Whether so many bytes and elements are too much for a listpack. */
  static exceeds(fill: i32, bytes: u64, count: u64): bool {
    return bytes > <u64>Quicklist.nodeBytes(fill) || count > <u64>Quicklist.nodeCount(fill);
  }

  /** Whether the list may become a bare listpack; with `half`, only when it is half as large as that. */
  isListpack(half: bool): bool {
    if (this.nodes != 1) return false;
    const node = this.at(0);
    if (node.isLarge) return false;
    const shift = u32(half);
    return this.maxCount == u32.MAX_VALUE
      ? node.bytes <= this.maxBytes >> shift
      : node.count <= this.maxCount >> shift;
  }

  /** The listpack that a list of one node consists of; the list is gone. */
  toListpack(): usize {
    const lp = Listpack.trim(this.at(0).level());
    this.freeAlone();
    return lp;
  }

  // --- the ends ---

  pushLast(ptr: usize, len: u32): void {
    const nodes = this.nodes;
    if (nodes) {
      const last = this.at(nodes - 1);
      if (this.hasRoom(last, len)) {
        last.append(ptr, len, this.maxBytes, nodes == 1);
        this.count++;
        return;
      }
      last.settle();
    }
    this.insertNode(nodes, ptr, len, false);
  }

  pushFirst(ptr: usize, len: u32): void {
    const nodes = this.nodes;
    if (nodes) {
      const first = this.at(0);
      if (this.hasRoom(first, len)) {
        first.prepend(ptr, len, this.maxBytes, nodes == 1);
        first.start--;
        this.count++;
        return;
      }
      first.settle();
    }
    this.insertNode(0, ptr, len, true);
  }

  /** Reads the first element, as `Listpack.read` does. */
  readFirst(): bool {
    const node = this.at(0);
    return node.isLarge ? node.readLarge() : Listpack.read(node.listpack + Listpack.HEADER);
  }

  /** Reads the last element. */
  readLast(): bool {
    const node = this.at(this.nodes - 1);
    return node.isLarge ? node.readLarge() : Listpack.read(Listpack.last(node.listpack));
  }

  /** Takes the first element away. */
  dropFirst(): void {
    const node = this.at(0);
    this.count--;
    if (node.count == 1) return this.removeNodes(0, 1);
    node.dropFirst(1);
    node.start++;
  }

  /** Takes the last element away. */
  dropLast(): void {
    const last = this.nodes - 1;
    const node = this.at(last);
    this.count--;
    if (node.count == 1) return this.removeNodes(last, 1);
    node.dropFrom(Listpack.last(node.listpack), 1);
  }

  // --- finding and walking ---

  /** Goes to an element; the index is below `count`. */
  seek(index: u32): void {
    Quicklist.node = this.locate(index);
    const node = this.at(Quicklist.node);
    Quicklist.entry = node.isLarge ? node.block : Listpack.seek(node.listpack, NodeRing.offset);
  }

  /** Goes to the first element of a node. */
  enter(index: u32): void {
    const node = this.at(index);
    Quicklist.node = index;
    NodeRing.offset = 0;
    Quicklist.entry = node.isLarge ? node.block : node.listpack + Listpack.HEADER;
  }

  /** Goes to the next element, if there is one. */
  next(): bool {
    if (!this.at(Quicklist.node).isLarge) {
      const p = Listpack.next(Quicklist.entry);
      if (p) {
        Quicklist.entry = p;
        return true;
      }
    }
    if (Quicklist.node + 1 >= this.nodes) return false;
    this.enter(Quicklist.node + 1);
    return true;
  }

  /** Goes to the element before, if there is one. */
  previous(): bool {
    let node = this.at(Quicklist.node);
    if (!node.isLarge) {
      const p = Listpack.prev(node.listpack, Quicklist.entry);
      if (p) {
        Quicklist.entry = p;
        return true;
      }
    }
    if (!Quicklist.node) return false;
    node = this.at(--Quicklist.node);
    Quicklist.entry = node.isLarge ? node.block : Listpack.last(node.listpack);
    return true;
  }

  /** Reads the element, as `Listpack.read` does. */
  @inline read(): bool {
    const node = this.at(Quicklist.node);
    return node.isLarge ? node.readLarge() : Listpack.read(Quicklist.entry);
  }

  /** Whether the element is what `Listpack.want` was told. */
  @inline isWanted(): bool {
    const node = this.at(Quicklist.node);
    return node.isLarge ? node.isWantedLarge : Listpack.isWanted(Quicklist.entry);
  }

  /** Goes to the next element that `Listpack.want` was told, which may be the one where it is. */
  findWanted(): bool {
    while (true) {
      const node = this.at(Quicklist.node);
      if (!node.isLarge) {
        const p = Listpack.findWanted(Quicklist.entry);
        if (p) {
          Quicklist.entry = p;
          return true;
        }
      } else if (node.isWantedLarge) {
        return true;
      }
      if (Quicklist.node + 1 >= this.nodes) return false;
      this.enter(Quicklist.node + 1);
    }
  }

  // --- changes in the middle ---

  /** Puts an element before or after the one that `seek` went to. */
  insert(ptr: usize, len: u32, after: bool): void {
    const index = Quicklist.node;
    const p = Quicklist.entry;
    const node = this.at(index);
    const isLarge = node.isLarge;
    if (this.hasRoom(node, len)) {
      const offset = p - node.listpack;
      const lp = node.level();
      node.block = after
        ? Listpack.insertAfter(lp, lp + offset, ptr, len)
        : Listpack.insertBefore(lp, lp + offset, ptr, len);
      this.count++;
      return this.move(index + 1, 1);
    }
    const atEdge = isLarge || (after ? !Listpack.next(p) : p == node.listpack + Listpack.HEADER);
    if (!atEdge) return this.insertBetween(index, p, ptr, len, after);
    if (after && index + 1 < this.nodes && this.hasRoom(this.at(index + 1), len)) {
      this.at(index + 1).prepend(ptr, len, this.maxBytes, false);
      this.count++;
      return this.move(index + 2, 1);
    }
    if (!after && index && this.hasRoom(this.at(index - 1), len)) {
      this.at(index - 1).append(ptr, len, this.maxBytes, false);
      this.count++;
      return this.move(index, 1);
    }
    this.insertNode(index + u32(after), ptr, len, !after);
  }

  /** Replaces the element that `seek` went to, whose index is given. */
  replace(index: u32, ptr: usize, len: u32): void {
    const node = this.at(Quicklist.node);
    const fits = !this.isLarge(len);
    if (node.isLarge && !fits) {
      node.touch();
      Heap.free(node.block);
      node.makeLarge(ptr, len);
      return;
    }
    if (!node.isLarge && fits) {
      const p = Quicklist.entry;
      const offset = p - node.listpack;
      const total = node.bytes - <u32>(Listpack.skip(p) - p) + Listpack.entrySize(ptr, len);
      if (total <= max(this.maxBytes, node.bytes)) {
        const lp = node.level();
        node.block = Listpack.replace(lp, lp + offset, ptr, len);
        return;
      }
    }
    this.insert(ptr, len, true);
    this.remove(index, 1);
  }

  /**
   * Removes `count` elements from an index on; there are so many. When they fill many nodes, these are not
   * freed but answered as a list of their own, which is good for nothing but `free`; else 0.
   */
  remove(index: u32, count: u32): usize {
    const left = this.locate(index);
    const leftOffset = NodeRing.offset;
    const end = index + count;
    let right = this.nodes;
    let rightOffset: u32 = 0;
    if (end < this.count) {
      right = this.locate(end);
      rightOffset = NodeRing.offset;
    }
    this.count -= count;
    if (left == right) {
      this.at(left).drop(leftOffset, count);
      this.move(left + 1, 0 - count);
      return 0;
    }
    let first = left;
    if (leftOffset) {
      const node = this.at(left);
      node.drop(leftOffset, node.count - leftOffset);
      first++;
    }
    if (rightOffset) {
      const node = this.at(right);
      node.dropFirst(rightOffset);
      node.start += rightOffset;
    }
    const whole = right - first;
    const gone = whole > MANY_NODES ? this.detach(first, whole) : 0;
    if (whole) this.removeNodes(first, whole);
    this.move(first, 0 - count);
    return gone;
  }

  /**
   * Removes the first (or `backwards`, the last) `limit` elements that `Listpack.want` was told, and says how
   * many there were. Each node's bytes move once.
   */
  removeWanted(limit: u32, backwards: bool): u32 {
    const nodes = this.nodes;
    let rest = limit;
    let visited: u32 = 0;
    for (; visited < nodes && rest; visited++) {
      const node = this.at(backwards ? nodes - 1 - visited : visited);
      rest -= Quicklist.removeWantedIn(node, rest, backwards);
    }
    this.count -= limit - rest;
    if (rest != limit) this.closeGaps(visited, backwards);
    return limit - rest;
  }

  /** As above in one node; one that loses all its elements loses its block. */
  private static removeWantedIn(node: Node, limit: u32, backwards: bool): u32 {
    let gone: u32 = 0;
    if (node.isLarge) {
      if (!node.isWantedLarge) return 0;
      node.touch();
      gone = 1;
    } else {
      const lp = node.listpack;
      const from = backwards
        ? Listpack.findWantedFromEnd(lp, limit)
        : Listpack.findWanted(lp + Listpack.HEADER);
      if (!from) return 0;
      gone = Listpack.deleteWanted(node.touch(), from, limit);
      if (node.count) {
        node.shrink();
        return gone;
      }
    }
    Heap.free(node.block);
    node.block = 0;
    return gone;
  }

  /** Closes up over nodes without a block among the first (or last) `visited`, and counts positions anew. */
  private closeGaps(visited: u32, backwards: bool): void {
    if (backwards) {
      let target = this.nodes - visited;
      let position = this.at(target).start;
      for (let i = target; i < this.nodes; i++) {
        const node = this.at(i);
        if (!node.block) continue;
        node.start = position;
        position += node.count;
        this.copyNode(i, target++);
      }
      this.nodes = target;
    } else {
      let target = visited;
      let position = visited < this.nodes ? this.at(visited).start : 0;
      for (let i = visited; i; i--) {
        const node = this.at(i - 1);
        if (!node.block) continue;
        position -= node.count;
        node.start = position;
        this.copyNode(i - 1, --target);
      }
      this.head += target;
      this.nodes -= target;
    }
    this.fitRing();
  }

  /** Splits a full node at an entry that is not at its edge, to put an element there. */
  private insertBetween(index: u32, p: usize, ptr: usize, len: u32, after: bool): void {
    const cut = after ? Listpack.skip(p) : p;
    this.splitNode(index, cut);
    if (after && this.hasRoom(this.at(index + 1), len)) {
      this.at(index + 1).prepend(ptr, len, this.maxBytes, false);
      this.count++;
      this.move(index + 2, 1);
    } else if (this.hasRoom(this.at(index), len)) {
      this.at(index).append(ptr, len, this.maxBytes, false);
      this.count++;
      this.move(index + 1, 1);
    } else {
      return this.insertNode(index + 1, ptr, len, false);
    }
    this.mergeAround(after ? index : index + 1);
  }

  // --- nodes ---

  /** Whether an element of `len` bytes gets a node to itself. */
  @inline private isLarge(len: u32): bool {
    return Listpack.EMPTY + len + OVERHEAD > this.maxBytes;
  }

  /** Whether an element of `len` bytes may join this node. */
  @inline private hasRoom(node: Node, len: u32): bool {
    if (node.isLarge || this.isLarge(len)) return false;
    const lp = node.listpack;
    return (
      Listpack.bytes(lp) + len + OVERHEAD <= this.maxBytes && Listpack.told(lp) < this.maxCount
    );
  }

  /** Makes a node with one element, and counts it. */
  private insertNode(index: u32, ptr: usize, len: u32, inFront: bool): void {
    const start = index < this.nodes ? this.at(index).start : this.end;
    const node = this.newNode(index);
    node.start = start;
    if (this.isLarge(len)) node.makeLarge(ptr, len);
    else {
      node.makeEmpty(inFront);
      const isAlone = this.nodes == 1;
      if (inFront) node.prepend(ptr, len, this.maxBytes, isAlone);
      else node.append(ptr, len, this.maxBytes, isAlone);
    }
    this.count++;
    this.move(index + 1, 1);
  }

  /** Moves the entries of a node from `p` on to a new node behind it. */
  private splitNode(index: u32, p: usize): void {
    let node = this.at(index);
    const offset = p - node.listpack;
    const lp = node.level();
    const before = Listpack.told(lp);
    const tail = Listpack.split(lp, lp + offset);
    node.shrink();
    const start = node.start + before - Listpack.told(tail);
    node = this.newNode(index + 1);
    node.start = start;
    node.adopt(tail);
  }

  /** Joins the nodes around a split with their neighbours where they fit in one, as Redis does. */
  private mergeAround(index: u32): void {
    if (index >= 2 && this.mergeWithNext(index - 2)) index--;
    this.mergeWithNext(index + 1);
    if (index && this.mergeWithNext(index - 1)) index--;
    this.mergeWithNext(index);
  }

  private mergeWithNext(index: u32): bool {
    if (index + 1 >= this.nodes) return false;
    const node = this.at(index);
    const next = this.at(index + 1);
    if (node.isLarge || next.isLarge) return false;
    const body = next.bytes - Listpack.EMPTY;
    if (node.bytes + body > this.maxBytes || node.count + next.count > this.maxCount) return false;
    const from = next.listpack + Listpack.HEADER;
    node.block = Listpack.appendBody(node.level(), from, body, next.count);
    this.removeNodes(index + 1, 1);
    return true;
  }
}
