// Errors that no script caught: where they happened, and the line that the caller reads.
//
//   ERR user_script:1: boom script: <name of the script>, on @user_script:1.

import {
  createTable,
  getInfo,
  getStack,
  isString,
  LuaType,
  pushBytes,
  pushNumber,
  pushValue,
  rawGet,
  State,
  toBoolean,
  typeOf,
} from "./api";
import { answer, Buffer, output } from "./buffer";
import { isProtected } from "./protect";
import { cText, pop, pushText, setField, Text } from "./values";

/** `lua_Debug`: addresses and numbers of 4 bytes, then the short name of the source. */
const activation: usize = memory.data(128, 8);
const WHAT: usize = 12;
const SOURCE: usize = 16;
const CURRENT_LINE: usize = 20;

/** Makes a table of any error, with the place where it was raised: `{ err, source, line }`. */
export function handleError(L: State): i32 {
  if (isProtected(L, 1)) return handleProtected(L);
  let hasPlace = look(L, 1);
  if (hasPlace && load<u8>(load<u32>(activation, WHAT)) == 67) hasPlace = look(L, 2);
  if (typeOf(L, 1) != LuaType.TABLE) {
    output.begin();
    output.text("ERR ");
    describe(L);
    pushBytes(L, output.pointer, output.length);
    createTable(L, 0, 3);
    pushValue(L, -2);
    setField(L, "err");
  } else {
    pushValue(L, 1);
  }
  if (hasPlace) {
    const source = load<u32>(activation, SOURCE);
    pushBytes(L, source, cLength(source));
    setField(L, "source");
    pushNumber(L, <f64>load<i32>(activation, CURRENT_LINE));
    setField(L, "line");
  }
  return 1;
}

/** A table that cannot be changed takes no place: Redis's own handler, which is a script, fails at that. */
function handleProtected(L: State): i32 {
  createTable(L, 0, 3);
  pushText(L, "ERR err_handler_def:10: Attempt to modify a readonly table");
  setField(L, "err");
  pushText(L, "@err_handler_def");
  setField(L, "source");
  pushNumber(L, 10);
  setField(L, "line");
  return 1;
}

function look(L: State, level: i32): bool {
  return getStack(L, level, activation) != 0 && getInfo(L, cText("nSl"), activation) != 0;
}

function cLength(pointer: usize): u32 {
  let end = pointer;
  while (load<u8>(end)) end++;
  return <u32>(end - pointer);
}

/** Writes the error as `tostring` would. */
function describe(L: State): void {
  const type = typeOf(L, 1);
  if (type == LuaType.STRING || type == LuaType.NUMBER) {
    Text.at(L, 1);
    output.bytes(Text.pointer, Text.length);
  } else if (type == LuaType.BOOLEAN) {
    output.text(toBoolean(L, 1) ? "true" : "false");
  } else if (type == LuaType.NIL || type == LuaType.NONE) {
    output.text("nil");
  } else if (type == LuaType.FUNCTION) {
    output.text("function");
  } else if (type == LuaType.THREAD) {
    output.text("thread");
  } else {
    output.text("userdata");
  }
}

/** Pushes a field of the table on top; whether it is a text or a number. */
function field(L: State, name: string): bool {
  pushText(L, name);
  rawGet(L, -2);
  return isString(L, -1) != 0;
}

export class Failure {
  /** Whether the error was counted when it happened. */
  static isCounted: bool = false;

  /** Encodes the error on top as an error reply; `name` is the script's. */
  static encode(L: State, name: usize, nameLength: u32): void {
    Failure.isCounted = false;
    answer.byte(45);
    if (typeOf(L, -1) != LuaType.TABLE) {
      answer.text("ERR Error running script ");
      answer.bytes(name, nameLength);
      answer.text(", ");
      if (isString(L, -1)) {
        Text.at(L, -1);
        Failure.line(Text.pointer, min<u32>(Text.length, 100));
      } else {
        answer.text("execution failure");
      }
      return answer.text("\r\n");
    }
    Failure.message(L);
    const hasSource = field(L, "source");
    pop(L, 1);
    const hasLine = field(L, "line");
    pop(L, 1);
    if (hasSource && hasLine) {
      answer.text(" script: ");
      answer.bytes(name, nameLength);
      answer.text(", on ");
      Failure.part(L, "source");
      answer.byte(58);
      Failure.part(L, "line");
      answer.byte(46);
    }
    pushText(L, "ignore_error_stats_update");
    rawGet(L, -2);
    Failure.isCounted = toBoolean(L, -1) != 0;
    pop(L, 1);
    answer.text("\r\n");
  }

  /** Writes the text of the error on top. */
  static message(L: State): void {
    if (field(L, "err")) {
      Text.at(L, -1);
      Failure.line(Text.pointer, Text.cLength);
    } else {
      answer.text("ERR unknown error");
    }
    pop(L, 1);
  }

  private static part(L: State, name: string): void {
    field(L, name);
    Text.at(L, -1);
    Failure.line(Text.pointer, Text.length);
    pop(L, 1);
  }

  /** Text of a script: what would end the line becomes a space. */
  private static line(pointer: usize, length: u32): void {
    const at = answer.room(length);
    if (Buffer.isFull) return;
    for (let i: u32 = 0; i < length; i++) {
      const char = load<u8>(pointer + i);
      store<u8>(at + i, char == 13 || char == 10 ? 32 : char);
    }
    answer.advance(length);
  }
}
