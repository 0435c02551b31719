// XINFO: what a stream, its groups and their consumers are.

import { Type } from "../keyspace/entry";
import { Clock } from "../memory/clock";
import { Reply } from "../protocol/reply";
import { IdEntry, IdNode } from "../structures/id-node";
import { Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Consumer, Group, NOT_KNOWN, Pending } from "../structures/stream-group";
import { StreamId } from "../types/stream-id";
import { Streams } from "../types/stream";
import { Command } from "../execution/command";
import { failNoSuchGroup, failSubcommandSyntax } from "./shared/stream-group";

/** What XINFO STREAM FULL shows of each list. */
const FULL_DEFAULT: i64 = 10;

/** The stream in argument 2; replies the error and sets `failed` when it is not there. */
function readStream(cmd: Command): Stream | null {
  const entry = cmd.read(2, Type.STREAM);
  if (cmd.failed) return null;
  if (entry) return Streams.of(entry);
  cmd.fail("ERR no such key");
  return null;
}

// --- fields ---

@inline
function integerField(reply: Reply, name: string, value: i64): void {
  reply.bulkText(name);
  reply.integer(value);
}

/** A number, or nil for one that is not known. */
@inline
function knownField(reply: Reply, name: string, value: i64): void {
  reply.bulkText(name);
  if (value == NOT_KNOWN) reply.nil();
  else reply.integer(value);
}


@inline
function idField(reply: Reply, name: string, ms: u64, seq: u64): void {
  reply.bulkText(name);
  StreamId.reply(reply, ms, seq);
}

/** How many entries the group has still to read, or nil. */
function lagField(reply: Reply, stream: Stream, group: Group): void {
  reply.bulkText("lag");
  if (!stream.added) return reply.integer(0);
  const isCounted =
    group.entriesRead != NOT_KNOWN && !stream.hasDeletedFrom(group.lastMs, group.lastSeq);
  const read = isCounted ? group.entriesRead : stream.addedUpTo(group.lastMs, group.lastSeq);
  if (read == NOT_KNOWN) reply.nil();
  else reply.integer(<i64>stream.added - read);
}

// --- XINFO STREAM ---

/** XINFO STREAM key [FULL [COUNT n]] */
export function xinfoStream(cmd: Command): void {
  const stream = readStream(cmd);
  if (!stream) return;
  if (cmd.argc == 3) return replyStream(cmd.reply, stream);
  if ((cmd.argc != 4 && cmd.argc != 6) || !cmd.is(3, "full")) return failSubcommandSyntax(cmd);
  let count = FULL_DEFAULT;
  if (cmd.argc == 6) {
    if (!cmd.is(4, "count")) return failSubcommandSyntax(cmd);
    count = cmd.integer(5);
    if (cmd.failed) return;
    if (count < 0) count = FULL_DEFAULT;
  }
  replyFull(cmd.reply, stream, count ? <u64>count : u64.MAX_VALUE);
}

/** The seven fields that both forms begin with. */
function replyHead(reply: Reply, stream: Stream): void {
  integerField(reply, "length", stream.length);
  integerField(reply, "radix-tree-keys", stream.size);
  integerField(reply, "radix-tree-nodes", stream.radixNodes);
  idField(reply, "last-generated-id", stream.lastMs, stream.lastSeq);
  idField(reply, "max-deleted-entry-id", stream.deletedMs, stream.deletedSeq);
  integerField(reply, "entries-added", stream.added);
  idField(reply, "recorded-first-entry-id", stream.firstMs, stream.firstSeq);
}

function replyStream(reply: Reply, stream: Stream): void {
  reply.map(10);
  replyHead(reply, stream);
  integerField(reply, "groups", Names.count(stream.groups));
  edgeField(reply, "first-entry", stream, false);
  edgeField(reply, "last-entry", stream, true);
}

function edgeField(reply: Reply, name: string, stream: Stream, isLast: bool): void {
  reply.bulkText(name);
  StreamCursor.start(stream, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, isLast);
  if (StreamCursor.next()) Streams.replyEntry(reply);
  else reply.nil();
}

/** All of a stream; of each list the first `count`. */
function replyFull(reply: Reply, stream: Stream, count: u64): void {
  reply.map(9);
  replyHead(reply, stream);
  reply.bulkText("entries");
  Streams.replyRange(reply, stream, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, false, count);
  reply.bulkText("groups");
  const index = stream.groups;
  reply.array(Names.count(index));
  let place: u32 = 0;
  let group = Names.at(index, place);
  while (group) {
    replyFullGroup(reply, stream, changetype<Group>(group), count);
    place = Names.step(index, place);
    group = Names.at(index, place);
  }
}

