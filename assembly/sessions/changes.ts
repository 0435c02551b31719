// What follows from a change of a key, in Redis's order. Commands come here through
// `Command.changed`; expiry and eviction come through the removal hook.

import { Config } from "../generated/config";
import { Database } from "../keyspace/database";
import { Entry } from "../keyspace/entry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Field } from "../structures/field-table";
import { Keyspace, Removal } from "../keyspace/keyspace";
import { Effects } from "../persistence/effects";
import { Notify } from "./notify";
import { Watches } from "./watches";

export class Changes {
  /** `(db, keyPtr, keyLen)`: invalidates what clients cache of a key; 0 while nobody tracks. */
  static trackingHook: u32 = 0;
  /** `(db, keyPtr, keyLen)`: someone waits for keys; 0 while nobody does. */
  static waitingHook: u32 = 0;
  /** `()`: all keys of a database, or of all, go; `(a, b)`: two databases were exchanged. 0 while nobody cares. */
  static flushHook: u32 = 0;
  static swapHook: u32 = 0;
  /** The change is of a key that the engine removes. */
  static isOwnAccount: bool = false;
  /** Writes since the last save, as INFO's rdb_changes_since_last_save. */
  static dirty: u64 = 0;

  /** Breaks watches and invalidates client caches of a key. */
  @inline static signal(db: Database, keyPtr: usize, keyLen: u32): void {
    if (Watches.count) Watches.touch(db.index, keyPtr, keyLen);
    if (Changes.trackingHook) call_indirect<void>(Changes.trackingHook, db, keyPtr, keyLen);
  }

  /** A key may now serve a blocked session. */
  @inline static ready(db: Database, keyPtr: usize, keyLen: u32): void {
    if (Changes.waitingHook) call_indirect<void>(Changes.waitingHook, db, keyPtr, keyLen);
  }
}

/** The engine removes a key by itself: the log and the replicas learn it as a deletion. */
function onRemoval(db: Database, entry: Entry, reason: Removal): void {
  const keyPtr = entry.keyPtr;
  const keyLen = entry.keyLen;
  const isLazy =
    reason == Removal.EXPIRED ? Config.lazyfreeLazyExpire : Config.lazyfreeLazyEviction;
  if (Effects.isOn) {
    Effects.beginUnit();
    Effects.begin(db.index, 2);
    Effects.text(isLazy ? "UNLINK" : "DEL");
    Effects.bytes(keyPtr, keyLen);
    Effects.endUnit();
  }
  if (reason == Removal.EXPIRED) Notify.event(Notify.EXPIRED, "expired", keyPtr, keyLen, db.index);
  else Notify.event(Notify.EVICTED, "evicted", keyPtr, keyLen, db.index);
  Changes.isOwnAccount = true;
  Changes.signal(db, keyPtr, keyLen);
  Changes.isOwnAccount = false;
}

/** A field of a hash goes by itself: the log learns it as its deletion. */
function onFieldRemoval(db: Database, entry: Entry, field: Field): void {
  if (Effects.isOn) {
    Effects.beginUnit();
    Effects.begin(db.index, 3);
    Effects.text("HDEL");
    Effects.bytes(entry.keyPtr, entry.keyLen);
    Effects.bytes(field.keyPtr, field.keyLen);
    Effects.endUnit();
  }
  Notify.event(Notify.HASH, "hexpired", entry.keyPtr, entry.keyLen, db.index);
  Changes.signal(db, entry.keyPtr, entry.keyLen);
}

/** A hash went with its last field. */
function onEmptyHash(db: Database, entry: Entry): void {
  Notify.event(Notify.GENERIC, "del", entry.keyPtr, entry.keyLen, db.index);
  Changes.signal(db, entry.keyPtr, entry.keyLen);
}

/** Once, when the engine boots. */
export function bootChanges(): void {
  Keyspace.removalHook = onRemoval.index;
  FieldExpiry.removalHook = onFieldRemoval.index;
  FieldExpiry.emptyHook = onEmptyHash.index;
}
