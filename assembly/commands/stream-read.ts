// Reading what is new in streams, alone or as a consumer of a group, and waiting for it.

import { Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { SessionFlag, SessionKind } from "../sessions/session";
import { IdEntry, IdNode } from "../structures/id-node";
import { IdTree } from "../structures/id-tree";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Consumer, Group, NOT_KNOWN, Pending } from "../structures/stream-group";
import { StreamId } from "../types/stream-id";
import { Streams } from "../types/stream";
import { Command, Errors } from "../execution/command";
import { Waiting } from "../execution/waiting";
import { failNoGroup, hearFrom, logPending, logPosition } from "./shared/stream-group";

const NO_TIMEOUT: i64 = -1;
/** More than 64 pending entries take, with what the log says of them. */
const DELIVERY_ROOM: u64 = 65536;

/** The options of XREAD and XREADGROUP. */
class Options {
  static timeoutMs: i64 = NO_TIMEOUT;
  /** The most entries of each stream. */
  static count: u64 = 0;
  /** Where the keys begin, and how many they are; the ids follow. */
  static firstKey: i32 = 0;
  static streams: i32 = 0;
  /** Where the name of the group stands, that of the consumer follows; 0: none. */
  static groupArg: i32 = 0;
  static noAck: bool = false;

  static read(cmd: Command, isGroup: bool): bool {
    Options.timeoutMs = NO_TIMEOUT;
    Options.count = u64.MAX_VALUE;
    Options.firstKey = 0;
    Options.groupArg = 0;
    Options.noAck = false;
    let i = 1;
    for (; i < cmd.argc && !Options.firstKey; i++) {
      const behind = cmd.argc - i - 1;
      if (behind && cmd.is(i, "block")) {
        if (cmd.session.kind == SessionKind.SCRIPT) Options.failInScript(cmd);
        else Options.readTimeout(cmd, ++i);
      } else if (behind && cmd.is(i, "count")) {
        const count = cmd.integer(++i);
        Options.count = count > 0 ? <u64>count : u64.MAX_VALUE;
      } else if (behind && cmd.is(i, "streams")) Options.firstKey = i + 1;
      else if (behind > 1 && cmd.is(i, "group")) {
        if (!isGroup) Options.failNoGroups(cmd, "GROUP");
        Options.groupArg = i + 1;
        i += 2;
      } else if (cmd.is(i, "noack")) {
        if (!isGroup) Options.failNoGroups(cmd, "NOACK");
        Options.noAck = true;
      } else {
        cmd.failSyntax();
      }
      if (cmd.failed) return false;
    }
    if (!Options.firstKey) cmd.failSyntax();
    else if ((cmd.argc - Options.firstKey) & 1) {
      cmd.fail(
        "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
      );
    } else if (isGroup && !Options.groupArg) cmd.fail("ERR Missing GROUP option for XREADGROUP");
    Options.streams = (cmd.argc - Options.firstKey) >> 1;
    return !cmd.failed;
  }

  private static readTimeout(cmd: Command, index: i32): void {
    const timeout = cmd.integerIn(
      index,
      i64.MIN_VALUE,
      i64.MAX_VALUE,
      "ERR timeout is not an integer or out of range",
    );
    if (cmd.failed) return;
    if (timeout < 0) return cmd.fail("ERR timeout is negative");
    if (timeout > i64.MAX_VALUE - Clock.nowMs) return cmd.fail("ERR timeout is out of range");
    Options.timeoutMs = timeout;
  }

  private static failInScript(cmd: Command): void {
    Errors.begin();
    Errors.text("ERR ");
    Errors.bytes(cmd.arg(0).ptr, cmd.arg(0).len);
    Errors.text(" command is not allowed with BLOCK option from scripts");
    Errors.send(cmd.reply);
    cmd.failed = true;
  }

  private static failNoGroups(cmd: Command, option: string): void {
    Errors.begin();
    Errors.text("ERR The ");
    Errors.text(option);
    Errors.text(" option is only supported by XREADGROUP. You called XREAD instead.");
    Errors.send(cmd.reply);
    cmd.failed = true;
  }


  @inline static idArg(stream: i32): i32 {
    return Options.firstKey + Options.streams + stream;
  }
}

/** XREAD [COUNT n] [BLOCK ms] STREAMS key [key …] id [id …] → what is behind the ids, by stream */
export function xread(cmd: Command): void {
  if (!Options.read(cmd, false)) return;
  for (let i = 0; i < Options.streams; i++) if (!checkId(cmd, i)) return;
  const reply = cmd.reply;
  let mark: u64 = 0;
  let served: u32 = 0;
  for (let i = 0; i < Options.streams; i++) {
    const entry = cmd.read(Options.firstKey + i, Type.STREAM);
    if (!entry) continue;
    const stream = Streams.of(entry);
    if (!stream.length) continue;
    readFrom(cmd, i, stream);
    const ms = StreamId.ms;
    const seq = StreamId.seq;
    if (!hasBehind(stream, ms, seq)) continue;
    if (!served++) mark = reply.mark();
    beginStream(cmd, i);
    StreamId.increment();
    Streams.replyRange(
      reply,
      stream,
      StreamId.ms,
      StreamId.seq,
      u64.MAX_VALUE,
      u64.MAX_VALUE,
      false,
      Options.count,
    );
  }
  finish(cmd, mark, served, false);
}

