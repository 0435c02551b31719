// Sorted sets: ranges by rank, score and member, to be read, counted, stored or removed.

import { Command } from "../execution/command";
import { Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Notify } from "../sessions/notify";
import { IndexedSortedSet } from "../types/indexed-sorted-set";
import { Interval, LexRange, ScoreRange } from "../types/sorted-set-range";
import { SortedSetWalk } from "../types/sorted-set-walk";
import { SortedSet } from "../types/sorted-set";
import { SortedSetStore } from "./shared/sorted-set-store";

const enum By {
  /** The options BYSCORE and BYLEX say it; RANK when there is none. */
  OPTION,
  RANK,
  SCORE,
  LEX,
}

const enum Direction {
  /** The option REV says it. */
  OPTION,
  UP,
  DOWN,
}

/** ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES] → the members. */
export function zrange(cmd: Command): void {
  range(cmd, 1, By.OPTION, Direction.OPTION);
}

/** ZRANGESTORE dst src start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] → how many were stored. */
export function zrangestore(cmd: Command): void {
  range(cmd, 2, By.OPTION, Direction.OPTION);
}

/** ZREVRANGE key start stop [WITHSCORES] */
export function zrevrange(cmd: Command): void {
  range(cmd, 1, By.RANK, Direction.DOWN);
}

/** ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count] */
export function zrangebyscore(cmd: Command): void {
  range(cmd, 1, By.SCORE, Direction.UP);
}

/** ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count] */
export function zrevrangebyscore(cmd: Command): void {
  range(cmd, 1, By.SCORE, Direction.DOWN);
}

/** ZRANGEBYLEX key min max [LIMIT offset count] */
export function zrangebylex(cmd: Command): void {
  range(cmd, 1, By.LEX, Direction.UP);
}

/** ZREVRANGEBYLEX key max min [LIMIT offset count] */
export function zrevrangebylex(cmd: Command): void {
  range(cmd, 1, By.LEX, Direction.DOWN);
}

