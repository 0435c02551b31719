import { Heap } from "../../../assembly/memory/heap";
import { Block } from "../../../assembly/structures/block";
import { IdEntry, IdNode } from "../../../assembly/structures/id-node";
import { IdTree } from "../../../assembly/structures/id-tree";
import { Listpack } from "../../../assembly/structures/listpack";
import { Named, Names } from "../../../assembly/structures/named";
import { Stream } from "../../../assembly/structures/stream";
import { StreamCursor } from "../../../assembly/structures/stream-cursor";
import { Consumer, Group, Pending } from "../../../assembly/structures/stream-group";
import { NodeEntry, StreamNode } from "../../../assembly/structures/stream-node";
import { StreamTrim } from "../../../assembly/structures/stream-trim";
import { StreamValidator } from "../../../assembly/structures/stream-validate";

export function boot(maxBytes: u32, maxEntries: u32): void {
  Heap.boot(0);
  StreamNode.maxBytes = maxBytes;
  StreamNode.maxEntries = maxEntries;
}
export function used(): usize {
  return Heap.used;
}
export function alloc(size: usize): usize {
  return Heap.alloc(size);
}

export function create(): Stream {
  return Stream.create();
}
export function copy(stream: Stream): Stream {
  return stream.copy();
}
export function release(stream: Stream, work: i32): i32 {
  return stream.release(work);
}
export function bytes(stream: Stream): usize {
  return stream.bytes();
}
export function length(stream: Stream): u64 {
  return stream.length;
}
export function added(stream: Stream): u64 {
  return stream.added;
}
export function firstMs(stream: Stream): u64 {
  return stream.firstMs;
}
export function firstSeq(stream: Stream): u64 {
  return stream.firstSeq;
}
export function nodes(stream: Stream): u32 {
  return stream.size;
}
export function append(stream: Stream, ms: u64, seq: u64, texts: usize, fields: u32): void {
  stream.append(ms, seq, texts, fields, Stream.textBytes(texts, fields));
}
export function deleteEntry(stream: Stream, ms: u64, seq: u64): bool {
  const deleted = stream.deleteEntry(ms, seq);
  stream.settleFirst();
  return deleted;
}
export function trimToLength(stream: Stream, length: u64, approximately: bool, limit: u64): u64 {
  StreamTrim.byId = false;
  StreamTrim.maxLength = length;
  StreamTrim.approximately = approximately;
  StreamTrim.limit = limit;
  return StreamTrim.run(stream);
}
export function trimToId(stream: Stream, ms: u64, seq: u64, approximately: bool, limit: u64): u64 {
  StreamTrim.byId = true;
  StreamTrim.ms = ms;
  StreamTrim.seq = seq;
  StreamTrim.approximately = approximately;
  StreamTrim.limit = limit;
  return StreamTrim.run(stream);
}
export function radixNodes(stream: Stream): u32 {
  return stream.radixNodes;
}
export function addedUpTo(stream: Stream, ms: u64, seq: u64): i64 {
  return stream.addedUpTo(ms, seq);
}
export function has(stream: Stream, ms: u64, seq: u64): bool {
  return stream.locate(ms, seq) != 0;
}

// --- output, all little endian ---

let at: usize = 0;

function putText(ptr: usize, len: u32): void {
  store<u32>(at, len);
  memory.copy(at + 4, ptr, len);
  at += 4 + <usize>len;
}
function putElement(p: usize): void {
  Listpack.text(p);
  putText(Listpack.ptr, Listpack.len);
}
function putId(ms: u64, seq: u64): void {
  store<u64>(at, ms);
  store<u64>(at, seq, 8);
  at += 16;
}

/** Writes up to `count` entries as id, number of fields, texts; answers the bytes written. */
export function range(
  stream: Stream,
  firstMs: u64,
  firstSeq: u64,
  lastMs: u64,
  lastSeq: u64,
  backwards: bool,
  count: u32,
  skipFields: bool,
  target: usize,
): u32 {
  at = target;
  StreamCursor.start(stream, firstMs, firstSeq, lastMs, lastSeq, backwards);
  for (; count && StreamCursor.next(); count--) {
    putId(StreamCursor.ms, StreamCursor.seq);
    store<u32>(at, StreamCursor.fields);
    at += 4;
    // Every other entry is left half read.
    while (!(skipFields && (count & 1) != 0) && StreamCursor.nextField()) {
      putElement(StreamCursor.field);
      putElement(StreamCursor.value);
    }
  }
  return <u32>(at - target);
}

/** Writes each node as id, length of the listpack, listpack; asserts what holds for every node. */
export function dump(stream: Stream, target: usize): u32 {
  at = target;
  let leaf = stream.first();
  while (leaf) {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const place = changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>()));
      const node = place.node;
      assert(StreamValidator.validate(node.listpack, node.bytes));
      assert(
        Listpack.told(node.listpack) == 65535 || elements(node) == Listpack.told(node.listpack),
      );
      assert(node.size <= Heap.sizeOf(changetype<usize>(node)));
      putId(place.ms, place.seq);
      putText(node.listpack, node.bytes);
    }
    leaf = leaf.next;
  }
  return <u32>(at - target);
}
function elements(node: StreamNode): u32 {
  let count: u32 = 0;
  for (let p = node.listpack + Listpack.HEADER; p < node.end; p = Listpack.skip(p)) count++;
  return count;
}

