// Strings: values that are bytes, or numbers written as bytes.

import { Integer } from "../algorithms/integer";
import { LongDouble } from "../algorithms/long-double";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Clock } from "../memory/clock";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Strings } from "../types/string";
import { Command } from "../execution/command";
import { ExpiryUnit, expiryOf } from "./shared/expiry";

const TOO_LONG: string = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

/** GET key → the value, or nil. */
export function get(cmd: Command): void {
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (entry) Strings.reply(cmd.reply, entry);
  else cmd.reply.nil();
}

/** Bits of `Options.flags`; those between them are of `ExpiryUnit`. */
const NX: u32 = 1;
const XX: u32 = 2;
const GET: u32 = 4;
const KEEPTTL: u32 = 8;
const PERSIST: u32 = 256;
const IFEQ: u32 = 512;
const ANY_EXPIRY: u32 = ExpiryUnit.ANY;

/** The options of SET and GETEX. */
class Options {
  static flags: u32 = 0;
  /** The argument that says when the key expires. */
  static expiryArg: i32 = 0;
  /** The argument that the old value is compared with. */
  static compareArg: i32 = 0;
  /** When the key expires, Unix time in ms. */
  static expiresAt: i64 = 0;

  /** Reads the options from argument `from` on; false after a syntax error. */
  static read(cmd: Command, from: i32, isSet: bool): bool {
    let flags: u32 = 0;
    for (let i = from; i < cmd.argc; i++) {
      const hasNext = i + 1 < cmd.argc;
      if (isSet && cmd.is(i, "nx") && !(flags & (XX | IFEQ))) flags |= NX;
      else if (isSet && cmd.is(i, "xx") && !(flags & (NX | IFEQ))) flags |= XX;
      else if (isSet && cmd.is(i, "get")) flags |= GET;
      else if (isSet && cmd.is(i, "keepttl") && !(flags & ANY_EXPIRY)) flags |= KEEPTTL;
      else if (!isSet && cmd.is(i, "persist") && !(flags & ANY_EXPIRY)) flags |= PERSIST;
      else if (isSet && cmd.is(i, "ifeq") && hasNext && !(flags & (NX | XX | IFEQ))) {
        flags |= IFEQ;
        Options.compareArg = ++i;
      } else {
        const unit = ExpiryUnit.at(cmd, i);
        if (!unit || !hasNext || flags & (KEEPTTL | PERSIST | (ANY_EXPIRY & ~unit))) {
          cmd.failSyntax();
          return false;
        }
        flags |= unit;
        Options.expiryArg = ++i;
      }
    }
    Options.flags = flags;
    return true;
  }

  /** Reads when the key expires, if the options say so; false after an error. */
  static readTime(cmd: Command): bool {
    const flags = Options.flags;
    return !(flags & ANY_EXPIRY) || Options.readExpiry(cmd, Options.expiryArg, flags);
  }

  /** Reads an expiry in the unit that `unit` names. */
  static readExpiry(cmd: Command, index: i32, unit: u32): bool {
    Options.expiresAt = expiryOf(cmd, index, unit, i64.MAX_VALUE);
    return !cmd.failed;
  }
}

/** SET key value [NX | XX | IFEQ value] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] */
export function set(cmd: Command): void {
  if (cmd.argc == 3) {
    const entry = cmd.write(1, Type.ANY);
    Strings.set(cmd, 1, entry, cmd.arg(2).ptr, cmd.arg(2).len, false);
    cmd.changed(1, Notify.STRING, "set");
    return cmd.reply.ok();
  }
  if (Options.read(cmd, 3, true) && Options.readTime(cmd)) setWithOptions(cmd, 2, Options.flags);
}

