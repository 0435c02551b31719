// The library `cmsgpack`: values to and from MessagePack.

import {
  argumentError,
  checkInteger,
  checkStack,
  checkString,
  createTable,
  getTop,
  insert,
  lengthOf,
  LuaType,
  next,
  optInteger,
  pushBoolean,
  pushBytes,
  pushNil,
  pushNumber,
  pushValue,
  rawGetIndex,
  rawSet,
  rawSetIndex,
  setTop,
  State,
  toBoolean,
  toNumber,
  typeOf,
} from "./api";
import { Buffer, output } from "./buffer";
import { cText, Functions, pop, raise, raisePlain, raiseTop, Text } from "./values";
import { Work } from "./work";

/** A table deeper than this is written as nil. */
const DEPTH_MAX: u32 = 16;
const READ_DEPTH_MAX: u32 = 2000;
const lengthCell: usize = memory.data(4, 4);

class Packer {
  /** A type byte and a number of 1, 2, 4 or 8 bytes, the highest first. */
  static tagged(tag: u32, value: u64, size: u32): void {
    const at = output.room(9);
    store<u8>(at, tag);
    for (let i: u32 = 0; i < size; i++) store<u8>(at + size - i, <u32>(value >> (i << 3)));
    output.advance(size + 1);
  }

  /** The header of something with a length: its short form, or those of 16 and 32 bits. */
  static header(short: u32, shortMax: u32, tag: u32, length: u32): void {
    if (length <= shortMax) output.byte(short | length);
    else if (length <= 0xffff) Packer.tagged(tag, length, 2);
    else Packer.tagged(tag + 1, length, 4);
  }

  /** Takes the value on top. */
  static value(L: State, level: u32): void {
    let type = typeOf(L, -1);
    if (type == LuaType.TABLE && level == DEPTH_MAX) type = LuaType.NIL;
    switch (type) {
      case LuaType.STRING:
        Text.at(L, -1);
        Packer.bytes(Text.pointer, Text.length);
        break;
      case LuaType.BOOLEAN:
        output.byte(toBoolean(L, -1) ? 0xc3 : 0xc2);
        break;
      case LuaType.NUMBER:
        Packer.number(toNumber(L, -1));
        break;
      case LuaType.TABLE:
        if (!checkStack(L, 8)) raise(L, "stack overflow (in function mp_encode_lua_table)");
        if (Packer.isArray(L)) Packer.array(L, level);
        else Packer.map(L, level);
        break;
      default:
        output.byte(0xc0);
    }
    pop(L, 1);
  }

  private static bytes(pointer: usize, length: u32): void {
    if (length < 32) output.byte(0xa0 | length);
    else if (length <= 0xff) Packer.tagged(0xd9, length, 1);
    else if (length <= 0xffff) Packer.tagged(0xda, length, 2);
    else Packer.tagged(0xdb, length, 4);
    output.bytes(pointer, length);
  }

  private static number(value: f64): void {
    if (value >= -9223372036854775808.0 && value < 9223372036854775808.0) {
      const integer = <i64>value;
      if (<f64>integer == value) return Packer.integer(integer);
    }
    const single = <f32>value;
    if (<f64>single == value) Packer.tagged(0xca, reinterpret<u32>(single), 4);
    else Packer.tagged(0xcb, reinterpret<u64>(value), 8);
  }

  private static integer(value: i64): void {
    if (value >= 0) {
      if (value <= 127) output.byte(<u32>value);
      else if (value <= 0xff) Packer.tagged(0xcc, value, 1);
      else if (value <= 0xffff) Packer.tagged(0xcd, value, 2);
      else if (value <= 0xffffffff) Packer.tagged(0xce, value, 4);
      else Packer.tagged(0xcf, value, 8);
    } else if (value >= -32) output.byte((<u32>value) & 0xff);
    else if (value >= -128) Packer.tagged(0xd0, value, 1);
    else if (value >= -32768) Packer.tagged(0xd1, value, 2);
    else if (value >= -2147483648) Packer.tagged(0xd2, value, 4);
    else Packer.tagged(0xd3, value, 8);
  }

