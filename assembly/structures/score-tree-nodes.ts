// What every use of a score tree needs: its nodes, finding in it, and giving it up. `score-tree.ts` draws it and
// changes it.

import { Heap } from "../memory/heap";
import { ScoreCursor } from "./score-cursor";
import { ScoreBranch, ScoreLeaf, ScoreNode } from "./score-tree-node";
import { ScoredMember } from "./scored-member";


@unmanaged
export class ScoreTreeNodes {
  protected root: ScoreNode;
  protected head: ScoreLeaf;
  protected tail: ScoreLeaf;
  protected members: u32;
  protected nodeBytes: usize;

  /** Makes an empty tree in a block of at least `offsetof<ScoreTree>()` bytes. */
  setUp(): void {
    this.members = 0;
    this.nodeBytes = 0;
    this.startWith(this.createLeaf(4));
  }


  @inline get length(): u32 {
    return this.members;
  }

  /** Bytes in nodes; members not included. */
  @inline get bytes(): usize {
    return this.nodeBytes;
  }

  /** The member with the lowest score; the tree is not empty. */
  @inline get first(): ScoredMember {
    return this.head.itemAt(0);
  }

  /** The member with the highest score; the tree is not empty. */
  @inline get last(): ScoredMember {
    return this.tail.itemAt(this.tail.count - 1);
  }

  /** The child of the root at which a walk over the nodes starts, for a snapshot or a check. */
  @inline get top(): ScoreNode {
    return this.root;
  }

  // Finding

  /** Members before this one, which is in the tree. */
  rankOf(item: ScoredMember): u32 {
    const score = item.score;
    const ptr = item.keyPtr;
    const len = item.keyLen;
    let rank: u32 = 0;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      const index = branch.childOf(score, ptr, len);
      rank += branch.sizeBefore(index);
      node = branch.childAt(index);
    }
    return rank + node.lowerBound(score, ptr, len, 0);
  }

  /** Puts the cursor on the member with this rank; behind the last when there is none. */
  seekRank(rank: u32, cursor: ScoreCursor): void {
    if (rank >= this.members) {
      cursor.set(this.tail, this.tail.count);
      return;
    }
    let rest = rank;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      let index: u32 = 0;
      for (let size = branch.sizeAt(0); rest >= size; size = branch.sizeAt(++index)) rest -= size;
      node = branch.childAt(index);
    }
    cursor.set(changetype<ScoreLeaf>(node), rest);
  }

  /**
   * Puts the cursor on the first member whose score is not below `score`, with `after` on the first
   * above it, and returns its rank.
   */
  seekScore(score: f64, after: bool, cursor: ScoreCursor): u32 {
    let rank: u32 = 0;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      const index =
        (after ? branch.countBelow(score, true, 1) : branch.countBelow(score, false, 1)) - 1;
      rank += branch.sizeBefore(index);
      node = branch.childAt(index);
    }
    const index = after ? node.countBelow(score, true, 0) : node.countBelow(score, false, 0);
    cursor.set(changetype<ScoreLeaf>(node), index);
    return rank + index;
  }

  /** Like `seekScore`, by the bytes of the member: for sets in which all scores are equal. */
  seekMember(ptr: usize, len: u32, after: bool, cursor: ScoreCursor): u32 {
    let rank: u32 = 0;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      const index = branch.lowerMember(ptr, len, after, 1, branch.count) - 1;
      rank += branch.sizeBefore(index);
      node = branch.childAt(index);
    }
    const index = node.lowerMember(ptr, len, after, 0, node.count);
    cursor.set(changetype<ScoreLeaf>(node), index);
    return rank + index;
  }

  // Giving it up

  /**
   * Frees at least `budget` members from the end, and with the last one the last node: the tree is
   * given up in slices. Returns what is left of the budget, above 0 only when all is freed. Nothing
   * else may be done with a tree whose release has begun.
   */
  release(budget: i32): i32 {
    while (budget > 0 && changetype<usize>(this.root)) {
      budget -= 1 + <i32>this.tail.count;
      const rest = this.tail.prev;
      if (this.releaseLast(this.root)) this.root = changetype<ScoreNode>(0);
      if (rest) this.tail = rest;
    }
    return budget;
  }

  /** Frees the last leaf below a node with its members; says whether the node went with it. */
  protected releaseLast(node: ScoreNode): bool {
    const count = node.count;
    if (node.isLeaf) {
      for (let i: u32 = 0; i < count; i++) node.itemAt(i).free();
    } else {
      if (this.releaseLast(changetype<ScoreBranch>(node).childAt(count - 1)))
        node.count = count - 1;
      if (node.count) return false;
    }
    this.freeNode(node);
    return true;
  }

  // Nodes

  protected static leftmost(node: ScoreNode): ScoreNode {
    while (!node.isLeaf) node = changetype<ScoreBranch>(node).childAt(0);
    return node;
  }

  protected createLeaf(room: u32): ScoreLeaf {
    const leaf = ScoreLeaf.create(room);
    this.nodeBytes += Heap.sizeOf(changetype<usize>(leaf));
    return leaf;
  }

  protected createBranch(level: u32): ScoreBranch {
    const branch = ScoreBranch.create(level);
    this.nodeBytes += Heap.sizeOf(changetype<usize>(branch));
    return branch;
  }

  protected freeNode(node: ScoreNode): void {
    this.nodeBytes -= Heap.sizeOf(changetype<usize>(node));
    Heap.free(changetype<usize>(node));
  }

  protected startWith(leaf: ScoreLeaf): void {
    this.root = leaf;
    this.head = leaf;
    this.tail = leaf;
  }

  /** Makes two leaves neighbours; one of them may be absent, the other is then an end of the tree. */
  protected link(left: ScoreLeaf | null, right: ScoreLeaf | null): void {
    if (left) {
      left.next = right;
    } else {
      this.head = right!;
    }
    if (right) {
      right.prev = left;
    } else {
      this.tail = left!;
    }
  }

  /** Takes a leaf out of the row; while the last one goes the ends are left as they are. */
  protected unlink(leaf: ScoreLeaf): void {
    if (leaf.prev || leaf.next) this.link(leaf.prev, leaf.next);
  }
}
