// string.find, match, gmatch and gsub: where a pattern matches, and what to do there.

import { Bytes } from "../memory/bytes";
import {
  argumentError,
  call,
  checkNumber,
  checkString,
  concat,
  getTable,
  isString,
  lengthOf,
  LuaType,
  newUserdata,
  pushBytes,
  pushClosure,
  pushNil,
  pushNumber,
  pushValue,
  replace,
  setTop,
  State,
  toBoolean,
  toNumber,
  toUserdata,
  typeOf,
  UPVALUE,
} from "./api";
import { Pattern } from "./pattern";
import { integerArgument } from "./text";
import { cText, Functions, pop, raise, raiseTop, Text, pushText } from "./values";
import { Work } from "./work";

/** Bytes that are looked through in the time of an instruction. */
const PLAIN_SHIFT: u32 = 4;

const lengthCell: usize = memory.data(4, 4);

/** Whether a pattern has characters that mean more than themselves; it ends at a zero byte. */
function isPlain(pattern: usize): bool {
  for (let char: u32 = load<u8>(pattern); char; char = load<u8>(++pattern)) {
    switch (char) {
      case 94: // ^
      case 36: // $
      case 42: // *
      case 43: // +
      case 63: // ?
      case 46: // .
      case 40: // (
      case 91: // [
      case 37: // %
      case 45: // -
        return false;
    }
  }
  return true;
}

/** Where the bytes are in others; 0: nowhere. */
function findBytes(from: usize, length: u32, wanted: usize, wantedLength: u32): usize {
  if (!wantedLength) return from;
  if (wantedLength > length) return 0;
  const last = from + length - wantedLength + 1;
  const first: u32 = load<u8>(wanted);
  let at = from;
  while (at < last) {
    at = Bytes.indexOf(at, last, first);
    if (!at) return 0;
    if (Bytes.equal(at, wanted, wantedLength)) return at;
    at++;
  }
  return 0;
}

function search(L: State, isFind: bool): i32 {
  const text = checkString(L, 1, lengthCell);
  const length = load<u32>(lengthCell);
  let pattern = checkString(L, 2, lengthCell);
  const patternLength = load<u32>(lengthCell);
  let init = integerArgument(L, 3, 1);
  if (init < 0) init += <i64>length + 1;
  init = max<i64>(init, 1) - 1;
  if (init > <i64>length) init = length;
  let at = text + <usize>init;
  const end = text + length;
  if (isFind && (toBoolean(L, 4) || isPlain(pattern))) {
    Work.did((<u32>(end - at)) >> PLAIN_SHIFT);
    const found = findBytes(at, <u32>(end - at), pattern, patternLength);
    if (found) {
      pushNumber(L, <f64>(found - text + 1));
      pushNumber(L, <f64>(found - text + patternLength));
      return 2;
    }
  } else {
    const isAnchored = load<u8>(pattern) == 94;
    if (isAnchored) pattern++;
    Pattern.begin(L, text, end);
    do {
      const stop = Pattern.at(at, pattern);
      if (stop) {
        if (!isFind) return Pattern.pushCaptures(at, stop, true);
        pushNumber(L, <f64>(at - text + 1));
        pushNumber(L, <f64>(stop - text));
        return Pattern.pushCaptures(at, stop, false) + 2;
      }
    } while (at++ < end && !isAnchored);
  }
  pushNil(L);
  return 1;
}

export function luaFind(L: State): i32 {
  return search(L, true);
}

export function luaMatch(L: State): i32 {
  return search(L, false);
}

/** The iterator of gmatch: upvalues are the text, the pattern, and how far it came. */
function nextMatch(L: State): i32 {
  Text.at(L, UPVALUE);
  const text = Text.pointer;
  const end = text + Text.length;
  Text.at(L, UPVALUE - 1);
  const pattern = Text.pointer;
  Pattern.begin(L, text, end);
  for (let at = text + <usize>toNumber(L, UPVALUE - 2); at <= end; at++) {
    const stop = Pattern.at(at, pattern);
    if (!stop) continue;
    pushNumber(L, <f64>(stop - text + (stop == at ? 1 : 0)));
    replace(L, UPVALUE - 2);
    return Pattern.pushCaptures(at, stop, true);
  }
  return 0;
}

export function luaGmatch(L: State): i32 {
  checkString(L, 1, 0);
  checkString(L, 2, 0);
  setTop(L, 2);
  pushNumber(L, 0);
  pushClosure(L, Functions.base + nextMatch.index, 3);
  return 1;
}

