// A session as bytes, and a session made of such bytes again: how a socket outlives a worker that
// sleeps.
//
//   version u8 │ protocol u8 │ flags u32 │ db u32 │ created ms i64
//   texts: name, address, local address, library, its version     each: length u32, bytes
//   login: kind u8, name: text, rules: text, end ms i64           rules only of a user of its own
//   subscriptions: count u32, each: kind u8, text
//   tracking: redirection u64, prefixes: count u32, each: text    only with the flag TRACKING
//   transaction: count u32, each: a command                       only with the flag MULTI
//   wait: deadline ms i64, a command                              only with the flag BLOCKED
//   input: text                                                   received and not yet run
//
//   command: argc u32, each: text
//
// What watched keys did while the session slept is not known: its EXEC will fail, and what it cached is
// invalid. Ids are new after the sleep, so a redirection is broken. A call that waits
// runs again when it wakes, with the deadline that it had.

import { Keyspace } from "../keyspace/keyspace";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Text } from "../memory/text";
import { TextBuffer } from "../protocol/text-buffer";
import { Access } from "../sessions/access";
import { Broadcast, Member } from "../sessions/broadcast";
import { Waiter } from "../sessions/blocking";
import { Session, SessionFlag, SessionKind, Sessions } from "../sessions/session";
import { Subscriber, Subscriptions, TopicKind } from "../sessions/subscriptions";
import { Tracker } from "../sessions/tracker";
import { Tracking } from "../sessions/tracking";
import { Timers } from "../sessions/timers";
import { CommandInfo, commandInfo, findCommand, findSubcommand } from "./info";
import { Execute } from "./execute";
import { Queue } from "./transactions";

const VERSION: u32 = 2;
/** Flags that are kept; everything else is made anew or belongs to a moment. */
const TRACKING_MODES: u32 =
  SessionFlag.TRACKING_BROADCAST |
  SessionFlag.TRACKING_OPTIN |
  SessionFlag.TRACKING_OPTOUT |
  SessionFlag.TRACKING_NOLOOP;
const KEPT: u32 =
  SessionFlag.MULTI |
  SessionFlag.EXEC_ABORTED |
  SessionFlag.WATCH_BROKEN |
  SessionFlag.BLOCKED |
  SessionFlag.AUTHENTICATED |
  SessionFlag.REPLY_OFF |
  SessionFlag.REST |
  SessionFlag.REPLY_SKIP_NEXT |
  SessionFlag.NO_TOUCH |
  SessionFlag.NO_EVICT |
  SessionFlag.READONLY |
  SessionFlag.TRACKING |
  TRACKING_MODES |
  SessionFlag.UNIX;

/** Of these, each comes with what belongs to it. */
const MADE_ANEW: u32 =
  SessionFlag.MULTI |
  SessionFlag.BLOCKED |
  SessionFlag.TRACKING |
  SessionFlag.AUTHENTICATED |
  TRACKING_MODES;

export class Parking {
  /** Writes a session into the text buffer; the session itself stays. */
  static write(session: Session): void {
    let flags = session.state & KEPT;
    if (session.watches) flags |= SessionFlag.WATCH_BROKEN;
    if (!session.blocking) flags &= ~SessionFlag.BLOCKED;
    TextBuffer.begin();
    TextBuffer.char(VERSION);
    TextBuffer.char(session.protocol);
    write32(flags);
    write32(session.db.index);
    write64(session.createdMs);
    writeText(session.name);
    writeText(session.address);
    writeText(session.localAddress);
    writeText(session.libraryName);
    writeText(session.libraryVersion);
    call_indirect<void>(Access.parkHook, session);
    writeSubscriptions(session);
    if (flags & SessionFlag.TRACKING) writeTracking(session);
    if (flags & SessionFlag.MULTI) writeQueue(session);
    if (flags & SessionFlag.BLOCKED) {
      const waiter = changetype<Waiter>(session.blocking);
      write64(waiter.deadlineMs);
      writeCommand(waiter.argv, waiter.argc);
    }
    const length = session.inputEnd - session.inputStart;
    write32(length);
    TextBuffer.bytes(session.input + session.inputStart, length);
  }

