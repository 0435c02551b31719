// Tracking by prefix: sessions that hear of every change of keys that begin so, once a batch.
//
//   prefixes, sorted ─► Prefix ─► Member ─► Member      (next of the same prefix)
//                                   │         │
//   tracker.prefixes ───────────────┴► …                (next of the same tracker, sorted too)
//
// The keys that changed are collected, and sorted when the batch ends: those of a prefix then stand
// together.

import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { SessionFlag, Sessions } from "./session";
import { Tracker } from "./tracker";

const FIRST_ROOM: u32 = 64;


@unmanaged
export class Prefix {
  previous: Prefix | null;
  next: Prefix | null;
  first: Member | null;
  length: u32;


  @inline get ptr(): usize {
    return changetype<usize>(this) + offsetof<Prefix>();
  }


  @inline starts(keyPtr: usize, keyLen: u32): bool {
    return keyLen >= this.length && Bytes.equal(this.ptr, keyPtr, this.length);
  }

  /** Whether one of the two begins with the other. */
  @inline overlaps(ptr: usize, length: u32): bool {
    return Bytes.equal(this.ptr, ptr, min(length, this.length));
  }
}


@unmanaged
export class Member {
  prefix: Prefix;
  tracker: Tracker;
  previousOfPrefix: Member | null;
  nextOfPrefix: Member | null;
  nextOfTracker: Member | null;
}

/** A key that changed in this batch, and the session that did it; 0: nobody. */
@unmanaged
class ChangedKey {
  writer: usize;
  length: u32;


  @inline get ptr(): usize {
    return changetype<usize>(this) + offsetof<ChangedKey>();
  }
}

export class Broadcast {
  /** How many prefixes there are. */
  static prefixes: u32 = 0;
  private static first: Prefix | null = null;
  /** Addresses of what changed, and how many there is room for. */
  private static changed: usize = 0;
  private static count: u32 = 0;
  private static room: u32 = 0;
  /** More changed than could be remembered. */
  private static isOverfull: bool = false;

  // ── prefixes ───────────────────────────────────────────────────────────────────────────────

  /** A prefix of the tracker's that begins as this one does or the other way round; null for none. */
  static overlapping(tracker: Tracker | null, ptr: usize, length: u32): Prefix | null {
    let member = tracker ? changetype<Member | null>(tracker.prefixes) : null;
    while (member) {
      if (member.prefix.overlaps(ptr, length)) return member.prefix;
      member = member.nextOfTracker;
    }
    return null;
  }

  /** Lets a session hear of keys with this prefix. */
  static add(tracker: Tracker, ptr: usize, length: u32): void {
    let before: Member | null = null;
    let behind = changetype<Member | null>(tracker.prefixes);
    while (behind) {
      const order = Bytes.compare(behind.prefix.ptr, behind.prefix.length, ptr, length);
      if (order == 0) return;
      if (order > 0) break;
      before = behind;
      behind = behind.nextOfTracker;
    }
    const prefix = Broadcast.prefix(ptr, length);
    const member = changetype<Member>(Heap.alloc(offsetof<Member>()));
    member.prefix = prefix;
    member.tracker = tracker;
    member.previousOfPrefix = null;
    member.nextOfPrefix = prefix.first;
    if (prefix.first) prefix.first!.previousOfPrefix = member;
    prefix.first = member;
    member.nextOfTracker = behind;
    if (before) before.nextOfTracker = member;
    else tracker.prefixes = changetype<usize>(member);
    tracker.session!.keptBytes += bytesOf(prefix);
  }

  /** A session hears of no prefix any more. */
  static clear(tracker: Tracker): void {
    let member = changetype<Member | null>(tracker.prefixes);
    tracker.prefixes = 0;
    while (member) {
      const next = member.nextOfTracker;
      const before = member.previousOfPrefix;
      const behind = member.nextOfPrefix;
      tracker.session!.keptBytes -= bytesOf(member.prefix);
      if (before) before.nextOfPrefix = behind;
      else member.prefix.first = behind;
      if (behind) behind.previousOfPrefix = before;
      if (!member.prefix.first) Broadcast.drop(member.prefix);
      Heap.free(changetype<usize>(member));
      member = next;
    }
  }

