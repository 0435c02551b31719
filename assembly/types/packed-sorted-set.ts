// A small sorted set: a listpack of member, score, member, score …, in order of score, then member.
//
//   ├──────────┼──────┼──────┼──────┼──────┼──────┼─────┤
//   │ listpack │ a    │ 1    │ b    │ 2.5  │ c    │ end │   a score that is an integer is stored as one
//   └──────────┴──────┴──────┴──────┴──────┴──────┴─────┘
//
// Everything is a walk from the front, but for what is at the end. Functions that may move the block
// answer its new address.

import { Double } from "../algorithms/double";
import { Bytes } from "../memory/bytes";
import { Listpack } from "../structures/listpack";
import { END } from "../structures/listpack-entry";

/** Beyond this a score is kept as text, like in Redis, even where it is an integer. */
const INTEGER_MAX: f64 = 4611686018427387904.0;

const text: usize = memory.data(32, 8);

export class PackedSortedSet {
  /** The most a member takes beside its bytes: its own header and backlen, and its score. */
  @inline static readonly OVERHEAD: u32 = 48;

  /** The entry that `rankOf` came to. */
  static found: usize = 0;


  @inline static length(lp: usize): u32 {
    return Listpack.length(lp) >> 1;
  }

  /** The entry of a member, or 0. */
  @inline static find(lp: usize, ptr: usize, len: u32): usize {
    const first = Listpack.first(lp);
    return first ? Listpack.find(first, ptr, len, 1) : 0;
  }

  /** The score that belongs to the member at `p`. */
  @inline static scoreOf(p: usize): f64 {
    return PackedSortedSet.scoreAt(Listpack.skip(p));
  }

  /** The score in the entry at `p`. */
  static scoreAt(p: usize): f64 {
    if (Listpack.read(p)) return <f64>Listpack.value;
    Double.scan(Listpack.ptr, Listpack.len);
    return Double.value;
  }

  /** Adds a member that is not there. */
  @inline static insert(lp: usize, score: f64, ptr: usize, len: u32): usize {
    return PackedSortedSet.put(lp, PackedSortedSet.place(lp, score, ptr, len), score, ptr, len);
  }

  /** Adds a member that is not there and goes behind all others. */
  @inline static append(lp: usize, score: f64, ptr: usize, len: u32): usize {
    return PackedSortedSet.put(lp, Listpack.end(lp), score, ptr, len);
  }

  private static put(lp: usize, p: usize, score: f64, ptr: usize, len: u32): usize {
    lp = Listpack.insertBefore(lp, p, ptr, len);
    const behind = Listpack.skip(Listpack.at);
    if (abs(score) <= INTEGER_MAX && <f64>(<i64>score) == score) {
      return Listpack.insertIntegerBefore(lp, behind, <i64>score);
    }
    return Listpack.insertBefore(lp, behind, text, Double.format(score, text));
  }

  /** Takes out the member at `p` and its score. */
  @inline static delete(lp: usize, p: usize): usize {
    return Listpack.deleteFrom(lp, p, 2);
  }

  /** Takes out `count` members from a rank on. */
  @inline static deleteRange(lp: usize, rank: u32, count: u32): usize {
    return Listpack.deleteRange(lp, rank << 1, count << 1);
  }

  /** The entry of the member with a rank, which exists. */
  @inline static at(lp: usize, rank: u32): usize {
    return Listpack.seek(lp, rank << 1);
  }

  /** How many members are before this one, whose entry is then in `found`; -1 when it is not there. */
  static rankOf(lp: usize, ptr: usize, len: u32): i32 {
    Listpack.want(ptr, len);
    let rank = 0;
    for (let p = lp + Listpack.HEADER; load<u8>(p) != END; p = PackedSortedSet.next(p)) {
      if (Listpack.isWanted(p)) {
        PackedSortedSet.found = p;
        return rank;
      }
      rank++;
    }
    return -1;
  }

  /** Members with a score below `score`; with `orEqual`, those with this score too. */
  static countBelow(lp: usize, score: f64, orEqual: bool): u32 {
    let count: u32 = 0;
    for (let p = lp + Listpack.HEADER; load<u8>(p) != END; count++) {
      const scoreEntry = Listpack.skip(p);
      const own = PackedSortedSet.scoreAt(scoreEntry);
      if (orEqual ? own > score : own >= score) break;
      p = Listpack.skip(scoreEntry);
    }
    return count;
  }

  /** Members whose bytes are before these; with `orEqual`, the same member too. */
  static countBelowMember(lp: usize, ptr: usize, len: u32, orEqual: bool): u32 {
    const limit = i32(orEqual);
    let count: u32 = 0;
    for (let p = lp + Listpack.HEADER; load<u8>(p) != END; p = PackedSortedSet.next(p), count++) {
      if (PackedSortedSet.compareMember(p, ptr, len) >= limit) break;
    }
    return count;
  }

  /** Where a new member goes: the entry, or the end mark, that it is put in front of. */
  private static place(lp: usize, score: f64, ptr: usize, len: u32): usize {
    const end = Listpack.end(lp);
    const last = Listpack.last(lp);
    if (!last || PackedSortedSet.scoreAt(last) < score) return end;
    let p = lp + Listpack.HEADER;
    while (p != end) {
      const scoreEntry = Listpack.skip(p);
      const own = PackedSortedSet.scoreAt(scoreEntry);
      if (own > score || (own == score && PackedSortedSet.compareMember(p, ptr, len) > 0)) break;
      p = Listpack.skip(scoreEntry);
    }
    return p;
  }

  /** The order of the member at `p` beside these bytes. */
  private static compareMember(p: usize, ptr: usize, len: u32): i32 {
    Listpack.text(p);
    return Bytes.compare(Listpack.ptr, Listpack.len, ptr, len);
  }

  /** The member behind the one at `p`, or the end mark. */
  @inline private static next(p: usize): usize {
    return Listpack.skip(Listpack.skip(p));
  }
}
