// Taking over what is pending for other consumers of a group.

import { Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { IdNode } from "../structures/id-node";
import { IdTree } from "../structures/id-tree";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Consumer, Group, Pending } from "../structures/stream-group";
import { StreamId } from "../types/stream-id";
import { Streams } from "../types/stream";
import { Command, Errors } from "../execution/command";
import { failNoGroup, hearFrom, logPending, logPosition } from "./shared/stream-group";

const NOT_GIVEN: i64 = -1;

/** The stream and the group in arguments 1 and 2. */
class Target {
  static stream: Stream = changetype<Stream>(0);
  static group: Group = changetype<Group>(0);

  /** Finds them; replies the error and sets `failed` when one is not there. */
  static find(cmd: Command): bool {
    const entry = cmd.read(1, Type.STREAM);
    if (cmd.failed) return false;
    const name = cmd.arg(2);
    const group = entry ? Streams.of(entry).group(name.ptr, name.len) : null;
    if (!entry || !group) {
      failNoGroup(cmd, 1, 2);
      return false;
    }
    Keyspace.edit(cmd.db, entry);
    Target.stream = Streams.of(entry);
    Target.group = group;
    return true;
  }
}

/** What XCLAIM makes of the entries. */
class Options {
  static force: bool = false;
  static justId: bool = false;
  static timeMs: i64 = 0;
  static deliveries: i64 = 0;
  static lastMs: u64 = 0;
  static lastSeq: u64 = 0;

  static read(cmd: Command, from: i32): bool {
    Options.force = false;
    Options.justId = false;
    Options.timeMs = NOT_GIVEN;
    Options.deliveries = NOT_GIVEN;
    Options.lastMs = 0;
    Options.lastSeq = 0;
    for (let i = from; i < cmd.argc; i++) {
      const hasNext = i + 1 < cmd.argc;
      if (cmd.is(i, "force")) Options.force = true;
      else if (cmd.is(i, "justid")) Options.justId = true;
      else if (hasNext && cmd.is(i, "idle")) {
        const idleMs = Options.number(cmd, ++i, "ERR Invalid IDLE option argument for XCLAIM");
        Options.timeMs = Clock.nowMs - idleMs;
      } else if (hasNext && cmd.is(i, "time")) {
        Options.timeMs = Options.number(cmd, ++i, "ERR Invalid TIME option argument for XCLAIM");
      } else if (hasNext && cmd.is(i, "retrycount")) {
        Options.deliveries = Options.number(
          cmd,
          ++i,
          "ERR Invalid RETRYCOUNT option argument for XCLAIM",
        );
      } else if (hasNext && cmd.is(i, "lastid")) {
        if (!StreamId.strict(cmd, ++i)) return false;
        Options.lastMs = StreamId.ms;
        Options.lastSeq = StreamId.seq;
      } else {
        Errors.begin();
        Errors.text("ERR Unrecognized XCLAIM option '");
        Errors.bytes(cmd.arg(i).ptr, cmd.arg(i).len);
        Errors.text("'");
        Errors.send(cmd.reply);
        return false;
      }
      if (cmd.failed) return false;
    }
    // A time that cannot be is no error: the clocks of clients differ from ours.
    if (Options.timeMs < 0 || Options.timeMs > Clock.nowMs) Options.timeMs = Clock.nowMs;
    return true;
  }


  @inline private static number(cmd: Command, index: i32, error: string): i64 {
    return cmd.integerIn(index, i64.MIN_VALUE, i64.MAX_VALUE, error);
  }
}

/**
 * XCLAIM key group consumer min-idle-ms id [id …] [IDLE ms] [TIME unix-ms] [RETRYCOUNT n] [FORCE] [JUSTID]
 * [LASTID id] → the entries that are the consumer's now, or their ids
 */
export function xclaim(cmd: Command): void {
  if (!Target.find(cmd)) return;
  const stream = Target.stream;
  const group = Target.group;
  const idleMs = cmd.integerIn(
    4,
    i64.MIN_VALUE,
    i64.MAX_VALUE,
    "ERR Invalid min-idle-time argument for XCLAIM",
  );
  if (cmd.failed) return;
  let end = 5;
  while (end < cmd.argc && StreamId.parse(cmd.arg(end), 0)) end++;
  if (!Options.read(cmd, end)) return;

  cmd.ownEffect = true;
  let moved = false;
  if (Stream.order(Options.lastMs, Options.lastSeq, group.lastMs, group.lastSeq) > 0) {
    group.touch();
    group.lastMs = Options.lastMs;
    group.lastSeq = Options.lastSeq;
    moved = true;
  }
  const consumer = hearFrom(cmd, group, 1, 2, 3);
  const mark = cmd.reply.mark();
  let claimed: u32 = 0;
  for (let i = 5; i < end; i++) {
    StreamId.parse(cmd.arg(i), 0);
    const ms = StreamId.ms;
    const seq = StreamId.seq;
    let pending = group.pending(ms, seq);
    if (!stream.locate(ms, seq)) {
      if (pending) {
        forget(cmd, group, pending);
        moved = false;
      }
      continue;
    }
    let deliveries: i64 = 1;
    if (pending) {
      if (idleMs > 0 && Clock.nowMs - pending.timeMs < idleMs) continue;
      deliveries = pending.deliveries;
    } else if (!Options.force) {
      continue;
    }
    if (Options.deliveries >= 0) deliveries = Options.deliveries;
    else if (!Options.justId) deliveries++;
    pending = group.assign(ms, seq, consumer, Options.timeMs, deliveries);
    replyClaimed(cmd, stream, ms, seq, Options.justId);
    claimed++;
    tellClaimed(cmd, group, consumer, pending);
    moved = false;
  }
  cmd.reply.closeArray(mark, claimed);
  if (moved) {
    logPosition(cmd, 1, group);
    cmd.dirty++;
  }
}

