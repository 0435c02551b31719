// ACL LOG: who was denied what, the latest first. Denials of the same thing within a minute are one entry.
//
//   newest ─► Denied ─► Denied ─► … ─► oldest
//   one:      next │ reason, context │ count │ id │ first and last time │ object │ user │ session

import { Config } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Stats } from "../memory/stats";
import { Text } from "../memory/text";
import { Reply } from "../protocol/reply";
import { TextBuffer } from "../protocol/text-buffer";
import { Describe } from "../sessions/describe";
import { Session } from "../sessions/session";
import { Denial } from "./permission";

/** Where a command was denied. */
export const enum DenialContext {
  TOP_LEVEL,
  MULTI,
  SCRIPT,
}

/** How many entries are looked at for one that says the same, and how old that may be. */
const LOOKED_AT: u32 = 10;
const SAME_MS: i64 = 60000;
/** Bytes that are kept of an object or a name: whoever is denied something must not fill the memory with it. */
const KEPT_MAX: u32 = 4096;


@unmanaged
class Denied {
  next: Denied | null;
  reason: Denial;
  context: DenialContext;
  count: u32;
  id: u64;
  createdMs: i64;
  updatedMs: i64;
  object: Text;
  user: Text;
  session: Text;


  @inline isSame(
    reason: Denial,
    context: DenialContext,
    object: usize,
    objectLen: u32,
    user: usize,
    userLen: u32,
  ): bool {
    return (
      this.reason == reason &&
      this.context == context &&
      Clock.nowMs - this.updatedMs <= SAME_MS &&
      isText(this.object, object, objectLen) &&
      isText(this.user, user, userLen)
    );
  }

  dispose(): void {
    this.object.dispose();
    this.user.dispose();
    this.session.dispose();
    Heap.free(changetype<usize>(this));
  }
}

export class AccessLog {
  private static newest: Denied | null = null;
  private static length: u32 = 0;
  private static nextId: u64 = 0;

  /** Notes a denial; `session` is the one at the other end, even if a script asked for it. */
  static add(
    session: Session,
    reason: Denial,
    context: DenialContext,
    object: usize,
    objectLen: u32,
    user: usize,
    userLen: u32,
  ): void {
    AccessLog.count(reason);
    if (!Heap.hasRoom(65536)) return;
    objectLen = min(objectLen, KEPT_MAX);
    userLen = min(userLen, KEPT_MAX);
    let before: Denied | null = null;
    let entry = AccessLog.newest;
    let left = LOOKED_AT;
    while (entry && left && !entry.isSame(reason, context, object, objectLen, user, userLen)) {
      before = entry;
      entry = entry.next;
      left--;
    }
    if (entry && left) {
      if (before) {
        before.next = entry.next;
        entry.next = AccessLog.newest;
        AccessLog.newest = entry;
      }
      entry.session.dispose();
      entry.count++;
    } else {
      entry = changetype<Denied>(Heap.alloc(offsetof<Denied>()));
      entry.reason = reason;
      entry.context = context;
      entry.count = 1;
      entry.id = AccessLog.nextId++;
      entry.createdMs = Clock.nowMs;
      entry.object = Text.of(object, objectLen);
      entry.user = Text.of(user, userLen);
      entry.next = AccessLog.newest;
      AccessLog.newest = entry;
      AccessLog.length++;
    }
    entry.updatedMs = Clock.nowMs;
    TextBuffer.begin();
    Describe.line(session);
    entry.session = Text.of(TextBuffer.pointer, TextBuffer.length);
    TextBuffer.end();
    AccessLog.configured();
  }

  private static count(reason: Denial): void {
    if (reason == Denial.COMMAND) Stats.aclDeniedCommand++;
    else if (reason == Denial.KEY) Stats.aclDeniedKey++;
    else if (reason == Denial.CHANNEL) Stats.aclDeniedChannel++;
    else Stats.aclDeniedAuth++;
  }

  /** acllog-max-len was set. */
  static configured(): void {
    AccessLog.trim(<u32>min<i64>(Config.acllogMaxLen, u32.MAX_VALUE));
  }

  /** Keeps the newest `limit` entries. */
  static trim(limit: u32): void {
    if (AccessLog.length <= limit) return;
    let before: Denied | null = null;
    let entry = AccessLog.newest;
    for (let i: u32 = 0; i < limit && entry; i++) {
      before = entry;
      entry = entry.next;
    }
    if (before) before.next = null;
    else AccessLog.newest = null;
    while (entry) {
      const next = entry.next;
      entry.dispose();
      entry = next;
    }
    AccessLog.length = limit;
  }

  /** Replies the newest `count` entries. */
  static reply(reply: Reply, count: u32): void {
    reply.array(min(count, AccessLog.length));
    let left = count;
    let entry = AccessLog.newest;
    while (entry && left) {
      left--;
      reply.map(10);
      reply.bulkText("count");
      reply.integer(entry.count);
      reply.bulkText("reason");
      reply.bulkText(reasonText(entry.reason));
      reply.bulkText("context");
      reply.bulkText(contextText(entry.context));
      text(reply, "object", entry.object);
      text(reply, "username", entry.user);
      reply.bulkText("age-seconds");
      reply.double(<f64>(Clock.nowMs - entry.updatedMs) / 1000);
      text(reply, "client-info", entry.session);
      reply.bulkText("entry-id");
      reply.integer(entry.id);
      reply.bulkText("timestamp-created");
      reply.integer(entry.createdMs);
      reply.bulkText("timestamp-last-updated");
      reply.integer(entry.updatedMs);
      entry = entry.next;
    }
  }
}

function isText(text: Text, ptr: usize, length: u32): bool {
  return text.length == length && Bytes.equal(text.bytes, ptr, length);
}

function text(reply: Reply, name: string, value: Text): void {
  reply.bulkText(name);
  reply.bulk(value.bytes, value.length);
}

function reasonText(reason: Denial): string {
  if (reason == Denial.COMMAND) return "command";
  if (reason == Denial.KEY) return "key";
  return reason == Denial.CHANNEL ? "channel" : "auth";
}

function contextText(context: DenialContext): string {
  if (context == DenialContext.TOP_LEVEL) return "toplevel";
  return context == DenialContext.MULTI ? "multi" : "lua";
}
