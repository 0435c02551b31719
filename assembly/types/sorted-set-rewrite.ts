// Sorted sets as commands: ZADD.

import { Encoding } from "../keyspace/entry";
import { CommandWriter } from "../persistence/command-writer";
import { RdbWriter } from "../persistence/rdb-writer";
import { Listpack } from "../structures/listpack";
import { ScoredMember } from "../structures/scored-member";
import { IndexedSortedSet } from "./indexed-sorted-set";
import { PackedSortedSet } from "./packed-sorted-set";
import { SortedSetWalk } from "./sorted-set-walk";

export class SortedSetRewrite {
  static value(out: RdbWriter, key: usize, keyLen: u32, value: usize, encoding: u32): void {
    if (encoding == Encoding.LISTPACK) return SortedSetRewrite.packed(out, key, keyLen, value);
    const set = changetype<IndexedSortedSet>(value);
    const walk = SortedSetWalk.main;
    set.seekRank(0, walk);
    for (let left = set.length; left;) {
      const count = min(left, CommandWriter.ITEMS);
      left -= count;
      SortedSetRewrite.head(out, key, keyLen, count);
      for (let i: u32 = 0; i < count; i++) {
        SortedSetRewrite.member(out, walk.item);
        walk.forward();
      }
    }
  }

  static head(out: RdbWriter, key: usize, keyLen: u32, count: u32): void {
    CommandWriter.begin(out, 2 + (count << 1), "ZADD");
    CommandWriter.bulk(out, key, keyLen);
  }

  static member(out: RdbWriter, member: ScoredMember): void {
    CommandWriter.double(out, member.score);
    CommandWriter.bulk(out, member.keyPtr, member.keyLen);
  }

  private static packed(out: RdbWriter, key: usize, keyLen: u32, lp: usize): void {
    let left = PackedSortedSet.length(lp);
    let p = Listpack.first(lp);
    while (left) {
      const count = min(left, CommandWriter.ITEMS);
      left -= count;
      SortedSetRewrite.head(out, key, keyLen, count);
      for (let i: u32 = 0; i < count; i++) {
        CommandWriter.double(out, PackedSortedSet.scoreOf(p));
        Listpack.text(p);
        CommandWriter.bulk(out, Listpack.ptr, Listpack.len);
        p = Listpack.skip(Listpack.skip(p));
      }
    }
  }
}
