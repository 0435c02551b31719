// Keys of any type: deleting, testing, renaming, copying, finding.

import { Glob } from "../algorithms/glob";
import { Random } from "../algorithms/random";
import { Database } from "../keyspace/database";
import { Entry, Type } from "../keyspace/entry";
import { Garbage, Release } from "../keyspace/garbage";
import { Keyspace } from "../keyspace/keyspace";
import { Types } from "../keyspace/types";
import { Clock } from "../memory/clock";
import { Slice } from "../memory/slice";
import { Bytes } from "../memory/bytes";
import { Bucket } from "../structures/table";
import { Notify } from "../sessions/notify";
import { Changes } from "../sessions/changes";
import { SessionFlag } from "../sessions/session";
import { Command } from "../execution/command";
import { ScanArguments } from "./shared/scan-arguments";
import { TableScan } from "./shared/table-scan";
import { Values } from "../types/values";

/** DEL key [key …] → how many were there. */
export function del(cmd: Command): void {
  remove(cmd, Release.DEL);
}

/** UNLINK key [key …]: as DEL, but nothing big is freed before the reply. */
export function unlink(cmd: Command): void {
  remove(cmd, Release.UNLINK);
}

function remove(cmd: Command, reason: Release): void {
  let removed = 0;
  for (let i = 1; i < cmd.argc; i++) {
    const entry = cmd.write(i, Type.ANY);
    if (!entry) continue;
    Garbage.reason = reason;
    cmd.remove(i, entry);
    Garbage.reason = Release.SERVER;
    cmd.changed(i, Notify.GENERIC, "del");
    removed++;
  }
  cmd.reply.integer(removed);
}

/** EXISTS key [key …] → how many are there; a key named twice counts twice. */
export function exists(cmd: Command): void {
  let found = 0;
  for (let i = 1; i < cmd.argc; i++) if (cmd.read(i, Type.ANY)) found++;
  cmd.reply.integer(found);
}

/** TOUCH key [key …] → how many are there. */
export function touch(cmd: Command): void {
  exists(cmd);
}

/** TYPE key → the type's name, or none. */
export function type(cmd: Command): void {
  const key = cmd.arg(1);
  const entry = Keyspace.peek(cmd.db, key.ptr, key.len, cmd.hashOf(1));
  cmd.reply.status(entry ? Types.nameOf(entry.type) : "none");
}

/** RENAME key newkey */
export function rename(cmd: Command): void {
  if (move_(cmd, false)) cmd.reply.ok();
}

/** RENAMENX key newkey → 0 when the new key exists. */
export function renamenx(cmd: Command): void {
  if (move_(cmd, true)) cmd.reply.integer(1);
}

function move_(cmd: Command, onlyNew: bool): bool {
  const entry = cmd.write(1, Type.ANY);
  if (!entry) {
    cmd.fail("ERR no such key");
    return false;
  }
  const from = cmd.arg(1);
  const to = cmd.arg(2);
  if (from.len == to.len && Bytes.equal(from.ptr, to.ptr, from.len)) {
    if (!onlyNew) return true;
    cmd.reply.integer(0);
    return false;
  }
  const there = cmd.write(2, Type.ANY);
  if (there) {
    if (onlyNew) {
      cmd.reply.integer(0);
      return false;
    }
    cmd.remove(2, there);
  }
  const db = cmd.db;
  const fromHash = cmd.hashOf(1);
  const toHash = cmd.hashOf(2);
  Values.transplant(db, entry, fromHash, db, to, toHash);
  cmd.changed(1, Notify.GENERIC, "rename_from");
  cmd.changed(2, Notify.GENERIC, "rename_to");
  return true;
}

/** MOVE key db → 1 if it was moved. */
export function move(cmd: Command): void {
  const db = cmd.db;
  const index = cmd.integer32(2);
  if (cmd.failed) return;
  if (index < 0 || index >= <i64>Keyspace.databaseCount)
    return cmd.fail("ERR DB index is out of range");
  if (index == <i64>db.index) return cmd.fail("ERR source and destination objects are the same");
  const target = Keyspace.database(<u32>index);
  const key = cmd.arg(1);
  const hash = cmd.hashOf(1);
  const entry = cmd.write(1, Type.ANY);
  if (!entry || Keyspace.peek(target, key.ptr, key.len, hash)) return cmd.reply.integer(0);
  Values.transplant(db, entry, hash, target, key, hash);
  cmd.changed(1, Notify.GENERIC, "move_from");
  Changes.signal(target, key.ptr, key.len);
  Notify.event(Notify.GENERIC, "move_to", key.ptr, key.len, target.index);
  cmd.reply.integer(1);
}

