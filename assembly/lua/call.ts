// redis.call and redis.pcall: the arguments go to the engine as one block, the reply comes back as another.
//
//   ├ length × argc ┼ bytes of the arguments … ┤      in the engine's arena

import { DoubleFormat } from "../algorithms/double-format";
import { createTable, getTop, LuaType, State, throwError, toNumber, typeOf } from "./api";
import { block, Buffer } from "./buffer";
import { arenaFor, callEngine, Engine } from "./engine";
import { Decoder } from "./reply";
import { pushText, setField, Text } from "./values";
import { Work } from "./work";

/** Pushes `{ err = "ERR …" }`. */
export function pushError(L: State, text: string): void {
  createTable(L, 0, 1);
  pushText(L, text);
  setField(L, "err");
}

/** Raises `{ err = "ERR …" }`. */
export function fail(L: State, text: string): i32 {
  pushError(L, text);
  return throwError(L);
}

/** Writes the arguments of the running function into the arena; the length there, or -1 for one that is no text. */
export function layArguments(L: State, argc: i32): i32 {
  block.begin();
  block.room((<u32>argc) << 2);
  block.advance((<u32>argc) << 2);
  for (let i = 1; i <= argc; i++) {
    const type = typeOf(L, i);
    const before = block.length;
    if (type == LuaType.STRING) {
      Text.at(L, i);
      block.bytes(Text.pointer, Text.length);
    } else if (type == LuaType.NUMBER) {
      const value = toNumber(L, i);
      if (value != value && reinterpret<i64>(value) < 0) block.byte(45);
      block.advance(DoubleFormat.general17(value, block.room(32)));
    } else {
      return -1;
    }
    if (Buffer.isFull) return 0;
    store<u32>(block.pointer + ((i - 1) << 2), block.length - before);
  }
  const arena = arenaFor(block.length);
  if (!arena) return 0;
  Engine.write(arena, block.pointer, block.length);
  return <i32>block.length;
}


@inline function callRedis(L: State, raises: bool): i32 {
  const argc = getTop(L);
  if (!argc) {
    pushError(L, "ERR Please specify at least one argument for this redis lib call");
    return raises ? throwError(L) : 1;
  }
  const length = layArguments(L, argc);
  if (length <= 0) {
    pushError(
      L,
      length
        ? "ERR Lua redis lib command arguments must be strings or integers"
        : "OOM command not allowed when used memory > 'maxmemory'.",
    );
    return raises ? throwError(L) : 1;
  }
  Work.hasCalled = true;
  const reply = callEngine(argc, length);
  const size = <u32>(reply >> 32);
  block.begin();
  const at = block.room(size);
  if (Buffer.isFull || !size) {
    Buffer.isFull = false;
    pushError(L, "ERR the reply is too large for a script");
    return raises ? throwError(L) : 1;
  }
  Engine.read(at, <usize>(reply & 0xffffffff), size);
  Decoder.push(L, at);
  return raises && Decoder.isError ? throwError(L) : 1;
}

/** redis.call: an error of the command is an error of the script. */
export function luaCall(L: State): i32 {
  return callRedis(L, true);
}

/** redis.pcall: an error of the command is a table. */
export function luaProtectedCall(L: State): i32 {
  return callRedis(L, false);
}
