// Strings.

import { Integer } from "../algorithms/integer";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Strings } from "../types/string";
import { Notify } from "../sessions/notify";
import { Command } from "../execution/command";

/** GET key → the value, or nil. */
export function get(cmd: Command): void {
  const entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (entry) Strings.reply(cmd.reply, entry);
  else cmd.reply.nil();
}

/** SET key value */
export function set(cmd: Command): void {
  const entry = cmd.write(1, Type.ANY);
  Strings.set(cmd, 1, entry, cmd.arg(2).ptr, cmd.arg(2).len, false);
  cmd.changed(1, Notify.STRING, "set");
  cmd.reply.ok();
}
