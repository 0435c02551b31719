// Sessions that must go: those that read too slowly for what is sent to them, and those that have
// been silent for too long.

import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Stats } from "../memory/stats";
import { Output } from "../protocol/output";
import { OutputClass, OutputLimits } from "../settings/output-limits";
import { Access } from "../sessions/access";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { ClientMemory } from "./client-memory";

/** How often all sessions are looked at, in ms. */
const EVERY_MS: i64 = 1000;
/** Bytes of replies that may wait for a client that has not logged in. */
const STRANGER_BYTES: u64 = 65536;

export class Limits {
  private static lastMs: i64 = 0;

  static boot(): void {
    Output.growthHook = onGrowth.index;
  }

  /** Closes a session whose output is beyond its limits. */
  static checkOutput(session: Session): void {
    if (session.kind > <u32>SessionKind.REPLICA || session.has(SessionFlag.CLOSE_NOW)) return;
    const limit = OutputLimits.of(
      session.kind == SessionKind.REPLICA
        ? OutputClass.REPLICA
        : session.has(SessionFlag.SUBSCRIBED)
          ? OutputClass.PUBSUB
          : OutputClass.NORMAL,
    );
    const bytes = <u64>session.outputMemory;
    if (bytes > STRANGER_BYTES && Access.isStranger(session)) return Limits.close(session);
    if (limit.hard && bytes > limit.hard) return Limits.close(session);
    if (!limit.soft || bytes <= limit.soft) {
      session.softLimitSinceMs = 0;
    } else if (!session.softLimitSinceMs) {
      session.softLimitSinceMs = Clock.nowMs;
    } else if (Clock.nowMs - session.softLimitSinceMs > limit.softSeconds * 1000) {
      Limits.close(session);
    }
  }

  private static close(session: Session): void {
    Stats.outputBufferLimitDisconnections++;
    Sessions.requestClose(session, true);
  }

  /** Once a second: soft limits and silence. */
  static tick(): void {
    if (Clock.nowMs - Limits.lastMs < EVERY_MS) return;
    Limits.lastMs = Clock.nowMs;
    const silenceMs = <i64>Config.timeout * 1000;
    let session = Sessions.first;
    while (session) {
      if (session.outputMemory) Limits.checkOutput(session);
      if (
        silenceMs &&
        session.kind == SessionKind.CLIENT &&
        !session.has(SessionFlag.BLOCKED | SessionFlag.SUBSCRIBED) &&
        Clock.nowMs - session.lastMs > silenceMs
      ) {
        Sessions.requestClose(session, true);
      }
      session = session.next;
    }
  }
}

function onGrowth(reply: usize): void {
  if (ClientMemory.isOn) ClientMemory.update(changetype<Session>(reply));
  Limits.checkOutput(changetype<Session>(reply));
}
