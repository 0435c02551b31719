// A session: one connection, or something that behaves like one (a link to a master, a log that is
// loaded, a script, the host itself). Its kind decides what is checked, answered and propagated.

import { Clock } from "../memory/clock";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Database } from "../keyspace/database";
import { Keyspace } from "../keyspace/keyspace";
import { ReadState } from "../protocol/reader";
import { Gate, Output } from "../protocol/output";
import { Stats } from "../memory/stats";
import { Text } from "../memory/text";

/** What is at the other end. */
export const enum SessionKind {
  CLIENT = 0,
  REPLICA = 1,
  MASTER = 2,
  LOADER = 3,
  SCRIPT = 4,
  INTERNAL = 5,
  /** A client that asks over REST; `open` alone knows it, the session is a CLIENT. */
  REST = 6,
}

/** Bits of `Session.state`. */
export class SessionFlag {
  /** Commands are queued since MULTI. */
  static readonly MULTI: u32 = 1 << 0;
  /** A watched key has changed: EXEC answers nil. */
  static readonly WATCH_BROKEN: u32 = 1 << 1;
  /** A command was refused while queueing: EXEC answers EXECABORT. */
  static readonly EXEC_ABORTED: u32 = 1 << 2;
  /** Waits: for a key, or for the host's answer. */
  static readonly BLOCKED: u32 = 1 << 3;
  /** The host answers the command that it waits for. */
  static readonly AWAITS_HOST: u32 = 1 << 4;
  /** Goes once its output is sent. */
  static readonly CLOSE_AFTER_REPLY: u32 = 1 << 5;
  /** Goes at once. */
  static readonly CLOSE_NOW: u32 = 1 << 6;
  static readonly MONITOR: u32 = 1 << 7;
  static readonly AUTHENTICATED: u32 = 1 << 8;
  /** In the queue that `ready` hands out. */
  static readonly IN_READY: u32 = 1 << 9;
  /** CLIENT REPLY OFF, and CLIENT REPLY SKIP for the next command. */
  static readonly REPLY_OFF: u32 = 1 << 10;
  /** Asks over REST, where some commands mean something else. */
  static readonly REST: u32 = 1 << 11;
  static readonly REPLY_SKIP_NEXT: u32 = 1 << 12;
  static readonly NO_TOUCH: u32 = 1 << 13;
  static readonly NO_EVICT: u32 = 1 << 14;
  /** RESP2 session with subscriptions: only few commands are allowed. */
  static readonly SUBSCRIBED: u32 = 1 << 15;
  /** CLIENT TRACKING and its modes. */
  static readonly TRACKING: u32 = 1 << 16;
  static readonly TRACKING_BROADCAST: u32 = 1 << 17;
  static readonly TRACKING_OPTIN: u32 = 1 << 18;
  static readonly TRACKING_OPTOUT: u32 = 1 << 19;
  static readonly TRACKING_NOLOOP: u32 = 1 << 20;
  static readonly TRACKING_CACHING: u32 = 1 << 21;
  static readonly TRACKING_BROKEN_REDIRECT: u32 = 1 << 22;
  /** EXEC is running this session's queue. */
  static readonly IN_EXEC: u32 = 1 << 23;
  /** Its commands wait (CLIENT PAUSE). */
  static readonly PAUSED: u32 = 1 << 24;
  static readonly READONLY: u32 = 1 << 25;
  static readonly ASKING: u32 = 1 << 26;
  /** Its user may not do all: each command is checked. */
  static readonly RESTRICTED: u32 = 1 << 27;
  /** Came through a Unix socket. */
  static readonly UNIX: u32 = 1 << 28;
  /** Complete commands wait in its input. */
  static readonly HAS_MORE: u32 = 1 << 29;
  /** Logged in with a token: its login ends, and its user may be its own. */
  static readonly OWN_LOGIN: u32 = 1 << 30;
}


@unmanaged
export class Session extends ReadState {
  id: u64;
  kind: u32;
  state: u32;
  db: Database;
  /** All sessions in the order they came. */
  previous: Session | null;
  next: Session | null;
  /** The queue that `ready` hands out. */
  nextReady: Session | null;

  // What was received and not yet executed: see `Feed`.
  input: usize;
  inputStart: u32;
  inputEnd: u32;

  // Texts, each in a block of its own (`Text`).
  name: Text;
  address: Text;
  localAddress: Text;
  libraryName: Text;
  libraryVersion: Text;
  fd: i32;

  // What other parts keep for a session; each is theirs alone.
  transaction: usize;
  watches: usize;
  subscriptions: usize;
  blocking: usize;
  tracking: usize;
  /** The user that it acts as; 0: nobody, who may do all. */
  user: usize;
  /** Unix time in ms at which its login ends; 0: it does not. */
  loginEndsMs: i64;

  /** Bytes that others keep for it: subscriptions, watches, prefixes. */
  keptBytes: u32;
  // What `ClientMemory` counts it as, and its list of clients of such a size.
  countedBytes: u32;
  sizeBucket: u32;
  previousOfSize: Session | null;
  nextOfSize: Session | null;

  // Statistics.
  createdMs: i64;
  lastMs: i64;
  lastCommand: i32;
  receivedBytes: u64;
  commands: u64;
  softLimitSinceMs: i64;


  @inline has(flags: u32): bool {
    return (this.state & flags) != 0;
  }


  @inline add(flags: u32): void {
    this.state |= flags;
  }


