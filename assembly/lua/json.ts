// The library `cjson`: its functions, and those that set how they work.

import {
  argumentError,
  checkInteger,
  checkOption,
  createTable,
  getTop,
  LuaType,
  pushBoolean,
  pushClosure,
  pushNil,
  pushNumber,
  pushPointer,
  pushValue,
  rawSet,
  State,
  toBoolean,
  typeOf,
} from "./api";
import { output } from "./buffer";
import { decode } from "./json-decode";
import { encode, JsonSettings } from "./json-encode";
import { cText, Functions, pop, pushText, setField } from "./values";

/** `off`, `on`, `null`, and the lists of the first two and of all. */
const words: usize = memory.data<u8>([111, 102, 102, 0, 111, 110, 0, 0, 110, 117, 108, 108, 0]);
const lists: usize = memory.data(32, 4);

/** At most so many arguments; those that are missing are nil. */
function argumentsUpTo(L: State, count: i32): void {
  JsonSettings.enter(L);
  if (getTop(L) > count) argumentError(L, count + 1, cText("found too many arguments"));
  while (getTop(L) < count) pushNil(L);
}

/** The number in an argument, or what is set; it is pushed as the answer. */
function integerOption(L: State, index: i32, current: i32, least: i32, most: i32): i32 {
  let value = current;
  if (typeOf(L, index) != LuaType.NIL) {
    value = checkInteger(L, index);
    if (value < least || value > most) {
      output.begin();
      output.text("expected integer between ");
      output.integer(least);
      output.text(" and ");
      output.integer(most);
      output.byte(0);
      argumentError(L, 1, output.pointer);
    }
  }
  pushNumber(L, <f64>value);
  return value;
}

/** The choice in an argument, or what is set; it is pushed as the answer. */
function wordOption(L: State, index: i32, current: i32, hasNull: bool): i32 {
  let value = current;
  if (typeOf(L, index) == LuaType.BOOLEAN) value = toBoolean(L, index);
  else if (typeOf(L, index) != LuaType.NIL) {
    store<u32>(lists, <u32>words);
    store<u32>(lists, <u32>words + 4, 4);
    store<u32>(lists, hasNull ? <u32>words + 8 : 0, 8);
    store<u32>(lists, 0, 12);
    value = checkOption(L, index, 0, lists);
  }
  if (value < 2) pushBoolean(L, value);
  else pushText(L, "null");
  return value;
}

function sparseArray(L: State): i32 {
  argumentsUpTo(L, 3);
  JsonSettings.now.sparseConvert = wordOption(L, 1, JsonSettings.now.sparseConvert, false);
  JsonSettings.now.sparseRatio = integerOption(
    L,
    2,
    JsonSettings.now.sparseRatio,
    0,
    i32.MAX_VALUE,
  );
  JsonSettings.now.sparseSafe = integerOption(L, 3, JsonSettings.now.sparseSafe, 0, i32.MAX_VALUE);
  return 3;
}

function encodeDepth(L: State): i32 {
  argumentsUpTo(L, 1);
  JsonSettings.now.encodeDepth = integerOption(
    L,
    1,
    JsonSettings.now.encodeDepth,
    1,
    i32.MAX_VALUE,
  );
  return 1;
}

function decodeDepth(L: State): i32 {
  argumentsUpTo(L, 1);
  JsonSettings.now.decodeDepth = integerOption(
    L,
    1,
    JsonSettings.now.decodeDepth,
    1,
    i32.MAX_VALUE,
  );
  return 1;
}

function precision(L: State): i32 {
  argumentsUpTo(L, 1);
  JsonSettings.now.precision = integerOption(L, 1, JsonSettings.now.precision, 1, 14);
  return 1;
}

function keepBuffer(L: State): i32 {
  argumentsUpTo(L, 1);
  JsonSettings.now.keepsBuffer = wordOption(L, 1, JsonSettings.now.keepsBuffer, false);
  return 1;
}

function encodeInvalid(L: State): i32 {
  argumentsUpTo(L, 1);
  JsonSettings.now.encodeInvalid = wordOption(L, 1, JsonSettings.now.encodeInvalid, true);
  return 1;
}

function decodeInvalid(L: State): i32 {
  argumentsUpTo(L, 1);
  JsonSettings.now.decodeInvalid = wordOption(L, 1, JsonSettings.now.decodeInvalid, false);
  return 1;
}

/** cjson.new() → a table of the same functions, with settings of its own. */
function another(L: State): i32 {
  createTable(L, 0, 16);
  addJson(L);
  return 1;
}

/** Adds a function to the table below the settings that are on top. */
function add(L: State, name: string, index: u32): void {
  pushText(L, name);
  pushValue(L, -2);
  pushClosure(L, Functions.base + index, 1);
  rawSet(L, -4);
}

/** Adds the functions to the table on top. */
export function addJson(L: State): void {
  JsonSettings.push(L);
  add(L, "encode", encode.index);
  add(L, "decode", decode.index);
  add(L, "encode_sparse_array", sparseArray.index);
  add(L, "encode_max_depth", encodeDepth.index);
  add(L, "decode_max_depth", decodeDepth.index);
  add(L, "encode_number_precision", precision.index);
  add(L, "encode_keep_buffer", keepBuffer.index);
  add(L, "encode_invalid_numbers", encodeInvalid.index);
  add(L, "decode_invalid_numbers", decodeInvalid.index);
  add(L, "new", another.index);
  pop(L, 1);
  pushPointer(L, 0);
  setField(L, "null");
  pushText(L, "cjson");
  setField(L, "_NAME");
  pushText(L, "2.1.0");
  setField(L, "_VERSION");
}
