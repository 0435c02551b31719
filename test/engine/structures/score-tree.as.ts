import { Heap } from "../../../assembly/memory/heap";
import { ScoreCursor } from "../../../assembly/structures/score-cursor";
import { ScoreTree } from "../../../assembly/structures/score-tree";
import { ScoreBranch, ScoreLeaf, ScoreNode } from "../../../assembly/structures/score-tree-node";
import { ScoredMember } from "../../../assembly/structures/scored-member";

Heap.boot(0);

const cursor: ScoreCursor = changetype<ScoreCursor>(memory.data(16));

/** Frees what a range removal takes out, and notes the order in which it does. */
@unmanaged
class Owner {
  count: u32;
  checksum: u32;
  removed(item: ScoredMember): void {
    this.count++;
    this.checksum = this.checksum * 31 + <u32>changetype<usize>(item);
    item.free();
  }
}
const owner: Owner = changetype<Owner>(memory.data(8));

export function alloc(size: usize): usize {
  return Heap.alloc(size);
}
export function used(): usize {
  return Heap.used;
}
export function createTree(): ScoreTree {
  const tree = changetype<ScoreTree>(Heap.alloc(offsetof<ScoreTree>()));
  tree.setUp();
  return tree;
}
export function freeTree(tree: ScoreTree): void {
  Heap.free(changetype<usize>(tree));
}
export function createItem(score: f64, ptr: usize, len: u32): ScoredMember {
  return ScoredMember.create(score, ptr, len);
}
export function freeItem(item: ScoredMember): void {
  item.free();
}
export function keyPtr(item: ScoredMember): usize {
  return item.keyPtr;
}
export function keyLen(item: ScoredMember): u32 {
  return item.keyLen;
}
export function scoreOf(item: ScoredMember): f64 {
  return item.score;
}
export function goodSize(size: u32): usize {
  return Heap.goodSize(size);
}
export function length(tree: ScoreTree): u32 {
  return tree.length;
}
export function bytes(tree: ScoreTree): usize {
  return tree.bytes;
}
export function first(tree: ScoreTree): ScoredMember {
  return tree.first;
}
export function last(tree: ScoreTree): ScoredMember {
  return tree.last;
}
export function insert(tree: ScoreTree, item: ScoredMember): void {
  tree.insert(item);
}
export function append(tree: ScoreTree, item: ScoredMember): void {
  tree.append(item);
}
export function remove(tree: ScoreTree, item: ScoredMember): void {
  tree.remove(item);
}
export function setScore(tree: ScoreTree, item: ScoredMember, score: f64): void {
  tree.setScore(item, score);
}
export function rankOf(tree: ScoreTree, item: ScoredMember): u32 {
  return tree.rankOf(item);
}
export function seekRank(tree: ScoreTree, rank: u32): void {
  tree.seekRank(rank, cursor);
}
export function seekScore(tree: ScoreTree, score: f64, after: bool): u32 {
  return tree.seekScore(score, after, cursor);
}
export function seekMember(tree: ScoreTree, ptr: usize, len: u32, after: bool): u32 {
  return tree.seekMember(ptr, len, after, cursor);
}
export function cursorItem(): usize {
  return cursor.valid ? changetype<usize>(cursor.item) : 0;
}
export function cursorScore(): f64 {
  return cursor.score;
}
export function forward(): void {
  cursor.forward();
}
export function back(): void {
  cursor.back();
}
/** Returns a checksum over the removed items in their order. */
export function removeRange(tree: ScoreTree, from: u32, to: u32): u32 {
  owner.count = 0;
  owner.checksum = 0;
  tree.removeRange(from, to, owner);
  assert(owner.count == to - from, "as many removed as asked");
  return owner.checksum;
}
export function release(tree: ScoreTree, budget: i32): i32 {
  return tree.release(budget);
}

// Invariants

let previous: ScoredMember = changetype<ScoredMember>(0);
let leafBefore: usize = 0;
let nodeBytes: usize = 0;

export function check(tree: ScoreTree): void {
  previous = changetype<ScoredMember>(0);
  leafBefore = 0;
  nodeBytes = 0;
  assert(checkNode(tree.top, tree.top.level) == tree.length, "the sizes add up to the length");
  assert(nodeBytes == tree.bytes, "the bytes of nodes add up");
  if (tree.length) {
    assert(tree.last == previous, "the last member ends the last leaf");
    assert(!changetype<ScoreLeaf>(leafBefore).next, "no leaf is behind the last");
  }
}

function below(a: ScoredMember, b: ScoredMember): bool {
  return a.score < b.score || (a.score == b.score && a.compareKey(b.keyPtr, b.keyLen) < 0);
}

function checkNode(node: ScoreNode, level: u32): u32 {
  assert(node.level == level, "all leaves are at one depth");
  assert(node.count <= node.capacity, "no node is over full");
  nodeBytes += Heap.sizeOf(changetype<usize>(node));
  if (node.isLeaf) {
    const leaf = changetype<ScoreLeaf>(node);
    assert(changetype<usize>(leaf.prev) == leafBefore, "leaves are linked backwards");
    if (leafBefore) {
      assert(changetype<ScoreLeaf>(leafBefore).next == leaf, "leaves are linked forwards");
      assert(leaf.count > 0, "no leaf of several is empty");
    }
    leafBefore = changetype<usize>(leaf);
    for (let i: u32 = 0; i < leaf.count; i++) {
      const item = leaf.itemAt(i);
      assert(item.score == leaf.scoreAt(i), "a leaf has the score of its item");
      if (changetype<usize>(previous)) assert(below(previous, item), "members are in order");
      previous = item;
    }
    return leaf.count;
  }
  const branch = changetype<ScoreBranch>(node);
  let total: u32 = 0;
  for (let i: u32 = 0; i < branch.count; i++) {
    if (i) {
      let lowest = branch.childAt(i);
      while (!lowest.isLeaf) lowest = changetype<ScoreBranch>(lowest).childAt(0);
      assert(branch.itemAt(i) == lowest.itemAt(0), "a key is the lowest member of its child");
      assert(branch.scoreAt(i) == lowest.scoreAt(0), "a key has the score of its member");
    }
    const size = checkNode(branch.childAt(i), level - 1);
    assert(branch.sizeAt(i) == size, "a branch knows the sizes of its children");
    total += size;
  }
  assert(branch.size == total, "the sum of sizes is right");
  assert(branch.count > 0, "no branch is empty");
  return total;
}
