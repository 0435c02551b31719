// A node of a stream: many entries packed in one listpack, byte for byte as Redis packs them, so that RDB
// files and DUMP payloads carry the listpack as it is.
//
//   0       4
//   ├───────┼────────────┐
//   │ stamp │ listpack … │
//   └───────┴────────────┘
//
// The listpack begins with the *master*: how many entries live and how many are marked as deleted, and the
// fields of the first entry ever put in. An entry with just these fields stores values only. Ids are the
// difference to the id of the node, under which the stream finds it.
//
//   master  │ live │ deleted │ fields │ field … │ 0 │
//   entry   │ flags │ ms │ seq │ value … │ length │                        fields as the master
//   entry   │ flags │ ms │ seq │ fields │ field │ value │ … │ length │     fields of its own
//
// `length` counts the elements before it, for walking backwards. Deleting marks an entry; its bytes go
// with the node, when the last entry is deleted or the node is trimmed away.

import { Heap } from "../memory/heap";
import { Block } from "./block";
import { IdEntry } from "./id-node";
import { Listpack } from "./listpack";

const DELETED: u32 = 1;
const SAME_FIELDS: u32 = 2;

/** The most an element takes beyond its text. */
const ELEMENT_EXTRA: u64 = 10;
/** The most that the numbers of master and entry take, and the listpack itself. */
const NODE_EXTRA: u64 = 64;


@unmanaged
export class StreamNode extends Block {
  /** An XADD begins a new node where one had so many bytes or entries; 0: no limit. */
  static maxBytes: u32 = 4096;
  static maxEntries: u32 = 100;

  /** The address of the listpack. */
  @inline get listpack(): usize {
    return changetype<usize>(this) + offsetof<StreamNode>();
  }


  @inline get bytes(): u32 {
    return Listpack.bytes(this.listpack);
  }

  /** Bytes of the block that are in use. */
  @inline get size(): usize {
    return offsetof<StreamNode>() + <usize>this.bytes;
  }

  /** The address of the end mark. */
  @inline get end(): usize {
    return Listpack.end(this.listpack);
  }

  /** Entries that are not deleted. */
  @inline get live(): u32 {
    return <u32>StreamNode.integer(this.listpack + Listpack.HEADER);
  }

  /** The element that counts the deleted entries. */
  @inline private get deletedAt(): usize {
    return Listpack.skip(this.listpack + Listpack.HEADER);
  }

  /** The element that counts the master's fields; the fields follow. */
  @inline get master(): usize {
    return Listpack.skip(this.deletedAt);
  }


  @inline get masterFields(): u32 {
    return <u32>StreamNode.integer(this.master);
  }

  /** The first entry (its flags), or the end mark. */
  firstEntry(): usize {
    let p = this.master;
    for (let left = this.masterFields + 1; left; left--) p = Listpack.skip(p);
    return Listpack.skip(p);
  }

  /** The last entry (its flags), deleted or not; 0 when there is none. */
  @inline lastEntry(): usize {
    return StreamNode.before(this.end);
  }

  /** The entry in front of an entry or the end mark; 0 when there is none. */
  static before(p: usize): usize {
    p = Listpack.back(p);
    let left = <u32>StreamNode.integer(p);
    if (!left) return 0;
    for (; left; left--) p = Listpack.back(p);
    return p;
  }

  /** The entry behind one (or the end mark); `p` is what follows its id. */
  @inline static behind(entry: usize, p: usize, masterFields: u32): usize {
    let left = masterFields + 1;
    if (!StreamNode.hasSameFields(entry)) {
      left = ((<u32>StreamNode.integer(p)) << 1) + 1;
      p = Listpack.skip(p);
    }
    for (; left; left--) p = Listpack.skip(p);
    return p;
  }

  // --- elements ---

  @inline static integer(p: usize): i64 {
    const kind = <u32>load<u8>(p);
    if (kind < 128) return kind;
    Listpack.read(p);
    return Listpack.value;
  }


