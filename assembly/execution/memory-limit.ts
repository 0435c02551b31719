// maxmemory: before a command runs, keys go until there is room; where none may go, commands that
// would need more memory are refused.

import { Config } from "../generated/config";
import { Eviction } from "../keyspace/eviction";
import { Garbage } from "../keyspace/garbage";
import { Heap } from "../memory/heap";
import { Effects } from "../persistence/effects";
import { Command } from "./command";
import { Checks } from "./execute";
import { Flag } from "./info";

/** Keys that one command may evict, and elements of big values that are freed meanwhile. */
const EVICTIONS: u32 = 128;
const GARBAGE_WORK: i32 = 4096;

export class MemoryLimit {
  /** maxmemory or maxmemory-policy was set. */
  static configured(): void {
    Eviction.configured();
    Checks.memory = Config.maxmemory ? check.index : 0;
  }

  /** Bytes that count: buffers of the log go by themselves. */
  @inline private static get used(): u64 {
    return Heap.used - Effects.size;
  }

  /** Whether memory is within its limit now, or keys could be removed to come nearer to it. */
  static makeRoom(): bool {
    const limit = <u64>Config.maxmemory;
    if (MemoryLimit.used <= limit) return true;
    if (Garbage.pending) Garbage.work(GARBAGE_WORK);
    let evicted: u32 = 0;
    while (MemoryLimit.used > limit) {
      if (!Eviction.evictOne()) return Garbage.pending != 0 && evicted != 0;
      if (++evicted == EVICTIONS) return true;
      if (Garbage.pending) Garbage.work(GARBAGE_WORK);
    }
    return true;
  }
}

function check(cmd: Command): bool {
  if (MemoryLimit.makeRoom() || !cmd.info.has(Flag.DENYOOM)) return true;
  cmd.fail("OOM command not allowed when used memory > 'maxmemory'.");
  return false;
}
