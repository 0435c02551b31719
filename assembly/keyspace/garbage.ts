// Values that nobody can reach any more and that are too big to free at once.
//
// A queue of blocks: [next, type, encoding, value]. `tick` frees some of the first until it is gone.
// Also whole databases' tables (FLUSHALL ASYNC) wait here, under a type of their own.

import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Types } from "./types";

/** Elements up to which a value is freed on the spot. */
const AT_ONCE: u32 = 64;
/** Elements of bigger ones that go on the spot where freeing is not lazy, in all that the host asks for at once. */
const SLICE: i32 = 8192;

/** Who lets go of a value: each has a directive that says how. */
export const enum Release {
  /** Something else took its place. */
  SERVER,
  DEL,
  UNLINK,
  EXPIRED,
  EVICTED,
}


@unmanaged
class Waiting {
  next: u32;
  type: u32;
  encoding: u32;
  value: u32;
}

export class Garbage {
  private static first: usize = 0;
  private static last: usize = 0;
  /** Values that wait. */
  static pending: u32 = 0;
  /** Values freed so far by `work`. */
  static freed: u64 = 0;
  /** `(type, value, encoding) → held`: a snapshot still writes it, and frees it then; 0 while none does. */
  static holdHook: u32 = 0;

  /** Why values are let go now. */
  static reason: Release = Release.SERVER;
  /** What is left of the slice of the host's call at this time. */
  private static slice: i32 = 0;
  private static sliceUs: f64 = -1;

  private static get isLazy(): bool {
    switch (Garbage.reason) {
      case Release.SERVER:
        return Config.lazyfreeLazyServerDel;
      case Release.DEL:
        return Config.lazyfreeLazyUserDel;
      case Release.EXPIRED:
        return Config.lazyfreeLazyExpire;
      case Release.EVICTED:
        return Config.lazyfreeLazyEviction;
      default:
        return true;
    }
  }

  /** Frees a value now when it is small; of a big one nothing, or where freeing is not lazy a slice. */
  static add(type: u32, value: usize, encoding: u32): void {
    if (Garbage.holdHook && call_indirect<bool>(Garbage.holdHook, type, value, encoding)) return;
    const isSmall = Types.length(type, value, encoding) <= AT_ONCE;
    if (isSmall && Types.free(type, value, encoding, i32.MAX_VALUE) > 0) return;
    if (!isSmall && !Garbage.isLazy && Garbage.freeSlice(type, value, encoding)) return;
    Garbage.queue(type, value, encoding);
  }

  /** Frees some of a big value; whether that was all. */
  private static freeSlice(type: u32, value: usize, encoding: u32): bool {
    if (Garbage.sliceUs != Clock.monotonicUs) {
      Garbage.sliceUs = Clock.monotonicUs;
      Garbage.slice = SLICE;
    }
    if (Garbage.slice <= 0) return false;
    Garbage.slice = Types.free(type, value, encoding, Garbage.slice);
    return Garbage.slice > 0;
  }

  static queue(type: u32, value: usize, encoding: u32): void {
    const waiting = changetype<Waiting>(Heap.alloc(offsetof<Waiting>()));
    waiting.next = 0;
    waiting.type = type;
    waiting.encoding = encoding;
    waiting.value = <u32>value;
    if (Garbage.last) changetype<Waiting>(Garbage.last).next = <u32>changetype<usize>(waiting);
    else Garbage.first = changetype<usize>(waiting);
    Garbage.last = changetype<usize>(waiting);
    Garbage.pending++;
  }

  /** Whether so many bytes can be had, the largest piece of them so large; if not, all that waits is freed first. */
  @inline static makeRoom(bytes: u64, largest: u64): bool {
    return Heap.hasRoomFor(bytes, largest) || Garbage.makeRoomSlowly(bytes, largest);
  }

  private static makeRoomSlowly(bytes: u64, largest: u64): bool {
    if (!Garbage.pending) return false;
    Garbage.work(i32.MAX_VALUE);
    return Heap.hasRoomFor(bytes, largest);
  }

  /** Frees for at most `budget` units of work; returns what is left of it. */
  static work(budget: i32): i32 {
    let left = budget;
    while (left > 0 && Garbage.first) {
      const waiting = changetype<Waiting>(Garbage.first);
      left = Types.free(waiting.type, waiting.value, waiting.encoding, left);
      if (left <= 0) return left;
      Garbage.first = waiting.next;
      if (!Garbage.first) Garbage.last = 0;
      Heap.free(changetype<usize>(waiting));
      Garbage.pending--;
      Garbage.freed++;
    }
    return left;
  }
}
