// The Lua side of scripting: what the host calls. It is compiled into the interpreter's own memory and merged
// with it into one module, `lua.wasm`.

import "../memory/abort";
import { Runner } from "./run";
import { Usage } from "./work";

/** Once; `tableBase` is where this module's functions begin in the interpreter's table. */
export function scriptOpen(tableBase: u32, memoryLimit: u32): bool {
  return Runner.open(tableBase, memoryLimit);
}

export function scriptCompile(pointer: usize, length: u32): i32 {
  return Runner.compile(pointer, length);
}

export function scriptLoad(pointer: usize, length: u32): i32 {
  return Runner.load(pointer, length);
}

export function scriptForget(isFunction: bool, ref: i32): void {
  Runner.forget(isFunction, ref);
}

export function scriptRun(
  isFunction: bool,
  ref: i32,
  argv: usize,
  keys: u32,
  values: u32,
  name: usize,
  nameLength: u32,
  protocol: u32,
): void {
  Runner.run(isFunction, ref, argv, keys, values, name, nameLength, protocol);
}

/** Nothing is left of the scripts, or of the libraries, that there were. */
export function scriptReset(isFunction: bool): void {
  Runner.reset(isFunction);
}

/** The most bytes that scripts may take, from now on. */
export function scriptLimit(bytes: u32): void {
  Runner.limit(bytes);
}

/** Bytes that scripts take. */
export function scriptMemory(): u32 {
  return <u32>Usage.used;
}
