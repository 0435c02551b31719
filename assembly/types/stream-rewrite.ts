// Streams as commands: XADD for each entry, XSETID for the stream's own numbers, then its groups by XGROUP
// and what they have pending by XCLAIM.
//
// A stream needs an entry to exist. One that has none is given one that its own MAXLEN takes away at once.

import { CommandWriter } from "../persistence/command-writer";
import { RdbWriter } from "../persistence/rdb-writer";
import { IdNode } from "../structures/id-node";
import { Listpack } from "../structures/listpack";
import { Names } from "../structures/named";
import { Stream } from "../structures/stream";
import { StreamCursor } from "../structures/stream-cursor";
import { Consumer, Group, Pending } from "../structures/stream-group";
import { NodeEntry, StreamNode } from "../structures/stream-node";

export class StreamRewrite {
  static value(out: RdbWriter, key: usize, keyLen: u32, value: usize, _encoding: u32): void {
    const stream = changetype<Stream>(value);
    for (let leaf: IdNode | null = stream.first(); leaf; leaf = leaf!.next) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++) {
        const entry = changetype<NodeEntry>(leaf.at(i, offsetof<NodeEntry>()));
        StreamRewrite.node(out, key, keyLen, entry.ms, entry.seq, entry.node);
      }
    }
    StreamRewrite.rest(out, key, keyLen, stream);
  }

  /** The entries of a node. */
  static node(out: RdbWriter, key: usize, keyLen: u32, ms: u64, seq: u64, node: StreamNode): void {
    StreamCursor.startNode(ms, seq, node);
    while (StreamCursor.next()) {
      CommandWriter.begin(out, 3 + (StreamCursor.fields << 1), "XADD");
      CommandWriter.bulk(out, key, keyLen);
      CommandWriter.id(out, StreamCursor.ms, StreamCursor.seq);
      while (StreamCursor.nextField()) {
        StreamRewrite.element(out, StreamCursor.field);
        StreamRewrite.element(out, StreamCursor.value);
      }
    }
  }

  /** What follows the entries. */
  static rest(out: RdbWriter, key: usize, keyLen: u32, stream: Stream): void {
    if (!stream.length) StreamRewrite.empty(out, key, keyLen, stream);
    CommandWriter.begin(out, 7, "XSETID");
    CommandWriter.bulk(out, key, keyLen);
    CommandWriter.id(out, stream.lastMs, stream.lastSeq);
    CommandWriter.text(out, "ENTRIESADDED");
    CommandWriter.integer(out, stream.added);
    CommandWriter.text(out, "MAXDELETEDID");
    CommandWriter.id(out, stream.deletedMs, stream.deletedSeq);
    const groups = stream.groups;
    let place: u32 = 0;
    for (let each = Names.at(groups, place); each; each = Names.at(groups, place)) {
      StreamRewrite.group(out, key, keyLen, changetype<Group>(each));
      place = Names.step(groups, place);
    }
  }

  private static empty(out: RdbWriter, key: usize, keyLen: u32, stream: Stream): void {
    // Entries have ids from 0-1 on.
    const isNew = !stream.lastMs && !stream.lastSeq;
    CommandWriter.begin(out, 7, "XADD");
    CommandWriter.bulk(out, key, keyLen);
    CommandWriter.text(out, "MAXLEN");
    CommandWriter.integer(out, 0);
    CommandWriter.id(out, stream.lastMs, isNew ? 1 : stream.lastSeq);
    CommandWriter.text(out, "x");
    CommandWriter.text(out, "y");
  }

  private static element(out: RdbWriter, p: usize): void {
    Listpack.text(p);
    CommandWriter.bulk(out, Listpack.ptr, Listpack.len);
  }

  private static group(out: RdbWriter, key: usize, keyLen: u32, group: Group): void {
    CommandWriter.begin(out, 7, "XGROUP");
    CommandWriter.text(out, "CREATE");
    CommandWriter.bulk(out, key, keyLen);
    CommandWriter.bulk(out, group.name, group.nameLength);
    CommandWriter.id(out, group.lastMs, group.lastSeq);
    CommandWriter.text(out, "ENTRIESREAD");
    CommandWriter.integer(out, group.knownRead);
    const consumers = group.consumers;
    let place: u32 = 0;
    for (let each = Names.at(consumers, place); each; each = Names.at(consumers, place)) {
      const consumer = changetype<Consumer>(each);
      CommandWriter.begin(out, 5, "XGROUP");
      CommandWriter.text(out, "CREATECONSUMER");
      CommandWriter.bulk(out, key, keyLen);
      CommandWriter.bulk(out, group.name, group.nameLength);
      CommandWriter.bulk(out, consumer.name, consumer.nameLength);
      place = Names.step(consumers, place);
    }
    for (let leaf: IdNode | null = group.first(); leaf; leaf = leaf!.next) {
      for (let i: u32 = 0; i < <u32>leaf.count; i++)
        StreamRewrite.pending(
          out,
          key,
          keyLen,
          group,
          changetype<Pending>(leaf.at(i, offsetof<Pending>())),
        );
    }
  }

  private static pending(
    out: RdbWriter,
    key: usize,
    keyLen: u32,
    group: Group,
    pending: Pending,
  ): void {
    const consumer = pending.consumer;
    CommandWriter.begin(out, 12, "XCLAIM");
    CommandWriter.bulk(out, key, keyLen);
    CommandWriter.bulk(out, group.name, group.nameLength);
    CommandWriter.bulk(out, consumer.name, consumer.nameLength);
    CommandWriter.integer(out, 0);
    CommandWriter.id(out, pending.ms, pending.seq);
    CommandWriter.text(out, "TIME");
    CommandWriter.integer(out, pending.timeMs);
    CommandWriter.text(out, "RETRYCOUNT");
    CommandWriter.integer(out, pending.deliveries);
    CommandWriter.text(out, "JUSTID");
    CommandWriter.text(out, "FORCE");
  }
}
