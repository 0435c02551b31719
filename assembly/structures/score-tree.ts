// A sorted set in order: a B+ tree over (score, member) whose branches count what is below them.
//
//                      ┌───────── branch ─────────┐        keys steer a search,
//                      │ –:3600   5.0:2900   9:…  │        sizes give ranks
//                      └──┬──────────┬────────────┘
//            ┌── branch ──┴─┐   ┌── branch ──┐
//            └─┬──────┬─────┘   └─┬──────┬───┘
//         leaf ⇄    leaf   ⇄    leaf ⇄  leaf          (score, item) pairs, linked both ways
//
// A member is found by score alone until two scores are equal; only then are the bytes of members
// read. With leaves of up to 84 members and branches of up to 50 children, a million members take
// three levels of branches, all but the lowest of which stay in the processor's cache. Insertion,
// removal, rank of a member and member at a rank walk one path: O(log n). Beside the member's own
// block an entry costs 13 to 17 bytes.
//
// Members that arrive in order, rising or falling, fill each leaf: a split at either end of the tree
// leaves the full leaf as it is. Elsewhere a leaf splits in halves, and a leaf under half full joins
// a neighbour where both fit in three quarters, so that removals and insertions in turn do not split
// and join for ever.
//
// The tree knows the blocks of its members but does not own them, except in `release`. Scores are
// never NaN; -0 and +0 are equal.

import { ScoreBranch, ScoreLeaf, ScoreNode } from "./score-tree-node";
import { ScoreTreeNodes } from "./score-tree-nodes";
import { ScoredMember } from "./scored-member";

/** One branch on the way from the root to a leaf, and the child that was taken. */
@unmanaged
class Step {
  branch: ScoreBranch;
  index: u32;


  @inline static at(depth: u32): Step {
    return changetype<Step>(path + <usize>depth * offsetof<Step>());
  }
}

/** Sixteen steps: more levels than 2^32 members can have. */
const path: usize = memory.data(128);

/** No place in this leaf. */
const NOWHERE: u32 = u32.MAX_VALUE;

/** A node joins a neighbour when both hold at most this much of what one can. */
@inline
function joinable(entries: u32, limit: u32): bool {
  return entries <= limit - (limit >> 2);
}


@unmanaged
export class ScoreTree extends ScoreTreeNodes {
  /** The leaf that `pathTo` came to. */
  private static found: ScoreLeaf = changetype<ScoreLeaf>(0);

  // Inserting