  /** Makes a session of parked bytes; null when they are damaged. */
  static read(pointer: usize, length: u32): Session | null {
    Reader.at = pointer;
    Reader.end = pointer + length;
    Reader.isShort = false;
    if (Reader.u8() != VERSION) return null;
    const protocol = Reader.u8();
    const flags = Reader.u32() & KEPT;
    const db = Reader.u32();
    const created = Reader.i64();
    if (Reader.isShort || db >= Keyspace.databaseCount || (protocol != 2 && protocol != 3))
      return null;
    const session = Sessions.open(SessionKind.CLIENT);
    session.protocol = protocol;
    session.db = Keyspace.database(db);
    session.createdMs = created;
    session.state |= flags & ~MADE_ANEW;
    session.name = Reader.text();
    session.address = Reader.text();
    session.localAddress = Reader.text();
    session.libraryName = Reader.text();
    session.libraryVersion = Reader.text();
    readLogin(session, flags);
    readSubscriptions(session);
    if (flags & SessionFlag.TRACKING) readTracking(session, flags & TRACKING_MODES);
    if (flags & SessionFlag.MULTI) readQueue(session);
    if (flags & SessionFlag.BLOCKED) wait(session);
    readInput(session);
    if (!Reader.isShort) return session;
    Subscriptions.clear(session);
    Tracking.leave(session);
    Queue.discard(session);
    Access.leave(session);
    Sessions.close(session);
    return null;
  }
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────

const number: usize = memory.data(8, 8);

function write32(value: u32): void {
  store<u32>(number, value);
  TextBuffer.bytes(number, 4);
}

function write64(value: i64): void {
  store<i64>(number, value);
  TextBuffer.bytes(number, 8);
}

function writeText(text: Text): void {
  write32(text.length);
  TextBuffer.bytes(text.bytes, text.length);
}

function writeCommand(argv: usize, argc: i32): void {
  write32(argc);
  for (let i = 0; i < argc; i++) {
    const arg = changetype<Slice>(argv + ((<usize>i) << 3));
    write32(arg.len);
    TextBuffer.bytes(arg.ptr, arg.len);
  }
}

function writeSubscriptions(session: Session): void {
  const subscriber = changetype<Subscriber>(session.subscriptions);
  if (!session.subscriptions) return write32(0);
  write32(subscriber.channels + subscriber.patterns + subscriber.shards);
  let subscription = subscriber.first;
  while (subscription) {
    const topic = subscription.topic;
    TextBuffer.char(topic.kind);
    write32(topic.nameLen);
    TextBuffer.bytes(topic.namePtr, topic.nameLen);
    subscription = subscription.nextOfSession;
  }
}

function writeTracking(session: Session): void {
  const tracker = Tracker.of(session);
  write64(tracker.redirectId);
  let count: u32 = 0;
  let member = changetype<Member | null>(tracker.prefixes);
  while (member) {
    count++;
    member = member.nextOfTracker;
  }
  write32(count);
  member = changetype<Member | null>(tracker.prefixes);
  while (member) {
    write32(member.prefix.length);
    TextBuffer.bytes(member.prefix.ptr, member.prefix.length);
    member = member.nextOfTracker;
  }
}

function writeQueue(session: Session): void {
  const queue = Queue.of(session);
  write32(queue.count);
  let queued = queue.first;
  while (queued) {
    writeCommand(queued.argv, queued.argc);
    queued = queued.next;
  }
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────

/** Reads no further than the end: what is missing is 0 or empty, and noted. */
class Reader {
  static at: usize = 0;
  static end: usize = 0;
  static isShort: bool = false;

  static take(size: u32): usize {
    const at = Reader.at;
    if (size > <u32>(Reader.end - at)) {
      Reader.isShort = true;
      return 0;
    }
    Reader.at = at + size;
    return at;
  }
  static u8(): u32 {
    const at = Reader.take(1);
    return at ? load<u8>(at) : 0;
  }
  static u32(): u32 {
    const at = Reader.take(4);
    return at ? load<u32>(at) : 0;
  }
  static i64(): i64 {
    const at = Reader.take(8);
    return at ? load<i64>(at) : 0;
  }
  static text(): Text {
    const length = Reader.u32();
    const at = Reader.take(length);
    return at ? Text.of(at, length) : Text.EMPTY;
  }
  /** Reads a command into a vector of its own; `argc` is 0 for a damaged one. */
  static command(): usize {
    const argc = Reader.u32();
    Reader.argc = 0;
    if (!argc || argc > (<u32>(Reader.end - Reader.at)) >> 2) {
      Reader.isShort = true;
      return 0;
    }
    const argv = Heap.alloc((<usize>argc) << 3);
    for (let i: u32 = 0; i < argc; i++) {
      const slice = changetype<Slice>(argv + (i << 3));
      slice.len = Reader.u32();
      slice.ptr = <u32>Reader.take(slice.len);
    }
    if (Reader.isShort) {
      Heap.free(argv);
      return 0;
    }
    Reader.argc = <i32>argc;
    return argv;
  }
  static argc: i32 = 0;
}

/** As whom it acted; a user who is gone meanwhile leaves nothing to go on with. */
function readLogin(session: Session, flags: u32): void {
  Access.begin(session);
  const kind = Reader.u8();
  const nameLength = Reader.u32();
  const name = Reader.take(nameLength);
  const rulesLength = Reader.u32();
  const rules = Reader.take(rulesLength);
  const endsMs = Reader.i64();
  if (Reader.isShort) return;
  if (
    !call_indirect<bool>(
      Access.unparkHook,
      session,
      kind,
      name,
      nameLength,
      rules,
      rulesLength,
      endsMs,
    )
  )
    Reader.isShort = true;
  if (!(flags & SessionFlag.AUTHENTICATED)) session.drop(SessionFlag.AUTHENTICATED);
}

function readSubscriptions(session: Session): void {
  for (let left = Reader.u32(); left && !Reader.isShort; left--) {
    const kind = Reader.u8();
    const length = Reader.u32();
    const name = Reader.take(length);
    if (kind >= <u32>TopicKind.COUNT) Reader.isShort = true;
    if (!Reader.isShort) Subscriptions.add(session, kind, name, length);
  }
}

/** Begins to track again, and tells that nothing is known of the time before. */
function readTracking(session: Session, modes: u32): void {
  const redirectId = <u64>Reader.i64();
  Tracking.begin(session, null, modes);
  const tracker = Tracker.of(session);
  for (let left = Reader.u32(); left && !Reader.isShort; left--) {
    const length = Reader.u32();
    const prefix = Reader.take(length);
    if (!Reader.isShort) Broadcast.add(tracker, prefix, length);
  }
  if (Reader.isShort) return;
  if (redirectId) tracker.breakRedirect(redirectId);
  else tracker.tellAll();
}

/** The record of the command in such a vector; null for one that this engine does not know. */
function infoOf(argv: usize, argc: i32): CommandInfo | null {
  const name = changetype<Slice>(argv);
  const number = findCommand(name.ptr, name.len);
  if (number < 0) return null;
  const info = commandInfo(number);
  if (!info.childCount || argc < 2) return info;
  const child = findSubcommand(
    number,
    changetype<Slice>(argv + 8).ptr,
    changetype<Slice>(argv + 8).len,
  );
  return child < 0 ? info : commandInfo(child);
}

function readQueue(session: Session): void {
  Queue.begin(session);
  for (let left = Reader.u32(); left && !Reader.isShort; left--) {
    const argv = Reader.command();
    if (!argv) return;
    const info = infoOf(argv, Reader.argc);
    if (info) Queue.of(session).push(info, argv, Reader.argc);
    else session.add(SessionFlag.EXEC_ABORTED);
    Heap.free(argv);
  }
}

/** Runs the call again that waited; if it waits again, then until its old deadline. */
function wait(session: Session): void {
  const deadlineMs = Reader.i64();
  const argv = Reader.command();
  if (!argv) return;
  const name = changetype<Slice>(argv);
  const number = findCommand(name.ptr, name.len);
  Execute.run(session, number < 0 ? null : commandInfo(number), argv, Reader.argc, 0, 0, 0);
  Heap.free(argv);
  if (!session.blocking) return;
  const waiter = changetype<Waiter>(session.blocking);
  Timers.cancel(waiter);
  Timers.set(waiter, deadlineMs);
}

function readInput(session: Session): void {
  const length = Reader.u32();
  const at = Reader.take(length);
  if (!at || !length) return;
  // As everywhere, a name may be read 16 bytes on.
  session.input = Heap.alloc(<usize>length + 16);
  memory.copy(session.input, at, length);
  session.inputEnd = length;
  session.add(SessionFlag.HAS_MORE);
  Sessions.markReady(session);
}
