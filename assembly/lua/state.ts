// Two interpreters, one for EVAL and one for functions: what scripts find in them, and what they may take.

import {
  call,
  checkAny,
  checkString,
  checkType,
  concat,
  createTable,
  getMetatable,
  getTop,
  GLOBALS,
  insert,
  hookMask,
  isString,
  loadBuffer,
  LuaType,
  MASK_COUNT,
  MASK_LINE,
  MULTRET,
  newState,
  openLibraries,
  protectedCall,
  pushBoolean,
  pushClosure,
  pushNil,
  pushValue,
  pushWhere,
  rawGet,
  rawGetIndex,
  rawSetIndex,
  rawSet,
  reference,
  REGISTRY,
  remove,
  replace,
  setHook,
  setTop,
  State,
  toString,
  typeOf,
  UPVALUE,
} from "./api";
import { addBit } from "./bit";
import { Buffer, output } from "./buffer";
import { fail } from "./call";
import { addCoroutines } from "./coroutine";
import { ask, clock, Question, Verdict } from "./engine";
import { addJson } from "./json";
import { JsonSettings } from "./json-encode";
import { addMsgpack } from "./msgpack";
import { Pattern } from "./pattern";
import { guardBase, missingGlobal, protect, protectWith, refuseMissing } from "./protect";
import { addRandom } from "./random";
import { addCommon, addRedis } from "./redis";
import { registerFunction } from "./register";
import { luaFind, luaGmatch, luaGsub, luaMatch } from "./search";
import { addStruct } from "./struct";
import { allocate, LOOK_INSTRUCTIONS, Work } from "./work";
import { luaByte, luaFormat, luaSub, luaToNumber } from "./text";
import { cText, Functions, pop, pushText, raise, raisePlain, setField, Text } from "./values";
import { handleError } from "./errors";

/** Instructions between two hooks. */
const HOOK_INSTRUCTIONS: i32 = 1000;
/** A look comes this soon, however few instructions there were. */
const LOOK_US: f64 = 5000;
/** An instruction that takes long counts for so many a µs, up to a limit: the process may have slept. */
const SLOW_PER_US: f64 = 10;
const SLOW_MAX: f64 = 100000000;

/** The hook: the engine says whether the script goes on. */
export class Hook {
  /** The script must end: from now on many a step of it is an error, so that no pcall can keep it alive. */
  static isEnding: bool = false;
  /** Monotonic µs of the last hook and of the last look; 0: there was none. */
  private static hookUs: f64 = 0;
  private static lookUs: f64 = 0;

  static set(L: State): void {
    setHook(L, Work.hook, MASK_COUNT, HOOK_INSTRUCTIONS);
  }

  /** A script begins in the interpreter of this thread. */
  @inline static begin(L: State): void {
    Work.owed = 0;
    Work.thread = L;
    Hook.hookUs = 0;
    Hook.lookUs = 0;
    if (!Hook.isEnding) return;
    Hook.isEnding = false;
    Hook.set(L);
  }

  /** The script has ended. */
  @inline static finish(): void {
    if (Work.isHurried) Hook.calm();
    Work.thread = 0;
  }

  private static calm(): void {
    Work.isHurried = false;
    if (Work.thread) Hook.set(Work.thread);
  }

  /** Whether it is time for a look, after some more instructions in this thread. */
  static isLookDue(L: State): bool {
    const nowUs = clock();
    let spent = <u32>HOOK_INSTRUCTIONS;
    if (Hook.hookUs && !Work.hasCalled) {
      const slow = min((nowUs - Hook.hookUs) * SLOW_PER_US, SLOW_MAX);
      if (slow > <f64>spent) spent = <u32>slow;
    }
    Work.hasCalled = false;
    Work.owed += spent;
    // A coroutine of a script that was ended may be left over, in a library.
    if (hookMask(L) & MASK_LINE) Hook.set(L);
    if (Work.isHurried) Hook.calm();
    Hook.hookUs = nowUs;
    if (Work.owed < LOOK_INSTRUCTIONS && nowUs - Hook.lookUs < LOOK_US) return false;
    Hook.lookUs = nowUs;
    return true;
  }

