// Walking the entries of a stream between two ids, in either direction.
//
//   StreamCursor.start(stream, firstMs, firstSeq, lastMs, lastSeq, false);
//   while (StreamCursor.next()) {                  ms, seq and fields are those of the entry
//     while (StreamCursor.nextField()) { … }       field and value are its elements in the listpack
//   }
//
// There is one cursor, and the stream must not change while it walks. Deleted entries are passed over;
// fields that nobody asks for are skipped.

import { IdNode } from "./id-node";
import { IdTree } from "./id-tree";
import { Listpack } from "./listpack";
import { NodeEntry, StreamNode } from "./stream-node";

export class StreamCursor {
  /** The id of the entry, how many fields it has, and where it is. */
  static ms: u64 = 0;
  static seq: u64 = 0;
  static fields: u32 = 0;
  static entry: usize = 0;
  /** The elements of the field and the value that `nextField` found. */
  static field: usize = 0;
  static value: usize = 0;

  private static firstMs: u64 = 0;
  private static firstSeq: u64 = 0;
  private static lastMs: u64 = 0;
  private static lastSeq: u64 = 0;
  private static backwards: bool = false;

  /** The leaf of the index with the next node, and its place there. */
  private static leaf: IdNode | null = null;
  private static index: u32 = 0;

  /** The node that is open: its id, its end mark, and its first field with their number. */
  private static nodeMs: u64 = 0;
  private static nodeSeq: u64 = 0;
  private static end: usize = 0;
  private static masterField: usize = 0;
  private static masterFields: u32 = 0;

  /** The element that was not read yet, and how many the entry has from there on, its length too. */
  private static unread: usize = 0;
  private static left: u32 = 0;
  /** The field that belongs to the next value when the entry has the master's fields, else 0. */
  private static sameField: usize = 0;

  /** Stands in front of the first entry of the range; behind the last when it goes backwards. */
  static start(
    stream: IdTree,
    firstMs: u64,
    firstSeq: u64,
    lastMs: u64,
    lastSeq: u64,
    backwards: bool,
  ): void {
    StreamCursor.firstMs = firstMs;
    StreamCursor.firstSeq = firstSeq;
    StreamCursor.lastMs = lastMs;
    StreamCursor.lastSeq = lastSeq;
    StreamCursor.backwards = backwards;
    StreamCursor.end = 0;
    StreamCursor.entry = 0;
    StreamCursor.unread = 0;
    StreamCursor.left = 0;
    let leaf = backwards ? stream.seekBack(lastMs, lastSeq) : stream.seekBack(firstMs, firstSeq);
    StreamCursor.index = IdTree.index;
    if (!leaf && !backwards) {
      leaf = stream.first();
      StreamCursor.index = 0;
    }
    StreamCursor.leaf = leaf;
  }

  /** Stands in front of the first entry of a node, and goes no further than its end. */
  static startNode(ms: u64, seq: u64, node: StreamNode): void {
    StreamCursor.firstMs = 0;
    StreamCursor.firstSeq = 0;
    StreamCursor.lastMs = u64.MAX_VALUE;
    StreamCursor.lastSeq = u64.MAX_VALUE;
    StreamCursor.backwards = false;
    StreamCursor.left = 0;
    StreamCursor.leaf = null;
    StreamCursor.enter(ms, seq, node);
    StreamCursor.unread = node.firstEntry();
  }

  /** Stands on the last entry; false when there is none. */
  static toLast(stream: IdTree): bool {
    StreamCursor.start(stream, 0, 0, u64.MAX_VALUE, u64.MAX_VALUE, true);
    return StreamCursor.next();
  }

  /** Goes to the next entry; false when there is none. */
  @inline static next(): bool {
    return StreamCursor.backwards ? StreamCursor.nextBackwards() : StreamCursor.nextForwards();
  }

  /** Goes to the next field of the entry; false when there is none. */
  static nextField(): bool {
    if (StreamCursor.left == 1) return false;
    const p = StreamCursor.unread;
    const field = StreamCursor.sameField;
    if (field) {
      StreamCursor.field = field;
      StreamCursor.sameField = Listpack.skip(field);
      StreamCursor.value = p;
      StreamCursor.unread = Listpack.skip(p);
      StreamCursor.left--;
    } else {
      const value = Listpack.skip(p);
      StreamCursor.field = p;
      StreamCursor.value = value;
      StreamCursor.unread = Listpack.skip(value);
      StreamCursor.left -= 2;
    }
    return true;
  }