  @inline drop(flags: u32): void {
    this.state &= ~flags;
  }

  /** Whether it came from this machine. */
  get isLocal(): bool {
    const address = this.address;
    return (
      this.has(SessionFlag.UNIX) ||
      Bytes.startsWith(address.bytes, address.length, "127.0.0.1:") ||
      Bytes.startsWith(address.bytes, address.length, "[::1]:")
    );
  }

  /** Whether what it sends comes from a log or a master: it was checked before, and is not answered. */
  @inline get isTrustedSource(): bool {
    return this.kind == SessionKind.MASTER || this.kind == SessionKind.LOADER;
  }

  /** Whether statistics, slow log and MONITOR tell of what it runs, which is not so of the host's own and of a log. */
  @inline get isCounted(): bool {
    return this.kind != SessionKind.INTERNAL && this.kind != SessionKind.LOADER;
  }
}

/** All sessions, by their order and by their id. */
export class Sessions {
  static first: Session | null = null;
  static last: Session | null = null;
  static clients: u32 = 0;
  static nextId: u64 = 1;
  private static readyFirst: Session | null = null;
  private static readyLast: Session | null = null;
  static readyCount: u32 = 0;
  /** `(session)`: it may take more memory or less than before; 0 while nobody counts. */
  static sizeHook: u32 = 0;

  static open(kind: u32): Session {
    const session = changetype<Session>(Heap.alloc(offsetof<Session>()));
    memory.fill(changetype<usize>(session), 0, offsetof<Session>());
    session.initReply();
    session.id = Sessions.nextId++;
    session.kind = kind;
    if (kind != SessionKind.CLIENT) session.exemptFromGate();
    session.db = Keyspace.database(0);
    session.expectedArgs = -1;
    session.expectedBytes = -1;
    session.createdMs = Clock.nowMs;
    session.lastMs = Clock.nowMs;
    session.lastCommand = -1;
    session.name = Text.EMPTY;
    session.address = Text.EMPTY;
    session.localAddress = Text.EMPTY;
    session.libraryName = Text.EMPTY;
    session.libraryVersion = Text.EMPTY;
    session.fd = -1;
    const last = Sessions.last;
    session.previous = last;
    if (last) last.next = session;
    else Sessions.first = session;
    Sessions.last = session;
    if (kind == SessionKind.CLIENT) {
      Sessions.clients++;
      Stats.connections++;
    }
    return session;
  }

  /** Frees what every session has; what other parts keep for it must be gone. */
  static close(session: Session): void {
    Sessions.takeFromReady(session);
    const previous = session.previous;
    const next = session.next;
    if (previous) previous.next = next;
    else Sessions.first = next;
    if (next) next.previous = previous;
    else Sessions.last = previous;
    if (session.kind == SessionKind.CLIENT) Sessions.clients--;
    session.disposeOutput();
    if (session.input) Heap.free(session.input);
    if (session.parsed) Heap.free(session.parsed);
    session.name.dispose();
    session.address.dispose();
    session.localAddress.dispose();
    session.libraryName.dispose();
    session.libraryVersion.dispose();
    Heap.free(changetype<usize>(session));
  }

  static byId(id: u64): Session | null {
    let session = Sessions.first;
    while (session) {
      if (session.id == id) return session;
      session = session.next;
    }
    return null;
  }

  /** Puts a session in the queue of those that the host must look at. */
  static markReady(session: Session): void {
    if (session.has(SessionFlag.IN_READY)) return;
    session.add(SessionFlag.IN_READY);
    session.nextReady = null;
    const last = Sessions.readyLast;
    if (last) last.nextReady = session;
    else Sessions.readyFirst = session;
    Sessions.readyLast = session;
    Sessions.readyCount++;
  }

  static nextReady(): Session | null {
    const session = Sessions.readyFirst;
    if (!session) return null;
    Sessions.readyFirst = session.nextReady;
    if (!session.nextReady) Sessions.readyLast = null;
    session.drop(SessionFlag.IN_READY);
    Sessions.readyCount--;
    return session;
  }

  /** What is written from now on begins in new segments, which the gate can hold. */
  static endSegments(): void {
    let session = Sessions.first;
    while (session) {
      session.gateHere();
      session = session.next;
    }
  }

  /** Asks the host to close a session; at once, or when its output has left. */
  static requestClose(session: Session, atOnce: bool): void {
    session.add(atOnce ? SessionFlag.CLOSE_NOW : SessionFlag.CLOSE_AFTER_REPLY);
    Sessions.markReady(session);
  }

  private static takeFromReady(session: Session): void {
    if (!session.has(SessionFlag.IN_READY)) return;
    let before: Session | null = null;
    let at = Sessions.readyFirst;
    while (at && at != session) {
      before = at;
      at = at.nextReady;
    }
    if (before) before.nextReady = session.nextReady;
    else Sessions.readyFirst = session.nextReady;
    if (Sessions.readyLast == session) Sessions.readyLast = before;
    Sessions.readyCount--;
  }
}

function onPending(reply: usize): void {
  Sessions.markReady(changetype<Session>(reply));
  if (Sessions.sizeHook) call_indirect<void>(Sessions.sizeHook, reply);
}

function onOverflow(reply: usize): void {
  Sessions.requestClose(changetype<Session>(reply), true);
}

/** Once, when the engine boots. */
export function bootSessions(): void {
  Output.pendingHook = onPending.index;
  Gate.openedHook = onPending.index;
  Output.overflowHook = onOverflow.index;
}
