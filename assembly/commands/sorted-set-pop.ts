// Sorted sets: members taken from either end, at once or when there are some.

import { Command } from "../execution/command";
import { Waiting } from "../execution/waiting";
import { Entry, Type } from "../keyspace/entry";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { SortedSet } from "../types/sorted-set";
import { SortedSetWalk } from "../types/sorted-set-walk";
import { PopArguments } from "./shared/pop-arguments";
import { deadlineOf } from "./shared/timeout";

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
  if (!PopArguments.parse(cmd, 1, "min", "max")) return;
  if (!popFirst(cmd)) cmd.reply.nilArray();
}

/** BZMPOP timeout numkeys key [key …] MIN|MAX [COUNT count] → as ZMPOP, once there are members. */
export function bzmpop(cmd: Command): void {
  if (!PopArguments.parse(cmd, 2, "min", "max")) return;
  const deadline = deadlineOf(cmd, 1);
  if (cmd.failed || popFirst(cmd)) return;
  if (!Waiting.block(cmd, PopArguments.firstKey, PopArguments.keys, Type.ZSET, deadline)) {
    cmd.reply.nilArray();
  }
}

/** Pops from the first of the keys that has members; false when there is none and nothing was replied. */
function popFirst(cmd: Command): bool {
  const end = PopArguments.isFirstEnd ? End.MIN : End.MAX;
  const behind = PopArguments.firstKey + PopArguments.keys;
  for (let index = PopArguments.firstKey; index < behind; index++) {
    if (!Waiting.isOffered(cmd, index)) continue;
    const entry = cmd.write(index, Type.ZSET);
    if (cmd.failed) return true;
    if (!entry) continue;
    const reply = cmd.reply;
    const popped = <u32>min<i64>(PopArguments.count, SortedSet.length(entry));
    reply.array(2);
    reply.slice(cmd.arg(index));
    reply.array(popped);
    pop(cmd, index, entry, end, popped, true);
    effect(cmd, index, end, 3);
    Effects.integer(popped);
    return true;
  }
  return false;
}

/** BZPOPMIN key [key …] timeout → the first key that has members, and its lowest; nil after the time. */
export function bzpopmin(cmd: Command): void {
  popOrWait(cmd, End.MIN);
}

/** BZPOPMAX key [key …] timeout → the first key that has members, and its highest; nil after the time. */
export function bzpopmax(cmd: Command): void {
  popOrWait(cmd, End.MAX);
}

function popOrWait(cmd: Command, end: End): void {
  const last = cmd.argc - 1;
  const deadline = deadlineOf(cmd, last);
  if (cmd.failed) return;
  for (let index = 1; index < last; index++) {
    if (!Waiting.isOffered(cmd, index)) continue;
    const entry = cmd.write(index, Type.ZSET);
    if (cmd.failed) return;
    if (!entry) continue;
    cmd.reply.array(3);
    cmd.reply.slice(cmd.arg(index));
    pop(cmd, index, entry, end, 1, false);
    return effect(cmd, index, end, 2);
  }
  if (!Waiting.block(cmd, 1, last - 1, Type.ZSET, deadline)) cmd.reply.nilArray();
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
