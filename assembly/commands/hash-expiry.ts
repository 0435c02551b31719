// When fields of hashes go: setting, removing and asking for their expiries.

import { Entry, Type } from "../keyspace/entry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Keyspace } from "../keyspace/keyspace";
import { Heap } from "../memory/heap";
import { Clock } from "../memory/clock";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Field } from "../structures/field-table";
import { Hashes } from "../types/hash";
import { Command } from "../execution/command";
import { ExpiryCondition, failExpiry } from "./shared/expiry";
import { FieldList } from "./shared/field-list";

/** What is replied for each field. */
const NO_FIELD: i64 = -2;
const NO_EXPIRY: i64 = -1;
const REFUSED: i64 = 0;
const SET: i64 = 1;
const DELETED: i64 = 2;

/** HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field …] → for each what became of it. */
export function hexpire(cmd: Command): void {
  setExpiries(cmd, true, Clock.nowMs);
}

/** HPEXPIRE key milliseconds … */
export function hpexpire(cmd: Command): void {
  setExpiries(cmd, false, Clock.nowMs);
}

/** HEXPIREAT key unix-seconds … */
export function hexpireat(cmd: Command): void {
  setExpiries(cmd, true, 0);
}

/** HPEXPIREAT key unix-milliseconds … */
export function hpexpireat(cmd: Command): void {
  setExpiries(cmd, false, 0);
}

function setExpiries(cmd: Command, inSeconds: bool, base: i64): void {
  let at = cmd.integer(2);
  if (cmd.failed) return;
  if (at < 0) return cmd.fail("ERR invalid expire time, must be >= 0");
  if (at > (inSeconds ? Field.LATEST_MS / 1000 : Field.LATEST_MS)) return failExpiry(cmd);
  if (inSeconds) at *= 1000;
  if (at > Field.LATEST_MS - base) return failExpiry(cmd);
  at += base;
  let index = 3;
  const condition = index < cmd.argc ? ExpiryCondition.at(cmd, index) : 0;
  if (condition) index++;
  if (!FieldList.read(cmd, index, 1, "ERR Parameter `numFields` should be greater than 0")) return;
  const entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.array(FieldList.count);
  if (!entry) return replyForAll(cmd, NO_FIELD);
  const deletes = at <= Clock.nowMs && !Keyspace.hidesExpired && !cmd.session.isTrustedSource;
  let changed: u32 = 0;
  // Which fields changed: a byte each, for the effect.
  const touched = Heap.alloc(FieldList.count);
  for (let i = 0; i < FieldList.count; i++) {
    const outcome = setExpiry(cmd, entry, FieldList.first + i, at, condition, deletes);
    cmd.reply.integer(outcome);
    const hasChanged = outcome == SET || outcome == DELETED;
    store<u8>(touched + i, hasChanged ? 1 : 0);
    if (hasChanged) changed++;
  }
  if (changed) logFields(cmd, changed, touched, deletes, at);
  Heap.free(touched);
  if (!changed) return;
  const isEmpty = !Hashes.length(entry);
  if (isEmpty) cmd.remove(1, entry);
  else if (!deletes) FieldExpiry.note(cmd.db, cmd.arg(1).ptr, cmd.arg(1).len);
  cmd.changed(1, Notify.HASH, deletes ? "hdel" : "hexpire", changed);
  if (isEmpty) cmd.notify(1, Notify.GENERIC, "del");
}

function setExpiry(
  cmd: Command,
  entry: Entry,
  index: i32,
  at: i64,
  condition: u32,
  deletes: bool,
): i64 {
  const name = cmd.arg(index);
  if (Hashes.isPacked(entry)) {
    if (!Hashes.find(entry, name.ptr, name.len)) return NO_FIELD;
    Hashes.toTable(entry);
  }
  const table = Hashes.table(entry);
  const field = table.get(name.ptr, name.len);
  if (!field) return NO_FIELD;
  if (ExpiryCondition.forbids(condition, at, field.expiry)) return REFUSED;
  if (deletes) {
    table.delete(name.ptr, name.len);
    return DELETED;
  }
  table.setExpiry(field, at);
  return SET;
}

