// A session that tracks keys, or gets the messages of one that does. Tracked keys refer to it, and may
// do so longer than the session lives: it goes with the last reference.

import { Heap } from "../memory/heap";
import { Reply } from "../protocol/reply";
import { Session, SessionFlag } from "./session";
import { Deferred } from "./subscriptions";


@unmanaged
export class Tracker {
  /** Null when the session is gone. */
  session: Session | null;
  private references: u32;
  /** Who gets its messages; null: itself. */
  private redirect: Tracker | null;
  /** The id of that session, 0 for none. */
  redirectId: u64;
  /** The first of its prefixes; `Broadcast` keeps them. */
  prefixes: usize;

  /** The tracker of a session, made when there is none. */
  static of(session: Session): Tracker {
    if (!session.tracking) {
      const tracker = changetype<Tracker>(Heap.alloc(offsetof<Tracker>()));
      tracker.session = session;
      tracker.references = 1;
      tracker.redirect = null;
      tracker.redirectId = 0;
      tracker.prefixes = 0;
      session.tracking = changetype<usize>(tracker);
    }
    return changetype<Tracker>(session.tracking);
  }


  @inline hold(): void {
    this.references++;
  }

  release(): void {
    if (--this.references == 0) Heap.free(changetype<usize>(this));
  }

  /** The session goes. */
  leave(): void {
    this.session = null;
    this.sendTo(null);
    this.release();
  }

  /** Names who gets the messages. */
  sendTo(target: Session | null): void {
    const before = this.redirect;
    this.redirect = target ? Tracker.of(target) : null;
    this.redirectId = target ? target.id : 0;
    if (target) this.redirect!.hold();
    if (before) before.release();
  }

  /** Whether the session hears of single keys that it has read. */
  get followsReads(): bool {
    const session = this.session;
    return (
      session != null &&
      session.has(SessionFlag.TRACKING) &&
      !session.has(SessionFlag.TRACKING_BROADCAST)
    );
  }

  /** Begins a message, after which the invalid keys must follow; null: there is no way to tell. */
  begin(): Reply | null {
    const session = this.session!;
    const redirect = this.redirect;
    if (this.redirectId && (!redirect || !redirect.session)) {
      this.breakRedirect(this.redirectId);
      return null;
    }
    const target = redirect ? redirect.session! : session;
    if (target.protocol == 2 && !(redirect && target.has(SessionFlag.SUBSCRIBED))) return null;
    const reply = Deferred.target(target);
    if (target.protocol == 3) {
      reply.push(2);
      reply.bulkText("invalidate");
    } else {
      reply.array(3);
      reply.bulkText("message");
      reply.bulkText("__redis__:invalidate");
    }
    return reply;
  }

  /** Says that a key is not what it was. */
  tell(keyPtr: usize, keyLen: u32): void {
    const reply = this.begin();
    if (!reply) return;
    reply.array(1);
    reply.bulk(keyPtr, keyLen);
  }

  /** Says that nothing is what it was. */
  tellAll(): void {
    const reply = this.begin();
    if (!reply) return;
    // The nil of the session that tracks, whoever gets it.
    reply.text(this.session!.protocol == 3 ? "_\r\n" : "$-1\r\n");
  }

  /** The session with this id, which was to get the messages, is gone. */
  breakRedirect(redirectId: u64): void {
    const session = this.session!;
    this.redirectId = redirectId;
    session.add(SessionFlag.TRACKING_BROKEN_REDIRECT);
    if (session.protocol == 2) return;
    const reply = Deferred.target(session);
    reply.push(2);
    reply.bulkText("tracking-redir-broken");
    reply.integer(redirectId);
  }
}
