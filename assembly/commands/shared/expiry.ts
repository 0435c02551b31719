// Times at which keys and fields go, as arguments give them, and the conditions on setting them.

import { Command, Errors } from "../../execution/command";
import { Clock } from "../../memory/clock";

export class ExpiryUnit {
  static readonly EX: u32 = 16;
  static readonly PX: u32 = 32;
  static readonly EXAT: u32 = 64;
  static readonly PXAT: u32 = 128;
  static readonly ANY: u32 = 16 | 32 | 64 | 128;

  /** The unit that argument `index` names, or 0. */
  static at(cmd: Command, index: i32): u32 {
    if (cmd.is(index, "ex")) return ExpiryUnit.EX;
    if (cmd.is(index, "px")) return ExpiryUnit.PX;
    if (cmd.is(index, "exat")) return ExpiryUnit.EXAT;
    return cmd.is(index, "pxat") ? ExpiryUnit.PXAT : 0;
  }
}

/**
 * The time in argument `index`, in the one unit of `units`, as Unix time in ms; it must be above 0 and not
 * later than `latest`. Replies the error otherwise.
 */
export function expiryOf(cmd: Command, index: i32, units: u32, latest: i64): i64 {
  const at = cmd.integer(index);
  if (cmd.failed) return 0;
  const scale: i64 = units & (ExpiryUnit.EX | ExpiryUnit.EXAT) ? 1000 : 1;
  const base = units & (ExpiryUnit.EX | ExpiryUnit.PX) ? Clock.nowMs : 0;
  if (at > 0 && at <= latest / scale && at * scale <= latest - base) return at * scale + base;
  failExpiry(cmd);
  return 0;
}

export function failExpiry(cmd: Command): void {
  Errors.begin();
  Errors.text("ERR invalid expire time in '");
  Errors.commandName(cmd.info);
  Errors.text("' command");
  Errors.send(cmd.reply);
  cmd.failed = true;
}

/** The conditions of EXPIRE and its like. */
export class ExpiryCondition {
  static readonly NX: u32 = 1;
  static readonly XX: u32 = 2;
  static readonly GT: u32 = 4;
  static readonly LT: u32 = 8;

  /** The condition that argument `index` names, or 0. */
  static at(cmd: Command, index: i32): u32 {
    if (cmd.is(index, "nx")) return ExpiryCondition.NX;
    if (cmd.is(index, "xx")) return ExpiryCondition.XX;
    if (cmd.is(index, "gt")) return ExpiryCondition.GT;
    return cmd.is(index, "lt") ? ExpiryCondition.LT : 0;
  }

  /** Whether one of them forbids to set `at` where `current` is (-1: it lives for ever). */
  static forbids(conditions: u32, at: i64, current: i64): bool {
    if (conditions & ExpiryCondition.NX && current != -1) return true;
    if (conditions & ExpiryCondition.XX && current == -1) return true;
    if (conditions & ExpiryCondition.GT && (current == -1 || at <= current)) return true;
    return (conditions & ExpiryCondition.LT) != 0 && current != -1 && at >= current;
  }
}
