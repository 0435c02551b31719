// Judging listpacks that come from strangers (RESTORE, RDB files): after `validate` says yes, walking
// the block cannot leave it. Every length is compared with what is left before it is used.

import { Listpack } from "./listpack";
import { END } from "./listpack-entry";
import { MemberTable } from "./member-table";

const UNKNOWN: u32 = 65535;
/** Up to so many entries are compared with each other, more are put into a table. */
const PAIRWISE_MAX: u32 = 32;

export class ListpackValidator {
  /**
   * Whether `size` bytes at `ptr` are a listpack. Shallow: its header and end mark. Deep: every
   * entry, forwards and backwards, and their number.
   */
  static validate(ptr: usize, size: u32, deep: bool): bool {
    if (size < Listpack.EMPTY || Listpack.bytes(ptr) != size) return false;
    const end = ptr + size - 1;
    if (load<u8>(end) != END) return false;
    if (!deep) return true;
    let count: u32 = 0;
    for (let p = ptr + Listpack.HEADER; p < end; count++) {
      const whole = ListpackValidator.entryBytes(p, <u32>(end - p));
      if (!whole) return false;
      p += whole;
    }
    const told = Listpack.told(ptr);
    return told == UNKNOWN || told == count;
  }

  /** Whether no two of the entries 0, `step`, 2 × `step` … of a valid listpack are the same. */
  static isUnique(lp: usize, step: u32): bool {
    const end = Listpack.end(lp);
    if (Listpack.length(lp) / step > PAIRWISE_MAX)
      return ListpackValidator.isUniqueByTable(lp, step);
    for (let p = lp + Listpack.HEADER; p != end;) {
      Listpack.text(p);
      Listpack.want(Listpack.ptr, Listpack.len);
      for (let i: u32 = 0; i < step && p != end; i++) p = Listpack.skip(p);
      if (p != end && Listpack.findWanted(p, step - 1)) return false;
    }
    return true;
  }

  private static isUniqueByTable(lp: usize, step: u32): bool {
    const seen = MemberTable.make();
    const end = Listpack.end(lp);
    let isUnique = true;
    for (let p = lp + Listpack.HEADER; p != end && isUnique;) {
      Listpack.text(p);
      isUnique = seen.add(Listpack.ptr, Listpack.len);
      for (let i: u32 = 0; i < step && p != end; i++) p = Listpack.skip(p);
    }
    seen.freeSome(i32.MAX_VALUE);
    return isUnique;
  }

  /** The bytes of the entry at `p`, when it fits in `left` and its backlen says the same; else 0. */
  private static entryBytes(p: usize, left: u32): u32 {
    const kind = <u32>load<u8>(p);
    if (kind > 0xf4) return 0;
    const head: u32 = kind < 0xe0 ? 1 : kind < 0xf0 ? 2 : kind == 0xf0 ? 5 : 1;
    if (head > left) return 0;
    const size = Listpack.sizeAt(p);
    // A text of almost 4 GB would wrap around and look small.
    if (size < head || size >= left) return 0;
    const width = Listpack.backlenSize(size);
    if (width > left - size) return 0;
    let told: u64 = 0;
    for (let i: u32 = 0; i < width; i++) {
      const byte = <u32>load<u8>(p + size + i);
      if (i > 0 != byte >= 128) return 0;
      told = (told << 7) | (byte & 127);
    }
    return told == size ? size + width : 0;
  }
}
