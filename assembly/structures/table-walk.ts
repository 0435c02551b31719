// From item to item of a table, which must not change meanwhile.

import { Bucket, Table } from "./table";


@unmanaged
export class TableWalk {
  /** Number of the next bucket; other forms of a value keep their own place here. */
  protected place: usize;
  private bucket: Bucket | null;
  /** The slots of the bucket that are still to come, a bit each. */
  private filled: u32;

  protected startAt(place: usize): void {
    this.place = place;
    this.bucket = null;
    this.filled = 0;
  }

  /** Address of the next item; 0 at the end. */
  protected nextItem<T>(table: Table<T>): usize {
    while (!this.filled) {
      const behind = this.bucket ? this.bucket!.next : null;
      if (behind) {
        this.bucket = behind;
      } else {
        if (this.place == table.buckets) return 0;
        this.bucket = table.bucketAt(<u32>this.place);
        this.place++;
      }
      this.filled = this.bucket!.filled;
    }
    const item = this.bucket!.item(<u32>ctz(this.filled));
    this.filled &= this.filled - 1;
    return item;
  }
}
