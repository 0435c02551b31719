// FUNCTION and FCALL: libraries of functions that are kept with the data.

import { Glob } from "../algorithms/glob";
import { Integer } from "../algorithms/integer";
import { Text } from "../memory/text";
import { Slice } from "../memory/slice";
import { Payload } from "../persistence/payload";
import { RdbOpcode, RDB_VERSION } from "../persistence/rdb-format";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbWriter } from "../persistence/rdb-writer";
import { RdbReader } from "../persistence/rdb-reader";
import { Reply } from "../protocol/reply";
import { Command, Errors } from "../execution/command";
import { Checks } from "../execution/checks";
import { BusyKind, Mode } from "../execution/mode";
import { Libraries, Library, LibraryFunction } from "../scripting/library";
import { Overtime } from "../scripting/overtime";
import { Script } from "../scripting/script";
import { scriptFlagName, Shebang } from "../scripting/shebang";
import { SessionFlag } from "../sessions/session";
import { killScript } from "./shared/kill-script";

const FLAGS: u32 = 5;

const writer: usize = memory.data(offsetof<RdbWriter>(), 8);
const loading: usize = memory.data(offsetof<RdbLoad>(), 8);

/** Replies what `Errors` says. */
function refuse(cmd: Command): void {
  Errors.send(cmd.reply);
  cmd.failed = true;
}

/** Whether the libraries of the dataset have run; replies why not. */
function settle(cmd: Command): bool {
  if (Libraries.settle()) return true;
  refuse(cmd);
  return false;
}

function call(cmd: Command, isReadOnly: bool): void {
  if (!settle(cmd)) return;
  const wanted = cmd.arg(1);
  const found = Libraries.findFunction(wanted.ptr, wanted.len);
  if (!found || found.ref == LibraryFunction.GONE) return cmd.fail("ERR Function not found");
  const count = cmd.arg(2);
  if (!Integer.parse(count.ptr, count.len)) return cmd.fail("ERR Bad number of keys provided");
  const keys = Integer.value;
  if (keys > cmd.argc - 3)
    return cmd.fail("ERR Number of keys can't be greater than number of args");
  if (keys < 0) return cmd.fail("ERR Number of keys can't be negative");
  // Over REST, what is called to read may have any flags: it runs until it writes.
  const mustRead = isReadOnly && !cmd.session.has(SessionFlag.REST);
  if (!Script.mayRun(cmd, found.flags, mustRead)) return;
  if (Checks.monitor) call_indirect<void>(Checks.monitor, cmd);
  const name = found.name;
  Script.run(cmd, true, found.ref, found.flags, isReadOnly, <u32>keys, name.bytes, name.length);
}

/** FCALL function numkeys [key …] [arg …] → what the function returns. */
export function fcall(cmd: Command): void {
  call(cmd, false);
}

/** FCALL_RO function numkeys [key …] [arg …] → what the function returns; it may not write. */
export function fcallRo(cmd: Command): void {
  call(cmd, true);
}

/** FUNCTION LOAD [REPLACE] code → the name of the library. */
export function loadLibrary(cmd: Command): void {
  let replaces = false;
  for (let i = 2; i < cmd.argc - 1; i++) {
    if (!cmd.is(i, "replace")) {
      Errors.begin();
      Errors.text("ERR Unknown option given: ");
      Errors.bytes(cmd.arg(i).ptr, cmd.arg(i).len);
      return refuse(cmd);
    }
    replaces = true;
  }
  const code = cmd.arg(cmd.argc - 1);
  if (!cmd.room(code.len)) return;
  if (cmd.session.isTrustedSource) return keep(cmd, code);
  if (!settle(cmd)) return;
  const made = prepare(code, replaces);
  if (!made) return refuse(cmd);
  cmd.dirty++;
  cmd.reply.bulk(made.name.bytes, made.name.length);
}

/** What comes from a log or a master was right when it first ran. */
function keep(cmd: Command, code: Slice): void {
  if (!Libraries.addPending(code.ptr, code.len)) return refuse(cmd);
  cmd.dirty++;
  cmd.reply.ok();
}

/** Makes a library and brings it in; null with the reason in `Errors`. */
function prepare(code: Slice, replaces: bool): Library | null {
  if (!Shebang.readLibrary(code.ptr, code.len)) return null;
  const name = Shebang.name;
  const old = Libraries.find(name.bytes, name.length);
  name.dispose();
  if (old && !replaces) {
    Errors.begin();
    Errors.text("ERR Library '");
    Errors.bytes(old.name.bytes, old.name.length);
    Errors.text("' already exists");
    return null;
  }
  const made = Libraries.prepare(code.ptr, code.len);
  if (!made) return null;
  if (old) Libraries.leave(old);
  if (!Libraries.mayJoin(made)) {
    if (old) Libraries.join(old);
    made.dispose();
    return null;
  }
  if (old) old.dispose();
  Libraries.join(made);
  return made;
}

