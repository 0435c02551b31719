// What other parts of the engine have to say before a command runs, and from when a command counts as slow.

import { Config } from "../generated/config";
import { SlowLog } from "./slow-log";

/** A cheap command with less input takes no longer than this. */
const CHEAP_US: f64 = 1000;
const LARGE: u32 = 65536;

/** Checks that other parts put in; each is 0 while it has nothing to say. */
export class Checks {
  /** `(cmd) → allowed`: access control of a session that is restricted; replies NOPERM itself. */
  static access: u32 = 0;
  /** `(cmd) → allowed`: the slot is ours; replies MOVED and the like itself. */
  static slot: u32 = 0;
  /** `(cmd) → there is room`: eviction. 0 while maxmemory is not set. */
  static memory: u32 = 0;
  /** `(cmd) → allowed`: disk errors, replica role, loading, busy script. 0 in normal life. */
  static mode: u32 = 0;
  /** `(cmd)`: MONITOR. 0 while nobody looks. */
  static monitor: u32 = 0;
  /** Microseconds from which a command goes into the slow log. */
  static slowFrom: f64 = 10000;
  /** Bytes of input from which a cheap command is timed by itself too; 0 when the slow log wants all that short. */
  static largeFrom: u32 = LARGE;

  /** slowlog-log-slower-than or slowlog-max-len was set. */
  static slowlogConfigured(): void {
    const threshold = Config.slowlogLogSlowerThan;
    Checks.slowFrom = threshold < 0 ? Infinity : <f64>threshold;
    Checks.largeFrom = Checks.slowFrom < CHEAP_US ? 0 : LARGE;
    SlowLog.trim(<u32>Config.slowlogMaxLen);
  }
}
