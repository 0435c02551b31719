// Streams in RDB: the nodes as they lie, then the stream's own numbers, then its groups.
//
//   nodes │ id, listpack │ … │ length │ last id │ first id │ largest deleted id │ added │ groups │ group …
//   group      name │ last id │ entries read │ pending │ id, time, deliveries │ … │ consumers │ consumer …
//   consumer   name │ seen │ (active, in version 3) │ pending │ id │ …
//
// The ids of nodes and of pending entries are 16 bytes, big end first; other ids are two lengths.

import { Encoding, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbType } from "../persistence/rdb-format";
import { RdbWriter } from "../persistence/rdb-writer";
import { IdEntry, IdNode } from "../structures/id-node";
import { IdTree } from "../structures/id-tree";
import { Named, Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Consumer, Group, Pending } from "../structures/stream-group";
import { NodeEntry, StreamNode } from "../structures/stream-node";
import { StreamValidator } from "../structures/stream-validate";
import { StreamCapture } from "./stream-capture";
import { StreamRewrite } from "./stream-rewrite";
import { StreamSave } from "./stream-save";

const ID: u32 = 16;

function rdbType(_value: usize, _encoding: u32): u32 {
  return RdbType.STREAM_LISTPACKS_2;
}

function save(out: RdbWriter, value: usize, _encoding: u32): void {
  const stream = changetype<Stream>(value);
  out.writeLength(stream.size);
  for (let leaf: IdNode | null = stream.first(); leaf; leaf = leaf!.next) {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const entry = changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>()));
      StreamSave.node(out, entry.ms, entry.seq, entry.node);
    }
  }
  StreamSave.numbers(out, stream);
  StreamSave.groups(out, stream);
}

// ── loading ──────────────────────────────────────────────────────────────────────────────────

/** What comes next. */
const enum Stage {
  START,
  NODES,
  NUMBERS,
  GROUPS,
  GROUP,
  PENDING,
  CONSUMERS,
  CONSUMER,
  OWNED,
}

class StreamLoad {
  /** The fields of the load: how many elements, of which the group and the consumer are left. */
  static read(from: RdbLoad): void {
    while (from.isOk && !from.done) {
      from.mark();
      StreamLoad.step(from);
    }
    from.rewind();
  }


  @inline private static stream(from: RdbLoad): Stream {
    return changetype<Stream>(from.entry.value);
  }

  private static step(from: RdbLoad): void {
    switch (from.stage) {
      case Stage.START: {
        const nodes = from.length();
        if (!from.isOk) return;
        from.make(Type.STREAM, Encoding.STREAM, changetype<usize>(Stream.create()));
        return StreamLoad.count(from, nodes, Stage.NODES);
      }
      case Stage.NODES:
        if (!from.left) return StreamLoad.count(from, 0, Stage.NUMBERS);
        return StreamLoad.node(from);
      case Stage.NUMBERS:
        return StreamLoad.numbers(from);
      case Stage.GROUPS: {
        const groups = from.length();
        if (from.isOk) from.d = groups;
        if (from.isOk) from.stage = Stage.GROUP;
        return;
      }
      case Stage.GROUP:
        if (from.d) return StreamLoad.group(from);
        from.done = true;
        return;
      case Stage.PENDING:
        if (!from.left) return StreamLoad.count(from, 0, Stage.CONSUMERS);
        return StreamLoad.pending(from);
      case Stage.CONSUMERS: {
        const consumers = from.length();
        if (from.isOk) return StreamLoad.count(from, consumers, Stage.CONSUMER);
        return;
      }
      case Stage.CONSUMER:
        if (from.left) return StreamLoad.consumer(from);
        return StreamLoad.endGroup(from);
      default:
        if (from.a) return StreamLoad.owned(from);
        from.stage = Stage.CONSUMER;
    }
  }

  private static count(from: RdbLoad, count: u64, stage: Stage): void {
    from.left = count;
    from.stage = stage;
  }

  private static node(from: RdbLoad): void {
    if (!from.string(0)) return;
    if (from.len != ID) return from.bad("the id of a stream's node has a wrong length");
    const ms = bswap<u64>(load<u64>(from.ptr));
    const seq = bswap<u64>(load<u64>(from.ptr, 8));
    if (!from.string(1)) return;
    if (!StreamValidator.validate(from.ptr, from.len))
      return from.bad("a stream's listpack is broken");
    const stream = StreamLoad.stream(from);
    const last = stream.last;
    if (last) {
      const before = changetype<IdEntry>(last.at(<u32>last.count - 1, offsetof<NodeEntry>()));
      if (!before.isBelow(ms, seq)) return from.bad("the nodes of a stream are not in order");
    }
    if (!from.hasRoom(from.len)) return;
    const node = StreamNode.from(from.ptr);
    changetype<NodeEntry>(stream.add(ms, seq)).node = node;
    stream.length += node.live;
    from.left--;
  }

