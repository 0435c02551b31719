// What a session must know of access control: as whom it acts, and whether it must log in first. Users
// and their rules are in assembly/access, which puts its functions in here.

import { Clock } from "../memory/clock";
import { Session, SessionFlag, SessionKind, Sessions } from "./session";

export class Access {
  /** Sessions must log in: the default user has a password, or is off. */
  static needsPassword: bool = false;
  /** Address of the default user, and whether it may not do all. */
  static defaultUser: usize = 0;
  static isDefaultRestricted: bool = false;
  /** `(session)`: it leaves a login that was its own. */
  static leaveHook: u32 = 0;
  /** `(session)`: writes into the text buffer as whom it acts. */
  static parkHook: u32 = 0;
  /** `(session, kind, name, rules, expiry ms) → whether it may act so`: after its sleep. */
  static unparkHook: u32 = 0;

  /** A session begins, or begins anew: people as the default user, the host's own as nobody, who may do all. */
  static begin(session: Session): void {
    if (session.kind != SessionKind.CLIENT && session.kind != SessionKind.REPLICA) {
      session.add(SessionFlag.AUTHENTICATED);
      return;
    }
    Access.leave(session);
    session.user = Access.defaultUser;
    session.drop(SessionFlag.AUTHENTICATED | SessionFlag.RESTRICTED);
    if (!Access.needsPassword) session.add(SessionFlag.AUTHENTICATED);
    if (Access.isDefaultRestricted) session.add(SessionFlag.RESTRICTED);
  }

  /** Whether it is a client that must log in first. */
  static isStranger(session: Session): bool {
    return (
      Access.needsPassword &&
      session.kind == SessionKind.CLIENT &&
      !session.has(SessionFlag.AUTHENTICATED)
    );
  }

  /** The earliest end of a login. */
  private static nextEndMs: i64 = i64.MAX_VALUE;

  /** A login ends then. */
  static endsAt(ms: i64): void {
    Access.nextEndMs = min(Access.nextEndMs, ms);
  }

  /** Closes the sessions whose login has ended; in how many ms the next one does. */
  static tick(): u32 {
    if (Access.nextEndMs <= Clock.nowMs) {
      let next = i64.MAX_VALUE;
      let nextSession = Sessions.first;
      while (nextSession) {
        const session = nextSession;
        nextSession = session.next;
        const endsMs = session.loginEndsMs;
        if (!endsMs) continue;
        if (endsMs > Clock.nowMs) next = min(next, endsMs);
        else Sessions.requestClose(session, false);
      }
      Access.nextEndMs = next;
    }
    return <u32>min<i64>(Access.nextEndMs - Clock.nowMs, u32.MAX_VALUE);
  }

  /** It will act as another user, or goes. */
  @inline static leave(session: Session): void {
    if (session.has(SessionFlag.OWN_LOGIN)) call_indirect<void>(Access.leaveHook, session);
  }
}
