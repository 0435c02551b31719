// Background work in slices: the host calls again and again with a budget of work units.

import { Expiry } from "../keyspace/expiry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Garbage } from "../keyspace/garbage";
import { Config } from "../generated/config";
import { Stats } from "../memory/stats";
import { Control } from "./control";
import { Host } from "./host";
import { Latency } from "./latency";
import { ClientMemory } from "./client-memory";
import { Limits } from "./limits";
import { MemoryLimit } from "./memory-limit";
import { Rates } from "./rates";
import { Pause } from "./pause";
import { Clock } from "../memory/clock";
import { Snapshot } from "../persistence/snapshot";
import { Heap } from "../memory/heap";
import { Access } from "../sessions/access";
import { Blocking } from "../sessions/blocking";
import { Timers } from "../sessions/timers";
import { Tracking } from "../sessions/tracking";
import { Waiting } from "./waiting";

/** ms until the next call while there is work, while keys can expire, and when nothing happens. */
const BUSY: u32 = 1;
const EXPIRING: u32 = 100;
const IDLE: u32 = 100;

export class Tick {
  /** When the host was told to call next, Unix time in ms. */
  static promisedMs: i64 = 0;
  /** DEBUG PAUSE-CRON: only those who wait are looked after. */
  static isPaused: bool = false;

  static run(work: u32): u32 {
    let next = IDLE;
    if (Heap.used > Heap.peak) Heap.peak = Heap.used;
    next = min(next, Waiting.expire());
    next = min(next, Pause.tick());
    next = min(next, Access.tick());
    if (!Tick.isPaused) next = min(next, Tick.workInBackground(<i32>work));
    // Keys that expired may have been waited for.
    if (Blocking.hasReady) Waiting.serve();
    if (Tracking.isOn) Tracking.endBatch();
    Tick.promisedMs = Clock.nowMs + next;
    Control.it.asleep = u32(next >= IDLE && Tick.isAsleep);
    return next;
  }

  /** Nothing can expire, no session waits for its time or in a pause, and none is closed for doing nothing. */
  private static get isAsleep(): bool {
    if (Pause.isOn) return false;
    return !Expiry.hasWork && !FieldExpiry.isAnywhere && !Timers.count && !Config.timeout;
  }

  private static workInBackground(work: i32): u32 {
    Rates.tick();
    Limits.tick();
    if (ClientMemory.isOn) ClientMemory.evict();
    const left = Snapshot.tidy(Garbage.work(work));
    if (left <= 0 || MemoryLimit.workInBackground(left)) return BUSY;
    return Tick.expire(left) ? BUSY : EXPIRING;
  }

  /** Keys and fields past their time go; whether there is more to do at once. */
  private static expire(budget: i32): bool {
    if (!Expiry.hasWork && !FieldExpiry.isAnywhere) return false;
    const startedUs = Host.clock();
    const isCut = Expiry.work(<u32>budget) || FieldExpiry.work(budget);
    const spentUs = Host.clock() - startedUs;
    Stats.expireCycleUs += spentUs;
    if (isCut) Stats.expireCyclesCut++;
    if (Config.latencyMonitorThreshold) Latency.noteSince("expire-cycle", startedUs);
    return isCut;
  }
}