/** An entry that is not in the stream any more cannot be pending. */
function forget(cmd: Command, group: Group, pending: Pending): void {
  logPending(cmd, 1, group, pending);
  group.acknowledge(pending.ms, pending.seq);
  cmd.dirty++;
}

function tellClaimed(cmd: Command, group: Group, consumer: Consumer, pending: Pending): void {
  consumer.activeMs = Clock.nowMs;
  logPending(cmd, 1, group, pending);
  cmd.dirty++;
}

function replyClaimed(cmd: Command, stream: Stream, ms: u64, seq: u64, justId: bool): void {
  if (justId) return StreamId.reply(cmd.reply, ms, seq);
  StreamCursor.start(stream, ms, seq, ms, seq, false);
  if (StreamCursor.next()) Streams.replyEntry(cmd.reply);
}

/** How many pending entries XAUTOCLAIM looks at for each that it may claim. */
const ATTEMPTS: i64 = 10;

/** An id that XAUTOCLAIM has dealt with. */
@unmanaged
class Outcome {
  ms: u64;
  seq: u64;
}

/**
 * XAUTOCLAIM key group consumer min-idle-ms start [COUNT n] [JUSTID]
 * → where to go on, the entries that are the consumer's now, and the ids that are not in the stream any more
 */
export function xautoclaim(cmd: Command): void {
  const idleMs = cmd.integerIn(
    4,
    i64.MIN_VALUE,
    i64.MAX_VALUE,
    "ERR Invalid min-idle-time argument for XAUTOCLAIM",
  );
  if (cmd.failed) return;
  if (!StreamId.first(cmd, 5)) return;
  const firstMs = StreamId.ms;
  const firstSeq = StreamId.seq;
  let count: i64 = 100;
  let justId = false;
  for (let i = 6; i < cmd.argc; i++) {
    if (i + 1 < cmd.argc && cmd.is(i, "count")) {
      count = cmd.integerIn(++i, 1, i64.MAX_VALUE / 16, "ERR COUNT must be > 0");
      if (cmd.failed) return;
    } else if (cmd.is(i, "justid")) justId = true;
    else return cmd.failSyntax();
  }
  if (!Target.find(cmd)) return;
  const group = Target.group;
  // Ids that are claimed from the left, ids that are gone from the right.
  const capacity = <u32>min<i64>(count, group.size);
  // The consumer's index takes as much again, at worst twice as much.
  if (!cmd.room((<u64>capacity) << 6)) return;
  const outcomes = Heap.alloc((<usize>max<u32>(capacity, 1)) << 4);
  claimIdle(cmd, outcomes, capacity, idleMs, firstMs, firstSeq, count, justId);
  Heap.free(outcomes);
}

function claimIdle(
  cmd: Command,
  outcomes: usize,
  capacity: u32,
  idleMs: i64,
  firstMs: u64,
  firstSeq: u64,
  count: i64,
  justId: bool,
): void {
  const stream = Target.stream;
  const group = Target.group;
  cmd.ownEffect = true;
  const consumer = hearFrom(cmd, group, 1, 2, 3);
  let attempts = count * ATTEMPTS;
  let claimed = outcomes;
  let gone = outcomes + ((<usize>capacity) << 4);
  let leaf: IdNode | null = group.seek(firstMs, firstSeq);
  let at = IdTree.index;
  while (leaf && attempts && count) {
    attempts--;
    const pending = changetype<Pending>(leaf.at(at, offsetof<Pending>()));
    const ms = pending.ms;
    const seq = pending.seq;
    if (!stream.locate(ms, seq)) {
      forget(cmd, group, pending);
      gone -= offsetof<Outcome>();
      changetype<Outcome>(gone).ms = ms;
      changetype<Outcome>(gone).seq = seq;
      count--;
      leaf = group.seek(ms, seq);
      at = IdTree.index;
      continue;
    }
    if (idleMs <= 0 || Clock.nowMs - pending.timeMs >= idleMs) {
      const deliveries = pending.deliveries + i64(!justId);
      tellClaimed(cmd, group, consumer, group.assign(ms, seq, consumer, Clock.nowMs, deliveries));
      changetype<Outcome>(claimed).ms = ms;
      changetype<Outcome>(claimed).seq = seq;
      claimed += offsetof<Outcome>();
      count--;
    }
    if (++at == <u32>leaf.count) {
      leaf = leaf.next;
      at = 0;
    }
  }
  const reply = cmd.reply;
  reply.array(3);
  if (leaf) {
    const next = changetype<Pending>(leaf.at(at, offsetof<Pending>()));
    StreamId.reply(reply, next.ms, next.seq);
  } else {
    StreamId.reply(reply, 0, 0);
  }
  reply.array(<u32>((claimed - outcomes) / offsetof<Outcome>()));
  for (let outcome = outcomes; outcome < claimed; outcome += offsetof<Outcome>()) {
    const id = changetype<Outcome>(outcome);
    replyClaimed(cmd, stream, id.ms, id.seq, justId);
  }
  const end = outcomes + ((<usize>capacity) << 4);
  reply.array(<u32>((end - gone) / offsetof<Outcome>()));
  for (let outcome = end - offsetof<Outcome>(); outcome >= gone; outcome -= offsetof<Outcome>()) {
    StreamId.reply(reply, changetype<Outcome>(outcome).ms, changetype<Outcome>(outcome).seq);
  }
}
