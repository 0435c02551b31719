// maxmemory: before a command runs, keys go until there is room; where none may go, commands that
// would need more memory are refused. A command evicts only so many; the rest goes in the background.

import { Config } from "../generated/config";
import { Eviction } from "../keyspace/eviction";
import { Garbage } from "../keyspace/garbage";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Effects } from "../persistence/effects";
import { Command, Errors } from "./command";
import { Checks } from "./checks";
import { Execute } from "./execute";
import { Host } from "./host";
import { Flag } from "./info";
import { Known } from "./known";
import { Latency } from "./latency";
import { Mode } from "./mode";
import { Pause } from "./pause";
import { Queue } from "./transactions";

/** Keys that one command may evict, and elements of big values that are freed meanwhile. */
const EVICTIONS: u32 = 128;
const GARBAGE_WORK: i32 = 4096;
/** Memory that exceeds its limit by an eighth grows no further: as much goes as a command brings, in so many keys. */
const SLACK_SHIFT: u32 = 3;
const EVICTIONS_MOST: u32 = 65536;
/** Units of background work that a key takes. */
const EVICTION_WORK: i32 = 8;

export class MemoryLimit {
  /** maxmemory or maxmemory-policy was set. */
  static configured(): void {
    Eviction.configured();
    Checks.memory = Config.maxmemory ? check.index : 0;
  }

  /** µs for which more memory was used than maxmemory allows, until the last time it was enough. */
  private static pastUs: f64 = 0;
  /** Monotonic µs at which it became too much; 0 while it is not. */
  private static sinceUs: f64 = 0;

  /** µs since memory became too much; 0 while it is not. */
  static get exceedingUs(): f64 {
    return MemoryLimit.sinceUs ? Clock.monotonicUs - MemoryLimit.sinceUs : 0;
  }

  /** µs for which memory was too much, in all. */
  static get exceededUs(): f64 {
    return MemoryLimit.pastUs + MemoryLimit.exceedingUs;
  }

  static resetStatistics(): void {
    MemoryLimit.pastUs = 0;
    if (MemoryLimit.sinceUs) MemoryLimit.sinceUs = Clock.monotonicUs;
  }

  /** Bytes that count: buffers of the log go by themselves. */
  @inline private static get used(): u64 {
    return Heap.used - Effects.size;
  }

  /** Keys go while no command runs; whether there is more to do at once. */
  static workInBackground(budget: i32): bool {
    if (!Checks.memory || Mode.isLoading || Pause.isOn) return false;
    const limit = <u64>Config.maxmemory;
    if (MemoryLimit.used <= limit) return false;
    for (let left = budget; MemoryLimit.used > limit; left -= EVICTION_WORK) {
      if (left <= 0) return true;
      if (!Eviction.evictOne()) return false;
      if (Garbage.pending) left = Garbage.work(left);
    }
    if (MemoryLimit.sinceUs) MemoryLimit.settle();
    return false;
  }

  /**
   * Whether memory is within its limit now, or keys could be removed to come nearer to it: for a command that
   * brings so many bytes.
   */
  static makeRoom(bytes: u32): bool {
    if (MemoryLimit.used <= <u64>Config.maxmemory) {
      if (MemoryLimit.sinceUs) MemoryLimit.settle();
      return true;
    }
    if (!MemoryLimit.sinceUs) MemoryLimit.sinceUs = Clock.monotonicUs;
    const startedUs = Config.latencyMonitorThreshold ? Host.clock() : 0;
    const hasRoom = MemoryLimit.evict(bytes);
    if (startedUs) Latency.noteSince("eviction-cycle", startedUs);
    if (MemoryLimit.used <= <u64>Config.maxmemory) MemoryLimit.settle();
    return hasRoom;
  }

  /** Memory is within its limit again. */
  private static settle(): void {
    MemoryLimit.pastUs += MemoryLimit.exceedingUs;
    MemoryLimit.sinceUs = 0;
  }

  private static evict(bytes: u32): bool {
    const limit = <u64>Config.maxmemory;
    if (Garbage.pending) Garbage.work(GARBAGE_WORK);
    const before = MemoryLimit.used;
    let most = EVICTIONS;
    for (let evicted: u32 = 0; MemoryLimit.used > limit; evicted++) {
      if (evicted == most) {
        const grows =
          MemoryLimit.used > limit + (limit >> SLACK_SHIFT) && MemoryLimit.used + bytes > before;
        if (!grows || most >= EVICTIONS_MOST) return true;
        most <<= 1;
      }
      if (!Eviction.evictOne()) return Garbage.pending != 0 && evicted != 0;
      if (Garbage.pending) Garbage.work(GARBAGE_WORK);
    }
    return true;
  }
}

function check(cmd: Command): bool {
  if (MemoryLimit.makeRoom(cmd.inputBytes)) return true;
  const session = cmd.session;
  const isExec = <i32>cmd.info.number == Known.exec && session.transaction != 0;
  // What is queued takes memory, whatever it does.
  const grows = cmd.info.has(Flag.DENYOOM) || Queue.takes(session, cmd.info);
  if (isExec ? !Queue.of(session).grows : !grows) return true;
  Errors.begin();
  if (isExec) Execute.beginAbort();
  Errors.text("OOM command not allowed when used memory > 'maxmemory'.");
  Errors.send(session);
  if (isExec) Queue.discard(session);
  return false;
}