/** Whether the id of a stream is one, and its key a stream or missing. */
function checkId(cmd: Command, i: i32): bool {
  cmd.read(Options.firstKey + i, Type.STREAM);
  if (cmd.failed) return false;
  const id = cmd.arg(Options.idArg(i));
  if (StreamId.is(id, 36) || StreamId.is(id, 43)) return true;
  if (StreamId.is(id, 62)) {
    cmd.fail(
      "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
    );
    return false;
  }
  return StreamId.strict(cmd, Options.idArg(i));
}

/** Finds the id to read behind: as it is given, the last one for `$`, the last but one for `+`. */
function readFrom(cmd: Command, i: i32, stream: Stream): void {
  const id = cmd.arg(Options.idArg(i));
  if (StreamId.is(id, 36)) {
    StreamId.ms = stream.lastMs;
    StreamId.seq = stream.lastSeq;
  } else if (StreamId.is(id, 43) && StreamCursor.toLast(stream)) {
    StreamId.ms = StreamCursor.ms;
    StreamId.seq = StreamCursor.seq;
    StreamId.decrement();
  } else {
    StreamId.strict(cmd, Options.idArg(i));
  }
}

/** Whether a stream that is not empty has an entry above the id. */
@inline
function hasBehind(stream: Stream, ms: u64, seq: u64): bool {
  return Stream.order(stream.lastMs, stream.lastSeq, ms, seq) > 0 && StreamCursor.toLast(stream)
    ? Stream.order(StreamCursor.ms, StreamCursor.seq, ms, seq) > 0
    : false;
}


@inline
function beginStream(cmd: Command, i: i32): void {
  if (!cmd.isResp3) cmd.reply.array(2);
  cmd.reply.slice(cmd.arg(Options.firstKey + i));
}

/** Ends the reply with what was served; with nothing, waits or replies that there is nothing. */
function finish(cmd: Command, mark: u64, served: u32, isGroup: bool): void {
  if (!served) {
    if (!mayWait(cmd, isGroup)) cmd.reply.nilArray();
  } else if (cmd.isResp3) {
    cmd.reply.closeMap(mark, served);
  } else {
    cmd.reply.closeArray(mark, served);
  }
}

/** Waits for something new, if that was asked for and may be. */
function mayWait(cmd: Command, isGroup: bool): bool {
  const timeoutMs = Options.timeoutMs;
  if (timeoutMs == NO_TIMEOUT) return false;
  // The last id of now: it will be another one when the command runs again.
  const texts = Heap.alloc(<usize>Options.streams * StreamId.TEXT_MAX);
  for (let i = 0; i < Options.streams; i++) {
    const id = cmd.arg(Options.idArg(i));
    if (!StreamId.is(id, 36) && !StreamId.is(id, 43)) continue;
    const entry = cmd.inspect(Options.firstKey + i);
    const stream = entry ? Streams.of(entry) : null;
    const text = texts + <usize>i * StreamId.TEXT_MAX;
    id.ptr = <u32>text;
    id.len = stream
      ? StreamId.write(stream.lastMs, stream.lastSeq, text)
      : StreamId.write(0, 0, text);
  }
  const deadline = timeoutMs ? timeoutMs + Clock.nowMs : 0;
  const waits = Waiting.block(
    cmd,
    Options.firstKey,
    Options.streams,
    Type.STREAM,
    deadline,
    isGroup,
  );
  Heap.free(texts);
  return waits;
}

// --- groups ---

/**
 * XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key [key …] id [id …]
 * → new entries (`>`), or what the consumer has pending behind the id, by stream
 */
export function xreadgroup(cmd: Command): void {
  if (!Options.read(cmd, true)) return;
  for (let i = 0; i < Options.streams; i++) if (!checkGroupId(cmd, i)) return;
  cmd.ownEffect = true;
  const reply = cmd.reply;
  const groupArg = Options.groupArg;
  const groupName = cmd.arg(groupArg);
  let mark: u64 = 0;
  let served: u32 = 0;
  for (let i = 0; i < Options.streams; i++) {
    const keyArg = Options.firstKey + i;
    const entry = cmd.read(keyArg, Type.STREAM)!;
    Keyspace.edit(cmd.db, entry);
    const stream = Streams.of(entry);
    const group = stream.group(groupName.ptr, groupName.len)!;
    const isHistory = !isForNew(cmd, i);
    const isTraceless = Options.noAck && !isHistory && readsUnseen(cmd, group, groupArg + 1);
    const consumer = isTraceless
      ? changetype<Consumer>(0)
      : hearFrom(cmd, group, keyArg, groupArg, groupArg + 1);
    if (!isHistory && !(stream.length && hasBehind(stream, group.lastMs, group.lastSeq))) continue;
    if (!served++) mark = reply.mark();
    beginStream(cmd, i);
    if (isHistory) {
      replyHistory(cmd, keyArg, stream, group, consumer);
    } else {
      deliver(cmd, keyArg, stream, group, consumer);
    }
    cmd.dirty++;
  }
  finish(cmd, mark, served, true);
}

