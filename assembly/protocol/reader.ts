// Reading commands from bytes: RESP arrays of bulk strings, and inline lines as telnet sends them.
//
//   *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $2\r\nhi\r\n      SET k "a b"\r\n
//
// Arguments are not copied: they are (address, length) pairs into the input. One reader serves all
// sessions. It goes through an input from `at` to `end` and leaves the arguments of each complete
// command in one growing vector; when the input ends inside a command, the caller keeps the bytes
// and the counters below, and reading goes on where it stopped.

import { Config } from "../generated/config";
import { Heap } from "../memory/heap";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Integer } from "../algorithms/integer";
import { Reply } from "./reply";

export const enum Parsed {
  COMPLETE,
  INCOMPLETE,
  /** An empty line or `*0`: nothing to run. */
  EMPTY,
  /** The text of the protocol error is in `Reader.problem`. */
  ERROR,
}

/** The longest inline command, and the longest line that gives a length. */
const INLINE_MAX: u32 = 65536;

/** What is kept of an incomplete command until more of it comes. */
@unmanaged
export class ReadState extends Reply {
  /** The vector with the arguments that are read; 0: none kept. */
  parsed: usize;
  parsedCount: u32;
  /** Arguments the command will have. */
  expectedArgs: i32;
  /** Length of the argument being read; -1: not known yet. */
  expectedBytes: i32;
  /** How far the command is scanned, from its start. */
  scanned: u32;
}

/** The reader's place in an input that was left for another one. */
class Aside {
  static vector: usize = 0;
  static capacity: u32 = 0;
  static at: usize = 0;
  static end: usize = 0;
  static count: u32 = 0;
  static first: u32 = 0;
  static expectedArgs: i32 = -1;
  static expectedBytes: i32 = -1;
  static isAnonymous: bool = false;
}

export class Reader {
  /** Where reading goes on, and where the input ends. */
  static at: usize = 0;
  static end: usize = 0;
  /** What is wrong, without the prefix `ERR Protocol error: `. */
  static problem: string = "";
  /** Extra character for "expected '$', got 'x'". */
  static offender: u32 = 0;
  /** Stricter bounds hold before a session is authenticated. */
  static isAnonymous: bool = false;

  /** The vector of arguments: 8 bytes each. */
  private static vector: usize = 0;
  private static capacity: u32 = 0;
  /** Arguments in the vector. */
  static count: u32 = 0;
  /** The command that is being read: its first argument, how many it will have (-1: not known). */
  static first: u32 = 0;
  static expectedArgs: i32 = -1;
  /** Bytes of the argument that comes next; -1: its header is not read yet. */
  static expectedBytes: i32 = -1;

  static boot(): void {
    Reader.capacity = 1024;
    Reader.vector = Heap.alloc(Reader.capacity << 3);
  }


  @inline static arg(index: u32): Slice {
    return changetype<Slice>(Reader.vector + (index << 3));
  }

  /** Forgets all arguments; the vector shrinks again after a giant command. */
  static clear(): void {
    Reader.count = 0;
    Reader.first = 0;
    if (Reader.capacity > 65536) {
      Heap.free(Reader.vector);
      Reader.boot();
    }
  }

  /** Leaves the arguments read so far with `holder`, whose bytes have moved by `delta`. */
  static lend(holder: ReadState, delta: usize): void {
    const count = Reader.count - Reader.first;
    memory.copy(Reader.vector, Reader.vector + (Reader.first << 3), count << 3);
    holder.parsed = Reader.vector;
    holder.parsedCount = count;
    Reader.rebase(holder, delta);
    Reader.boot();
    Reader.clear();
  }

  /** Takes the arguments back, to read on. */
  static takeBack(holder: ReadState): void {
    Heap.free(Reader.vector);
    Reader.vector = holder.parsed;
    Reader.capacity = (<u32>Heap.sizeOf(holder.parsed)) >> 3;
    Reader.first = 0;
    Reader.count = holder.parsedCount;
    holder.parsed = 0;
  }

  /** The bytes of a holder have moved by `delta`. */
  static rebase(holder: ReadState, delta: usize): void {
    if (!delta) return;
    for (let i: u32 = 0; i < holder.parsedCount; i++) {
      const slice = changetype<Slice>(holder.parsed + (i << 3));
      slice.ptr += <u32>delta;
    }
  }

  static push(pointer: usize, length: u32): void {
    if (Reader.count == Reader.capacity) {
      Reader.capacity <<= 1;
      Reader.vector = Heap.resize(Reader.vector, (<usize>Reader.capacity) << 3);
    }
    const slice = Reader.arg(Reader.count++);
    slice.ptr = <u32>pointer;
    slice.len = length;
  }

