// The words of a line as people write them: separated by blanks, with "double" and 'single' quotation
// marks as in a configuration file. The words are taken one after the other, out of a copy.

import { Heap } from "../memory/heap";

export class Splitter {
  /** The word that `next` found. */
  static word: usize = 0;
  static length: u32 = 0;
  /** A quotation mark is not closed, or something follows it without a blank. */
  static isUnbalanced: bool = false;
  private static copy: usize = 0;
  private static at: usize = 0;
  private static end: usize = 0;

  /** Begins with a text, which must stay until `finish`. */
  static begin(ptr: usize, length: u32): void {
    Splitter.copy = Heap.alloc(length + 1);
    Splitter.at = ptr;
    Splitter.end = ptr + length;
    Splitter.isUnbalanced = false;
  }

  static finish(): void {
    Heap.free(Splitter.copy);
  }

  static isBlank(byte: u32): bool {
    return byte == 32 || byte - 9 < 5;
  }

  /** Whether a name or pattern has a blank or a zero byte, which no list of rules could be written with. */
  static hasBlank(text: usize, length: u32): bool {
    for (let i: u32 = 0; i < length; i++) {
      const byte: u32 = load<u8>(text + i);
      if (!byte || Splitter.isBlank(byte)) return true;
    }
    return false;
  }

  /** Takes the next word; false behind the last, or where quotation marks are wrong. */
  static next(): bool {
    const end = Splitter.end;
    let at = Splitter.at;
    while (at < end && Splitter.isBlank(load<u8>(at))) at++;
    if (at == end) return false;
    let to = Splitter.copy;
    let mark: u32 = 0;
    for (; at < end; at++) {
      const byte: u32 = load<u8>(at);
      if (!mark) {
        if (Splitter.isBlank(byte)) break;
        if (byte == 34 || byte == 39) mark = byte;
        else store<u8>(to++, byte);
      } else if (byte == mark) {
        if (at + 1 < end && !Splitter.isBlank(load<u8>(at + 1))) return Splitter.fail();
        mark = 0;
      } else if (byte == 92 && at + 1 < end && (mark == 34 || load<u8>(at + 1) == 39)) {
        at++;
        const isHex = mark == 34 && load<u8>(at) == 120 && at + 2 < end;
        const high = isHex ? hexDigit(load<u8>(at + 1)) : -1;
        const low = isHex ? hexDigit(load<u8>(at + 2)) : -1;
        if (high >= 0 && low >= 0) {
          store<u8>(to++, (high << 4) | low);
          at += 2;
        } else {
          store<u8>(to++, mark == 34 ? escaped(load<u8>(at)) : 39);
        }
      } else {
        store<u8>(to++, byte);
      }
    }
    if (mark) return Splitter.fail();
    Splitter.at = at;
    Splitter.word = Splitter.copy;
    Splitter.length = <u32>(to - Splitter.copy);
    return true;
  }

  private static fail(): bool {
    Splitter.isUnbalanced = true;
    return false;
  }
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte: u32): i32 {
  if (byte - 48 < 10) return <i32>byte - 48;
  const letter = (byte | 32) - 97;
  return letter < 6 ? <i32>letter + 10 : -1;
}

function escaped(byte: u32): u32 {
  if (byte == 110) return 10;
  if (byte == 114) return 13;
  if (byte == 116) return 9;
  if (byte == 98) return 8;
  if (byte == 97) return 7;
  return byte;
}
