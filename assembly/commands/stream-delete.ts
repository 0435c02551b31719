// Deleting entries of streams with an eye on what groups have pending.

import { Type } from "../keyspace/entry";
import { Notify } from "../sessions/notify";
import { Stream } from "../structures/stream";
import { isReferenced, References } from "../structures/stream-references";
import { StreamId } from "../types/stream-id";
import { Streams } from "../types/stream";
import { Command } from "../execution/command";
import { dropAndLog, logAcknowledgement, logDeletion } from "./shared/stream-delete";

/** What a command says of each id. */
const NOT_THERE: i64 = -1;
const DELETED: i64 = 1;
const KEPT: i64 = 2;

/** `[KEEPREF | DELREF | ACKED] IDS n id [id …]`, in any order. */
class Options {
  static references: References = References.KEEP;
  static firstId: i32 = 0;
  static ids: i32 = 0;

  /** Reads the options from argument `from` on, and looks at every id. */
  static read(cmd: Command, from: i32): bool {
    Options.references = References.KEEP;
    Options.ids = 0;
    for (let i = from; i < cmd.argc; i++) {
      if (cmd.is(i, "keepref")) Options.references = References.KEEP;
      else if (cmd.is(i, "delref")) Options.references = References.DROP;
      else if (cmd.is(i, "acked")) Options.references = References.RESPECT;
      else if (cmd.is(i, "ids") && i + 1 < cmd.argc && !Options.ids) {
        const ids = cmd.integerIn(
          i + 1,
          1,
          i32.MAX_VALUE,
          "ERR Number of IDs must be a positive integer",
        );
        if (cmd.failed) return false;
        if (ids > cmd.argc - i - 2) {
          cmd.fail("ERR The `numids` parameter must match the number of arguments");
          return false;
        }
        Options.firstId = i + 2;
        Options.ids = <i32>ids;
        i += <i32>ids + 1;
      } else {
        Options.ids = 0;
        break;
      }
    }
    if (!Options.ids) {
      cmd.failSyntax();
      return false;
    }
    for (let i = 0; i < Options.ids; i++)
      if (!StreamId.strict(cmd, Options.firstId + i)) return false;
    return true;
  }
}

/** XDELEX key [KEEPREF | DELREF | ACKED] IDS n id [id …] → for each id -1 (missing), 1 (deleted) or 2 (kept). */
export function xdelex(cmd: Command): void {
  if (!Options.read(cmd, 2)) return;
  const entry = cmd.write(1, Type.STREAM);
  if (cmd.failed) return;
  if (!entry) return replyNotThere(cmd);
  const stream = Streams.of(entry);
  cmd.ownEffect = true;
  cmd.reply.array(Options.ids);
  let deleted: u32 = 0;
  for (let i = 0; i < Options.ids; i++) {
    StreamId.strict(cmd, Options.firstId + i);
    const ms = StreamId.ms;
    const seq = StreamId.seq;
    if (Options.references == References.DROP) dropAndLog(cmd, stream, ms, seq);
    let result = NOT_THERE;
    if (stream.locate(ms, seq)) {
      const stays = Options.references == References.RESPECT && isReferenced(stream, ms, seq);
      result = stays ? KEPT : DELETED;
      if (!stays) {
        stream.deleteEntry(ms, seq);
        logDeletion(cmd, ms, seq);
        deleted++;
      }
    }
    cmd.reply.integer(result);
  }
  tellDeleted(cmd, stream, deleted);
}

/**
 * XACKDEL key group [KEEPREF | DELREF | ACKED] IDS n id [id …]
 * → for each id -1 (not pending), 1 (acknowledged and deleted) or 2 (acknowledged and kept)
 */
export function xackdel(cmd: Command): void {
  if (!Options.read(cmd, 3)) return;
  const entry = cmd.write(1, Type.STREAM);
  if (cmd.failed) return;
  const name = cmd.arg(2);
  const group = entry ? Streams.of(entry).group(name.ptr, name.len) : null;
  if (!entry || !group) return replyNotThere(cmd);
  const stream = Streams.of(entry);
  cmd.ownEffect = true;
  cmd.reply.array(Options.ids);
  let deleted: u32 = 0;
  for (let i = 0; i < Options.ids; i++) {
    StreamId.strict(cmd, Options.firstId + i);
    const ms = StreamId.ms;
    const seq = StreamId.seq;
    if (!group.acknowledge(ms, seq)) {
      cmd.reply.integer(NOT_THERE);
      continue;
    }
    cmd.dirty++;
    logAcknowledgement(cmd, group, ms, seq);
    if (Options.references == References.DROP) dropAndLog(cmd, stream, ms, seq);
    if (Options.references == References.RESPECT && isReferenced(stream, ms, seq)) {
      cmd.reply.integer(KEPT);
      continue;
    }
    if (stream.deleteEntry(ms, seq)) {
      logDeletion(cmd, ms, seq);
      deleted++;
    }
    cmd.reply.integer(DELETED);
  }
  tellDeleted(cmd, stream, deleted);
}

function replyNotThere(cmd: Command): void {
  cmd.reply.array(Options.ids);
  for (let i = 0; i < Options.ids; i++) cmd.reply.integer(NOT_THERE);
}

function tellDeleted(cmd: Command, stream: Stream, deleted: u32): void {
  if (!deleted) return;
  stream.settleFirst();
  cmd.changed(1, Notify.STREAM, "xdel", deleted);
}
