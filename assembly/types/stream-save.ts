// A stream's parts as RDB has them (stream-rdb.ts draws them).

import { RdbWriter } from "../persistence/rdb-writer";
import { IdEntry, IdNode } from "../structures/id-node";
import { Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { Consumer, Group, Pending } from "../structures/stream-group";
import { StreamNode } from "../structures/stream-node";

const ID: u32 = 16;

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

  /** A group up to its pending entries. */
  static groupHead(out: RdbWriter, group: Group): void {
    out.string(group.name, group.nameLength);
    out.writeLength(group.lastMs);
    out.writeLength(group.lastSeq);
    out.writeLength(group.entriesRead);
    out.writeLength(group.size);
  }

  static pendingLeaf(out: RdbWriter, leaf: IdNode): void {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const pending = changetype<Pending>(leaf.at(i, offsetof<Pending>()));
      StreamSave.id(out, pending.ms, pending.seq);
      out.u64(pending.timeMs);
      out.writeLength(pending.deliveries);
    }
  }

  /** A consumer up to its entries. */
  static consumerHead(out: RdbWriter, consumer: Consumer): void {
    out.string(consumer.name, consumer.nameLength);
    out.u64(consumer.seenMs);
    out.writeLength(consumer.size);
  }

  static ownedLeaf(out: RdbWriter, leaf: IdNode): void {
    for (let i: u32 = 0; i < <u32>leaf.count; i++) {
      const entry = changetype<IdEntry>(leaf.at(i, offsetof<IdEntry>()));
      StreamSave.id(out, entry.ms, entry.seq);
    }
  }

  private static group(out: RdbWriter, group: Group): void {
    StreamSave.groupHead(out, group);
    for (let leaf: IdNode | null = group.first(); leaf; leaf = leaf!.next)
      StreamSave.pendingLeaf(out, leaf);
    const consumers = group.consumers;
    out.writeLength(Names.count(consumers));
    let place: u32 = 0;
    for (let each = Names.at(consumers, place); each; each = Names.at(consumers, place)) {
      StreamSave.consumer(out, changetype<Consumer>(each));
      place = Names.step(consumers, place);
    }
  }

  private static consumer(out: RdbWriter, consumer: Consumer): void {
    StreamSave.consumerHead(out, consumer);
    for (let leaf: IdNode | null = consumer.first(); leaf; leaf = leaf!.next)
      StreamSave.ownedLeaf(out, leaf);
  }
}
