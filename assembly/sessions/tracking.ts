// Server-assisted caching: which sessions have read which keys, so that they hear when one changes.
//
//   table by name ─► TrackedKey ─► trackers, sorted by address
//
// A key has no database here: clients cache names. It is forgotten when it was told; a session that
// reads it again is remembered again. What a session that is gone has read stays until then.

import { Config } from "../generated/config";
import { SipHash } from "../algorithms/siphash";
import { Random } from "../algorithms/random";
import { Database } from "../keyspace/database";
import { Garbage } from "../keyspace/garbage";
import { Heap } from "../memory/heap";
import { Bucket, Table } from "../structures/table";
import { Broadcast } from "./broadcast";
import { Changes } from "./changes";
import { Session, SessionFlag, Sessions } from "./session";
import { Deferred } from "./subscriptions";
import { Tracker } from "./tracker";

/** Keys that the limit takes out in a batch, times the batches for which it was passed. */
const EFFORT: u32 = 100;


@unmanaged
class TrackedKey {
  keyLen: u32;
  count: u32;
  /** The tracker, if there is one; else a block with the addresses of all of them. */
  private trackers: usize;


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + offsetof<TrackedKey>();
  }

  static create(keyPtr: usize, keyLen: u32): TrackedKey {
    const key = changetype<TrackedKey>(Heap.alloc(offsetof<TrackedKey>() + keyLen));
    key.keyLen = keyLen;
    key.count = 0;
    key.trackers = 0;
    memory.copy(key.keyPtr, keyPtr, keyLen);
    return key;
  }


  @inline private slot(index: u32): usize {
    return this.count == 1
      ? changetype<usize>(this) + offsetof<TrackedKey>("trackers")
      : this.trackers + ((<usize>index) << 2);
  }


  @inline at(index: u32): Tracker {
    return changetype<Tracker>(<usize>load<u32>(this.slot(index)));
  }

  /** Adds a tracker; whether it was not there. */
  add(tracker: Tracker): bool {
    const address = <u32>changetype<usize>(tracker);
    let low: u32 = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (load<u32>(this.slot(middle)) < address) low = middle + 1;
      else high = middle;
    }
    if (low < this.count && load<u32>(this.slot(low)) == address) return false;
    if (this.count) this.grow();
    this.count++;
    const slot = this.slot(low);
    memory.copy(slot + 4, slot, (<usize>(this.count - 1 - low)) << 2);
    store<u32>(slot, address);
    tracker.hold();
    return true;
  }

  /** Makes the block one that has room for another tracker. */
  private grow(): void {
    const need = (<usize>(this.count + 1)) << 2;
    if (this.count == 1) {
      const block = Heap.alloc(need);
      store<u32>(block, <u32>this.trackers);
      this.trackers = block;
    } else if (need > Heap.sizeOf(this.trackers)) {
      this.trackers = Heap.resize(this.trackers, need + (need >> 1));
    }
  }

  free(): void {
    for (let i: u32 = 0; i < this.count; i++) this.at(i).release();
    if (this.count > 1) Heap.free(this.trackers);
    Heap.free(changetype<usize>(this));
  }
}

export class Tracking {
  /** Someone tracks, or a key is still remembered. */
  static isOn: bool = false;
  /** How many sessions each key has been read by, in all. */
  static items: u64 = 0;
  private static table: usize = 0;
  private static sessions: u32 = 0;
  /** Batches that ended above the limit, one after the other. */
  private static overfull: u32 = 0;


  @inline private static get tracked(): Table<TrackedKey> {
    return changetype<Table<TrackedKey>>(Tracking.table);
  }

  /** How many keys are remembered. */
  static get keys(): u32 {
    return Tracking.table ? Tracking.tracked.count : 0;
  }

  /** The id that `CLIENT GETREDIR` tells: 0 for no redirection, -1 without tracking. */
  static redirectOf(session: Session): i64 {
    return session.has(SessionFlag.TRACKING) ? <i64>Tracker.of(session).redirectId : -1;
  }

  // ── sessions ───────────────────────────────────────────────────────────────────────────────

  /** Begins to track, with modes of `SessionFlag`, or goes on with other ones. */
  static begin(session: Session, target: Session | null, modes: u32): void {
    if (!Tracking.table) Tracking.table = changetype<usize>(Table.create<TrackedKey>());
    if (!session.has(SessionFlag.TRACKING)) Tracking.sessions++;
    session.drop(MODES | SessionFlag.TRACKING_BROKEN_REDIRECT);
    session.add(SessionFlag.TRACKING | modes);
    Tracker.of(session).sendTo(target);
    Tracking.isOn = true;
    Changes.trackingHook = changed.index;
    Changes.flushHook = flushed.index;
  }

