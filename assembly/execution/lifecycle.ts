// How a session begins and ends, and how the host answers for a command.

import { Config } from "../generated/config";
import { Keyspace } from "../keyspace/keyspace";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Stats } from "../memory/stats";
import { Text } from "../memory/text";
import { Integer } from "../algorithms/integer";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Subscriptions } from "../sessions/subscriptions";
import { Tracking } from "../sessions/tracking";
import { Access } from "../sessions/access";
import { Describe } from "../sessions/describe";
import { TextBuffer } from "../protocol/text-buffer";
import { ClientMemory } from "./client-memory";
import { commandInfo } from "./info";
import { Monitor } from "./monitor";
import { writeCommandName } from "./names";
import { Queue } from "./transactions";
import { Waiting } from "./waiting";

/** Writes the name of the last command of a session, as CLIENT LIST shows it. */
function describeCommand(session: Session): void {
  if (session.lastCommand < 0) return TextBuffer.text("NULL");
  writeCommandName(commandInfo(session.lastCommand));
}

function describeTransaction(session: Session): u64 {
  if (!session.transaction) return 0;
  const queue = Queue.of(session);
  return ((<u64>queue.count) << 32) | queue.bytes;
}

export class Lifecycle {
  static boot(): void {
    Describe.commandHook = describeCommand.index;
    Describe.transactionHook = describeTransaction.index;
  }

  /** `(session)`: what other parts keep for a session goes; each links itself in front of the last. */
  static closeHook: u32 = 0;
  /** `(session)`: RESET ends subscriptions, tracking and MONITOR. */
  static resetHook: u32 = 0;

  /** `text` is `addr laddr fd`, separated by spaces; empty for a session without a connection. */
  static open(kind: u32, text: usize, length: u32): usize {
    const isRest = kind == SessionKind.REST;
    if (isRest) kind = SessionKind.CLIENT;
    if (kind == SessionKind.CLIENT && Sessions.clients >= <u32>Config.maxclients) {
      Stats.rejectedConnections++;
      return 0;
    }
    if (!Heap.hasRoom(65536)) return 0;
    const session = Sessions.open(kind);
    Access.begin(session);
    if (kind == SessionKind.LOADER) session.add(SessionFlag.REPLY_OFF);
    if (isRest) session.add(SessionFlag.REST);
    if (length) Lifecycle.readAddresses(session, text, text + length);
    if (ClientMemory.isOn) ClientMemory.update(session);
    return changetype<usize>(session);
  }

  /** Makes a session what it was when it began: RESET. */
  static reset(session: Session): void {
    Queue.discard(session);
    Subscriptions.clear(session);
    Monitor.remove(session);
    Tracking.end(session);
    if (Lifecycle.resetHook) call_indirect<void>(Lifecycle.resetHook, session);
    session.drop(
      SessionFlag.MONITOR |
        SessionFlag.REPLY_OFF |
        SessionFlag.REPLY_SKIP_NEXT |
        SessionFlag.NO_TOUCH |
        SessionFlag.NO_EVICT |
        SessionFlag.READONLY |
        SessionFlag.ASKING,
    );
    Access.begin(session);
    session.protocol = 2;
    session.db = Keyspace.database(0);
    session.name.dispose();
    session.name = Text.EMPTY;
  }

  static close(session: Session): void {
    ClientMemory.leave(session);
    Waiting.cancel(session);
    Queue.discard(session);
    Subscriptions.clear(session);
    Monitor.remove(session);
    Tracking.leave(session);
    Access.leave(session);
    if (Lifecycle.closeHook) call_indirect<void>(Lifecycle.closeHook, session);
    Sessions.close(session);
  }

  /** The host's reply to a command of this session; what it had sent meanwhile runs next. */
  static answer(session: Session, pointer: usize, length: u32): void {
    if (!session.has(SessionFlag.AWAITS_HOST)) return;
    session.raw(pointer, length);
    if (session.has(SessionFlag.BLOCKED)) Lifecycle.answered(session);
  }

  /** What a session waits for from the host has been replied. */
  static answered(session: Session): void {
    session.drop(SessionFlag.AWAITS_HOST | SessionFlag.BLOCKED);
    Sessions.markReady(session);
  }

  private static readAddresses(session: Session, text: usize, end: usize): void {
    const first = Bytes.indexOf(text, end, 32);
    if (!first) return;
    session.address = Text.of(text, <u32>(first - text));
    const second = Bytes.indexOf(first + 1, end, 32);
    if (!second) return;
    session.localAddress = Text.of(first + 1, <u32>(second - first - 1));
    if (Integer.parse(second + 1, <u32>(end - second - 1))) session.fd = <i32>Integer.value;
    if (load<u8>(text) == 47) session.add(SessionFlag.UNIX);
  }
}
