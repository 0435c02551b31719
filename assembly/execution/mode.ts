// What keeps commands from running although nothing is wrong with them: a dataset that is being
// loaded, a disk that does not take what is written (the host says so with WADI.STATE), and a script that runs
// for too long.

import { Config } from "../generated/config";
import { Keyspace } from "../keyspace/keyspace";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { Gate } from "../protocol/output";
import { Changes } from "../sessions/changes";
import { Command, Errors } from "./command";
import { Checks } from "./checks";
import { Known } from "./known";
import { Flag } from "./info";
import { Queue } from "./transactions";

/** What others are told of the script that runs. */
export const enum BusyKind {
  NONE = 0,
  SCRIPT = 1,
  FUNCTION = 2,
}

export class Mode {
  static isLoading: bool = false;
  /** The last snapshot failed: writes stop if the configuration says so. */
  static snapshotFailed: bool = false;
  /** Why the append-only file takes nothing; empty while it does. */
  static logError: Text = Text.EMPTY;
  /** What runs while a session is heard. */
  static busy: BusyKind = BusyKind.NONE;

  /** While a dataset is loaded no key expires: what its commands meant was decided when they first ran. */
  static setLoading(on: bool): void {
    if (Mode.isLoading && !on) Changes.dirty = 0;
    Mode.isLoading = on;
    Heap.isLoading = on;
    Keyspace.expires = !on;
    Mode.update();
  }

  static setSnapshotFailed(on: bool): void {
    Mode.snapshotFailed = on;
    Mode.update();
  }

  static setLogError(reason: Slice): void {
    Mode.logError.dispose();
    Mode.logError = Text.of(reason.ptr, reason.len);
    Gate.passes = reason.len != 0;
    Mode.update();
  }

  static setBusy(kind: BusyKind): void {
    Mode.busy = kind;
    Mode.update();
  }

  /** What others are told while a script runs. */
  static busyText(kind: BusyKind): string {
    return kind == BusyKind.FUNCTION ? BUSY_FUNCTION : BUSY_SCRIPT;
  }

  /** The common path pays for the check only while there is something to say. */
  private static update(): void {
    const isSpecial =
      Mode.isLoading || Mode.snapshotFailed || Mode.logError.length != 0 || Mode.busy != 0;
    Checks.mode = isSpecial ? check.index : 0;
  }


  @inline static get stopsForSnapshot(): bool {
    return Mode.snapshotFailed && Config.stopWritesOnBgsaveError;
  }

  static isDeniedByDisk(cmd: Command): bool {
    if (!Mode.stopsForSnapshot && !Mode.logError.length) return false;
    const number = <i32>cmd.info.number;
    if (cmd.info.has(Flag.WRITE) || number == Known.ping) return true;
    return number == Known.exec && cmd.session.transaction != 0 && Queue.of(cmd.session).writes;
  }

  /** Whether the disk forbids a script that may write; replies why. */
  static deniesScriptsThatWrite(cmd: Command): bool {
    if (!Mode.stopsForSnapshot && !Mode.logError.length) return false;
    Errors.begin();
    Errors.text(
      Mode.stopsForSnapshot
        ? "MISCONF Redis is configured to save RDB snapshots, "
        : "MISCONF Redis is configured to persist data to AOF, ",
    );
    Errors.text(
      "but it's currently unable to persist to disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts.",
    );
    if (!Mode.stopsForSnapshot) {
      Errors.text(" AOF error: ");
      Errors.bytes(Mode.logError.bytes, Mode.logError.length);
    }
    Errors.send(cmd.session);
    cmd.failed = true;
    return true;
  }
}

/** Whether a command may run; replies the error itself. */
function check(cmd: Command): bool {
  if (Mode.isDeniedByDisk(cmd)) {
    begin(cmd);
    if (Mode.stopsForSnapshot) Errors.text(SNAPSHOT_FAILED);
    else {
      Errors.text("MISCONF Errors writing to the AOF file: ");
      Errors.bytes(Mode.logError.bytes, Mode.logError.length);
    }
    return refuse(cmd);
  }
  if (Mode.isLoading && !cmd.info.has(Flag.LOADING)) {
    begin(cmd);
    Errors.text(IS_LOADING);
    return refuse(cmd);
  }
  if (Mode.busy && !runsWhileBusy(cmd)) {
    begin(cmd);
    Errors.text(Mode.busyText(Mode.busy));
    return refuse(cmd);
  }
  return true;
}

/** SHUTDOWN says itself what is wrong with its words; right ones must have NOSAVE or ABORT among them. */
function runsWhileBusy(cmd: Command): bool {
  if (!cmd.info.has(Flag.ALLOW_BUSY)) return false;
  if (<i32>cmd.info.number != Known.shutdown) return true;
  for (let i = 1; i < cmd.argc; i++)
    if (!cmd.is(i, "save") && !cmd.is(i, "now") && !cmd.is(i, "force")) return true;
  return false;
}

function begin(cmd: Command): void {
  Errors.begin();
  if (<i32>cmd.info.number == Known.exec)
    Errors.text("EXECABORT Transaction discarded because of: ");
}

function refuse(cmd: Command): bool {
  Errors.send(cmd.session);
  if (<i32>cmd.info.number == Known.exec) Queue.discard(cmd.session);
  return false;
}

const BUSY_SCRIPT =
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
const BUSY_FUNCTION =
  "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";
export const IS_LOADING = "LOADING Redis is loading the dataset in memory";
const SNAPSHOT_FAILED =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.";