function replyFullGroup(reply: Reply, stream: Stream, group: Group, count: u64): void {
  reply.map(7);
  reply.bulkText("name");
  reply.bulk(group.name, group.nameLength);
  idField(reply, "last-delivered-id", group.lastMs, group.lastSeq);
  knownField(reply, "entries-read", group.entriesRead);
  lagField(reply, stream, group);
  integerField(reply, "pel-count", group.size);
  reply.bulkText("pending");
  replyPending(reply, group, null, count);
  reply.bulkText("consumers");
  const index = group.consumers;
  reply.array(Names.count(index));
  let place: u32 = 0;
  let found = Names.at(index, place);
  while (found) {
    const consumer = changetype<Consumer>(found);
    reply.map(5);
    reply.bulkText("name");
    reply.bulk(consumer.name, consumer.nameLength);
    integerField(reply, "seen-time", consumer.seenMs);
    integerField(reply, "active-time", consumer.activeMs);
    integerField(reply, "pel-count", consumer.size);
    reply.bulkText("pending");
    replyPending(reply, group, consumer, count);
    place = Names.step(index, place);
    found = Names.at(index, place);
  }
}

/** What a group has pending, with the consumers; or what one consumer has. */
function replyPending(reply: Reply, group: Group, consumer: Consumer | null, count: u64): void {
  const total = consumer ? consumer.size : group.size;
  const shown = <u32>min<u64>(total, count);
  reply.array(shown);
  let left = shown;
  let leaf: IdNode | null = consumer ? consumer.first() : group.first();
  while (leaf && left) {
    for (let i: u32 = 0; i < <u32>leaf.count && left; i++, left--) {
      const stride = <u32>(consumer ? offsetof<IdEntry>() : offsetof<Pending>());
      const id = changetype<IdEntry>(leaf.at(i, stride));
      const pending = consumer ? group.pending(id.ms, id.seq)! : changetype<Pending>(id);
      reply.array(consumer ? 3 : 4);
      StreamId.reply(reply, pending.ms, pending.seq);
      if (!consumer) reply.bulk(pending.consumer.name, pending.consumer.nameLength);
      reply.integer(pending.timeMs);
      reply.integer(pending.deliveries);
    }
    leaf = leaf.next;
  }
}

// --- XINFO GROUPS and CONSUMERS ---

/** XINFO GROUPS key */
export function xinfoGroups(cmd: Command): void {
  const stream = readStream(cmd);
  if (!stream) return;
  const reply = cmd.reply;
  const index = stream.groups;
  reply.array(Names.count(index));
  let place: u32 = 0;
  let found = Names.at(index, place);
  while (found) {
    const group = changetype<Group>(found);
    reply.map(6);
    reply.bulkText("name");
    reply.bulk(group.name, group.nameLength);
    integerField(reply, "consumers", Names.count(group.consumers));
    integerField(reply, "pending", group.size);
    idField(reply, "last-delivered-id", group.lastMs, group.lastSeq);
    knownField(reply, "entries-read", group.entriesRead);
    lagField(reply, stream, group);
    place = Names.step(index, place);
    found = Names.at(index, place);
  }
}

/** XINFO CONSUMERS key group */
export function xinfoConsumers(cmd: Command): void {
  const stream = readStream(cmd);
  if (!stream) return;
  const name = cmd.arg(3);
  const group = stream.group(name.ptr, name.len);
  if (!group) return failNoSuchGroup(cmd, 2, 3);
  const reply = cmd.reply;
  const index = group.consumers;
  reply.array(Names.count(index));
  let place: u32 = 0;
  let found = Names.at(index, place);
  while (found) {
    const consumer = changetype<Consumer>(found);
    const activeMs = consumer.activeMs;
    reply.map(4);
    reply.bulkText("name");
    reply.bulk(consumer.name, consumer.nameLength);
    integerField(reply, "pending", consumer.size);
    integerField(reply, "idle", max<i64>(Clock.nowMs - consumer.seenMs, 0));
    integerField(
      reply,
      "inactive",
      activeMs == NOT_KNOWN ? NOT_KNOWN : max<i64>(Clock.nowMs - activeMs, 0),
    );
    place = Names.step(index, place);
    found = Names.at(index, place);
  }
}
