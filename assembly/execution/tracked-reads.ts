// The keys that a tracking session reads.

import { SessionFlag, SessionKind } from "../sessions/session";
import { Tracking } from "../sessions/tracking";
import { Command } from "./command";
import { Keys } from "./keys";

export class TrackedReads {
  /** A command that only reads has run; what a script reads, its caller reads. */
  static note(cmd: Command): void {
    const isScript = cmd.session.kind == SessionKind.SCRIPT;
    const session = isScript ? Command.outermost.session : cmd.session;
    if (!session.has(SessionFlag.TRACKING) || session.has(SessionFlag.TRACKING_BROADCAST)) return;
    const isCachingGiven = session.has(SessionFlag.TRACKING_CACHING);
    if (session.has(SessionFlag.TRACKING_OPTIN) && !isCachingGiven) return;
    if (session.has(SessionFlag.TRACKING_OPTOUT) && isCachingGiven) return;
    const ranges = Keys.find(cmd.info, cmd.arguments, cmd.argc);
    for (let i: u32 = 0; i < ranges; i++) {
      const range = Keys.range(i);
      for (let at = range.first; at <= range.last; at += range.step) {
        const key = cmd.arg(at);
        Tracking.remember(session, key.ptr, key.len);
      }
    }
  }
}