  /** Whether the keys of the table on top are 1 to n. */
  private static isArray(L: State): bool {
    const top = getTop(L);
    let count: u32 = 0;
    let most: u32 = 0;
    pushNil(L);
    while (next(L, -2)) {
      pop(L, 1);
      const key = typeOf(L, -1) == LuaType.NUMBER ? toNumber(L, -1) : 0;
      if (!(key > 0 && key <= 2147483647 && <f64>(<i32>key) == key)) {
        setTop(L, top);
        return false;
      }
      most = max(most, <u32>key);
      count++;
    }
    return most == count;
  }

  private static array(L: State, level: u32): void {
    const length = lengthOf(L, -1);
    Packer.header(0x90, 15, 0xdc, length);
    for (let i: u32 = 1; i <= length; i++) {
      rawGetIndex(L, -1, i);
      Packer.value(L, level + 1);
    }
  }

  private static map(L: State, level: u32): void {
    let count: u32 = 0;
    pushNil(L);
    while (next(L, -2)) {
      pop(L, 1);
      count++;
    }
    Packer.header(0x80, 15, 0xde, count);
    pushNil(L);
    while (next(L, -2)) {
      pushValue(L, -2);
      Packer.value(L, level + 1);
      Packer.value(L, level + 1);
    }
  }
}

/** cmsgpack.pack(value …) → the bytes. */
function pack(L: State): i32 {
  const count = getTop(L);
  if (!count) return argumentError(L, 0, cText("MessagePack pack needs input."));
  if (!checkStack(L, 8))
    return argumentError(L, 0, cText("Too many arguments for MessagePack pack."));
  output.begin();
  for (let i = 1; i <= count; i++) {
    pushValue(L, i);
    Packer.value(L, 0);
  }
  if (Buffer.isFull) return raise(L, "not enough memory");
  Work.did(output.length);
  pushBytes(L, output.pointer, output.length);
  return 1;
}

class Unpacker {
  static at: usize = 0;
  static end: usize = 0;
  /** What is wrong with the input; empty when nothing is. */
  static problem: string = "";
  private static depth: u32 = 0;


  @inline static get left(): u32 {
    return <u32>(Unpacker.end - Unpacker.at);
  }

  /** The next `size` bytes as a number, the highest first. */
  private static take(size: u32): u64 {
    if (Unpacker.left < size) {
      Unpacker.problem = "Missing bytes in input.";
      Unpacker.at = Unpacker.end;
      return 0;
    }
    let value: u64 = 0;
    for (let i: u32 = 0; i < size; i++) value = (value << 8) | load<u8>(Unpacker.at++);
    return value;
  }

  /** Pushes the next value. */
  static value(L: State): void {
    if (!checkStack(L, 4) || Unpacker.depth == READ_DEPTH_MAX)
      raise(L, "stack overflow (too many nested data structures)");
    const tag = <u32>Unpacker.take(1);
    if (Unpacker.problem.length) return;
    if (tag < 0x80) return pushNumber(L, <f64>tag);
    if (tag < 0x90) return Unpacker.map(L, tag & 15);
    if (tag < 0xa0) return Unpacker.array(L, tag & 15);
    if (tag < 0xc0) return Unpacker.bytes(L, tag & 31);
    if (tag >= 0xe0) return pushNumber(L, <f64>(<i32>tag - 256));
    switch (tag) {
      case 0xc0:
        return pushNil(L);
      case 0xc2:
        return pushBoolean(L, 0);
      case 0xc3:
        return pushBoolean(L, 1);
      case 0xca:
        return pushNumber(L, <f64>reinterpret<f32>(<u32>Unpacker.take(4)));
      case 0xcb:
        return pushNumber(L, reinterpret<f64>(Unpacker.take(8)));
      case 0xcc:
        return pushNumber(L, <f64>Unpacker.take(1));
      case 0xcd:
        return pushNumber(L, <f64>Unpacker.take(2));
      case 0xce:
        return pushNumber(L, <f64>Unpacker.take(4));
      case 0xcf:
        // Lua's integers in C have a sign.
        return pushNumber(L, <f64>(<i64>Unpacker.take(8)));
      case 0xd0:
        return pushNumber(L, <f64>(<i8>Unpacker.take(1)));
      case 0xd1:
        return pushNumber(L, <f64>(<i16>Unpacker.take(2)));
      case 0xd2:
        return pushNumber(L, <f64>(<i32>Unpacker.take(4)));
      case 0xd3:
        return pushNumber(L, <f64>(<i64>Unpacker.take(8)));
      case 0xd9:
        return Unpacker.bytes(L, <u32>Unpacker.take(1));
      case 0xda:
        return Unpacker.bytes(L, <u32>Unpacker.take(2));
      case 0xdb:
        return Unpacker.bytes(L, <u32>Unpacker.take(4));
      case 0xdc:
        return Unpacker.array(L, <u32>Unpacker.take(2));
      case 0xdd:
        return Unpacker.array(L, <u32>Unpacker.take(4));
      case 0xde:
        return Unpacker.map(L, <u32>Unpacker.take(2));
      case 0xdf:
        return Unpacker.map(L, <u32>Unpacker.take(4));
      default:
        Unpacker.problem = "Bad data format in input.";
    }
  }

