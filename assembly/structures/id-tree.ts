// An ordered index of 128-bit ids with a small value each: a B+ tree.
//
// A stream finds its nodes in one, a consumer group what is pending, a consumer which of that is its
// own. Ids mostly come in rising order and mostly leave from the low end, and everything that reads
// them wants ranges in order. So entries lie in *leaves* that are linked both ways, an id is compared
// as two integers, an id above all others goes to the last leaf without a search, and a leaf that is
// full at that end is left full and a new one begun.
//
// A tree with one leaf grows and shrinks it as needed, so that a few ids take a few bytes; with more
// than one leaf all nodes have NODE_BYTES. A node that is less than a quarter full joins a neighbour
// if that leaves the two at most three quarters full together.
//
// A radix tree of the same 16 bytes, path-compressed, was tried beside it with 1 M ids: it took 190 ns
// to add the next id and 150 to find it (here 18 and 40), 250 to 350 to find one at random (170 to 330),
// and as much memory when ids are dense, more when they are not. Nodes of 2 or 4 KB were no quicker.

import { Heap } from "../memory/heap";
import { Block } from "./block";
import { Branch, IdEntry, IdNode } from "./id-node";

const NODE_BYTES: usize = 1024;
/** Entries that the first leaf has room for. */
const FIRST_ROOM: u32 = 1;

/** A step on the way from the root to a leaf. */
@unmanaged
class Step {
  node: IdNode;
  index: u32;
}

/** More levels than 4 GB can fill. */
const STEPS: usize = memory.data(16 * 8);


@unmanaged
export class IdTree extends Block {
  root: IdNode | null;
  last: IdNode | null;
  size: u32;
  /** Bytes an entry takes. */
  stride: u16;
  /** Levels of branches above the leaves. */
  height: u16;

  /** Whether the last `add` made a new entry. */
  static added: bool = false;
  /** The leaf of the entry that `find` found, or that `add` found instead of making one. */
  static leaf: IdNode = changetype<IdNode>(0);
  /** The index in the leaf that `seek` and `seekBack` found. */
  static index: u32 = 0;

  /** Makes it empty; nothing is freed. */
  @inline reset(stride: u32): void {
    this.stampNew();
    this.root = null;
    this.last = null;
    this.size = 0;
    this.stride = <u16>stride;
    this.height = 0;
  }

  /** The entry with this id, or 0; who changes its value touches `leaf` before. */
  find(ms: u64, seq: u64): usize {
    const leaf = this.leafOf(ms, seq);
    if (!leaf) return 0;
    IdTree.leaf = leaf;
    const stride = <u32>this.stride;
    const index = leaf.lowerBound(0, stride, ms, seq);
    const entry = leaf.at(index, stride);
    return index < <u32>leaf.count && changetype<IdEntry>(entry).isAt(ms, seq) ? entry : 0;
  }

  /** The first leaf, or null. */
  first(): IdNode | null {
    let node = this.root;
    if (!node) return null;
    for (let level = <u32>this.height; level; level--) node = node.branch(0).child;
    return node;
  }

  /** The leaf with the first entry that is not below the id, or null; its place is in `index`. */
  seek(ms: u64, seq: u64): IdNode | null {
    const leaf = this.leafOf(ms, seq);
    if (!leaf) return null;
    const index = leaf.lowerBound(0, this.stride, ms, seq);
    const inside = index < <u32>leaf.count;
    IdTree.index = inside ? index : 0;
    return inside ? leaf : leaf.next;
  }

  /** As `seek`, with the first entry above the id. */
  @inline seekAfter(ms: u64, seq: u64): IdNode | null {
    const last = seq == u64.MAX_VALUE;
    return last && ms == u64.MAX_VALUE ? null : this.seek(ms + u64(last), seq + 1);
  }

  /** The leaf with the last entry that is not above the id, or null; its place is in `index`. */
  seekBack(ms: u64, seq: u64): IdNode | null {
    let leaf = this.leafOf(ms, seq);
    if (!leaf) return null;
    const stride = <u32>this.stride;
    let index = leaf.lowerBound(0, stride, ms, seq);
    if (index < <u32>leaf.count && changetype<IdEntry>(leaf.at(index, stride)).isAt(ms, seq))
      index++;
    if (!index) {
      leaf = leaf.prev;
      if (!leaf) return null;
      index = leaf.count;
    }
    IdTree.index = index - 1;
    return leaf;
  }

  /** The entry with this id; where it had none (`added`) the value is still to be written. */
  add(ms: u64, seq: u64): usize {
    const stride = <u32>this.stride;
    const last = this.last;
    if (!last) return this.addFirst(ms, seq);
    const count = <u32>last.count;
    if (changetype<IdEntry>(last.at(count - 1, stride)).isBelow(ms, seq)) {
      if (count < <u32>last.room) return this.write(last, count, ms, seq);
      if (this.height) this.descend(ms, seq);
      return this.addToFull(last, count, ms, seq);
    }
    const leaf = this.descend(ms, seq);
    const index = leaf.lowerBound(0, stride, ms, seq);
    const entry = leaf.at(index, stride);
    if (index < <u32>leaf.count && changetype<IdEntry>(entry).isAt(ms, seq)) {
      IdTree.added = false;
      IdTree.leaf = leaf;
      return entry;
    }
    if (<u32>leaf.count < <u32>leaf.room) return this.write(leaf, index, ms, seq);
    return this.addToFull(leaf, index, ms, seq);
  }

