// Streams in RDB: the nodes as they lie, then the stream's own numbers, then its groups.
//
//   nodes │ id, listpack │ … │ length │ last id │ first id │ largest deleted id │ added │ groups │ group …
//   group      name │ last id │ entries read │ pending │ id, time, deliveries │ … │ consumers │ consumer …
//   consumer   name │ seen │ (active, in version 3) │ pending │ id │ …
//
// The ids of nodes and of pending entries are 16 bytes, big end first; other ids are two lengths.

import { Encoding, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { BlockCaptures } from "../persistence/block-captures";
import { Capture } from "../persistence/capture";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbType } from "../persistence/rdb-format";
import { RdbWriter } from "../persistence/rdb-writer";
import { IdEntry, IdNode } from "../structures/id-node";
import { IdTree } from "../structures/id-tree";
import { Named, Names } from "../structures/named";
import { NodeEntry, Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Consumer, Group, Pending } from "../structures/stream-group";
import { StreamNode } from "../structures/stream-node";
import { StreamValidator } from "../structures/stream-validate";

const ID: u32 = 16;

function rdbType(_value: usize, _encoding: u32): u32 {
  return RdbType.STREAM_LISTPACKS_2;
}

// ── saving ───────────────────────────────────────────────────────────────────────────────────

export class StreamSave {
  static id(out: RdbWriter, ms: u64, seq: u64): void {
    const at = out.room(ID);
    store<u64>(at, bswap<u64>(ms));
    store<u64>(at, bswap<u64>(seq), 8);
    out.advance(ID);
  }

  /** A node with its id. */
  static node(out: RdbWriter, ms: u64, seq: u64, node: StreamNode): void {
    out.writeLength(ID);
    StreamSave.id(out, ms, seq);
    out.string(node.listpack, node.bytes);
  }

  /** The stream's own numbers, which follow the nodes. */
  static numbers(out: RdbWriter, stream: Stream): void {
    out.writeLength(stream.length);
    out.writeLength(stream.lastMs);
    out.writeLength(stream.lastSeq);
    out.writeLength(stream.firstMs);
    out.writeLength(stream.firstSeq);
    out.writeLength(stream.deletedMs);
    out.writeLength(stream.deletedSeq);
    out.writeLength(stream.added);
  }

  static groups(out: RdbWriter, stream: Stream): void {
    const groups = stream.groups;
    out.writeLength(Names.count(groups));
    let place: u32 = 0;
    for (let each = Names.at(groups, place); each; each = Names.at(groups, place)) {
      StreamSave.group(out, changetype<Group>(each));
      place = Names.step(groups, place);
    }
  }

  private static group(out: RdbWriter, group: Group): void {
    out.string(group.name, group.nameLength);
    out.writeLength(group.lastMs);
    out.writeLength(group.lastSeq);
    out.writeLength(group.entriesRead);
    out.writeLength(group.size);
    for (let leaf: IdNode | null = group.first(); leaf; leaf = leaf!.next) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const pending = changetype<Pending>(leaf.at(i, offsetof<Pending>()));
        StreamSave.id(out, pending.ms, pending.seq);
        out.u64(pending.timeMs);
        out.writeLength(pending.deliveries);
      }
    }
    const consumers = group.consumers;
    out.writeLength(Names.count(consumers));
    let place: u32 = 0;
    for (let each = Names.at(consumers, place); each; each = Names.at(consumers, place)) {
      StreamSave.consumer(out, changetype<Consumer>(each));
      place = Names.step(consumers, place);
    }
  }

  private static consumer(out: RdbWriter, consumer: Consumer): void {
    out.string(consumer.name, consumer.nameLength);
    out.u64(consumer.seenMs);
    out.writeLength(consumer.size);
    for (let leaf: IdNode | null = consumer.first(); leaf; leaf = leaf!.next) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const entry = changetype<IdEntry>(leaf.at(i, offsetof<IdEntry>()));
        StreamSave.id(out, entry.ms, entry.seq);
      }
    }
  }
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

// ── in a snapshot ────────────────────────────────────────────────────────────────────────────

/** A stream with more nodes is written bit by bit; what its groups have is written at once. */
const LARGE: u32 = 16;
const NODE: u32 = <u32>offsetof<NodeEntry>();

function isLarge(value: usize, _encoding: u32): bool {
  return changetype<Stream>(value).size > LARGE;
}

function capture(capture: Capture): void {
  const stream = changetype<Stream>(capture.value);
  const nodes = stream.size;
  const directory = Heap.alloc(nodes * NODE);
  let at = directory;
  for (let leaf: IdNode | null = stream.first(); leaf; leaf = leaf!.next) {
    const bytes = <u32>leaf.count * NODE;
    memory.copy(at, leaf.at(0, NODE), bytes);
    at += bytes;
  }
  const tail = changetype<RdbWriter>(Heap.alloc(offsetof<RdbWriter>()));
  tail.init();
  StreamSave.numbers(tail, stream);
  StreamSave.groups(tail, stream);
  capture.b = changetype<usize>(tail);
  capture.out.writeLength(nodes);
  BlockCaptures.begin(capture, directory, nodes, NODE, <u32>offsetof<NodeEntry>("node"));
}

function captureSome(capture: Capture, budget: i32): i32 {
  const out = capture.out;
  let left = budget;
  while (!capture.isSilent && capture.place < capture.count) {
    if (left <= 0) return left;
    const before = out.length;
    const entry = changetype<NodeEntry>(capture.a + capture.place * NODE);
    const node = changetype<StreamNode>(BlockCaptures.blockOf(capture, capture.place));
    StreamSave.node(out, entry.ms, entry.seq, node);
    BlockCaptures.written(capture, capture.place++);
    left -= 1 + ((<i32>(out.length - before)) >> 6);
  }
  if (!capture.isSilent) {
    const tail = changetype<RdbWriter>(capture.b);
    out.raw(tail.bytes, tail.length);
  }
  capture.done = true;
  return left;
}

function captureEnd(capture: Capture): void {
  changetype<RdbWriter>(capture.b).dispose();
  Heap.free(capture.b);
  BlockCaptures.end(capture);
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
  info.isLarge = isLarge.index;
  info.capture = capture.index;
  info.captureSome = captureSome.index;
  info.captureEnd = captureEnd.index;
  RdbLoad.register(RdbType.STREAM_LISTPACKS, StreamLoad.read.index);
  RdbLoad.register(RdbType.STREAM_LISTPACKS_2, StreamLoad.read.index);
  RdbLoad.register(RdbType.STREAM_LISTPACKS_3, StreamLoad.read.index);
}
