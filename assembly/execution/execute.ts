// One command, from its arguments to its reply: the checks in their fixed order, then the call.
//
//   known? → arity → authenticated? → access → inside MULTI? → memory → disk and role → busy → run
//
// Every way to run a command (a client, EXEC, a script, a log that is loaded) comes through here.

import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Effects } from "../persistence/effects";
import { Output } from "../protocol/output";
import { Access } from "../sessions/access";
import { Blocking } from "../sessions/blocking";
import { Changes } from "../sessions/changes";
import { Deferred } from "../sessions/subscriptions";
import { Tracking } from "../sessions/tracking";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Checks } from "./checks";
import { Command, Errors } from "./command";
import { CommandInfo, commandInfo, findSubcommand, Flag } from "./info";
import { Control } from "./control";
import { Host, LogLevel } from "./host";
import { Histogram } from "./histogram";
import { Latency } from "./latency";
import { SlowLog } from "./slow-log";
import { Known } from "./known";
import { TrackedReads } from "./tracked-reads";
import { Queue } from "./transactions";
import { Waiting } from "./waiting";

const scratch: usize = memory.data(48);

const EXEC_ABORTED = "EXECABORT Transaction discarded because of: ";
const WRONG_EXEC = "wrong number of arguments for 'exec' command";

export class Execute {
  /** Microseconds of commands that measured themselves, since the batch began. */
  static measured: f64 = 0;
  /** Commands that the session had begun before this batch. */
  static batchStart: u64 = 0;
  /** The command of a session is heard while a script runs. */
  static isAside: bool = false;
  /** A bit for each command of the batch that was refused or queued: it took no time of its own. */
  static notRun: u32 = 0;

  /**
   * Runs one command of a session. `info` is null for an unknown name; `hash` belongs to argument
   * `hashedArg`, if that is not 0.
   */
  static run(
    session: Session,
    info: CommandInfo | null,
    argv: usize,
    argc: i32,
    bytes: u32,
    hashedArg: i32,
    hash: u64,
  ): void {
    if (!info) return Execute.refuseUnknown(session, argv, argc);
    let target = info;
    if (target.childCount) {
      if (argc >= 2) {
        const name = changetype<Slice>(argv + 8);
        const child = findSubcommand(target.number, name.ptr, name.len);
        if (child >= 0) target = commandInfo(child);
        else {
          const cmd = Command.enter(session, target, argv, argc);
          cmd.failSubcommand();
          Command.leave();
          return Execute.refused(session, target);
        }
      }
    }
    session.lastCommand = target.number;
    const cmd = Command.enter(session, target, argv, argc);
    cmd.inputBytes = bytes;
    if (hashedArg) cmd.setHash(hashedArg, hash);
    if (Execute.isAllowed(cmd)) Execute.queueOrCall(cmd);
    Command.leave();
    if (Deferred.isWaiting && !Deferred.isHeld && Command.nesting == 0) Deferred.flush(session);
    if (Blocking.hasReady && Command.nesting == 0) Waiting.serve();
  }


  @inline private static isAllowed(cmd: Command): bool {
    const session = cmd.session;
    const info = cmd.info;
    const arity = info.arity;
    if (info.has(Flag.INTERNAL) && session.kind != SessionKind.INTERNAL) {
      Execute.refuseUnknown(session, cmd.arguments, cmd.argc);
      return false;
    }
    if (arity >= 0 ? cmd.argc != arity : cmd.argc < -arity || !info.handler) {
      if (<i32>info.number == Known.exec) Execute.abortExec(cmd, WRONG_EXEC);
      else cmd.failArity();
      Execute.refused(session, info);
      return false;
    }
    if (session.isTrustedSource) return true;
    if (
      session.has(SessionFlag.MULTI) &&
      info.has(Flag.NO_MULTI) &&
      !session.has(SessionFlag.IN_EXEC)
    ) {
      return Execute.refuse(cmd, "ERR Command not allowed inside a transaction");
    }
    if (
      Access.needsPassword &&
      !session.has(SessionFlag.AUTHENTICATED) &&
      !info.has(Flag.NO_AUTH)
    ) {
      return Execute.refuse(cmd, "NOAUTH Authentication required.");
    }
    if (session.has(SessionFlag.RESTRICTED) && !call_indirect<bool>(Checks.access, cmd))
      return Execute.refused(session, info);
    if (Checks.slot && !call_indirect<bool>(Checks.slot, cmd))
      return Execute.refused(session, info);
    if (Checks.memory && !call_indirect<bool>(Checks.memory, cmd))
      return Execute.refused(session, info);
    if (info.has(Flag.DENYOOM) && !cmd.hasRoom())
      return Execute.refuse(cmd, "OOM command not allowed when used memory > 'maxmemory'.");
    const listens = session.has(SessionFlag.SUBSCRIBED | SessionFlag.MONITOR);
    if (listens && !Execute.maySubscriber(cmd)) return false;
    if (Checks.mode && !call_indirect<bool>(Checks.mode, cmd))
      return Execute.refused(session, info);
    return !listens || Execute.mayMonitor(cmd);
  }