// ── gsub ─────────────────────────────────────────────────────────────────────────────────────

/** The stack slot of the block that the result grows in: what a callback raises leaves it to the collector. */
const RESULT: i32 = 5;

class Result {
  static length: u32 = 0;

  static add(L: State, bytes: usize, length: u32): void {
    let block = toUserdata(L, RESULT);
    const capacity = lengthOf(L, RESULT);
    if (<u64>Result.length + length > capacity) {
      const wanted = max<u64>(<u64>Result.length + length, (<u64>capacity) << 1);
      if (wanted > 0x7f000000) raise(L, "not enough memory");
      const grown = newUserdata(L, <usize>wanted);
      memory.copy(grown, block, Result.length);
      replace(L, RESULT);
      block = grown;
    }
    Bytes.copy(block + Result.length, bytes, length);
    Result.length += length;
  }
}

/** Adds the replacement text of argument 3, in which %0 to %9 are captures. */
function addText(L: State, s: usize, e: usize): void {
  Text.at(L, 3);
  let at = Text.pointer;
  const end = at + Text.length;
  while (at < end) {
    const start = at;
    while (at < end && load<u8>(at) != 37) at++;
    if (at > start) Result.add(L, start, <u32>(at - start));
    if (at == end) return;
    at++;
    const char: u32 = load<u8>(at);
    if (char - 48 >= 10) {
      Result.add(L, at, 1);
    } else if (char == 48) {
      Result.add(L, s, <u32>(e - s));
    } else {
      Pattern.pushCapture(<i32>char - 49, s, e);
      addTop(L);
    }
    at++;
  }
}

function addTop(L: State): void {
  Text.at(L, -1);
  Result.add(L, Text.pointer, Text.length);
  pop(L, 1);
}

/** Adds what stands for the match from `s` to `e`. */
function addReplacement(L: State, type: i32, s: usize, e: usize): void {
  if (type == LuaType.STRING || type == LuaType.NUMBER) return addText(L, s, e);
  const before = Result.length;
  if (type == LuaType.FUNCTION) {
    pushValue(L, 3);
    const count = Pattern.pushCaptures(s, e, true);
    call(L, count, 1);
  } else {
    Pattern.pushCapture(0, s, e);
    getTable(L, 3);
  }
  Result.length = before;
  if (!toBoolean(L, -1)) {
    pop(L, 1);
    return Result.add(L, s, <u32>(e - s));
  }
  if (!isString(L, -1)) {
    const kind = typeOf(L, -1);
    pushText(L, "invalid replacement value (a ");
    pushText(
      L,
      kind == LuaType.TABLE
        ? "table"
        : kind == LuaType.FUNCTION
          ? "function"
          : kind == LuaType.BOOLEAN
            ? "boolean"
            : kind == LuaType.THREAD
              ? "thread"
              : "userdata",
    );
    pushText(L, ")");
    concat(L, 3);
    raiseTop(L);
  }
  addTop(L);
}

export function luaGsub(L: State): i32 {
  const text = checkString(L, 1, lengthCell);
  const length = load<u32>(lengthCell);
  let pattern = checkString(L, 2, 0);
  const type = typeOf(L, 3);
  let most: f64 = <f64>length + 1;
  if (typeOf(L, 4) > LuaType.NIL) most = Math.trunc(checkNumber(L, 4));
  if (
    type != LuaType.NUMBER &&
    type != LuaType.STRING &&
    type != LuaType.FUNCTION &&
    type != LuaType.TABLE
  )
    return argumentError(L, 3, cText("string/function/table expected"));
  setTop(L, 4);
  newUserdata(L, length + 32);
  Result.length = 0;
  const isAnchored = load<u8>(pattern) == 94;
  if (isAnchored) pattern++;
  const end = text + length;
  let at = text;
  let count: f64 = 0;
  while (count < most) {
    Pattern.begin(L, text, end);
    const stop = Pattern.at(at, pattern);
    if (stop) {
      count++;
      addReplacement(L, type, at, stop);
    }
    if (stop && stop > at) at = stop;
    else if (at < end) Result.add(L, at++, 1);
    else break;
    if (isAnchored) break;
  }
  Result.add(L, at, <u32>(end - at));
  pushBytes(L, toUserdata(L, RESULT), Result.length);
  pushNumber(L, count);
  return 2;
}
