// What a script returns, as RESP for its caller: the reverse of `Decoder`.

import { DoubleFormat } from "../algorithms/double-format";
import {
  checkStack,
  LuaType,
  next,
  pushNil,
  pushValue,
  rawGet,
  rawGetIndex,
  State,
  toBoolean,
  toNumber,
  typeOf,
} from "./api";
import { answer, Buffer } from "./buffer";
import { pop, pushText, Text } from "./values";

/** Tables in tables beyond this are an error: clients read no deeper. */
const DEPTH_MAX: u32 = 500;

export class Answer {
  /** The RESP version of the caller. */
  static protocol: u32 = 2;
  /** The RESP version that the script has chosen. */
  static scriptProtocol: u32 = 2;
  /** Whether an error in it was counted when it happened. */
  static isCounted: bool = false;
  private static depth: u32 = 0;

  /** Encodes the value on top and takes it. */
  static encode(L: State): void {
    Answer.depth = 0;
    Answer.isCounted = false;
    Answer.value(L);
  }


  @inline private static get isResp3(): bool {
    return Answer.protocol == 3;
  }

  private static value(L: State): void {
    if (Answer.depth == DEPTH_MAX || !checkStack(L, 8) || Buffer.isFull) {
      answer.text("-ERR reached lua stack limit\r\n");
      return pop(L, 1);
    }
    Answer.depth++;
    switch (typeOf(L, -1)) {
      case LuaType.STRING:
        Text.at(L, -1);
        Answer.bulk(Text.pointer, Text.length);
        break;
      case LuaType.BOOLEAN:
        Answer.boolean(toBoolean(L, -1) != 0);
        break;
      case LuaType.NUMBER:
        answer.header(58, integerOf(toNumber(L, -1)));
        break;
      case LuaType.TABLE:
        Answer.table(L);
        break;
      default:
        Answer.nil();
    }
    pop(L, 1);
    Answer.depth--;
  }

  private static nil(): void {
    answer.text(Answer.isResp3 ? "_\r\n" : "$-1\r\n");
  }

  private static bulk(pointer: usize, length: u32): void {
    answer.header(36, length);
    answer.bytes(pointer, length);
    answer.text("\r\n");
  }

  private static boolean(value: bool): void {
    if (Answer.scriptProtocol == 2) {
      if (value) answer.text(":1\r\n");
      else Answer.nil();
    } else if (Answer.isResp3) answer.text(value ? "#t\r\n" : "#f\r\n");
    else answer.text(value ? ":1\r\n" : ":0\r\n");
  }

  /** Pushes a field of the table on top; whether it is of that type. Else nothing is pushed. */
  private static field(L: State, name: string, type: i32): bool {
    pushText(L, name);
    rawGet(L, -2);
    if (typeOf(L, -1) == type) return true;
    pop(L, 1);
    return false;
  }

  private static table(L: State): void {
    if (Answer.field(L, "err", LuaType.STRING)) {
      answer.byte(45);
      Text.at(L, -1);
      Answer.message();
      pop(L, 1);
      if (Answer.field(L, "ignore_error_stats_update", LuaType.BOOLEAN)) {
        Answer.isCounted = toBoolean(L, -1) != 0;
        pop(L, 1);
      }
      return;
    }
    if (Answer.field(L, "ok", LuaType.STRING)) {
      answer.byte(43);
      Text.at(L, -1);
      Answer.line(Text.cLength);
      return pop(L, 1);
    }
    if (Answer.field(L, "double", LuaType.NUMBER)) {
      Answer.double(toNumber(L, -1));
      return pop(L, 1);
    }
    if (Answer.field(L, "map", LuaType.TABLE)) return Answer.pairs(L, true);
    if (Answer.field(L, "set", LuaType.TABLE)) return Answer.pairs(L, false);
    if (Answer.field(L, "big_number", LuaType.STRING)) {
      Text.at(L, -1);
      if (Answer.isResp3) {
        answer.byte(40);
        Answer.line(Text.length);
      } else {
        answer.header(36, Text.length);
        Answer.line(Text.length);
      }
      return pop(L, 1);
    }
    if (Answer.field(L, "verbatim_string", LuaType.TABLE)) {
      if (Answer.verbatim(L)) return pop(L, 1);
      pop(L, 1);
    }
    Answer.array(L);
  }

