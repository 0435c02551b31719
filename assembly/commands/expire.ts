// When keys go: setting, removing and asking for expiries.

import { Config } from "../generated/config";
import { Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Effects } from "../persistence/effects";
import { Notify } from "../sessions/notify";
import { Command, Errors } from "../execution/command";
import { ExpiryCondition, failExpiry } from "./shared/expiry";

/** EXPIRE key seconds [NX | XX | GT | LT] → 1 if the expiry was set. */
export function expire(cmd: Command): void {
  setExpiry(cmd, true, Clock.nowMs);
}

/** PEXPIRE key milliseconds [NX | XX | GT | LT] */
export function pexpire(cmd: Command): void {
  setExpiry(cmd, false, Clock.nowMs);
}

/** EXPIREAT key unix-seconds [NX | XX | GT | LT] */
export function expireat(cmd: Command): void {
  setExpiry(cmd, true, 0);
}

/** PEXPIREAT key unix-milliseconds [NX | XX | GT | LT] */
export function pexpireat(cmd: Command): void {
  setExpiry(cmd, false, 0);
}

function setExpiry(cmd: Command, inSeconds: bool, base: i64): void {
  const flags = readFlags(cmd);
  if (cmd.failed) return;
  let at = cmd.integer(2);
  if (cmd.failed) return;
  if (inSeconds) {
    if (at > i64.MAX_VALUE / 1000 || at < i64.MIN_VALUE / 1000) return failExpiry(cmd);
    at *= 1000;
  }
  if (at > i64.MAX_VALUE - base) return failExpiry(cmd);
  at += base;
  const entry = cmd.write(1, Type.ANY);
  if (!entry || ExpiryCondition.forbids(flags, at, entry.expiry)) return cmd.reply.integer(0);
  const key = cmd.arg(1);
  if (at <= Clock.nowMs && !Keyspace.hidesExpired && !cmd.session.isTrustedSource) {
    cmd.remove(1, entry);
    cmd.effect(2);
    Effects.text(Config.lazyfreeLazyExpire ? "UNLINK" : "DEL");
    Effects.slice(key);
    cmd.changed(1, Notify.GENERIC, "del");
  } else {
    cmd.db.setExpiry(entry, cmd.hashOf(1), at);
    cmd.effect(3);
    Effects.text("PEXPIREAT");
    Effects.slice(key);
    Effects.integer(at);
    cmd.changed(1, Notify.GENERIC, "expire");
  }
  cmd.reply.integer(1);
}

function readFlags(cmd: Command): u32 {
  let flags: u32 = 0;
  for (let i = 3; i < cmd.argc; i++) {
    const condition = ExpiryCondition.at(cmd, i);
    flags |= condition;
    if (!condition) {
      Errors.begin();
      Errors.text("ERR Unsupported option ");
      Errors.bytes(cmd.arg(i).ptr, cmd.arg(i).len);
      Errors.send(cmd.reply);
      cmd.failed = true;
      return 0;
    }
  }
  if (flags & ExpiryCondition.NX && flags != ExpiryCondition.NX) {
    cmd.fail("ERR NX and XX, GT or LT options at the same time are not compatible");
  } else if (flags & ExpiryCondition.GT && flags & ExpiryCondition.LT) {
    cmd.fail("ERR GT and LT options at the same time are not compatible");
  }
  return flags;
}

/** TTL key → seconds left; -1: for ever, -2: no such key. */
export function ttl(cmd: Command): void {
  replyTime(cmd, true, Clock.nowMs);
}

/** PTTL key → milliseconds left. */
export function pttl(cmd: Command): void {
  replyTime(cmd, false, Clock.nowMs);
}

/** EXPIRETIME key → Unix time in seconds. */
export function expiretime(cmd: Command): void {
  replyTime(cmd, true, 0);
}

/** PEXPIRETIME key → Unix time in milliseconds. */
export function pexpiretime(cmd: Command): void {
  replyTime(cmd, false, 0);
}

function replyTime(cmd: Command, inSeconds: bool, base: i64): void {
  const entry = cmd.inspect(1);
  if (!entry) return cmd.reply.integer(-2);
  if (!entry.isVolatile) return cmd.reply.integer(-1);
  const left = max<i64>(entry.expiry - base, 0);
  cmd.reply.integer(inSeconds ? <i64>((<u64>left + 500) / 1000) : left);
}

/** PERSIST key → 1 if it had an expiry, which is gone. */
export function persist(cmd: Command): void {
  const entry = cmd.write(1, Type.ANY);
  if (!entry || !entry.isVolatile) return cmd.reply.integer(0);
  cmd.db.clearExpiry(entry, cmd.hashOf(1));
  cmd.changed(1, Notify.GENERIC, "persist");
  cmd.reply.integer(1);
}
