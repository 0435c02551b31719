// Patterns of SORT: `w_*` is the string at the key that has the element in the place of the star,
// `h_*->f` a field of the hash there, `#` the element itself.

import { Heap } from "../memory/heap";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Type } from "../keyspace/entry";
import { Command } from "../execution/command";
import { Hashes } from "./hash";
import { Strings } from "./string";

const STAR: u32 = 42;
const HASH_SIGN: u32 = 35;
const DASH: u32 = 45;
const ARROW_HEAD: u32 = 62;

export class SortPattern {
  /** What `find` found. */
  static ptr: usize = 0;
  static len: u32 = 0;
  /** Where keys are put together. */
  private static key: usize = 0;
  private static room: u32 = 0;

  /** Whether it stands for another text with each element. */
  @inline static hasStar(pattern: Slice): bool {
    return Bytes.indexOf(pattern.ptr, pattern.ptr + pattern.len, STAR) != 0;
  }

  /** Finds what a pattern stands for with an element; false: nothing. The text is then in `ptr` and `len`. */
  static find(cmd: Command, pattern: Slice, element: usize, elementLen: u32): bool {
    if (pattern.len == 1 && load<u8>(pattern.ptr) == HASH_SIGN) {
      SortPattern.ptr = element;
      SortPattern.len = elementLen;
      return true;
    }
    const start = <usize>pattern.ptr;
    const end = start + pattern.len;
    const star = Bytes.indexOf(start, end, STAR);
    if (!star) return false;
    const arrow = arrowIn(star + 1, end);
    const prefix = <u32>(star - start);
    const postfix = <u32>((arrow ? arrow : end) - star - 1);
    const length = <u64>prefix + elementLen + postfix;
    if (!SortPattern.reserve(length)) return false;
    const key = SortPattern.key;
    memory.copy(key, start, prefix);
    memory.copy(key + prefix, element, elementLen);
    memory.copy(key + prefix + elementLen, star + 1, postfix);
    const entry = cmd.readKey(key, <u32>length);
    if (!entry) return false;
    if (arrow) {
      const field = arrow + 2;
      if (entry.type != Type.HASH || !Hashes.find(entry, field, <u32>(end - field))) return false;
      SortPattern.ptr = Hashes.ptr;
      SortPattern.len = Hashes.len;
      return true;
    }
    if (entry.type != Type.STRING) return false;
    Strings.view(entry);
    SortPattern.ptr = Strings.ptr;
    SortPattern.len = Strings.len;
    return true;
  }

  /** Frees what `find` needed. */
  static end(): void {
    if (SortPattern.key) Heap.free(SortPattern.key);
    SortPattern.key = 0;
    SortPattern.room = 0;
  }

  private static reserve(length: u64): bool {
    if (length <= <u64>SortPattern.room) return true;
    if (!Heap.hasRoom(length * 2)) return false;
    SortPattern.end();
    SortPattern.room = <u32>length * 2;
    SortPattern.key = Heap.alloc(SortPattern.room);
    return true;
  }
}

/** The first `->` between two places, if a field follows; 0: none. */
function arrowIn(from: usize, end: usize): usize {
  for (let at = from; at + 1 < end; at++) {
    if (load<u8>(at) == DASH && load<u8>(at, 1) == ARROW_HEAD) return at + 2 < end ? at : 0;
  }
  return 0;
}