  /** Adds a member that is not in the tree yet. */
  insert(item: ScoredMember): void {
    const score = item.score;
    const ptr = item.keyPtr;
    const len = item.keyLen;
    let depth = 0;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      const index = branch.childOf(score, ptr, len);
      const step = Step.at(depth++);
      step.branch = branch;
      step.index = index;
      branch.setSize(index, branch.sizeAt(index) + 1);
      node = branch.childAt(index);
    }
    this.members++;
    const leaf = changetype<ScoreLeaf>(node);
    this.insertAt(leaf, leaf.lowerBound(score, ptr, len, 0), item, depth);
  }

  /** Adds a member that goes behind all others. */
  append(item: ScoredMember): void {
    let depth = 0;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      const index = branch.count - 1;
      const step = Step.at(depth++);
      step.branch = branch;
      step.index = index;
      branch.setSize(index, branch.sizeAt(index) + 1);
      node = branch.childAt(index);
    }
    this.members++;
    const leaf = changetype<ScoreLeaf>(node);
    this.insertAt(leaf, leaf.count, item, depth);
  }

  private insertAt(leaf: ScoreLeaf, index: u32, item: ScoredMember, depth: i32): void {
    if (leaf.count < leaf.capacity) {
      leaf.insert(index, item.score, item);
    } else if (leaf.count < ScoreLeaf.MAX) {
      this.resized(leaf, leaf.count, depth).insert(index, item.score, item);
    } else {
      this.split(leaf, index, item, depth);
    }
  }

  /** Room for `count` members and some more: what a leaf of such a size is given. */
  @inline private static roomFor(count: u32): u32 {
    return count + (count >> 2) + 3;
  }

  /** A leaf with the first `keep` members of this one, in a block fit for as many and a few more. */
  private resized(leaf: ScoreLeaf, keep: u32, depth: i32): ScoreLeaf {
    const other = this.createLeaf(ScoreTree.roomFor(keep));
    leaf.count = keep;
    other.append(leaf, 0);
    this.link(leaf.prev, other);
    this.link(other, leaf.next);
    if (depth) {
      const step = Step.at(depth - 1);
      step.branch.setChild(step.index, other);
    } else {
      this.root = other;
    }
    this.freeNode(leaf);
    return other;
  }

  /** Splits a full leaf and puts the item in its place. */
  private split(leaf: ScoreLeaf, index: u32, item: ScoredMember, depth: i32): void {
    const rising = index == leaf.count && !leaf.next;
    const falling = index == 0 && !leaf.prev;
    const keep = rising ? leaf.count : falling ? 0 : leaf.count >> 1;
    const right = this.createLeaf(max(ScoreTree.roomFor(leaf.count - keep), ScoreLeaf.MAX >> 1));
    right.append(leaf, keep);
    const next = leaf.next;
    let left = leaf;
    if (rising) leaf.count = keep;
    else left = this.resized(leaf, keep, depth);
    this.link(left, right);
    this.link(right, next);
    if (index > keep || rising) right.insert(index - keep, item.score, item);
    else left.insert(index, item.score, item);
    this.branchOut(left, right, depth, rising, falling);
  }

  /** Enters `right`, split off `left`, in the branch above, and splits branches that are full. */
  private branchOut(
    left: ScoreNode,
    right: ScoreNode,
    depth: i32,
    rising: bool,
    falling: bool,
  ): void {
    let leftSize = left.count;
    let rightSize = right.count;
    let score = right.scoreAt(0);
    let item = right.itemAt(0);
    while (depth > 0) {
      const step = Step.at(--depth);
      const branch = step.branch;
      const index = step.index + 1;
      branch.setSize(step.index, leftSize);
      if (branch.count < ScoreBranch.MAX) {
        branch.insert(index, score, item, right, rightSize);
        return;
      }
      const keep = rising ? ScoreBranch.MAX : falling ? 1 : ScoreBranch.MAX >> 1;
      const other = this.createBranch(branch.level);
      const splitScore = rising ? score : branch.scoreAt(keep);
      const splitItem = rising ? item : branch.itemAt(keep);
      other.append(branch, keep, splitScore, splitItem);
      branch.count = keep;
      if (rising || index > keep) other.insert(index - keep, score, item, right, rightSize);
      else branch.insert(index, score, item, right, rightSize);
      score = splitScore;
      item = splitItem;
      left = branch;
      right = other;
      leftSize = branch.size;
      rightSize = other.size;
    }
    const root = this.createBranch(left.level + 1);
    root.insert(0, score, item, left, leftSize);
    root.insert(1, score, item, right, rightSize);
    this.root = root;
  }

  // Changing a score

  /** Gives a member of the tree another score. */
  setScore(item: ScoredMember, score: f64): void {
    const ptr = item.keyPtr;
    const len = item.keyLen;
    const depth = this.pathTo(item);
    const leaf = ScoreTree.found;
    const from = leaf.lowerBound(item.score, ptr, len, 0);
    const to = this.placeWithin(leaf, from, score, ptr, len);
    if (to == NOWHERE) {
      this.removeAt(leaf, from, depth);
      item.score = score;
      this.insert(item);
      return;
    }
    item.score = score;
    leaf.shift(from, to, score);
    if (!from || !to) this.rekey(depth, leaf.scoreAt(0), leaf.itemAt(0));
  }

  /** Where in its leaf the member at `from` belongs with another score; `NOWHERE` if it must leave. */
  private placeWithin(leaf: ScoreLeaf, from: u32, score: f64, ptr: usize, len: u32): u32 {
    const prev = leaf.prev;
    const next = leaf.next;
    const place = leaf.lowerBound(score, ptr, len, 0);
    if (place == 0 && prev) {
      const last = prev.count - 1;
      const edge = prev.scoreAt(last);
      if (edge > score || (edge == score && prev.itemAt(last).compareKey(ptr, len) > 0))
        return NOWHERE;
    }
    if (place == leaf.count && next) {
      const edge = next.scoreAt(0);
      if (edge < score || (edge == score && next.itemAt(0).compareKey(ptr, len) < 0))
        return NOWHERE;
    }
    return place > from ? place - 1 : place;
  }

  // Removing

  /** Takes a member out; its block stays the caller's. */
  remove(item: ScoredMember): void {
    const depth = this.pathTo(item);
    const leaf = ScoreTree.found;
    this.removeAt(leaf, leaf.lowerBound(item.score, item.keyPtr, item.keyLen, 0), depth);
  }

  /** Records the path to the leaf of a member in `path`, the leaf in `found`; returns the depth. */
  private pathTo(item: ScoredMember): i32 {
    const score = item.score;
    const ptr = item.keyPtr;
    const len = item.keyLen;
    let depth = 0;
    let node = this.root;
    while (!node.isLeaf) {
      const branch = changetype<ScoreBranch>(node);
      const step = Step.at(depth++);
      step.branch = branch;
      step.index = branch.childOf(score, ptr, len);
      node = branch.childAt(step.index);
    }
    ScoreTree.found = changetype<ScoreLeaf>(node);
    return depth;
  }

  private removeAt(leaf: ScoreLeaf, index: u32, depth: i32): void {
    for (let i = 0; i < depth; i++) {
      const step = Step.at(i);
      step.branch.setSize(step.index, step.branch.sizeAt(step.index) - 1);
    }
    this.members--;
    leaf.erase(index, index + 1);
    if (!depth) return;
    if (!index && leaf.count) this.rekey(depth, leaf.scoreAt(0), leaf.itemAt(0));
    if (leaf.count >= ScoreLeaf.MAX >> 1) return;
    while (depth > 0) {
      const step = Step.at(--depth);
      const branch = step.branch;
      const child = branch.childAt(step.index);
      if (!child.count) this.dropChild(depth);
      else if (!this.join(branch, step.index)) break;
    }
    this.lowerRoot();
  }

  /** Takes out the child without members that `path` takes at `depth`. */
  private dropChild(depth: i32): void {
    const step = Step.at(depth);
    const branch = step.branch;
    const child = branch.childAt(step.index);
    if (child.isLeaf) this.unlink(changetype<ScoreLeaf>(child));
    this.freeNode(child);
    branch.erase(step.index, step.index + 1);
    if (!step.index && branch.count) this.rekey(depth, branch.scoreAt(0), branch.itemAt(0));
  }

  /** The lowest key below `path` at `depth` changed: the branch that holds it as a key learns it. */
  private rekey(depth: i32, score: f64, item: ScoredMember): void {
    while (depth > 0) {
      const step = Step.at(--depth);
      if (step.index) {
        step.branch.setKey(step.index, score, item);
        return;
      }
    }
  }

  /** Joins a child that is under half full with a neighbour when both fit well in one node. */
  private join(branch: ScoreBranch, index: u32): bool {
    const child = branch.childAt(index);
    const limit = child.isLeaf ? ScoreLeaf.MAX : ScoreBranch.MAX;
    const count = child.count;
    if (count >= limit >> 1) return false;
    if (index && joinable(count + ScoreTree.entriesOf(branch, index - 1), limit)) {
      this.merge(branch, index - 1);
    } else if (
      index + 1 < branch.count &&
      joinable(count + ScoreTree.entriesOf(branch, index + 1), limit)
    ) {
      this.merge(branch, index);
    } else {
      return false;
    }
    return true;
  }

  /** How full a child is; what a leaf holds is known without a look at it. */
  @inline private static entriesOf(branch: ScoreBranch, index: u32): u32 {
    return branch.level == 1 ? branch.sizeAt(index) : branch.childAt(index).count;
  }

  /** Joins the children at `index` and `index + 1`. */
  private merge(branch: ScoreBranch, index: u32): void {
    const left = branch.childAt(index);
    const right = branch.childAt(index + 1);
    if (left.isLeaf) {
      let target = changetype<ScoreLeaf>(left);
      const source = changetype<ScoreLeaf>(right);
      const total = target.count + source.count;
      if (total > target.capacity) {
        const wider = this.createLeaf(ScoreTree.roomFor(total));
        wider.append(target, 0);
        this.link(target.prev, wider);
        this.freeNode(target);
        branch.setChild(index, wider);
        target = wider;
      }
      target.append(source, 0);
      this.link(target, source.next);
    } else {
      const key = branch.itemAt(index + 1);
      changetype<ScoreBranch>(left).append(
        changetype<ScoreBranch>(right),
        0,
        branch.scoreAt(index + 1),
        key,
      );
    }
    this.freeNode(right);
    branch.setSize(index, branch.sizeAt(index) + branch.sizeAt(index + 1));
    branch.erase(index + 1, index + 2);
  }

  /** Takes away roots with a single child. */
  private lowerRoot(): void {
    while (!this.root.isLeaf && this.root.count == 1) {
      const root = this.root;
      this.root = changetype<ScoreBranch>(root).childAt(0);
      this.freeNode(root);
    }
  }

  // Removing many

  /**
   * Takes out the members with ranks [from, to) in O(log n + removed). Each is handed to
   * `owner.removed(item)` in order, which may free it.
   */
  removeRange<O>(from: u32, to: u32, owner: O): void {
    if (from >= to) return;
    if (to - from == this.members) {
      this.removeBelow<O>(this.root, owner);
      this.members = 0;
      this.startWith(this.createLeaf(4));
      return;
    }
    this.members -= to - from;
    this.removeWithin<O>(this.root, from, to, owner);
    this.lowerRoot();
  }

  /** Takes out the ranks [from, to) of a subtree, which keeps at least one member. */
  private removeWithin<O>(node: ScoreNode, from: u32, to: u32, owner: O): void {
    if (node.isLeaf) {
      const leaf = changetype<ScoreLeaf>(node);
      for (let i = from; i < to; i++) owner.removed(leaf.itemAt(i));
      leaf.erase(from, to);
      return;
    }
    const branch = changetype<ScoreBranch>(node);
    let index: u32 = 0;
    let start: u32 = 0;
    for (let size = branch.sizeAt(0); from >= start + size; size = branch.sizeAt(++index))
      start += size;
    const trimmed = from > start;
    if (trimmed) {
      const size = branch.sizeAt(index);
      const end = min(to, start + size);
      this.removeWithin<O>(branch.childAt(index), from - start, end - start, owner);
      branch.setSize(index, size - (end - from));
      start += size;
      index++;
    }
    let whole = index;
    for (; start < to && start + branch.sizeAt(whole) <= to; whole++) {
      start += branch.sizeAt(whole);
      this.removeBelow<O>(branch.childAt(whole), owner);
    }
    branch.erase(index, whole);
    if (start < to) {
      const child = branch.childAt(index);
      this.removeWithin<O>(child, 0, to - start, owner);
      branch.setSize(index, branch.sizeAt(index) - (to - start));
    }
    // The first child behind the gap may begin with another member, or be the first child now.
    if (index < branch.count) {
      const lowest = ScoreTreeNodes.leftmost(branch.childAt(index));
      branch.setKey(index, lowest.scoreAt(0), lowest.itemAt(0));
      this.join(branch, index);
    }
    if (trimmed && index <= branch.count) this.join(branch, index - 1);
  }

  /** Takes out a whole subtree and frees its nodes. */
  private removeBelow<O>(node: ScoreNode, owner: O): void {
    const count = node.count;
    if (node.isLeaf) {
      for (let i: u32 = 0; i < count; i++) owner.removed(node.itemAt(i));
      this.unlink(changetype<ScoreLeaf>(node));
    } else {
      for (let i: u32 = 0; i < count; i++)
        this.removeBelow<O>(changetype<ScoreBranch>(node).childAt(i), owner);
    }
    this.freeNode(node);
  }
}
