// Tables that scripts can read and not change: the globals and the libraries.
//
//   proxy (empty) ─metatable─► { __index = the table, __newindex = an error, [MARK] = true }
//
// A script only ever sees the proxy. What would go past its metatable (`rawset`, `setmetatable`, `next` …) is
// replaced by functions that know proxies.

import {
  checkAny,
  checkInteger,
  checkType,
  createTable,
  getMetatable,
  getTop,
  GLOBALS,
  insert,
  isString,
  lengthOf,
  LuaType,
  MULTRET,
  next,
  protectedCall,
  pushBoolean,
  pushClosure,
  pushNil,
  pushPointer,
  pushValue,
  rawGet,
  rawGetIndex,
  rawSet,
  rawSetIndex,
  remove,
  setMetatable,
  setTop,
  State,
  toBoolean,
  typeOf,
  UPVALUE,
  argumentError,
  concat,
  throwError,
  pushWhere,
} from "./api";
import { cText, Functions, pop, pushText, raise, raisePlain, setField } from "./values";
import { Work } from "./work";

/** The key in a metatable that marks a proxy. */
const MARK: usize = memory.data(8, 8);
const READ_ONLY = "Attempt to modify a readonly table";

/** Replaces the table on top by its proxy. */
export function protect(L: State): void {
  createTable(L, 0, 0);
  createTable(L, 0, 4);
  pushValue(L, -3);
  setField(L, "__index");
  Functions.push(L, refuseField.index);
  setField(L, "__newindex");
  pushBoolean(L, 0);
  setField(L, "__metatable");
  pushPointer(L, MARK);
  pushBoolean(L, 1);
  rawSet(L, -3);
  setMetatable(L, -2);
  remove(L, -2);
}

/** As `protect`, for a table that has a metatable for scripts to see: it is on top, the table below it. */
export function protectWith(L: State): void {
  protect(L);
  insert(L, -2);
  protect(L);
  // Stack: proxy of the metatable, proxy of the table.
  getMetatable(L, -1);
  pushValue(L, -3);
  setField(L, "__metatable");
  pop(L, 1);
  remove(L, -2);
}

/** Whether the value at an index is a proxy; then its table is pushed. */
function pushProtected(L: State, index: i32): bool {
  if (!getMetatable(L, index)) return false;
  pushPointer(L, MARK);
  rawGet(L, -2);
  const isProxy = toBoolean(L, -1) != 0;
  pop(L, 1);
  if (!isProxy) {
    pop(L, 1);
    return false;
  }
  pushText(L, "__index");
  rawGet(L, -2);
  remove(L, -2);
  return true;
}

export function isProtected(L: State, index: i32): bool {
  if (!pushProtected(L, index)) return false;
  pop(L, 1);
  return true;
}

function refuseField(L: State): i32 {
  return raise(L, READ_ONLY);
}

export function missingGlobal(L: State): i32 {
  pushWhere(L, 1);
  pushText(L, "Script attempted to access nonexistent global variable '");
  pushValue(L, 2);
  pushText(L, "'");
  concat(L, 4);
  return throwError(L);
}

/** Makes that a global which is not there is an error; the globals are on top. */
export function refuseMissing(L: State): void {
  createTable(L, 0, 1);
  Functions.push(L, missingGlobal.index);
  setField(L, "__index");
  setMetatable(L, -2);
}

// ── functions of the base library that would see a proxy for what it is ──────────────────────

function luaRawSet(L: State): i32 {
  checkType(L, 1, LuaType.TABLE);
  checkAny(L, 2);
  checkAny(L, 3);
  setTop(L, 3);
  if (isProtected(L, 1)) return raisePlain(L, READ_ONLY);
  rawSet(L, 1);
  return 1;
}

function luaRawGet(L: State): i32 {
  checkType(L, 1, LuaType.TABLE);
  checkAny(L, 2);
  setTop(L, 2);
  if (pushProtected(L, 1)) {
    pushValue(L, 2);
    rawGet(L, -2);
    return 1;
  }
  rawGet(L, 1);
  return 1;
}

function luaSetMetatable(L: State): i32 {
  const type = typeOf(L, 2);
  checkType(L, 1, LuaType.TABLE);
  if (type != LuaType.NIL && type != LuaType.TABLE)
    return argumentError(L, 2, cText("nil or table expected"));
  if (isProtected(L, 1)) return raisePlain(L, READ_ONLY);
  if (getMetatable(L, 1)) {
    pushText(L, "__metatable");
    rawGet(L, -2);
    if (typeOf(L, -1) != LuaType.NIL) return raise(L, "cannot change a protected metatable");
  }
  setTop(L, 2);
  setMetatable(L, 1);
  return 1;
}

function luaNext(L: State): i32 {
  checkType(L, 1, LuaType.TABLE);
  setTop(L, 2);
  if (pushProtected(L, 1)) {
    pushValue(L, 2);
    if (next(L, -2)) return 2;
  } else if (next(L, 1)) {
    return 2;
  }
  pushNil(L);
  return 1;
}

/** pairs: upvalue 1 is the interpreter's own `next`, upvalue 2 the one that knows proxies. */
function luaPairs(L: State): i32 {
  checkType(L, 1, LuaType.TABLE);
  pushValue(L, isProtected(L, 1) ? UPVALUE - 1 : UPVALUE);
  pushValue(L, 1);
  pushNil(L);
  return 3;
}

/**
 * pcall: of an error that is a table with a text, as commands raise, it gives the text; behind one whose `err` is
 * no text it gives that, too.
 */
function luaProtectedCall(L: State): i32 {
  checkAny(L, 1);
  pushBoolean(L, 1);
  insert(L, 1);
  if (protectedCall(L, getTop(L) - 2, MULTRET, 0)) {
    Work.failed();
    remove(L, 1);
    if (typeOf(L, -1) == LuaType.TABLE) {
      pushText(L, "err");
      rawGet(L, -2);
      if (isString(L, -1)) remove(L, -2);
    }
    pushBoolean(L, 0);
    insert(L, 1);
  }
  return getTop(L);
}

/** table.insert, which is not for proxies. */
function luaInsert(L: State): i32 {
  checkType(L, 1, LuaType.TABLE);
  let end = <i32>lengthOf(L, 1) + 1;
  let place = end;
  const count = getTop(L);
  if (count != 2 && count != 3) return raise(L, "wrong number of arguments to 'insert'");
  if (isProtected(L, 1)) return raisePlain(L, READ_ONLY);
  if (count == 3) {
    place = checkInteger(L, 2);
    if (place > end) end = place;
    else Work.did(end - place);
    for (let i = end; i > place; i--) {
      rawGetIndex(L, 1, i - 1);
      rawSetIndex(L, 1, i);
    }
  }
  rawSetIndex(L, 1, place);
  return 0;
}

/** Replaces those functions in the globals. */
export function guardBase(L: State): void {
  pushValue(L, GLOBALS);
  pushText(L, "next");
  rawGet(L, -2);
  Functions.push(L, luaNext.index);
  pushClosure(L, Functions.base + luaPairs.index, 2);
  setField(L, "pairs");
  Functions.add(L, "pcall", luaProtectedCall.index);
  Functions.add(L, "next", luaNext.index);
  Functions.add(L, "rawset", luaRawSet.index);
  Functions.add(L, "rawget", luaRawGet.index);
  Functions.add(L, "setmetatable", luaSetMetatable.index);
  pushText(L, "table");
  rawGet(L, -2);
  Functions.add(L, "insert", luaInsert.index);
  pop(L, 2);
}
