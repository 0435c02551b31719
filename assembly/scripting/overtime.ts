// A script that runs for longer than `busy-reply-threshold`: the log tells of it, others are heard, and one of
// them may end it.

import { Config } from "../generated/config";
import { Effects } from "../persistence/effects";
import { Session, Sessions } from "../sessions/session";
import { Aside } from "../execution/aside";
import { Command, Errors } from "../execution/command";
import { Host, LogLevel } from "../execution/host";
import { BusyKind } from "../execution/mode";

/** How often others are heard, and what part of the script's time that may take. */
const HEAR_US: f64 = 5000;
const HEAR_SHARE: f64 = 4;

export class Overtime {
  /** The command that runs a script, and what it runs; 0: none does. */
  private static command: usize = 0;
  static isFunction: bool = false;
  static name: usize = 0;
  static nameLength: u32 = 0;
  /** Monotonic µs at which it began, and at which others are heard next. */
  private static startedUs: f64 = 0;
  private static nextHearingUs: f64 = Infinity;
  private static isTold: bool = false;
  private static isKilled: bool = false;
  /** The process is about to end: so does every script. */
  private static isAbandoned: bool = false;
  /** Others are heard just now. */
  static isHearing: bool = false;

  /** A script begins. */
  static begin(cmd: Command, isFunction: bool, name: usize, nameLength: u32): void {
    cmd.measure();
    Overtime.command = changetype<usize>(cmd);
    Overtime.isFunction = isFunction;
    Overtime.name = name;
    Overtime.nameLength = nameLength;
    Overtime.startedUs = cmd.measuredFrom;
    const thresholdMs = Config.busyReplyThreshold;
    Overtime.nextHearingUs =
      thresholdMs > 0 ? Overtime.startedUs + <f64>thresholdMs * 1000 : Infinity;
    Overtime.isTold = false;
    Overtime.isKilled = Overtime.isAbandoned;
  }


  @inline static end(): void {
    Overtime.command = 0;
  }


  @inline static get isRunning(): bool {
    return Overtime.command != 0;
  }

  /** The command that runs the script; one must run. */
  @inline static get running(): Command {
    return changetype<Command>(Overtime.command);
  }


  @inline static get kind(): BusyKind {
    return Overtime.isFunction ? BusyKind.FUNCTION : BusyKind.SCRIPT;
  }

  static get elapsedMs(): i64 {
    return <i64>((Host.clock() - Overtime.startedUs) / 1000);
  }

  /** Looks at the clock now and then, while a script runs: whether somebody has killed it. */
  static look(): bool {
    if (!(Overtime.nextHearingUs < Infinity)) return false;
    const nowUs = Host.clock();
    if (nowUs >= Overtime.nextHearingUs) Overtime.hearOthers(nowUs);
    return Overtime.isKilled;
  }


  @inline static kill(): void {
    Overtime.isKilled = true;
  }

  /** The process is about to end: neither caller nor log hears of the script any more. */
  static abandon(): void {
    if (!Overtime.isRunning) return;
    Overtime.isAbandoned = true;
    Overtime.isKilled = true;
    Effects.abandon();
    Sessions.requestClose(Overtime.running.session, true);
  }

  private static hearOthers(nowUs: f64): void {
    const caller: Session = Overtime.running.session;
    let hears = false;
    if (!caller.isTrustedSource) {
      Overtime.isHearing = true;
      hears = Aside.hearOthers(caller, Overtime.kind);
      Overtime.isHearing = false;
    }
    if (!Overtime.isTold) Overtime.tell(hears);
    const spentUs = Host.clock() - nowUs;
    Overtime.nextHearingUs = hears ? nowUs + max(HEAR_US, spentUs * HEAR_SHARE) : Infinity;
  }

  /** Tells of the script in the log. */
  private static tell(canBeKilled: bool): void {
    Overtime.isTold = true;
    Errors.begin();
    Errors.text("Slow script detected: still in execution after ");
    Errors.number(Overtime.elapsedMs);
    Errors.text(" milliseconds. ");
    if (!canBeKilled) {
      Errors.text("script-instruction-limit says when it is ended.");
    } else {
      Errors.text("You can try killing the script using the ");
      Errors.text(Overtime.isFunction ? "FUNCTION" : "SCRIPT");
      Errors.text(" KILL command.");
    }
    Errors.text(" Script name is: ");
    Errors.bytes(Overtime.name, Overtime.nameLength);
    Errors.text(".");
    Host.log(LogLevel.WARNING, Errors.pointer, Errors.length);
  }
}
