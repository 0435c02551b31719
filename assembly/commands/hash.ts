// Hashes: setting, getting and removing fields.

import { Integer } from "../algorithms/integer";
import { LongDouble } from "../algorithms/long-double";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Field } from "../structures/field-table";
import { Hashes } from "../types/hash";
import { HashWalk } from "../types/hash-walk";
import { Command } from "../execution/command";
import { ScanArguments } from "./shared/scan-arguments";
import { TableScan } from "./shared/table-scan";

/** HSET key field value [field value …] → how many fields are new. */
export function hset(cmd: Command): void {
  if (cmd.argc & 1) return cmd.failArity();
  const created = setFields(cmd);
  if (!cmd.failed) cmd.reply.integer(created);
}

/** HMSET key field value [field value …] */
export function hmset(cmd: Command): void {
  if (cmd.argc & 1) return cmd.failArity();
  setFields(cmd);
  if (!cmd.failed) cmd.reply.ok();
}

function setFields(cmd: Command): u32 {
  let entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return 0;
  if (!entry) entry = Hashes.create(cmd, 1);
  Hashes.expect(entry, cmd, 2, cmd.argc);
  let created: u32 = 0;
  for (let i = 2; i < cmd.argc; i += 2) {
    const field = cmd.arg(i);
    const value = cmd.arg(i + 1);
    if (Hashes.set(entry, field.ptr, field.len, value.ptr, value.len)) created++;
  }
  cmd.changed(1, Notify.HASH, "hset", (<u32>(cmd.argc - 2)) >> 1);
  return created;
}

/** HSETNX key field value → 1 if the field was not there and is now. */
export function hsetnx(cmd: Command): void {
  let entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  const field = cmd.arg(2);
  const value = cmd.arg(3);
  if (entry && Hashes.find(entry, field.ptr, field.len)) return cmd.reply.integer(0);
  if (!entry) entry = Hashes.create(cmd, 1);
  Hashes.expect(entry, cmd, 2, 4);
  Hashes.set(entry, field.ptr, field.len, value.ptr, value.len);
  cmd.changed(1, Notify.HASH, "hset");
  cmd.reply.integer(1);
}

/** HGET key field → the value, or nil. */
export function hget(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  replyField(cmd, entry, 2);
}

/** HMGET key field [field …] → each value, or nil. */
export function hmget(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.array(cmd.argc - 2);
  for (let i = 2; i < cmd.argc; i++) replyField(cmd, entry, i);
}


@inline
function replyField(cmd: Command, entry: Entry | null, index: i32): void {
  if (entry && Hashes.find(entry, cmd.arg(index).ptr, cmd.arg(index).len))
    Hashes.replyFound(cmd.reply);
  else cmd.reply.nil();
}

/** HEXISTS key field → 1 if it is there. */
export function hexists(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.integer(entry && Hashes.find(entry, cmd.arg(2).ptr, cmd.arg(2).len) ? 1 : 0);
}

/** HSTRLEN key field → the length of the value. */
export function hstrlen(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.integer(entry && Hashes.find(entry, cmd.arg(2).ptr, cmd.arg(2).len) ? Hashes.len : 0);
}

/** HLEN key → how many fields there are. */
export function hlen(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.integer(entry ? Hashes.length(entry) : 0);
}

/** HDEL key field [field …] → how many were there. */
export function hdel(cmd: Command): void {
  const entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  let removed: u32 = 0;
  for (let i = 2; i < cmd.argc; i++)
    if (Hashes.remove(entry, cmd.arg(i).ptr, cmd.arg(i).len)) removed++;
  if (removed) {
    const isEmpty = !Hashes.length(entry);
    if (isEmpty) cmd.remove(1, entry);
    cmd.changed(1, Notify.HASH, "hdel", removed);
    if (isEmpty) cmd.notify(1, Notify.GENERIC, "del");
  }
  cmd.reply.integer(removed);
}

/** HGETALL key → all fields with their values. */
export function hgetall(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) return reply.map(0);
  reply.map(Hashes.liveLength(entry));
  const walk = HashWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) {
    reply.bulk(walk.ptr, walk.len);
    reply.bulk(walk.valuePtr, walk.valueLen);
  }
}

/** HKEYS key → all fields. */
export function hkeys(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) return reply.emptyArray();
  reply.array(Hashes.liveLength(entry));
  const walk = HashWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) reply.bulk(walk.ptr, walk.len);
}

/** HVALS key → all values. */
export function hvals(cmd: Command): void {
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) return reply.emptyArray();
  reply.array(Hashes.liveLength(entry));
  const walk = HashWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) reply.bulk(walk.valuePtr, walk.valueLen);
}

