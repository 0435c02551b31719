// Reads members of a sorted set one after the other, in either direction and either encoding. Any
// change of the set ends the walk.

import { Encoding, Entry } from "../keyspace/entry";
import { Reply } from "../protocol/reply";
import { Listpack } from "../structures/listpack";
import { ScoreCursor } from "../structures/score-cursor";
import { IndexedSortedSet } from "./indexed-sorted-set";
import { PackedSortedSet } from "./packed-sorted-set";

const memoryOfMain: usize = memory.data(64, 8);


@unmanaged
export class SortedSetWalk extends ScoreCursor {
  /** The listpack and the member in it; 0 while the walk goes over a tree. */
  private lp: usize;
  private p: usize;
  private isReverse: bool;
  /** The member's bytes, after `read`. */
  ptr: usize;
  len: u32;

  /** The walk that commands use. */
  @inline static get main(): SortedSetWalk {
    return changetype<SortedSetWalk>(memoryOfMain);
  }

  /** Stands on the member at `rank`, which exists. */
  start(entry: Entry, rank: u32, isReverse: bool): void {
    this.isReverse = isReverse;
    if (entry.encoding == Encoding.LISTPACK) {
      this.lp = entry.value;
      this.p = PackedSortedSet.at(this.lp, rank);
    } else {
      this.lp = 0;
      changetype<IndexedSortedSet>(entry.value).seekRank(rank, this);
    }
  }

  /** To the next member in the direction of the walk; it must not be called behind the last. */
  @inline step(): void {
    if (this.lp) this.stepPacked();
    else if (this.isReverse) this.back();
    else this.forward();
  }

  private stepPacked(): void {
    const p = this.p;
    this.p = this.isReverse
      ? Listpack.prev(this.lp, Listpack.prev(this.lp, p))
      : Listpack.skip(Listpack.skip(p));
  }

  /** Sets `ptr` and `len`; an integer of a listpack is spelled out there until the next read. */
  @inline read(): void {
    if (this.lp) {
      Listpack.text(this.p);
      this.ptr = Listpack.ptr;
      this.len = Listpack.len;
    } else {
      const item = this.item;
      this.ptr = item.keyPtr;
      this.len = item.keyLen;
    }
  }


  @inline get memberScore(): f64 {
    return this.lp ? PackedSortedSet.scoreOf(this.p) : this.score;
  }


  @inline replyMember(reply: Reply): void {
    this.read();
    reply.bulk(this.ptr, this.len);
  }
}
