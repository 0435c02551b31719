// Background work in slices: the host calls again and again with a budget of work units.

import { Expiry } from "../keyspace/expiry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Garbage } from "../keyspace/garbage";
import { Limits } from "./limits";
import { Rates } from "./rates";
import { Pause } from "./pause";
import { Clock } from "../memory/clock";
import { Snapshot } from "../persistence/snapshot";
import { Heap } from "../memory/heap";
import { Blocking } from "../sessions/blocking";
import { Tracking } from "../sessions/tracking";
import { Waiting } from "./waiting";

/** ms until the next call while there is work, while keys can expire, and when nothing happens. */
const BUSY: u32 = 1;
const EXPIRING: u32 = 100;
const IDLE: u32 = 100;

export class Tick {
  /** When the host was told to call next, Unix time in ms. */
  static promisedMs: i64 = 0;

  static run(work: u32): u32 {
    let next = IDLE;
    if (Heap.used > Heap.peak) Heap.peak = Heap.used;
    next = min(next, Waiting.expire());
    next = min(next, Pause.tick());
    Rates.tick();
    Limits.tick();
    const left = Snapshot.tidy(Garbage.work(<i32>work));
    if (left <= 0 || Expiry.work(<u32>left) || FieldExpiry.work(left)) next = BUSY;
    else next = min(next, EXPIRING);
    // Keys that expired may have been waited for.
    if (Blocking.hasReady) Waiting.serve();
    if (Tracking.isOn) Tracking.endBatch();
    Tick.promisedMs = Clock.nowMs + next;
    return next;
  }
}
