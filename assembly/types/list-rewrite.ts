// Lists as commands: RPUSH.

import { Encoding } from "../keyspace/entry";
import { CommandWriter } from "../persistence/command-writer";
import { RdbWriter } from "../persistence/rdb-writer";
import { Listpack } from "../structures/listpack";
import { Quicklist } from "../structures/quicklist";
import { Node } from "../structures/quicklist-node";

export class ListRewrite {
  static value(out: RdbWriter, key: usize, keyLen: u32, value: usize, encoding: u32): void {
    if (encoding == Encoding.LISTPACK) return ListRewrite.packed(out, key, keyLen, value);
    const list = changetype<Quicklist>(value);
    for (let i: u32 = 0; i < list.nodes; i++) ListRewrite.node(out, key, keyLen, list.at(i));
  }

  static node(out: RdbWriter, key: usize, keyLen: u32, node: Node): void {
    if (!node.isLarge) return ListRewrite.packed(out, key, keyLen, node.listpack);
    ListRewrite.head(out, key, keyLen, 1);
    CommandWriter.bulk(out, node.block, node.length);
  }

  private static head(out: RdbWriter, key: usize, keyLen: u32, count: u32): void {
    CommandWriter.begin(out, 2 + count, "RPUSH");
    CommandWriter.bulk(out, key, keyLen);
  }

  private static packed(out: RdbWriter, key: usize, keyLen: u32, lp: usize): void {
    let left = Listpack.length(lp);
    let p = Listpack.first(lp);
    while (left) {
      const count = min(left, CommandWriter.ITEMS);
      left -= count;
      ListRewrite.head(out, key, keyLen, count);
      for (let i: u32 = 0; i < count; i++) {
        Listpack.text(p);
        CommandWriter.bulk(out, Listpack.ptr, Listpack.len);
        p = Listpack.skip(p);
      }
    }
  }
}
