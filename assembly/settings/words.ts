// The words of a value: a directive that takes several gets them as arguments from a configuration
// file, or as one argument with blanks in it, as from CONFIG SET.

import { Slice } from "../memory/slice";
import { Text } from "../memory/text";

/** More words than any directive makes sense with; the rest is left out. */
const WORDS_MAX: u32 = 512;
const words: usize = memory.data(512 * 8, 8);

export class Words {

  @inline static get pointer(): usize {
    return words;
  }

  /** Splits at each blank; returns how many words there are. */
  static split(text: Slice): u32 {
    Words.count = 0;
    Words.addSplit(text.ptr, text.len);
    return Words.count;
  }

  /** The words of a text, then those of others; returns how many there are. */
  static join(text: Text, more: usize, moreCount: u32): u32 {
    Words.count = 0;
    Words.addSplit(text.bytes, text.length);
    for (let i: u32 = 0; i < moreCount; i++) {
      const word = changetype<Slice>(more + (i << 3));
      Words.addSplit(word.ptr, word.len);
    }
    return Words.count;
  }

  private static count: u32 = 0;

  private static add(pointer: usize, length: u32): void {
    if (Words.count == WORDS_MAX) return;
    const word = changetype<Slice>(words + (Words.count++ << 3));
    word.ptr = <u32>pointer;
    word.len = length;
  }

  private static addSplit(pointer: usize, length: u32): void {
    if (!length) return;
    let start = pointer;
    const end = pointer + length;
    for (let at = pointer; at <= end; at++) {
      if (at < end && load<u8>(at) != 32) continue;
      Words.add(start, <u32>(at - start));
      start = at + 1;
    }
  }
}
