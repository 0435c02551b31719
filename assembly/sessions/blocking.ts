// Sessions that wait for keys: one mechanism for lists, sorted sets and streams.
//
//   tables[db] ─► WaitedKey ─► Link ─► Link ─► Link        in order of arrival: the first is served first
//                               │       │
//                               ▼       ▼
//                             Waiter  Waiter               the session's command, to be run again
//
//   ready: WaitedKey ─► WaitedKey                          keys that may serve someone, in order
//
// A waiter keeps its command. When one of its keys becomes ready, the command runs again, as if it
// came now: what it finds, replies and logs is what it would have done at first. If it finds nothing,
// it goes on waiting in its old place.

import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Database } from "../keyspace/database";
import { Keyspace } from "../keyspace/keyspace";
import { Table } from "../structures/table";
import { Changes } from "./changes";
import { Session, SessionFlag, Sessions } from "./session";
import { Timer, Timers } from "./timers";

/** A key that someone waits for; its name follows. */
@unmanaged
export class WaitedKey {
  first: Link | null;
  last: Link | null;
  db: Database;
  nextReady: WaitedKey | null;
  isReady: bool;
  /** Those who wait for it are being served: it stays, even without any. */
  isServing: bool;
  keyLen: u32;


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<WaitedKey>();
  }

  get hash(): u64 {
    return Database.hash(this.keyPtr, this.keyLen);
  }
}

/** One waiter's place at one key. */
@unmanaged
export class Link {
  key: WaitedKey;
  waiter: Waiter;
  previous: Link | null;
  next: Link | null;
}

/** A session that waits: its links, then the vector of its arguments, then their bytes. */
@unmanaged
export class Waiter extends Timer {
  session: Session;
  /** The command's record. */
  info: usize;
  argc: i32;
  argv: usize;
  /** The type that a key must have to be of use. */
  type: u32;
  /** It wants to know too when a key goes, or is of another type then: see `Blocking.wakeOnMissing`. */
  wakesOnMissing: bool;
  links: u32;


  @inline link(index: u32): Link {
    return changetype<Link>(
      changetype<usize>(this) + offsetof<Waiter>() + index * offsetof<Link>(),
    );
  }
}

export class Blocking {
  /** Sessions that wait for keys. */
  static count: u32 = 0;
  /** Keys that sessions wait for. */
  static keys: u32 = 0;
  /** Waiters that want to know when a key goes. */
  private static wakingOnMissing: u32 = 0;
  /** Address of a table for each database, 0 until someone waits there. */
  private static tables: usize = 0;
  private static readyFirst: WaitedKey | null = null;
  private static readyLast: WaitedKey | null = null;

  /** Keys whose removal wakes somebody: at most so many, since several may wait for the same. */
  static get keysWatchedForRemoval(): u32 {
    return min(Blocking.wakingOnMissing, Blocking.keys);
  }

  /** Whether a key is ready that someone waits for. */
  @inline static get hasReady(): bool {
    return Blocking.readyFirst != null;
  }

  /**
   * Makes a session wait for the keys in arguments `firstKey` to `firstKey + keys - 1`, until `deadlineMs`
   * (Unix time in ms; 0: for ever). The arguments are copied.
   */
  static wait(
    session: Session,
    info: usize,
    argv: usize,
    argc: i32,
    firstKey: i32,
    keys: i32,
    type: u32,
    deadlineMs: i64,
  ): Waiter {
    const waiter = Blocking.create(argv, argc, keys);
    waiter.session = session;
    waiter.info = info;
    waiter.type = type;
    waiter.wakesOnMissing = false;
    for (let i = 0; i < keys; i++) {
      const name = changetype<Slice>(waiter.argv + ((<usize>(firstKey + i)) << 3));
      const key = Blocking.keyOf(session.db, name.ptr, name.len);
      const last = key.last;
      // The same key named twice counts once.
      if (last && last.waiter == waiter) continue;
      const link = waiter.link(waiter.links++);
      link.key = key;
      link.waiter = waiter;
      link.previous = last;
      link.next = null;
      if (last) last.next = link;
      else key.first = link;
      key.last = link;
    }
    session.blocking = changetype<usize>(waiter);
    session.add(SessionFlag.BLOCKED);
    Blocking.count++;
    Changes.waitingHook = onReady.index;
    Timers.set(waiter, deadlineMs);
    return waiter;
  }

  /** Runs a waiter again too when one of its keys goes. */
  static wakeOnMissing(waiter: Waiter): void {
    waiter.wakesOnMissing = true;
    Blocking.wakingOnMissing++;
    Database.goneHook = onReady.index;
  }

  /** Takes a waiter out of all queues and frees it; its session goes on with what it has sent since. */
  static leave(waiter: Waiter): void {
    for (let i: u32 = 0; i < waiter.links; i++) {
      const link = waiter.link(i);
      const key = link.key;
      const previous = link.previous;
      const next = link.next;
      if (previous) previous.next = next;
      else key.first = next;
      if (next) next.previous = previous;
      else key.last = previous;
      Blocking.settle(key);
    }
    Timers.cancel(waiter);
    if (waiter.wakesOnMissing && !--Blocking.wakingOnMissing) Database.goneHook = 0;
    const session = waiter.session;
    session.blocking = 0;
    session.drop(SessionFlag.BLOCKED);
    Heap.free(changetype<usize>(waiter));
    if (!--Blocking.count) Changes.waitingHook = 0;
    Sessions.markReady(session);
  }

