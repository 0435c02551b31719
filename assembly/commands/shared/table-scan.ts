// What one call of SCAN, SSCAN, HSCAN or ZSCAN goes through of a table.
//
//   TableScan.start<Member>(reply, table);                    replies the next cursor
//   let member = TableScan.next<Member>(table);
//   for (; member; member = TableScan.next<Member>(table)) { … }
//
// There is one at a time, and the table must not change meanwhile.

import { Reply } from "../../protocol/reply";
import { Bucket, Table } from "../../structures/table";
import { ScanArguments } from "./scan-arguments";

export class TableScan {
  private static cursor: u64 = 0;
  private static end: u64 = 0;
  private static bucket: Bucket | null = null;
  /** The slots of the bucket that are still to come. */
  private static filled: u32 = 0;

  /** Stands in front of the first item, and replies the cursor with which to go on. */
  static start<T>(reply: Reply, table: Table<T>): void {
    const cursor = ScanArguments.cursor;
    TableScan.cursor = cursor;
    TableScan.end = TableScan.endOf<T>(table, cursor);
    TableScan.enter(table.scanBucket(cursor));
    ScanArguments.replyCursor(reply, TableScan.end);
  }

  /** The next item, null behind the last. */
  static next<T>(table: Table<T>): T | null {
    while (true) {
      const filled = TableScan.filled;
      const bucket = TableScan.bucket;
      if (filled) {
        TableScan.filled = filled & (filled - 1);
        return changetype<T>(bucket!.item(<u32>ctz(filled)));
      }
      const more = bucket!.next;
      if (more) {
        TableScan.enter(more);
        continue;
      }
      const cursor = table.nextCursor(TableScan.cursor);
      if (cursor == TableScan.end) return null;
      TableScan.cursor = cursor;
      TableScan.enter(table.scanBucket(cursor));
    }
  }


  @inline private static enter(bucket: Bucket): void {
    TableScan.bucket = bucket;
    TableScan.filled = bucket.filled;
  }

  /** Where a call that begins at `start` ends: before that, nothing can be replied. */
  private static endOf<T>(table: Table<T>, start: u64): u64 {
    let cursor = start;
    let seen: u64 = 0;
    // Many empty buckets are no reason to go on for ever.
    let visits = ScanArguments.count > 1 << 40 ? u64.MAX_VALUE : ScanArguments.count * 10;
    do {
      for (let bucket: Bucket | null = table.scanBucket(cursor); bucket; bucket = bucket.next) {
        seen += popcnt(bucket.filled);
      }
      cursor = table.nextCursor(cursor);
    } while (cursor && seen < ScanArguments.count && --visits);
    return cursor;
  }
}