/** COPY source destination [DB db] [REPLACE] → 1 if it was copied. */
export function copy(cmd: Command): void {
  let replaces = false;
  let target = cmd.db;
  for (let i = 3; i < cmd.argc; i++) {
    if (cmd.is(i, "replace")) replaces = true;
    else if (cmd.is(i, "db") && i + 1 < cmd.argc) {
      const index = cmd.integer32(++i);
      if (cmd.failed) return;
      if (index < 0 || index >= <i64>Keyspace.databaseCount)
        return cmd.fail("ERR DB index is out of range");
      target = Keyspace.database(<u32>index);
    } else {
      return cmd.failSyntax();
    }
  }
  const from = cmd.arg(1);
  const to = cmd.arg(2);
  const isSame = from.len == to.len && Bytes.equal(from.ptr, to.ptr, from.len);
  if (target == cmd.db && isSame)
    return cmd.fail("ERR source and destination objects are the same");
  const source = cmd.read(1, Type.ANY);
  if (!source) return cmd.reply.integer(0);
  const toHash = cmd.hashOf(2);
  const there = Keyspace.peek(target, to.ptr, to.len, toHash);
  if (there && !replaces) return cmd.reply.integer(0);
  if (!cmd.room(Values.size(source))) return;
  if (there) {
    Keyspace.edit(target, there);
    target.remove(there, toHash);
  }
  const made = Values.copy(source, target, to, toHash);
  if (source.isVolatile) target.setExpiry(made, toHash, source.expiry);
  cmd.dirty++;
  Changes.signal(target, to.ptr, to.len);
  Notify.event(Notify.GENERIC, "copy_to", to.ptr, to.len, target.index);
  cmd.reply.integer(1);
}

/** RANDOMKEY → a key, or nil. */
export function randomkey(cmd: Command): void {
  const db = cmd.db;
  // A replica cannot remove what is expired: after so many tries it shows such a key.
  for (let tries = 0; db.count; tries++) {
    const entry = db.tableAt(randomTable(db)).randomItem(Random.next());
    if (!entry) continue;
    if (
      entry.isVolatile &&
      tries < 100 &&
      Keyspace.dropExpired(db, entry, Database.hash(entry.keyPtr, entry.keyLen))
    ) {
      continue;
    }
    return cmd.reply.bulk(entry.keyPtr, entry.keyLen);
  }
  cmd.reply.nil();
}

function randomTable(db: Database): u32 {
  return db.tableCount == 1 ? 0 : Random.below(db.tableCount);
}

/** KEYS pattern → all keys that match. */
export function keys(cmd: Command): void {
  const db = cmd.db;
  const pattern = cmd.arg(1);
  const matchesAll = pattern.len == 1 && load<u8>(pattern.ptr) == 42;
  const reply = cmd.reply;
  const mark = reply.mark();
  let count: u32 = 0;
  for (let slot: u32 = 0; slot < db.tableCount; slot++) {
    const table = db.tableAt(slot);
    const buckets = table.buckets;
    for (let index: u32 = 0; index < buckets; index++) {
      let bucket: Bucket | null = table.bucketAt(index);
      while (bucket) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          const entry = changetype<Entry>(bucket.item(<u32>ctz(filled)));
          if (entry.isVolatile && entry.expiry < Clock.nowMs) continue;
          if (
            !matchesAll &&
            !Glob.matches(pattern.ptr, pattern.len, entry.keyPtr, entry.keyLen, false)
          )
            continue;
          reply.bulk(entry.keyPtr, entry.keyLen);
          count++;
        }
        bucket = bucket.next;
      }
    }
  }
  reply.closeArray(mark, count);
}

/**
 * SCAN cursor [MATCH pattern] [COUNT count] [TYPE type] → the next cursor and some keys; over REST, with WITHTYPE, each
 * with its type behind it.
 */
export function scan(cmd: Command): void {
  if (!ScanArguments.parseCursor(cmd, 1)) return;
  let typeName: Slice | null = null;
  let withType: u32 = 0;
  for (let i = 2; i < cmd.argc;) {
    if (cmd.session.has(SessionFlag.REST) && cmd.is(i, "withtype")) {
      withType = 1;
      i++;
      continue;
    }
    if (i + 1 < cmd.argc && cmd.is(i, "type")) {
      typeName = cmd.arg(i + 1);
      i += 2;
      continue;
    }
    const taken = ScanArguments.option(cmd, i);
    if (cmd.failed) return;
    if (!taken) return cmd.failSyntax();
    i += taken;
  }
  const reply = cmd.reply;
  const table = cmd.db.tableAt(0);
  TableScan.start<Entry>(reply, table);
  const mark = reply.mark();
  let found: u32 = 0;
  let entry = TableScan.next<Entry>(table);
  for (; entry; entry = TableScan.next<Entry>(table)) {
    if (entry.isVolatile && entry.expiry < Clock.nowMs) continue;
    if (!ScanArguments.matches(entry.keyPtr, entry.keyLen)) continue;
    if (typeName && !Bytes.is(typeName.ptr, typeName.len, Types.nameOf(entry.type))) continue;
    reply.bulk(entry.keyPtr, entry.keyLen);
    if (withType) reply.bulkText(Types.nameOf(entry.type));
    found++;
  }
  reply.closeArray(mark, found << withType);
}
