// Whole values of any type: their size, copies of them, moving them to another key.

import { Database } from "../keyspace/database";
import { Encoding, Entry } from "../keyspace/entry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { Slice } from "../memory/slice";
import { Changes } from "../sessions/changes";
import { Notify } from "../sessions/notify";

export class Values {
  /** Bytes of an entry with all that hangs on it. */
  static size(entry: Entry): u64 {
    const own = Heap.sizeOf(changetype<usize>(entry));
    const type = entry.type;
    if (Types.isCollection(type)) return own + Types.size(type, entry.value, entry.encoding);
    return entry.encoding == Encoding.RAW ? own + Heap.sizeOf(entry.stringPtr) : own;
  }

  /** Makes a copy of a value under a key that is not there, without the expiry. */
  static copy(source: Entry, db: Database, key: Slice, hash: u64): Entry {
    const type = source.type;
    const encoding = source.encoding;
    const areaSize = source.areaSize;
    const made = db.add(key.ptr, key.len, hash, type, encoding, areaSize, source.lru);
    if (Types.isCollection(type)) {
      made.value = Types.copy(type, source.value, encoding);
    } else {
      memory.copy(made.area, source.area, areaSize);
      if (encoding == Encoding.RAW) {
        const block = Heap.alloc(source.stringLen);
        memory.copy(block, source.stringPtr, source.stringLen);
        store<u32>(made.area, block, 4);
      }
    }
    FieldExpiry.noteEntry(db, made);
    Values.arrived(db, key);
    return made;
  }

  /** Moves a value with its expiry to a key that is not there; the old key is gone. */
  static transplant(
    from: Database,
    entry: Entry,
    fromHash: u64,
    to: Database,
    key: Slice,
    hash: u64,
  ): void {
    const areaSize = entry.areaSize;
    const expiry = entry.expiry;
    const isVolatile = entry.isVolatile;
    from.unlink(entry, fromHash);
    const made = to.add(key.ptr, key.len, hash, entry.type, entry.encoding, areaSize, entry.lru);
    memory.copy(made.area, entry.area, areaSize);
    Heap.free(changetype<usize>(entry));
    FieldExpiry.noteEntry(to, made);
    if (isVolatile) to.setExpiry(made, hash, expiry);
    Values.arrived(to, key);
  }

  private static arrived(db: Database, key: Slice): void {
    Notify.event(Notify.NEW, "new", key.ptr, key.len, db.index);
    Changes.ready(db, key.ptr, key.len);
  }
}
