// The server as a whole: its databases, its time.

import { Detached } from "../keyspace/detached";
import { Database } from "../keyspace/database";
import { Keyspace } from "../keyspace/keyspace";
import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Blocking } from "../sessions/blocking";
import { Changes } from "../sessions/changes";
import { Watches } from "../sessions/watches";
import { Monitor } from "../execution/monitor";
import { SessionFlag } from "../sessions/session";
import { Command } from "../execution/command";
import { TextBuffer } from "../protocol/text-buffer";
import { REDIS_VERSION } from "../settings/version";

/** DBSIZE → the number of keys. */
export function dbsize(cmd: Command): void {
  cmd.reply.integer(cmd.db.count);
}

/** FLUSHDB [ASYNC | SYNC] */
export function flushdb(cmd: Command): void {
  const inBackground = isBackground(cmd);
  if (cmd.failed) return;
  flush(cmd, cmd.db, inBackground);
  flushed(cmd);
}

/** FLUSHALL [ASYNC | SYNC] */
export function flushall(cmd: Command): void {
  const inBackground = isBackground(cmd);
  if (cmd.failed) return;
  for (let i: u32 = 0; i < Keyspace.databaseCount; i++)
    flush(cmd, Keyspace.database(i), inBackground);
  flushed(cmd);
}

function flushed(cmd: Command): void {
  if (Changes.flushHook) call_indirect<void>(Changes.flushHook);
  cmd.dirty++;
  cmd.reply.ok();
}

function isBackground(cmd: Command): bool {
  if (cmd.argc == 1) return Config.lazyfreeLazyUserFlush;
  if (cmd.argc == 2 && cmd.is(1, "async")) return true;
  if (cmd.argc != 2 || !cmd.is(1, "sync")) cmd.failSyntax();
  return false;
}

function flush(cmd: Command, db: Database, inBackground: bool): void {
  if (!db.count) return;
  Watches.touchDatabase(db, db);
  cmd.dirty += db.count;
  Detached.flush(db, inBackground);
  Blocking.readyAll(db);
}

/** SWAPDB a b: exchanges two databases under their sessions. */
export function swapdb(cmd: Command): void {
  const first = cmd.integerIn(1, i32.MIN_VALUE, i32.MAX_VALUE, "ERR invalid first DB index");
  if (cmd.failed) return;
  const second = cmd.integerIn(2, i32.MIN_VALUE, i32.MAX_VALUE, "ERR invalid second DB index");
  if (cmd.failed) return;
  const count = <i64>Keyspace.databaseCount;
  if (first < 0 || first >= count || second < 0 || second >= count)
    return cmd.fail("ERR DB index is out of range");
  if (first != second) {
    const a = Keyspace.database(<u32>first);
    const b = Keyspace.database(<u32>second);
    Watches.touchDatabase(a, b);
    Watches.touchDatabase(b, a);
    a.exchange(b);
    if (Changes.swapHook) call_indirect<void>(Changes.swapHook, a, b);
    Blocking.readyAll(a);
    Blocking.readyAll(b);
  }
  cmd.dirty++;
  cmd.reply.ok();
}

/** TIME → Unix seconds and microseconds. */
export function time(cmd: Command): void {
  const reply = cmd.reply;
  reply.array(2);
  reply.bulkInteger(Clock.nowUs / 1000000);
  reply.bulkInteger(Clock.nowUs % 1000000);
}

/** LOLWUT [VERSION version]: a small picture and the version. */
export function lolwut(cmd: Command): void {
  for (let i = 1; i < cmd.argc; i++) {
    if (i == 2 || !cmd.is(1, "version")) {
      cmd.integer(i);
      if (cmd.failed) return;
    }
  }
  const text =
    "        .--.\n  .-.  /    \\   .-.\n /   \\/      \\ /   \\\n/  ~  ~  ~  ~  ~  ~ \\   a river bed in the desert\n\nRedis ver. ";
  TextBuffer.begin();
  TextBuffer.text(text);
  TextBuffer.text(REDIS_VERSION);
  TextBuffer.char(10);
  cmd.reply.verbatim("txt", TextBuffer.pointer, TextBuffer.length);
  TextBuffer.end();
}

/** MONITOR → OK, and from then on every command that is run. */
export function monitor(cmd: Command): void {
  if (cmd.session.has(SessionFlag.IN_EXEC))
    return cmd.fail("ERR MONITOR isn't allowed for DENY BLOCKING client");
  Monitor.add(cmd.session);
  cmd.reply.ok();
}
