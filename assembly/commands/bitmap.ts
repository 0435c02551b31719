// Bitmaps: strings as rows of bits, and of integers of any width (BITFIELD).

import { Bits } from "../algorithms/bits";
import { Integer } from "../algorithms/integer";
import { Config } from "../generated/config";
import { Entry, Type } from "../keyspace/entry";
import { Notify } from "../sessions/notify";
import { Strings } from "../types/string";
import { Command } from "../execution/command";

const BAD_OFFSET: string = "ERR bit offset is not an integer or out of range";
const BAD_BIT: string = "ERR bit is not an integer or out of range";

/** The longest string, in bytes, that sizes of 32 bits leave room for. */
const LENGTH_MAX: i64 = u32.MAX_VALUE - 65536;

/** A bit offset; `#n` is the nth integer of `width` bits, where a width is given. */
function offsetAt(cmd: Command, index: i32, width: u32 = 0): u64 {
  const slice = cmd.arg(index);
  const isCounted = width != 0 && slice.len != 0 && load<u8>(slice.ptr) == 0x23;
  const skipped = u32(isCounted);
  if (Integer.parse(slice.ptr + skipped, slice.len - skipped)) {
    const offset = isCounted ? Integer.value * width : Integer.value;
    const limit = cmd.session.isTrustedSource ? LENGTH_MAX : <i64>Config.protoMaxBulkLen;
    if (offset >= 0 && offset >> 3 < limit) return offset;
  }
  cmd.fail(BAD_OFFSET);
  return 0;
}

/** Whether `reachBit` made the string or made it longer. */
class Reached {
  static isNew: bool = false;
}

/** Makes the string so long that it has the bit, for writing; new bytes are zero. */
function reachBit(cmd: Command, index: i32, offset: u64): Entry | null {
  const entry = cmd.write(index, Type.STRING);
  if (cmd.failed) return null;
  const need = <u32>(offset >> 3) + 1;
  const before = entry ? Strings.length(entry) : 0;
  Reached.isNew = !entry || need > before;
  if (need > before && !cmd.room(<u64>need * 2)) return null;
  const target = Strings.makeRaw(cmd, index, entry, max(need, before));
  if (need > before) {
    memory.fill(target.stringPtr + before, 0, need - before);
    store<u32>(target.area, need);
  }
  return target;
}

/** SETBIT key offset value → the bit before. */
export function setbit(cmd: Command): void {
  const offset = offsetAt(cmd, 2);
  if (cmd.failed) return;
  const value = cmd.integerIn(3, 0, 1, BAD_BIT);
  if (cmd.failed) return;
  const entry = reachBit(cmd, 1, offset);
  if (!entry) return;
  const at = entry.stringPtr + <u32>(offset >> 3);
  const shift = 7 - ((<u32>offset) & 7);
  const byte: u32 = load<u8>(at);
  const before = (byte >> shift) & 1;
  if (before != <u32>value || Reached.isNew) {
    store<u8>(at, (byte & ~(1 << shift)) | ((<u32>value) << shift));
    cmd.changed(1, Notify.STRING, "setbit");
  }
  cmd.reply.integer(before);
}

/** GETBIT key offset → the bit; 0 beyond the end. */
export function getbit(cmd: Command): void {
  const offset = offsetAt(cmd, 2);
  if (cmd.failed) return;
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  Strings.view(entry);
  const index = offset >> 3;
  if (index >= Strings.len) return cmd.reply.integer(0);
  const byte: u32 = load<u8>(Strings.ptr + <usize>index);
  cmd.reply.integer((byte >> (7 - ((<u32>offset) & 7))) & 1);
}

/** A range of bits in the string of argument 1, given in bytes or in bits. */
class Range {
  /** Both included. */
  static first: i64 = 0;
  static last: i64 = 0;
  static inBits: bool = false;

  /** Reads BYTE or BIT; false after a syntax error. */
  static readUnit(cmd: Command, index: i32): bool {
    Range.inBits = cmd.is(index, "bit");
    if (Range.inBits || cmd.is(index, "byte")) return true;
    cmd.failSyntax();
    return false;
  }

  /** Counts negative places from the end and cuts the range to the string; false when it is empty. */
  static resolve(length: u32): bool {
    const total = Range.inBits ? (<i64>length) << 3 : <i64>length;
    let first = Range.first;
    let last = Range.last;
    if (first < 0) first = max<i64>(first + total, 0);
    if (last < 0) last = max<i64>(last + total, 0);
    last = min(last, total - 1);
    if (first > last) return false;
    Range.first = Range.inBits ? first : first << 3;
    Range.last = Range.inBits ? last : (last << 3) + 7;
    return true;
  }
}

