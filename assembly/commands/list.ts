// Lists: sequences that are cheap to change at both ends.

import { Entry, Type } from "../keyspace/entry";
import { Slice } from "../memory/slice";
import { Listpack } from "../structures/listpack";
import { Notify } from "../sessions/notify";
import { End, Lists } from "../types/list";
import { Command } from "../execution/command";
import { endOf, listRemoved, moveElement, popRange, Pops } from "./shared/list-pop";

const NOT_POSITIVE: string = "ERR value is out of range, must be positive";
// ── pushing ──────────────────────────────────────────────────────────────────────────────────

/** LPUSH key element [element …] → the new length. */
export function lpush(cmd: Command): void {
  push(cmd, End.LEFT, true);
}

/** RPUSH key element [element …] → the new length. */
export function rpush(cmd: Command): void {
  push(cmd, End.RIGHT, true);
}

/** LPUSHX key element [element …] → the new length, 0 for a missing key. */
export function lpushx(cmd: Command): void {
  push(cmd, End.LEFT, false);
}

/** RPUSHX key element [element …] → the new length, 0 for a missing key. */
export function rpushx(cmd: Command): void {
  push(cmd, End.RIGHT, false);
}

function push(cmd: Command, end: End, creates: bool): void {
  let entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) {
    if (!creates) return cmd.reply.integer(0);
    entry = Lists.create(cmd, 1);
  }
  const argc = cmd.argc;
  if (!Lists.makeRoom(entry, cmd, 2, argc - 1)) return removeIfEmpty(cmd, entry);
  for (let i = 2; i < argc; i++) {
    const element = cmd.arg(i);
    Lists.push(entry, element.ptr, element.len, end);
  }
  cmd.reply.integer(Lists.length(entry));
  cmd.changed(1, Notify.LIST, end == End.LEFT ? "lpush" : "rpush", argc - 2);
}

// ── popping ──────────────────────────────────────────────────────────────────────────────────

/** LPOP key [count] → the first element, or the first `count`; nil for a missing key. */
export function lpop(cmd: Command): void {
  pop(cmd, End.LEFT);
}

/** RPOP key [count] → the last element, or the last `count`; nil for a missing key. */
export function rpop(cmd: Command): void {
  pop(cmd, End.RIGHT);
}

function pop(cmd: Command, end: End): void {
  if (cmd.argc > 3) return cmd.failArity();
  const hasCount = cmd.argc == 3;
  const count = hasCount ? cmd.integerIn(2, 0, i64.MAX_VALUE, NOT_POSITIVE) : 1;
  if (cmd.failed) return;
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return hasCount ? cmd.reply.nilArray() : cmd.reply.nil();
  if (!count) return cmd.reply.emptyArray();
  if (hasCount) {
    popRange(cmd, 1, entry, end, count);
    return;
  }
  Lists.reply(cmd.reply, Lists.peek(entry, end));
  Lists.drop(entry, end);
  listRemoved(cmd, 1, entry, end, 1);
}

/** LMPOP numkeys key [key …] LEFT | RIGHT [COUNT count] → the first key with a list, and elements of it. */
export function lmpop(cmd: Command): void {
  if (!Pops.read(cmd, 1)) return;
  for (let index = Pops.firstKey; index < Pops.firstKey + Pops.keys; index++) {
    if (Pops.popFrom(cmd, index)) return;
  }
  cmd.reply.nilArray();
}

/** LMOVE source destination LEFT | RIGHT LEFT | RIGHT → the element that was moved, or nil. */
export function lmove(cmd: Command): void {
  const from = endOf(cmd, 3);
  if (cmd.failed) return;
  const to = endOf(cmd, 4);
  if (!cmd.failed) move(cmd, from, to);
}

/** RPOPLPUSH source destination → the element that was moved, or nil. */
export function rpoplpush(cmd: Command): void {
  move(cmd, End.RIGHT, End.LEFT);
}

