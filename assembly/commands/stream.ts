// The entries of streams: adding, deleting, trimming, and reading ranges.

import { Config } from "../generated/config";
import { Type } from "../keyspace/entry";
import { Clock } from "../memory/clock";
import { Effects } from "../persistence/effects";
import { Changes } from "../sessions/changes";
import { Notify } from "../sessions/notify";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { StreamNode } from "../structures/stream-node";
import { References } from "../structures/stream-references";
import { StreamTrim } from "../structures/stream-trim";
import { StreamId } from "../types/stream-id";
import { Streams } from "../types/stream";
import { dropAndLog, logDeletion } from "./shared/stream-delete";
import { Command } from "../execution/command";

/** The most entries that XADD and XTRIM delete with `~` and without LIMIT. */
const LIMIT_MAX: i64 = 1000000;
const LIMIT_DEFAULT: i64 = 10000;

/** The options of XADD and XTRIM; how to trim goes straight to `StreamTrim`. */
class Options {
  static trims: bool = false;
  static hasLimit: bool = false;
  static mustExist: bool = false;
  /** The id that was given; without one the clock makes it. */
  static hasId: bool = false;
  static idMs: u64 = 0;
  static idSeq: u64 = 0;
  static isOpen: bool = false;

  /** Reads the options from argument 2 on; answers where the id stands, or 0 after an error. */
  static read(cmd: Command, isAdd: bool): i32 {
    Options.trims = false;
    Options.hasLimit = false;
    Options.mustExist = false;
    Options.hasId = false;
    StreamTrim.byId = false;
    StreamTrim.approximately = false;
    StreamTrim.limit = 0;
    StreamTrim.references = References.KEEP;
    let i = 2;
    for (; i < cmd.argc; i++) {
      const hasNext = i + 1 < cmd.argc;
      if (isAdd && StreamId.is(cmd.arg(i), 42)) break;
      if (hasNext && cmd.is(i, "maxlen")) i = Options.readThreshold(cmd, i, false);
      else if (hasNext && cmd.is(i, "minid")) i = Options.readThreshold(cmd, i, true);
      else if (hasNext && cmd.is(i, "limit")) i = Options.readLimit(cmd, i);
      else if (isAdd && cmd.is(i, "nomkstream")) Options.mustExist = true;
      else if (Options.readReferences(cmd, i)) continue;
      else if (isAdd) {
        if (!StreamId.open(cmd, i)) return 0;
        Options.hasId = true;
        Options.idMs = StreamId.ms;
        Options.idSeq = StreamId.seq;
        Options.isOpen = StreamId.isOpen;
        break;
      } else {
        cmd.failSyntax();
        return 0;
      }
      if (cmd.failed) return 0;
    }
    return Options.check(cmd, isAdd) ? i : 0;
  }

  /** KEEPREF, DELREF or ACKED. */
  static readReferences(cmd: Command, index: i32): bool {
    if (cmd.is(index, "keepref")) StreamTrim.references = References.KEEP;
    else if (cmd.is(index, "delref")) StreamTrim.references = References.DROP;
    else if (cmd.is(index, "acked")) StreamTrim.references = References.RESPECT;
    else return false;
    return true;
  }

