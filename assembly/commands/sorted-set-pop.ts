// Sorted sets: members taken from either end.

import { Command } from "../execution/command";
import { Entry, Type } from "../keyspace/entry";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { SortedSet } from "../types/sorted-set";
import { SortedSetWalk } from "../types/sorted-set-walk";

const enum End {
  MIN,
  MAX,
}

/** ZPOPMIN key [count] → the members with the lowest scores, which are gone then. */
export function zpopmin(cmd: Command): void {
  popFrom(cmd, End.MIN);
}

/** ZPOPMAX key [count] → the members with the highest scores, which are gone then. */
export function zpopmax(cmd: Command): void {
  popFrom(cmd, End.MAX);
}

function popFrom(cmd: Command, end: End): void {
  if (cmd.argc > 3) return cmd.failSyntax();
  const hasCount = cmd.argc == 3;
  let count: i64 = 1;
  if (hasCount) {
    count = cmd.integerIn(2, 0, i64.MAX_VALUE, "ERR value is out of range, must be positive");
    if (cmd.failed) return;
  }
  const entry = cmd.write(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry || !count) return reply.emptyArray();
  const popped = <u32>min<i64>(count, SortedSet.length(entry));
  const isNested = hasCount && reply.isResp3;
  reply.array(isNested ? popped : popped << 1);
  pop(cmd, 1, entry, end, popped, isNested);
}

/** ZMPOP numkeys key [key …] MIN|MAX [COUNT count] → the first key that has members, and some of them. */
export function zmpop(cmd: Command): void {
  const keys = <i32>keysOf(cmd, 1);
  if (cmd.failed) return;
  const end = changetype<End>(endOf(cmd, keys + 2));
  if (cmd.failed) return;
  const count = countOf(cmd, keys + 3);
  if (cmd.failed) return;
  for (let index = 2; index < keys + 2; index++) {
    const entry = cmd.write(index, Type.ZSET);
    if (cmd.failed) return;
    if (entry) return popMany(cmd, index, entry, end, count);
  }
  cmd.reply.nilArray();
}

/** The number of keys in argument `index`; behind them one more argument must follow. */
function keysOf(cmd: Command, index: i32): i64 {
  const keys = cmd.integerIn(index, 1, i64.MAX_VALUE, "ERR numkeys should be greater than 0");
  if (!cmd.failed && keys >= cmd.argc - index - 1) cmd.failSyntax();
  return keys;
}

function endOf(cmd: Command, index: i32): i32 {
  if (cmd.is(index, "min")) return End.MIN;
  if (!cmd.is(index, "max")) cmd.failSyntax();
  return End.MAX;
}

/** [COUNT count] from argument `index` to the last; 1 where it is not given. */
function countOf(cmd: Command, index: i32): i64 {
  if (index == cmd.argc) return 1;
  if (!cmd.is(index, "count") || index + 1 == cmd.argc) {
    cmd.failSyntax();
    return 0;
  }
  const count = cmd.integerIn(index + 1, 1, i64.MAX_VALUE, "ERR count should be greater than 0");
  if (!cmd.failed && index + 2 < cmd.argc) cmd.failSyntax();
  return count;
}

/** Replies the key and up to `count` of its members, and takes them out. */
function popMany(cmd: Command, index: i32, entry: Entry, end: End, count: i64): void {
  const reply = cmd.reply;
  const popped = <u32>min<i64>(count, SortedSet.length(entry));
  reply.array(2);
  reply.slice(cmd.arg(index));
  reply.array(popped);
  pop(cmd, index, entry, end, popped, true);
  effect(cmd, index, end, 3);
  Effects.integer(popped);
}

/** The log says which key it was: `ZPOPMIN key`, or with `argc` 3 a count that follows. */
function effect(cmd: Command, index: i32, end: End, argc: u32): void {
  cmd.effect(argc);
  Effects.text(end == End.MIN ? "ZPOPMIN" : "ZPOPMAX");
  Effects.slice(cmd.arg(index));
}

/** Replies `count` members with their scores, and takes them out; so many are there. */
function pop(cmd: Command, index: i32, entry: Entry, end: End, count: u32, isNested: bool): void {
  if (count > Command.LIGHT) cmd.measure();
  const reply = cmd.reply;
  const length = SortedSet.length(entry);
  const isReverse = end == End.MAX;
  const walk = SortedSetWalk.main;
  walk.start(entry, isReverse ? length - 1 : 0, isReverse);
  for (let rest = count; ; walk.step()) {
    if (isNested) reply.array(2);
    walk.replyMember(reply);
    reply.double(walk.memberScore);
    if (!--rest) break;
  }
  const isEmptied = count == length;
  if (isEmptied) cmd.remove(index, entry);
  else if (isReverse) SortedSet.removeRange(entry, length - count, length);
  else SortedSet.removeRange(entry, 0, count);
  cmd.changed(index, Notify.ZSET, isReverse ? "zpopmax" : "zpopmin", count);
  if (isEmptied) cmd.notify(index, Notify.GENERIC, "del");
}