  /**
   * The script of this interpreter runs in this thread, and must end. One that is killed may, as in Redis, still
   * finish the line in which a pcall caught the error.
   */
  static end(main: State, thread: State, isKilled: bool): void {
    Hook.isEnding = true;
    Work.thread = 0;
    Work.isHurried = false;
    const mask = isKilled ? MASK_LINE : MASK_COUNT | MASK_LINE;
    setHook(main, Work.hook, mask, 1);
    if (thread != main) setHook(thread, Work.hook, mask, 1);
  }
}

/** A pattern took many steps: they count as instructions. */
function onSteps(L: State): void {
  Work.owed += LOOK_INSTRUCTIONS;
  look(L);
}

function onInstructions(L: State, _: usize): void {
  if (Hook.isEnding || Hook.isLookDue(L)) look(L);
}

function look(L: State): void {
  const owed = Work.owed;
  Work.owed = 0;
  const verdict = ask(Question.MUST_STOP, owed, 0);
  if (!verdict) return;
  const isKilled = verdict == Verdict.KILLED;
  Hook.end(Interpreter.running, L, isKilled);
  if (isKilled) fail(L, "ERR Script killed by user with SCRIPT KILL...");
  if (verdict == Verdict.LOADS_TOO_LONG) fail(L, "ERR FUNCTION LOAD timeout");
  raise(L, "Script ended: it ran more instructions than script-instruction-limit");
}

/** One interpreter. */
@unmanaged
export class Interpreter {
  /** The main thread of the interpreter whose script runs. */
  static running: State = 0;

  L: State;
  /** The error handler, the globals and the metatable of what scripts see of them, as references. */
  handler: i32;
  globals: i32;
  guard: i32;
  /** What a library sees while it loads. */
  loading: i32;

  /** Makes it anew; false when there is no memory. */
  open(isForFunctions: bool): bool {
    const L = newState(Functions.base + allocate.index, 0);
    if (!L) return false;
    this.L = L;
    openLibraries(L);
    trim(L);
    guardBase(L);
    addLoaders(L);
    addLibraries(L);
    createTable(L, 0, 24);
    addRedis(L, isForFunctions);
    protect(L);
    setGlobal(L, "redis");
    Functions.push(L, handleError.index);
    if (!isForFunctions) {
      pushValue(L, -1);
      setGlobal(L, "__redis__err__handler");
    }
    this.handler = reference(L, REGISTRY);
    this.close();
    if (isForFunctions) this.makeLoading();
    Work.hook = Functions.base + onInstructions.index;
    Hook.set(L);
    return true;
  }

  /** Puts a proxy in front of the globals. */
  private close(): void {
    const L = this.L;
    pushValue(L, GLOBALS);
    refuseMissing(L);
    pushValue(L, -1);
    this.globals = reference(L, REGISTRY);
    createTable(L, 0, 1);
    Functions.add(L, "__index", missingGlobal.index);
    protectWith(L);
    pushValue(L, -1);
    rawGetIndex(L, REGISTRY, this.globals);
    pushText(L, "_G");
    pushValue(L, -3);
    rawSet(L, -3);
    pop(L, 1);
    getMetatable(L, -1);
    this.guard = reference(L, REGISTRY);
    replace(L, GLOBALS);
    setTop(L, 0);
  }

  /** While a library loads it sees `redis` alone, and of that what it needs. */
  private makeLoading(): void {
    const L = this.L;
    createTable(L, 0, 1);
    createTable(L, 0, 8);
    addCommon(L);
    Functions.add(L, "register_function", registerFunction.index);
    refuseMissing(L);
    protect(L);
    setField(L, "redis");
    refuseMissing(L);
    this.loading = reference(L, REGISTRY);
  }

  /** Whether a library loads: what its globals are. */
  setLoading(on: bool): void {
    const L = this.L;
    rawGetIndex(L, REGISTRY, this.guard);
    rawGetIndex(L, REGISTRY, on ? this.loading : this.globals);
    setField(L, "__index");
    pop(L, 1);
  }
}

