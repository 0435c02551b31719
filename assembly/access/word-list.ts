// The lists of a user: key patterns, channel patterns, command rules, first arguments, passwords. Each
// is short, kept in the order in which its words were given, and walked.
//
//   list   first ─► word ─► word ◄─ last
//
//   word   0      4      8        12
//          ├──────┼──────┼────────┼────────
//          │ next │ mark │ length │ bytes …      the mark is the list's own: permissions, a sign, a number
//          └──────┴──────┴────────┴────────

import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";


@unmanaged
export class Word {
  next: Word | null;
  mark: u32;
  length: u32;


  @inline get bytes(): usize {
    return changetype<usize>(this) + offsetof<Word>();
  }


  @inline isText(ptr: usize, length: u32): bool {
    return this.length == length && Bytes.equal(this.bytes, ptr, length);
  }
}


@unmanaged
export class WordList {
  first: Word | null;
  private last: Word | null;

  /** Appends a copy of the bytes. */
  add(mark: u32, ptr: usize, length: u32): Word {
    const word = changetype<Word>(Heap.alloc(offsetof<Word>() + length));
    word.next = null;
    word.mark = mark;
    word.length = length;
    memory.copy(word.bytes, ptr, length);
    const last = this.last;
    if (last) last.next = word;
    else this.first = word;
    this.last = word;
    return word;
  }

  /** The word of these bytes, or null. */
  find(ptr: usize, length: u32): Word | null {
    let word = this.first;
    while (word && !word.isText(ptr, length)) word = word.next;
    return word;
  }

  remove(word: Word): void {
    let before: Word | null = null;
    let at = this.first;
    while (at && at != word) {
      before = at;
      at = at.next;
    }
    if (before) before.next = word.next;
    else this.first = word.next;
    if (this.last == word) this.last = before;
    Heap.free(changetype<usize>(word));
  }

  clear(): void {
    let word = this.first;
    while (word) {
      const next = word.next;
      Heap.free(changetype<usize>(word));
      word = next;
    }
    this.first = null;
    this.last = null;
  }

  /** Appends copies of another list's words. */
  addAll(other: WordList): void {
    let word = other.first;
    while (word) {
      this.add(word.mark, word.bytes, word.length);
      word = word.next;
    }
  }

  /** Bytes of all words. */
  get bytes(): usize {
    let sum: usize = 0;
    let word = this.first;
    while (word) {
      sum += Heap.sizeOf(changetype<usize>(word));
      word = word.next;
    }
    return sum;
  }

  get count(): u32 {
    let count: u32 = 0;
    let word = this.first;
    while (word) {
      count++;
      word = word.next;
    }
    return count;
  }
}
