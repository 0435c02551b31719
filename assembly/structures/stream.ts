// A stream: entries of fields and values under rising ids, and the groups that read them.
//
// The entries are packed in nodes (stream-node.ts), and the stream begins with the ordered index of its
// nodes: the id of a node is that of the first entry ever put in. So the end is at hand, finding where a
// range begins is O(log n) and a walk of one node, and trimming frees whole nodes.
//
//   index of nodes │ groups │ length │ added │ last id │ first id │ largest deleted id
//
// An entry is never moved. What was deleted stays in its node, marked; the node goes with its last entry.

import { Heap } from "../memory/heap";
import { IdNode } from "./id-node";
import { IdTree } from "./id-tree";
import { Listpack } from "./listpack";
import { Names } from "./named";
import { RadixCount } from "./radix-count";
import { StreamCursor } from "./stream-cursor";
import { Group } from "./stream-group";
import { NodeEntry, StreamNode } from "./stream-node";


@unmanaged
export class Stream extends IdTree {
  /** The index of groups by name. */
  groups: usize;
  /** Nodes that Redis's radix tree would have for the ids of our nodes. */
  radixNodes: u32;
  /** Entries that are not deleted. */
  length: u64;
  /** Entries that were ever added. */
  added: u64;
  /** The largest id that was ever given. */
  lastMs: u64;
  lastSeq: u64;
  /** The id of the first entry, 0-0 when there is none. */
  firstMs: u64;
  firstSeq: u64;
  /** The largest id that was deleted by itself, not by trimming. */
  deletedMs: u64;
  deletedSeq: u64;

  static create(): Stream {
    const stream = changetype<Stream>(Heap.alloc(offsetof<Stream>()));
    memory.fill(changetype<usize>(stream), 0, offsetof<Stream>());
    stream.reset(offsetof<NodeEntry>());
    stream.radixNodes = RadixCount.EMPTY;
    return stream;
  }

  // --- adding ---

  /** Bytes of the texts of an entry, given as slices of field, value, field, value … */
  static textBytes(texts: usize, fields: u32): u64 {
    let sum: u64 = 0;
    for (let end = texts + ((<usize>fields) << 4); texts < end; texts += 8)
      sum += load<u32>(texts, 4);
    return sum;
  }

  /** Whether texts of so many bytes are too large for one entry. */
  @inline static isTooLarge(textBytes: u64): bool {
    return textBytes > <u64>Listpack.MAX_BYTES;
  }

  /** The most memory that adding an entry may ask for. */
  roomToAppend(textBytes: u64, fields: u32): u64 {
    const leaf = this.last;
    const bound = StreamNode.bound(textBytes, fields);
    if (!leaf) return bound;
    const place = changetype<NodeEntry>(leaf.at(<u32>leaf.count - 1, offsetof<NodeEntry>()));
    return bound + ((<u64>Heap.sizeOf(changetype<usize>(place.node))) << 1);
  }

  /** Adds an entry; its id must be above the last one. */
  append(ms: u64, seq: u64, texts: usize, fields: u32, textBytes: u64): void {
    this.touch();
    const bound = StreamNode.bound(textBytes, fields);
    const wanted = offsetof<StreamNode>() + <usize>bound;
    let capacity = wanted;
    const leaf = this.last;
    if (leaf) {
      const entry = changetype<NodeEntry>(leaf.at(<u32>leaf.count - 1, offsetof<NodeEntry>()));
      if (!entry.node.isFullFor(textBytes)) {
        const node = entry.node.append(ms - entry.ms, seq - entry.seq, texts, fields, bound);
        if (node != entry.node) {
          leaf.touch();
          entry.node = node;
        }
        this.count(ms, seq);
        return;
      }
      const node = entry.node.trim();
      if (node != entry.node) {
        leaf.touch();
        entry.node = node;
      }
      // The next node will most likely be as large as this one.
      capacity = max(wanted, min(Heap.sizeOf(changetype<usize>(node)), <usize>StreamNode.maxBytes));
    }
    const node = StreamNode.create(texts, fields, capacity);
    this.addNode(ms, seq, node.append(0, 0, texts, fields, bound));
    this.count(ms, seq);
  }

