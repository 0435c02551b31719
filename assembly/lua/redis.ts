// The table `redis` that scripts see, without `call` and `pcall`.

import { Sha1 } from "../algorithms/sha1";
import { REDIS_VERSION } from "../settings/version";
import {
  createTable,
  getTop,
  isNumber,
  LuaType,
  pushBoolean,
  pushBytes,
  pushNumber,
  pushValue,
  rawSet,
  State,
  toNumber,
  typeOf,
} from "./api";
import { fail, layArguments, luaCall, luaProtectedCall, pushError } from "./call";
import { output } from "./buffer";
import { arenaFor, ask, Engine, Question, set, Setting } from "./engine";
import { Answer, integerOf } from "./answer";
import { Functions, pushText, setField, Text } from "./values";
import { Work } from "./work";
import { Bytes } from "../memory/bytes";

const LEVEL_MAX: i32 = 3;
const REPLICATION_MAX: u32 = 3;
const digest: usize = memory.data(40, 8);

/** `{ ok = text }` of the only argument. */
function statusReply(L: State): i32 {
  if (getTop(L) != 1 || typeOf(L, 1) != LuaType.STRING) {
    pushError(L, "ERR wrong number or type of arguments");
    return 1;
  }
  wrapTop(L, "ok");
  return 1;
}

/** Puts the value on top into a table of its own, as its only field. */
function wrapTop(L: State, name: string): void {
  createTable(L, 0, 1);
  pushText(L, name);
  pushValue(L, -3);
  rawSet(L, -3);
}

/** `{ err = text }` of the only argument; a text that is not a code and a message gets the code ERR. */
function errorReply(L: State): i32 {
  if (getTop(L) != 1 || typeOf(L, 1) != LuaType.STRING) {
    pushError(L, "ERR wrong number or type of arguments");
    return 1;
  }
  Text.at(L, 1);
  let from = Text.pointer;
  let length = Text.cLength;
  if (length && load<u8>(from) == 45) {
    from++;
    length--;
  }
  output.begin();
  const blank = Bytes.indexOf(from, from + length, 32);
  if (!blank) {
    output.text("ERR ");
  } else {
    output.bytes(from, <u32>(blank - from));
    output.byte(32);
    length -= <u32>(blank - from) + 1;
    from = blank + 1;
  }
  while (length && isLineEnd(load<u8>(from))) {
    from++;
    length--;
  }
  while (length && isLineEnd(load<u8>(from + length - 1))) length--;
  output.bytes(from, length);
  createTable(L, 0, 1);
  pushBytes(L, output.pointer, output.length);
  setField(L, "err");
  return 1;
}


@inline function isLineEnd(char: u32): bool {
  return char == 13 || char == 10;
}

function sha1hex(L: State): i32 {
  if (getTop(L) != 1) return fail(L, "ERR wrong number of arguments");
  Text.at(L, 1);
  Work.did(Text.length);
  Sha1.hex(Text.pointer, Text.pointer ? Text.length : 0, digest);
  pushBytes(L, digest, 40);
  return 1;
}

function log(L: State): i32 {
  const argc = getTop(L);
  if (argc < 2) return fail(L, "ERR redis.log() requires two arguments or more.");
  if (!isNumber(L, 1)) return fail(L, "ERR First argument must be a number (log level).");
  const level = <i32>toNumber(L, 1);
  if (level < 0 || level > LEVEL_MAX) return fail(L, "ERR Invalid debug level.");
  output.begin();
  for (let i = 2; i <= argc; i++) {
    Text.at(L, i);
    if (!Text.pointer) continue;
    if (i > 2) output.byte(32);
    output.bytes(Text.pointer, Text.cLength);
  }
  const arena = arenaFor(output.length);
  if (!arena) return 0;
  Engine.write(arena, output.pointer, output.length);
  ask(Question.LOG, level, output.length);
  return 0;
}

function setResp(L: State): i32 {
  if (getTop(L) != 1) return fail(L, "ERR redis.setresp() requires one argument.");
  const version = integerOf(toNumber(L, 1));
  if (version != 2 && version != 3) return fail(L, "ERR RESP version must be 2 or 3.");
  Answer.scriptProtocol = <u32>version;
  set(Setting.PROTOCOL, <u32>version);
  return 0;
}

function setReplication(L: State): i32 {
  if (getTop(L) != 1) return fail(L, "ERR redis.set_repl() requires two arguments.");
  const flags = <u32>(<i32>toNumber(L, 1));
  if (flags > REPLICATION_MAX)
    return fail(
      L,
      "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.",
    );
  set(Setting.REPLICATION, flags);
  return 0;
}

function replicateCommands(L: State): i32 {
  pushBoolean(L, 1);
  return 1;
}

function breakpoint(L: State): i32 {
  pushBoolean(L, 0);
  return 1;
}

function debug(_: State): i32 {
  return 0;
}

function checkAccess(L: State): i32 {
  const argc = getTop(L);
  if (!argc) return fail(L, "ERR Please specify at least one argument for this redis lib call");
  const length = layArguments(L, argc);
  if (length < 0) return fail(L, "ERR Lua redis lib command arguments must be strings or integers");
  const answer = ask(Question.ACCESS, argc, length);
  if (answer == 2) return fail(L, "ERR Invalid command passed to redis.acl_check_cmd()");
  pushBoolean(L, answer);
  return 1;
}

function addNumber(L: State, name: string, value: f64): void {
  pushNumber(L, value);
  setField(L, name);
}

/** The log, its levels, and the version: what is there while a library loads, too. */
export function addCommon(L: State): void {
  Functions.add(L, "log", log.index);
  addNumber(L, "LOG_DEBUG", 0);
  addNumber(L, "LOG_VERBOSE", 1);
  addNumber(L, "LOG_NOTICE", 2);
  addNumber(L, "LOG_WARNING", 3);
  pushText(L, REDIS_VERSION);
  setField(L, "REDIS_VERSION");
  let number: u32 = 0;
  let part: u32 = 0;
  for (let i = 0; i < REDIS_VERSION.length; i++) {
    const char = REDIS_VERSION.charCodeAt(i);
    if (char == 46) {
      number = (number << 8) | part;
      part = 0;
    } else {
      part = part * 10 + (char - 48);
    }
  }
  addNumber(L, "REDIS_VERSION_NUM", <f64>((number << 8) | part));
}

/** Adds what scripts and functions may do to the table on top. */
export function addRedis(L: State, isForFunctions: bool): void {
  addCommon(L);
  Functions.add(L, "call", luaCall.index);
  Functions.add(L, "pcall", luaProtectedCall.index);
  Functions.add(L, "status_reply", statusReply.index);
  Functions.add(L, "error_reply", errorReply.index);
  Functions.add(L, "sha1hex", sha1hex.index);
  Functions.add(L, "setresp", setResp.index);
  Functions.add(L, "set_repl", setReplication.index);
  Functions.add(L, "acl_check_cmd", checkAccess.index);
  addNumber(L, "REPL_NONE", 0);
  addNumber(L, "REPL_AOF", 1);
  addNumber(L, "REPL_SLAVE", 2);
  addNumber(L, "REPL_REPLICA", 2);
  addNumber(L, "REPL_ALL", 3);
  if (isForFunctions) return;
  Functions.add(L, "replicate_commands", replicateCommands.index);
  Functions.add(L, "breakpoint", breakpoint.index);
  Functions.add(L, "debug", debug.index);
}
