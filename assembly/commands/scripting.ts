// EVAL and its kin, and the cache of scripts.

import { Sha1 } from "../algorithms/sha1";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Command, Errors } from "../execution/command";
import { Checks } from "../execution/checks";
import { Cached, Scripts } from "../scripting/scripts";
import { Script } from "../scripting/script";
import { killScript } from "./shared/kill-script";

const NAME: u32 = 40;
const name: usize = memory.data(48, 8);

/** How many of the arguments behind it are keys; replies the error and sets `failed` otherwise. */
function keysOf(cmd: Command): u32 {
  const keys = cmd.integer(2);
  if (cmd.failed) return 0;
  if (keys > cmd.argc - 3) cmd.fail("ERR Number of keys can't be greater than number of args");
  else if (keys < 0) cmd.fail("ERR Number of keys can't be negative");
  return <u32>keys;
}

/** A name as clients give it, in lower case; false for one that is none. */
function readName(slice: Slice): bool {
  if (slice.len != NAME) return false;
  for (let i: u32 = 0; i < NAME; i++) store<u8>(name + i, Bytes.lower(load<u8>(slice.ptr + i)));
  return true;
}

function run(cmd: Command, script: Cached, isReadOnly: bool): void {
  const keys = keysOf(cmd);
  if (cmd.failed || !Script.mayRun(cmd, script.flags, isReadOnly)) return;
  if (Checks.monitor) call_indirect<void>(Checks.monitor, cmd);
  Script.run(cmd, false, script.ref, script.flags, isReadOnly, keys, script.keyPtr, NAME);
}

function evalBody(cmd: Command, isReadOnly: bool): void {
  keysOf(cmd);
  if (cmd.failed) return;
  const body = cmd.arg(1);
  Sha1.hex(body.ptr, body.len, name);
  const known = Scripts.find(name);
  const script = known ? known : add(cmd, body);
  if (script) run(cmd, script, isReadOnly);
}

/** Keeps a script whose name is known; replies what is wrong with it. */
function add(cmd: Command, body: Slice): Cached | null {
  if (!cmd.room(body.len)) return null;
  const made = Scripts.add(name, body.ptr, body.len);
  if (!made) {
    Errors.send(cmd.reply);
    cmd.failed = true;
  }
  return made;
}

function evalName(cmd: Command, isReadOnly: bool): void {
  const isName = readName(cmd.arg(1));
  if (!isName) return cmd.fail("NOSCRIPT No matching script. Please use EVAL.");
  keysOf(cmd);
  if (cmd.failed) return;
  const script = Scripts.find(name);
  if (!script) return cmd.fail("NOSCRIPT No matching script. Please use EVAL.");
  run(cmd, script, isReadOnly);
}

/** EVAL script numkeys [key …] [arg …] → what the script returns. */
export function evaluate(cmd: Command): void {
  evalBody(cmd, false);
}

/** EVAL_RO script numkeys [key …] [arg …] → what the script returns; it may not write. */
export function evaluateRo(cmd: Command): void {
  evalBody(cmd, true);
}

/** EVALSHA sha1 numkeys [key …] [arg …] → what the cached script returns. */
export function evalsha(cmd: Command): void {
  evalName(cmd, false);
}

/** EVALSHA_RO sha1 numkeys [key …] [arg …] → what the cached script returns; it may not write. */
export function evalshaRo(cmd: Command): void {
  evalName(cmd, true);
}

/** SCRIPT LOAD script → its SHA-1. */
export function scriptLoad(cmd: Command): void {
  const body = cmd.arg(2);
  Sha1.hex(body.ptr, body.len, name);
  if (!Scripts.find(name) && !add(cmd, body)) return;
  cmd.reply.bulk(name, NAME);
}

/** SCRIPT EXISTS sha1 [sha1 …] → for each whether it is cached. */
export function scriptExists(cmd: Command): void {
  cmd.reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++)
    cmd.reply.integer(readName(cmd.arg(i)) && Scripts.peek(name) != null ? 1 : 0);
}

/** SCRIPT SHOW sha1 → the script. */
export function scriptShow(cmd: Command): void {
  const found = readName(cmd.arg(2)) ? Scripts.peek(name) : null;
  if (!found) return cmd.fail("NOSCRIPT No matching script. Please use EVAL.");
  cmd.reply.bulk(found.body, found.length);
}

/** SCRIPT FLUSH [ASYNC | SYNC] → OK; the cache is empty. */
export function scriptFlush(cmd: Command): void {
  if (cmd.argc > 3 || (cmd.argc == 3 && !cmd.is(2, "sync") && !cmd.is(2, "async")))
    return cmd.fail("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  Scripts.flush();
  cmd.reply.ok();
}

/** SCRIPT KILL → OK; the script that runs, of another session, will end. */
export function scriptKill(cmd: Command): void {
  killScript(cmd, false);
}

/** SCRIPT DEBUG YES | SYNC | NO: there is no debugger. */
export function scriptDebug(cmd: Command): void {
  if (cmd.is(2, "no")) return cmd.reply.ok();
  if (cmd.is(2, "yes") || cmd.is(2, "sync")) return cmd.fail("ERR SCRIPT DEBUG is not supported");
  cmd.fail("ERR Use SCRIPT DEBUG YES/SYNC/NO");
}