  static end(session: Session): void {
    if (!session.has(SessionFlag.TRACKING)) return;
    Broadcast.clear(Tracker.of(session));
    session.drop(
      MODES |
        SessionFlag.TRACKING |
        SessionFlag.TRACKING_CACHING |
        SessionFlag.TRACKING_BROKEN_REDIRECT,
    );
    Tracking.sessions--;
    Tracking.rest();
  }

  /** A session goes. */
  static leave(session: Session): void {
    if (!session.tracking) return;
    Tracking.end(session);
    Tracker.of(session).leave();
    session.tracking = 0;
  }

  /** Listens no more when there is nothing to hear of. */
  private static rest(): void {
    if (Tracking.sessions || Tracking.keys) return;
    Tracking.isOn = false;
    Changes.trackingHook = 0;
    Changes.flushHook = 0;
  }

  // ── keys ───────────────────────────────────────────────────────────────────────────────────

  /** A session has read a key. One that there is no room to remember is invalid at once. */
  static remember(session: Session, keyPtr: usize, keyLen: u32): void {
    const tracker = Tracker.of(session);
    const hash = SipHash.hash(keyPtr, keyLen);
    let key = Tracking.tracked.find(keyPtr, keyLen, hash);
    const bytes = <u64>keyLen + ((key ? <u64>key.count : 0) << 3) + 16384;
    if (!Garbage.makeRoom(bytes, bytes)) return tracker.tell(keyPtr, keyLen);
    if (!key) {
      key = TrackedKey.create(keyPtr, keyLen);
      Tracking.tracked.insert(key, hash);
    }
    if (key.add(tracker)) Tracking.items++;
  }

  /** Tells all who have read a key, and forgets it. */
  static invalidate(keyPtr: usize, keyLen: u32): void {
    const key = Tracking.tracked.remove(keyPtr, keyLen, SipHash.hash(keyPtr, keyLen));
    if (!key) return;
    Tracking.items -= key.count;
    for (let i: u32 = 0; i < key.count; i++) {
      const tracker = key.at(i);
      if (!tracker.followsReads) continue;
      const session = tracker.session!;
      const isOwn = changetype<usize>(session) == Deferred.running;
      if (isOwn && session.has(SessionFlag.TRACKING_NOLOOP)) continue;
      tracker.tell(key.keyPtr, key.keyLen);
    }
    key.free();
    if (!Tracking.sessions) Tracking.rest();
  }

  /** All keys of a database, or of all of them, have gone: everything is invalid. */
  static invalidateAll(): void {
    let session = Sessions.first;
    while (session) {
      if (session.has(SessionFlag.TRACKING)) Tracker.of(session).tellAll();
      session = session.next;
    }
    const table = Tracking.tracked;
    const buckets = table.buckets;
    for (let i: u32 = 0; i < buckets; i++) {
      for (let bucket: Bucket | null = table.bucketAt(i); bucket; bucket = bucket.next) {
        for (let filled = bucket.filled; filled; filled &= filled - 1)
          changetype<TrackedKey>(bucket.item(<u32>ctz(filled))).free();
      }
    }
    table.dispose();
    table.init();
    Tracking.items = 0;
    Tracking.rest();
  }

  /** What ran together is over: keeps to the limit, and tells who listens to prefixes. */
  static endBatch(): void {
    Tracking.keepLimit();
    Broadcast.flush();
  }

  /** Forgets keys by chance, and tells so, while there are more than the limit allows. */
  private static keepLimit(): void {
    const limit = <u64>Config.trackingTableMaxKeys;
    if (!limit || <u64>Tracking.keys <= limit) {
      Tracking.overfull = 0;
      return;
    }
    Tracking.overfull++;
    let left = EFFORT * Tracking.overfull;
    while (left-- && <u64>Tracking.keys > limit) {
      const key = Tracking.tracked.randomItem(Random.next())!;
      Tracking.invalidate(key.keyPtr, key.keyLen);
    }
  }
}

const MODES: u32 =
  SessionFlag.TRACKING_BROADCAST |
  SessionFlag.TRACKING_OPTIN |
  SessionFlag.TRACKING_OPTOUT |
  SessionFlag.TRACKING_NOLOOP;

function changed(db: Database, keyPtr: usize, keyLen: u32): void {
  if (Broadcast.prefixes)
    Broadcast.note(keyPtr, keyLen, Changes.isOwnAccount ? 0 : Deferred.running);
  Tracking.invalidate(keyPtr, keyLen);
}

function flushed(): void {
  Tracking.invalidateAll();
}
