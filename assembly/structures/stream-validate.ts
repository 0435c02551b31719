// Judging stream nodes that come from strangers (RESTORE, RDB files): after `validate` says yes, walking the
// node in either direction cannot leave it, and its counts are true.

import { Listpack } from "./listpack";
import { ListpackValidator } from "./listpack-validate";

const DELETED: i64 = 1;
const SAME_FIELDS: i64 = 2;

export class StreamValidator {
  /** The next element, where the listpack ends, and whether all was as it should be so far. */
  private static at: usize = 0;
  private static end: usize = 0;
  private static ok: bool = false;

  /** Whether `size` bytes at `lp` are the listpack of a node with at least one entry. */
  static validate(lp: usize, size: u32): bool {
    if (!ListpackValidator.validate(lp, size, true)) return false;
    StreamValidator.at = lp + Listpack.HEADER;
    StreamValidator.end = Listpack.end(lp);
    StreamValidator.ok = true;
    const live = StreamValidator.count();
    const deleted = StreamValidator.count();
    const fields = StreamValidator.count();
    StreamValidator.pass(fields);
    if (StreamValidator.count() != 0 || !StreamValidator.ok) return false;

    const entries: u64 = live + deleted;
    if (!entries) return false;
    let marked: u64 = 0;
    for (let i: u64 = 0; i < entries && StreamValidator.ok; i++) {
      marked += StreamValidator.entry(fields);
    }
    return StreamValidator.ok && marked == deleted && StreamValidator.at == StreamValidator.end;
  }

  /** Passes over an entry; answers 1 for a deleted one. */
  private static entry(masterFields: u64): u64 {
    // Flags are changed in place: they must have the short form that they are written in.
    if (StreamValidator.at < StreamValidator.end && load<u8>(StreamValidator.at) >= 128)
      StreamValidator.ok = false;
    const flags = StreamValidator.integer();
    if (flags & ~(DELETED | SAME_FIELDS)) StreamValidator.ok = false;
    StreamValidator.integer();
    StreamValidator.integer();
    let length: u64;
    if (flags & SAME_FIELDS) {
      StreamValidator.pass(masterFields);
      length = masterFields + 3;
    } else {
      const fields = StreamValidator.count();
      StreamValidator.pass(fields << 1);
      length = (fields << 1) + 4;
    }
    if (StreamValidator.count() != length) StreamValidator.ok = false;
    return <u64>(flags & DELETED);
  }

  private static integer(): i64 {
    const p = StreamValidator.at;
    if (!StreamValidator.ok || p >= StreamValidator.end || !Listpack.read(p)) {
      StreamValidator.ok = false;
      return 0;
    }
    StreamValidator.at = Listpack.skip(p);
    return Listpack.value;
  }

  /** An integer that counts something in the listpack. */
  private static count(): u64 {
    const value = StreamValidator.integer();
    if (<u64>value > <u64>Listpack.MAX_BYTES) StreamValidator.ok = false;
    return StreamValidator.ok ? <u64>value : 0;
  }

  private static pass(elements: u64): void {
    let p = StreamValidator.at;
    const end = StreamValidator.end;
    for (; elements; elements--) {
      if (p >= end) {
        StreamValidator.ok = false;
        break;
      }
      p = Listpack.skip(p);
    }
    StreamValidator.at = p;
  }
}
