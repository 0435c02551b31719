// A session as one line of text: CLIENT LIST, CLIENT INFO, the log of access denials.

import { Clock } from "../memory/clock";
import { Text } from "../memory/text";
import { Heap } from "../memory/heap";
import { TextBuffer } from "../protocol/text-buffer";
import { Session, SessionFlag, SessionKind } from "./session";
import { Subscriptions, TopicKind } from "./subscriptions";
import { Tracking } from "./tracking";

/** What only the layers above know; each is a function index. */
export class Describe {
  /** `(session)`: writes the name of the last command. */
  static commandHook: u32 = 0;
  /** `(session)`: writes the user's name; 0: default. */
  static userHook: u32 = 0;
  /** `(session) → (count << 32 | bytes)` of its transaction. */
  static transactionHook: u32 = 0;

  /** Appends the line, without its end. */
  static line(session: Session): void {
    number("id=", session.id);
    text(" addr=", session.address);
    text(" laddr=", session.localAddress);
    number(" fd=", session.fd);
    text(" name=", session.name);
    number(" age=", (Clock.nowMs - session.createdMs) / 1000);
    number(" idle=", (Clock.nowMs - session.lastMs) / 1000);
    TextBuffer.text(" flags=");
    flags(session);
    number(" db=", session.db.index);
    number(" sub=", Subscriptions.countOf(session, TopicKind.CHANNEL));
    number(" psub=", Subscriptions.countOf(session, TopicKind.PATTERN));
    number(" ssub=", Subscriptions.countOf(session, TopicKind.SHARD));
    const transaction = Describe.transactionHook
      ? call_indirect<u64>(Describe.transactionHook, session)
      : 0;
    number(" multi=", session.has(SessionFlag.MULTI) ? transaction >> 32 : -1);
    const kept = session.inputEnd - session.inputStart;
    const room = session.input ? Heap.sizeOf(session.input) : 0;
    number(" qbuf=", kept);
    number(" qbuf-free=", room - kept);
    number(" argv-mem=", session.parsed ? Heap.sizeOf(session.parsed) : 0);
    number(" multi-mem=", transaction & 0xffffffff);
    number(" rbs=", session.outputMemory);
    number(" rbp=", session.outputMemory);
    number(" obl=", 0);
    number(" oll=", session.segments);
    number(" omem=", session.outputMemory);
    number(" tot-mem=", Describe.memory(session));
    TextBuffer.text(session.segments ? " events=rw" : " events=r");
    TextBuffer.text(" cmd=");
    if (Describe.commandHook) call_indirect<void>(Describe.commandHook, session);
    TextBuffer.text(" user=");
    if (Describe.userHook) call_indirect<void>(Describe.userHook, session);
    else TextBuffer.text("default");
    number(" redir=", Tracking.redirectOf(session));
    number(" resp=", session.protocol);
    text(" lib-name=", session.libraryName);
    text(" lib-ver=", session.libraryVersion);
  }

  /** Bytes that a session takes, as client eviction counts them. */
  static memory(session: Session): u64 {
    let bytes = <u64>offsetof<Session>() + session.heldOutput + session.keptBytes;
    bytes += session.name.length + session.libraryName.length + session.libraryVersion.length;
    if (session.input) bytes += Heap.sizeOf(session.input);
    if (session.parsed) bytes += Heap.sizeOf(session.parsed);
    if (Describe.transactionHook)
      bytes += call_indirect<u64>(Describe.transactionHook, session) & 0xffffffff;
    return bytes;
  }
}

function number(label: string, value: i64): void {
  TextBuffer.text(label);
  TextBuffer.integer(value);
}

function text(label: string, value: Text): void {
  TextBuffer.text(label);
  TextBuffer.bytes(value.bytes, value.length);
}

function flags(session: Session): void {
  const before = TextBuffer.length;
  if (session.kind == SessionKind.REPLICA)
    TextBuffer.char(session.has(SessionFlag.MONITOR) ? 79 : 83);
  else if (session.has(SessionFlag.MONITOR)) TextBuffer.char(79);
  if (session.kind == SessionKind.MASTER) TextBuffer.char(77);
  if (session.has(SessionFlag.SUBSCRIBED)) TextBuffer.char(80);
  if (session.has(SessionFlag.MULTI)) TextBuffer.char(120);
  if (session.has(SessionFlag.BLOCKED)) TextBuffer.char(98);
  if (session.has(SessionFlag.TRACKING)) TextBuffer.char(116);
  if (session.has(SessionFlag.TRACKING_BROKEN_REDIRECT)) TextBuffer.char(82);
  if (session.has(SessionFlag.TRACKING_BROADCAST)) TextBuffer.char(66);
  if (session.has(SessionFlag.WATCH_BROKEN)) TextBuffer.char(100);
  if (session.has(SessionFlag.CLOSE_AFTER_REPLY)) TextBuffer.char(99);
  if (session.has(SessionFlag.CLOSE_NOW)) TextBuffer.char(65);
  if (session.has(SessionFlag.UNIX)) TextBuffer.char(85);
  if (session.has(SessionFlag.READONLY)) TextBuffer.char(114);
  if (session.has(SessionFlag.NO_EVICT)) TextBuffer.char(101);
  if (session.has(SessionFlag.NO_TOUCH)) TextBuffer.char(84);
  if (TextBuffer.length == before) TextBuffer.char(78);
}
