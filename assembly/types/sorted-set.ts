// Sorted sets: a listpack while small (`zset-max-listpack-entries`, `-value`), then a table with a
// tree, which Redis calls a skiplist. Everything here takes the entry of the key and does the same
// for either form; ranks are what the two have in common, so a range is an interval of ranks.

import { Config } from "../generated/config";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Command } from "../execution/command";
import { Heap } from "../memory/heap";
import { Listpack } from "../structures/listpack";
import { END } from "../structures/listpack-entry";
import { IndexedSortedSet } from "./indexed-sorted-set";
import { PackedSortedSet } from "./packed-sorted-set";
import { SortedSetWalk } from "./sorted-set-walk";

/** Conditions and modes of `SortedSet.add`. */
export const enum Add {
  /** Only members that are not there. */
  NX = 1,
  /** Only members that are there. */
  XX = 2,
  /** Only to a greater score; new members are added. */
  GT = 4,
  LT = 8,
  /** The score is added to the one that is there. */
  INCREMENT = 16,
}

/** What `SortedSet.add` did. */
export const enum Added {
  /** A condition forbade it. */
  SKIPPED,
  /** The member had this score already. */
  SAME,
  MOVED,
  NEW,
  /** The sum of infinities is no score. */
  NOT_A_NUMBER,
}

export class SortedSet {
  /** The score that `find`, `rankOf` or `add` came to. */
  static score: f64 = 0.0;

  /** Bytes that a member takes beside its own: its block's header, its places in table and tree. */
  @inline static readonly MEMBER_OVERHEAD: u32 = 64;


  @inline static isPacked(entry: Entry): bool {
    return entry.encoding == Encoding.LISTPACK;
  }


  @inline static indexed(entry: Entry): IndexedSortedSet {
    return changetype<IndexedSortedSet>(entry.value);
  }

  /** Whether a set may be a listpack that has so many members, the longest of this length. */
  @inline static fitsPacked(members: u32, longest: u32): bool {
    return (
      <u64>members <= <u64>Config.zsetMaxListpackEntries &&
      <u64>longest <= <u64>Config.zsetMaxListpackValue
    );
  }

  /** A new, empty set for the key in argument `index`, fit for a first member of this length. */
  static create(cmd: Command, index: i32, firstLength: u32): Entry {
    const isPacked = SortedSet.fitsPacked(1, firstLength);
    const entry = cmd.add(index, Type.ZSET, isPacked ? Encoding.LISTPACK : Encoding.SKIPLIST, 4);
    entry.value = isPacked ? Listpack.create() : changetype<usize>(IndexedSortedSet.create());
    return entry;
  }

  /** Whether a command can add so many members from its arguments; replies `-OOM` when not. */
  @inline static hasRoomFor(cmd: Command, members: i32): bool {
    return members < 64 || cmd.room(<u64>members * SortedSet.MEMBER_OVERHEAD + <u64>cmd.inputBytes);
  }


  @inline static length(entry: Entry): u32 {
    return SortedSet.isPacked(entry)
      ? PackedSortedSet.length(entry.value)
      : SortedSet.indexed(entry).length;
  }

  /** Whether a member is there; its score is then in `score`. */
  static find(entry: Entry, ptr: usize, len: u32): bool {
    if (SortedSet.isPacked(entry)) {
      const p = PackedSortedSet.find(entry.value, ptr, len);
      if (!p) return false;
      SortedSet.score = PackedSortedSet.scoreOf(p);
      return true;
    }
    const item = SortedSet.indexed(entry).find(ptr, len, IndexedSortedSet.hash(ptr, len));
    if (!item) return false;
    SortedSet.score = item.score;
    return true;
  }

  /** How many members are before this one, with its score in `score`; -1 when it is not there. */
  static rankOf(entry: Entry, ptr: usize, len: u32): i64 {
    if (SortedSet.isPacked(entry)) {
      const rank = PackedSortedSet.rankOf(entry.value, ptr, len);
      if (rank >= 0) SortedSet.score = PackedSortedSet.scoreOf(PackedSortedSet.found);
      return rank;
    }
    const set = SortedSet.indexed(entry);
    const item = set.find(ptr, len, IndexedSortedSet.hash(ptr, len));
    if (!item) return -1;
    SortedSet.score = item.score;
    return set.rankOf(item);
  }

  /** Adds a member or changes its score as far as `how` allows; the score it has then is in `score`. */
  static add(entry: Entry, score: f64, ptr: usize, len: u32, how: u32): Added {
    if (SortedSet.isPacked(entry)) {
      const p = PackedSortedSet.find(entry.value, ptr, len);
      if (p) {
        const old = PackedSortedSet.scoreOf(p);
        const outcome = SortedSet.decide(old, score, how);
        if (outcome == Added.MOVED) {
          const lp = PackedSortedSet.delete(entry.value, p);
          entry.value = PackedSortedSet.insert(lp, SortedSet.score, ptr, len);
        }
        return outcome;
      }
      if (how & Add.XX) return Added.SKIPPED;
      SortedSet.score = score;
      const lp = entry.value;
      const fits = SortedSet.fitsPacked(PackedSortedSet.length(lp) + 1, len);
      if ((fits || !SortedSet.hasRoomToIndex(lp)) && Listpack.canGrow(lp, len)) {
        entry.value = PackedSortedSet.insert(lp, score, ptr, len);
        return Added.NEW;
      }
      SortedSet.index(entry);
      const grown = SortedSet.indexed(entry);
      grown.add(score, ptr, len, IndexedSortedSet.hash(ptr, len));
      return Added.NEW;
    }
    const set = SortedSet.indexed(entry);
    const hash = IndexedSortedSet.hash(ptr, len);
    const item = set.find(ptr, len, hash);
    if (item) {
      const outcome = SortedSet.decide(item.score, score, how);
      if (outcome == Added.MOVED) set.rescore(item, SortedSet.score, hash);
      return outcome;
    }
    if (how & Add.XX) return Added.SKIPPED;
    SortedSet.score = score;
    set.add(score, ptr, len, hash);
    return Added.NEW;
  }