export function validate(lp: usize, size: u32): bool {
  return StreamValidator.validate(lp, size);
}
/** Walks a node that was found valid, in both directions; answers the ids' sum. */
export function walk(lp: usize): u64 {
  const stream = Stream.create();
  stream.addNode(5, 5, StreamNode.from(lp));
  stream.length = StreamNode.from(lp).live;
  let sum: u64 = 0;
  for (let backwards = 0; backwards < 2; backwards++) {
    StreamCursor.start(stream, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, backwards != 0);
    while (StreamCursor.next()) {
      sum += StreamCursor.ms + StreamCursor.seq;
      while (StreamCursor.nextField()) {
        Listpack.text(StreamCursor.field);
        Listpack.text(StreamCursor.value);
        for (let i: u32 = 0; i < Listpack.len; i++) sum += load<u8>(Listpack.ptr + i);
      }
    }
  }
  trimToLength(stream, 1, false, 0);
  stream.release(i32.MAX_VALUE);
  return sum;
}

// --- groups ---

export function addGroup(stream: Stream, ptr: usize, len: u32): void {
  stream.addGroup(ptr, len, 1, 2, 3);
}
export function hasGroup(stream: Stream, ptr: usize, len: u32): bool {
  return changetype<usize>(stream.group(ptr, len)) != 0;
}
export function removeGroup(stream: Stream, ptr: usize, len: u32): void {
  stream.detachGroup(stream.group(ptr, len)!).release(i32.MAX_VALUE);
}
export function group(stream: Stream, ptr: usize, len: u32): Group {
  return stream.group(ptr, len)!;
}
export function addConsumer(group: Group, ptr: usize, len: u32): void {
  group.addConsumer(ptr, len, 10, 20);
}
export function hasConsumer(group: Group, ptr: usize, len: u32): bool {
  return changetype<usize>(group.consumer(ptr, len)) != 0;
}
export function removeConsumer(group: Group, ptr: usize, len: u32): u32 {
  return group.removeConsumer(group.consumer(ptr, len)!);
}
export function assign(
  group: Group,
  ptr: usize,
  len: u32,
  ms: u64,
  seq: u64,
  timeMs: i64,
  deliveries: i64,
): void {
  group.assign(ms, seq, group.consumer(ptr, len)!, timeMs, deliveries);
}
export function acknowledge(group: Group, ms: u64, seq: u64): bool {
  return group.acknowledge(ms, seq);
}

function putNames(index: usize): void {
  store<u32>(at, Names.count(index));
  at += 4;
  let place: u32 = 0;
  let record = Names.at(index, place);
  while (record) {
    putText(record.name, record.nameLength);
    assert(Names.find(index, record.name, record.nameLength) == record);
    place = Names.step(index, place);
    record = Names.at(index, place);
  }
}

/** Writes the names of groups. */
export function groups(stream: Stream, target: usize): u32 {
  at = target;
  putNames(stream.groups);
  return <u32>(at - target);
}

/** Writes the consumers, then all that is pending with its consumer, then what each consumer has. */
export function pending(group: Group, target: usize): u32 {
  at = target;
  putNames(group.consumers);
  store<u32>(at, group.size);
  at += 4;
  let leaf = group.first();
  while (leaf) {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const entry = changetype<Pending>(leaf.at(i, offsetof<Pending>()));
      putId(entry.ms, entry.seq);
      store<i64>(at, entry.timeMs);
      store<i64>(at, entry.deliveries, 8);
      at += 16;
      putText(entry.consumer.name, entry.consumer.nameLength);
    }
    leaf = leaf.next;
  }
  let place: u32 = 0;
  let record = Names.at(group.consumers, place);
  while (record) {
    putIds(record);
    place = Names.step(group.consumers, place);
    record = Names.at(group.consumers, place);
  }
  return <u32>(at - target);
}
function putIds(consumer: Named): void {
  store<u32>(at, consumer.size);
  at += 4;
  let leaf = consumer.first();
  while (leaf) {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const entry = changetype<IdEntry>(leaf.at(i, offsetof<IdEntry>()));
      putId(entry.ms, entry.seq);
    }
    leaf = leaf.next;
  }
}

// --- blocks that a snapshot copies before they change ---

export function nextEpoch(): u32 {
  return ++Block.epoch;
}

function putBlock(block: usize, size: usize): void {
  store<u32>(at, block);
  store<u32>(at, size, 4);
  at += 8;
}
function putLeaves(tree: IdTree): void {
  const stride = <u32>tree.stride;
  let leaf: IdNode | null = tree.first();
  while (leaf) {
    putBlock(changetype<usize>(leaf), offsetof<IdNode>() + <usize>(<u32>leaf.count * stride));
    leaf = leaf.next;
  }
}

/** Writes address and size of all blocks. */
export function blocks(stream: Stream, target: usize): u32 {
  at = target;
  putBlock(changetype<usize>(stream), offsetof<Stream>());
  putLeaves(stream);
  let leaf: IdNode | null = stream.first();
  while (leaf) {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const node = changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>())).node;
      putBlock(changetype<usize>(node), node.size);
    }
    leaf = leaf.next;
  }
  let place: u32 = 0;
  let group = Names.at(stream.groups, place);
  while (group) {
    putBlock(changetype<usize>(group), offsetof<Group>());
    putLeaves(group);
    const index = changetype<Group>(group).consumers;
    let inner: u32 = 0;
    let consumer = Names.at(index, inner);
    while (consumer) {
      putBlock(changetype<usize>(consumer), offsetof<Consumer>());
      putLeaves(consumer);
      inner = Names.step(index, inner);
      consumer = Names.at(index, inner);
    }
    place = Names.step(stream.groups, place);
    group = Names.at(stream.groups, place);
  }
  return <u32>(at - target);
}
