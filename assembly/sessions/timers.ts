// Deadlines, the next one first: a binary heap of pointers, in which each timer knows its place, so that
// one that is called off leaves at once.

import { Heap } from "../memory/heap";

/** What has a deadline extends this. */
@unmanaged
export class Timer {
  /** Unix time in ms; 0: none. */
  deadlineMs: i64;
  /** Its place in the heap. */
  private place: u32;


  @inline static placeOf(timer: Timer): u32 {
    return timer.place;
  }


  @inline static setPlace(timer: Timer, place: u32): void {
    timer.place = place;
  }
}

export class Timers {
  private static heap: usize = 0;
  /** How many have a deadline. */
  static count: u32 = 0;

  /** The next deadline; the end of time when there is none. */
  @inline static get nextMs(): i64 {
    return Timers.count ? Timers.at(0).deadlineMs : i64.MAX_VALUE;
  }

  /** The timer with the next deadline; there must be one. */
  @inline static get first(): Timer {
    return Timers.at(0);
  }

  /** Gives a timer its deadline; 0: it has none. */
  static set(timer: Timer, deadlineMs: i64): void {
    timer.deadlineMs = deadlineMs;
    if (!deadlineMs) return;
    const bytes = (<usize>(Timers.count + 1)) << 2;
    if (!Timers.heap) Timers.heap = Heap.alloc(64);
    else if (bytes > Heap.sizeOf(Timers.heap)) Timers.heap = Heap.resize(Timers.heap, bytes << 1);
    Timers.rise(timer, Timers.count++);
  }

  static cancel(timer: Timer): void {
    if (!timer.deadlineMs) return;
    timer.deadlineMs = 0;
    const place = Timer.placeOf(timer);
    const last = Timers.at(--Timers.count);
    if (last == timer) return;
    if (place && Timers.at((place - 1) >> 1).deadlineMs > last.deadlineMs) Timers.rise(last, place);
    else Timers.sink(last, place);
  }


  @inline private static at(place: u32): Timer {
    return changetype<Timer>(<usize>load<u32>(Timers.heap + (place << 2)));
  }


  @inline private static put(timer: Timer, place: u32): void {
    store<u32>(Timers.heap + (place << 2), changetype<usize>(timer));
    Timer.setPlace(timer, place);
  }

  private static rise(timer: Timer, place: u32): void {
    while (place) {
      const above = (place - 1) >> 1;
      const other = Timers.at(above);
      if (other.deadlineMs <= timer.deadlineMs) break;
      Timers.put(other, place);
      place = above;
    }
    Timers.put(timer, place);
  }

  private static sink(timer: Timer, place: u32): void {
    for (let below = (place << 1) + 1; below < Timers.count; below = (place << 1) + 1) {
      if (below + 1 < Timers.count && Timers.at(below + 1).deadlineMs < Timers.at(below).deadlineMs)
        below++;
      const other = Timers.at(below);
      if (other.deadlineMs >= timer.deadlineMs) break;
      Timers.put(other, place);
      place = below;
    }
    Timers.put(timer, place);
  }
}