  private static numbers(from: RdbLoad): void {
    const stream = StreamLoad.stream(from);
    const length = from.length();
    const lastMs = from.length();
    const lastSeq = from.length();
    let firstMs: u64 = 0;
    let firstSeq: u64 = 0;
    let deletedMs: u64 = 0;
    let deletedSeq: u64 = 0;
    let added = length;
    if (from.type != RdbType.STREAM_LISTPACKS) {
      firstMs = from.length();
      firstSeq = from.length();
      deletedMs = from.length();
      deletedSeq = from.length();
      added = from.length();
    }
    if (!from.isOk) return;
    if (length != stream.length) return from.bad("a stream does not have so many entries");
    stream.lastMs = lastMs;
    stream.lastSeq = lastSeq;
    stream.firstMs = firstMs;
    stream.firstSeq = firstSeq;
    stream.deletedMs = deletedMs;
    stream.deletedSeq = deletedSeq;
    stream.added = added;
    if (!StreamLoad.hasTrueEnds(stream)) return from.bad("a stream's last id is below an entry's");
    from.stage = Stage.GROUPS;
  }

  /** Finds the first id, which old files do not tell; whether the last one is not below any entry's. */
  private static hasTrueEnds(stream: Stream): bool {
    stream.settleFirst();
    StreamCursor.start(stream, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, true);
    if (!StreamCursor.next()) return true;
    return Stream.order(StreamCursor.ms, StreamCursor.seq, stream.lastMs, stream.lastSeq) <= 0;
  }

  private static group(from: RdbLoad): void {
    if (!from.string(0)) return;
    const ptr = from.ptr;
    const len = from.len;
    const ms = from.length();
    const seq = from.length();
    const stream = StreamLoad.stream(from);
    let read = <i64>-1;
    if (from.type != RdbType.STREAM_LISTPACKS) read = from.length();
    else if (from.isOk) read = stream.addedUpTo(ms, seq);
    const pending = from.length();
    if (!from.isOk) return;
    if (stream.group(ptr, len)) return from.bad("a stream has a group twice");
    from.b = changetype<usize>(stream.addGroup(ptr, len, ms, seq, read));
    from.d--;
    StreamLoad.count(from, pending, Stage.PENDING);
  }

  private static pending(from: RdbLoad): void {
    if (!from.has(ID)) return;
    const ms = bswap<u64>(load<u64>(from.at));
    const seq = bswap<u64>(load<u64>(from.at, 8));
    from.at += ID;
    const timeMs = from.u64();
    const deliveries = from.length();
    if (!from.isOk) return;
    const pending = changetype<Pending>(changetype<Group>(from.b).add(ms, seq));
    if (!IdTree.added) return from.bad("a group has a pending entry twice");
    pending.timeMs = timeMs;
    pending.deliveries = deliveries;
    pending.consumer = changetype<Consumer>(0);
    from.left--;
  }

  private static consumer(from: RdbLoad): void {
    if (!from.string(0)) return;
    const ptr = from.ptr;
    const len = from.len;
    const seenMs = <i64>from.u64();
    const activeMs = from.type == RdbType.STREAM_LISTPACKS_3 ? <i64>from.u64() : seenMs;
    const owned = from.length();
    if (!from.isOk) return;
    const group = changetype<Group>(from.b);
    if (group.consumer(ptr, len)) return from.bad("a group has a consumer twice");
    from.c = changetype<usize>(group.addConsumer(ptr, len, seenMs, activeMs));
    from.a = owned;
    from.left--;
    from.stage = Stage.OWNED;
  }

  private static owned(from: RdbLoad): void {
    if (!from.has(ID)) return;
    const ms = bswap<u64>(load<u64>(from.at));
    const seq = bswap<u64>(load<u64>(from.at, 8));
    from.at += ID;
    const pending = changetype<Group>(from.b).pending(ms, seq);
    if (!pending) return from.bad("a consumer has an entry that is not pending");
    if (changetype<usize>(pending.consumer))
      return from.bad("two consumers have the same pending entry");
    const consumer = changetype<Consumer>(from.c);
    pending.consumer = consumer;
    consumer.add(ms, seq);
    from.a--;
  }

  /** Every pending entry must have its consumer. */
  private static endGroup(from: RdbLoad): void {
    const group = changetype<Group>(from.b);
    let owned: u64 = 0;
    let place: u32 = 0;
    const consumers = group.consumers;
    for (let each = Names.at(consumers, place); each; each = Names.at(consumers, place)) {
      owned += changetype<Named>(each).size;
      place = Names.step(consumers, place);
    }
    if (owned != group.size) return from.bad("a pending entry has no consumer");
    from.stage = Stage.GROUP;
  }
}

/** Once, when the engine boots. */
export function registerStreamRdb(): void {
  const info = Types.info(Type.STREAM);
  info.rdbType = rdbType.index;
  info.save = save.index;
  info.rewrite = StreamRewrite.value.index;
  info.isLarge = StreamCapture.isLarge.index;
  info.capture = StreamCapture.begin.index;
  info.captureSome = StreamCapture.some.index;
  info.captureEnd = StreamCapture.end.index;
  RdbLoad.register(RdbType.STREAM_LISTPACKS, StreamLoad.read.index);
  RdbLoad.register(RdbType.STREAM_LISTPACKS_2, StreamLoad.read.index);
  RdbLoad.register(RdbType.STREAM_LISTPACKS_3, StreamLoad.read.index);
}
