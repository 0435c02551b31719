// Others are heard while a script runs for too long: they are told BUSY, and may end the script.
//
// The script is in the middle of a command, between two commands of its own. What can be heard is kept
// small: a session that has nothing to do with the batch that runs, and whose input begins where the last
// command ended. And of its commands only those run that are flagged ALLOW_BUSY: none of them changes a key,
// runs Lua or asks the host for anything that takes long; all others are refused.

import { Heap } from "../memory/heap";
import { Gate } from "../protocol/output";
import { Session, SessionFlag, SessionKind } from "../sessions/session";
import { Checks } from "./checks";
import { Execute } from "./execute";
import { Feed } from "./feed";
import { Host } from "./host";
import { BusyKind, Mode } from "./mode";
import { Pause } from "./pause";

/** Memory that hearing a session may take: what it sent, twice, and what it is told. */
const ROOM: u64 = 1 << 20;
const DEAF: u32 =
  SessionFlag.BLOCKED |
  SessionFlag.PAUSED |
  SessionFlag.HAS_MORE |
  SessionFlag.CLOSE_NOW |
  SessionFlag.CLOSE_AFTER_REPLY |
  SessionFlag.REPLY_OFF |
  SessionFlag.REPLY_SKIP_NEXT |
  SessionFlag.TRACKING_CACHING;

export class Aside {
  /** The session whose script runs while others are heard; 0: nobody is heard. */
  private static caller: usize = 0;

  /** Lets the host hear others while the script of `caller` waits; false where it cannot. */
  static hearOthers(caller: Session, kind: BusyKind): bool {
    Aside.caller = changetype<usize>(caller);
    const pause = Pause.isOn;
    const memoryCheck = Checks.memory;
    // A pause holds no command that may run now, and what is refused is not kept waiting.
    Pause.isOn = false;
    Checks.memory = 0;
    Mode.setBusy(kind);
    Execute.isAside = true;
    const hears = Host.hear();
    Execute.isAside = false;
    Mode.setBusy(BusyKind.NONE);
    Checks.memory = memoryCheck;
    Pause.isOn = pause;
    Aside.caller = 0;
    return hears;
  }

  /** Whether what a session has sent can be fed now, and what it is told can leave. */
  static mayHear(session: Session): bool {
    return (
      Aside.caller != 0 &&
      Aside.caller != changetype<usize>(session) &&
      session.kind == SessionKind.CLIENT &&
      !session.has(DEAF) &&
      !session.isUngated &&
      Heap.hasRoom(ROOM)
    );
  }

  /** Feeds what a session has sent; it may be heard. */
  static hear(session: Session, pointer: usize, length: u32): void {
    Feed.runAside(session, pointer, length);
    if (Gate.isOn) session.passGate();
  }
}