function move(cmd: Command, from: End, to: End): void {
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (entry) moveElement(cmd, entry, from, to);
  else cmd.reply.nil();
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────

/** LLEN key → the number of elements. */
export function llen(cmd: Command): void {
  const entry = cmd.read(1, Type.LIST);
  if (cmd.failed) return;
  cmd.reply.integer(entry ? Lists.length(entry) : 0);
}

/** LINDEX key index → the element, or nil; a negative index counts from the end. */
export function lindex(cmd: Command): void {
  const entry = cmd.read(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.nil();
  let index = cmd.integer(2);
  if (cmd.failed) return;
  const length = <i64>Lists.length(entry);
  if (index < 0) index += length;
  if (index < 0 || index >= length) return cmd.reply.nil();
  Lists.seek(entry, <u32>index);
  Lists.reply(cmd.reply, Lists.read());
}

/** What `Range.read` understood. */
class Range {
  static start: u32 = 0;
  static count: u32 = 0;

  /** Turns two indexes, negative ones from the end, into a part of so many elements. */
  static clamp(start: i64, stop: i64, length: i64): void {
    if (start < 0) start = max<i64>(start + length, 0);
    if (stop < 0) stop += length;
    stop = min(stop, length - 1);
    Range.start = start > stop ? 0 : <u32>start;
    Range.count = start > stop ? 0 : <u32>(stop - start + 1);
  }
}

/** LRANGE key start stop → the elements from start to stop, both included. */
export function lrange(cmd: Command): void {
  const start = cmd.integer(2);
  if (cmd.failed) return;
  const stop = cmd.integer(3);
  if (cmd.failed) return;
  const entry = cmd.read(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.emptyArray();
  Range.clamp(start, stop, Lists.length(entry));
  Lists.replyRange(cmd.reply, entry, Range.start, Range.count, false);
}

// ── changing ─────────────────────────────────────────────────────────────────────────────────

/** LSET key index element → OK. */
export function lset(cmd: Command): void {
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return cmd.fail("ERR no such key");
  let index = cmd.integer(2);
  if (cmd.failed) return;
  const length = <i64>Lists.length(entry);
  if (index < 0) index += length;
  if (index < 0 || index >= length) return cmd.fail("ERR index out of range");
  const element = cmd.arg(3);
  if (!Lists.makeRoom(entry, cmd, 3, 3)) return;
  Lists.replace(entry, <u32>index, element.ptr, element.len);
  Lists.settle(entry);
  cmd.reply.ok();
  cmd.changed(1, Notify.LIST, "lset");
}

/** LINSERT key BEFORE | AFTER pivot element → the new length, -1 without the pivot, 0 for a missing key. */
export function linsert(cmd: Command): void {
  const after = cmd.is(2, "after");
  if (!after && !cmd.is(2, "before")) return cmd.failSyntax();
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  const pivot = cmd.arg(3);
  const element = cmd.arg(4);
  if (!Lists.makeRoom(entry, cmd, 4, 4)) return;
  Listpack.want(pivot.ptr, pivot.len);
  Lists.seek(entry, 0);
  if (!Lists.findWanted()) return cmd.reply.integer(-1);
  Lists.insert(entry, element.ptr, element.len, after);
  cmd.reply.integer(Lists.length(entry));
  cmd.changed(1, Notify.LIST, "linsert");
}

/** LREM key count element → how many were removed: from the start, from the end (count < 0), or all (0). */
export function lrem(cmd: Command): void {
  const count = cmd.integer(2);
  if (cmd.failed) return;
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  const element = cmd.arg(3);
  const limit = count ? min<u64>(<u64>(count < 0 ? -count : count), u32.MAX_VALUE) : u32.MAX_VALUE;
  Listpack.want(element.ptr, element.len);
  const removed = Lists.removeWanted(entry, <u32>limit, count < 0 ? End.RIGHT : End.LEFT);
  cmd.reply.integer(removed);
  if (!removed) return;
  cmd.changed(1, Notify.LIST, "lrem", removed);
  removeIfEmpty(cmd, entry);
}

/** LTRIM key start stop → OK; only the elements from start to stop stay. */
export function ltrim(cmd: Command): void {
  const start = cmd.integer(2);
  if (cmd.failed) return;
  const stop = cmd.integer(3);
  if (cmd.failed) return;
  const entry = cmd.write(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.ok();
  const length = Lists.length(entry);
  Range.clamp(start, stop, length);
  const kept = Range.count;
  const behind = Range.start + kept;
  Lists.remove(entry, behind, length - behind);
  Lists.remove(entry, 0, Range.start);
  cmd.changed(1, Notify.LIST, "ltrim", length - kept);
  removeIfEmpty(cmd, entry);
  cmd.reply.ok();
}

function removeIfEmpty(cmd: Command, entry: Entry): void {
  if (Lists.length(entry)) return Lists.settle(entry);
  cmd.remove(1, entry);
  cmd.notify(1, Notify.GENERIC, "del");
}

// ── searching ────────────────────────────────────────────────────────────────────────────────

/** The options of LPOS. */
class Search {
  static rank: i64 = 1;
  /** -1: not given, the reply is one index. */
  static count: i64 = -1;
  static maxLength: i64 = 0;

  static read(cmd: Command): bool {
    Search.rank = 1;
    Search.count = -1;
    Search.maxLength = 0;
    for (let i = 3; i < cmd.argc; i += 2) {
      if (i + 1 == cmd.argc) cmd.failSyntax();
      else if (cmd.is(i, "rank")) Search.rank = Search.readRank(cmd, i + 1);
      else if (cmd.is(i, "count")) {
        Search.count = cmd.integerIn(i + 1, 0, i64.MAX_VALUE, "ERR COUNT can't be negative");
      } else if (cmd.is(i, "maxlen")) {
        Search.maxLength = cmd.integerIn(i + 1, 0, i64.MAX_VALUE, "ERR MAXLEN can't be negative");
      } else cmd.failSyntax();
      if (cmd.failed) return false;
    }
    return true;
  }

  private static readRank(cmd: Command, index: i32): i64 {
    const rank = cmd.integerWithOpposite(index);
    if (cmd.failed) return 0;
    if (!rank) {
      cmd.fail(
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
      );
    }
    return rank;
  }
}

/** LPOS key element [RANK rank] [COUNT count] [MAXLEN length] → the index of a match, or an array of them. */
export function lpos(cmd: Command): void {
  if (!Search.read(cmd)) return;
  const reply = cmd.reply;
  const isArray = Search.count >= 0;
  const entry = cmd.read(1, Type.LIST);
  if (cmd.failed) return;
  if (!entry) return isArray ? reply.emptyArray() : reply.nil();
  const element: Slice = cmd.arg(2);
  const length = <i64>Lists.length(entry);
  const backwards = Search.rank < 0;
  const most = Search.maxLength ? min(Search.maxLength, length) : length;
  let toSkip = (backwards ? -Search.rank : Search.rank) - 1;
  let found: u32 = 0;
  const mark = isArray ? reply.mark() : 0;
  Listpack.want(element.ptr, element.len);
  Lists.seek(entry, backwards ? <u32>(length - 1) : 0);
  for (let walked: i64 = 0; walked < most; walked++) {
    if (Lists.isWanted() && --toSkip < 0) {
      found++;
      reply.integer(backwards ? length - 1 - walked : walked);
      if (!isArray) return;
      if (Search.count && <i64>found >= Search.count) break;
    }
    if (backwards) Lists.previous();
    else Lists.next();
  }
  if (isArray) reply.closeArray(mark, found);
  else reply.nil();
}