  /** Takes the id out; says whether it was there. */
  remove(ms: u64, seq: u64): bool {
    if (!this.root) return false;
    const stride = <u32>this.stride;
    const leaf = this.descend(ms, seq);
    const index = leaf.lowerBound(0, stride, ms, seq);
    if (index == <u32>leaf.count || !changetype<IdEntry>(leaf.at(index, stride)).isAt(ms, seq))
      return false;
    this.touch();
    leaf.touch();
    leaf.cut(index, stride);
    this.size--;
    if (<u32>leaf.count <= (<u32>leaf.room) >> 2) this.shrink(leaf, 0);
    return true;
  }

  /** Frees the last leaf with all its entries. */
  removeLastLeaf(): void {
    const last = this.last!;
    const entry = changetype<IdEntry>(last.at(<u32>last.count - 1, this.stride));
    this.descend(entry.ms, entry.seq);
    this.touch();
    last.touch();
    this.size -= last.count;
    last.count = 0;
    this.shrink(last, 0);
  }

  /** Frees up to `work` leaves; answers how much of `work` is left, or -1 while there is more to free. */
  clear(work: i32): i32 {
    for (; this.size; work--) {
      if (work <= 0) return -1;
      this.removeLastLeaf();
    }
    return work;
  }

  /** Bytes of all nodes. */
  indexBytes(): usize {
    const root = this.root;
    if (!root) return 0;
    return this.height ? this.bytesBelow(root, this.height) : Heap.sizeOf(changetype<usize>(root));
  }

  private bytesBelow(node: IdNode, level: u32): usize {
    let sum = Heap.sizeOf(changetype<usize>(node));
    const count = <u32>node.count;
    if (level == 1) return sum + <usize>count * Heap.goodSize(NODE_BYTES);
    for (let i: u32 = 0; i < count; i++) sum += this.bytesBelow(node.branch(i).child, level - 1);
    return sum;
  }


  @inline private static step(level: u32): Step {
    return changetype<Step>(STEPS + ((<usize>level) << 3));
  }


  @inline private static fullRoom(stride: u32): u32 {
    return <u32>(NODE_BYTES - offsetof<IdNode>()) / stride;
  }

  /** The leaf the id belongs to, or null in an empty tree. */
  @inline private leafOf(ms: u64, seq: u64): IdNode | null {
    let node = this.root;
    if (!node) return null;
    for (let level = <u32>this.height; level; level--)
      node = node.branch(node.branchOf(ms, seq)).child;
    return node;
  }

  /** The leaf the id belongs to, with the way to it in the steps. */
  private descend(ms: u64, seq: u64): IdNode {
    let node = this.root!;
    for (let level = <u32>this.height; level; level--) {
      const index = node.branchOf(ms, seq);
      const step = IdTree.step(level);
      step.node = node;
      step.index = index;
      node = node.branch(index).child;
    }
    return node;
  }

  private addFirst(ms: u64, seq: u64): usize {
    const leaf = IdNode.create(FIRST_ROOM, this.stride);
    this.root = leaf;
    this.last = leaf;
    return this.write(leaf, 0, ms, seq);
  }


  @inline private write(leaf: IdNode, index: u32, ms: u64, seq: u64): usize {
    this.touch();
    leaf.touch();
    const entry = leaf.open(index, this.stride);
    changetype<IdEntry>(entry).ms = ms;
    changetype<IdEntry>(entry).seq = seq;
    this.size++;
    IdTree.added = true;
    return entry;
  }

  /** Adds to a leaf without room; the way to it is in the steps. */
  private addToFull(leaf: IdNode, index: u32, ms: u64, seq: u64): usize {
    const stride = <u32>this.stride;
    const full = IdTree.fullRoom(stride);
    if (<u32>leaf.room < full)
      return this.write(this.resizeRoot(min((<u32>leaf.room) << 1, full)), index, ms, seq);
    const count = <u32>leaf.count;
    const next = leaf.next;
    const atEnd = !next && index == count;
    const right = IdNode.create(full, stride);
    right.prev = leaf;
    right.next = next;
    this.touch();
    leaf.touch();
    leaf.next = right;
    if (next) {
      next.touch();
      next.prev = right;
    } else this.last = right;
    if (atEnd) {
      this.addBranch(1, ms, seq, right, true);
      return this.write(right, 0, ms, seq);
    }
    IdTree.halve(leaf, right, stride);
    const first = changetype<IdEntry>(right.at(0, stride));
    this.addBranch(1, first.ms, first.seq, right, false);
    const kept = <u32>leaf.count;
    return index <= kept
      ? this.write(leaf, index, ms, seq)
      : this.write(right, index - kept, ms, seq);
  }

