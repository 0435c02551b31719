// Transactions: MULTI queues, EXEC runs the queue as one unit, WATCH makes it conditional.

import { Effects } from "../persistence/effects";
import { SessionFlag } from "../sessions/session";
import { Watches } from "../sessions/watches";
import { Command } from "../execution/command";
import { Checks } from "../execution/checks";
import { Execute } from "../execution/execute";
import { Queue } from "../execution/transactions";

const OUT_OF_MEMORY =
  "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.";

/** MULTI → OK; the commands that follow are queued. */
export function multi(cmd: Command): void {
  if (cmd.session.has(SessionFlag.MULTI)) return cmd.fail("ERR MULTI calls can not be nested");
  Queue.begin(cmd.session);
  cmd.reply.ok();
}

/** DISCARD → OK; the queue and the watches are gone. */
export function discard(cmd: Command): void {
  if (!cmd.session.has(SessionFlag.MULTI)) return cmd.fail("ERR DISCARD without MULTI");
  Queue.discard(cmd.session);
  cmd.reply.ok();
}

/** EXEC → the replies of the queued commands, or nil when a watched key has changed. */
export function exec(cmd: Command): void {
  const session = cmd.session;
  if (!session.has(SessionFlag.MULTI)) return cmd.fail("ERR EXEC without MULTI");
  if (session.has(SessionFlag.EXEC_ABORTED)) {
    Queue.discard(session);
    return cmd.fail("EXECABORT Transaction discarded because of previous errors.");
  }
  if (session.has(SessionFlag.WATCH_BROKEN) || Watches.anyExpired(session)) {
    Queue.discard(session);
    return cmd.reply.nilArray();
  }
  const queue = Queue.of(session);
  if (queue.grows && !Command.hasRoomFor(queue.bytes, queue.count)) {
    Queue.discard(session);
    return cmd.fail(OUT_OF_MEMORY);
  }
  Watches.clear(session);
  session.add(SessionFlag.IN_EXEC);
  cmd.reply.array(queue.count);
  Effects.beginUnit();
  let queued = queue.first;
  while (queued) {
    const inner = Command.enter(session, queued.info, queued.argv, queued.argc);
    inner.inputBytes = queue.bytes;
    if (!session.has(SessionFlag.RESTRICTED) || call_indirect<bool>(Checks.access, inner))
      Execute.call(inner);
    Command.leave();
    queued = queued.next;
  }
  Effects.endUnit();
  session.drop(SessionFlag.IN_EXEC | SessionFlag.TRACKING_CACHING);
  Queue.discard(session);
}

/** WATCH key [key …] → OK; EXEC fails if one of them changes before. */
export function watch(cmd: Command): void {
  const session = cmd.session;
  if (session.has(SessionFlag.MULTI)) return cmd.fail("ERR WATCH inside MULTI is not allowed");
  if (!session.has(SessionFlag.WATCH_BROKEN)) {
    for (let i = 1; i < cmd.argc; i++) Watches.add(session, cmd.arg(i).ptr, cmd.arg(i).len);
  }
  cmd.reply.ok();
}

/** UNWATCH → OK; no key is watched any more. */
export function unwatch(cmd: Command): void {
  Watches.clear(cmd.session);
  cmd.reply.ok();
}