  /** The record of a prefix, made when there is none. */
  private static prefix(ptr: usize, length: u32): Prefix {
    let before: Prefix | null = null;
    let behind = Broadcast.first;
    while (behind) {
      const order = Bytes.compare(behind.ptr, behind.length, ptr, length);
      if (order == 0) return behind;
      if (order > 0) break;
      before = behind;
      behind = behind.next;
    }
    const prefix = changetype<Prefix>(Heap.alloc(offsetof<Prefix>() + length));
    prefix.first = null;
    prefix.length = length;
    memory.copy(prefix.ptr, ptr, length);
    prefix.previous = before;
    prefix.next = behind;
    if (before) before.next = prefix;
    else Broadcast.first = prefix;
    if (behind) behind.previous = prefix;
    Broadcast.prefixes++;
    return prefix;
  }

  private static drop(prefix: Prefix): void {
    const before = prefix.previous;
    const behind = prefix.next;
    if (before) before.next = behind;
    else Broadcast.first = behind;
    if (behind) behind.previous = before;
    Broadcast.prefixes--;
    Heap.free(changetype<usize>(prefix));
  }

  // ── changes ────────────────────────────────────────────────────────────────────────────────

  /** A key has changed by a session; 0: by nobody. */
  static note(keyPtr: usize, keyLen: u32, writer: usize): void {
    if (Broadcast.isOverfull || !Broadcast.isHeard(keyPtr, keyLen)) return;
    if (Broadcast.count) {
      const last = Broadcast.at(Broadcast.count - 1);
      if (last.length == keyLen && Bytes.equal(last.ptr, keyPtr, keyLen)) {
        last.writer = writer;
        return;
      }
    }
    if (!Broadcast.makeRoom(keyLen)) {
      Broadcast.isOverfull = true;
      return;
    }
    const key = changetype<ChangedKey>(Heap.alloc(offsetof<ChangedKey>() + keyLen));
    key.writer = writer;
    key.length = keyLen;
    memory.copy(key.ptr, keyPtr, keyLen);
    Broadcast.set(Broadcast.count++, key);
  }

  private static isHeard(keyPtr: usize, keyLen: u32): bool {
    let prefix = Broadcast.first;
    while (prefix) {
      if (prefix.starts(keyPtr, keyLen)) return true;
      prefix = prefix.next;
    }
    return false;
  }

  private static makeRoom(keyLen: u32): bool {
    const isFull = Broadcast.count == Broadcast.room;
    const more = isFull ? max(Broadcast.room, FIRST_ROOM) : 0;
    // The end of the batch needs a second row of as many.
    if (!Heap.hasRoom(((<u64>Broadcast.room + more) << 3) + keyLen + 65536)) return false;
    if (!isFull) return true;
    Broadcast.room += more;
    const size = (<usize>Broadcast.room) << 2;
    Broadcast.changed = Broadcast.changed ? Heap.resize(Broadcast.changed, size) : Heap.alloc(size);
    return true;
  }


  @inline private static at(index: u32): ChangedKey {
    return changetype<ChangedKey>(<usize>load<u32>(Broadcast.changed + ((<usize>index) << 2)));
  }


  @inline private static set(index: u32, key: ChangedKey): void {
    store<u32>(Broadcast.changed + ((<usize>index) << 2), <u32>changetype<usize>(key));
  }

