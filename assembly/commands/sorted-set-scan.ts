// Sorted sets: members at random, and all members in the order of the table.

import { Double } from "../algorithms/double";
import { Random } from "../algorithms/random";
import { Command } from "../execution/command";
import { Entry, Type } from "../keyspace/entry";
import { Heap } from "../memory/heap";
import { ScoredMember } from "../structures/scored-member";
import { SortedSet } from "../types/sorted-set";
import { SortedSetWalk } from "../types/sorted-set-walk";
import { ScanArguments } from "./shared/scan-arguments";
import { TableScan } from "./shared/table-scan";

const text: usize = memory.data(32);

/** ZRANDMEMBER key [count [WITHSCORES]] → a member; with a count so many, each once unless it is negative. */
export function zrandmember(cmd: Command): void {
  let count: i64 = 0;
  const withScores = cmd.argc > 3;
  if (cmd.argc > 2) {
    count = cmd.integerWithOpposite(2);
    if (cmd.failed) return;
    if (cmd.argc > 4 || (withScores && !cmd.is(3, "withscores"))) return cmd.failSyntax();
    const most = i64.MAX_VALUE / 2;
    if (withScores && (count > most || count < -most)) return cmd.fail("ERR value is out of range");
  }
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (cmd.argc == 2) {
    if (!entry) return reply.nil();
    const walk = SortedSetWalk.main;
    walk.start(entry, Random.below(SortedSet.length(entry)), false);
    return walk.replyMember(reply);
  }
  if (!entry || !count) return reply.emptyArray();
  if (count < 0) return replyAnyMembers(cmd, entry, -count, withScores);
  const length = SortedSet.length(entry);
  const wanted = <u32>min<i64>(count, length);
  replyHeader(cmd, wanted, withScores);
  if (length / wanted < 3) replySelection(cmd, entry, length, wanted, withScores);
  else replyDraws(cmd, entry, length, wanted, withScores);
}

function replyHeader(cmd: Command, count: u32, withScores: bool): void {
  if (count > Command.LIGHT) cmd.measure();
  cmd.reply.array(withScores && !cmd.isResp3 ? count << 1 : count);
}


@inline
function replyMember(cmd: Command, walk: SortedSetWalk, withScores: bool): void {
  const reply = cmd.reply;
  if (withScores && reply.isResp3) reply.array(2);
  walk.replyMember(reply);
  if (withScores) reply.double(walk.memberScore);
}

/** Members drawn one by one, the same one perhaps more than once. */
function replyAnyMembers(cmd: Command, entry: Entry, count: i64, withScores: bool): void {
  if (!cmd.room((<u64>min<i64>(count, u32.MAX_VALUE)) << 4)) return;
  const length = SortedSet.length(entry);
  const walk = SortedSetWalk.main;
  replyHeader(cmd, <u32>count, withScores);
  for (; count; count--) {
    walk.start(entry, Random.below(length), false);
    replyMember(cmd, walk, withScores);
  }
}

/** A large part of all members: each is taken with the chance that just fills what is still wanted. */
function replySelection(
  cmd: Command,
  entry: Entry,
  length: u32,
  wanted: u32,
  withScores: bool,
): void {
  const walk = SortedSetWalk.main;
  walk.start(entry, 0, false);
  for (let left = length; ; left--, walk.step()) {
    if (Random.below(left) >= wanted) continue;
    replyMember(cmd, walk, withScores);
    if (!--wanted) return;
  }
}

/**
 * A small part of all members: ranks drawn without repetition (Floyd's algorithm; Bentley, 1987), with
 * those that were drawn in a table of open addressing, each stored as rank + 1.
 */
function replyDraws(cmd: Command, entry: Entry, length: u32, wanted: u32, withScores: bool): void {
  const slots = (<u32>1) << (33 - clz(wanted));
  const drawn = Heap.alloc((<usize>slots) << 2);
  memory.fill(drawn, 0, (<usize>slots) << 2);
  const walk = SortedSetWalk.main;
  for (let limit = length - wanted; limit < length; limit++) {
    const rank = Random.below(limit + 1);
    const fresh = addDraw(drawn, slots - 1, rank) ? rank : limit;
    if (fresh != rank) addDraw(drawn, slots - 1, fresh);
    walk.start(entry, fresh, false);
    replyMember(cmd, walk, withScores);
  }
  Heap.free(drawn);
}

function addDraw(drawn: usize, mask: u32, rank: u32): bool {
  for (let at = (rank * 0x9e3779b1) & mask; ; at = (at + 1) & mask) {
    const slot = drawn + ((<usize>at) << 2);
    const found = load<u32>(slot);
    if (found == rank + 1) return false;
    if (found) continue;
    store<u32>(slot, rank + 1);
    return true;
  }
}

/** ZSCAN key cursor [MATCH pattern] [COUNT count] → the next cursor, and members with their scores. */
export function zscan(cmd: Command): void {
  if (!ScanArguments.parseCursor(cmd, 2)) return;
  const entry = cmd.read(1, Type.ZSET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) {
    ScanArguments.replyCursor(reply, 0);
    return reply.emptyArray();
  }
  if (!ScanArguments.parseOptions(cmd, 3)) return;
  if (SortedSet.isPacked(entry)) scanPacked(cmd, entry);
  else scanTable(cmd, entry);
}

function scanPacked(cmd: Command, entry: Entry): void {
  const reply = cmd.reply;
  ScanArguments.replyCursor(reply, 0);
  const mark = reply.mark();
  let found: u32 = 0;
  const walk = SortedSetWalk.main;
  walk.start(entry, 0, false);
  for (let rest = SortedSet.length(entry); ; walk.step()) {
    walk.read();
    if (ScanArguments.matches(walk.ptr, walk.len)) {
      reply.bulk(walk.ptr, walk.len);
      reply.bulk(text, Double.format(walk.memberScore, text));
      found += 2;
    }
    if (!--rest) break;
  }
  reply.closeArray(mark, found);
}

function scanTable(cmd: Command, entry: Entry): void {
  const table = SortedSet.indexed(entry).table;
  const reply = cmd.reply;
  TableScan.start<ScoredMember>(reply, table);
  const mark = reply.mark();
  let found: u32 = 0;
  let member = TableScan.next<ScoredMember>(table);
  for (; member; member = TableScan.next<ScoredMember>(table)) {
    if (!ScanArguments.matches(member.keyPtr, member.keyLen)) continue;
    reply.bulk(member.keyPtr, member.keyLen);
    reply.bulk(text, Double.format17(member.score, text));
    found += 2;
  }
  reply.closeArray(mark, found);
}