/** All of them: the key is argument `key`; where it is not the first, the result is stored in the first. */
function range(cmd: Command, key: i32, by: By, direction: Direction): void {
  const stores = key == 2;
  let withScores = false;
  let offset: i64 = 0;
  let count: i64 = -1;
  for (let i = key + 3; i < cmd.argc; i++) {
    if (!stores && cmd.is(i, "withscores")) {
      withScores = true;
    } else if (cmd.is(i, "limit") && i + 2 < cmd.argc) {
      offset = cmd.integer(i + 1);
      if (cmd.failed) return;
      count = cmd.integer(i + 2);
      if (cmd.failed) return;
      i += 2;
    } else if (direction == Direction.OPTION && cmd.is(i, "rev")) {
      direction = Direction.DOWN;
    } else if (by == By.OPTION && cmd.is(i, "bylex")) {
      by = By.LEX;
    } else if (by == By.OPTION && cmd.is(i, "byscore")) {
      by = By.SCORE;
    } else {
      return cmd.failSyntax();
    }
  }
  if (by == By.OPTION) by = By.RANK;
  const isReverse = direction == Direction.DOWN;
  if (count != -1 && by == By.RANK) {
    return cmd.fail(
      "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
    );
  }
  if (withScores && by == By.LEX) {
    return cmd.fail("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }

  const isSwapped = isReverse && by != By.RANK;
  const low = isSwapped ? key + 2 : key + 1;
  const high = isSwapped ? key + 1 : key + 2;
  let start: i64 = 0;
  let stop: i64 = 0;
  if (by == By.RANK) {
    start = cmd.integer(low);
    if (cmd.failed) return;
    stop = cmd.integer(high);
    if (cmd.failed) return;
  } else if (!parse(cmd, by, low, high)) return;

  const entry = cmd.read(key, Type.ZSET);
  if (cmd.failed) return;
  if (!entry) return stores ? SortedSetStore.nothing(cmd, 1) : cmd.reply.emptyArray();
  if (by == By.RANK) {
    Interval.ofRanks(entry, start, stop, isReverse);
  } else {
    locate(entry, by);
    Interval.limit(offset, count, isReverse);
  }
  if (stores) store(cmd, entry, isReverse);
  else reply(cmd, entry, isReverse, withScores);
}

/** Replies the members of the interval, from its end if `isReverse`. */
function reply(cmd: Command, entry: Entry, isReverse: bool, withScores: bool): void {
  const reply = cmd.reply;
  const length = Interval.length;
  const isNested = withScores && reply.isResp3;
  if (length > Command.LIGHT) cmd.measure();
  reply.array(withScores && !isNested ? length << 1 : length);
  if (!length) return;
  const walk = SortedSetWalk.main;
  walk.start(entry, isReverse ? Interval.to - 1 : Interval.from, isReverse);
  for (let rest = length; ; walk.step()) {
    if (isNested) reply.array(2);
    walk.replyMember(reply);
    if (withScores) reply.double(walk.memberScore);
    if (!--rest) return;
  }
}

/**
 * Stores the members of the interval in the key that is the first argument, added in the order they are
 * read in. As long as the new set could be a listpack, a score of -0 loses its sign as it would there.
 */
function store(cmd: Command, entry: Entry, isReverse: bool): void {
  const length = Interval.length;
  if (!length) return SortedSetStore.nothing(cmd, 1);
  const bytes = Types.size(Type.ZSET, entry.value, entry.encoding);
  if (!cmd.room(SortedSetStore.bytesFor(length, 0) + bytes)) return;
  cmd.measure();
  const walk = SortedSetWalk.main;
  walk.start(entry, isReverse ? Interval.to - 1 : Interval.from, isReverse);
  const set = IndexedSortedSet.create();
  let isSmall = true;
  for (let added: u32 = 1; ; walk.step()) {
    walk.read();
    isSmall = isSmall && SortedSet.fitsPacked(added, walk.len);
    const score = isSmall ? walk.memberScore + 0.0 : walk.memberScore;
    if (isReverse) set.add(score, walk.ptr, walk.len, IndexedSortedSet.hash(walk.ptr, walk.len));
    else set.addLast(score, walk.ptr, walk.len);
    if (added++ == length) break;
  }
  SortedSetStore.finish(cmd, 1, set, "zrangestore");
}

/** ZCOUNT key min max → the number of members with such scores. */
export function zcount(cmd: Command): void {
  count(cmd, By.SCORE);
}

/** ZLEXCOUNT key min max → the number of members between two. */
export function zlexcount(cmd: Command): void {
  count(cmd, By.LEX);
}

function count(cmd: Command, by: By): void {
  if (!parse(cmd, by, 2, 3)) return;
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  if (entry) locate(entry, by);
  cmd.reply.integer(entry ? Interval.length : 0);
}

/** ZREMRANGEBYRANK key start stop → how many were removed. */
export function zremrangebyrank(cmd: Command): void {
  removeRange(cmd, By.RANK, "zremrangebyrank");
}

/** ZREMRANGEBYSCORE key min max → how many were removed. */
export function zremrangebyscore(cmd: Command): void {
  removeRange(cmd, By.SCORE, "zremrangebyscore");
}

/** ZREMRANGEBYLEX key min max → how many were removed. */
export function zremrangebylex(cmd: Command): void {
  removeRange(cmd, By.LEX, "zremrangebylex");
}

function removeRange(cmd: Command, by: By, event: string): void {
  let start: i64 = 0;
  let stop: i64 = 0;
  if (by == By.RANK) {
    start = cmd.integer(2);
    if (cmd.failed) return;
    stop = cmd.integer(3);
    if (cmd.failed) return;
  } else if (!parse(cmd, by, 2, 3)) return;
  const entry = cmd.write(1, Type.ZSET);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  if (by == By.RANK) Interval.ofRanks(entry, start, stop, false);
  else locate(entry, by);
  const removed = Interval.length;
  cmd.reply.integer(removed);
  if (!removed) return;
  if (removed > Command.LIGHT) cmd.measure();
  const isEmptied = removed == SortedSet.length(entry);
  if (isEmptied) cmd.remove(1, entry);
  else SortedSet.removeRange(entry, Interval.from, Interval.to);
  cmd.changed(1, Notify.ZSET, event, removed);
  if (isEmptied) cmd.notify(1, Notify.GENERIC, "del");
}

/** Reads the bounds in two arguments; replies the error when they are none. */
function parse(cmd: Command, by: By, low: i32, high: i32): bool {
  if (by == By.SCORE) {
    if (ScoreRange.parse(cmd.arg(low), cmd.arg(high))) return true;
    cmd.fail("ERR min or max is not a float");
  } else {
    if (LexRange.parse(cmd.arg(low), cmd.arg(high))) return true;
    cmd.fail("ERR min or max not valid string range item");
  }
  return false;
}


@inline
function locate(entry: Entry, by: By): void {
  if (by == By.SCORE) ScoreRange.locate(entry);
  else LexRange.locate(entry);
}
