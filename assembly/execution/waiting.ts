// Commands that wait for keys: how one begins to wait, is run again when a key is ready, and gives up.
//
// A blocking command looks at its keys as any other. When it finds nothing, it asks `block`; if that says no
// (inside MULTI, a script, a log that is loaded) it replies at once what it replies after its time-out.

import { Clock } from "../memory/clock";
import { Keyspace } from "../keyspace/keyspace";
import { Bytes } from "../memory/bytes";
import { Effects } from "../persistence/effects";
import { Blocking, WaitedKey, Waiter } from "../sessions/blocking";
import { Changes } from "../sessions/changes";
import { Session, SessionFlag, SessionKind } from "../sessions/session";
import { Deferred } from "../sessions/subscriptions";
import { Tracking } from "../sessions/tracking";
import { Timers } from "../sessions/timers";
import { Command } from "./command";
import { Checks } from "./checks";
import { CommandInfo, Flag } from "./info";
import { TrackedReads } from "./tracked-reads";

export class Waiting {
  /** The waiter whose command runs again, and whether that goes on waiting. */
  private static running: usize = 0;
  private static goesOn: bool = false;
  /** The key that lets it run. */
  private static key: usize = 0;

  /**
   * Lets the command wait for the keys in arguments `firstKey` to `firstKey + keys - 1` to be of a type, until
   * `deadlineMs` (0: for ever); it then runs again from its start. False: it may not wait. Its arguments
   * are kept as they are now. With `wakesOnMissing` it runs again too when one of the keys goes or changes
   * its type.
   */
  static block(
    cmd: Command,
    firstKey: i32,
    keys: i32,
    type: u32,
    deadlineMs: i64,
    wakesOnMissing: bool = false,
  ): bool {
    const session = cmd.session;
    if (session.blocking && session.blocking == Waiting.running) {
      Waiting.goesOn = true;
      return true;
    }
    if (session.has(SessionFlag.IN_EXEC) || !Waiting.mayWait(session.kind)) return false;
    const waiter = Blocking.wait(
      session,
      changetype<usize>(cmd.info),
      cmd.arguments,
      cmd.argc,
      firstKey,
      keys,
      type,
      deadlineMs,
    );
    if (wakesOnMissing) Blocking.wakeOnMissing(waiter);
    return true;
  }

  /**
   * Whether a command may serve itself from the key in argument `index`: one that runs again takes from the
   * key that became ready, not from one that comes first in its arguments but was written later.
   */
  static isOffered(cmd: Command, index: i32): bool {
    if (!Waiting.running || cmd.session.blocking != Waiting.running) return true;
    const key = changetype<WaitedKey>(Waiting.key);
    const name = cmd.arg(index);
    return name.len == key.keyLen && Bytes.equal(name.ptr, key.keyPtr, key.keyLen);
  }


  @inline private static mayWait(kind: u32): bool {
    return kind == SessionKind.CLIENT || kind == SessionKind.INTERNAL;
  }

  /** Serves those who wait for the keys that became ready, until none is left. */
  static serve(): void {
    while (Blocking.hasReady) {
      const key = Blocking.takeReady();
      Waiting.serveKey(key);
      Blocking.done(key);
    }
  }

  /** Runs again what waits for a key, in order of arrival, each once. */
  private static serveKey(key: WaitedKey): void {
    Waiting.key = changetype<usize>(key);
    const last = key.last;
    let next = key.first;
    while (next) {
      const link = next;
      next = link.next;
      if (link == last) next = null;
      const waiter = link.waiter;
      if (waiter.session.has(SessionFlag.CLOSE_NOW | SessionFlag.CLOSE_AFTER_REPLY)) continue;
      const entry = Keyspace.peek(key.db, key.keyPtr, key.keyLen, key.hash);
      if (waiter.wakesOnMissing || (entry && entry.type == waiter.type)) Waiting.runAgain(waiter);
    }
  }

  private static runAgain(waiter: Waiter): void {
    const session = waiter.session;
    const outer = Deferred.running;
    Deferred.running = changetype<usize>(session);
    Waiting.running = changetype<usize>(waiter);
    Waiting.goesOn = false;
    const isMuted = session.has(SessionFlag.REPLY_OFF);
    const mark = isMuted ? session.beginDrop() : 0;
    const cmd = Command.enter(
      session,
      changetype<CommandInfo>(waiter.info),
      waiter.argv,
      waiter.argc,
    );
    // What its user may do may have changed while it waited.
    if (session.has(SessionFlag.RESTRICTED) && !call_indirect<bool>(Checks.access, cmd))
      cmd.info.rejected++;
    else Waiting.call(cmd);
    if (Tracking.isOn && cmd.info.has(Flag.READONLY)) TrackedReads.note(cmd);
    Command.leave();
    if (isMuted) session.endDrop(mark);
    if (Deferred.isWaiting) Deferred.flush(session);
    Deferred.running = outer;
    Waiting.running = 0;
    if (!Waiting.goesOn) Blocking.leave(waiter);
  }

  private static call(cmd: Command): void {
    Effects.beginUnit();
    call_indirect<void>(cmd.info.handler, cmd);
    Changes.dirty += cmd.dirty;
    Effects.endUnit();
  }

  /** Ends a session's wait as if its time were over, or with an error; false when it does not wait. */
  static unblock(session: Session, withError: bool): bool {
    if (!session.blocking) return false;
    if (withError) session.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    else session.nilArray();
    Blocking.leave(changetype<Waiter>(session.blocking));
    return true;
  }

  /** A session that may wait goes. */
  @inline static cancel(session: Session): void {
    if (session.blocking) Blocking.leave(changetype<Waiter>(session.blocking));
  }

  /** Ends the waits whose time is over; in how many ms the next one is. */
  static expire(): u32 {
    while (Timers.nextMs <= Clock.nowMs) {
      Waiting.unblock(changetype<Waiter>(Timers.first).session, false);
    }
    return <u32>min<i64>(Timers.nextMs - Clock.nowMs, u32.MAX_VALUE);
  }
}
