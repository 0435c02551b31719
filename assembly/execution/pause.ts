// CLIENT PAUSE: commands of clients wait for a while, all of them or those that write.

import { Clock } from "../memory/clock";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { CommandInfo, Flag } from "./info";
import { Known } from "./known";
import { Queue } from "./transactions";

export class Pause {
  /** Whether commands may have to wait; false lets every command pass with one test. */
  static isOn: bool = false;
  private static writesOnly: bool = false;
  private static untilMs: i64 = 0;

  /** Pauses until `untilMs`; a pause of all commands or a later end is not weakened. */
  static begin(untilMs: i64, writesOnly: bool): void {
    if (!Pause.isOn || untilMs > Pause.untilMs) Pause.untilMs = untilMs;
    Pause.writesOnly = Pause.isOn ? Pause.writesOnly && writesOnly : writesOnly;
    Pause.isOn = true;
  }

  static end(): void {
    if (!Pause.isOn) return;
    Pause.isOn = false;
    let session = Sessions.first;
    while (session) {
      if (session.has(SessionFlag.PAUSED)) {
        session.drop(SessionFlag.PAUSED);
        session.add(SessionFlag.HAS_MORE);
        Sessions.markReady(session);
      }
      session = session.next;
    }
  }

  /** When it ends, Unix time in ms; the end of time while there is none. */
  @inline static get endMs(): i64 {
    return Pause.isOn ? Pause.untilMs : i64.MAX_VALUE;
  }

  /** Ends the pause when its time has come; in how many ms that will be. */
  static tick(): u32 {
    if (!Pause.isOn) return u32.MAX_VALUE;
    const left = Pause.untilMs - Clock.nowMs;
    if (left > 0) return <u32>min<i64>(left, 1000);
    Pause.end();
    return 0;
  }

  /** Whether a command of this session must wait. */
  static holds(session: Session, info: CommandInfo | null): bool {
    if (session.kind != SessionKind.CLIENT || !info) return false;
    if (Clock.nowMs >= Pause.untilMs) {
      Pause.end();
      return false;
    }
    if (!Pause.writesOnly) return !isClientCommand(info);
    if (info.has(Flag.WRITE | Flag.MAY_REPLICATE)) return true;
    const isExec = <i32>info.number == Known.exec && session.transaction != 0;
    return isExec && Queue.of(session).writes;
  }
}

/** CLIENT itself always runs, so that UNPAUSE can come through. */
function isClientCommand(info: CommandInfo): bool {
  return <i32>info.number == Known.client;
}
