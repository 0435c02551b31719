import { Heap } from "../../../assembly/memory/heap";
import { IdEntry, IdNode } from "../../../assembly/structures/id-node";
import { IdTree } from "../../../assembly/structures/id-tree";

const TREE: usize = memory.data(24, 8);


@inline
function tree(): IdTree {
  return changetype<IdTree>(TREE);
}

export function boot(stride: u32): void {
  Heap.boot(0);
  tree().reset(stride);
}
export function used(): usize {
  return Heap.used;
}
export function bytes(): usize {
  return tree().indexBytes();
}
export function size(): u32 {
  return tree().size;
}
export function height(): u32 {
  return tree().height;
}

/** Adds an id and fills its value with `mark`; answers whether it was new. */
export function add(ms: u64, seq: u64, mark: u32): bool {
  const entry = tree().add(ms, seq);
  memory.fill(entry + offsetof<IdEntry>(), <u8>mark, <usize>tree().stride - offsetof<IdEntry>());
  return IdTree.added;
}
export function find(ms: u64, seq: u64): usize {
  return tree().find(ms, seq);
}
export function remove(ms: u64, seq: u64): bool {
  return tree().remove(ms, seq);
}
export function removeLastLeaf(): void {
  tree().removeLastLeaf();
}

function entryAt(leaf: IdNode | null): usize {
  return leaf ? leaf.at(IdTree.index, tree().stride) : 0;
}
export function seek(ms: u64, seq: u64): usize {
  return entryAt(tree().seek(ms, seq));
}
export function seekBack(ms: u64, seq: u64): usize {
  return entryAt(tree().seekBack(ms, seq));
}

/** Copies all entries in order to `target`; answers how many. Asserts what holds for every tree. */
export function collect(target: usize): u32 {
  const stride = <u32>tree().stride;
  let count: u32 = 0;
  let prev: IdNode | null = null;
  let leaf = tree().first();
  while (leaf) {
    assert(leaf.count > 0 && leaf.count <= leaf.room);
    assert(
      offsetof<IdNode>() + <usize>(<u32>leaf.room * stride) <= Heap.sizeOf(changetype<usize>(leaf)),
    );
    assert(leaf.prev == prev);
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const entry = changetype<IdEntry>(leaf.at(i, stride));
      assert(tree().find(entry.ms, entry.seq) == changetype<usize>(entry));
      memory.copy(target, changetype<usize>(entry), stride);
      target += stride;
      count++;
    }
    prev = leaf;
    leaf = leaf.next;
  }
  assert(tree().last == prev);
  assert(tree().size == count);
  return count;
}

export function alloc(size: usize): usize {
  return Heap.alloc(size);
}
export function free(block: usize): void {
  Heap.free(block);
}
