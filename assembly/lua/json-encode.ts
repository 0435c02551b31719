// cjson.encode: a value as JSON text.

import {
  checkStack,
  getTop,
  LuaType,
  newUserdata,
  next,
  pushBytes,
  pushNil,
  pushNumber,
  pushValue,
  rawGetIndex,
  State,
  toBoolean,
  toNumber,
  toUserdata,
  typeOf,
  argumentError,
  call,
  REGISTRY,
  UPVALUE,
} from "./api";
import { Buffer, output } from "./buffer";
import { cText, pop, raise, raiseTop, Text } from "./values";
import { Work } from "./work";

/** What the functions of cjson with such names set: each `cjson.new()` has its own, as the first value they close over. */
@unmanaged
export class JsonSettings {
  /** Those of the function that runs. */
  static now: JsonSettings = changetype<JsonSettings>(0);
  /** string.format, as a reference. */
  static format: i32 = 0;

  sparseConvert: i32;
  sparseRatio: i32;
  sparseSafe: i32;
  encodeDepth: i32;
  decodeDepth: i32;
  precision: i32;
  keepsBuffer: i32;
  encodeInvalid: i32;
  decodeInvalid: i32;

  /** Pushes new ones. */
  static push(L: State): void {
    const made = changetype<JsonSettings>(newUserdata(L, offsetof<JsonSettings>()));
    made.sparseConvert = 0;
    made.sparseRatio = 2;
    made.sparseSafe = 10;
    made.encodeDepth = 1000;
    made.decodeDepth = 1000;
    made.precision = 14;
    made.keepsBuffer = 1;
    made.encodeInvalid = 0;
    made.decodeInvalid = 1;
  }


  @inline static enter(L: State): void {
    JsonSettings.now = changetype<JsonSettings>(toUserdata(L, UPVALUE));
  }
}

/** Tables in tables beyond this end in an error, whatever is set: the host's stack would. */
const HARD_DEPTH: i32 = 4000;
const HEX: string = "0123456789abcdef";

class JsonWriter {
  private static fail(L: State, index: i32, reason: string): void {
    const type = typeOf(L, index);
    output.begin();
    output.text("Cannot serialise ");
    JsonWriter.typeName(type);
    output.text(": ");
    output.text(reason);
    pushBytes(L, output.pointer, output.length);
    raiseTop(L);
  }

  private static typeName(type: i32): void {
    if (type == LuaType.TABLE) output.text("table");
    else if (type == LuaType.NUMBER) output.text("number");
    else if (type == LuaType.FUNCTION) output.text("function");
    else if (type == LuaType.THREAD) output.text("thread");
    else if (type == LuaType.BOOLEAN) output.text("boolean");
    else output.text("userdata");
  }

  /** Takes nothing: the value is on top, and stays. */
  static value(L: State, depth: i32): void {
    switch (typeOf(L, -1)) {
      case LuaType.STRING:
        Text.at(L, -1);
        return JsonWriter.string();
      case LuaType.NUMBER:
        return JsonWriter.number(L, -1);
      case LuaType.BOOLEAN:
        return output.text(toBoolean(L, -1) ? "true" : "false");
      case LuaType.TABLE:
        return JsonWriter.table(L, depth + 1);
      case LuaType.NIL:
        return output.text("null");
      case LuaType.LIGHT_USERDATA:
        if (!toUserdata(L, -1)) return output.text("null");
        return JsonWriter.fail(L, -1, "type not supported");
      default:
        return JsonWriter.fail(L, -1, "type not supported");
    }
  }

  private static string(): void {
    const from = Text.pointer;
    const length = Text.length;
    if (<u64>length * 6 > 0x70000000) {
      Buffer.isFull = true;
      return;
    }
    const start = output.room(length * 6 + 2);
    if (Buffer.isFull) return;
    let at = start;
    store<u8>(at++, 34);
    for (let i: u32 = 0; i < length; i++) {
      const char: u32 = load<u8>(from + i);
      if (char >= 32 && char != 34 && char != 47 && char != 92 && char != 127) {
        store<u8>(at++, char);
        continue;
      }
      store<u8>(at++, 92);
      const letter = JsonWriter.escape(char);
      store<u8>(at++, letter);
      if (letter != 117) continue;
      store<u16>(at, 0x3030);
      store<u8>(at, HEX.charCodeAt(char >> 4), 2);
      store<u8>(at, HEX.charCodeAt(char & 15), 3);
      at += 4;
    }
    store<u8>(at++, 34);
    output.advance(<u32>(at - start));
  }


