// Sets: members at random.

import { Random } from "../algorithms/random";
import { Entry, Type } from "../keyspace/entry";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Heap } from "../memory/heap";
import { MemberTable } from "../structures/member-table";
import { Sets } from "../types/set";
import { SetWalk } from "../types/set-walk";
import { Command } from "../execution/command";

/** SRANDMEMBER key [count] → a member; with a count so many, each once unless it is negative. */
export function srandmember(cmd: Command): void {
  const reply = cmd.reply;
  let count: i64 = 0;
  if (cmd.argc == 3) {
    count = cmd.integerWithOpposite(2);
    if (cmd.failed) return;
  }
  if (cmd.argc > 3) return cmd.failSyntax();
  const entry = cmd.read(1, Type.SET);
  if (cmd.failed) return;
  const walk = SetWalk.main;
  if (cmd.argc == 2) {
    if (!entry) return reply.nil();
    Sets.random(entry, walk);
    return reply.bulk(walk.ptr, walk.len);
  }
  if (!entry || !count) return reply.emptyArray();
  const length = Sets.length(entry);
  if (count < 0) {
    if (!cmd.room((<u64>min<i64>(-count, u32.MAX_VALUE)) << 4)) return;
    reply.array(<u32>-count);
    for (; count; count++) {
      Sets.random(entry, walk);
      reply.bulk(walk.ptr, walk.len);
    }
    return;
  }
  const wanted = <u32>min<i64>(count, length);
  reply.array(wanted);
  if (wanted * 3 > length) replySelection(cmd, entry, length, wanted);
  else replyDraws(cmd, entry, wanted);
}

/** A large part of all: each member is taken with the chance that fills what is still wanted. */
function replySelection(cmd: Command, entry: Entry, length: u32, wanted: u32): void {
  const walk = SetWalk.main;
  walk.start(entry.value, entry.encoding);
  for (let left = length; wanted && walk.next(); left--) {
    if (Random.below(left) >= wanted) continue;
    cmd.reply.bulk(walk.ptr, walk.len);
    wanted--;
  }
}

/** A small part: members are drawn until so many different ones were. */
function replyDraws(cmd: Command, entry: Entry, wanted: u32): void {
  const drawn = MemberTable.make();
  const walk = SetWalk.main;
  while (drawn.count < wanted) {
    Sets.random(entry, walk);
    if (drawn.add(walk.ptr, walk.len)) cmd.reply.bulk(walk.ptr, walk.len);
  }
  drawn.freeSome(i32.MAX_VALUE);
}

/** SPOP key [count] → members at random, which are gone. */
export function spop(cmd: Command): void {
  if (cmd.argc > 3) return cmd.failSyntax();
  let count: i64 = 1;
  if (cmd.argc == 3) {
    count = cmd.integerIn(2, 0, i64.MAX_VALUE, "ERR value is out of range, must be positive");
    if (cmd.failed) return;
  }
  const entry = cmd.write(1, Type.SET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) {
    if (cmd.argc == 2) reply.nil();
    else reply.set(0);
    return;
  }
  if (!count) return reply.set(0);
  const length = Sets.length(entry);
  if (cmd.argc == 3) reply.set(<u32>min<i64>(count, length));
  if (count >= <i64>length) popAll(cmd, entry);
  else popSome(cmd, entry, <u32>count);
}

function popAll(cmd: Command, entry: Entry): void {
  const walk = SetWalk.main;
  const length = Sets.length(entry);
  walk.start(entry.value, entry.encoding);
  while (walk.next()) cmd.reply.bulk(walk.ptr, walk.len);
  cmd.remove(1, entry);
  cmd.effect(2);
  Effects.text("DEL");
  Effects.slice(cmd.arg(1));
  cmd.changed(1, Notify.SET, "spop", length);
  cmd.notify(1, Notify.GENERIC, "del");
}

function popSome(cmd: Command, entry: Entry, count: u32): void {
  const walk = SetWalk.main;
  cmd.effect(2 + count);
  Effects.text("SREM");
  Effects.slice(cmd.arg(1));
  for (let i: u32 = 0; i < count; i++) {
    Sets.random(entry, walk);
    cmd.reply.bulk(walk.ptr, walk.len);
    Effects.bytes(walk.ptr, walk.len);
    // The bytes may lie in the set itself, which moves when it changes.
    const copy = Heap.alloc(walk.len);
    memory.copy(copy, walk.ptr, walk.len);
    Sets.remove(entry, copy, walk.len);
    Heap.free(copy);
  }
  cmd.changed(1, Notify.SET, "spop", count);
}