  /** Another input is read in the middle of a command of this one, whose arguments stay where they are. */
  static setAside(): void {
    Aside.vector = Reader.vector;
    Aside.capacity = Reader.capacity;
    Aside.at = Reader.at;
    Aside.end = Reader.end;
    Aside.count = Reader.count;
    Aside.first = Reader.first;
    Aside.expectedArgs = Reader.expectedArgs;
    Aside.expectedBytes = Reader.expectedBytes;
    Aside.isAnonymous = Reader.isAnonymous;
    Reader.boot();
  }

  /** Goes back to what was set aside. */
  static bringBack(): void {
    Heap.free(Reader.vector);
    Reader.vector = Aside.vector;
    Reader.capacity = Aside.capacity;
    Reader.at = Aside.at;
    Reader.end = Aside.end;
    Reader.count = Aside.count;
    Reader.first = Aside.first;
    Reader.expectedArgs = Aside.expectedArgs;
    Reader.expectedBytes = Aside.expectedBytes;
    Reader.isAnonymous = Aside.isAnonymous;
  }

  /** Reads one command. `at` moves behind what is read. */
  static next(): Parsed {
    if (Reader.expectedArgs < 0) {
      if (Reader.at >= Reader.end) return Parsed.INCOMPLETE;
      if (load<u8>(Reader.at) != 42) return Reader.inline();
      Reader.first = Reader.count;
      const state = Reader.arrayHeader();
      if (state != Parsed.COMPLETE) return state;
    }
    let at = Reader.at;
    const end = Reader.end;
    while (<i32>(Reader.count - Reader.first) < Reader.expectedArgs) {
      let length = Reader.expectedBytes;
      if (length < 0) {
        // The common header is `$` and one or two digits.
        const word = at + 5 <= end ? load<u32>(at) : 0;
        const tens = ((word >> 8) & 255) - 48;
        const ones = ((word >> 16) & 255) - 48;
        if ((word & 0xffff00ff) == 0x0a0d0024 && tens < 10) {
          length = tens;
          at += 4;
        } else if (
          (word & 0xff0000ff) == 0x0d000024 &&
          tens - 1 < 9 &&
          ones < 10 &&
          load<u8>(at, 4) == 10
        ) {
          length = tens * 10 + ones;
          at += 5;
        } else {
          const header = Reader.bulkHeader(at);
          if (header != Parsed.COMPLETE) return header;
          length = Reader.expectedBytes;
          at = Reader.at;
        }
      }
      if (<u32>length + 2 > <u32>(end - at)) {
        Reader.expectedBytes = length;
        Reader.at = at;
        return Parsed.INCOMPLETE;
      }
      Reader.push(at, length);
      at += <u32>length + 2;
      Reader.expectedBytes = -1;
    }
    Reader.at = at;
    Reader.expectedArgs = -1;
    return Parsed.COMPLETE;
  }

  private static arrayHeader(): Parsed {
    const at = Reader.at;
    // The common header is `*` and one digit.
    if (at + 4 <= Reader.end) {
      const word = load<u32>(at);
      const digit = ((word >> 8) & 255) - 49;
      if ((word & 0xffff00ff) == 0x0a0d002a && digit < 9) {
        Reader.at = at + 4;
        Reader.expectedArgs = digit + 1;
        Reader.expectedBytes = -1;
        return Parsed.COMPLETE;
      }
    }
    const stop = Bytes.indexOf(at, min(Reader.end, at + INLINE_MAX + 1), 13);
    if (!stop) return Reader.unfinishedLine(at, "too big mbulk count string");
    if (stop + 1 >= Reader.end) return Parsed.INCOMPLETE;
    if (!Integer.parse(at + 1, <u32>(stop - at - 1)) || Integer.value > i32.MAX_VALUE) {
      return Reader.unlessHidden(
        at,
        stop,
        "invalid multibulk length",
        "too big mbulk count string",
      );
    }
    const count = Integer.value;
    if (Reader.isAnonymous && count > 10) return Reader.fail("unauthenticated multibulk length");
    Reader.at = stop + 2;
    if (count <= 0) return Parsed.EMPTY;
    Reader.expectedArgs = <i32>count;
    Reader.expectedBytes = -1;
    return Parsed.COMPLETE;
  }

