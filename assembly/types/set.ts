// Sets: sorted integers, a listpack, or a hash table of members. Everything here takes the entry of
// the key and does the same for every form.
//
//   only integers, at most set-max-intset-entries            intset
//   at most set-max-listpack-entries of -value bytes         listpack
//   else                                                     hashtable

import { Integer } from "../algorithms/integer";
import { Random } from "../algorithms/random";
import { Config } from "../generated/config";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { Command } from "../execution/command";
import { IntSet } from "../structures/intset";
import { Listpack } from "../structures/listpack";
import { MemberTable } from "../structures/member-table";
import { SetWalk } from "./set-walk";

export class Sets {

  @inline static table(entry: Entry): MemberTable {
    return changetype<MemberTable>(entry.value);
  }

  /** A new, empty set for the key in argument `index`, fit for a first member and about so many in all. */
  static create(cmd: Command, index: i32, ptr: usize, len: u32, hint: u32): Entry {
    const entry = cmd.add(index, Type.SET, Encoding.INTSET, 4);
    const isInteger = Integer.parse(ptr, len);
    Sets.setUp(entry, isInteger, hint);
    return entry;
  }

  /** Makes an entry an empty set in the smallest form that may hold so many members. */
  static setUp(entry: Entry, integersOnly: bool, hint: u32): void {
    if (integersOnly && hint <= <u32>Config.setMaxIntsetEntries) {
      entry.setKind(Type.SET, Encoding.INTSET);
      entry.value = IntSet.create();
    } else if (hint <= <u32>Config.setMaxListpackEntries) {
      entry.setKind(Type.SET, Encoding.LISTPACK);
      entry.value = Listpack.create();
    } else {
      entry.setKind(Type.SET, Encoding.HASHTABLE);
      entry.value = changetype<usize>(MemberTable.make());
    }
  }

  /** Before many members are added: a set that will not fit its form changes it once. */
  static expect(entry: Entry, more: u32): void {
    const encoding = entry.encoding;
    if (
      (encoding == Encoding.LISTPACK && more > <u32>Config.setMaxListpackEntries) ||
      (encoding == Encoding.INTSET && more > <u32>Config.setMaxIntsetEntries)
    ) {
      Sets.toTable(entry);
    }
  }

  static length(entry: Entry): u32 {
    return lengthOf(entry.value, entry.encoding);
  }

  static has(entry: Entry, ptr: usize, len: u32): bool {
    switch (entry.encoding) {
      case Encoding.INTSET:
        return Integer.parse(ptr, len) && IntSet.has(entry.value, Integer.value);
      case Encoding.LISTPACK: {
        const first = Listpack.first(entry.value);
        return first != 0 && Listpack.find(first, ptr, len) != 0;
      }
      default:
        return Sets.table(entry).has(ptr, len);
    }
  }

  /** Adds a member; whether it was not there. */
  static add(entry: Entry, ptr: usize, len: u32): bool {
    switch (entry.encoding) {
      case Encoding.INTSET:
        return Sets.addToIntegers(entry, ptr, len);
      case Encoding.LISTPACK: {
        const lp = entry.value;
        const first = Listpack.first(lp);
        if (first && Listpack.find(first, ptr, len)) return false;
        const fits =
          Listpack.length(lp) < <u32>Config.setMaxListpackEntries &&
          len <= <u32>Config.setMaxListpackValue &&
          Listpack.canGrow(lp, <u64>len + 16);
        if (fits) {
          entry.value = Listpack.append(lp, ptr, len);
          return true;
        }
        Sets.toTable(entry);
        return Sets.table(entry).add(ptr, len);
      }
      default:
        return Sets.table(entry).add(ptr, len);
    }
  }

