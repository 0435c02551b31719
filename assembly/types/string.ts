// How strings lie in their entries: small ones inside, long and growing ones in a block of their own,
// integers as numbers (see `Entry` for the layouts).

import { Integer } from "../algorithms/integer";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Database } from "../keyspace/database";
import { Keyspace } from "../keyspace/keyspace";
import { Heap } from "../memory/heap";
import { Reply } from "../protocol/reply";
import { Command } from "../execution/command";

const digits: usize = memory.data(24);

export class Strings {
  /** What `view` found. */
  static ptr: usize = 0;
  static len: u32 = 0;

  /** Replies the value of a string. */
  @inline static reply(reply: Reply, entry: Entry): void {
    if (entry.encoding == Encoding.INT) reply.bulkInteger(entry.integer);
    else reply.bulk(entry.stringPtr, entry.stringLen);
  }

  /** The bytes of a string, in `ptr` and `len`; of a number, its digits until the next call. */
  static view(entry: Entry): void {
    if (entry.encoding == Encoding.INT) {
      Strings.ptr = digits;
      Strings.len = Integer.format(entry.integer, digits);
    } else {
      Strings.ptr = entry.stringPtr;
      Strings.len = entry.stringLen;
    }
  }

  static length(entry: Entry): u32 {
    return entry.encoding == Encoding.INT ? Integer.length(entry.integer) : entry.stringLen;
  }

  /**
   * Makes the key in argument `index` this string, whatever it was; `entry` is what `write` gave for it.
   * The bytes must not be those of the entry itself. Returns where the entry is now.
   */
  static set(
    cmd: Command,
    index: i32,
    entry: Entry | null,
    ptr: usize,
    len: u32,
    keepsTtl: bool,
  ): Entry {
    if (len > Integer.MAX_LENGTH || !Integer.parse(ptr, len)) {
      return Strings.setText(cmd, index, entry, ptr, len, keepsTtl);
    }
    const value = Integer.value;
    const target = cmd.put(index, entry, Type.STRING, Encoding.INT, 8, keepsTtl);
    target.integer = value;
    return target;
  }

  /** As `set`, and what looks like an integer stays text. */
  static setText(
    cmd: Command,
    index: i32,
    entry: Entry | null,
    ptr: usize,
    len: u32,
    keepsTtl: bool,
  ): Entry {
    const isInline = len <= Entry.INLINE_MAX;
    const target = isInline
      ? cmd.put(index, entry, Type.STRING, Encoding.INLINE, 4 + len, keepsTtl)
      : cmd.put(index, entry, Type.STRING, Encoding.RAW, 8, keepsTtl);
    const area = target.area;
    store<u32>(area, len);
    let bytes = area + 4;
    if (!isInline) {
      bytes = Heap.alloc(len);
      store<u32>(area, bytes, 4);
    }
    memory.copy(bytes, ptr, len);
    return target;
  }

  /** A new key with a short string, without events: for DEBUG POPULATE. */
  static addPlain(db: Database, key: usize, keyLen: u32, hash: u64, ptr: usize, len: u32): void {
    const isInline = len <= Entry.INLINE_MAX;
    const encoding = isInline ? Encoding.INLINE : Encoding.RAW;
    const entry = db.add(
      key,
      keyLen,
      hash,
      Type.STRING,
      encoding,
      isInline ? 4 + len : 8,
      Keyspace.accessClock(),
    );
    store<u32>(entry.area, len);
    if (!isInline) store<u32>(entry.area, Heap.alloc(len), 4);
    memory.copy(entry.stringPtr, ptr, len);
  }

  /** As `set`, with bytes in a block of their own, which is the string's from now on. */
  static adopt(
    cmd: Command,
    index: i32,
    entry: Entry | null,
    block: usize,
    len: u32,
    keepsTtl: bool,
  ): Entry {
    const target = cmd.put(index, entry, Type.STRING, Encoding.RAW, 8, keepsTtl);
    store<u32>(target.area, len);
    store<u32>(target.area, block, 4);
    return target;
  }

  /** As `set`, with a number. */
  static setInteger(cmd: Command, index: i32, entry: Entry | null, value: i64): Entry {
    if (entry && entry.type == Type.STRING && entry.encoding == Encoding.INT) {
      entry.integer = value;
      return entry;
    }
    const target = cmd.put(index, entry, Type.STRING, Encoding.INT, 8, true);
    target.integer = value;
    return target;
  }

  /**
   * Makes the string in argument `index` one that can grow to `capacity` bytes, with its bytes kept and
   * its length unchanged (0 for a new key). Returns where the entry is now; its encoding is RAW.
   */
  static makeRaw(cmd: Command, index: i32, entry: Entry | null, capacity: u32): Entry {
    if (!entry) {
      const made = cmd.add(index, Type.STRING, Encoding.RAW, 8);
      store<u32>(made.area, 0);
      store<u32>(made.area, Heap.alloc(capacity), 4);
      return made;
    }
    if (entry.encoding == Encoding.RAW) {
      const block = entry.stringPtr;
      if (Heap.sizeOf(block) < capacity)
        store<u32>(entry.area, Heap.resize(block, Strings.roomFor(capacity)), 4);
      return entry;
    }
    Strings.view(entry);
    const len = Strings.len;
    const block = Heap.alloc(max(capacity, len));
    memory.copy(block, Strings.ptr, len);
    const moved = cmd.db.resizeArea(entry, cmd.hashOf(index), Encoding.RAW, 8);
    store<u32>(moved.area, len);
    store<u32>(moved.area, block, 4);
    return moved;
  }

  /** Room for a string that grew to `need` and may go on growing: twice, up to a megabyte more. */
  private static roomFor(need: u32): u32 {
    return need < 1 << 20 ? need << 1 : need + (1 << 20);
  }
}
