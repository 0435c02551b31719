// What a search of a geo set has found, nearest or farthest first where an order is asked for.
//
//   0          8       16       20      24
//   ├──────────┼───────┼────────┼───────┤
//   │ distance │ score │ member │ found │    member: the block of a table's item, or a listpack's entry
//   └──────────┴───────┴────────┴───────┘
//
// An ordered search for a few keeps them in a heap whose top is the worst of them, so that what is
// found beyond costs one comparison. `found` counts upwards and decides between equal distances.

import { Heap } from "../memory/heap";
import { Listpack } from "../structures/listpack";
import { ScoredMember } from "../structures/scored-member";

const FIRST_ROOM: u32 = 16;

export const enum Order {
  NONE,
  NEAREST,
  FARTHEST,
}


@unmanaged
export class GeoPoint {
  /** Metres from the middle of the search. */
  distance: f64;
  score: f64;
  private member: usize;
  private found: u32;

  /** The member's bytes, after `read`. */
  static ptr: usize = 0;
  static len: u32 = 0;


  @inline set(distance: f64, score: f64, member: usize, found: u32): void {
    this.distance = distance;
    this.score = score;
    this.member = member;
    this.found = found;
  }

  /** Sets `ptr` and `len`; an integer of a listpack is spelled out there until the next read. */
  read(isPacked: bool): void {
    if (isPacked) {
      Listpack.text(this.member);
      GeoPoint.ptr = Listpack.ptr;
      GeoPoint.len = Listpack.len;
    } else {
      const item = changetype<ScoredMember>(this.member);
      GeoPoint.ptr = item.keyPtr;
      GeoPoint.len = item.keyLen;
    }
  }

  /** Whether this point comes behind another one. */
  @inline isBehind(other: GeoPoint, order: Order): bool {
    if (this.distance == other.distance) return this.found > other.found;
    return order == Order.NEAREST ? this.distance > other.distance : this.distance < other.distance;
  }
}

export class GeoPoints {
  static count: u32 = 0;
  private static points: usize = 0;
  private static room: u32 = 0;
  private static found: u32 = 0;
  private static order: Order = Order.NONE;
  /** The most points to keep, and whether to look for better ones when there are so many. */
  private static limit: u32 = 0;

  /** Begins an empty list that keeps the `limit` first ones in this order; 0: all. */
  static begin(order: Order, limit: u32): void {
    GeoPoints.count = 0;
    GeoPoints.found = 0;
    GeoPoints.order = order;
    GeoPoints.limit = limit;
    GeoPoints.room = FIRST_ROOM;
    GeoPoints.points = Heap.alloc(FIRST_ROOM * offsetof<GeoPoint>());
  }

  static end(): void {
    Heap.free(GeoPoints.points);
    GeoPoints.points = 0;
  }


  @inline static at(index: u32): GeoPoint {
    return changetype<GeoPoint>(GeoPoints.points + <usize>index * offsetof<GeoPoint>());
  }

  /** Adds a point, if it is among the first; false when no memory is left for it. */
  static add(distance: f64, score: f64, member: usize): bool {
    const found = GeoPoints.found++;
    const count = GeoPoints.count;
    if (GeoPoints.limit && count == GeoPoints.limit) {
      GeoPoints.replaceWorst(distance, score, member, found);
      return true;
    }
    if (count == GeoPoints.room) {
      const bytes = ((<usize>count) << 1) * offsetof<GeoPoint>();
      if (!Heap.hasRoom(bytes)) return false;
      GeoPoints.points = Heap.resize(GeoPoints.points, bytes);
      GeoPoints.room = count << 1;
    }
    GeoPoints.at(count).set(distance, score, member, found);
    GeoPoints.count = count + 1;
    if (count + 1 == GeoPoints.limit) GeoPoints.makeHeap();
    return true;
  }

  /** Puts the points in their order. */
  static sort(): void {
    if (GeoPoints.order == Order.NONE) return;
    GeoPoints.makeHeap();
    for (let last = GeoPoints.count; last > 1;) {
      last--;
      GeoPoints.swap(0, last);
      GeoPoints.sink(0, last);
    }
  }

  private static replaceWorst(distance: f64, score: f64, member: usize, found: u32): void {
    const worst = GeoPoints.at(0);
    const isWorse =
      GeoPoints.order == Order.NEAREST ? distance >= worst.distance : distance <= worst.distance;
    if (isWorse) return;
    worst.set(distance, score, member, found);
    GeoPoints.sink(0, GeoPoints.count);
  }

  private static makeHeap(): void {
    for (let index = GeoPoints.count >> 1; index--;) GeoPoints.sink(index, GeoPoints.count);
  }

  /** Moves a point of the heap of `count` points down to where both below come before it. */
  private static sink(index: u32, count: u32): void {
    for (;;) {
      let below = (index << 1) + 1;
      if (below >= count) return;
      const right = below + 1;
      if (right < count && GeoPoints.at(right).isBehind(GeoPoints.at(below), GeoPoints.order)) {
        below = right;
      }
      if (!GeoPoints.at(below).isBehind(GeoPoints.at(index), GeoPoints.order)) return;
      GeoPoints.swap(index, below);
      index = below;
    }
  }

  private static swap(a: u32, b: u32): void {
    const left = changetype<usize>(GeoPoints.at(a));
    const right = changetype<usize>(GeoPoints.at(b));
    for (let i: usize = 0; i < offsetof<GeoPoint>(); i += 8) {
      const word = load<u64>(left + i);
      store<u64>(left + i, load<u64>(right + i));
      store<u64>(right + i, word);
    }
  }
}
