// redis.register_function: a library tells its functions while it loads.

import {
  getTop,
  isString,
  LuaType,
  next,
  pushNil,
  pushValue,
  rawGetIndex,
  reference,
  REGISTRY,
  remove,
  replace,
  State,
  typeOf,
} from "./api";
import { Bytes } from "../memory/bytes";
import { block } from "./buffer";
import { fail } from "./call";
import { arenaFor, ask, Engine, Question } from "./engine";
import { pop, Text } from "./values";

/** Bits of a script's flags, as the engine has them. */
const NO_WRITES: u32 = 1;
const ALLOW_OOM: u32 = 2;
const ALLOW_STALE: u32 = 4;
const NO_CLUSTER: u32 = 8;
const ALLOW_CROSS_SLOT: u32 = 16;
const NONE: u32 = u32.MAX_VALUE;

/** Stack: 1 the name, 2 the callback, 3 the description, or nil. */
function settle(L: State, flags: u32): i32 {
  // Layout: callback, flags, length of the name, length of the description or all ones, then both.
  block.begin();
  block.room(16);
  block.advance(16);
  Text.at(L, 1);
  const nameLength = Text.length;
  block.bytes(Text.pointer, nameLength);
  let descriptionLength = NONE;
  if (typeOf(L, 3) != LuaType.NIL) {
    Text.at(L, 3);
    descriptionLength = Text.length;
    block.bytes(Text.pointer, descriptionLength);
  }
  pushValue(L, 2);
  const at = block.pointer;
  store<u32>(at, reference(L, REGISTRY));
  store<u32>(at, flags, 4);
  store<u32>(at, nameLength, 8);
  store<u32>(at, descriptionLength, 12);
  const arena = arenaFor(block.length);
  if (!arena) return fail(L, "ERR not enough memory");
  Engine.write(arena, at, block.length);
  const problem = ask(Question.REGISTER, 0, block.length);
  if (problem == 1)
    return fail(
      L,
      "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long",
    );
  if (problem == 2) return fail(L, "ERR Function already exists in the library");
  if (problem)
    return fail(L, "ERR redis.register_function can only be called on FUNCTION LOAD command");
  return 0;
}

/** The bits of the flags in the table on top; all ones for one that is unknown. */
function readFlags(L: State): u32 {
  let flags: u32 = 0;
  for (let i = 1; ; i++) {
    rawGetIndex(L, -1, i);
    if (typeOf(L, -1) == LuaType.NIL) break;
    if (!isString(L, -1)) return NONE;
    Text.at(L, -1);
    const bit = flagOf(Text.pointer, Text.length);
    if (!bit) return NONE;
    flags |= bit;
    pop(L, 1);
  }
  pop(L, 1);
  return flags;
}

function flagOf(pointer: usize, length: u32): u32 {
  if (Bytes.is(pointer, length, "no-writes")) return NO_WRITES;
  if (Bytes.is(pointer, length, "allow-oom")) return ALLOW_OOM;
  if (Bytes.is(pointer, length, "allow-stale")) return ALLOW_STALE;
  if (Bytes.is(pointer, length, "no-cluster")) return NO_CLUSTER;
  if (Bytes.is(pointer, length, "allow-cross-slot-keys")) return ALLOW_CROSS_SLOT;
  return 0;
}

/** With one table of named arguments. */
function registerNamed(L: State): i32 {
  if (typeOf(L, 1) != LuaType.TABLE)
    return fail(
      L,
      "ERR calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).",
    );
  let flags: u32 = 0;
  pushNil(L);
  pushNil(L);
  pushNil(L);
  // Stack: 1 the table, 2 the name, 3 the callback, 4 the description.
  pushNil(L);
  while (next(L, 1)) {
    if (!isString(L, -2))
      return fail(L, "ERR named argument key given to redis.register_function is not a string");
    pushValue(L, -2);
    Text.at(L, -1);
    const key = Text.pointer;
    const length = Text.length;
    pop(L, 1);
    if (Bytes.is(key, length, "function_name")) {
      if (!isString(L, -1))
        return fail(
          L,
          "ERR function_name argument given to redis.register_function must be a string",
        );
      replace(L, 2);
    } else if (Bytes.is(key, length, "description")) {
      if (!isString(L, -1))
        return fail(
          L,
          "ERR description argument given to redis.register_function must be a string",
        );
      replace(L, 4);
    } else if (Bytes.is(key, length, "callback")) {
      if (typeOf(L, -1) != LuaType.FUNCTION)
        return fail(L, "ERR callback argument given to redis.register_function must be a function");
      replace(L, 3);
    } else if (Bytes.is(key, length, "flags")) {
      if (typeOf(L, -1) != LuaType.TABLE)
        return fail(
          L,
          "ERR flags argument to redis.register_function must be a table representing function flags",
        );
      flags = readFlags(L);
      if (flags == NONE) return fail(L, "ERR unknown flag given");
      pop(L, 1);
    } else {
      return fail(L, "ERR unknown argument given to redis.register_function");
    }
  }
  if (typeOf(L, 2) == LuaType.NIL)
    return fail(L, "ERR redis.register_function must get a function name argument");
  if (typeOf(L, 3) == LuaType.NIL)
    return fail(L, "ERR redis.register_function must get a callback argument");
  remove(L, 1);
  return settle(L, flags);
}

/** With the name and the callback. */
function registerPlain(L: State): i32 {
  if (!isString(L, 1))
    return fail(L, "ERR first argument to redis.register_function must be a string");
  if (typeOf(L, 2) != LuaType.FUNCTION)
    return fail(L, "ERR second argument to redis.register_function must be a function");
  pushNil(L);
  return settle(L, 0);
}

export function registerFunction(L: State): i32 {
  const count = getTop(L);
  if (count < 1 || count > 2)
    return fail(L, "ERR wrong number of arguments to redis.register_function");
  return count == 1 ? registerNamed(L) : registerPlain(L);
}
