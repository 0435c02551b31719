// Rules as they come, several at a time: a selector may be spread over several words, from the one that begins
// with a parenthesis to the one that ends with it. They apply to a draft, which becomes the user when all were
// right.

import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Fault } from "./fault";
import { Rules } from "./rules";
import { User } from "./user";

export class Draft {
  /** The rule that is wrong, until `finish`. */
  static wrong: usize = 0;
  static wrongLength: u32 = 0;
  /** How many words that rule has. */
  private static size: i32 = 0;
  private static joined: usize = 0;

  /** The first word that begins a selector which does not end, or -1. */
  static unmatched(words: usize, count: i32): i32 {
    for (let i = 0; i < count;) {
      const size = Draft.sizeAt(words, i, count);
      if (!size) return Draft.opening;
      i += size;
    }
    return -1;
  }

  /** Applies one rule, which begins at a word; `next` is behind it. Selectors must be matched. */
  static applyAt(user: User, words: usize, index: i32, count: i32): Fault {
    Draft.finish();
    const size = Draft.sizeAt(words, index, count);
    const word = changetype<Slice>(words + ((<usize>index) << 3));
    Draft.size = size;
    if (size == 1) {
      Draft.wrong = word.ptr;
      Draft.wrongLength = word.len;
    } else {
      Draft.join(words, Draft.opening, index + size - Draft.opening);
    }
    return Rules.apply(user, Draft.wrong, Draft.wrongLength);
  }


  @inline static after(index: i32): i32 {
    return index + Draft.size;
  }

  /** Applies all rules up to the first that is wrong. */
  static apply(user: User, words: usize, count: i32): Fault {
    for (let i = 0; i < count; i = Draft.after(i)) {
      const fault = Draft.applyAt(user, words, i, count);
      if (fault) return fault;
    }
    return Fault.NONE;
  }

  static finish(): void {
    if (Draft.joined) Heap.free(Draft.joined);
    Draft.joined = 0;
  }

  /** How many words the rule at an index has, and in `opening` where it begins; 0: it does not end. */
  private static sizeAt(words: usize, index: i32, count: i32): i32 {
    Draft.opening = index;
    if (!opensSelector(changetype<Slice>(words + ((<usize>index) << 3)))) return 1;
    for (let i = index + 1; i < count; i++) {
      const word = changetype<Slice>(words + ((<usize>i) << 3));
      if (opensSelector(word)) Draft.opening = i;
      else if (endsSelector(word)) return i - index + 1;
    }
    return 0;
  }
  private static opening: i32 = 0;

  /** Puts words together, with blanks between them. */
  private static join(words: usize, index: i32, size: i32): void {
    let length: u32 = size - 1;
    for (let i = 0; i < size; i++)
      length += changetype<Slice>(words + ((<usize>(index + i)) << 3)).len;
    Draft.joined = Heap.alloc(length);
    let to = Draft.joined;
    for (let i = 0; i < size; i++) {
      const word = changetype<Slice>(words + ((<usize>(index + i)) << 3));
      if (i) store<u8>(to++, 32);
      memory.copy(to, word.ptr, word.len);
      to += word.len;
    }
    Draft.wrong = Draft.joined;
    Draft.wrongLength = length;
  }
}

function opensSelector(word: Slice): bool {
  return word.len != 0 && load<u8>(word.ptr) == 40 && !endsSelector(word);
}

function endsSelector(word: Slice): bool {
  return word.len != 0 && load<u8>(word.end - 1) == 41;
}