/** BITCOUNT key [start end [BYTE | BIT]] → how many bits are set. */
export function bitcount(cmd: Command): void {
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  // As in Redis before 8, arguments after a missing key are not looked at.
  if (!entry) return cmd.reply.integer(0);
  Range.first = 0;
  Range.last = -1;
  Range.inBits = false;
  if (cmd.argc > 2) {
    if (cmd.argc > 5 || cmd.argc == 3) return cmd.failSyntax();
    Range.first = cmd.integer(2);
    if (!cmd.failed) Range.last = cmd.integer(3);
    if (cmd.failed) return;
    if (Range.first < 0 && Range.last < 0 && Range.first > Range.last) return cmd.reply.integer(0);
    if (cmd.argc == 5 && !Range.readUnit(cmd, 4)) return;
  }
  Strings.view(entry);
  if (!Range.resolve(Strings.len)) return cmd.reply.integer(0);
  cmd.reply.integer(Bits.count(Strings.ptr, Range.first, Range.last));
}

/** BITPOS key bit [start [end [BYTE | BIT]]] → the first such bit, or -1. */
export function bitpos(cmd: Command): void {
  const bit = cmd.integer(2);
  if (cmd.failed) return;
  if (bit != 0 && bit != 1) return cmd.fail("ERR The bit argument must be 1 or 0.");
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(bit ? -1 : 0);
  Range.first = 0;
  Range.last = -1;
  Range.inBits = false;
  const hasEnd = cmd.argc > 4;
  if (cmd.argc > 6) return cmd.failSyntax();
  if (cmd.argc > 3) {
    Range.first = cmd.integer(3);
    if (cmd.failed || (cmd.argc == 6 && !Range.readUnit(cmd, 5))) return;
    if (hasEnd) Range.last = cmd.integer(4);
    if (cmd.failed) return;
  }
  Strings.view(entry);
  if (!Range.resolve(Strings.len)) return cmd.reply.integer(-1);
  const position = Bits.position(Strings.ptr, Range.first, Range.last, <u32>bit);
  // Without an end, the string goes on with zeros.
  if (position < 0 && !bit && !hasEnd) return cmd.reply.integer((<i64>Strings.len) << 3);
  cmd.reply.integer(position);
}

/** What happens to a value that its field has no room for. */
enum Overflow {
  WRAP,
  SATURATE,
  FAIL,
}

enum Action {
  GET,
  SET,
  INCREMENT,
}

/** One operation of BITFIELD, as `next` reads it. */
class Operation {
  static action: Action = Action.GET;
  static isSigned: bool = false;
  static width: u32 = 0;
  static offset: u64 = 0;
  static operand: i64 = 0;
  static overflow: Overflow = Overflow.WRAP;

  /**
   * Reads the operation at argument `index`, and an OVERFLOW before it; answers the argument after
   * it, 0 after an error. At the end of the arguments the answer is -1.
   */
  static next(cmd: Command, index: i32): i32 {
    for (; index < cmd.argc && cmd.is(index, "overflow") && index + 1 < cmd.argc; index += 2) {
      if (!Operation.readOverflow(cmd, index + 1)) return 0;
    }
    const left = cmd.argc - index - 1;
    if (left < 0) return -1;
    let size = 4;
    if (cmd.is(index, "get") && left >= 2) {
      Operation.action = Action.GET;
      size = 3;
    } else if (cmd.is(index, "set") && left >= 3) {
      Operation.action = Action.SET;
    } else if (cmd.is(index, "incrby") && left >= 3) {
      Operation.action = Action.INCREMENT;
    } else {
      cmd.failSyntax();
      return 0;
    }
    if (!Operation.readType(cmd, index + 1)) return 0;
    Operation.offset = offsetAt(cmd, index + 2, Operation.width);
    if (!cmd.failed && size == 4) Operation.operand = cmd.integer(index + 3);
    return cmd.failed ? 0 : index + size;
  }

  private static readOverflow(cmd: Command, index: i32): bool {
    if (cmd.is(index, "wrap")) Operation.overflow = Overflow.WRAP;
    else if (cmd.is(index, "sat")) Operation.overflow = Overflow.SATURATE;
    else if (cmd.is(index, "fail")) Operation.overflow = Overflow.FAIL;
    else cmd.fail("ERR Invalid OVERFLOW type specified");
    return !cmd.failed;
  }

  /** Reads a type: i1 to i64, u1 to u63. */
  private static readType(cmd: Command, index: i32): bool {
    const slice = cmd.arg(index);
    const kind: u32 = slice.len ? <u32>load<u8>(slice.ptr) : 0;
    const isSigned = kind == 0x69;
    if ((isSigned || kind == 0x75) && Integer.parse(slice.ptr + 1, slice.len - 1)) {
      const width = Integer.value;
      if (width >= 1 && width <= (isSigned ? 64 : 63)) {
        Operation.isSigned = isSigned;
        Operation.width = <u32>width;
        return true;
      }
    }
    cmd.fail(
      "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
    );
    return false;
  }