function setWithOptions(cmd: Command, valueArg: i32, flags: u32): void {
  const reply = cmd.reply;
  const entry = cmd.write(1, Type.ANY);
  if (flags & (GET | IFEQ) && entry && entry.type != Type.STRING) return cmd.failType();
  if (flags & GET) {
    if (entry) Strings.reply(reply, entry);
    else reply.nil();
  }
  if (isRefused(cmd, entry, flags)) {
    if (!(flags & GET)) reply.nil();
    return;
  }
  const value = cmd.arg(valueArg);
  const hasExpiry = (flags & ANY_EXPIRY) != 0;
  const target = Strings.set(
    cmd,
    1,
    entry,
    value.ptr,
    value.len,
    hasExpiry || (flags & KEEPTTL) != 0,
  );
  if (hasExpiry) cmd.db.setExpiry(target, cmd.hashOf(1), Options.expiresAt);
  cmd.changed(1, Notify.STRING, "set");
  if (hasExpiry) cmd.notify(1, Notify.GENERIC, "expire");
  if (hasExpiry || flags & (GET | IFEQ)) {
    cmd.effect(hasExpiry ? 5 : flags & KEEPTTL ? 4 : 3);
    Effects.text("SET");
    Effects.slice(cmd.arg(1));
    Effects.slice(value);
    if (hasExpiry) {
      Effects.text("PXAT");
      Effects.integer(Options.expiresAt);
    } else if (flags & KEEPTTL) {
      Effects.text("KEEPTTL");
    }
  }
  if (!(flags & GET)) reply.ok();
}

/** Whether NX, XX or IFEQ forbids the write. */
function isRefused(cmd: Command, entry: Entry | null, flags: u32): bool {
  if (!entry) return (flags & (XX | IFEQ)) != 0;
  if (flags & IFEQ) return !equals(entry, cmd, Options.compareArg);
  return (flags & NX) != 0;
}

/** Whether the string has the bytes of an argument. */
function equals(entry: Entry, cmd: Command, index: i32): bool {
  const other = cmd.arg(index);
  Strings.view(entry);
  return Strings.len == other.len && Bytes.equal(Strings.ptr, other.ptr, other.len);
}

/** SETNX key value → 1 if it was set. */
export function setnx(cmd: Command): void {
  const entry = cmd.write(1, Type.ANY);
  if (entry) return cmd.reply.integer(0);
  Strings.set(cmd, 1, null, cmd.arg(2).ptr, cmd.arg(2).len, false);
  cmd.changed(1, Notify.STRING, "set");
  cmd.reply.integer(1);
}

/** SETEX key seconds value */
export function setex(cmd: Command): void {
  if (Options.readExpiry(cmd, 2, ExpiryUnit.EX)) setWithOptions(cmd, 3, ExpiryUnit.EX);
}

/** PSETEX key milliseconds value */
export function psetex(cmd: Command): void {
  if (Options.readExpiry(cmd, 2, ExpiryUnit.PX)) setWithOptions(cmd, 3, ExpiryUnit.PX);
}

/** GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] → the value; sets or removes its expiry. */
export function getex(cmd: Command): void {
  if (!Options.read(cmd, 2, false)) return;
  const flags = Options.flags;
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.nil();
  if (!Options.readTime(cmd)) return;
  Strings.reply(cmd.reply, entry);
  if (!flags) return;
  cmd.write(1, Type.ANY);
  const key = cmd.arg(1);
  if (flags & (ExpiryUnit.EXAT | ExpiryUnit.PXAT) && Options.expiresAt <= Clock.nowMs) {
    cmd.remove(1, entry);
    cmd.effect(2);
    Effects.text("DEL");
    Effects.slice(key);
    return cmd.changed(1, Notify.GENERIC, "del");
  }
  if (flags & ANY_EXPIRY) {
    cmd.db.setExpiry(entry, cmd.hashOf(1), Options.expiresAt);
    cmd.effect(3);
    Effects.text("PEXPIREAT");
    Effects.slice(key);
    Effects.integer(Options.expiresAt);
    return cmd.changed(1, Notify.GENERIC, "expire");
  }
  if (!entry.isVolatile) return;
  cmd.db.clearExpiry(entry, cmd.hashOf(1));
  cmd.effect(2);
  Effects.text("PERSIST");
  Effects.slice(key);
  cmd.changed(1, Notify.GENERIC, "persist");
}

/** GETDEL key → the value, which is gone. */
export function getdel(cmd: Command): void {
  const found = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (!found) return cmd.reply.nil();
  Strings.reply(cmd.reply, found);
  cmd.write(1, Type.ANY);
  cmd.remove(1, found);
  cmd.effect(2);
  Effects.text("DEL");
  Effects.slice(cmd.arg(1));
  cmd.changed(1, Notify.GENERIC, "del");
}