/** Makes the value on top a global, before the globals are closed. */
function setGlobal(L: State, name: string): void {
  pushText(L, name);
  pushValue(L, -2);
  rawSet(L, GLOBALS);
  pop(L, 1);
}

function dropGlobal(L: State, name: string): void {
  pushNil(L);
  setGlobal(L, name);
}

/** Takes out what Redis does not have. */
function trim(L: State): void {
  dropGlobal(L, "dofile");
  dropGlobal(L, "loadfile");
  dropGlobal(L, "print");
  dropGlobal(L, "require");
  dropGlobal(L, "module");
  dropGlobal(L, "package");
  dropGlobal(L, "io");
  dropGlobal(L, "debug");
  dropGlobal(L, "newproxy");
  dropGlobal(L, "setfenv");
  dropGlobal(L, "getfenv");
}

function addLibraries(L: State): void {
  pushText(L, "math");
  rawGet(L, GLOBALS);
  addRandom(L);
  pop(L, 1);
  createTable(L, 0, 1);
  pushText(L, "os");
  rawGet(L, GLOBALS);
  pushText(L, "clock");
  rawGet(L, -2);
  remove(L, -2);
  setField(L, "clock");
  setGlobal(L, "os");
  pushText(L, "string");
  rawGet(L, GLOBALS);
  pushText(L, "format");
  rawGet(L, -2);
  pushValue(L, -1);
  JsonSettings.format = reference(L, REGISTRY);
  pushClosure(L, Functions.base + luaFormat.index, 1);
  setField(L, "format");
  Functions.add(L, "sub", luaSub.index);
  Functions.add(L, "byte", luaByte.index);
  pop(L, 1);
  pushText(L, "tonumber");
  rawGet(L, GLOBALS);
  pushClosure(L, Functions.base + luaToNumber.index, 1);
  setGlobal(L, "tonumber");
  addPatterns(L);
  protectGlobal(L, "string");
  closeStrings(L);
  createTable(L, 0, 16);
  addJson(L);
  setGlobal(L, "cjson");
  createTable(L, 0, 8);
  addMsgpack(L);
  pushText(L, "cmsgpack");
  setField(L, "_NAME");
  pushText(L, "lua-cmsgpack 0.4.0");
  setField(L, "_VERSION");
  pushText(L, "Copyright (C) 2012, Salvatore Sanfilippo");
  setField(L, "_COPYRIGHT");
  pushText(L, "MessagePack C implementation for Lua");
  setField(L, "_DESCRIPTION");
  setGlobal(L, "cmsgpack");
  createTable(L, 0, 4);
  addStruct(L);
  setGlobal(L, "struct");
  createTable(L, 0, 12);
  addBit(L);
  setGlobal(L, "bit");
  pushText(L, "coroutine");
  rawGet(L, GLOBALS);
  addCoroutines(L);
  pop(L, 1);
  Functions.push(L, luaGuardedCall.index);
  setGlobal(L, "xpcall");
  protectGlobal(L, "math");
  protectGlobal(L, "table");
  protectGlobal(L, "coroutine");
  protectGlobal(L, "os");
  protectGlobal(L, "cjson");
  protectGlobal(L, "cmsgpack");
  protectGlobal(L, "struct");
  protectGlobal(L, "bit");
}

/** The functions of `string` that match patterns. */
function addPatterns(L: State): void {
  Pattern.stepHook = onSteps.index;
  pushText(L, "string");
  rawGet(L, GLOBALS);
  Functions.add(L, "find", luaFind.index);
  Functions.add(L, "match", luaMatch.index);
  Functions.add(L, "gmatch", luaGmatch.index);
  Functions.add(L, "gsub", luaGsub.index);
  pop(L, 1);
}

function protectGlobal(L: State, name: string): void {
  pushText(L, name);
  rawGet(L, GLOBALS);
  protect(L);
  setGlobal(L, name);
}