  /** What a SET or INCRBY came to. */
  private static result: i64 = 0;

  /** Runs a SET or INCRBY and replies; answers whether the field is another one now. */
  static write(cmd: Command, ptr: usize, len: u32): bool {
    const width = Operation.width;
    const before = Operation.isSigned
      ? Bits.signedField(ptr, len, Operation.offset, width)
      : <i64>Bits.field(ptr, len, Operation.offset, width);
    const isSet = Operation.action == Action.SET;
    const base = isSet ? Operation.operand : before;
    const added = isSet ? 0 : Operation.operand;
    const fits = Operation.isSigned
      ? Operation.addSigned(base, added, width)
      : Operation.addUnsigned(<u64>base, added, width);
    if (!fits && Operation.overflow == Overflow.FAIL) {
      cmd.reply.nil();
      return false;
    }
    cmd.reply.integer(isSet ? before : Operation.result);
    Bits.setField(ptr, Operation.offset, width, <u64>Operation.result);
    return before != Operation.result;
  }

  /** base + added in so many bits; false when it does not fit, and then it is wrapped or saturated. */
  private static addSigned(base: i64, added: i64, width: u32): bool {
    const highest = i64.MAX_VALUE >> (64 - width);
    const lowest = -highest - 1;
    const sum = base + added;
    // `highest - base` overflows for a SET of nearly the lowest number of all to a narrow field, and
    // Redis takes that for too high.
    const isAbove =
      base > highest || (width < 64 ? added > highest - base : added > 0 && sum < base);
    const isBelow = base < lowest || (width < 64 ? added < lowest - base : added < 0 && sum > base);
    if (!isAbove && !isBelow) {
      Operation.result = sum;
      return true;
    }
    if (Operation.overflow == Overflow.SATURATE) Operation.result = isAbove ? highest : lowest;
    else Operation.result = (sum << (64 - width)) >> (64 - width);
    return false;
  }

  private static addUnsigned(base: u64, added: i64, width: u32): bool {
    const highest = ((<u64>1) << width) - 1;
    const isAbove = base > highest || (added > 0 && <u64>added > highest - base);
    const isBelow = !isAbove && added < 0 && 0 - <u64>added > base;
    const sum = base + <u64>added;
    Operation.result = <i64>sum;
    if (!isAbove && !isBelow) return true;
    if (Operation.overflow == Overflow.SATURATE) Operation.result = isAbove ? <i64>highest : 0;
    else Operation.result = <i64>(sum & highest);
    return false;
  }
}

/** BITFIELD key [GET type offset | [OVERFLOW how] (SET | INCRBY) type offset integer] … */
export function bitfield(cmd: Command): void {
  fields(cmd, false);
}

/** BITFIELD_RO key [GET type offset …] */
export function bitfieldRo(cmd: Command): void {
  fields(cmd, true);
}

function fields(cmd: Command, isReadOnly: bool): void {
  // All operations are read before the first one runs, since an error must leave the key alone.
  let operations: u32 = 0;
  let writes = false;
  let lastBit: u64 = 0;
  Operation.overflow = Overflow.WRAP;
  for (let index = Operation.next(cmd, 2); index > 0; index = Operation.next(cmd, index)) {
    operations++;
    if (Operation.action == Action.GET) continue;
    writes = true;
    lastBit = max(lastBit, Operation.offset + Operation.width - 1);
  }
  if (cmd.failed) return;
  if (writes && isReadOnly) return cmd.fail("ERR BITFIELD_RO only supports the GET subcommand");

  Reached.isNew = false;
  const entry = writes ? reachBit(cmd, 1, lastBit) : cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  Strings.len = 0;
  if (entry) Strings.view(entry);
  const ptr = Strings.ptr;
  const len = Strings.len;

  cmd.reply.array(operations);
  let changes: u32 = 0;
  Operation.overflow = Overflow.WRAP;
  for (let index = Operation.next(cmd, 2); index > 0; index = Operation.next(cmd, index)) {
    if (Operation.action != Action.GET) {
      if (Operation.write(cmd, ptr, len) || Reached.isNew) changes++;
    } else if (Operation.isSigned) {
      cmd.reply.integer(Bits.signedField(ptr, len, Operation.offset, Operation.width));
    } else {
      cmd.reply.integer(Bits.field(ptr, len, Operation.offset, Operation.width));
    }
  }
  if (changes) cmd.changed(1, Notify.STRING, "setbit", changes);
}