  /** Adds a node under an id that has none; the entries in it are not counted. */
  addNode(ms: u64, seq: u64, node: StreamNode): void {
    this.radixNodes += RadixCount.difference(this, ms, seq);
    changetype<NodeEntry>(this.add(ms, seq)).node = node;
  }


  @inline private count(ms: u64, seq: u64): void {
    this.lastMs = ms;
    this.lastSeq = seq;
    this.added++;
    if (++this.length == 1) {
      this.firstMs = ms;
      this.firstSeq = seq;
    }
  }

  // --- finding ---

  /** Where `locate` looked. */
  private static leaf: IdNode = changetype<IdNode>(0);
  private static place: NodeEntry = changetype<NodeEntry>(0);

  /** The entry with this id in its node; 0 when there is none or it is deleted. */
  locate(ms: u64, seq: u64): usize {
    const leaf = this.seekBack(ms, seq);
    if (!leaf) return 0;
    const place = changetype<NodeEntry>(leaf.at(IdTree.index, offsetof<NodeEntry>()));
    Stream.leaf = leaf;
    Stream.place = place;
    const node = place.node;
    const wantedMs = ms - place.ms;
    const wantedSeq = seq - place.seq;
    const masterFields = node.masterFields;
    const end = node.end;
    let p = node.firstEntry();
    while (p < end) {
      const entry = p;
      p = Listpack.skip(p);
      const entryMs = <u64>StreamNode.integer(p);
      p = Listpack.skip(p);
      if (entryMs >= wantedMs) {
        if (entryMs > wantedMs) return 0;
        if (<u64>StreamNode.integer(p) == wantedSeq) return StreamNode.isDeleted(entry) ? 0 : entry;
      }
      p = StreamNode.behind(entry, Listpack.skip(p), masterFields);
    }
    return 0;
  }

  // --- deleting ---

  /** Deletes an entry and says whether it was there. `settleFirst` must follow the last of several. */
  deleteEntry(ms: u64, seq: u64): bool {
    const entry = this.locate(ms, seq);
    if (!entry) return false;
    this.touch();
    const place = Stream.place;
    const node = place.node;
    node.touch();
    StreamNode.markDeleted(entry);
    if (node.live == 1) this.removeNode(place);
    else this.countDeleted(Stream.leaf, place, 1);
    this.noteDeleted(ms, seq);
    return true;
  }

  /** An entry was deleted that need not have been the first. */
  noteDeleted(ms: u64, seq: u64): void {
    if (Stream.order(ms, seq, this.deletedMs, this.deletedSeq) <= 0) return;
    this.deletedMs = ms;
    this.deletedSeq = seq;
  }

  /** Finds the first entry again, after it may have been deleted. */
  settleFirst(): void {
    this.firstMs = 0;
    this.firstSeq = 0;
    if (!this.length) return;
    StreamCursor.start(this, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, false);
    if (!StreamCursor.next()) return;
    this.firstMs = StreamCursor.ms;
    this.firstSeq = StreamCursor.seq;
  }

  /** Counts entries of a node as deleted that were marked. */
  countDeleted(leaf: IdNode, place: NodeEntry, count: u32): void {
    const node = place.node.countDeleted(count);
    this.length -= count;
    if (node == place.node) return;
    leaf.touch();
    place.node = node;
  }

  /** Removes a node with all its entries. */
  removeNode(place: NodeEntry): void {
    const ms = place.ms;
    const seq = place.seq;
    const node = place.node;
    node.touch();
    this.length -= node.live;
    Heap.free(changetype<usize>(node));
    this.remove(ms, seq);
    this.radixNodes -= RadixCount.difference(this, ms, seq);
  }

  // --- how far a group is ---

  /** Whether an entry behind the first one was deleted that is above this id, or at it. */
  hasDeletedFrom(ms: u64, seq: u64): bool {
    if (!this.length || (this.deletedMs == 0 && this.deletedSeq == 0)) return false;
    return (
      Stream.order(this.firstMs, this.firstSeq, this.deletedMs, this.deletedSeq) <= 0 &&
      Stream.order(ms, seq, this.deletedMs, this.deletedSeq) <= 0
    );
  }

