// What the host tells the engine: the state of its storage, and how long it took.

import { Command } from "../execution/command";
import { CommandStatistics } from "../execution/command-statistics";
import { Latency } from "../execution/latency";
import { Mode } from "../execution/mode";

/**
 * WADI.STATE loading|snapshot-failed yes|no, or WADI.STATE log-error reason → OK; an empty reason ends the error.
 * WADI.STATE serving yes: what ran until now, a log that was loaded perhaps, is not what clients asked for.
 */
export function state(cmd: Command): void {
  if (cmd.is(1, "loading")) Mode.setLoading(cmd.is(2, "yes"));
  else if (cmd.is(1, "snapshot-failed")) Mode.setSnapshotFailed(cmd.is(2, "yes"));
  else if (cmd.is(1, "log-error")) Mode.setLogError(cmd.arg(2));
  else if (cmd.is(1, "serving")) CommandStatistics.reset();
  else return cmd.failSyntax();
  cmd.reply.ok();
}

/** WADI.LATENCY event milliseconds → OK. */
export function latencyNote(cmd: Command): void {
  const ms = cmd.integer(2);
  if (cmd.failed) return;
  const event = cmd.arg(1);
  Latency.note(event.ptr, event.len, ms);
  cmd.reply.ok();
}