  private static addToIntegers(entry: Entry, ptr: usize, len: u32): bool {
    const count = IntSet.length(entry.value);
    if (Integer.parse(ptr, len)) {
      entry.value = IntSet.add(entry.value, Integer.value);
      if (!IntSet.changed) return false;
      if (count + 1 > <u32>Config.setMaxIntsetEntries) Sets.toTable(entry);
      return true;
    }
    const fits =
      count < <u32>Config.setMaxListpackEntries && len <= <u32>Config.setMaxListpackValue;
    if (fits) {
      Sets.toListpack(entry);
      entry.value = Listpack.append(entry.value, ptr, len);
      return true;
    }
    Sets.toTable(entry);
    return Sets.table(entry).add(ptr, len);
  }

  /** Removes a member; whether it was there. */
  static remove(entry: Entry, ptr: usize, len: u32): bool {
    switch (entry.encoding) {
      case Encoding.INTSET: {
        if (!Integer.parse(ptr, len)) return false;
        entry.value = IntSet.remove(entry.value, Integer.value);
        return IntSet.changed;
      }
      case Encoding.LISTPACK: {
        const first = Listpack.first(entry.value);
        const found = first ? Listpack.find(first, ptr, len) : 0;
        if (!found) return false;
        entry.value = Listpack.delete(entry.value, found);
        return true;
      }
      default:
        return Sets.table(entry).delete(ptr, len);
    }
  }

  /** Points `walk` at a member chosen with equal chance. */
  static random(entry: Entry, walk: SetWalk): void {
    switch (entry.encoding) {
      case Encoding.INTSET:
        return walk.setInteger(IntSet.at(entry.value, Random.below(IntSet.length(entry.value))));
      case Encoding.LISTPACK:
        return walk.setPacked(
          Listpack.seek(entry.value, <i32>Random.below(Listpack.length(entry.value))),
        );
      default: {
        const member = Sets.table(entry).randomItem(Random.next())!;
        walk.ptr = member.keyPtr;
        walk.len = member.keyLen;
      }
    }
  }

  /** Turns a set into a listpack. */
  private static toListpack(entry: Entry): void {
    const integers = entry.value;
    const count = IntSet.length(integers);
    let lp = Listpack.create(count * 8);
    for (let i: u32 = 0; i < count; i++) lp = Listpack.appendInteger(lp, IntSet.at(integers, i));
    IntSet.free(integers);
    entry.setKind(Type.SET, Encoding.LISTPACK);
    entry.value = lp;
  }

  /** Turns a set into a hash table. */
  static toTable(entry: Entry): void {
    if (entry.encoding == Encoding.HASHTABLE) return;
    const table = MemberTable.make();
    const walk = SetWalk.spare;
    walk.start(entry.value, entry.encoding);
    while (walk.next()) table.add(walk.ptr, walk.len);
    Types.free(Type.SET, entry.value, entry.encoding, i32.MAX_VALUE);
    entry.setKind(Type.SET, Encoding.HASHTABLE);
    entry.value = changetype<usize>(table);
  }
}

function free(value: usize, encoding: u32, budget: i32): i32 {
  if (encoding == Encoding.INTSET) IntSet.free(value);
  else if (encoding == Encoding.LISTPACK) Listpack.free(value);
  else return changetype<MemberTable>(value).freeSome(budget);
  return max(budget - 1, 1);
}

function lengthOf(value: usize, encoding: u32): u32 {
  if (encoding == Encoding.INTSET) return IntSet.length(value);
  if (encoding == Encoding.LISTPACK) return Listpack.length(value);
  return changetype<MemberTable>(value).count;
}

function size(value: usize, encoding: u32): u64 {
  return encoding == Encoding.HASHTABLE ? changetype<MemberTable>(value).bytes : Heap.sizeOf(value);
}

function copy(value: usize, encoding: u32): usize {
  if (encoding == Encoding.INTSET) return IntSet.copy(value);
  if (encoding == Encoding.LISTPACK) return Listpack.copy(value);
  return changetype<usize>(changetype<MemberTable>(value).copy());
}

/** Once, when the engine boots. */
export function registerSet(): void {
  const info = Types.register(Type.SET, "set");
  info.free = free.index;
  info.length = lengthOf.index;
  info.size = size.index;
  info.copy = copy.index;
}
