// OBJECT: how a value lies in memory, and when it was last used.

import { Frequency } from "../keyspace/frequency";
import { Keyspace } from "../keyspace/keyspace";
import { Types } from "../keyspace/types";
import { Command } from "../execution/command";

/** OBJECT ENCODING key → the name of the encoding, or nil. */
export function objectEncoding(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (entry) cmd.reply.bulkText(Types.encodingName(entry));
  else cmd.reply.nil();
}

/** OBJECT REFCOUNT key → 1: values are never shared. */
export function objectRefcount(cmd: Command): void {
  if (cmd.inspect(2)) cmd.reply.integer(1);
  else cmd.reply.nil();
}

/** OBJECT IDLETIME key → seconds since the last access, or nil. */
export function objectIdletime(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.reply.nil();
  if (Keyspace.countsFrequency) {
    return cmd.fail(
      "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
    );
  }
  cmd.reply.integer((Keyspace.accessClock() - entry.lru) & 0xffffff);
}

/** OBJECT FREQ key → the access counter, or nil. */
export function objectFreq(cmd: Command): void {
  const entry = cmd.inspect(2);
  if (!entry) return cmd.reply.nil();
  if (!Keyspace.countsFrequency) {
    return cmd.fail(
      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
    );
  }
  cmd.reply.integer(Frequency.of(entry));
}