/** The metatable that all strings share can be seen and not changed. */
function closeStrings(L: State): void {
  pushText(L, "");
  getMetatable(L, -1);
  createTable(L, 0, 1);
  pushText(L, "string");
  rawGet(L, GLOBALS);
  setField(L, "__index");
  protect(L);
  setField(L, "__metatable");
  pop(L, 2);
}

// ── xpcall, whose handler must not outlive the script ────────────────────────────────────────

/** Calls the handler that the script gave; while the script must end, its error is not for handlers. */
function guardedHandler(L: State): i32 {
  setTop(L, 1);
  if (Hook.isEnding) return 1;
  pushValue(L, UPVALUE);
  insert(L, 1);
  call(L, 1, 1);
  return 1;
}

/** xpcall(function, handler) */
function luaGuardedCall(L: State): i32 {
  checkAny(L, 2);
  setTop(L, 2);
  if (typeOf(L, 2) == LuaType.FUNCTION) pushClosure(L, Functions.base + guardedHandler.index, 1);
  insert(L, 1);
  const status = protectedCall(L, 0, MULTRET, 1);
  if (status) Work.failed();
  pushBoolean(L, i32(!status));
  replace(L, 1);
  return getTop(L);
}

// ── loadstring and load: what is compiled is text, never bytecode ────────────────────────────

/** luaL_loadbuffer for scripts: text that begins like bytecode is read as text. */
export function loadText(L: State, pointer: usize, length: u32, name: usize): i32 {
  if (!length || load<u8>(pointer) != 27) return loadBuffer(L, pointer, length, name);
  output.begin();
  output.byte(32);
  output.bytes(pointer, length);
  if (Buffer.isFull) raisePlain(L, "not enough memory");
  return loadBuffer(L, output.pointer, output.length, name);
}

function loaded(L: State, status: i32): i32 {
  if (!status) return 1;
  pushNil(L);
  pushValue(L, -2);
  return 2;
}

/** The text that `load` puts together. */
const pieces = changetype<Buffer>(memory.data(12, 8));

function luaLoadString(L: State): i32 {
  checkString(L, 1, 0);
  const hasName = getTop(L) > 1 && typeOf(L, 2) != LuaType.NIL;
  const name = hasName ? checkString(L, 2, 0) : toString(L, 1, 0);
  Text.at(L, 1);
  return loaded(L, loadText(L, Text.pointer, Text.length, name));
}

/** As the handler of errors makes it, which is at work while Redis loads. */
function refuseReader(L: State): i32 {
  pushNil(L);
  createTable(L, 0, 1);
  pushText(L, "ERR ");
  pushWhere(L, 1);
  pushText(L, "reader function must return a string");
  concat(L, 3);
  setField(L, "err");
  return 2;
}

/** load: what the function answers piece by piece is put together first. */
function luaLoad(L: State): i32 {
  checkType(L, 1, LuaType.FUNCTION);
  const name = getTop(L) > 1 && typeOf(L, 2) != LuaType.NIL ? checkString(L, 2, 0) : 0;
  setTop(L, 2);
  createTable(L, 0, 0);
  Functions.push(L, handleError.index);
  let count = 0;
  for (;;) {
    pushValue(L, 1);
    if (protectedCall(L, 0, 1, 4)) {
      pushNil(L);
      insert(L, -2);
      return 2;
    }
    if (typeOf(L, -1) == LuaType.NIL) break;
    if (!isString(L, -1)) return refuseReader(L);
    Text.at(L, -1);
    if (!Text.length) break;
    rawSetIndex(L, 3, ++count);
  }
  pieces.begin();
  for (let i = 1; i <= count; i++) {
    rawGetIndex(L, 3, i);
    Text.at(L, -1);
    pieces.bytes(Text.pointer, Text.length);
    pop(L, 1);
  }
  if (Buffer.isFull) return raisePlain(L, "not enough memory");
  return loaded(L, loadText(L, pieces.pointer, pieces.length, name ? name : cText("=(load)")));
}

function addLoaders(L: State): void {
  Functions.push(L, luaLoadString.index);
  setGlobal(L, "loadstring");
  Functions.push(L, luaLoad.index);
  setGlobal(L, "load");
}