  private static nextForwards(): bool {
    let p = StreamCursor.unread;
    for (let left = StreamCursor.left; left; left--) p = Listpack.skip(p);
    while ((p = StreamCursor.enterNext(p))) {
      p = StreamCursor.read(p);
      if (StreamCursor.isBehindLast()) break;
      if (!StreamNode.isDeleted(StreamCursor.entry) && !StreamCursor.isBeforeFirst()) {
        StreamCursor.unread = p;
        return true;
      }
      for (let left = StreamCursor.left; left; left--) p = Listpack.skip(p);
    }
    StreamCursor.leaf = null;
    StreamCursor.unread = StreamCursor.end;
    StreamCursor.left = 0;
    return false;
  }

  private static nextBackwards(): bool {
    let p = StreamCursor.entry;
    if (p) p = StreamNode.before(p);
    while ((p = StreamCursor.enterPrevious(p))) {
      const unread = StreamCursor.read(p);
      if (StreamCursor.isBeforeFirst()) break;
      if (!StreamNode.isDeleted(p) && !StreamCursor.isBehindLast()) {
        StreamCursor.unread = unread;
        return true;
      }
      p = StreamNode.before(p);
    }
    StreamCursor.leaf = null;
    StreamCursor.entry = 0;
    return false;
  }

  /** The entry at `p`, or at an end mark the first of the next node; 0 when there is none. */
  @inline private static enterNext(p: usize): usize {
    while (p == StreamCursor.end) {
      const node = StreamCursor.open();
      if (!node) return 0;
      p = node.firstEntry();
    }
    return p;
  }

  /** The entry at `p`, or for 0 the last of the node before; 0 when there is none. */
  @inline private static enterPrevious(p: usize): usize {
    while (!p) {
      const node = StreamCursor.open();
      if (!node) return 0;
      p = node.lastEntry();
    }
    return p;
  }

  /** Opens the next node, or the one before when going backwards; null when there is none. */
  private static open(): StreamNode | null {
    const leaf = StreamCursor.leaf;
    if (!leaf) return null;
    const index = StreamCursor.index;
    const entry = changetype<NodeEntry>(leaf.at(index, offsetof<NodeEntry>()));
    const node = entry.node;
    StreamCursor.enter(entry.ms, entry.seq, node);
    if (StreamCursor.backwards) {
      if (index) StreamCursor.index = index - 1;
      else {
        const prev = leaf.prev;
        StreamCursor.leaf = prev;
        if (prev) StreamCursor.index = <u32>prev.count - 1;
      }
    } else if (index + 1 < <u32>leaf.count) {
      StreamCursor.index = index + 1;
    } else {
      StreamCursor.leaf = leaf.next;
      StreamCursor.index = 0;
    }
    return node;
  }


  @inline private static enter(ms: u64, seq: u64, node: StreamNode): void {
    StreamCursor.nodeMs = ms;
    StreamCursor.nodeSeq = seq;
    StreamCursor.end = node.end;
    StreamCursor.masterFields = node.masterFields;
    StreamCursor.masterField = Listpack.skip(node.master);
  }

  /** Reads what an entry begins with and answers where its fields begin. */
  @inline private static read(entry: usize): usize {
    StreamCursor.entry = entry;
    let p = Listpack.skip(entry);
    StreamCursor.ms = StreamCursor.nodeMs + StreamNode.integer(p);
    p = Listpack.skip(p);
    StreamCursor.seq = StreamCursor.nodeSeq + StreamNode.integer(p);
    p = Listpack.skip(p);
    if (StreamNode.hasSameFields(entry)) {
      const fields = StreamCursor.masterFields;
      StreamCursor.fields = fields;
      StreamCursor.left = fields + 1;
      StreamCursor.sameField = StreamCursor.masterField;
    } else {
      const fields = <u32>StreamNode.integer(p);
      StreamCursor.fields = fields;
      StreamCursor.left = (fields << 1) + 1;
      StreamCursor.sameField = 0;
      p = Listpack.skip(p);
    }
    return p;
  }


  @inline private static isBeforeFirst(): bool {
    const ms = StreamCursor.ms;
    return (
      ms < StreamCursor.firstMs ||
      (ms == StreamCursor.firstMs && StreamCursor.seq < StreamCursor.firstSeq)
    );
  }


  @inline private static isBehindLast(): bool {
    const ms = StreamCursor.ms;
    return (
      ms > StreamCursor.lastMs ||
      (ms == StreamCursor.lastMs && StreamCursor.seq > StreamCursor.lastSeq)
    );
  }
}
