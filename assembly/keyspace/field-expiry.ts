// Fields of hashes that have an expiry, and how they go when nobody asks for them.
//
// Each database keeps the names of its hashes that have such fields. A tick looks at some names, and
// of a hash whose first expiry is past at some buckets; it comes back to it until it has been all
// around once, and then knows when the next field is due.

import { Clock } from "../memory/clock";
import { Stats } from "../memory/stats";
import { Field, FieldTable } from "../structures/field-table";
import { Member, MemberTable } from "../structures/member-table";
import { Bucket } from "../structures/table";
import { Database } from "./database";
import { Encoding, Entry, Type } from "./entry";
import { Keyspace } from "./keyspace";

/** Buckets of a hash that one look goes over. */
const BUCKETS: u32 = 32;

export class FieldExpiry {
  /** `(db, entry, field)`: tells everyone that a field goes. */
  static removalHook: u32 = 0;
  /** `(db, entry)`: tells everyone that a hash went with its last field. */
  static emptyHook: u32 = 0;
  private static database: u32 = 0;
  /** The bucket of names that is looked at next. */
  private static place: u32 = 0;

  /** A hash has fields with an expiry now. */
  static note(db: Database, keyPtr: usize, keyLen: u32): void {
    if (!db.volatileHashes) db.volatileHashes = changetype<usize>(MemberTable.make());
    changetype<MemberTable>(db.volatileHashes).add(keyPtr, keyLen);
  }

  /** Notes an entry that came as a whole, if it is such a hash. */
  @inline static noteEntry(db: Database, entry: Entry): void {
    if (FieldExpiry.isIn(entry)) FieldExpiry.note(db, entry.keyPtr, entry.keyLen);
  }

  /** Whether any hash has such fields, as far as is known. */
  static get isAnywhere(): bool {
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const names = Keyspace.database(i).volatileHashes;
      if (names && changetype<MemberTable>(names).count) return true;
    }
    return false;
  }

  /** Whether the entry is a hash that has such fields. */
  @inline static isIn(entry: Entry): bool {
    return (
      entry.type == Type.HASH &&
      entry.encoding == Encoding.HASHTABLE &&
      changetype<FieldTable>(entry.value).volatileCount != 0
    );
  }

  /** Removes due fields for about `budget` units of work; whether there is more to do at once. */
  static work(budget: i32): bool {
    if (Keyspace.hidesExpired || !Keyspace.expires) return false;
    let left = budget;
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const db = Keyspace.database(FieldExpiry.database);
      while (db.volatileHashes) {
        const names = changetype<MemberTable>(db.volatileHashes);
        if (!names.count || FieldExpiry.place >= names.buckets) break;
        if (left <= 0) return true;
        left -= FieldExpiry.lookAt(db, names, names.bucketAt(FieldExpiry.place));
      }
      FieldExpiry.place = 0;
      FieldExpiry.database = (FieldExpiry.database + 1) % Keyspace.databaseCount;
    }
    return false;
  }

  /** Looks at the hashes of one bucket of names; how much work that was. Goes on when all are done for now. */
  private static lookAt(db: Database, names: MemberTable, first: Bucket): i32 {
    let work = 1;
    let isDone = true;
    for (let bucket: Bucket | null = first; bucket; bucket = bucket.next) {
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        const name = changetype<Member>(bucket.item(<u32>ctz(filled)));
        const hash = Database.hash(name.keyPtr, name.keyLen);
        const entry = db.find(name.keyPtr, name.keyLen, hash);
        work++;
        if (!entry || !FieldExpiry.isIn(entry)) {
          names.delete(name.keyPtr, name.keyLen);
          // The chain has changed: it is looked at again.
          return work;
        }
        const table = changetype<FieldTable>(entry.value);
        if (table.firstExpiry >= Clock.nowMs) continue;
        work += <i32>BUCKETS;
        if (FieldExpiry.sweep(db, entry, table) || table.mayHaveDue) isDone = false;
        if (!table.count) {
          call_indirect<void>(FieldExpiry.emptyHook, db, entry);
          db.remove(entry, hash);
          return work;
        }
      }
    }
    if (isDone) FieldExpiry.place++;
    return work;
  }

  /** Removes due fields in the next buckets of a hash; whether it is not all around yet. */
  private static sweep(db: Database, entry: Entry, table: FieldTable): bool {
    Keyspace.edit(db, entry);
    for (let i: u32 = 0; i < BUCKETS; i++) {
      if (table.sweepPlace >= table.buckets) {
        table.endSweep();
        return false;
      }
      FieldExpiry.sweepBucket(db, entry, table, table.bucketAt(table.sweepPlace++));
    }
    return true;
  }

  /** Removes the due fields of a chain. */
  private static sweepBucket(db: Database, entry: Entry, table: FieldTable, first: Bucket): void {
    const buckets = table.buckets;
    for (
      let field = FieldExpiry.dueIn(table, first);
      field;
      field = FieldExpiry.dueIn(table, first)
    ) {
      call_indirect<void>(FieldExpiry.removalHook, db, entry, field);
      Stats.expiredFields++;
      table.delete(field.keyPtr, field.keyLen);
      // Buckets that merged may have brought fields behind the sweep: it goes around once more.
      if (table.buckets != buckets) return table.noteInSweep(0);
    }
  }

  /** A due field of a chain, or null; notes when the others are due. */
  private static dueIn(table: FieldTable, first: Bucket): Field | null {
    for (let bucket: Bucket | null = first; bucket; bucket = bucket.next) {
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        const field = changetype<Field>(bucket.item(<u32>ctz(filled)));
        if (!field.hasExpiry) continue;
        if (field.isDue) return field;
        table.noteInSweep(field.expiry);
      }
    }
    return null;
  }
}
