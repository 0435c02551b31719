// Sets: adding, removing, asking.

import { Encoding, Entry, Type } from "../keyspace/entry";
import { Member } from "../structures/member-table";
import { Notify } from "../sessions/notify";
import { Sets } from "../types/set";
import { SetWalk } from "../types/set-walk";
import { Bytes } from "../memory/bytes";
import { Command } from "../execution/command";
import { ScanArguments } from "./shared/scan-arguments";
import { TableScan } from "./shared/table-scan";

/** SADD key member [member …] → how many were not there. */
export function sadd(cmd: Command): void {
  let entry = cmd.write(1, Type.SET);
  if (cmd.failed) return;
  const count = <u32>cmd.argc - 2;
  if (!entry) entry = Sets.create(cmd, 1, cmd.arg(2).ptr, cmd.arg(2).len, count);
  else Sets.expect(entry, count);
  let added: u32 = 0;
  for (let i = 2; i < cmd.argc; i++) if (Sets.add(entry, cmd.arg(i).ptr, cmd.arg(i).len)) added++;
  if (added) cmd.changed(1, Notify.SET, "sadd", added);
  cmd.reply.integer(added);
}

/** SREM key member [member …] → how many were there. */
export function srem(cmd: Command): void {
  const entry = cmd.write(1, Type.SET);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  let removed: u32 = 0;
  for (let i = 2; i < cmd.argc; i++)
    if (Sets.remove(entry, cmd.arg(i).ptr, cmd.arg(i).len)) removed++;
  if (removed) {
    const isEmpty = !Sets.length(entry);
    if (isEmpty) cmd.remove(1, entry);
    cmd.changed(1, Notify.SET, "srem", removed);
    if (isEmpty) cmd.notify(1, Notify.GENERIC, "del");
  }
  cmd.reply.integer(removed);
}

/** SMOVE source destination member → 1 if it was moved. */
export function smove(cmd: Command): void {
  const source = cmd.write(1, Type.ANY);
  if (!source) return cmd.reply.integer(0);
  let target = cmd.write(2, Type.ANY);
  if (source.type != Type.SET || (target && target.type != Type.SET)) return cmd.failType();
  const member = cmd.arg(3);
  const from = cmd.arg(1);
  const to = cmd.arg(2);
  if (from.len == to.len && Bytes.equal(from.ptr, to.ptr, from.len)) {
    return cmd.reply.integer(Sets.has(source, member.ptr, member.len) ? 1 : 0);
  }
  if (!Sets.remove(source, member.ptr, member.len)) return cmd.reply.integer(0);
  const isEmpty = !Sets.length(source);
  if (isEmpty) cmd.remove(1, source);
  cmd.changed(1, Notify.SET, "srem");
  if (isEmpty) cmd.notify(1, Notify.GENERIC, "del");
  if (!target) target = Sets.create(cmd, 2, member.ptr, member.len, 1);
  if (Sets.add(target, member.ptr, member.len)) cmd.changed(2, Notify.SET, "sadd");
  cmd.reply.integer(1);
}

/** SISMEMBER key member → 1 if it is there. */
export function sismember(cmd: Command): void {
  const entry = cmd.read(1, Type.SET);
  if (cmd.failed) return;
  cmd.reply.integer(entry && Sets.has(entry, cmd.arg(2).ptr, cmd.arg(2).len) ? 1 : 0);
}

/** SMISMEMBER key member [member …] → for each 1 if it is there. */
export function smismember(cmd: Command): void {
  const entry = cmd.read(1, Type.SET);
  if (cmd.failed) return;
  cmd.reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) {
    cmd.reply.integer(entry && Sets.has(entry, cmd.arg(i).ptr, cmd.arg(i).len) ? 1 : 0);
  }
}

/** SCARD key → how many members there are. */
export function scard(cmd: Command): void {
  const entry = cmd.read(1, Type.SET);
  if (cmd.failed) return;
  cmd.reply.integer(entry ? Sets.length(entry) : 0);
}

/** SMEMBERS key → all members. */
export function smembers(cmd: Command): void {
  const entry = cmd.read(1, Type.SET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) return reply.set(0);
  reply.set(Sets.length(entry));
  const walk = SetWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) reply.bulk(walk.ptr, walk.len);
}

/** SSCAN key cursor [MATCH pattern] [COUNT count] → the next cursor and some members. */
export function sscan(cmd: Command): void {
  if (!ScanArguments.parseCursor(cmd, 2)) return;
  const entry = cmd.read(1, Type.SET);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) {
    ScanArguments.replyCursor(reply, 0);
    return reply.emptyArray();
  }
  if (!ScanArguments.parseOptions(cmd, 3)) return;
  if (entry.encoding == Encoding.HASHTABLE) return scanTable(cmd, entry);
  ScanArguments.replyCursor(reply, 0);
  const mark = reply.mark();
  let found: u32 = 0;
  const walk = SetWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) {
    if (!ScanArguments.matches(walk.ptr, walk.len)) continue;
    reply.bulk(walk.ptr, walk.len);
    found++;
  }
  reply.closeArray(mark, found);
}

function scanTable(cmd: Command, entry: Entry): void {
  const table = Sets.table(entry);
  const reply = cmd.reply;
  TableScan.start<Member>(reply, table);
  const mark = reply.mark();
  let found: u32 = 0;
  let member = TableScan.next<Member>(table);
  for (; member; member = TableScan.next<Member>(table)) {
    if (!ScanArguments.matches(member.keyPtr, member.keyLen)) continue;
    reply.bulk(member.keyPtr, member.keyLen);
    found++;
  }
  reply.closeArray(mark, found);
}