  /** A session with MONITOR stays away from keys. */
  private static mayMonitor(cmd: Command): bool {
    if (
      cmd.session.has(SessionFlag.MONITOR) &&
      cmd.info.has(Flag.WRITE | Flag.READONLY | Flag.MAY_REPLICATE)
    ) {
      return Execute.refuse(cmd, "ERR Replica can't interact with the keyspace");
    }
    return true;
  }

  /** A session with subscriptions may not do everything. */
  private static maySubscriber(cmd: Command): bool {
    const session = cmd.session;
    const info = cmd.info;
    if (
      session.has(SessionFlag.SUBSCRIBED) &&
      session.protocol == 2 &&
      !Execute.isAllowedSubscribed(info)
    ) {
      const isExec = <i32>info.number == Known.exec;
      Errors.begin();
      Errors.text(isExec ? EXEC_ABORTED : "ERR ");
      Errors.text("Can't execute '");
      Errors.commandName(info);
      Errors.text(
        "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
      );
      Errors.send(session);
      if (isExec) Queue.discard(session);
      return Execute.refused(session, info);
    }
    return true;
  }

  private static isAllowedSubscribed(info: CommandInfo): bool {
    const number = <i32>info.number;
    return (
      number == Known.ping ||
      number == Known.subscribe ||
      number == Known.psubscribe ||
      number == Known.ssubscribe ||
      number == Known.unsubscribe ||
      number == Known.punsubscribe ||
      number == Known.sunsubscribe ||
      number == Known.quit ||
      number == Known.reset
    );
  }


  @inline private static queueOrCall(cmd: Command): void {
    const session = cmd.session;
    if (!Queue.takes(session, cmd.info)) return Execute.call(cmd);
    Queue.of(session).push(cmd.info, cmd.arguments, cmd.argc);
    Execute.passOver(session);
    session.status("QUEUED");
  }

  /** The command of the batch that is at hand does not run. */
  private static passOver(session: Session): void {
    if (changetype<usize>(session) != Output.running) return;
    const index = session.commands - Execute.batchStart - 1;
    if (index < 16) Execute.notRun |= 1 << (<u32>index);
  }

  /** Runs a command that is allowed: statistics, time, effect. */
  static call(cmd: Command): void {
    const session = cmd.session;
    const info = cmd.info;
    const errors = session.errors;
    const isCounted = session.isCounted;
    Effects.beginUnit();
    if (isCounted && (!info.has(Flag.CHEAP) || cmd.inputBytes >= Checks.largeFrom)) cmd.measure();
    if (info.has(Flag.HOST)) Execute.askHost(cmd);
    else call_indirect<void>(info.handler, cmd);
    if (cmd.measuredFrom >= 0 && isCounted) Execute.addTime(cmd);
    if (cmd.dirty) {
      Changes.dirty += cmd.dirty;
      if (Effects.isOn && !cmd.ownEffect) Execute.logAsIs(cmd);
    }
    Effects.endUnit();
    if (!isCounted) return;
    info.calls++;
    Stats.commands++;
    if (session.errors != errors) info.failed++;
    if (Checks.monitor && !info.has(Flag.SKIP_MONITOR | Flag.ADMIN))
      call_indirect<void>(Checks.monitor, cmd);
    if (Tracking.isOn && info.has(Flag.READONLY)) TrackedReads.note(cmd);
  }

  private static noteLatency(info: CommandInfo, microseconds: f64): void {
    const name = info.has(Flag.FAST) ? "fast-command" : "command";
    Latency.note(scratch, Bytes.put(scratch, name), <i64>(microseconds / 1000));
  }

  /** Counts the time of a command that was measured by itself. */
  private static addTime(cmd: Command): void {
    const info = cmd.info;
    const spent = Host.clock() - cmd.measuredFrom;
    if (Command.nesting == 1) Execute.measured += spent;
    info.microseconds += <u64>spent;
    if (Config.latencyTracking) Histogram.add(info.number, <u64>spent, 1);
    if (Config.latencyMonitorThreshold) Execute.noteLatency(info, spent);
    if (spent >= Checks.slowFrom) SlowLog.add(cmd, <i64>spent);
  }