  /** Puts a key among those that may serve someone, if anyone waits for it. */
  static ready(db: Database, keyPtr: usize, keyLen: u32): void {
    if (!Blocking.tableAt(db)) return;
    const key = Blocking.table(db).find(keyPtr, keyLen, Database.hash(keyPtr, keyLen));
    if (!key || key.isReady) return;
    key.isReady = true;
    key.nextReady = null;
    const last = Blocking.readyLast;
    if (last) last.nextReady = key;
    else Blocking.readyFirst = key;
    Blocking.readyLast = key;
  }

  /**
   * After the content of a database was exchanged or dropped: whatever is waited for and is there now is
   * ready, and so is what someone wants to know to be gone.
   */
  static readyAll(db: Database): void {
    if (!Blocking.count) return;
    let session = Sessions.first;
    while (session) {
      if (session.blocking) Blocking.readyOf(changetype<Waiter>(session.blocking), db);
      session = session.next;
    }
  }

  private static readyOf(waiter: Waiter, db: Database): void {
    for (let i: u32 = 0; i < waiter.links; i++) {
      const key = waiter.link(i).key;
      if (key.db != db) continue;
      if (waiter.wakesOnMissing || db.find(key.keyPtr, key.keyLen, key.hash))
        Blocking.ready(db, key.keyPtr, key.keyLen);
    }
  }

  /** Takes the first ready key; `done` must follow. */
  static takeReady(): WaitedKey {
    const key = changetype<WaitedKey>(Blocking.readyFirst);
    Blocking.readyFirst = key.nextReady;
    if (!key.nextReady) Blocking.readyLast = null;
    // From here on the key can become ready again.
    key.isReady = false;
    key.isServing = true;
    return key;
  }

  /** A ready key has served whom it could. */
  static done(key: WaitedKey): void {
    key.isServing = false;
    Blocking.settle(key);
  }

  /** Forgets a key that nobody waits for any more. */
  @inline private static settle(key: WaitedKey): void {
    if (!key.first && !key.isReady && !key.isServing) Blocking.forget(key);
  }

  private static tableAt(db: Database): usize {
    return Blocking.tables ? <usize>load<u32>(Blocking.tables + (db.index << 2)) : 0;
  }


  @inline private static table(db: Database): Table<WaitedKey> {
    return changetype<Table<WaitedKey>>(Blocking.tableAt(db));
  }

  /** The key of that name, made when nobody waits for it yet. */
  private static keyOf(db: Database, keyPtr: usize, keyLen: u32): WaitedKey {
    if (!Blocking.tables) {
      Blocking.tables = Heap.alloc(Keyspace.databaseCount << 2);
      memory.fill(Blocking.tables, 0, Keyspace.databaseCount << 2);
    }
    if (!Blocking.tableAt(db)) {
      const made = changetype<usize>(Table.create<WaitedKey>());
      store<u32>(Blocking.tables + (db.index << 2), made);
    }
    const hash = Database.hash(keyPtr, keyLen);
    const found = Blocking.table(db).find(keyPtr, keyLen, hash);
    if (found) return found;
    const key = changetype<WaitedKey>(Heap.alloc(offsetof<WaitedKey>() + keyLen));
    key.first = null;
    key.last = null;
    key.db = db;
    key.isReady = false;
    key.isServing = false;
    key.keyLen = keyLen;
    memory.copy(key.keyPtr, keyPtr, keyLen);
    Blocking.table(db).insert(key, hash);
    Blocking.keys++;
    return key;
  }

  private static forget(key: WaitedKey): void {
    Blocking.table(key.db).remove(key.keyPtr, key.keyLen, key.hash);
    Heap.free(changetype<usize>(key));
    Blocking.keys--;
  }

  private static create(argv: usize, argc: i32, keys: i32): Waiter {
    const vector = offsetof<Waiter>() + <usize>keys * offsetof<Link>();
    let bytes = vector + ((<usize>argc) << 3);
    for (let i = 0; i < argc; i++) bytes += changetype<Slice>(argv + ((<usize>i) << 3)).len;
    const waiter = changetype<Waiter>(Heap.alloc(bytes));
    waiter.links = 0;
    waiter.argc = argc;
    waiter.argv = changetype<usize>(waiter) + vector;
    let to = waiter.argv + ((<usize>argc) << 3);
    for (let i = 0; i < argc; i++) {
      const from = changetype<Slice>(argv + ((<usize>i) << 3));
      const slice = changetype<Slice>(waiter.argv + ((<usize>i) << 3));
      slice.ptr = <u32>to;
      slice.len = from.len;
      memory.copy(to, from.ptr, from.len);
      to += from.len;
    }
    return waiter;
  }
}

function onReady(db: Database, keyPtr: usize, keyLen: u32): void {
  Blocking.ready(db, keyPtr, keyLen);
}
