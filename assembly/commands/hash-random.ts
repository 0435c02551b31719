// Hashes: fields at random.

import { Random } from "../algorithms/random";
import { Entry, Type } from "../keyspace/entry";
import { MemberTable } from "../structures/member-table";
import { Hashes } from "../types/hash";
import { HashWalk } from "../types/hash-walk";
import { Command } from "../execution/command";

/** HRANDFIELD key [count [WITHVALUES]] → a field; with a count so many, each once unless it is negative. */
export function hrandfield(cmd: Command): void {
  const reply = cmd.reply;
  let count: i64 = 0;
  const withValues = cmd.argc > 3;
  if (cmd.argc > 2) {
    count = cmd.integerWithOpposite(2);
    if (cmd.failed) return;
    if (cmd.argc > 4 || (withValues && !cmd.is(3, "withvalues"))) return cmd.failSyntax();
    const most = i64.MAX_VALUE / 2;
    if (withValues && (count > most || count < -most)) return cmd.fail("ERR value is out of range");
  }
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  const walk = HashWalk.main;
  if (cmd.argc == 2) {
    if (!entry || !Hashes.liveLength(entry)) return reply.nil();
    Hashes.random(entry, walk);
    return reply.bulk(walk.ptr, walk.len);
  }
  if (!entry || !count) return reply.emptyArray();
  const length = Hashes.liveLength(entry);
  if (!length) return cmd.argc == 2 ? reply.nil() : reply.emptyArray();
  if (count < 0) {
    if (!cmd.room((<u64>min<i64>(-count, u32.MAX_VALUE)) << 4)) return;
    replyHeader(cmd, <u32>-count, withValues);
    for (; count; count++) {
      Hashes.random(entry, walk);
      replyPair(cmd, walk, withValues);
    }
    return;
  }
  const wanted = <u32>min<i64>(count, length);
  replyHeader(cmd, wanted, withValues);
  if (Hashes.isPacked(entry) || wanted * 3 > length)
    replySelection(cmd, entry, length, wanted, withValues);
  else replyDraws(cmd, entry, wanted, withValues);
}

function replyHeader(cmd: Command, count: u32, withValues: bool): void {
  cmd.reply.array(withValues && !cmd.isResp3 ? count << 1 : count);
}

function replyPair(cmd: Command, walk: HashWalk, withValues: bool): void {
  const reply = cmd.reply;
  if (withValues && reply.isResp3) reply.array(2);
  reply.bulk(walk.ptr, walk.len);
  if (withValues) reply.bulk(walk.valuePtr, walk.valueLen);
}

/** A large part of all: each field is taken with the chance that fills what is still wanted. */
function replySelection(
  cmd: Command,
  entry: Entry,
  length: u32,
  wanted: u32,
  withValues: bool,
): void {
  const walk = HashWalk.main;
  walk.start(entry.value, entry.encoding);
  for (let left = length; wanted && walk.next(); left--) {
    if (Random.below(left) >= wanted) continue;
    replyPair(cmd, walk, withValues);
    wanted--;
  }
}

/** A small part: fields are drawn until so many different ones were. */
function replyDraws(cmd: Command, entry: Entry, wanted: u32, withValues: bool): void {
  const drawn = MemberTable.make();
  const walk = HashWalk.main;
  while (drawn.count < wanted) {
    Hashes.random(entry, walk);
    if (drawn.add(walk.ptr, walk.len)) replyPair(cmd, walk, withValues);
  }
  drawn.freeSome(i32.MAX_VALUE);
}