  private static bytes(L: State, length: u32): void {
    if (Unpacker.problem.length) return;
    if (Unpacker.left < length) {
      Unpacker.problem = "Missing bytes in input.";
      return;
    }
    pushBytes(L, Unpacker.at, length);
    Unpacker.at += length;
  }

  private static array(L: State, length: u32): void {
    if (Unpacker.problem.length) return;
    createTable(L, 0, 0);
    Unpacker.depth++;
    for (let i: u32 = 1; i <= length; i++) {
      Unpacker.value(L);
      if (Unpacker.problem.length) return;
      rawSetIndex(L, -2, i);
    }
    Unpacker.depth--;
  }

  private static map(L: State, length: u32): void {
    if (Unpacker.problem.length) return;
    createTable(L, 0, 0);
    Unpacker.depth++;
    for (let i: u32 = 0; i < length; i++) {
      Unpacker.value(L);
      if (Unpacker.problem.length) return;
      const isNil = typeOf(L, -1) == LuaType.NIL;
      const isNaN = typeOf(L, -1) == LuaType.NUMBER && toNumber(L, -1) != toNumber(L, -1);
      Unpacker.value(L);
      if (Unpacker.problem.length) return;
      if (isNil) raisePlain(L, "table index is nil");
      if (isNaN) raisePlain(L, "table index is NaN");
      rawSet(L, -3);
    }
    Unpacker.depth--;
  }

  /** Pushes the values of the string at 1, from an offset, at most so many; 0 and 0: all. */
  static run(L: State, limit: i32, offset: i32): i32 {
    const isAll = !limit && !offset;
    const from = checkString(L, 1, lengthCell);
    const length = load<u32>(lengthCell);
    if (offset < 0 || limit < 0) {
      output.begin();
      output.text("Invalid request to unpack with offset of ");
      output.integer(offset);
      output.text(" and limit of ");
      output.integer(length);
      output.text(".");
      pushBytes(L, output.pointer, output.length);
      return raiseTop(L);
    }
    if (<u32>offset > length) {
      output.begin();
      output.text("Start offset ");
      output.integer(offset);
      output.text(" greater than input length ");
      output.integer(length);
      output.text(".");
      pushBytes(L, output.pointer, output.length);
      return raiseTop(L);
    }
    Unpacker.at = from + offset;
    Unpacker.end = from + length;
    Unpacker.problem = "";
    Unpacker.depth = 0;
    let count = 0;
    while (Unpacker.left && (isAll || count < limit)) {
      Unpacker.value(L);
      if (Unpacker.problem.length) return raise(L, Unpacker.problem);
      count++;
    }
    if (isAll) return count;
    pushNumber(L, Unpacker.left ? <f64>(length - Unpacker.left) : -1);
    insert(L, 2);
    return count + 1;
  }
}

/** cmsgpack.unpack(bytes) → value … */
function unpack(L: State): i32 {
  return Unpacker.run(L, 0, 0);
}

/** cmsgpack.unpack_one(bytes, offset = 0) → next offset, value */
function unpackOne(L: State): i32 {
  const offset = optInteger(L, 2, 0);
  setTop(L, 1);
  return Unpacker.run(L, 1, offset);
}

/** cmsgpack.unpack_limit(bytes, limit, offset = 0) → next offset, value … */
function unpackLimit(L: State): i32 {
  const limit = checkInteger(L, 2);
  const offset = optInteger(L, 3, 0);
  setTop(L, 1);
  return Unpacker.run(L, limit, offset);
}

/** Adds the functions to the table on top. */
export function addMsgpack(L: State): void {
  Functions.add(L, "pack", pack.index);
  Functions.add(L, "unpack", unpack.index);
  Functions.add(L, "unpack_one", unpackOne.index);
  Functions.add(L, "unpack_limit", unpackLimit.index);
}
