// Deleting entries from the start of a stream, until so many are left or the first id is not below another.
//
// Where nobody asks what groups have pending, a node that goes as a whole is freed without a look inside.

import { IdNode } from "./id-node";
import { IdTree } from "./id-tree";
import { Listpack } from "./listpack";
import { Stream } from "./stream";
import { NodeEntry, StreamNode } from "./stream-node";
import { dropReferences, isReferenced, References } from "./stream-references";

export class StreamTrim {
  /** Until the first id is not below `ms`-`seq`; else until `maxLength` entries are left. */
  static byId: bool = false;
  static ms: u64 = 0;
  static seq: u64 = 0;
  static maxLength: u64 = 0;
  /** Only nodes that would go as a whole are looked at. */
  static approximately: bool = false;
  /** No node is begun that would make it more entries than this; 0: no limit. */
  static limit: u64 = 0;
  static references: References = References.KEEP;
  /**
   * `(stream, ms, seq)`: called for each entry that goes with DROP, to make the groups forget it, and with
   * RESPECT for each that goes from behind one that stays. 0: nobody wants to know.
   */
  static hook: u32 = 0;
  /** Whether an entry was passed over. */
  private static passedOver: bool = false;

  /** Trims and says how many entries were deleted. */
  static run(stream: Stream): u64 {
    const before = stream.length;
    StreamTrim.passedOver = false;
    stream.touch();
    let leaf = stream.first();
    let index: u32 = 0;
    while (leaf) {
      if (!StreamTrim.byId && stream.length <= StreamTrim.maxLength) break;
      const place = changetype<NodeEntry>(leaf.at(index, offsetof<NodeEntry>()));
      const live = place.node.live;
      if (StreamTrim.limit && before - stream.length + live > StreamTrim.limit) break;
      const ms = place.ms;
      const seq = place.seq;
      const goesWhole = StreamTrim.byId
        ? place.endsBelow(StreamTrim.ms, StreamTrim.seq)
        : stream.length - live >= StreamTrim.maxLength;
      if (!goesWhole && StreamTrim.approximately) break;
      if (goesWhole && StreamTrim.references == References.KEEP) stream.removeNode(place);
      else StreamTrim.entries(stream, leaf, place);
      if (!goesWhole) break;
      leaf = stream.seekAfter(ms, seq);
      index = IdTree.index;
    }
    const deleted = before - stream.length;
    if (deleted) stream.settleFirst();
    return deleted;
  }

  /** Deletes entries of one node. */
  private static entries(stream: Stream, leaf: IdNode, place: NodeEntry): void {
    const node = place.node;
    node.touch();
    const masterFields = node.masterFields;
    const end = node.end;
    const mayDelete = stream.length - min(StreamTrim.maxLength, stream.length);
    let deleted: u32 = 0;
    let p = node.firstEntry();
    while (p < end && (StreamTrim.byId || deleted < mayDelete)) {
      const entry = p;
      p = Listpack.skip(p);
      const ms = place.ms + StreamNode.integer(p);
      p = Listpack.skip(p);
      const seq = place.seq + StreamNode.integer(p);
      if (StreamTrim.byId && Stream.order(ms, seq, StreamTrim.ms, StreamTrim.seq) >= 0) break;
      p = StreamNode.behind(entry, Listpack.skip(p), masterFields);
      if (StreamNode.isDeleted(entry)) continue;
      if (StreamTrim.references != References.KEEP && !StreamTrim.mayGo(stream, ms, seq)) continue;
      StreamNode.markDeleted(entry);
      deleted++;
    }
    if (!deleted) return;
    if (deleted == node.live && StreamTrim.references != References.KEEP) stream.removeNode(place);
    else stream.countDeleted(leaf, place, deleted);
  }

  /** Whether an entry may be deleted; what groups have pending is then done with. */
  private static mayGo(stream: Stream, ms: u64, seq: u64): bool {
    const hook = StreamTrim.hook;
    if (StreamTrim.references == References.DROP) {
      if (hook) call_indirect<void>(hook, stream, ms, seq);
      else dropReferences(stream, ms, seq);
      return true;
    }
    if (isReferenced(stream, ms, seq)) {
      StreamTrim.passedOver = true;
      return false;
    }
    if (!StreamTrim.passedOver) return true;
    stream.noteDeleted(ms, seq);
    if (hook) call_indirect<void>(hook, stream, ms, seq);
    return true;
  }
}