/** FUNCTION DELETE library → OK */
export function remove(cmd: Command): void {
  if (!settle(cmd)) return;
  const found = Libraries.find(cmd.arg(2).ptr, cmd.arg(2).len);
  if (!found) return cmd.fail("ERR Library not found");
  Libraries.leave(found);
  found.dispose();
  cmd.dirty++;
  cmd.reply.ok();
}

/** FUNCTION FLUSH [ASYNC | SYNC] → OK; there are no libraries any more. */
export function flush(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSubcommandSyntax();
  if (cmd.argc == 3 && !cmd.is(2, "sync") && !cmd.is(2, "async"))
    return cmd.fail("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  Libraries.flush();
  cmd.dirty++;
  cmd.reply.ok();
}

/** FUNCTION KILL → OK; the function that runs, of another session, will end. */
export function kill(cmd: Command): void {
  killScript(cmd, true);
}

/** FUNCTION STATS → what runs, and how much there is. */
export function stats(cmd: Command): void {
  const isRunning = Overtime.isRunning;
  if (isRunning && !Overtime.isFunction) return cmd.fail(Mode.busyText(BusyKind.SCRIPT));
  // Lua cannot be asked to load while it runs.
  if (!isRunning && !settle(cmd)) return;
  const reply = cmd.reply;
  reply.map(2);
  reply.bulkText("running_script");
  if (isRunning) describeRunning(reply);
  else reply.nil();
  reply.bulkText("engines");
  reply.map(1);
  reply.bulkText("LUA");
  reply.map(2);
  reply.bulkText("libraries_count");
  reply.integer(Libraries.count);
  reply.bulkText("functions_count");
  reply.integer(Libraries.functionCount);
}

function describeRunning(reply: Reply): void {
  reply.map(3);
  reply.bulkText("name");
  reply.bulk(Overtime.name, Overtime.nameLength);
  reply.bulkText("command");
  const command = Overtime.running;
  reply.array(command.argc);
  for (let i = 0; i < command.argc; i++) reply.bulk(command.arg(i).ptr, command.arg(i).len);
  reply.bulkText("duration_ms");
  reply.integer(Overtime.elapsedMs);
}

/** FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE] → libraries and their functions. */
export function list(cmd: Command): void {
  let pattern: Slice | null = null;
  let withCode = false;
  for (let i = 2; i < cmd.argc; i++) {
    if (!withCode && cmd.is(i, "withcode")) {
      withCode = true;
    } else if (!pattern && cmd.is(i, "libraryname")) {
      if (i + 1 >= cmd.argc) return cmd.fail("ERR library name argument was not given");
      pattern = cmd.arg(++i);
    } else {
      Errors.begin();
      Errors.text("ERR Unknown argument ");
      Errors.bytes(cmd.arg(i).ptr, cmd.arg(i).len);
      return refuse(cmd);
    }
  }
  if (!settle(cmd)) return;
  const mark = cmd.reply.mark();
  let count: u32 = 0;
  let at = Libraries.first;
  while (at) {
    const name = at.name;
    if (!pattern || Glob.matches(pattern.ptr, pattern.len, name.bytes, name.length, true)) {
      describe(cmd.reply, at, withCode);
      count++;
    }
    at = at.next;
  }
  cmd.reply.closeArray(mark, count);
}

function describe(reply: Reply, library: Library, withCode: bool): void {
  reply.map(withCode ? 4 : 3);
  reply.bulkText("library_name");
  text(reply, library.name);
  reply.bulkText("engine");
  reply.bulkText("LUA");
  reply.bulkText("functions");
  reply.array(library.count);
  let at = library.first;
  while (at) {
    reply.map(3);
    reply.bulkText("name");
    text(reply, at.name);
    reply.bulkText("description");
    if (at.hasDescription) text(reply, at.description);
    else reply.nil();
    reply.bulkText("flags");
    reply.set(popcnt(at.flags));
    for (let i: u32 = 0; i < FLAGS; i++) if (at.flags & (1 << i)) reply.status(scriptFlagName(i));
    at = at.next;
  }
  if (!withCode) return;
  reply.bulkText("library_code");
  text(reply, library.code);
}


@inline function text(reply: Reply, from: Text): void {
  reply.bulk(from.bytes, from.length);
}

/** FUNCTION DUMP → all libraries as bytes. */
export function dump(cmd: Command): void {
  if (!cmd.room(Libraries.bytes * 3)) return;
  const out = changetype<RdbWriter>(writer);
  out.init();
  Libraries.save(out, false);
  Payload.seal(out, RDB_VERSION);
  cmd.reply.bulk(out.bytes, out.length);
  out.dispose();
}

/** FUNCTION RESTORE payload [FLUSH | APPEND | REPLACE] → OK; all of the payload's libraries, or none. */
export function restore(cmd: Command): void {
  const flushes = cmd.argc == 4 && cmd.is(3, "flush");
  const replaces = cmd.argc == 4 && cmd.is(3, "replace");
  if (cmd.argc > 4) return cmd.failSubcommandSyntax();
  if (cmd.argc == 4 && !flushes && !replaces && !cmd.is(3, "append"))
    return cmd.fail(
      "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
    );
  const payload = cmd.arg(2);
  if (!Payload.isIntact(payload)) return cmd.fail("ERR DUMP payload version or checksum are wrong");
  if (!settle(cmd)) return;
  const first = readAll(payload);
  if (Staged.isWrong) {
    disposeAll(first);
    return refuse(cmd);
  }
  if (!bringIn(first, flushes, replaces)) return refuse(cmd);
  cmd.dirty++;
  cmd.reply.ok();
}

class Staged {
  static isWrong: bool = false;
}

function wrong(reason: string): void {
  Errors.begin();
  Errors.text(reason);
  Staged.isWrong = true;
}

/** The libraries of a payload, linked to each other, which nobody can call yet. */
function readAll(payload: Slice): Library | null {
  const from = changetype<RdbLoad>(loading);
  from.open(payload.ptr, payload.len - Payload.SEAL);
  Staged.isWrong = false;
  let first: Library | null = null;
  let last: Library | null = null;
  while (from.at < from.end && !Staged.isWrong) {
    const type = from.byte();
    if (type == RdbOpcode.FUNCTION_PRE_GA) {
      wrong("ERR Pre-GA function format not supported");
    } else if (type != RdbOpcode.FUNCTION_2) {
      wrong("ERR given type is not a function");
    } else if (!from.string(0)) {
      wrong("ERR Failed loading library");
    } else {
      const made = Libraries.prepare(from.ptr, from.len);
      if (!made) {
        Staged.isWrong = true;
      } else {
        if (last) last.next = made;
        else first = made;
        last = made;
      }
    }
    RdbReader.tidy(false);
  }
  RdbReader.tidy(true);
  return first;
}

function disposeAll(first: Library | null): void {
  while (first) {
    const next = first.next;
    first.dispose();
    first = next;
  }
}

/** Makes them the libraries that can be called, or adds them to those; false with the reason in `Errors`. */
function bringIn(first: Library | null, flushes: bool, replaces: bool): bool {
  const isDifferent = areDifferent(first);
  if (!isDifferent || (!flushes && !replaces && !areNew(first))) {
    disposeAll(first);
    return false;
  }
  // What leaves is kept aside until all have come.
  let aside: Library | null = null;
  let at = Libraries.first;
  while (at) {
    const next = at.next;
    if (flushes || holds(first, at)) {
      Libraries.leave(at);
      at.next = aside;
      aside = at;
    }
    at = next;
  }
  let joined: Library | null = null;
  while (first) {
    const library = first;
    if (!Libraries.mayJoin(library)) {
      takeBack(joined);
      disposeAll(first);
      while (aside) {
        const next = aside.next;
        Libraries.join(aside);
        aside = next;
      }
      return false;
    }
    first = library.next;
    Libraries.join(library);
    if (!joined) joined = library;
  }
  disposeAll(aside);
  return true;
}

/** Takes out what was brought in, from this library on: they came last. */
function takeBack(from: Library | null): void {
  while (from) {
    const next = from.next;
    Libraries.leave(from);
    from.dispose();
    from = next;
  }
}

function holds(first: Library | null, library: Library): bool {
  const name = library.name;
  let at = first;
  while (at) {
    if (at.hasName(name.bytes, name.length)) return true;
    at = at.next;
  }
  return false;
}

/** Whether no two of them have the same name. */
function areDifferent(first: Library | null): bool {
  let at = first;
  while (at) {
    if (holds(at.next, at)) {
      Errors.begin();
      Errors.text("ERR Library '");
      Errors.bytes(at.name.bytes, at.name.length);
      Errors.text("' already exists");
      return false;
    }
    at = at.next;
  }
  return true;
}

/** Whether none of them has the name of one that is there. */
function areNew(first: Library | null): bool {
  let at = first;
  while (at) {
    if (Libraries.find(at.name.bytes, at.name.length)) {
      Errors.begin();
      Errors.text("ERR Library ");
      Errors.bytes(at.name.bytes, at.name.length);
      Errors.text(" already exists");
      return false;
    }
    at = at.next;
  }
  return true;
}
