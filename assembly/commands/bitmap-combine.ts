// BITOP: strings combined bit by bit into another.
//
// All operations come from AND, OR and XOR over blocks, where y is the union of all sources behind the first, x:
//
//   ANDOR   x & y
//   DIFF    x & ~y   =  (y & x) ^ x
//   DIFF1   y & ~x   =  (y | x) ^ x
//   ONE     in exactly one source: what is in any, without what a source had in common with those before it

import { BitOperation, Bits } from "../algorithms/bits";
import { Encoding, Type } from "../keyspace/entry";
import { Heap } from "../memory/heap";
import { Notify } from "../sessions/notify";
import { Strings } from "../types/string";
import { Command } from "../execution/command";

/** Bytes of a result that are worked on at a time, so that they stay in the cache for all sources. */
const BLOCK: u32 = 16384;

/**
 * A source of BITOP.
 *
 *   0        4        8             32
 *   ├────────┼────────┼─────────────┤
 *   │ ptr    │ len    │ digits      │     digits: of a string that is kept as a number
 *   └────────┴────────┴─────────────┘
 */
@unmanaged
class Source {
  ptr: u32;
  len: u32;


  @inline static readonly SIZE: u32 = 32;


  @inline get digits(): usize {
    return changetype<usize>(this) + 8;
  }
}

const enum Operation {
  AND,
  OR,
  XOR,
  NOT,
  ONE,
  // Those that take the first source apart from the others.
  ANDOR,
  DIFF,
  DIFF1,
  UNKNOWN,
}

function operationOf(cmd: Command): Operation {
  if (cmd.is(1, "and")) return Operation.AND;
  if (cmd.is(1, "or")) return Operation.OR;
  if (cmd.is(1, "xor")) return Operation.XOR;
  if (cmd.is(1, "not")) return Operation.NOT;
  if (cmd.is(1, "one")) return Operation.ONE;
  if (cmd.is(1, "andor")) return Operation.ANDOR;
  if (cmd.is(1, "diff")) return Operation.DIFF;
  return cmd.is(1, "diff1") ? Operation.DIFF1 : Operation.UNKNOWN;
}

/**
 * BITOP AND | OR | XOR | NOT | ONE | ANDOR | DIFF | DIFF1 destkey key [key …] → the length of the result.
 */
export function bitop(cmd: Command): void {
  const operation = operationOf(cmd);
  if (operation == Operation.UNKNOWN) return cmd.failSyntax();
  if (operation == Operation.NOT && cmd.argc != 4) {
    return cmd.fail("ERR BITOP NOT must be called with a single source key.");
  }
  if (operation >= Operation.ANDOR && cmd.argc < 5) {
    return cmd.fail(
      operation == Operation.ANDOR
        ? "ERR BITOP ANDOR must be called with at least two source keys."
        : operation == Operation.DIFF
          ? "ERR BITOP DIFF must be called with at least two source keys."
          : "ERR BITOP DIFF1 must be called with at least two source keys.",
    );
  }
  const count = <u32>(cmd.argc - 3);
  const sources = Heap.alloc(count * Source.SIZE);
  const length = findSources(cmd, sources, count);
  const scratch: u32 = operation == Operation.ONE ? min(BLOCK, length) * 2 : 0;
  if (!cmd.failed && length && cmd.room(<u64>length * 2 + scratch)) {
    const result = Heap.alloc(length);
    if (operation == Operation.NOT) {
      Bits.invert(result, changetype<Source>(sources).ptr, length);
    } else if (operation == Operation.ONE) {
      const twice = Heap.alloc(scratch);
      once(sources, count, result, length, twice, twice + (scratch >> 1));
      Heap.free(twice);
    } else {
      combine(operation, sources, count, result, length);
    }
    Strings.adopt(cmd, 2, cmd.write(2, Type.ANY), result, length, false);
    cmd.changed(2, Notify.STRING, "set");
  } else if (!cmd.failed) {
    const entry = cmd.write(2, Type.ANY);
    if (entry) {
      cmd.remove(2, entry);
      cmd.changed(2, Notify.GENERIC, "del");
    }
  }
  Heap.free(sources);
  if (!cmd.failed) cmd.reply.integer(length);
}

/** Looks the sources up; answers the length of the longest. A missing key is an empty string. */
function findSources(cmd: Command, sources: usize, count: u32): u32 {
  let longest: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const source = changetype<Source>(sources + i * Source.SIZE);
    const entry = cmd.read(3 + i, Type.STRING);
    if (cmd.failed) return 0;
    source.ptr = 0;
    source.len = 0;
    if (!entry) continue;
    Strings.view(entry);
    source.ptr = <u32>Strings.ptr;
    source.len = Strings.len;
    if (entry.encoding == Encoding.INT) {
      memory.copy(source.digits, Strings.ptr, Strings.len);
      source.ptr = <u32>source.digits;
    }
    longest = max(longest, source.len);
  }
  return longest;
}

function combine(
  operation: Operation,
  sources: usize,
  count: u32,
  result: usize,
  length: u32,
): void {
  const isApart = operation >= Operation.ANDOR;
  const first: u32 = isApart ? 1 : 0;
  const bits =
    operation == Operation.AND
      ? BitOperation.AND
      : operation == Operation.XOR
        ? BitOperation.XOR
        : BitOperation.OR;
  for (let start: u32 = 0; start < length; start += BLOCK) {
    const block = result + start;
    const size = min(BLOCK, length - start);
    for (let i = first; i < count; i++) {
      const from = Piece.of(sources, i, start, size);
      const have = Piece.length;
      if (i > first) Bits.combine(bits, block, block, from, have);
      else memory.copy(block, from, have);
      // A source that has ended goes on with zeros.
      if (i == first || bits == BitOperation.AND) memory.fill(block + have, 0, size - have);
    }
    if (isApart) apart(operation, block, Piece.of(sources, 0, start, size), size);
  }
}

/** Combines the union of the other sources with the first source. */
function apart(operation: Operation, block: usize, from: usize, size: u32): void {
  const have = Piece.length;
  const isUnion = operation == Operation.DIFF1;
  Bits.combine(isUnion ? BitOperation.OR : BitOperation.AND, block, block, from, have);
  if (!isUnion) memory.fill(block + have, 0, size - have);
  if (operation != Operation.ANDOR) Bits.combine(BitOperation.XOR, block, block, from, have);
}

/** What is in exactly one source; `twice` and `common` have room for a block each. */
function once(
  sources: usize,
  count: u32,
  result: usize,
  length: u32,
  twice: usize,
  common: usize,
): void {
  for (let start: u32 = 0; start < length; start += BLOCK) {
    const block = result + start;
    const size = min(BLOCK, length - start);
    memory.fill(block, 0, size);
    memory.fill(twice, 0, size);
    for (let i: u32 = 0; i < count; i++) {
      const from = Piece.of(sources, i, start, size);
      const have = Piece.length;
      Bits.combine(BitOperation.AND, common, block, from, have);
      Bits.combine(BitOperation.OR, twice, twice, common, have);
      Bits.combine(BitOperation.OR, block, block, from, have);
    }
    Bits.combine(BitOperation.XOR, block, block, twice, size);
  }
}

/** What a source has of a block. */
class Piece {
  static length: u32 = 0;

  static of(sources: usize, i: u32, start: u32, size: u32): usize {
    const source = changetype<Source>(sources + i * Source.SIZE);
    const skipped = min(source.len, start);
    Piece.length = min(size, source.len - skipped);
    return <usize>source.ptr + skipped;
  }
}