  /** Reads `[= | ~] threshold` behind argument `i` and answers the last argument read. */
  private static readThreshold(cmd: Command, i: i32, byId: bool): i32 {
    if (Options.trims) {
      cmd.fail("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
      return i;
    }
    Options.trims = true;
    i++;
    StreamTrim.byId = byId;
    StreamTrim.approximately = false;
    if (i + 1 < cmd.argc) {
      StreamTrim.approximately = StreamId.is(cmd.arg(i), 126);
      if (StreamTrim.approximately || StreamId.is(cmd.arg(i), 61)) i++;
    }
    if (byId) {
      if (!StreamId.strict(cmd, i)) return i;
      StreamTrim.ms = StreamId.ms;
      StreamTrim.seq = StreamId.seq;
      return i;
    }
    const length = cmd.integer(i);
    if (!cmd.failed && length < 0) cmd.fail("ERR The MAXLEN argument must be >= 0.");
    StreamTrim.maxLength = length;
    return i;
  }

  private static readLimit(cmd: Command, i: i32): i32 {
    const limit = cmd.integer(++i);
    if (!cmd.failed && limit < 0) cmd.fail("ERR The LIMIT argument must be >= 0.");
    StreamTrim.limit = limit;
    Options.hasLimit = true;
    return i;
  }

  /** Whether the options go together; also finds the limit that was not given. */
  private static check(cmd: Command, isAdd: bool): bool {
    if (!Options.trims) {
      if (Options.hasLimit) {
        cmd.fail("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
      } else if (!isAdd) {
        cmd.fail("ERR syntax error, XTRIM must be called with at least one trimming strategy");
      }
      return !cmd.failed;
    }
    if (cmd.session.isTrustedSource) {
      StreamTrim.limit = 0;
    } else if (Options.hasLimit) {
      if (!StreamTrim.approximately) {
        cmd.fail("ERR syntax error, LIMIT cannot be used without the special ~ option");
      }
    } else if (StreamTrim.approximately) {
      const limit = <i64>Config.streamNodeMaxEntries * 100;
      StreamTrim.limit = limit <= 0 ? LIMIT_DEFAULT : min(limit, LIMIT_MAX);
    }
    return !cmd.failed;
  }

  /** Whether the trimming as it was asked for can stand in the log. */
  static get isExactTrim(): bool {
    return !StreamTrim.approximately && StreamTrim.references == References.KEEP;
  }

  /** The trimming that was done, as three arguments of an effect. */
  static writeEffect(stream: Stream): void {
    const byId = StreamTrim.byId || StreamTrim.references == References.RESPECT;
    Effects.text(byId ? "MINID" : "MAXLEN");
    Effects.text("=");
    if (!byId) Effects.integer(stream.length);
    else if (stream.length) StreamId.effect(stream.firstMs, stream.firstSeq);
    else StreamId.effect(u64.MAX_VALUE, u64.MAX_VALUE);
  }
}

/** The command that trims. */
let trimming: Command = changetype<Command>(0);

/** Logs what trimming does with single entries: see `StreamTrim.hook`. */
function onTrimmed(stream: Stream, ms: u64, seq: u64): void {
  if (StreamTrim.references == References.DROP) dropAndLog(trimming, stream, ms, seq);
  else logDeletion(trimming, ms, seq);
}

/** Trims as the options say; the effects on single entries are logged. */
function trim(cmd: Command, stream: Stream): u64 {
  trimming = cmd;
  StreamTrim.hook = Effects.isOn ? onTrimmed.index : 0;
  return StreamTrim.run(stream);
}

/**
 * XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [MAXLEN | MINID [= | ~] threshold [LIMIT n]]
 * * | id field value [field value …] → the id, or nil
 */
export function xadd(cmd: Command): void {
  const idArg = Options.read(cmd, true);
  if (cmd.failed) return;
  const first = idArg + 1;
  const texts = cmd.argc - first;
  if (texts < 2 || texts & 1) return cmd.failArity();
  if (Options.hasId && !Options.isOpen && !(Options.idMs | Options.idSeq)) {
    return cmd.fail("ERR The ID specified in XADD must be greater than 0-0");
  }
  const entry = cmd.write(1, Type.STREAM);
  if (cmd.failed) return;
  if (!entry && Options.mustExist) return cmd.reply.nil();
  if (!nextId(cmd, entry ? Streams.of(entry) : null)) return;
  const ms = StreamId.ms;
  const seq = StreamId.seq;
  const slices = changetype<usize>(cmd.arg(first));
  const fields = (<u32>texts) >> 1;
  const textBytes = Stream.textBytes(slices, fields);
  if (Stream.isTooLarge(textBytes)) return cmd.fail("ERR Elements are too large to be stored");
  StreamNode.maxBytes = Config.streamNodeMaxBytes;
  StreamNode.maxEntries = Config.streamNodeMaxEntries;
  const stream = entry ? Streams.of(entry) : Streams.create(cmd, 1);
  const growth = stream.roomToAppend(textBytes, fields);
  if (growth > 65536 && !cmd.room(growth)) return;
  stream.append(ms, seq, slices, fields, textBytes);
  StreamId.reply(cmd.reply, ms, seq);
  cmd.changed(1, Notify.STREAM, "xadd");
  if (Options.trims && trim(cmd, stream)) cmd.notify(1, Notify.STREAM, "xtrim");
  if (Effects.isOn) logAdd(cmd, stream, first, ms, seq);
  const key = cmd.arg(1);
  if (entry) Changes.ready(cmd.db, key.ptr, key.len);
}

/** Finds the id of a new entry; replies the error and sets `failed` when it cannot have one. */
function nextId(cmd: Command, stream: Stream | null): bool {
  const lastMs: u64 = stream ? stream.lastMs : 0;
  const lastSeq: u64 = stream ? stream.lastSeq : 0;
  if (lastMs == u64.MAX_VALUE && lastSeq == u64.MAX_VALUE) {
    cmd.fail("ERR The stream has exhausted the last possible ID, unable to add more items");
    return false;
  }
  let isAbove: bool;
  if (Options.hasId) {
    StreamId.ms = Options.idMs;
    StreamId.seq = Options.isOpen && Options.idMs == lastMs ? lastSeq + 1 : Options.idSeq;
    isAbove = Stream.order(StreamId.ms, StreamId.seq, lastMs, lastSeq) > 0;
  } else if (<u64>Clock.nowMs > lastMs) {
    StreamId.ms = Clock.nowMs;
    StreamId.seq = 0;
    isAbove = true;
  } else {
    StreamId.ms = lastMs;
    StreamId.seq = lastSeq;
    isAbove = StreamId.increment();
  }
  if (!isAbove) {
    cmd.fail("ERR The ID specified in XADD is equal or smaller than the target stream top item");
  }
  return isAbove;
}

/** Logs an XADD that left something open with the id it got and the trimming it did. */
function logAdd(cmd: Command, stream: Stream, first: i32, ms: u64, seq: u64): void {
  const isExact = !Options.trims || Options.isExactTrim;
  if (Options.hasId && !Options.isOpen && isExact) return;
  cmd.effect(3 + (Options.trims ? 3 : 0) + <u32>(cmd.argc - first));
  Effects.text("XADD");
  Effects.slice(cmd.arg(1));
  if (Options.trims) Options.writeEffect(stream);
  StreamId.effect(ms, seq);
  for (let i = first; i < cmd.argc; i++) Effects.slice(cmd.arg(i));
}

/** XLEN key → the number of entries. */
export function xlen(cmd: Command): void {
  const entry = cmd.read(1, Type.STREAM);
  if (cmd.failed) return;
  cmd.reply.integer(entry ? Streams.of(entry).length : 0);
}

/** XRANGE key start end [COUNT n] → the entries in between. */
export function xrange(cmd: Command): void {
  replyRange(cmd, 2, 3, false);
}

/** XREVRANGE key end start [COUNT n] → the entries in between, the last one first. */
export function xrevrange(cmd: Command): void {
  replyRange(cmd, 3, 2, true);
}

function replyRange(cmd: Command, firstArg: i32, lastArg: i32, backwards: bool): void {
  if (!StreamId.first(cmd, firstArg)) return;
  const firstMs = StreamId.ms;
  const firstSeq = StreamId.seq;
  if (!StreamId.last(cmd, lastArg)) return;
  const lastMs = StreamId.ms;
  const lastSeq = StreamId.seq;
  let count: i64 = i64.MAX_VALUE;
  for (let i = 4; i < cmd.argc; i += 2) {
    if (i + 1 >= cmd.argc || !cmd.is(i, "count")) return cmd.failSyntax();
    count = cmd.integer(i + 1);
    if (cmd.failed) return;
  }
  const entry = cmd.read(1, Type.STREAM);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.emptyArray();
  if (count <= 0) return cmd.reply.nilArray();
  Streams.replyRange(
    cmd.reply,
    Streams.of(entry),
    firstMs,
    firstSeq,
    lastMs,
    lastSeq,
    backwards,
    count,
  );
}

/** XDEL key id [id …] → how many were there. */
export function xdel(cmd: Command): void {
  const entry = cmd.write(1, Type.STREAM);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  for (let i = 2; i < cmd.argc; i++) if (!StreamId.strict(cmd, i)) return;
  const stream = Streams.of(entry);
  let deleted: u32 = 0;
  for (let i = 2; i < cmd.argc; i++) {
    StreamId.strict(cmd, i);
    deleted += u32(stream.deleteEntry(StreamId.ms, StreamId.seq));
  }
  if (deleted) {
    stream.settleFirst();
    cmd.changed(1, Notify.STREAM, "xdel", deleted);
  }
  cmd.reply.integer(deleted);
}

/** XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT n] [KEEPREF | DELREF | ACKED] → how many were deleted. */
export function xtrim(cmd: Command): void {
  Options.read(cmd, false);
  if (cmd.failed) return;
  const entry = cmd.write(1, Type.STREAM);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  const stream = Streams.of(entry);
  const deleted = trim(cmd, stream);
  if (deleted) {
    if (Effects.isOn && !Options.isExactTrim) {
      cmd.effect(5);
      Effects.text("XTRIM");
      Effects.slice(cmd.arg(1));
      Options.writeEffect(stream);
    }
    cmd.changed(1, Notify.STREAM, "xtrim", <u32>deleted);
  }
  cmd.reply.integer(deleted);
}

/** XSETID key id [ENTRIESADDED n] [MAXDELETEDID id] */
export function xsetid(cmd: Command): void {
  if (!StreamId.strict(cmd, 2)) return;
  const ms = StreamId.ms;
  const seq = StreamId.seq;
  let added: i64 = -1;
  let deletedMs: u64 = 0;
  let deletedSeq: u64 = 0;
  for (let i = 3; i < cmd.argc; i += 2) {
    const hasNext = i + 1 < cmd.argc;
    if (hasNext && cmd.is(i, "entriesadded")) {
      added = cmd.integer(i + 1);
      if (cmd.failed) return;
      if (added < 0) return cmd.fail("ERR entries_added must be positive");
    } else if (hasNext && cmd.is(i, "maxdeletedid")) {
      if (!StreamId.strict(cmd, i + 1)) return;
      deletedMs = StreamId.ms;
      deletedSeq = StreamId.seq;
      if (Stream.order(ms, seq, deletedMs, deletedSeq) < 0) {
        return cmd.fail(
          "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
        );
      }
    } else {
      return cmd.failSyntax();
    }
  }
  const entry = cmd.write(1, Type.STREAM);
  if (cmd.failed) return;
  if (!entry) return cmd.fail("ERR no such key");
  const stream = Streams.of(entry);
  if (Stream.order(ms, seq, stream.deletedMs, stream.deletedSeq) < 0) {
    return cmd.fail("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  if (stream.length) {
    if (
      StreamCursor.toLast(stream) &&
      Stream.order(ms, seq, StreamCursor.ms, StreamCursor.seq) < 0
    ) {
      return cmd.fail("ERR The ID specified in XSETID is smaller than the target stream top item");
    }
    if (added != -1 && stream.length > <u64>added) {
      return cmd.fail(
        "ERR The entries_added specified in XSETID is smaller than the target stream length",
      );
    }
  }
  stream.touch();
  stream.lastMs = ms;
  stream.lastSeq = seq;
  if (added != -1) stream.added = added;
  if (deletedMs | deletedSeq) {
    stream.deletedMs = deletedMs;
    stream.deletedSeq = deletedSeq;
  }
  cmd.reply.ok();
  cmd.dirty++;
  cmd.notify(1, Notify.STREAM, "xsetid");
}