  @inline private static write(p: usize, ptr: usize, len: u32): usize {
    const size = Listpack.encode(ptr, len);
    Listpack.write(p);
    return p + size;
  }


  @inline private static writeInteger(p: usize, value: i64): usize {
    if (<u64>value < 128) {
      store<u16>(p, (<u32>value) | 0x100);
      return p + 2;
    }
    return StreamNode.writeLongInteger(p, value);
  }

  private static writeLongInteger(p: usize, value: i64): usize {
    const size = Listpack.encodeInteger(value);
    Listpack.write(p);
    return p + size;
  }

  // --- adding ---

  @inline private static get byteLimit(): u32 {
    const maxBytes = StreamNode.maxBytes;
    return maxBytes - 1 < Listpack.MAX_BYTES ? maxBytes : Listpack.MAX_BYTES;
  }

  /** Whether an entry with texts of so many bytes in all must begin a new node. */
  @inline isFullFor(textBytes: u64): bool {
    if (<u64>this.bytes + textBytes >= <u64>StreamNode.byteLimit) return true;
    const maxEntries = StreamNode.maxEntries;
    return maxEntries != 0 && this.live + <u32>StreamNode.integer(this.deletedAt) >= maxEntries;
  }

  /** The most bytes a new entry can take; that much room is asked for before it is added. */
  @inline static bound(textBytes: u64, fields: u32): u64 {
    return textBytes + ((<u64>fields) << 1) * ELEMENT_EXTRA + NODE_EXTRA;
  }

  /** A node without an entry; `texts` are slices of field, value, field, value … */
  static create(texts: usize, fields: u32, capacity: usize): StreamNode {
    const node = changetype<StreamNode>(Heap.alloc(capacity));
    node.stampNew();
    const lp = node.listpack;
    Listpack.clear(lp);
    let p = lp + Listpack.HEADER;
    p = StreamNode.writeInteger(p, 0);
    p = StreamNode.writeInteger(p, 0);
    p = StreamNode.writeInteger(p, fields);
    for (let i: u32 = 0; i < fields; i++, texts += 16) {
      p = StreamNode.write(p, load<u32>(texts), load<u32>(texts, 4));
    }
    p = StreamNode.writeInteger(p, 0);
    node.close(p, fields + 4);
    return node;
  }

  /** Appends an entry and answers where the node is now; the id is the difference to the node's. */
  append(ms: u64, seq: u64, texts: usize, fields: u32, bound: u64): StreamNode {
    this.touch();
    let node: StreamNode = this;
    node = node.ensure(<usize>node.bytes + <usize>bound);
    node.replaceInteger(node.listpack + Listpack.HEADER, node.live + 1);
    const same = node.hasFields(texts, fields);
    let p = node.end;
    p = StreamNode.writeInteger(p, same ? SAME_FIELDS : 0);
    p = StreamNode.writeInteger(p, ms);
    p = StreamNode.writeInteger(p, seq);
    let length: u32;
    if (same) {
      for (let i: u32 = 0; i < fields; i++, texts += 16) {
        p = StreamNode.write(p, load<u32>(texts, 8), load<u32>(texts, 12));
      }
      length = fields + 3;
    } else {
      p = StreamNode.writeInteger(p, fields);
      for (let i: u32 = 0; i < fields; i++, texts += 16) {
        p = StreamNode.write(p, load<u32>(texts), load<u32>(texts, 4));
        p = StreamNode.write(p, load<u32>(texts, 8), load<u32>(texts, 12));
      }
      length = (fields << 1) + 4;
    }
    p = StreamNode.writeInteger(p, length);
    node.close(p, length + 1);
    return node;
  }

  /** Whether the master has just these fields. */
  @inline private hasFields(texts: usize, fields: u32): bool {
    let p = this.master;
    if (StreamNode.integer(p) != <i64>fields) return false;
    for (let i: u32 = 0; i < fields; i++, texts += 16) {
      p = Listpack.skip(p);
      if (!Listpack.equals(p, load<u32>(texts), load<u32>(texts, 4))) return false;
    }
    return true;
  }

