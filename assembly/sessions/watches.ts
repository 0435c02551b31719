// WATCH: which sessions watch which keys.
//
// A watched key is found by database and name in one table; it holds the list of its watchers. A
// change breaks the watch of each of them. The common write tests one counter.
//
//   table ─► WatchedKey ─► Watch ─► Watch          (next of the same key)
//                            │        │
//   session.watches ─────────┴► …                  (next of the same session)

import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Database } from "../keyspace/database";
import { Keyspace } from "../keyspace/keyspace";
import { SipHash } from "../algorithms/siphash";
import { Table } from "../structures/table";
import { Session, SessionFlag, Sessions } from "./session";

/** A watched key: its name begins with the number of its database, 4 bytes. */
@unmanaged
class WatchedKey {
  first: Watch | null;
  keyLen: u32;

  static create(name: usize, length: u32): WatchedKey {
    const key = changetype<WatchedKey>(Heap.alloc(offsetof<WatchedKey>() + length));
    key.first = null;
    key.keyLen = length;
    memory.copy(key.keyPtr, name, length);
    return key;
  }


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<WatchedKey>();
  }


  @inline get db(): Database {
    return Keyspace.database(load<u32>(this.keyPtr));
  }
  isIn(db: Database): bool {
    const pointer = this.keyPtr + 4;
    const length = this.keyLen - 4;
    return db.find(pointer, length, Database.hash(pointer, length)) != null;
  }
  /** Whether the key is there but past its expiry. */
  get isExpired(): bool {
    const pointer = this.keyPtr + 4;
    const entry = this.db.find(pointer, this.keyLen - 4, Database.hash(pointer, this.keyLen - 4));
    return entry != null && entry.isVolatile && entry.expiry < Clock.nowMs;
  }
}


@unmanaged
class Watch {
  key: WatchedKey;
  session: Session;
  nextOfKey: Watch | null;
  nextOfSession: Watch | null;
  /** The key was past its expiry when the watch began: its removal then breaks nothing. */
  wasExpired: bool;
}

export class Watches {
  /** Watched keys; while it is 0, a write passes with one test. */
  static count: u32 = 0;
  private static table: usize = 0;

  private static get keys(): Table<WatchedKey> {
    if (!Watches.table) Watches.table = changetype<usize>(Table.create<WatchedKey>());
    return changetype<Table<WatchedKey>>(Watches.table);
  }

  /** The watched key of that name; made when it is not there and `make` says so. */
  private static find(db: u32, pointer: usize, length: u32, make: bool): WatchedKey | null {
    const name = Heap.alloc(4 + length);
    store<u32>(name, db);
    memory.copy(name + 4, pointer, length);
    const hash = SipHash.hash(name, 4 + length);
    let key = Watches.keys.find(name, 4 + length, hash);
    if (!key && make) {
      key = WatchedKey.create(name, 4 + length);
      Watches.keys.insert(key, hash);
      Watches.count++;
    }
    Heap.free(name);
    return key;
  }

  static add(session: Session, pointer: usize, length: u32): void {
    const key = changetype<WatchedKey>(Watches.find(session.db.index, pointer, length, true));
    for (
      let at = session.watches;
      at;
      at = changetype<usize>(changetype<Watch>(at).nextOfSession)
    ) {
      const watch = changetype<Watch>(at);
      if (key == watch.key) return;
    }
    const watch = changetype<Watch>(Heap.alloc(offsetof<Watch>()));
    watch.key = key;
    watch.session = session;
    watch.wasExpired = key.isExpired;
    watch.nextOfKey = key.first;
    key.first = watch;
    watch.nextOfSession = changetype<Watch | null>(session.watches);
    session.watches = changetype<usize>(watch);
    session.keptBytes += bytesOf(key);
  }

  /** A key has changed: whoever watches it will see EXEC fail. */
  static touch(db: u32, pointer: usize, length: u32): void {
    const key = Watches.find(db, pointer, length, false);
    if (!key) return;
    let watch = key.first;
    while (watch) {
      if (watch.wasExpired) watch.wasExpired = false;
      else watch.session.add(SessionFlag.WATCH_BROKEN);
      watch = watch.nextOfKey;
    }
  }

  /** All keys of a database go, or are exchanged with those of `other`: watches of keys in either break. */
  static touchDatabase(db: Database, other: Database): void {
    if (!Watches.count) return;
    let session = Sessions.first;
    while (session) {
      for (
        let at = session.watches;
        at;
        at = changetype<usize>(changetype<Watch>(at).nextOfSession)
      ) {
        const key = changetype<Watch>(at).key;
        if (key.db == db && (key.isIn(db) || key.isIn(other)))
          session.add(SessionFlag.WATCH_BROKEN);
      }
      session = session.next;
    }
  }

  /** Whether a watched key is past its expiry now and was not when its watch began. */
  static anyExpired(session: Session): bool {
    for (
      let at = session.watches;
      at;
      at = changetype<usize>(changetype<Watch>(at).nextOfSession)
    ) {
      const watch = changetype<Watch>(at);
      if (!watch.wasExpired && watch.key.isExpired) return true;
    }
    return false;
  }

  /** Ends all watches of a session. */
  static clear(session: Session): void {
    let watch = changetype<Watch | null>(session.watches);
    session.watches = 0;
    while (watch) {
      const next = watch.nextOfSession;
      const key = watch.key;
      session.keptBytes -= bytesOf(key);
      if (key.first == watch) {
        key.first = watch.nextOfKey;
      } else {
        let before = changetype<Watch>(key.first);
        while (before.nextOfKey != watch) before = changetype<Watch>(before.nextOfKey);
        before.nextOfKey = watch.nextOfKey;
      }
      if (!key.first) {
        Watches.keys.remove(key.keyPtr, key.keyLen, SipHash.hash(key.keyPtr, key.keyLen));
        Heap.free(changetype<usize>(key));
        Watches.count--;
      }
      Heap.free(changetype<usize>(watch));
      watch = next;
    }
    session.drop(SessionFlag.WATCH_BROKEN);
  }
}

/** What a watch takes, with a key that its session may be alone with. */
function bytesOf(key: WatchedKey): u32 {
  return offsetof<Watch>() + offsetof<WatchedKey>() + key.keyLen;
}