/** GETSET key value → the old value, or nil. */
export function getset(cmd: Command): void {
  const found = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (found) Strings.reply(cmd.reply, found);
  else cmd.reply.nil();
  const entry = cmd.write(1, Type.ANY);
  Strings.set(cmd, 1, entry, cmd.arg(2).ptr, cmd.arg(2).len, false);
  cmd.effect(3);
  Effects.text("SET");
  Effects.slice(cmd.arg(1));
  Effects.slice(cmd.arg(2));
  cmd.changed(1, Notify.STRING, "set");
}

/** DELIFEQ key value → 1 if the key held the value and is gone. */
export function delifeq(cmd: Command): void {
  const entry = cmd.write(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry || !equals(entry, cmd, 2)) return cmd.reply.integer(0);
  cmd.remove(1, entry);
  cmd.effect(2);
  Effects.text("DEL");
  Effects.slice(cmd.arg(1));
  cmd.changed(1, Notify.GENERIC, "del");
  cmd.reply.integer(1);
}

/** STRLEN key → the length in bytes, 0 for a missing key. */
export function strlen(cmd: Command): void {
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  cmd.reply.integer(entry ? Strings.length(entry) : 0);
}

/** MGET key [key …] → each value; nil for a missing key and for another type. */
export function mget(cmd: Command): void {
  const reply = cmd.reply;
  reply.array(cmd.argc - 1);
  for (let i = 1; i < cmd.argc; i++) {
    const entry = cmd.read(i, Type.ANY);
    if (entry && entry.type == Type.STRING) Strings.reply(reply, entry);
    else reply.nil();
  }
}

/** MSET key value [key value …] */
export function mset(cmd: Command): void {
  if (cmd.argc & 1 && setPairs(cmd)) cmd.reply.ok();
  else if (!(cmd.argc & 1)) cmd.failArity();
}

/** MSETNX key value [key value …] → 1, or 0 with nothing set when one of the keys exists. */
export function msetnx(cmd: Command): void {
  if (!(cmd.argc & 1)) return cmd.failArity();
  for (let i = 1; i < cmd.argc; i += 2) if (cmd.write(i, Type.ANY)) return cmd.reply.integer(0);
  setPairs(cmd);
  cmd.reply.integer(1);
}

function setPairs(cmd: Command): bool {
  for (let i = 1; i < cmd.argc; i += 2) {
    const value = cmd.arg(i + 1);
    Strings.set(cmd, i, cmd.write(i, Type.ANY), value.ptr, value.len, false);
    cmd.changed(i, Notify.STRING, "set");
  }
  return true;
}

/** APPEND key value → the new length. */
export function append(cmd: Command): void {
  const entry = cmd.write(1, Type.STRING);
  if (cmd.failed) return;
  const value = cmd.arg(2);
  if (!entry) {
    Strings.set(cmd, 1, null, value.ptr, value.len, false);
    cmd.changed(1, Notify.STRING, "append");
    return cmd.reply.integer(value.len);
  }
  const before = Strings.length(entry);
  const total = <u64>before + value.len;
  if (total > Config.protoMaxBulkLen) return cmd.fail(TOO_LONG);
  if (!cmd.room(total * 2)) return;
  const target = Strings.makeRaw(cmd, 1, entry, <u32>total);
  memory.copy(target.stringPtr + before, value.ptr, value.len);
  store<u32>(target.area, <u32>total);
  cmd.changed(1, Notify.STRING, "append");
  cmd.reply.integer(total);
}

