// Keyspace notifications: which classes of events are published, and the way to publish one.

/** Classes of events, as the letters of notify-keyspace-events name them. */
export class Notify {
  static readonly KEYSPACE: u32 = 1 << 0; // K
  static readonly KEYEVENT: u32 = 1 << 1; // E
  static readonly GENERIC: u32 = 1 << 2; // g
  static readonly STRING: u32 = 1 << 3; // $
  static readonly LIST: u32 = 1 << 4; // l
  static readonly SET: u32 = 1 << 5; // s
  static readonly HASH: u32 = 1 << 6; // h
  static readonly ZSET: u32 = 1 << 7; // z
  static readonly EXPIRED: u32 = 1 << 8; // x
  static readonly EVICTED: u32 = 1 << 9; // e
  static readonly STREAM: u32 = 1 << 10; // t
  static readonly KEY_MISS: u32 = 1 << 11; // m
  static readonly MODULE: u32 = 1 << 13; // d
  static readonly NEW: u32 = 1 << 14; // n

  /** The classes that are published; 0: none. */
  static flags: u32 = 0;
  /** `(kind, event, keyPointer, keyLength, db)`: publishes an event; set by pub/sub. */
  static hook: u32 = 0;


  @inline static event(kind: u32, event: string, keyPtr: usize, keyLen: u32, db: u32): void {
    if (Notify.flags & kind) call_indirect<void>(Notify.hook, kind, event, keyPtr, keyLen, db);
  }
}