  private static bulkHeader(at: usize): Parsed {
    Reader.at = at;
    if (at >= Reader.end) return Parsed.INCOMPLETE;
    const stop = Bytes.indexOf(at, min(Reader.end, at + INLINE_MAX + 1), 13);
    if (!stop) return Reader.unfinishedLine(at, "too big bulk count string");
    if (stop + 1 >= Reader.end) return Parsed.INCOMPLETE;
    if (load<u8>(at) != 36) {
      Reader.offender = load<u8>(at);
      return Reader.unlessHidden(at, stop, "expected '$', got '", "too big bulk count string");
    }
    if (
      !Integer.parse(at + 1, <u32>(stop - at - 1)) ||
      Integer.value < 0 ||
      Integer.value > <i64>Config.protoMaxBulkLen
    ) {
      return Reader.unlessHidden(at, stop, "invalid bulk length", "too big bulk count string");
    }
    if (Reader.isAnonymous && Integer.value > 16384)
      return Reader.fail("unauthenticated bulk length");
    Reader.expectedBytes = <i32>Integer.value;
    Reader.at = stop + 2;
    return Parsed.COMPLETE;
  }

  /** A line whose end has not come; it may not grow for ever. */
  private static unfinishedLine(at: usize, tooBig: string): Parsed {
    return <u32>(Reader.end - at) > INLINE_MAX ? Reader.fail(tooBig) : Parsed.INCOMPLETE;
  }

  /** A problem of the line up to `stop`; but behind a zero byte, as in C, nothing ends a line. */
  private static unlessHidden(at: usize, stop: usize, problem: string, tooBig: string): Parsed {
    if (Bytes.indexOf(at, stop, 0)) return Reader.unfinishedLine(at, tooBig);
    return Reader.fail(problem);
  }

  private static fail(problem: string): Parsed {
    Reader.problem = problem;
    return Parsed.ERROR;
  }

  /** One line of words, quoted as in redis-cli. Quoted words are unescaped in place. */
  private static inline(): Parsed {
    const at = Reader.at;
    const newline = Bytes.indexOf(at, Reader.end, 10);
    if (!newline || Bytes.indexOf(at, newline, 0))
      return Reader.unfinishedLine(at, "too big inline request");
    let stop = newline;
    if (stop > at && load<u8>(stop - 1) == 13) stop--;
    Reader.at = newline + 1;
    Reader.first = Reader.count;
    let from = at;
    for (;;) {
      while (from < stop && Integer.isSpace(load<u8>(from))) from++;
      if (from >= stop) break;
      from = Reader.word(from, stop);
      if (!from) {
        Reader.count = Reader.first;
        return Reader.fail("unbalanced quotes in request");
      }
    }
    return Reader.count == Reader.first ? Parsed.EMPTY : Parsed.COMPLETE;
  }

  /** Reads a word that begins at `from`, pushes it, and returns where it ends; 0 when a quote is not closed. */
  private static word(from: usize, stop: usize): usize {
    const start = from;
    let to = from;
    let quote: u32 = 0;
    while (true) {
      if (from >= stop) {
        if (quote) return 0;
        break;
      }
      let char = <u32>load<u8>(from);
      if (quote == 34) {
        if (
          char == 92 &&
          from + 3 < stop &&
          load<u8>(from + 1) == 120 &&
          isHex(load<u8>(from + 2)) &&
          isHex(load<u8>(from + 3))
        ) {
          store<u8>(to++, (hexValue(load<u8>(from + 2)) << 4) | hexValue(load<u8>(from + 3)));
          from += 4;
          continue;
        }
        if (char == 92 && from + 1 < stop) {
          char = unescape(load<u8>(from + 1));
          store<u8>(to++, char);
          from += 2;
          continue;
        }
        if (char == 34) {
          if (from + 1 < stop && !Integer.isSpace(load<u8>(from + 1))) return 0;
          from++;
          break;
        }
      } else if (quote == 39) {
        if (char == 92 && from + 1 < stop && load<u8>(from + 1) == 39) {
          store<u8>(to++, 39);
          from += 2;
          continue;
        }
        if (char == 39) {
          if (from + 1 < stop && !Integer.isSpace(load<u8>(from + 1))) return 0;
          from++;
          break;
        }
      } else {
        if (char == 32 || char == 10 || char == 13 || char == 9) break;
        if (char == 34 || char == 39) {
          quote = char;
          from++;
          continue;
        }
      }
      store<u8>(to++, char);
      from++;
    }
    Reader.push(start, <u32>(to - start));
    return from;
  }
}

function isHex(char: u32): bool {
  return char - 48 < 10 || (char | 32) - 97 < 6;
}

function hexValue(char: u32): u32 {
  return char - 48 < 10 ? char - 48 : (char | 32) - 87;
}

function unescape(char: u32): u32 {
  switch (char) {
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    case 98:
      return 8;
    case 97:
      return 7;
    default:
      return char;
  }
}