/** SETRANGE key offset value → the new length; gaps are filled with zeros. */
export function setrange(cmd: Command): void {
  const offset = cmd.integer(2);
  if (cmd.failed) return;
  if (offset < 0) return cmd.fail("ERR offset is out of range");
  const entry = cmd.write(1, Type.STRING);
  if (cmd.failed) return;
  const value = cmd.arg(3);
  const before = entry ? Strings.length(entry) : 0;
  if (!value.len) return cmd.reply.integer(before);
  if (<u64>offset + value.len > Config.protoMaxBulkLen) return cmd.fail(TOO_LONG);
  const total = max<u32>(before, <u32>offset + value.len);
  if (!cmd.room(<u64>total * 2)) return;
  const target = Strings.makeRaw(cmd, 1, entry, total);
  const bytes = target.stringPtr;
  if (<u32>offset > before) memory.fill(bytes + before, 0, <u32>offset - before);
  memory.copy(bytes + <u32>offset, value.ptr, value.len);
  store<u32>(target.area, total);
  cmd.changed(1, Notify.STRING, "setrange");
  cmd.reply.integer(total);
}

/** GETRANGE key start end → the bytes from start to end, both included; negative counts from the end. */
export function getrange(cmd: Command): void {
  let start = cmd.integer(2);
  if (cmd.failed) return;
  let end = cmd.integer(3);
  if (cmd.failed) return;
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.bulk(0, 0);
  Strings.view(entry);
  const length = <i64>Strings.len;
  if (start < 0 && end < 0 && start > end) return cmd.reply.bulk(0, 0);
  if (start < 0) start = max<i64>(start + length, 0);
  if (end < 0) end = max<i64>(end + length, 0);
  end = min(end, length - 1);
  if (start > end || !length) return cmd.reply.bulk(0, 0);
  cmd.reply.bulk(Strings.ptr + <u32>start, <u32>(end - start + 1));
}

/** SUBSTR key start end: the old name of GETRANGE. */
export function substr(cmd: Command): void {
  getrange(cmd);
}

/** INCR key → the number, one more. */
export function incr(cmd: Command): void {
  addInteger(cmd, 1);
}

/** DECR key → the number, one less. */
export function decr(cmd: Command): void {
  addInteger(cmd, -1);
}

/** INCRBY key increment → the sum. */
export function incrby(cmd: Command): void {
  const amount = cmd.integer(2);
  if (!cmd.failed) addInteger(cmd, amount);
}

/** DECRBY key decrement → the difference. */
export function decrby(cmd: Command): void {
  const amount = cmd.integer(2);
  if (cmd.failed) return;
  if (amount == i64.MIN_VALUE) return cmd.fail("ERR decrement would overflow");
  addInteger(cmd, -amount);
}

function addInteger(cmd: Command, amount: i64): void {
  const entry = cmd.write(1, Type.STRING);
  if (cmd.failed) return;
  let value: i64 = 0;
  if (entry) {
    if (entry.encoding == Encoding.INT) value = entry.integer;
    else if (Integer.parse(entry.stringPtr, entry.stringLen)) value = Integer.value;
    else return cmd.fail("ERR value is not an integer or out of range");
  }
  if (amount < 0 ? value < i64.MIN_VALUE - amount : value > i64.MAX_VALUE - amount) {
    return cmd.fail("ERR increment or decrement would overflow");
  }
  value += amount;
  Strings.setInteger(cmd, 1, entry, value);
  cmd.changed(1, Notify.STRING, "incrby");
  cmd.reply.integer(value);
}

const sum = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));
const increment = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));
const sumText: usize = memory.data(LongDouble.MAX_LENGTH);

/** INCRBYFLOAT key increment → the sum, in the arithmetic of x86 long doubles. */
export function incrbyfloat(cmd: Command): void {
  const entry = cmd.write(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry) {
    sum.setInteger(0);
  } else {
    Strings.view(entry);
    if (!sum.parse(Strings.ptr, Strings.len)) return cmd.fail("ERR value is not a valid float");
  }
  const amount = cmd.arg(2);
  if (!increment.parse(amount.ptr, amount.len)) return cmd.fail("ERR value is not a valid float");
  sum.add(increment);
  if (!sum.isFinite) return cmd.fail("ERR increment would produce NaN or Infinity");
  const length = sum.format(sumText);
  Strings.setText(cmd, 1, entry, sumText, length, true);
  cmd.effect(4);
  Effects.text("SET");
  Effects.slice(cmd.arg(1));
  Effects.bytes(sumText, length);
  Effects.text("KEEPTTL");
  cmd.changed(1, Notify.STRING, "incrbyfloat");
  cmd.reply.bulk(sumText, length);
}
