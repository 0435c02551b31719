// Consumer groups of streams: making and changing them, acknowledging, and what is pending.

import { Encoding, Type } from "../keyspace/entry";
import { Garbage } from "../keyspace/garbage";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Changes } from "../sessions/changes";
import { Notify } from "../sessions/notify";
import { IdEntry, IdNode } from "../structures/id-node";
import { IdTree } from "../structures/id-tree";
import { Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { Group, NOT_KNOWN, Pending } from "../structures/stream-group";
import { StreamId } from "../types/stream-id";
import { Streams } from "../types/stream";
import { Command } from "../execution/command";
import { failNoGroup, failNoSuchGroup, failSubcommandSyntax } from "./shared/stream-group";

// --- XGROUP ---

/** The options of XGROUP CREATE and SETID. */
class Options {
  static makesStream: bool = false;
  static entriesRead: i64 = NOT_KNOWN;

  static read(cmd: Command, isCreate: bool): bool {
    Options.makesStream = false;
    Options.entriesRead = NOT_KNOWN;
    for (let i = 5; i < cmd.argc; i++) {
      if (isCreate && cmd.is(i, "mkstream")) Options.makesStream = true;
      else if (i + 1 < cmd.argc && cmd.is(i, "entriesread")) {
        Options.entriesRead = cmd.integer(++i);
        if (cmd.failed) return false;
        if (Options.entriesRead < NOT_KNOWN) {
          cmd.fail("ERR value for ENTRIESREAD must be positive or -1");
          return false;
        }
      } else {
        failSubcommandSyntax(cmd);
        return false;
      }
    }
    return true;
  }
}

/** The stream in argument 2; replies the error and sets `failed` when it is not there. */
function writeStream(cmd: Command): Stream | null {
  const entry = cmd.write(2, Type.STREAM);
  if (cmd.failed) return null;
  if (entry) return Streams.of(entry);
  cmd.fail(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
  );
  return null;
}

/** The group in argument 3; replies the error and sets `failed` when it, or the stream, is not there. */
function writeGroup(cmd: Command): Group | null {
  const stream = writeStream(cmd);
  return stream ? groupOf(cmd, stream) : null;
}

function groupOf(cmd: Command, stream: Stream): Group | null {
  const name = cmd.arg(3);
  const group = stream.group(name.ptr, name.len);
  if (!group) failNoSuchGroup(cmd, 2, 3);
  return group;
}

/** An id, or `$` for the last one of the stream. */
function readStart(cmd: Command, stream: Stream | null, mayBeEdge: bool): bool {
  if (!StreamId.is(cmd.arg(4), 36)) {
    return mayBeEdge ? StreamId.orEdge(cmd, 4, 0) : StreamId.strict(cmd, 4);
  }
  StreamId.ms = stream ? stream.lastMs : 0;
  StreamId.seq = stream ? stream.lastSeq : 0;
  return true;
}

/** XGROUP CREATE key group id | $ [MKSTREAM] [ENTRIESREAD n] */
export function xgroupCreate(cmd: Command): void {
  if (!Options.read(cmd, true)) return;
  let stream: Stream | null = null;
  if (Options.makesStream) {
    const entry = cmd.write(2, Type.STREAM);
    if (cmd.failed) return;
    if (entry) stream = Streams.of(entry);
  } else {
    stream = writeStream(cmd);
    if (!stream) return;
  }
  if (cmd.argc > 8) return failSubcommandSyntax(cmd);
  if (!readStart(cmd, stream, false)) return;
  const ms = StreamId.ms;
  const seq = StreamId.seq;
  const name = cmd.arg(3);
  if (!stream) {
    stream = Streams.create(cmd, 2);
    const key = cmd.arg(2);
    Changes.signal(cmd.db, key.ptr, key.len);
  } else if (stream.group(name.ptr, name.len)) {
    return cmd.fail("BUSYGROUP Consumer Group name already exists");
  }
  stream.addGroup(name.ptr, name.len, ms, seq, Options.entriesRead);
  cmd.reply.ok();
  cmd.dirty++;
  cmd.notify(2, Notify.STREAM, "xgroup-create");
}

/** XGROUP SETID key group id | $ [ENTRIESREAD n] */
export function xgroupSetid(cmd: Command): void {
  if (!Options.read(cmd, false)) return;
  const stream = writeStream(cmd);
  if (!stream) return;
  const group = groupOf(cmd, stream);
  if (!group) return;
  if (cmd.argc > 7) return failSubcommandSyntax(cmd);
  if (!readStart(cmd, stream, true)) return;
  group.touch();
  group.lastMs = StreamId.ms;
  group.lastSeq = StreamId.seq;
  group.entriesRead = Options.entriesRead;
  cmd.reply.ok();
  cmd.dirty++;
  cmd.notify(2, Notify.STREAM, "xgroup-setid");
}

/** XGROUP DESTROY key group → 1 if the group was there. */
export function xgroupDestroy(cmd: Command): void {
  const stream = writeStream(cmd);
  if (!stream) return;
  const name = cmd.arg(3);
  const group = stream.group(name.ptr, name.len);
  if (!group) return cmd.reply.integer(0);
  Garbage.add(Type.STREAM, changetype<usize>(stream.detachGroup(group)), Encoding.STREAM);
  cmd.reply.integer(1);
  cmd.dirty++;
  cmd.notify(2, Notify.STREAM, "xgroup-destroy");
  // Whoever waits for the group hears that it is gone.
  const key = cmd.arg(2);
  Changes.ready(cmd.db, key.ptr, key.len);
}

/** XGROUP CREATECONSUMER key group consumer → 1 if the consumer is new. */
export function xgroupCreateconsumer(cmd: Command): void {
  const group = writeGroup(cmd);
  if (!group) return;
  const name = cmd.arg(4);
  if (group.consumer(name.ptr, name.len)) return cmd.reply.integer(0);
  group.addConsumer(name.ptr, name.len, Clock.nowMs, NOT_KNOWN);
  cmd.dirty++;
  cmd.notify(2, Notify.STREAM, "xgroup-createconsumer");
  cmd.reply.integer(1);
}

/** XGROUP DELCONSUMER key group consumer → how many entries it had pending. */
export function xgroupDelconsumer(cmd: Command): void {
  const group = writeGroup(cmd);
  if (!group) return;
  const name = cmd.arg(4);
  const consumer = group.consumer(name.ptr, name.len);
  let pending: u32 = 0;
  if (consumer) {
    pending = group.removeConsumer(consumer);
    cmd.dirty++;
    cmd.notify(2, Notify.STREAM, "xgroup-delconsumer");
  }
  cmd.reply.integer(pending);
}

// --- XACK ---

/** XACK key group id [id …] → how many were pending. */
export function xack(cmd: Command): void {
  const entry = cmd.read(1, Type.STREAM);
  if (cmd.failed) return;
  const name = cmd.arg(2);
  const group = entry ? Streams.of(entry).group(name.ptr, name.len) : null;
  if (!entry || !group) return cmd.reply.integer(0);
  Keyspace.edit(cmd.db, entry);
  if (cmd.argc > 4) {
    for (let i = 3; i < cmd.argc; i++) if (!StreamId.strict(cmd, i)) return;
  }
  let acknowledged: u32 = 0;
  for (let i = 3; i < cmd.argc; i++) {
    if (!StreamId.strict(cmd, i)) return;
    acknowledged += u32(group.acknowledge(StreamId.ms, StreamId.seq));
  }
  cmd.dirty += acknowledged;
  cmd.reply.integer(acknowledged);
}

// --- XPENDING ---

/** XPENDING key group [[IDLE ms] start end count [consumer]] → a summary, or the entries */
export function xpending(cmd: Command): void {
  if (cmd.argc != 3 && (cmd.argc < 6 || cmd.argc > 9)) return cmd.failSyntax();
  if (cmd.argc == 3) {
    const group = readGroup(cmd);
    if (group) replySummary(cmd, group);
    return;
  }
  let at = 3;
  let idleMs: i64 = 0;
  if (cmd.is(3, "idle")) {
    idleMs = cmd.integer(4);
    if (cmd.failed) return;
    if (cmd.argc < 8) return cmd.failSyntax();
    at = 5;
  }
  const count = cmd.integer(at + 2);
  if (cmd.failed) return;
  if (!StreamId.first(cmd, at)) return;
  const firstMs = StreamId.ms;
  const firstSeq = StreamId.seq;
  if (!StreamId.last(cmd, at + 1)) return;
  const lastMs = StreamId.ms;
  const lastSeq = StreamId.seq;
  const group = readGroup(cmd);
  if (!group) return;
  let index: IdTree = group;
  if (at + 3 < cmd.argc) {
    const name = cmd.arg(at + 3);
    const consumer = group.consumer(name.ptr, name.len);
    if (!consumer) return cmd.reply.emptyArray();
    index = consumer;
  }
  replyPending(cmd, group, index, firstMs, firstSeq, lastMs, lastSeq, idleMs, count);
}

function readGroup(cmd: Command): Group | null {
  const entry = cmd.read(1, Type.STREAM);
  if (cmd.failed) return null;
  const name = cmd.arg(2);
  const group = entry ? Streams.of(entry).group(name.ptr, name.len) : null;
  if (!group) failNoGroup(cmd, 1, 2);
  return group;
}

/** How many are pending, the first and the last id, and how many each consumer has. */
function replySummary(cmd: Command, group: Group): void {
  const reply = cmd.reply;
  reply.array(4);
  reply.integer(group.size);
  const first = group.first();
  const last = group.last;
  if (!first || !last) {
    reply.nil();
    reply.nil();
    return reply.nilArray();
  }
  const lowest = changetype<IdEntry>(first.at(0, offsetof<Pending>()));
  const highest = changetype<IdEntry>(last.at(<u32>last.count - 1, offsetof<Pending>()));
  StreamId.reply(reply, lowest.ms, lowest.seq);
  StreamId.reply(reply, highest.ms, highest.seq);
  const mark = reply.mark();
  let consumers: u32 = 0;
  let place: u32 = 0;
  let consumer = Names.at(group.consumers, place);
  while (consumer) {
    if (consumer.size) {
      reply.array(2);
      reply.bulk(consumer.name, consumer.nameLength);
      reply.bulkInteger(consumer.size);
      consumers++;
    }
    place = Names.step(group.consumers, place);
    consumer = Names.at(group.consumers, place);
  }
  reply.closeArray(mark, consumers);
}

/** Up to `count` pending entries of an index (the group's, or a consumer's) that are idle for so long. */
function replyPending(
  cmd: Command,
  group: Group,
  index: IdTree,
  firstMs: u64,
  firstSeq: u64,
  lastMs: u64,
  lastSeq: u64,
  idleMs: i64,
  count: i64,
): void {
  const reply = cmd.reply;
  const mark = reply.mark();
  const now = Clock.nowMs;
  const isGroup = index == group;
  const stride = <u32>index.stride;
  let found: u32 = 0;
  let leaf: IdNode | null = index.seek(firstMs, firstSeq);
  let at = IdTree.index;
  while (leaf && count > 0) {
    for (; at < <u32>leaf.count && count > 0; at++) {
      const id = changetype<IdEntry>(leaf.at(at, stride));
      if (Stream.order(id.ms, id.seq, lastMs, lastSeq) > 0) {
        count = 0;
        break;
      }
      const pending = isGroup ? changetype<Pending>(id) : group.pending(id.ms, id.seq)!;
      const elapsed = now - pending.timeMs;
      if (idleMs && elapsed < idleMs) continue;
      reply.array(4);
      StreamId.reply(reply, id.ms, id.seq);
      reply.bulk(pending.consumer.name, pending.consumer.nameLength);
      reply.integer(max<i64>(elapsed, 0));
      reply.integer(pending.deliveries);
      found++;
      count--;
    }
    leaf = leaf.next;
    at = 0;
  }
  reply.closeArray(mark, found);
}
