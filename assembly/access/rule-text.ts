// Rules as one text, with blanks between them.

import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Draft } from "./draft";
import { Fault } from "./fault";
import { User } from "./user";

export class RuleText {
  /** The words of a text, split at each blank: pairs of address and length, for `Heap.free`. */
  static words: usize = 0;
  static count: i32 = 0;

  static split(text: usize, length: u32): void {
    const end = text + length;
    let count = 1;
    for (let at = text; at < end; at++) if (load<u8>(at) == 32) count++;
    RuleText.words = Heap.alloc((<usize>count) << 3);
    RuleText.count = count;
    let start = text;
    let word = RuleText.words;
    for (let at = text; at <= end; at++) {
      if (at < end && load<u8>(at) != 32) continue;
      changetype<Slice>(word).ptr = <u32>start;
      changetype<Slice>(word).len = <u32>(at - start);
      start = at + 1;
      word += 8;
    }
  }

  /** Applies the rules of a text up to the first that is wrong, which `Draft` tells until it is finished. */
  static apply(user: User, text: usize, length: u32): Fault {
    RuleText.split(text, length);
    const isMatched = Draft.unmatched(RuleText.words, RuleText.count) < 0;
    const fault = isMatched ? Draft.apply(user, RuleText.words, RuleText.count) : Fault.SYNTAX;
    Heap.free(RuleText.words);
    return fault;
  }
}
