// What SCAN, SSCAN, HSCAN and ZSCAN have in common: the cursor, COUNT and MATCH, and the reply's head.

import { Glob } from "../../algorithms/glob";
import { Integer } from "../../algorithms/integer";
import { Command } from "../../execution/command";
import { Reply } from "../../protocol/reply";

const digits: usize = memory.data(24);

export class ScanArguments {
  static cursor: u64 = 0;
  /** About how many elements one call looks at; at least 1. */
  static count: u64 = 10;
  private static hasPattern: bool = false;
  private static patternPtr: usize = 0;
  private static patternLen: u32 = 0;

  /** Reads the cursor in argument `index` and forgets older options; replies the error for none. */
  static parseCursor(cmd: Command, index: i32): bool {
    ScanArguments.count = 10;
    ScanArguments.hasPattern = false;
    const text = cmd.arg(index);
    if (ScanArguments.readCursor(text.ptr, text.len)) return true;
    cmd.fail("ERR invalid cursor");
    return false;
  }

  /**
   * Reads the option in argument `index`; answers how many arguments it takes, 0 for one that is not
   * known here. A wrong value is replied, and `cmd.failed` set.
   */
  static option(cmd: Command, index: i32): i32 {
    if (index + 1 >= cmd.argc) return 0;
    if (cmd.is(index, "count")) {
      const count = cmd.integer(index + 1);
      if (cmd.failed) return 0;
      if (count < 1) cmd.failSyntax();
      ScanArguments.count = count;
      return 2;
    }
    if (cmd.is(index, "match")) {
      const pattern = cmd.arg(index + 1);
      ScanArguments.patternPtr = pattern.ptr;
      ScanArguments.patternLen = pattern.len;
      ScanArguments.hasPattern = !(pattern.len == 1 && load<u8>(pattern.ptr) == 0x2a);
      return 2;
    }
    return 0;
  }

  /** Reads all options from `index` on; for commands that have no others. */
  static parseOptions(cmd: Command, index: i32): bool {
    while (index < cmd.argc && !cmd.failed) {
      const taken = ScanArguments.option(cmd, index);
      if (!taken && !cmd.failed) cmd.failSyntax();
      index += taken;
    }
    return !cmd.failed;
  }

  /** Whether an element is wanted. */
  @inline static matches(ptr: usize, len: u32): bool {
    return (
      !ScanArguments.hasPattern ||
      Glob.matches(ScanArguments.patternPtr, ScanArguments.patternLen, ptr, len)
    );
  }

  /** The first half of the reply: the cursor to go on with. The array of elements follows. */
  static replyCursor(reply: Reply, cursor: u64): void {
    reply.array(2);
    reply.bulk(digits, Integer.formatUnsigned(cursor, digits));
  }

  /** C's strtoul as Redis asks it: a sign is allowed, no text is 0, a zero byte ends it. */
  private static readCursor(ptr: usize, len: u32): bool {
    const end = ptr + len;
    let at = ptr;
    let isNegative = false;
    if (at < end && (load<u8>(at) == 0x2b || load<u8>(at) == 0x2d))
      isNegative = load<u8>(at++) == 0x2d;
    const first = at;
    let value: u64 = 0;
    for (; at < end; at++) {
      const digit = <u32>load<u8>(at) - 48;
      if (digit > 9) break;
      if (value > (u64.MAX_VALUE - digit) / 10) return false;
      value = value * 10 + digit;
    }
    if (at == first && at != ptr) at = ptr;
    ScanArguments.cursor = isNegative ? 0 - value : value;
    return at == end || !load<u8>(at);
  }
}
