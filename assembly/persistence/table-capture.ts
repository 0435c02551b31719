// Captures of collections that are tables: their items go to the snapshot in any order, chain by chain.

import { Member } from "../structures/member-table";
import { Bucket, Table } from "../structures/table";
import { Capture } from "./capture";

export class TableCapture {
  /**
   * Begins with a table of items of any kind; `saveItem` is `(writer, item)`. What comes before the items is
   * written already.
   */
  static begin(capture: Capture, table: usize, saveItem: u32): void {
    capture.a = table;
    capture.b = saveItem;
    changetype<Table<Member>>(table).beginCapture(changetype<usize>(capture));
  }

  /**
   * The same for a snapshot of commands: `writeItem` adds an element to the command that `head` begins, or
   * writes one by itself, `(writer, item, capture)`, where `head` is 0.
   */
  static beginCommands(capture: Capture, table: usize, head: u32, writeItem: u32): void {
    capture.head = head;
    TableCapture.begin(capture, table, writeItem);
  }

  /** Writes chains for at most `budget` units; what is left. */
  static writeSome(capture: Capture, budget: i32): i32 {
    const table = changetype<Table<Member>>(capture.a);
    const out = capture.out;
    let left = budget;
    while (capture.place < table.buckets) {
      if (left <= 0) return left;
      const first = table.bucketAt(capture.place++);
      left--;
      if (table.isWritten(first)) continue;
      if (!capture.isSilent) {
        const before = out.length;
        left -= TableCapture.writeChain(capture, first) + ((<i32>(out.length - before)) >> 6);
      }
      table.markWritten(first);
    }
    capture.done = true;
    return left;
  }

  /** Writes all items of a chain; how many. */
  static writeChain(capture: Capture, first: Bucket): i32 {
    if (capture.isCommands) return TableCapture.writeCommands(capture, first);
    const out = capture.out;
    const saveItem = <u32>capture.b;
    let count = 0;
    for (let bucket: Bucket | null = first; bucket; bucket = bucket.next) {
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        call_indirect<void>(saveItem, out, bucket.item(<u32>ctz(filled)));
        count++;
      }
    }
    return count;
  }

  /** Writes all items of a chain as commands; how many. */
  private static writeCommands(capture: Capture, first: Bucket): i32 {
    const out = capture.out;
    const head = capture.head;
    const saveItem = <u32>capture.b;
    let count = 0;
    for (let bucket: Bucket | null = first; bucket; bucket = bucket.next) {
      const items = <i32>popcnt(bucket.filled);
      if (head && items)
        call_indirect<void>(head, changetype<usize>(out), capture.key, capture.keyLen, items);
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        const item = bucket.item(<u32>ctz(filled));
        if (head) call_indirect<void>(saveItem, out, item);
        else call_indirect<void>(saveItem, out, item, capture);
      }
      count += items;
    }
    return count;
  }

  /** Lets go of the table. */
  static end(capture: Capture): void {
    changetype<Table<Member>>(capture.a).endCapture();
  }
}
