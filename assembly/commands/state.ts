// The host tells the engine in what state its storage is.

import { Command } from "../execution/command";
import { Mode } from "../execution/mode";

/** WADI.STATE loading|snapshot-failed yes|no, or WADI.STATE log-error reason → OK; an empty reason ends the error. */
export function state(cmd: Command): void {
  if (cmd.is(1, "loading")) Mode.setLoading(cmd.is(2, "yes"));
  else if (cmd.is(1, "snapshot-failed")) Mode.setSnapshotFailed(cmd.is(2, "yes"));
  else if (cmd.is(1, "log-error")) Mode.setLogError(cmd.arg(2));
  else return cmd.failSyntax();
  cmd.reply.ok();
}
