// A whole database's content that is on its way out: FLUSHDB and FLUSHALL put it aside at once and
// free it now or in slices.

import { Heap } from "../memory/heap";
import { Bucket } from "../structures/table";
import { Database } from "./database";
import { Entry, Type } from "./entry";
import { Garbage, Release } from "./garbage";
import { Types } from "./types";

/** A bucket costs so many units of work even when it is empty. */
const BUCKET_WORK: i32 = 1;

export class Detached {
  /** `(content) → held`: a snapshot still needs it, and will hand it to `release`; 0 while none runs. */
  static holdHook: u32 = 0;

  /** Empties a database; its entries are freed now, or bit by bit. */
  static flush(db: Database, inBackground: bool): void {
    if (!db.count) return;
    const old = changetype<Database>(Heap.alloc(offsetof<Database>()));
    memory.copy(changetype<usize>(old), changetype<usize>(db), offsetof<Database>());
    db.init(old.index, old.tableCount);
    if (Detached.holdHook && call_indirect<bool>(Detached.holdHook, old)) return;
    if (inBackground) Garbage.queue(Type.DATABASE, changetype<usize>(old), 0);
    else free(changetype<usize>(old), 0, i32.MAX_VALUE);
  }

  /** Frees, bit by bit, what was held. */
  static release(content: usize): void {
    Garbage.queue(Type.DATABASE, content, 0);
  }

  /** Once, when the engine boots. */
  static boot(): void {
    Types.register(Type.DATABASE, "database").free = free.index;
  }
}

/** `expiryCursor` says how many buckets are done; there are no expiries to look at any more. */
function free(value: usize, _encoding: u32, budget: i32): i32 {
  // What is big goes bit by bit, too.
  const outer = Garbage.reason;
  Garbage.reason = Release.UNLINK;
  const left = freeSome(changetype<Database>(value), budget);
  Garbage.reason = outer;
  return left;
}

function freeSome(db: Database, budget: i32): i32 {
  let left = budget;
  let done: u32 = 0;
  if (db.volatiles.count) db.expiryCursor = 0;
  db.volatiles.count = 0;
  for (let slot: u32 = 0; slot < db.tableCount; slot++) {
    const table = db.tableAt(slot);
    const buckets = table.buckets;
    if (done + buckets <= db.expiryCursor) {
      done += buckets;
      continue;
    }
    for (let index = db.expiryCursor - done; index < buckets; index++) {
      if (left <= 0) return left;
      left -= BUCKET_WORK + freeChain(table.bucketAt(index));
      db.expiryCursor++;
    }
    done += buckets;
  }
  db.dispose();
  Heap.free(changetype<usize>(db));
  return max(left, 1);
}

/** Frees the entries of a bucket and its overflow; how many. */
function freeChain(first: Bucket): i32 {
  let freed = 0;
  let bucket: Bucket | null = first;
  while (bucket) {
    for (let filled = bucket.filled; filled; filled &= filled - 1) {
      Database.free(changetype<Entry>(bucket.item(<u32>ctz(filled))));
      freed++;
    }
    bucket = bucket.next;
  }
  return freed;
}