const sumDigits: usize = memory.data(24);

/** HINCRBY key field increment → the sum. */
export function hincrby(cmd: Command): void {
  const amount = cmd.integer(3);
  if (cmd.failed) return;
  let entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  const field = cmd.arg(2);
  let value: i64 = 0;
  if (entry && Hashes.find(entry, field.ptr, field.len)) {
    if (!Integer.parse(Hashes.ptr, Hashes.len)) return cmd.fail("ERR hash value is not an integer");
    value = Integer.value;
  }
  if (amount < 0 ? value < i64.MIN_VALUE - amount : value > i64.MAX_VALUE - amount) {
    return cmd.fail("ERR increment or decrement would overflow");
  }
  value += amount;
  if (!entry) entry = Hashes.create(cmd, 1);
  Hashes.expect(entry, cmd, 2, 3);
  Hashes.update(entry, field.ptr, field.len, sumDigits, Integer.format(value, sumDigits));
  cmd.changed(1, Notify.HASH, "hincrby");
  cmd.reply.integer(value);
}

const sum = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));
const increment = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));
const sumText: usize = memory.data(LongDouble.MAX_LENGTH);

/** HINCRBYFLOAT key field increment → the sum, in the arithmetic of x86 long doubles. */
export function hincrbyfloat(cmd: Command): void {
  const amount = cmd.arg(3);
  if (!increment.parse(amount.ptr, amount.len)) return cmd.fail("ERR value is not a valid float");
  if (!increment.isFinite) return cmd.fail("ERR value is NaN or Infinity");
  let entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  const field = cmd.arg(2);
  sum.setInteger(0);
  if (entry && Hashes.find(entry, field.ptr, field.len) && !sum.parse(Hashes.ptr, Hashes.len)) {
    return cmd.fail("ERR hash value is not a float");
  }
  sum.add(increment);
  if (!sum.isFinite) return cmd.fail("ERR increment would produce NaN or Infinity");
  if (!entry) entry = Hashes.create(cmd, 1);
  const length = sum.format(sumText);
  Hashes.expect(entry, cmd, 2, 3);
  if (length > 64 && Hashes.isPacked(entry)) Hashes.toTable(entry);
  Hashes.update(entry, field.ptr, field.len, sumText, length);
  cmd.effect(4);
  Effects.text("HSET");
  Effects.slice(cmd.arg(1));
  Effects.slice(field);
  Effects.bytes(sumText, length);
  cmd.changed(1, Notify.HASH, "hincrbyfloat");
  cmd.reply.bulk(sumText, length);
}

/** HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES] → the next cursor, some fields and values. */
export function hscan(cmd: Command): void {
  if (!ScanArguments.parseCursor(cmd, 2)) return;
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  const reply = cmd.reply;
  if (!entry) {
    ScanArguments.replyCursor(reply, 0);
    return reply.emptyArray();
  }
  let withValues = true;
  for (let i = 3; i < cmd.argc;) {
    if (cmd.is(i, "novalues")) {
      withValues = false;
      i++;
      continue;
    }
    const taken = ScanArguments.option(cmd, i);
    if (cmd.failed) return;
    if (!taken) return cmd.failSyntax();
    i += taken;
  }
  if (entry.encoding == Encoding.HASHTABLE) return scanTable(cmd, entry, withValues);
  ScanArguments.replyCursor(reply, 0);
  const mark = reply.mark();
  let found: u32 = 0;
  const walk = HashWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) found += replyScanned(cmd, walk, withValues);
  reply.closeArray(mark, found);
}

function scanTable(cmd: Command, entry: Entry, withValues: bool): void {
  const table = Hashes.table(entry);
  const reply = cmd.reply;
  TableScan.start<Field>(reply, table);
  const mark = reply.mark();
  let found: u32 = 0;
  const walk = HashWalk.main;
  let field = TableScan.next<Field>(table);
  for (; field; field = TableScan.next<Field>(table)) {
    if (field.isDue) continue;
    walk.setField(field);
    found += replyScanned(cmd, walk, withValues);
  }
  reply.closeArray(mark, found);
}

/** Replies a field that is wanted; how many elements that were. */
function replyScanned(cmd: Command, walk: HashWalk, withValues: bool): u32 {
  if (!ScanArguments.matches(walk.ptr, walk.len)) return 0;
  cmd.reply.bulk(walk.ptr, walk.len);
  if (!withValues) return 1;
  cmd.reply.bulk(walk.valuePtr, walk.valueLen);
  return 2;
}