/** Over REST, who acknowledges nothing becomes no consumer by reading. */
function readsUnseen(cmd: Command, group: Group, nameArg: i32): bool {
  const name = cmd.arg(nameArg);
  return cmd.session.has(SessionFlag.REST) && !group.consumer(name.ptr, name.len);
}

function checkGroupId(cmd: Command, i: i32): bool {
  const keyArg = Options.firstKey + i;
  const entry = cmd.read(keyArg, Type.STREAM);
  if (cmd.failed) return false;
  const name = cmd.arg(Options.groupArg);
  if (!entry || !Streams.of(entry).group(name.ptr, name.len)) {
    failNoGroup(cmd, keyArg, Options.groupArg, " in XREADGROUP with GROUP option");
    return false;
  }
  const id = cmd.arg(Options.idArg(i));
  if (StreamId.is(id, 62)) return true;
  const isLast = StreamId.is(id, 36);
  if (!isLast && !StreamId.is(id, 43)) return StreamId.strict(cmd, Options.idArg(i));
  cmd.fail(
    isLast
      ? "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set."
      : "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.",
  );
  return false;
}

/** Whether new entries are wanted: with `>`, or the id that stands for it. */
function isForNew(cmd: Command, i: i32): bool {
  if (StreamId.is(cmd.arg(Options.idArg(i)), 62)) return true;
  StreamId.strict(cmd, Options.idArg(i));
  return (StreamId.ms & StreamId.seq) == u64.MAX_VALUE;
}

/** Replies new entries; they are pending for the consumer then, unless it wants no acknowledging. */
function deliver(
  cmd: Command,
  keyArg: i32,
  stream: Stream,
  group: Group,
  consumer: Consumer,
): void {
  StreamId.ms = group.lastMs;
  StreamId.seq = group.lastSeq;
  StreamId.increment();
  const reply = cmd.reply;
  const mark = reply.mark();
  const count = Options.count;
  let found: u32 = 0;
  StreamCursor.start(stream, StreamId.ms, StreamId.seq, u64.MAX_VALUE, u64.MAX_VALUE, false);
  group.touch();
  while (<u64>found < count && StreamCursor.next()) {
    // What does not fit any more is delivered another time.
    if ((found & 63) == 63 && !Heap.hasRoom(DELIVERY_ROOM)) break;
    const ms = StreamCursor.ms;
    const seq = StreamCursor.seq;
    if (group.entriesRead != NOT_KNOWN && !stream.hasDeletedFrom(ms, seq)) group.entriesRead++;
    else if (stream.added) group.entriesRead = stream.addedUpTo(ms, seq);
    group.lastMs = ms;
    group.lastSeq = seq;
    Streams.replyEntry(reply);
    found++;
    if (Options.noAck) continue;
    consumer.activeMs = Clock.nowMs;
    logPending(cmd, keyArg, group, group.assign(ms, seq, consumer, Clock.nowMs, 1));
  }
  reply.closeArray(mark, found);
  if (found) logPosition(cmd, keyArg, group);
}

/** Replies what the consumer has pending behind the id; an entry that was deleted has no fields. */
function replyHistory(
  cmd: Command,
  keyArg: i32,
  stream: Stream,
  group: Group,
  consumer: Consumer,
): void {
  const reply = cmd.reply;
  const mark = reply.mark();
  let found: u32 = 0;
  let leaf: IdNode | null = consumer.seekAfter(StreamId.ms, StreamId.seq);
  let at = IdTree.index;
  while (leaf && <u64>found < Options.count) {
    const id = changetype<IdEntry>(leaf.at(at, offsetof<IdEntry>()));
    const ms = id.ms;
    const seq = id.seq;
    StreamCursor.start(stream, ms, seq, ms, seq, false);
    if (StreamCursor.next()) {
      Streams.replyEntry(reply);
      const pending = changetype<Pending>(group.find(ms, seq));
      IdTree.leaf.touch();
      pending.timeMs = Clock.nowMs;
      pending.deliveries++;
      logPending(cmd, keyArg, group, pending);
    } else {
      reply.array(2);
      StreamId.reply(reply, ms, seq);
      reply.nilArray();
    }
    found++;
    if (++at == <u32>leaf.count) {
      leaf = leaf.next;
      at = 0;
    }
  }
  reply.closeArray(mark, found);
}