  @inline private static escape(char: u32): u32 {
    switch (char) {
      case 8:
        return 98;
      case 9:
        return 116;
      case 10:
        return 110;
      case 12:
        return 102;
      case 13:
        return 114;
      case 34:
      case 47:
      case 92:
        return char;
      default:
        return 117;
    }
  }

  private static number(L: State, index: i32): void {
    const value = toNumber(L, index);
    const isInvalid = value - value != 0;
    if (isInvalid) {
      if (!JsonSettings.now.encodeInvalid)
        return JsonWriter.fail(L, index, "must not be NaN or Inf");
      if (JsonSettings.now.encodeInvalid == 2) return output.text("null");
      if (value != value) return output.text("nan");
    }
    if (JsonSettings.now.precision == 14) {
      pushNumber(L, value);
    } else {
      rawGetIndex(L, REGISTRY, JsonSettings.format);
      pushFormat(L);
      pushNumber(L, value);
      call(L, 2, 1);
    }
    Text.at(L, -1);
    output.bytes(Text.pointer, Text.length);
    pop(L, 1);
  }

  private static table(L: State, depth: i32): void {
    if (depth > JsonSettings.now.encodeDepth || depth > HARD_DEPTH || !checkStack(L, 6)) {
      output.begin();
      output.text("Cannot serialise, excessive nesting (");
      output.integer(depth);
      output.text(")");
      pushBytes(L, output.pointer, output.length);
      raiseTop(L);
    }
    const length = JsonWriter.arrayLength(L);
    if (length > 0) JsonWriter.array(L, length, depth);
    else JsonWriter.object(L, depth);
  }

  /** How long the array on top is; -1 for a table that is none. */
  private static arrayLength(L: State): i32 {
    let most: i32 = 0;
    let items: i32 = 0;
    pushNil(L);
    while (next(L, -2)) {
      const key = typeOf(L, -2) == LuaType.NUMBER ? toNumber(L, -2) : 0;
      if (!(key >= 1 && Math.floor(key) == key)) {
        pop(L, 2);
        return -1;
      }
      if (key > <f64>most) most = key > 2147483647.0 ? i32.MIN_VALUE : <i32>key;
      items++;
      pop(L, 1);
    }
    const ratio = JsonSettings.now.sparseRatio;
    if (ratio > 0 && most > items * ratio && most > JsonSettings.now.sparseSafe) {
      if (!JsonSettings.now.sparseConvert) JsonWriter.fail(L, -1, "excessively sparse array");
      return -1;
    }
    return most;
  }

  private static array(L: State, length: i32, depth: i32): void {
    output.byte(91);
    for (let i = 1; i <= length; i++) {
      if (i > 1) output.byte(44);
      rawGetIndex(L, -1, i);
      JsonWriter.value(L, depth);
      pop(L, 1);
      if (Buffer.isFull) break;
    }
    output.byte(93);
  }

  private static object(L: State, depth: i32): void {
    output.byte(123);
    let isFirst = true;
    pushNil(L);
    while (next(L, -2)) {
      if (!isFirst) output.byte(44);
      isFirst = false;
      const type = typeOf(L, -2);
      if (type == LuaType.NUMBER) {
        output.byte(34);
        JsonWriter.number(L, -2);
        output.text('":');
      } else if (type == LuaType.STRING) {
        pushValue(L, -2);
        Text.at(L, -1);
        JsonWriter.string();
        pop(L, 1);
        output.byte(58);
      } else {
        JsonWriter.fail(L, -2, "table key must be a number or string");
      }
      JsonWriter.value(L, depth);
      pop(L, 1);
    }
    output.byte(125);
  }
}

/** Pushes `%.14g` with the precision that is set. */
function pushFormat(L: State): void {
  const digits = JsonSettings.now.precision;
  const at = output.room(8);
  store<u16>(at, 0x2e25);
  let end: usize = at + 2;
  if (digits > 9) store<u8>(end++, 49);
  store<u8>(end++, 48 + (digits % 10));
  store<u8>(end++, 103);
  pushBytes(L, at, end - at);
}

/** cjson.encode(value) → its text. */
export function encode(L: State): i32 {
  if (getTop(L) != 1) return argumentError(L, 1, cText("expected 1 argument"));
  JsonSettings.enter(L);
  output.begin();
  JsonWriter.value(L, 0);
  if (Buffer.isFull) return raise(L, "not enough memory");
  Work.did(output.length);
  pushBytes(L, output.pointer, output.length);
  return 1;
}