  /** The batch is over: tells what changed in it. */
  static flush(): void {
    if (!Broadcast.changed) return;
    if (Broadcast.isOverfull) Broadcast.tellAll();
    else Broadcast.tellChanged();
    for (let i: u32 = 0; i < Broadcast.count; i++) Heap.free(changetype<usize>(Broadcast.at(i)));
    Heap.free(Broadcast.changed);
    Broadcast.changed = 0;
    Broadcast.count = 0;
    Broadcast.room = 0;
    Broadcast.isOverfull = false;
  }

  private static tellAll(): void {
    let session = Sessions.first;
    while (session) {
      if (session.has(SessionFlag.TRACKING_BROADCAST)) Tracker.of(session).tellAll();
      session = session.next;
    }
  }

  private static tellChanged(): void {
    Broadcast.sort();
    Broadcast.dropRepeated();
    let from: u32 = 0;
    let prefix = Broadcast.first;
    while (prefix) {
      // Prefixes and keys are in the same order, but the keys of one may begin with the next one too.
      while (from < Broadcast.count && Broadcast.orderTo(prefix, from) < 0) from++;
      let to = from;
      while (to < Broadcast.count && prefix.starts(Broadcast.at(to).ptr, Broadcast.at(to).length))
        to++;
      let member = to > from ? prefix.first : null;
      while (member) {
        Broadcast.tell(member.tracker, from, to);
        member = member.nextOfPrefix;
      }
      prefix = prefix.next;
    }
  }


  @inline private static orderTo(prefix: Prefix, index: u32): i32 {
    const key = Broadcast.at(index);
    return Bytes.compare(key.ptr, key.length, prefix.ptr, prefix.length);
  }

  /** Tells the keys `from` up to `to`, without those that a session with NOLOOP changed itself. */
  private static tell(tracker: Tracker, from: u32, to: u32): void {
    const session = tracker.session!;
    const own = session.has(SessionFlag.TRACKING_NOLOOP) ? changetype<usize>(session) : 0;
    let count = to - from;
    if (own) for (let i = from; i < to; i++) count -= u32(Broadcast.at(i).writer == own);
    if (!count) return;
    const reply = tracker.begin();
    if (!reply) return;
    reply.array(count);
    for (let i = from; i < to; i++) {
      const key = Broadcast.at(i);
      if (!own || key.writer != own) reply.bulk(key.ptr, key.length);
    }
  }

  /** Sorts by name; what changed later stays behind: a merge sort from pairs upwards. */
  private static sort(): void {
    const count = Broadcast.count;
    if (count < 2) return;
    let other = Heap.alloc((<usize>count) << 2);
    for (let width: u32 = 1; width < count; width <<= 1) {
      for (let low: u32 = 0; low < count; low += width << 1) {
        const middle = min(low + width, count);
        const high = min(middle + width, count);
        let left = low;
        let right = middle;
        for (let at = low; at < high; at++) {
          const takesLeft =
            left < middle &&
            (right == high || compare(Broadcast.at(left), Broadcast.at(right)) <= 0);
          const taken = Broadcast.at(takesLeft ? left++ : right++);
          store<u32>(other + ((<usize>at) << 2), <u32>changetype<usize>(taken));
        }
      }
      const sorted = other;
      other = Broadcast.changed;
      Broadcast.changed = sorted;
    }
    Heap.free(other);
  }

  /** Keeps the last of keys with the same name. */
  private static dropRepeated(): void {
    let kept: u32 = 0;
    for (let i: u32 = 0; i < Broadcast.count; i++) {
      const key = Broadcast.at(i);
      if (kept && compare(Broadcast.at(kept - 1), key) == 0)
        Heap.free(changetype<usize>(Broadcast.at(--kept)));
      Broadcast.set(kept++, key);
    }
    Broadcast.count = kept;
  }
}

function compare(a: ChangedKey, b: ChangedKey): i32 {
  return Bytes.compare(a.ptr, a.length, b.ptr, b.length);
}

/** What a prefix takes, which its session may be alone with. */
function bytesOf(prefix: Prefix): u32 {
  return offsetof<Member>() + offsetof<Prefix>() + prefix.length;
}