  private static array(L: State): void {
    let count = 0;
    for (;;) {
      rawGetIndex(L, -1, count + 1);
      const isEnd = typeOf(L, -1) == LuaType.NIL;
      pop(L, 1);
      if (isEnd) break;
      count++;
    }
    answer.header(42, count);
    for (let i = 1; i <= count; i++) {
      rawGetIndex(L, -1, i);
      Answer.value(L);
    }
  }

  /** A map, or a set, whose table is on top of the one that says so. */
  private static pairs(L: State, hasValues: bool): void {
    let count = 0;
    pushNil(L);
    while (next(L, -2)) {
      pop(L, 1);
      count++;
    }
    if (!Answer.isResp3) answer.header(42, hasValues ? count << 1 : count);
    else answer.header(hasValues ? 37 : 126, count);
    pushNil(L);
    while (next(L, -2)) {
      if (hasValues) {
        pushValue(L, -2);
        Answer.value(L);
        Answer.value(L);
      } else {
        pop(L, 1);
        pushValue(L, -1);
        Answer.value(L);
      }
    }
    pop(L, 1);
  }

  private static verbatim(L: State): bool {
    if (!Answer.field(L, "format", LuaType.STRING)) return false;
    pushText(L, "string");
    rawGet(L, -3);
    if (typeOf(L, -1) != LuaType.STRING) {
      pop(L, 2);
      return false;
    }
    Text.at(L, -1);
    const pointer = Text.pointer;
    const length = Text.length;
    if (Answer.isResp3) {
      Text.at(L, -2);
      answer.header(61, length + 4);
      for (let i: u32 = 0; i < 3; i++)
        answer.byte(i < Text.length ? load<u8>(Text.pointer + i) : 32);
      answer.byte(58);
      answer.bytes(pointer, length);
      answer.text("\r\n");
    } else {
      Answer.bulk(pointer, length);
    }
    pop(L, 2);
    return true;
  }

  private static double(value: f64): void {
    const at = answer.room(64);
    if (Answer.isResp3) {
      store<u8>(at, 44);
      const length = DoubleFormat.shortest(value, at + 1);
      store<u16>(at + length, 0x0a0d, 1);
      return answer.advance(length + 3);
    }
    const length = DoubleFormat.shortest(value, at + 5);
    const from = length < 10 ? 1 : 0;
    store<u8>(at + from, 36);
    if (length < 10) store<u8>(at + 2, 48 + length);
    else store<u16>(at, 0x3030 + length / 10 + ((length % 10) << 8), 1);
    store<u16>(at, 0x0a0d, 3);
    store<u16>(at + 5 + length, 0x0a0d);
    if (from) memory.copy(at, at + 1, length + 6);
    answer.advance(length + 7 - from);
  }

  /** The text as a line: what would end it becomes a space. */
  private static line(length: u32): void {
    const at = answer.room(length + 2);
    if (Buffer.isFull) return;
    for (let i: u32 = 0; i < length; i++) {
      const char = load<u8>(Text.pointer + i);
      store<u8>(at + i, char == 13 || char == 10 ? 32 : char);
    }
    store<u16>(at + length, 0x0a0d);
    answer.advance(length + 2);
  }

  /** The text as an error: it ends at a zero byte, and line ends behind it do not count. */
  private static message(): void {
    let length = Text.cLength;
    while (length) {
      const last = load<u8>(Text.pointer + length - 1);
      if (last != 13 && last != 10) break;
      length--;
    }
    Answer.line(length);
  }
}

/** As C on x86 cuts a double to 64 bits: what does not fit is the lowest number. */
export function integerOf(value: f64): i64 {
  return value >= -9223372036854775808.0 && value < 9223372036854775808.0
    ? <i64>value
    : i64.MIN_VALUE;
}
