// The end of every command that stores a sorted set: the set is built aside, then takes the place of
// whatever the key held.

import { Command } from "../../execution/command";
import { Encoding, Type } from "../../keyspace/entry";
import { Garbage } from "../../keyspace/garbage";
import { Notify } from "../../sessions/notify";
import { IndexedSortedSet } from "../../types/indexed-sorted-set";
import { SortedSet } from "../../types/sorted-set";

export class SortedSetStore {
  /** A bound for the bytes of a set with so many members of such a length. */
  @inline static bytesFor(members: u64, length: u64): u64 {
    return members * (SortedSet.MEMBER_OVERHEAD + length);
  }

  /** Puts a set in the place of the key in argument `index`, and replies how many members it has. */
  static finish(
    cmd: Command,
    index: i32,
    set: IndexedSortedSet,
    event: string,
    changes: u32 = 1,
  ): void {
    const length = set.length;
    if (!length) {
      SortedSetStore.drop(set);
      return SortedSetStore.nothing(cmd, index);
    }
    const lp = SortedSet.packedFrom(set);
    if (lp) SortedSetStore.drop(set);
    const entry = cmd.put(
      index,
      cmd.write(index, Type.ANY),
      Type.ZSET,
      lp ? Encoding.LISTPACK : Encoding.SKIPLIST,
      4,
      false,
    );
    entry.value = lp ? lp : changetype<usize>(set);
    cmd.reply.integer(length);
    cmd.changed(index, Notify.ZSET, event, changes);
  }

  /** There is nothing to store: the key goes, and the reply is 0. */
  static nothing(cmd: Command, index: i32): void {
    cmd.reply.integer(0);
    const entry = cmd.write(index, Type.ANY);
    if (!entry) return;
    cmd.remove(index, entry);
    cmd.changed(index, Notify.GENERIC, "del");
  }

  /** Frees a set that no key has, in slices when it is large. */
  @inline static drop(set: IndexedSortedSet): void {
    Garbage.add(Type.ZSET, changetype<usize>(set), Encoding.SKIPLIST);
  }
}
