// Strings in RDB.

import { Integer } from "../algorithms/integer";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Database } from "../keyspace/database";
import { Heap } from "../memory/heap";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbFile } from "../persistence/rdb-file";
import { RdbType } from "../persistence/rdb-format";

/** A string that an entry can hold waits in `ptr` and `len`; a longer one is a block at once. */
function load(load: RdbLoad): void {
  load.mark();
  const ptr = load.block();
  if (!load.isOk) return load.rewind();
  const entry = load.make(Type.STRING, Encoding.RAW, 0);
  store<u32>(entry.area, load.len);
  store<u32>(entry.area, ptr, 4);
  load.done = true;
}

export class RdbStrings {
  /** How a loaded string lies in its entry: the encoding, and the bytes of the area in `areaSize`. */
  static encodingOf(loaded: Entry): u32 {
    const len = loaded.stringLen;
    if (len <= Integer.MAX_LENGTH && Integer.parse(loaded.stringPtr, len)) {
      RdbStrings.areaSize = 8;
      return Encoding.INT;
    }
    const isInline = len <= Entry.INLINE_MAX;
    RdbStrings.areaSize = isInline ? 4 + len : 8;
    return isInline ? Encoding.INLINE : Encoding.RAW;
  }
  static areaSize: u32 = 0;

  /** Moves a loaded string to an entry with the encoding and the area that `encodingOf` said. */
  static move(loaded: Entry, entry: Entry): void {
    const ptr = loaded.stringPtr;
    const len = loaded.stringLen;
    const area = entry.area;
    if (entry.encoding == Encoding.RAW) {
      memory.copy(area, loaded.area, 8);
      return;
    }
    if (entry.encoding == Encoding.INT) {
      Integer.parse(ptr, len);
      entry.integer = Integer.value;
    } else {
      store<u32>(area, len);
      memory.copy(area + 4, ptr, len);
    }
    Heap.free(ptr);
  }
}

function add(db: Database, key: usize, len: u32, hash: u64, clock: u32, loaded: Entry): Entry {
  const encoding = RdbStrings.encodingOf(loaded);
  const made = db.add(key, len, hash, Type.STRING, encoding, RdbStrings.areaSize, clock);
  RdbStrings.move(loaded, made);
  return made;
}

/** Once, when the engine boots. */
export function registerStringRdb(): void {
  RdbFile.stringHook = add.index;
  RdbLoad.register(RdbType.STRING, load.index);
}
