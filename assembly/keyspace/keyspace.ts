// All databases, and the one way to look a key up.
//
// A lookup removes a key that is past its expiry before anyone sees it (a replica only hides it: its
// master sends the deletion), counts hits and misses, and notes the access for eviction.

import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Stats } from "../memory/stats";
import { Database } from "./database";
import { Entry } from "./entry";
import { Frequency } from "./frequency";
import { Garbage, Release } from "./garbage";

/** Why the engine itself removes a key. */
export const enum Removal {
  EXPIRED,
  EVICTED,
}

/** Tables of a database. */
const TABLES: u32 = 1;
/** More than an empty database takes. */
const DATABASE_ROOM: u32 = 1024;

export class Keyspace {
  static databaseCount: u32 = 0;
  private static databases: usize = 0;
  /** Keys that are past their expiry are hidden, not removed: a replica waits for its master. */
  static hidesExpired: bool = false;
  /** Expiry is off while a log is loaded or DEBUG says so. */
  static expires: bool = true;
  /** `(db, entry, hash, reason)`: tells everyone that a key goes; set by the layer that knows them. */
  static removalHook: u32 = 0;
  /** `(db, entry)`: before a value changes; 0 while no snapshot runs. */
  static editHook: u32 = 0;
  /** Whether accesses are counted by frequency (an LFU policy) and not by time. */
  static countsFrequency: bool = false;
  /** Whether keys are evicted by the time of their last access (an LRU policy): files then tell it. */
  static ranksIdleness: bool = false;

  /** Makes as many databases as `databases` says, as far as there is room; before there are keys. */
  static configured(): void {
    const count = Config.databases;
    const former = Keyspace.databaseCount;
    if (count == former || !Heap.hasRoom(<u64>count * DATABASE_ROOM)) return;
    for (let index = count; index < former; index++) {
      Keyspace.database(index).dispose();
      Heap.free(changetype<usize>(Keyspace.database(index)));
    }
    const size = (<usize>count) << 2;
    Keyspace.databases = former ? Heap.resize(Keyspace.databases, size) : Heap.alloc(size);
    for (let index = former; index < count; index++) {
      const db = changetype<Database>(Heap.alloc(offsetof<Database>()));
      db.init(index, TABLES);
      Keyspace.set(index, db);
    }
    Keyspace.databaseCount = count;
  }


  @inline static database(index: u32): Database {
    return changetype<Database>(<usize>load<u32>(Keyspace.databases + (index << 2)));
  }


  @inline private static set(index: u32, db: Database): void {
    store<u32>(Keyspace.databases + (index << 2), changetype<usize>(db));
  }

  /** What a new or touched entry carries as the clock of its last access. */
  @inline static accessClock(): u32 {
    return (<u32>(Clock.nowMs / 1000)) & 0xffffff;
  }

  /** What a new entry carries. */
  @inline static initialClock(): u32 {
    return Keyspace.countsFrequency ? Frequency.initial() : Keyspace.accessClock();
  }

  /** The live entry of a key, without statistics and without noting the access. */
  @inline static peek(db: Database, keyPtr: usize, keyLen: u32, hash: u64): Entry | null {
    const entry = db.find(keyPtr, keyLen, hash);
    return entry && entry.isVolatile && Keyspace.dropExpired(db, entry, hash) ? null : entry;
  }

  /** Whether an entry with an expiry is past it; where this engine decides, it is then removed. */
  static dropExpired(db: Database, entry: Entry, hash: u64): bool {
    if (entry.expiry >= Clock.nowMs || !Keyspace.expires) return false;
    if (!Keyspace.hidesExpired) Keyspace.drop(db, entry, hash, Removal.EXPIRED);
    return true;
  }

  /** Removes a key on the engine's own account, and tells everyone. */
  static drop(db: Database, entry: Entry, hash: u64, reason: Removal): void {
    Keyspace.edit(db, entry);
    if (reason == Removal.EXPIRED) Stats.expiredKeys++;
    else Stats.evictedKeys++;
    call_indirect<void>(Keyspace.removalHook, db, entry, reason);
    const outer = Garbage.reason;
    Garbage.reason = reason == Removal.EXPIRED ? Release.EXPIRED : Release.EVICTED;
    db.remove(entry, hash);
    Garbage.reason = outer;
  }

  /** Says that the value of an entry is about to change or go. Every write begins here. */
  @inline static edit(db: Database, entry: Entry): void {
    if (Keyspace.editHook) call_indirect<void>(Keyspace.editHook, db, entry);
  }

  /** Notes an access. */
  @inline static touch(entry: Entry): void {
    entry.lru = Keyspace.countsFrequency ? Frequency.used(entry) : Keyspace.accessClock();
  }

  /** Keys in all databases. */
  static get keys(): u64 {
    let total: u64 = 0;
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) total += Keyspace.database(i).count;
    return total;
  }
}