  /** What becomes of a member that is there. */
  private static decide(old: f64, given: f64, how: u32): Added {
    if (how & Add.NX) return Added.SKIPPED;
    const score = how & Add.INCREMENT ? old + given : given;
    if (isNaN(score)) return Added.NOT_A_NUMBER;
    if ((how & Add.GT && score <= old) || (how & Add.LT && score >= old)) return Added.SKIPPED;
    SortedSet.score = score;
    return score == old ? Added.SAME : Added.MOVED;
  }

  /** Takes a member out, if it is there. The set may be empty then. */
  static remove(entry: Entry, ptr: usize, len: u32): bool {
    if (SortedSet.isPacked(entry)) {
      const p = PackedSortedSet.find(entry.value, ptr, len);
      if (!p) return false;
      entry.value = PackedSortedSet.delete(entry.value, p);
      return true;
    }
    const set = SortedSet.indexed(entry);
    const hash = IndexedSortedSet.hash(ptr, len);
    const item = set.find(ptr, len, hash);
    if (!item) return false;
    set.take(item, hash);
    return true;
  }

  /** Takes out the members with ranks [from, to). */
  static removeRange(entry: Entry, from: u32, to: u32): void {
    if (SortedSet.isPacked(entry))
      entry.value = PackedSortedSet.deleteRange(entry.value, from, to - from);
    else SortedSet.indexed(entry).removeRange(from, to, SortedSet.indexed(entry));
  }

  /**
   * Whether a listpack that was allowed to grow very long can be turned into a table with a tree; a
   * member there takes at most twelve times its bytes here. It stays as it is when not.
   */
  @inline static hasRoomToIndex(lp: usize): bool {
    const bytes = Listpack.bytes(lp);
    return bytes < 1 << 15 || Heap.hasRoom(<u64>bytes * 12);
  }

  /** Turns a listpack into a table with a tree. */
  static index(entry: Entry): void {
    const lp = entry.value;
    entry.value = changetype<usize>(SortedSet.indexedFrom(lp));
    entry.setKind(Type.ZSET, Encoding.SKIPLIST);
    Listpack.free(lp);
  }

  /** The members of a set as a listpack, where they fit one; else 0. */
  static packedFrom(set: IndexedSortedSet): usize {
    if (!SortedSet.fitsPacked(set.length, 0)) return 0;
    let bytes: u64 = Listpack.EMPTY;
    let longest: u32 = 0;
    const walk = SortedSetWalk.main;
    for (set.seekRank(0, walk); walk.valid; walk.forward()) {
      const len = walk.item.keyLen;
      longest = max(longest, len);
      bytes += <u64>len + PackedSortedSet.OVERHEAD;
    }
    if (!SortedSet.fitsPacked(0, longest) || bytes > Listpack.MAX_BYTES) return 0;
    if (!Heap.hasRoom(bytes)) return 0;
    let lp = Listpack.create();
    for (set.seekRank(0, walk); walk.valid; walk.forward()) {
      const item = walk.item;
      lp = PackedSortedSet.append(lp, item.score, item.keyPtr, item.keyLen);
    }
    return lp;
  }

  /** The members of a listpack as a table with a tree. */
  static indexedFrom(lp: usize): IndexedSortedSet {
    const set = IndexedSortedSet.create();
    for (let p = lp + Listpack.HEADER; load<u8>(p) != END;) {
      const scoreEntry = Listpack.skip(p);
      const score = PackedSortedSet.scoreAt(scoreEntry);
      Listpack.text(p);
      set.addLast(score, Listpack.ptr, Listpack.len);
      p = Listpack.skip(scoreEntry);
    }
    return set;
  }
}

function freeSome(value: usize, encoding: u32, budget: i32): i32 {
  if (encoding == Encoding.SKIPLIST) return changetype<IndexedSortedSet>(value).free(budget);
  Listpack.free(value);
  return max(budget - 1, 1);
}

function length(value: usize, encoding: u32): u32 {
  return encoding == Encoding.SKIPLIST
    ? changetype<IndexedSortedSet>(value).length
    : PackedSortedSet.length(value);
}

function size(value: usize, encoding: u32): u64 {
  return encoding == Encoding.SKIPLIST
    ? changetype<IndexedSortedSet>(value).size
    : Heap.sizeOf(value);
}

function copy(value: usize, encoding: u32): usize {
  return encoding == Encoding.SKIPLIST
    ? changetype<usize>(changetype<IndexedSortedSet>(value).copy())
    : Listpack.copy(value);
}

/** Once, when the engine boots. */
export function registerSortedSet(): void {
  const info = Types.register(Type.ZSET, "zset");
  info.free = freeSome.index;
  info.length = length.index;
  info.size = size.index;
  info.copy = copy.index;
}
