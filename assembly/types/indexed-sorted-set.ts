// A large sorted set: its members in a table, for scores, and in a tree, for the order. Both point
// to the same block, which has the member's bytes and its score.
//
//   0             20        24            28
//   ├─────────────┼─────────┼─────────────┤
//   │ score tree  │ table @ │ member bytes│
//   └──────┬──────┴────┬────┴─────────────┘
//          │           └──► buckets ─┬─► score, member
//          └──► branches ─► leaves ──┘

import { SipHash } from "../algorithms/siphash";
import { Heap } from "../memory/heap";
import { ScoreCursor } from "../structures/score-cursor";
import { ScoreTree } from "../structures/score-tree";
import { ScoredMember } from "../structures/scored-member";
import { Bucket, Table } from "../structures/table";

/** Where `copy` stands. */
const place: usize = memory.data(offsetof<ScoreCursor>(), 8);


@unmanaged
export class IndexedSortedSet extends ScoreTree {
  table: Table<ScoredMember>;
  /** Bytes of the members' blocks. */
  private memberBytes: usize;

  static create(): IndexedSortedSet {
    const set = changetype<IndexedSortedSet>(Heap.alloc(offsetof<IndexedSortedSet>()));
    set.setUp();
    set.table = Table.create<ScoredMember>();
    set.memberBytes = 0;
    return set;
  }


  @inline static hash(ptr: usize, len: u32): u64 {
    return SipHash.hash(ptr, len);
  }


  @inline find(ptr: usize, len: u32, hash: u64): ScoredMember | null {
    return this.table.find(ptr, len, hash);
  }

  /** Adds a member that is not there. */
  add(score: f64, ptr: usize, len: u32, hash: u64): void {
    this.insert(this.enter(score, ptr, len, hash));
  }

  /** Adds a member that is not there and goes behind all others. */
  addLast(score: f64, ptr: usize, len: u32): void {
    this.append(this.enter(score, ptr, len, IndexedSortedSet.hash(ptr, len)));
  }

  /** Adds a member to the table alone: what is collected without an order is given one by `order`. */
  enter(score: f64, ptr: usize, len: u32, hash: u64): ScoredMember {
    const item = ScoredMember.create(score, ptr, len);
    this.memberBytes += Heap.sizeOf(changetype<usize>(item));
    this.table.insert(item, hash);
    return item;
  }

  /** Puts all that `enter` collected into the tree, which is empty. */
  order(): void {
    const buckets = this.table.buckets;
    for (let index: u32 = 0; index < buckets; index++) {
      for (let bucket: Bucket | null = this.table.bucketAt(index); bucket; bucket = bucket.next) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          this.insert(changetype<ScoredMember>(bucket.item(<u32>ctz(filled))));
        }
      }
    }
  }

  /** Gives a member another score. */
  rescore(item: ScoredMember, score: f64, hash: u64): void {
    this.table.touchChain(hash);
    this.setScore(item, score);
  }

  /** Takes a member out and frees it. */
  take(item: ScoredMember, hash: u64): void {
    this.remove(item);
    this.forget(item, hash);
  }

  /** Called by the tree for each member that a range removal takes out. */
  removed(item: ScoredMember): void {
    this.forget(item, IndexedSortedSet.hash(item.keyPtr, item.keyLen));
  }

  private forget(item: ScoredMember, hash: u64): void {
    this.table.remove(item.keyPtr, item.keyLen, hash);
    this.memberBytes -= Heap.sizeOf(changetype<usize>(item));
    item.free();
  }

  /** Another set with the same members. */
  copy(): IndexedSortedSet {
    const twin = IndexedSortedSet.create();
    const cursor = changetype<ScoreCursor>(place);
    for (this.seekRank(0, cursor); cursor.valid; cursor.forward()) {
      const item = cursor.item;
      twin.addLast(item.score, item.keyPtr, item.keyLen);
    }
    return twin;
  }

  /** Bytes of everything. */
  get size(): usize {
    return (
      offsetof<IndexedSortedSet>() +
      this.bytes +
      this.memberBytes +
      this.table.size +
      offsetof<Table<ScoredMember>>()
    );
  }

  /** Frees some of the set; what is left of the budget is above 0 only when all is gone. */
  free(budget: i32): i32 {
    let left = this.release(budget);
    if (left > 0) left = this.table.freeOverflow(left);
    if (left <= 0) return left;
    this.table.dispose();
    Heap.free(changetype<usize>(this.table));
    Heap.free(changetype<usize>(this));
    return left;
  }
}
