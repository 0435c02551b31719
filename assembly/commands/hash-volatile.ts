// Fields of hashes together with their expiry: HGETEX, HSETEX, and HGETDEL.

import { Entry, Type } from "../keyspace/entry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Clock } from "../memory/clock";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Field } from "../structures/field-table";
import { Hashes } from "../types/hash";
import { Command } from "../execution/command";
import { ExpiryUnit, expiryOf } from "./shared/expiry";
import { FieldList } from "./shared/field-list";

const COUNT_ERROR: string = "ERR Number of fields must be a positive integer";

/** What the options say of the expiry. */
const enum Expiry {
  /** HGETEX leaves it, HSETEX removes it. */
  NOTHING,
  AT,
  PERSIST,
  KEEP,
}

/** The options of HGETEX and HSETEX. */
class Options {
  static expiry: Expiry = Expiry.NOTHING;
  /** Unix time in ms. */
  static at: i64 = 0;
  /** Only if no field is there, or only if all are. */
  static onlyNew: bool = false;
  static onlyOld: bool = false;

  /** Reads options from argument 2 on; the argument behind them, or 0 after an error. */
  static read(cmd: Command, isSet: bool): i32 {
    Options.expiry = Expiry.NOTHING;
    Options.onlyNew = false;
    Options.onlyOld = false;
    let i = 2;
    for (; i < cmd.argc && !cmd.is(i, "fields"); i++) {
      if (isSet && cmd.is(i, "fnx") && !Options.onlyOld) Options.onlyNew = true;
      else if (isSet && cmd.is(i, "fxx") && !Options.onlyNew) Options.onlyOld = true;
      else if (Options.expiry != Expiry.NOTHING) return fail(cmd);
      else if (isSet && cmd.is(i, "keepttl")) Options.expiry = Expiry.KEEP;
      else if (!isSet && cmd.is(i, "persist")) Options.expiry = Expiry.PERSIST;
      else {
        const unit = i + 1 < cmd.argc ? ExpiryUnit.at(cmd, i) : 0;
        if (!unit) return fail(cmd);
        Options.at = expiryOf(cmd, ++i, unit, Field.LATEST_MS);
        if (cmd.failed) return 0;
        Options.expiry = Expiry.AT;
      }
    }
    return i;
  }
}

function fail(cmd: Command): i32 {
  cmd.failSyntax();
  return 0;
}

function replyValues(cmd: Command, entry: Entry | null): void {
  cmd.reply.array(FieldList.count);
  for (let i = 0; i < FieldList.count; i++) {
    const name = cmd.arg(FieldList.first + i);
    if (entry && Hashes.find(entry, name.ptr, name.len)) Hashes.replyFound(cmd.reply);
    else cmd.reply.nil();
  }
}

/** HGETDEL key FIELDS numfields field [field …] → the values; the fields are gone. */
export function hgetdel(cmd: Command): void {
  if (!FieldList.read(cmd, 2, 1, COUNT_ERROR)) return;
  const entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  replyValues(cmd, entry);
  if (!entry) return;
  let removed: u32 = 0;
  for (let i = 0; i < FieldList.count; i++) {
    const name = cmd.arg(FieldList.first + i);
    if (Hashes.remove(entry, name.ptr, name.len)) removed++;
  }
  if (!removed) return;
  logDeletion(cmd);
  finish(cmd, entry, "hdel", removed);
}

function logDeletion(cmd: Command): void {
  cmd.effect(2 + FieldList.count);
  Effects.text("HDEL");
  Effects.slice(cmd.arg(1));
  for (let i = 0; i < FieldList.count; i++) Effects.slice(cmd.arg(FieldList.first + i));
}

/** Removes a hash that has become empty, and tells what happened. */
function finish(cmd: Command, entry: Entry, event: string, count: u32): void {
  const isEmpty = !Hashes.length(entry);
  if (isEmpty) cmd.remove(1, entry);
  cmd.changed(1, Notify.HASH, event, count);
  if (isEmpty) cmd.notify(1, Notify.GENERIC, "del");
}

/** HGETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] FIELDS numfields field [field …] → the values. */
export function hgetex(cmd: Command): void {
  const index = Options.read(cmd, false);
  if (cmd.failed || !FieldList.read(cmd, index, 1, COUNT_ERROR)) return;
  const entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  replyValues(cmd, entry);
  if (!entry || Options.expiry == Expiry.NOTHING) return;
  if (Options.expiry == Expiry.AT && Options.at <= Clock.nowMs) {
    let removed: u32 = 0;
    for (let i = 0; i < FieldList.count; i++) {
      if (Hashes.remove(entry, cmd.arg(FieldList.first + i).ptr, cmd.arg(FieldList.first + i).len))
        removed++;
    }
    if (!removed) return;
    logDeletion(cmd);
    return finish(cmd, entry, "hdel", removed);
  }
  const expiry = Options.expiry == Expiry.AT ? Options.at : -1;
  let changed: u32 = 0;
  for (let i = 0; i < FieldList.count; i++) {
    const name = cmd.arg(FieldList.first + i);
    if (!Hashes.find(entry, name.ptr, name.len)) continue;
    if (Hashes.isPacked(entry)) {
      if (expiry < 0) continue;
      Hashes.toTable(entry);
    }
    const field = Hashes.table(entry).get(name.ptr, name.len)!;
    if (expiry < 0 && !field.hasExpiry) continue;
    Hashes.table(entry).setExpiry(field, expiry);
    changed++;
  }
  if (!changed) return;
  if (expiry >= 0) FieldExpiry.note(cmd.db, cmd.arg(1).ptr, cmd.arg(1).len);
  cmd.effect((expiry >= 0 ? 5 : 4) + FieldList.count);
  Effects.text(expiry >= 0 ? "HPEXPIREAT" : "HPERSIST");
  Effects.slice(cmd.arg(1));
  if (expiry >= 0) Effects.integer(expiry);
  Effects.text("FIELDS");
  Effects.integer(FieldList.count);
  for (let i = 0; i < FieldList.count; i++) Effects.slice(cmd.arg(FieldList.first + i));
  cmd.changed(1, Notify.HASH, expiry >= 0 ? "hexpire" : "hpersist", changed);
}

/**
 * HSETEX key [FNX | FXX] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] FIELDS numfields field value [field value …]
 * → 1 if the fields were set, 0 if the condition forbade it.
 */
export function hsetex(cmd: Command): void {
  const index = Options.read(cmd, true);
  if (cmd.failed || !FieldList.read(cmd, index, 2, COUNT_ERROR)) return;
  let entry = cmd.write(1, Type.HASH);
  if (cmd.failed) return;
  const first = FieldList.first;
  const end = first + FieldList.count * 2;
  for (let i = first; i < end; i += 2) {
    const isThere = entry != null && Hashes.find(entry, cmd.arg(i).ptr, cmd.arg(i).len);
    if ((Options.onlyNew && isThere) || (Options.onlyOld && !isThere)) return cmd.reply.integer(0);
  }
  const isPast = Options.expiry == Expiry.AT && Options.at <= Clock.nowMs;
  if (isPast) return setPast(cmd, entry, first, end);
  if (!entry) entry = Hashes.create(cmd, 1);
  Hashes.expect(entry, cmd, first, end);
  if (Options.expiry == Expiry.AT && Hashes.isPacked(entry)) Hashes.toTable(entry);
  for (let i = first; i < end; i += 2) {
    const name = cmd.arg(i);
    const value = cmd.arg(i + 1);
    if (Options.expiry == Expiry.AT) {
      Hashes.table(entry).put(name.ptr, name.len, value.ptr, value.len, Options.at);
    } else if (Options.expiry == Expiry.KEEP) {
      Hashes.update(entry, name.ptr, name.len, value.ptr, value.len);
    } else {
      Hashes.set(entry, name.ptr, name.len, value.ptr, value.len);
    }
  }
  if (Options.expiry == Expiry.AT) FieldExpiry.note(cmd.db, cmd.arg(1).ptr, cmd.arg(1).len);
  logSet(cmd, first, end);
  cmd.changed(1, Notify.HASH, "hset", FieldList.count);
  if (Options.expiry == Expiry.AT) cmd.notify(1, Notify.HASH, "hexpire");
  cmd.reply.integer(1);
}

/** Fields that are set with a time that is past already are gone. */
function setPast(cmd: Command, entry: Entry | null, first: i32, end: i32): void {
  cmd.reply.integer(1);
  if (!entry) return;
  let removed: u32 = 0;
  for (let i = first; i < end; i += 2) {
    if (Hashes.remove(entry, cmd.arg(i).ptr, cmd.arg(i).len)) removed++;
  }
  if (!removed) return;
  cmd.effect(2 + FieldList.count);
  Effects.text("HDEL");
  Effects.slice(cmd.arg(1));
  for (let i = first; i < end; i += 2) Effects.slice(cmd.arg(i));
  finish(cmd, entry, "hdel", removed);
}

function logSet(cmd: Command, first: i32, end: i32): void {
  const hasExpiry = Options.expiry == Expiry.AT;
  const keeps = Options.expiry == Expiry.KEEP;
  cmd.effect(4 + (hasExpiry ? 2 : keeps ? 1 : 0) + (end - first));
  Effects.text("HSETEX");
  Effects.slice(cmd.arg(1));
  if (hasExpiry) {
    Effects.text("PXAT");
    Effects.integer(Options.at);
  } else if (keeps) {
    Effects.text("KEEPTTL");
  }
  Effects.text("FIELDS");
  Effects.integer(FieldList.count);
  for (let i = first; i < end; i++) Effects.slice(cmd.arg(i));
}