  /** Ends the listpack at `p` after `added` more elements. */
  @inline private close(p: usize, added: u32): void {
    store<u8>(p, 0xff);
    const lp = this.listpack;
    const told = Listpack.told(lp);
    Listpack.setHeader(lp, <u32>(p + 1 - lp), min(told + added, 65535));
  }

  /** Room for a listpack of `bytes`; grows by doubling up to the size that nodes have. */
  @inline private ensure(bytes: usize): StreamNode {
    const capacity = Heap.sizeOf(changetype<usize>(this));
    const wanted = bytes + offsetof<StreamNode>();
    return wanted <= capacity
      ? this
      : this.moveTo(max(wanted, min(capacity << 1, <usize>StreamNode.byteLimit)));
  }

  /** Gives back the room for growth. */
  @inline trim(): StreamNode {
    const wanted = this.size;
    return Heap.goodSize(wanted) < Heap.sizeOf(changetype<usize>(this))
      ? this.moveTo(wanted)
      : this;
  }

  private moveTo(capacity: usize): StreamNode {
    this.touch();
    this.touch();
    const twin = this.copy(capacity);
    Heap.free(changetype<usize>(this));
    return twin;
  }

  copy(capacity: usize): StreamNode {
    const twin = changetype<StreamNode>(Heap.alloc(capacity));
    memory.copy(changetype<usize>(twin), changetype<usize>(this), this.size);
    twin.stampNew();
    return twin;
  }

  /** A node with this listpack, which was found valid. */
  static from(lp: usize): StreamNode {
    const bytes = Listpack.bytes(lp);
    const node = changetype<StreamNode>(Heap.alloc(offsetof<StreamNode>() + <usize>bytes));
    node.stampNew();
    memory.copy(node.listpack, lp, bytes);
    return node;
  }

  /** Puts an integer in the place of another. The caller knows that there is room. */
  @inline private replaceInteger(p: usize, value: u32): void {
    if (value < 128 && <u32>load<u8>(p) < 128) store<u8>(p, value);
    else this.replaceLongInteger(p, value);
  }

  private replaceLongInteger(p: usize, value: u32): void {
    const behind = Listpack.skip(p);
    const bytes = this.bytes;
    const size = Listpack.encodeInteger(value);
    memory.copy(p + size, behind, this.listpack + bytes - behind);
    Listpack.write(p);
    Listpack.setHeader(
      this.listpack,
      bytes + size - <u32>(behind - p),
      Listpack.told(this.listpack),
    );
  }

  // --- deleting ---

  @inline static isDeleted(entry: usize): bool {
    return ((<u32>load<u8>(entry)) & DELETED) != 0;
  }


  @inline static hasSameFields(entry: usize): bool {
    return ((<u32>load<u8>(entry)) & SAME_FIELDS) != 0;
  }

  /** Marks an entry; the caller also counts it. */
  @inline static markDeleted(entry: usize): void {
    store<u8>(entry, (<u32>load<u8>(entry)) | DELETED);
  }

  /** Counts so many live entries as deleted and answers where the node is now. */
  countDeleted(count: u32): StreamNode {
    // Larger counts may need a byte or two more.
    const node = this.ensure(<usize>this.bytes + 8);
    node.replaceInteger(node.listpack + Listpack.HEADER, node.live - count);
    const p = node.deletedAt;
    node.replaceInteger(p, <u32>StreamNode.integer(p) + count);
    return node;
  }
}

/** An entry of the index in which a stream finds its nodes: the id of the first entry ever put in, and the node. */

@unmanaged
export class NodeEntry extends IdEntry {
  node: StreamNode;

  /** Whether all ids of the node, deleted ones too, are below this one. */
  endsBelow(ms: u64, seq: u64): bool {
    const last = this.node.lastEntry();
    if (!last) return true;
    let p = Listpack.skip(last);
    const lastMs = this.ms + StreamNode.integer(p);
    p = Listpack.skip(p);
    return lastMs < ms || (lastMs == ms && this.seq + StreamNode.integer(p) < seq);
  }
}