  /** Moves the upper half of a full node to an empty one. */
  @inline private static halve(node: IdNode, right: IdNode, stride: u32): void {
    node.touch();
    const count = <u32>node.count;
    const kept = count >> 1;
    memory.copy(right.at(0, stride), node.at(kept, stride), <usize>((count - kept) * stride));
    right.count = <u16>(count - kept);
    node.count = <u16>kept;
  }

  /** The root while it is the only leaf: gives it another room. */
  private resizeRoot(room: u32): IdNode {
    this.touch();
    changetype<IdNode>(this.root).touch();
    const bytes = offsetof<IdNode>() + <usize>(room * <u32>this.stride);
    const leaf = changetype<IdNode>(Heap.resize(changetype<usize>(this.root), bytes));
    leaf.room = <u16>room;
    this.root = leaf;
    this.last = leaf;
    return leaf;
  }

  /** Hangs a child behind the one that the step of this level took. */
  private addBranch(level: u32, ms: u64, seq: u64, child: IdNode, atEnd: bool): void {
    const full = IdTree.fullRoom(offsetof<Branch>());
    if (level > <u32>this.height) {
      const root = IdNode.create(full, offsetof<Branch>());
      IdTree.writeBranch(root, 0, 0, 0, this.root!);
      IdTree.writeBranch(root, 1, ms, seq, child);
      this.root = root;
      this.height++;
      return;
    }
    const step = IdTree.step(level);
    const node = step.node;
    const index = step.index + 1;
    const count = <u32>node.count;
    if (count < full) {
      IdTree.writeBranch(node, index, ms, seq, child);
      return;
    }
    const right = IdNode.create(full, offsetof<Branch>());
    if (atEnd) {
      IdTree.writeBranch(right, 0, ms, seq, child);
      this.addBranch(level + 1, ms, seq, right, true);
      return;
    }
    IdTree.halve(node, right, offsetof<Branch>());
    const kept = <u32>node.count;
    const first = right.branch(0);
    this.addBranch(level + 1, first.ms, first.seq, right, false);
    if (index <= kept) IdTree.writeBranch(node, index, ms, seq, child);
    else IdTree.writeBranch(right, index - kept, ms, seq, child);
  }


  @inline private static writeBranch(
    node: IdNode,
    index: u32,
    ms: u64,
    seq: u64,
    child: IdNode,
  ): void {
    const branch = changetype<Branch>(node.open(index, offsetof<Branch>()));
    branch.ms = ms;
    branch.seq = seq;
    branch.child = child;
  }

  /** Puts a node right that has become small; the way to it is in the steps. */
  private shrink(node: IdNode, level: u32): void {
    if (level == <u32>this.height) {
      if (level) this.dropRoots();
      else if (!node.count) this.removeRoot();
      else if (<u32>node.room > FIRST_ROOM) this.resizeRoot(max((<u32>node.room) >> 1, FIRST_ROOM));
      return;
    }
    const step = IdTree.step(level + 1);
    const parent = step.node;
    const index = step.index;
    if (!node.count) {
      this.removeBranch(level + 1, index);
      return;
    }
    const stride = level ? <u32>offsetof<Branch>() : <u32>this.stride;
    const most = (<u32>node.room * 3) >> 2;
    if (index + 1 < <u32>parent.count) {
      const right = parent.branch(index + 1).child;
      if (<u32>node.count + <u32>right.count <= most) {
        IdTree.join(node, right, parent.branch(index + 1), level, stride);
        this.removeBranch(level + 1, index + 1);
        return;
      }
    }
    if (index) {
      const left = parent.branch(index - 1).child;
      if (<u32>node.count + <u32>left.count <= most) {
        IdTree.join(left, node, parent.branch(index), level, stride);
        this.removeBranch(level + 1, index);
      }
    }
  }

  /** Appends a node to its left neighbour; `branch` is the one that leads to it. */
  @inline private static join(
    left: IdNode,
    right: IdNode,
    branch: Branch,
    level: u32,
    stride: u32,
  ): void {
    if (level) {
      right.branch(0).ms = branch.ms;
      right.branch(0).seq = branch.seq;
    }
    left.touch();
    right.touch();
    left.take(right, stride);
  }

  /** Frees a child whose entries are gone or moved. */
  private removeBranch(level: u32, index: u32): void {
    const parent = IdTree.step(level).node;
    const child = parent.branch(index).child;
    if (level == 1) {
      const prev = child.prev;
      const next = child.next;
      if (prev) {
        prev.touch();
        prev.next = next;
      }
      if (next) {
        next.touch();
        next.prev = prev;
      } else this.last = prev;
    }
    Heap.free(changetype<usize>(child));
    parent.cut(index, offsetof<Branch>());
    if (<u32>parent.count <= (<u32>parent.room) >> 2) this.shrink(parent, level);
  }

  /** While the root leads to one child only, that child is the root. */
  private dropRoots(): void {
    while (this.height) {
      const root = this.root!;
      if (root.count > 1) return;
      this.height--;
      this.root = root.branch(0).child;
      Heap.free(changetype<usize>(root));
    }
  }

  private removeRoot(): void {
    Heap.free(changetype<usize>(this.root));
    this.root = null;
    this.last = null;
  }
}
