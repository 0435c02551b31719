// Sorted sets: members and their scores, one by one.

import { Double } from "../algorithms/double";
import { Command } from "../execution/command";
import { Type } from "../keyspace/entry";
import { Notify } from "../sessions/notify";
import { Add, Added, SortedSet } from "../types/sorted-set";

/** Reply with the number of changed members, not only of new ones. An option of ZADD beside those of `Add`. */
const CHANGED: u32 = 32;

/** ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member …] → how many are new; INCR: the score. */
export function zadd(cmd: Command): void {
  addMembers(cmd, 0);
}

/** ZINCRBY key increment member → the score it has now. */
export function zincrby(cmd: Command): void {
  addMembers(cmd, Add.INCREMENT);
}

function addMembers(cmd: Command, options: u32): void {
  const argc = cmd.argc;
  let first = 2;
  for (; first < argc; first++) {
    if (cmd.is(first, "nx")) options |= Add.NX;
    else if (cmd.is(first, "xx")) options |= Add.XX;
    else if (cmd.is(first, "ch")) options |= CHANGED;
    else if (cmd.is(first, "incr")) options |= Add.INCREMENT;
    else if (cmd.is(first, "gt")) options |= Add.GT;
    else if (cmd.is(first, "lt")) options |= Add.LT;
    else break;
  }
  const count = argc - first;
  const increments = (options & Add.INCREMENT) != 0;
  if (!count || count & 1) return cmd.failSyntax();
  if (!isConsistent(cmd, options)) return;
  if (increments && count > 2)
    return cmd.fail("ERR INCR option supports a single increment-element pair");
  for (let i = first; i < argc; i += 2) {
    const text = cmd.arg(i);
    if (!Double.parse(text.ptr, text.len)) return cmd.fail("ERR value is not a valid float");
  }
  let score = Double.value;

  if (!SortedSet.hasRoomFor(cmd, count >> 1)) return;
  let entry = cmd.write(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) {
    if (options & Add.XX) return increments ? reply.nil() : reply.integer(0);
    entry = SortedSet.create(cmd, 1, cmd.arg(first + 1).len);
  }
  let added: u32 = 0;
  let moved: u32 = 0;
  let outcome: Added = Added.SKIPPED;
  for (let i = first; i < argc; i += 2) {
    if (count > 2) {
      const text = cmd.arg(i);
      Double.parse(text.ptr, text.len);
      score = Double.value;
    }
    const member = cmd.arg(i + 1);
    outcome = SortedSet.add(entry, score, member.ptr, member.len, options);
    if (outcome == Added.NEW) added++;
    else if (outcome == Added.MOVED) moved++;
    else if (outcome == Added.NOT_A_NUMBER)
      return cmd.fail("ERR resulting score is not a number (NaN)");
  }
  if (!increments) reply.integer(options & CHANGED ? added + moved : added);
  else if (outcome == Added.SKIPPED) reply.nil();
  else reply.double(SortedSet.score);
  if (added + moved) cmd.changed(1, Notify.ZSET, increments ? "zincr" : "zadd", added + moved);
}

function isConsistent(cmd: Command, options: u32): bool {
  if ((options & (Add.NX | Add.XX)) == (Add.NX | Add.XX)) {
    cmd.fail("ERR XX and NX options at the same time are not compatible");
  } else if (popcnt(options & (Add.NX | Add.GT | Add.LT)) > 1) {
    cmd.fail("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  return !cmd.failed;
}

/** ZREM key member [member …] → how many were there. */
export function zrem(cmd: Command): void {
  const entry = cmd.write(1, Type.ZSET);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  let removed: u32 = 0;
  let isEmpty = false;
  for (let i = 2; i < cmd.argc && !isEmpty; i++) {
    const member = cmd.arg(i);
    if (!SortedSet.remove(entry, member.ptr, member.len)) continue;
    removed++;
    isEmpty = !SortedSet.length(entry);
  }
  cmd.reply.integer(removed);
  if (!removed) return;
  if (isEmpty) cmd.remove(1, entry);
  cmd.changed(1, Notify.ZSET, "zrem", removed);
  if (isEmpty) cmd.notify(1, Notify.GENERIC, "del");
}

/** ZCARD key → the number of members, 0 for a missing key. */
export function zcard(cmd: Command): void {
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  cmd.reply.integer(entry ? SortedSet.length(entry) : 0);
}

/** ZSCORE key member → its score, or nil. */
export function zscore(cmd: Command): void {
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const member = cmd.arg(2);
  if (entry && SortedSet.find(entry, member.ptr, member.len)) cmd.reply.double(SortedSet.score);
  else cmd.reply.nil();
}

/** ZMSCORE key member [member …] → the score of each, or nil. */
export function zmscore(cmd: Command): void {
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    const member = cmd.arg(i);
    if (entry && SortedSet.find(entry, member.ptr, member.len)) reply.double(SortedSet.score);
    else reply.nil();
  }
}

/** ZRANK key member [WITHSCORE] → how many members come before it, or nil. */
export function zrank(cmd: Command): void {
  replyRank(cmd, false);
}

/** ZREVRANK key member [WITHSCORE] → how many members come behind it, or nil. */
export function zrevrank(cmd: Command): void {
  replyRank(cmd, true);
}

function replyRank(cmd: Command, isReverse: bool): void {
  if (cmd.argc > 4) return cmd.failArity();
  const withScore = cmd.argc == 4;
  if (withScore && !cmd.is(3, "withscore")) return cmd.failSyntax();
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  const member = cmd.arg(2);
  const rank = entry ? SortedSet.rankOf(entry, member.ptr, member.len) : -1;
  if (rank < 0) return withScore ? reply.nilArray() : reply.nil();
  if (withScore) reply.array(2);
  reply.integer(isReverse ? <i64>SortedSet.length(entry!) - 1 - rank : rank);
  if (withScore) reply.double(SortedSet.score);
}
