// Hashes: a listpack of fields and values while small (`hash-max-listpack-entries`, `-value`), then a
// hash table. Everything here takes the entry of the key and does the same for either form.

import { Integer } from "../algorithms/integer";
import { Random } from "../algorithms/random";
import { Config } from "../generated/config";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { Reply } from "../protocol/reply";
import { Command } from "../execution/command";
import { FieldTable } from "../structures/field-table";
import { Listpack } from "../structures/listpack";
import { HashWalk } from "./hash-walk";

const digits: usize = memory.data(24);

export class Hashes {
  /** The value that `find` found. */
  static ptr: usize = 0;
  static len: u32 = 0;


  @inline static table(entry: Entry): FieldTable {
    return changetype<FieldTable>(entry.value);
  }


  @inline static isPacked(entry: Entry): bool {
    return entry.encoding == Encoding.LISTPACK;
  }

  /** A new, empty hash for the key in argument `index`. */
  static create(cmd: Command, index: i32): Entry {
    const entry = cmd.add(index, Type.HASH, Encoding.LISTPACK, 4);
    entry.value = Listpack.create();
    return entry;
  }

  /** Before fields and values from argument `from` to `to` are set: a hash that they do not fit changes form once. */
  static expect(entry: Entry, cmd: Command, from: i32, to: i32): void {
    if (!Hashes.isPacked(entry)) return;
    const longest = <u32>Config.hashMaxListpackValue;
    let bytes: u64 = 0;
    let fits = (<u32>(to - from + 1)) >> 1 <= <u32>Config.hashMaxListpackEntries;
    for (let i = from; i < to && fits; i++) {
      fits = cmd.arg(i).len <= longest;
      bytes += cmd.arg(i).len;
    }
    if (!fits || !Listpack.canGrow(entry.value, bytes)) Hashes.toTable(entry);
  }

  static length(entry: Entry): u32 {
    return lengthOf(entry.value, entry.encoding);
  }

  /** Fields that are not past their time. */
  static liveLength(entry: Entry): u32 {
    if (Hashes.isPacked(entry) || !Hashes.table(entry).mayHaveDue) return Hashes.length(entry);
    let count: u32 = 0;
    const walk = HashWalk.spare;
    walk.start(entry.value, entry.encoding);
    while (walk.next()) count++;
    return count;
  }

  /** Finds a field: its value is then in `ptr` and `len`, until the next call. */
  static find(entry: Entry, ptr: usize, len: u32): bool {
    if (Hashes.isPacked(entry)) {
      const p = Hashes.findPacked(entry, ptr, len);
      if (!p) return false;
      Hashes.readValue(Listpack.next(p));
      return true;
    }
    const field = Hashes.table(entry).get(ptr, len);
    if (!field) return false;
    Hashes.ptr = field.valuePtr;
    Hashes.len = field.valueLen;
    return true;
  }

  /** Sets a field; whether it is new. The value must not lie in the hash itself. */
  static set(entry: Entry, ptr: usize, len: u32, value: usize, valueLen: u32): bool {
    if (Hashes.isPacked(entry)) {
      const p = Hashes.findPacked(entry, ptr, len);
      if (p) {
        entry.value = Listpack.replace(entry.value, Listpack.next(p), value, valueLen);
        return false;
      }
      entry.value = Listpack.append(Listpack.append(entry.value, ptr, len), value, valueLen);
      if (Listpack.length(entry.value) >> 1 > <u32>Config.hashMaxListpackEntries)
        Hashes.toTable(entry);
      return true;
    }
    return Hashes.table(entry).put(ptr, len, value, valueLen, -1);
  }

  /** As `set`, but a field that has an expiry keeps it. */
  static update(entry: Entry, ptr: usize, len: u32, value: usize, valueLen: u32): bool {
    if (Hashes.isPacked(entry)) return Hashes.set(entry, ptr, len, value, valueLen);
    const field = Hashes.table(entry).get(ptr, len);
    return Hashes.table(entry).put(ptr, len, value, valueLen, field ? field.expiry : -1);
  }

  /** Removes a field; whether it was there. */
  static remove(entry: Entry, ptr: usize, len: u32): bool {
    if (Hashes.isPacked(entry)) {
      const p = Hashes.findPacked(entry, ptr, len);
      if (!p) return false;
      entry.value = Listpack.deleteFrom(entry.value, p, 2);
      return true;
    }
    return Hashes.table(entry).delete(ptr, len);
  }

  /** Points `walk` at a field chosen with equal chance. */
  static random(entry: Entry, walk: HashWalk): void {
    if (Hashes.isPacked(entry)) {
      const pairs = Listpack.length(entry.value) >> 1;
      walk.setPacked(Listpack.seek(entry.value, (<i32>Random.below(pairs)) << 1));
    } else {
      // Fields that are past their time are not drawn, unless nothing else is found for long.
      for (let tries = 0; ; tries++) {
        const field = Hashes.table(entry).randomItem(Random.next())!;
        walk.setField(field);
        if (!field.isDue || tries == 256) return;
      }
    }
  }

  /** Turns a hash into a table. */
  static toTable(entry: Entry): void {
    const lp = entry.value;
    const table = FieldTable.make();
    const walk = HashWalk.spare;
    walk.start(lp, Encoding.LISTPACK);
    while (walk.next()) table.put(walk.ptr, walk.len, walk.valuePtr, walk.valueLen, -1);
    Listpack.free(lp);
    entry.setKind(Type.HASH, Encoding.HASHTABLE);
    entry.value = changetype<usize>(table);
  }

  private static findPacked(entry: Entry, ptr: usize, len: u32): usize {
    const first = Listpack.first(entry.value);
    return first ? Listpack.find(first, ptr, len, 1) : 0;
  }

  private static readValue(p: usize): void {
    if (Listpack.read(p)) {
      Hashes.ptr = digits;
      Hashes.len = Integer.format(Listpack.value, digits);
    } else {
      Hashes.ptr = Listpack.ptr;
      Hashes.len = Listpack.len;
    }
  }

  /** Replies the value that `find` found. */
  @inline static replyFound(reply: Reply): void {
    reply.bulk(Hashes.ptr, Hashes.len);
  }
}

function freeSome(value: usize, encoding: u32, budget: i32): i32 {
  if (encoding == Encoding.HASHTABLE) return changetype<FieldTable>(value).freeSome(budget);
  Listpack.free(value);
  return max(budget - 1, 1);
}

function lengthOf(value: usize, encoding: u32): u32 {
  return encoding == Encoding.HASHTABLE
    ? changetype<FieldTable>(value).count
    : Listpack.length(value) >> 1;
}

function size(value: usize, encoding: u32): u64 {
  return encoding == Encoding.HASHTABLE ? changetype<FieldTable>(value).bytes : Heap.sizeOf(value);
}

function copy(value: usize, encoding: u32): usize {
  return encoding == Encoding.HASHTABLE
    ? changetype<usize>(changetype<FieldTable>(value).copy())
    : Listpack.copy(value);
}

/** Once, when the engine boots. */
export function registerHash(): void {
  const info = Types.register(Type.HASH, "hash");
  info.free = freeSome.index;
  info.length = lengthOf.index;
  info.size = size.index;
  info.copy = copy.index;
}
