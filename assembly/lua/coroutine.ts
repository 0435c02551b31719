// coroutine.create and wrap. Each thread of the interpreter counts its own instructions, and a new one none so
// far: a script that does all its work in new coroutines would never be looked at. So making one counts.

import {
  argumentError,
  call,
  isNative,
  LuaType,
  moveValues,
  newThread,
  pushClosure,
  pushValue,
  rawGet,
  State,
  typeOf,
  UPVALUE,
} from "./api";
import { cText, Functions, pushText, setField } from "./values";
import { Work } from "./work";

/** As many as a thread may run before its first hook. */
const COST: u32 = 1000;

function expectFunction(L: State): void {
  if (typeOf(L, 1) != LuaType.FUNCTION || isNative(L, 1))
    argumentError(L, 1, cText("Lua function expected"));
}

/** coroutine.create(function) */
function luaCreate(L: State): i32 {
  const thread = newThread(L);
  expectFunction(L);
  Work.did(COST);
  pushValue(L, 1);
  moveValues(L, thread, 1);
  return 1;
}

/** coroutine.wrap(function); upvalue 1 is Lua's own. */
function luaWrap(L: State): i32 {
  expectFunction(L);
  Work.did(COST);
  pushValue(L, UPVALUE);
  pushValue(L, 1);
  call(L, 1, 1);
  return 1;
}

/** Replaces them in the table on top. */
export function addCoroutines(L: State): void {
  Functions.add(L, "create", luaCreate.index);
  pushText(L, "wrap");
  rawGet(L, -2);
  pushClosure(L, Functions.base + luaWrap.index, 1);
  setField(L, "wrap");
}