  /** How many entries were ever added up to this id; -1 when that cannot be known. */
  addedUpTo(ms: u64, seq: u64): i64 {
    if (!this.added) return 0;
    const last = Stream.order(ms, seq, this.lastMs, this.lastSeq);
    if (!this.length && last <= 0) return this.added;
    if (last == 0) return this.added;
    if (last > 0) return -1;
    const neverDeleted = this.deletedMs == 0 && this.deletedSeq == 0;
    if (
      neverDeleted ||
      Stream.order(this.deletedMs, this.deletedSeq, this.firstMs, this.firstSeq) < 0
    ) {
      const first = Stream.order(ms, seq, this.firstMs, this.firstSeq);
      if (first < 0) return this.added - this.length;
      if (first == 0) return this.added - this.length + 1;
    }
    return -1;
  }

  /** Negative, zero or positive as the first id is below, at or above the second. */
  static order(ms: u64, seq: u64, otherMs: u64, otherSeq: u64): i32 {
    if (ms != otherMs) return ms < otherMs ? -1 : 1;
    return seq == otherSeq ? 0 : seq < otherSeq ? -1 : 1;
  }

  // --- groups ---

  @inline group(ptr: usize, len: u32): Group | null {
    return changetype<Group>(Names.find(this.groups, ptr, len));
  }

  /** Adds a group, whose name must be new. */
  addGroup(ptr: usize, len: u32, lastMs: u64, lastSeq: u64, entriesRead: i64): Group {
    this.touch();
    const group = Group.create(ptr, len, lastMs, lastSeq, entriesRead);
    this.groups = Names.add(this.groups, group);
    return group;
  }

  /** Takes a group out; it is then in an empty stream of its own, which can be released in slices. */
  detachGroup(group: Group): Stream {
    this.touch();
    group.touch();
    this.groups = Names.remove(this.groups, group);
    const shell = Stream.create();
    shell.groups = Names.add(0, group);
    return shell;
  }

  // --- the whole stream ---

  /** Bytes of all its blocks. */
  bytes(): usize {
    let sum = Heap.sizeOf(changetype<usize>(this)) + this.indexBytes() + Names.bytes(this.groups);
    let leaf = this.first();
    while (leaf) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        sum += Heap.sizeOf(
          changetype<usize>(changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>())).node),
        );
      }
      leaf = leaf.next;
    }
    let place: u32 = 0;
    let group = Names.at(this.groups, place);
    while (group) {
      sum += changetype<Group>(group).bytes();
      place = Names.step(this.groups, place);
      group = Names.at(this.groups, place);
    }
    return sum;
  }

  copy(): Stream {
    const twin = changetype<Stream>(Heap.alloc(offsetof<Stream>()));
    memory.copy(changetype<usize>(twin), changetype<usize>(this), offsetof<Stream>());
    twin.reset(offsetof<NodeEntry>());
    twin.groups = 0;
    let leaf = this.first();
    while (leaf) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const place = changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>()));
        changetype<NodeEntry>(twin.add(place.ms, place.seq)).node = place.node.copy(
          place.node.size,
        );
      }
      leaf = leaf.next;
    }
    let place: u32 = 0;
    let group = Names.at(this.groups, place);
    while (group) {
      twin.groups = Names.add(twin.groups, changetype<Group>(group).copy());
      place = Names.step(this.groups, place);
      group = Names.at(this.groups, place);
    }
    return twin;
  }

  /**
   * Frees about `work` blocks and answers how much of `work` is left, or -1 while there is more to free.
   * Once it is called the stream may only be released further.
   */
  release(work: i32): i32 {
    while (this.size) {
      if (work <= 0) return -1;
      const leaf = this.last!;
      const count = <u32>leaf.count;
      for (let i: u32 = 0; i < count; i++) {
        Heap.free(changetype<usize>(changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>())).node));
      }
      this.removeLastLeaf();
      work -= count;
    }
    while (this.groups) {
      const group = changetype<Group>(Names.last(this.groups));
      work = group.releaseContents(work);
      if (work < 0) return -1;
      this.groups = Names.remove(this.groups, group);
      group.free();
    }
    Heap.free(changetype<usize>(this));
    return work;
  }
}
