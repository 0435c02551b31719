// How many nodes Redis's radix tree would have for the ids in an index: XINFO STREAM tells that number.
//
// That tree branches where ids differ in one of their 16 big-endian bytes. Between two branches lies one node
// for all the bytes that have no choice, and each id ends in a node of its own. An id that comes or goes
// changes what is around the byte where it leaves its nearest neighbours:
//
//        a        d           b
//   ─◇───┴────────┴───────────┴───◇─      one run from behind the branch above to the branch below …
//   ─◇───┴──── ◇ ─┴───────────┴───◇─      … is split by a branch at d,
//               \                         which has a run and an end of its own
//                └──────────────□

import { IdEntry, IdNode } from "./id-node";
import { IdTree } from "./id-tree";

const ID_BYTES: u32 = 16;

export class RadixCount {
  /** Nodes of the tree of no ids. */
  static readonly EMPTY: u32 = 1;

  /** The id that was found last. */
  private static ms: u64 = 0;
  private static seq: u64 = 0;

  /** How many nodes more there are with this id, which the index does not have. */
  static difference(index: IdTree, ms: u64, seq: u64): u32 {
    if (!index.size) return 1;
    const depth = max(
      RadixCount.sharedBefore(index, ms, seq, ms, seq),
      RadixCount.sharedBehind(index, ms, seq, ms, seq),
    );
    const ownRunAndEnd = u32(depth + 1 < <i32>ID_BYTES) + 1;

    // All ids that begin with the same `depth` bytes lie between these two.
    const rest = ID_BYTES - <u32>depth;
    const msMask: u64 = rest > 8 ? u64.MAX_VALUE >> ((<u64>(16 - rest)) << 3) : 0;
    const seqMask: u64 = rest >= 8 ? u64.MAX_VALUE : ~(u64.MAX_VALUE << ((<u64>rest) << 3));
    const lowMs = ms & ~msMask;
    const lowSeq = seq & ~seqMask;
    const highMs = ms | msMask;
    const highSeq = seq | seqMask;
    RadixCount.take(index, index.seek(lowMs, lowSeq));
    const firstMs = RadixCount.ms;
    const firstSeq = RadixCount.seq;
    RadixCount.take(index, index.seekBack(highMs, highSeq));
    const below = RadixCount.shared(firstMs, firstSeq);
    if (below == depth) return ownRunAndEnd;

    let above: i32 = -1;
    if (lowMs | lowSeq) {
      const borrow = u64(lowSeq == 0);
      above = RadixCount.sharedBefore(index, lowMs - borrow, lowSeq - 1, ms, seq);
    }
    if (~highMs | ~highSeq) {
      const carry = u64(highSeq == u64.MAX_VALUE);
      above = max(above, RadixCount.sharedBehind(index, highMs + carry, highSeq + 1, ms, seq));
    }
    return u32(depth > above + 1) + u32(below > depth + 1) + ownRunAndEnd;
  }

  /** How many bytes an id shares with the nearest one at or below `fromMs`-`fromSeq`; -1: there is none. */
  private static sharedBefore(index: IdTree, fromMs: u64, fromSeq: u64, ms: u64, seq: u64): i32 {
    return RadixCount.take(index, index.seekBack(fromMs, fromSeq))
      ? RadixCount.shared(ms, seq)
      : -1;
  }

  /** The same with the nearest one at or above. */
  private static sharedBehind(index: IdTree, fromMs: u64, fromSeq: u64, ms: u64, seq: u64): i32 {
    return RadixCount.take(index, index.seek(fromMs, fromSeq)) ? RadixCount.shared(ms, seq) : -1;
  }

  /** Takes the id that the index has just been asked for; false when there was none. */
  @inline private static take(index: IdTree, leaf: IdNode | null): bool {
    if (!leaf) return false;
    const entry = changetype<IdEntry>(leaf.at(IdTree.index, index.stride));
    RadixCount.ms = entry.ms;
    RadixCount.seq = entry.seq;
    return true;
  }

  /** How many bytes an id shares with the one that was found. */
  @inline private static shared(ms: u64, seq: u64): i32 {
    const difference = ms ^ RadixCount.ms;
    return difference ? <i32>(clz(difference) >> 3) : 8 + <i32>(clz(seq ^ RadixCount.seq) >> 3);
  }
}
