// Judging listpacks that come from strangers (RESTORE, RDB files): after `validate` says yes, walking
// the block cannot leave it. Every length is compared with what is left before it is used.

import { Listpack } from "./listpack";
import { END } from "./listpack-entry";

const UNKNOWN: u32 = 65535;

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