/** The effect: the deletion or the absolute expiry of those fields that changed. */
function logFields(cmd: Command, changed: u32, touched: usize, deletes: bool, at: i64): void {
  cmd.effect(changed + (deletes ? 2 : 5));
  Effects.text(deletes ? "HDEL" : "HPEXPIREAT");
  Effects.slice(cmd.arg(1));
  if (!deletes) {
    Effects.integer(at);
    Effects.text("FIELDS");
    Effects.integer(changed);
  }
  for (let i = 0; i < FieldList.count; i++) {
    if (load<u8>(touched + i)) Effects.slice(cmd.arg(FieldList.first + i));
  }
}

function replyForAll(cmd: Command, outcome: i64): void {
  for (let i = 0; i < FieldList.count; i++) cmd.reply.integer(outcome);
}

/** HTTL key FIELDS numfields field [field …] → for each seconds left; -1: for ever, -2: no such field. */
export function httl(cmd: Command): void {
  replyTimes(cmd, true, Clock.nowMs);
}

/** HPTTL key … → milliseconds left. */
export function hpttl(cmd: Command): void {
  replyTimes(cmd, false, Clock.nowMs);
}

/** HEXPIRETIME key … → Unix time in seconds. */
export function hexpiretime(cmd: Command): void {
  replyTimes(cmd, true, 0);
}

/** HPEXPIRETIME key … → Unix time in milliseconds. */
export function hpexpiretime(cmd: Command): void {
  replyTimes(cmd, false, 0);
}

function replyTimes(cmd: Command, inSeconds: bool, base: i64): void {
  if (!FieldList.read(cmd, 2, 1, "ERR Number of fields must be a positive integer")) return;
  const entry = cmd.read(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.array(FieldList.count);
  if (!entry) return replyForAll(cmd, NO_FIELD);
  for (let i = 0; i < FieldList.count; i++) {
    const name = cmd.arg(FieldList.first + i);
    let outcome = NO_FIELD;
    if (Hashes.isPacked(entry)) {
      if (Hashes.find(entry, name.ptr, name.len)) outcome = NO_EXPIRY;
    } else {
      const field = Hashes.table(entry).get(name.ptr, name.len);
      if (field) outcome = field.hasExpiry ? timeOf(field, inSeconds, base) : NO_EXPIRY;
    }
    cmd.reply.integer(outcome);
  }
}

function timeOf(field: Field, inSeconds: bool, base: i64): i64 {
  const left = field.expiry - base;
  return inSeconds ? (left + 999) / 1000 : left;
}

/** HPERSIST key FIELDS numfields field [field …] → for each 1 if it had an expiry, which is gone. */
export function hpersist(cmd: Command): void {
  if (!FieldList.read(cmd, 2, 1, "ERR Number of fields must be a positive integer")) return;
  const entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  cmd.reply.array(FieldList.count);
  if (!entry) return replyForAll(cmd, NO_FIELD);
  let changed: u32 = 0;
  for (let i = 0; i < FieldList.count; i++) {
    const name = cmd.arg(FieldList.first + i);
    let outcome = NO_FIELD;
    if (Hashes.isPacked(entry)) {
      if (Hashes.find(entry, name.ptr, name.len)) outcome = NO_EXPIRY;
    } else {
      const table = Hashes.table(entry);
      const field = table.get(name.ptr, name.len);
      if (field) {
        outcome = field.hasExpiry ? SET : NO_EXPIRY;
        if (field.hasExpiry) table.setExpiry(field, -1);
      }
    }
    if (outcome == SET) changed++;
    cmd.reply.integer(outcome);
  }
  if (changed) cmd.changed(1, Notify.HASH, "hpersist", changed);
}