  /** The command itself is its effect. */
  private static logAsIs(cmd: Command): void {
    Effects.begin(cmd.db.index, cmd.argc);
    for (let i = 0; i < cmd.argc; i++) Effects.slice(cmd.arg(i));
  }

  /** Asks the host to answer; it may do so later. */
  static askHost(cmd: Command): void {
    Execute.ask(cmd, cmd.info.number, cmd.arguments, cmd.argc);
    if (<i32>cmd.info.number == Known.migrate) Execute.redactMigrate(cmd);
  }

  /** The host has its copy of what MIGRATE logs in with. */
  private static redactMigrate(cmd: Command): void {
    for (let i = 6; i < cmd.argc; i++) {
      if (cmd.is(i, "keys")) return;
      const secrets = cmd.is(i, "auth") ? 1 : cmd.is(i, "auth2") ? 2 : 0;
      for (let left = secrets; left && i + 1 < cmd.argc; left--) cmd.redact(++i);
    }
  }

  /** Asks the host for what a command needs, as if another were called, whose reply is the command's. */
  static ask(cmd: Command, number: i32, argv: usize, argc: i32): void {
    const control = Control.it;
    control.argc = argc;
    control.argv = <u32>argv;
    control.db = cmd.db.index;
    const session = cmd.session;
    control.mayWait = u32(
      session.kind == SessionKind.CLIENT &&
        !session.has(SessionFlag.IN_EXEC) &&
        (Command.nesting == 1 || Execute.isAside),
    );
    session.add(SessionFlag.AWAITS_HOST);
    if (Host.command(changetype<usize>(session), number)) session.add(SessionFlag.BLOCKED);
    else session.drop(SessionFlag.AWAITS_HOST);
  }

  // ── refusals ───────────────────────────────────────────────────────────────────────────────

  private static refuse(cmd: Command, error: string): bool {
    if (<i32>cmd.info.number == Known.exec) Execute.abortExec(cmd, error);
    else cmd.fail(error);
    return Execute.refused(cmd.session, cmd.info);
  }

  /** An EXEC that may not run ends its transaction. */
  private static abortExec(cmd: Command, error: string): void {
    Errors.begin();
    Errors.text(EXEC_ABORTED);
    Errors.text(error);
    Errors.send(cmd.session);
    Queue.discard(cmd.session);
  }

  /** Puts the words before the reason why an EXEC may not run, whose transaction ends then. */
  static beginAbort(): void {
    Errors.text(EXEC_ABORTED);
  }

  /** After an error reply to a command that did not run: a transaction that is being queued will fail. */
  private static refused(session: Session, info: CommandInfo | null): bool {
    Execute.passOver(session);
    if (info && session.isCounted) info.rejected++;
    if (session.has(SessionFlag.MULTI)) session.add(SessionFlag.EXEC_ABORTED);
    return false;
  }

  /** A web page may have made a browser send this: what follows in the request must not run. */
  private static refuseHttp(session: Session): void {
    Sessions.requestClose(session, true);
    if (Clock.nowMs < Execute.httpToldUntilMs) return;
    Execute.httpToldUntilMs = Clock.nowMs + 60000;
    Errors.begin();
    Errors.text(
      "Possible SECURITY ATTACK detected: a client sends HTTP (POST or Host:), perhaps a web page by way of its reader's browser. Connection from ",
    );
    Errors.bytes(session.address.bytes, session.address.length);
    Errors.text(" aborted.");
    Host.log(LogLevel.WARNING, Errors.pointer, Errors.length);
  }
  private static httpToldUntilMs: i64 = 0;

  private static refuseUnknown(session: Session, argv: usize, argc: i32): void {
    const name = changetype<Slice>(argv);
    if (Bytes.is(name.ptr, name.len, "post") || Bytes.is(name.ptr, name.len, "host:")) {
      return Execute.refuseHttp(session);
    }
    Errors.begin();
    Errors.text("ERR unknown command '");
    Errors.bytes(name.ptr, min<u32>(name.len, 128));
    Errors.text("', with args beginning with: ");
    const from = Errors.length;
    for (let i = 1; i < argc && Errors.length - from < 128; i++) {
      const slice = changetype<Slice>(argv + (i << 3));
      const room = 128 - (Errors.length - from);
      Errors.text("'");
      Errors.bytes(slice.ptr, min<u32>(slice.len, room));
      Errors.text("' ");
    }
    Errors.send(session);
    Execute.refused(session, null);
  }
}
