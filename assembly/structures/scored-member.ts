// A member of a sorted set with its score: one block, pointed to by the hash index and by a leaf.
//
//   0          8     9                       8                12
//   ├──────────┼─────┼──────────   or   ─────┼────────────────┼──────────
//   │ score    │ len │ member             │ len | 1 << 31, BE │ member
//   └──────────┴─────┴──────────        ─────┴────────────────┴──────────
//
// A length below 128 takes one byte. A longer one takes four, most significant first, so that the
// first byte tells which of the two it is.

import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";

const SHORT_MAX: u32 = 0x7f;
const LONG_MARK: u32 = 0x80000000;


@unmanaged
export class ScoredMember {
  score: f64;
  private lead: u8;


  @inline private static readonly SHORT: usize = offsetof<ScoredMember>("lead") + 1;


  @inline private static readonly LONG: usize = offsetof<ScoredMember>("lead") + 4;

  /** A block with a copy of the member. Lengths stay below 2^31. */
  static create(score: f64, ptr: usize, len: u32): ScoredMember {
    const header = len <= SHORT_MAX ? ScoredMember.SHORT : ScoredMember.LONG;
    const block = Heap.alloc(header + len);
    store<f64>(block, score);
    if (len <= SHORT_MAX) store<u8>(block, len, offsetof<ScoredMember>("lead"));
    else store<u32>(block, bswap(len | LONG_MARK), offsetof<ScoredMember>("lead"));
    memory.copy(block + header, ptr, len);
    return changetype<ScoredMember>(block);
  }


  @inline get keyPtr(): usize {
    return (
      changetype<usize>(this) +
      (<u32>this.lead <= SHORT_MAX ? ScoredMember.SHORT : ScoredMember.LONG)
    );
  }


  @inline get keyLen(): u32 {
    const lead = <u32>this.lead;
    if (lead <= SHORT_MAX) return lead;
    return bswap(load<u32>(changetype<usize>(this), offsetof<ScoredMember>("lead"))) & ~LONG_MARK;
  }

  /** The order of this member's bytes beside others, scores aside: negative, 0 or positive. */
  @inline compareKey(ptr: usize, len: u32): i32 {
    const own = this.keyPtr;
    return own == ptr ? 0 : Bytes.compare(own, this.keyLen, ptr, len);
  }


  @inline free(): void {
    Heap.free(changetype<usize>(this));
  }
}
