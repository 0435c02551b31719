// Lua 5.1's C interface, as the interpreter's module exports it. This side of the engine lives in the
// interpreter's memory, so a pointer means the same to both.

/** A thread of the interpreter: the main one, or a coroutine. */
export type State = usize;

/** What `lua_type` answers. */
export const enum LuaType {
  NONE = -1,
  NIL = 0,
  BOOLEAN = 1,
  LIGHT_USERDATA = 2,
  NUMBER = 3,
  STRING = 4,
  TABLE = 5,
  FUNCTION = 6,
  USERDATA = 7,
  THREAD = 8,
}

export const REGISTRY: i32 = -10000;
export const GLOBALS: i32 = -10002;
/** The first value that a C function was closed over. */
export const UPVALUE: i32 = -10003;
export const MULTRET: i32 = -1;
export const MASK_LINE: i32 = 4;
export const MASK_COUNT: i32 = 8;

// @ts-ignore: decorator
@external("env", "realloc")
export declare function realloc(pointer: usize, size: usize): usize;
// @ts-ignore: decorator
@external("env", "free")
export declare function free(pointer: usize): void;
// @ts-ignore: decorator
@external("env", "lua_newstate")
export declare function newState(allocate: usize, data: usize): State;
// @ts-ignore: decorator
@external("env", "lua_close")
export declare function closeState(L: State): void;
// @ts-ignore: decorator
@external("env", "luaL_openlibs")
export declare function openLibraries(L: State): void;
// @ts-ignore: decorator
@external("env", "lua_gettop")
export declare function getTop(L: State): i32;
// @ts-ignore: decorator
@external("env", "lua_settop")
export declare function setTop(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_pushvalue")
export declare function pushValue(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_remove")
export declare function remove(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_insert")
export declare function insert(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_replace")
export declare function replace(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_checkstack")
export declare function checkStack(L: State, size: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_type")
export declare function typeOf(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_isnumber")
export declare function isNumber(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_isstring")
export declare function isString(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_tonumber")
export declare function toNumber(L: State, index: i32): f64;
// @ts-ignore: decorator
@external("env", "lua_toboolean")
export declare function toBoolean(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_tolstring")
export declare function toString(L: State, index: i32, length: usize): usize;
// @ts-ignore: decorator
@external("env", "lua_objlen")
export declare function lengthOf(L: State, index: i32): u32;
// @ts-ignore: decorator
@external("env", "lua_touserdata")
export declare function toUserdata(L: State, index: i32): usize;
// @ts-ignore: decorator
@external("env", "lua_pushnil")
export declare function pushNil(L: State): void;
// @ts-ignore: decorator
@external("env", "lua_pushnumber")
export declare function pushNumber(L: State, value: f64): void;
// @ts-ignore: decorator
@external("env", "lua_pushlstring")
export declare function pushBytes(L: State, pointer: usize, length: usize): void;
// @ts-ignore: decorator
@external("env", "lua_pushcclosure")
export declare function pushClosure(L: State, entry: usize, upvalues: i32): void;
// @ts-ignore: decorator
@external("env", "lua_pushboolean")
export declare function pushBoolean(L: State, value: i32): void;
// @ts-ignore: decorator
@external("env", "lua_pushlightuserdata")
export declare function pushPointer(L: State, pointer: usize): void;
// @ts-ignore: decorator
@external("env", "lua_rawget")
export declare function rawGet(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_rawgeti")
export declare function rawGetIndex(L: State, index: i32, at: i32): void;
// @ts-ignore: decorator
@external("env", "lua_rawset")
export declare function rawSet(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_rawseti")
export declare function rawSetIndex(L: State, index: i32, at: i32): void;
// @ts-ignore: decorator
@external("env", "lua_gettable")
export declare function getTable(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "lua_createtable")
export declare function createTable(L: State, items: i32, fields: i32): void;
// @ts-ignore: decorator
@external("env", "lua_getmetatable")
export declare function getMetatable(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_setmetatable")
export declare function setMetatable(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_newuserdata")
export declare function newUserdata(L: State, size: usize): usize;
// @ts-ignore: decorator
@external("env", "lua_next")
export declare function next(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_concat")
export declare function concat(L: State, count: i32): void;
// @ts-ignore: decorator
@external("env", "lua_call")
export declare function call(L: State, args: i32, results: i32): void;
// @ts-ignore: decorator
@external("env", "lua_pcall")
export declare function protectedCall(L: State, args: i32, results: i32, handler: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_error")
export declare function throwError(L: State): i32;
// @ts-ignore: decorator
@external("env", "lua_gc")
export declare function collect(L: State, what: i32, data: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_newthread")
export declare function newThread(L: State): State;
// @ts-ignore: decorator
@external("env", "lua_xmove")
export declare function moveValues(from: State, to: State, count: i32): void;
// @ts-ignore: decorator
@external("env", "lua_iscfunction")
export declare function isNative(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_sethook")
export declare function setHook(L: State, hook: usize, mask: i32, count: i32): i32;
// @ts-ignore: decorator
@external("env", "lua_gethookmask")
export declare function hookMask(L: State): i32;
// @ts-ignore: decorator
@external("env", "lua_getstack")
export declare function getStack(L: State, level: i32, activation: usize): i32;
// @ts-ignore: decorator
@external("env", "lua_getinfo")
export declare function getInfo(L: State, what: usize, activation: usize): i32;
// @ts-ignore: decorator
@external("env", "luaL_loadbuffer")
export declare function loadBuffer(L: State, pointer: usize, length: usize, name: usize): i32;
// @ts-ignore: decorator
@external("env", "luaL_ref")
export declare function reference(L: State, table: i32): i32;
// @ts-ignore: decorator
@external("env", "luaL_unref")
export declare function unreference(L: State, table: i32, ref: i32): void;
// @ts-ignore: decorator
@external("env", "luaL_where")
export declare function pushWhere(L: State, level: i32): void;
// @ts-ignore: decorator
@external("env", "luaL_argerror")
export declare function argumentError(L: State, index: i32, message: usize): i32;
// @ts-ignore: decorator
@external("env", "luaL_checknumber")
export declare function checkNumber(L: State, index: i32): f64;
// @ts-ignore: decorator
@external("env", "luaL_checkinteger")
export declare function checkInteger(L: State, index: i32): i32;
// @ts-ignore: decorator
@external("env", "luaL_optinteger")
export declare function optInteger(L: State, index: i32, otherwise: i32): i32;
// @ts-ignore: decorator
@external("env", "luaL_checklstring")
export declare function checkString(L: State, index: i32, length: usize): usize;
// @ts-ignore: decorator
@external("env", "luaL_checktype")
export declare function checkType(L: State, index: i32, type: i32): void;
// @ts-ignore: decorator
@external("env", "luaL_checkany")
export declare function checkAny(L: State, index: i32): void;
// @ts-ignore: decorator
@external("env", "luaL_checkoption")
export declare function checkOption(L: State, index: i32, otherwise: usize, list: usize): i32;
