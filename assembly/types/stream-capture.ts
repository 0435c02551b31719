// A large stream in a snapshot: its nodes and the leaves of its groups' and consumers' indexes are blocks that
// are written one by one. What is small lies between them: it is written when the snapshot comes to
// the stream, and put in its place later.
//
//   directory   │ node │ node │ …       │ leaf │ leaf │ …           │ leaf │ …
//   between                     numbers                head of a                head of
//                               a group's head         consumer                 the next group …
//
// As commands the entries alone are blocks; groups are written at once.

import { Heap } from "../memory/heap";
import { BlockCaptures } from "../persistence/block-captures";
import { Capture } from "../persistence/capture";
import { RdbWriter } from "../persistence/rdb-writer";
import { IdNode } from "../structures/id-node";
import { IdTree } from "../structures/id-tree";
import { Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { Consumer, Group } from "../structures/stream-group";
import { NodeEntry, StreamNode } from "../structures/stream-node";
import { StreamRewrite } from "./stream-rewrite";
import { StreamSave } from "./stream-save";

/** What a record of the directory leads to. */
const enum Kind {
  NODE,
  PENDING,
  OWNED,
}


@unmanaged
class Part {
  /** The id of a node. */
  ms: u64;
  seq: u64;
  block: u32;
  kind: Kind;
  /** Bytes of what lies between that come first. */
  before: u32;
  private pad: u32;
}

const PART: u32 = <u32>offsetof<Part>();
/** A stream with more nodes, or more in its groups, is written bit by bit. */
const LARGE_NODES: u32 = 16;
const LARGE_GROUPS: u32 = 1024;

export class StreamCapture {
  static isLarge(value: usize, _encoding: u32): bool {
    const stream = changetype<Stream>(value);
    if (stream.size > LARGE_NODES) return true;
    const groups = stream.groups;
    let size: u32 = 0;
    let place: u32 = 0;
    for (let each = Names.at(groups, place); each; each = Names.at(groups, place)) {
      size += each.size + 1;
      if (size > LARGE_GROUPS) return true;
      place = Names.step(groups, place);
    }
    return false;
  }

  static begin(capture: Capture): void {
    const stream = changetype<Stream>(capture.value);
    const between = changetype<RdbWriter>(Heap.alloc(offsetof<RdbWriter>()));
    between.init();
    capture.b = changetype<usize>(between);
    let count = stream.size;
    if (!capture.isCommands) count += StreamCapture.leavesOfGroups(stream);
    const directory = Heap.alloc(max(count, 1) * PART);
    let at = StreamCapture.addNodes(directory, stream);
    if (capture.isCommands) {
      StreamRewrite.rest(between, capture.key, capture.keyLen, stream);
    } else {
      capture.out.writeLength(stream.size);
      StreamSave.numbers(between, stream);
      at = StreamCapture.addGroups(at, between, stream);
    }
    BlockCaptures.begin(capture, directory, count, PART, <u32>offsetof<Part>("block"));
  }

  /** Writes some of it; what is left of the budget. */
  static some(capture: Capture, budget: i32): i32 {
    const out = capture.out;
    const between = changetype<RdbWriter>(capture.b);
    let left = budget;
    while (!capture.isSilent && capture.place < capture.count) {
      if (left <= 0) return left;
      const start = out.length;
      const part = changetype<Part>(capture.a + capture.place * PART);
      if (part.before) StreamCapture.move(between, part.before, out);
      StreamCapture.write(out, capture, part, BlockCaptures.blockOf(capture, capture.place));
      BlockCaptures.written(capture, capture.place++);
      left -= 1 + ((<i32>(out.length - start)) >> 6);
    }
    if (!capture.isSilent) StreamCapture.move(between, between.length, out);
    capture.done = true;
    return left;
  }

  static end(capture: Capture): void {
    changetype<RdbWriter>(capture.b).dispose();
    Heap.free(capture.b);
    BlockCaptures.end(capture);
  }

  private static write(out: RdbWriter, capture: Capture, part: Part, block: usize): void {
    const leaf = changetype<IdNode>(block);
    if (part.kind == Kind.PENDING) return StreamSave.pendingLeaf(out, leaf);
    if (part.kind == Kind.OWNED) return StreamSave.ownedLeaf(out, leaf);
    const node = changetype<StreamNode>(block);
    if (capture.isCommands)
      StreamRewrite.node(out, capture.key, capture.keyLen, part.ms, part.seq, node);
    else StreamSave.node(out, part.ms, part.seq, node);
  }

  private static move(between: RdbWriter, length: u32, out: RdbWriter): void {
    out.raw(between.bytes, length);
    between.taken(length);
  }

  // ── the directory ──────────────────────────────────────────────────────────────────────────

  private static addNodes(at: usize, stream: Stream): usize {
    for (let leaf: IdNode | null = stream.first(); leaf; leaf = leaf!.next) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const entry = changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>()));
        const part = changetype<Part>(at);
        part.ms = entry.ms;
        part.seq = entry.seq;
        part.block = <u32>changetype<usize>(entry.node);
        part.kind = Kind.NODE;
        part.before = 0;
        at += PART;
      }
    }
    return at;
  }

  private static addGroups(at: usize, between: RdbWriter, stream: Stream): usize {
    const groups = stream.groups;
    let passed: u32 = 0;
    between.writeLength(Names.count(groups));
    let place: u32 = 0;
    for (let each = Names.at(groups, place); each; each = Names.at(groups, place)) {
      const group = changetype<Group>(each);
      StreamSave.groupHead(between, group);
      at = StreamCapture.addLeaves(at, group, Kind.PENDING, between.length - passed);
      if (group.size) passed = between.length;
      const consumers = group.consumers;
      between.writeLength(Names.count(consumers));
      let number: u32 = 0;
      for (let one = Names.at(consumers, number); one; one = Names.at(consumers, number)) {
        const consumer = changetype<Consumer>(one);
        StreamSave.consumerHead(between, consumer);
        at = StreamCapture.addLeaves(at, consumer, Kind.OWNED, between.length - passed);
        if (consumer.size) passed = between.length;
        number = Names.step(consumers, number);
      }
      place = Names.step(groups, place);
    }
    return at;
  }

  /** Adds the leaves of an index, the first behind so many bytes of what lies between. */
  private static addLeaves(at: usize, tree: IdTree, kind: Kind, before: u32): usize {
    for (let leaf: IdNode | null = tree.first(); leaf; leaf = leaf!.next) {
      const part = changetype<Part>(at);
      part.block = <u32>changetype<usize>(leaf);
      part.kind = kind;
      part.before = before;
      before = 0;
      at += PART;
    }
    return at;
  }

  private static leavesOfGroups(stream: Stream): u32 {
    const groups = stream.groups;
    let count: u32 = 0;
    let place: u32 = 0;
    for (let each = Names.at(groups, place); each; each = Names.at(groups, place)) {
      const group = changetype<Group>(each);
      count += StreamCapture.leaves(group);
      const consumers = group.consumers;
      let number: u32 = 0;
      for (let one = Names.at(consumers, number); one; one = Names.at(consumers, number)) {
        count += StreamCapture.leaves(one);
        number = Names.step(consumers, number);
      }
      place = Names.step(groups, place);
    }
    return count;
  }

  private static leaves(tree: IdTree): u32 {
    let count: u32 = 0;
    for (let leaf: IdNode | null = tree.first(); leaf; leaf = leaf!.next) count++;
    return count;
  }
}
