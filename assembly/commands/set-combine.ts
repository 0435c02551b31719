// Sets: intersection, union and difference, replied or stored.

import { Garbage } from "../keyspace/garbage";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { Notify } from "../sessions/notify";
import { Listpack } from "../structures/listpack";
import { IntSet } from "../structures/intset";
import { MemberTable } from "../structures/member-table";
import { Integer } from "../algorithms/integer";
import { Config } from "../generated/config";
import { Sets } from "../types/set";
import { SetWalk } from "../types/set-walk";
import { Command } from "../execution/command";

/** The sets of one command: addresses of their entries, 0 for a missing key. */
class Inputs {
  static count: u32 = 0;
  private static entries: usize = 0;

  /** Looks up the keys from argument `first` on; false after WRONGTYPE. */
  static read(cmd: Command, first: i32, count: u32): bool {
    Inputs.count = count;
    Inputs.entries = Heap.alloc(count << 2);
    for (let i: u32 = 0; i < count; i++) {
      store<u32>(Inputs.entries + (i << 2), changetype<usize>(cmd.read(first + i, Type.SET)));
      if (cmd.failed) {
        Inputs.free();
        return false;
      }
    }
    return true;
  }


  @inline static at(index: u32): Entry | null {
    return changetype<Entry | null>(<usize>load<u32>(Inputs.entries + (index << 2)));
  }

  static free(): void {
    Heap.free(Inputs.entries);
  }

  static get anyMissing(): bool {
    for (let i: u32 = 0; i < Inputs.count; i++) if (!Inputs.at(i)) return true;
    return false;
  }

  static get members(): u64 {
    let total: u64 = 0;
    for (let i: u32 = 0; i < Inputs.count; i++)
      if (Inputs.at(i)) total += Sets.length(Inputs.at(i)!);
    return total;
  }

  /** Sorts from index `from` on by length; the shortest first, or last. */
  static sort(from: u32, shortestFirst: bool): void {
    for (let i = from + 1; i < Inputs.count; i++) {
      const entry = Inputs.at(i);
      const length = lengthOf(entry);
      let j = i;
      for (; j > from; j--) {
        const other = lengthOf(Inputs.at(j - 1));
        if (shortestFirst ? other <= length : other >= length) break;
        store<u32>(Inputs.entries + (j << 2), changetype<usize>(Inputs.at(j - 1)));
      }
      store<u32>(Inputs.entries + (j << 2), changetype<usize>(entry));
    }
  }

  /** Whether all inputs from index `from` on have the member. */
  static allHave(from: u32, ptr: usize, len: u32): bool {
    for (let i = from; i < Inputs.count; i++) if (!Sets.has(Inputs.at(i)!, ptr, len)) return false;
    return true;
  }

  /** Whether any input from index `from` on has the member. */
  static anyHas(from: u32, ptr: usize, len: u32): bool {
    for (let i = from; i < Inputs.count; i++) {
      const entry = Inputs.at(i);
      if (entry && Sets.has(entry, ptr, len)) return true;
    }
    return false;
  }
}

function lengthOf(entry: Entry | null): u32 {
  return entry ? Sets.length(entry) : 0;
}

/** Where results go: into the reply, into a set that is built aside, or nowhere but the count. */
class Output {
  static reply: Command | null = null;
  static set: MemberTable | null = null;
  static count: u32 = 0;
  static onlyIntegers: bool = true;
  static longest: u32 = 0;

  static toReply(cmd: Command): void {
    Output.reply = cmd;
    Output.set = null;
    Output.count = 0;
  }
  static toSet(): void {
    Output.reply = null;
    Output.set = MemberTable.make();
    Output.count = 0;
    Output.onlyIntegers = true;
    Output.longest = 0;
  }
  /** A member that was not added before. */
  static add(ptr: usize, len: u32): void {
    Output.count++;
    const cmd = Output.reply;
    if (cmd) return cmd.reply.bulk(ptr, len);
    const set = Output.set;
    if (!set) return;
    set.add(ptr, len);
    if (Output.onlyIntegers && !Integer.parse(ptr, len)) Output.onlyIntegers = false;
    Output.longest = max(Output.longest, len);
  }
}

/** SINTER key [key …] → the members that all have. */
export function sinter(cmd: Command): void {
  if (!Inputs.read(cmd, 1, cmd.argc - 1)) return;
  const mark = cmd.reply.mark();
  Output.toReply(cmd);
  intersect(u32.MAX_VALUE);
  cmd.reply.closeSet(mark, Output.count);
  Inputs.free();
}

/** SINTERCARD numkeys key [key …] [LIMIT limit] → how many members all have. */
export function sintercard(cmd: Command): void {
  const count = cmd.integerIn(1, 1, i64.MAX_VALUE, "ERR numkeys should be greater than 0");
  if (cmd.failed) return;
  if (count > <i64>cmd.argc - 2)
    return cmd.fail("ERR Number of keys can't be greater than number of args");
  let limit: i64 = 0;
  for (let i = 2 + <i32>count; i < cmd.argc; i++) {
    if (!cmd.is(i, "limit") || i + 1 == cmd.argc) return cmd.failSyntax();
    limit = cmd.integerIn(++i, 0, i64.MAX_VALUE, "ERR LIMIT can't be negative");
    if (cmd.failed) return;
  }
  if (!Inputs.read(cmd, 2, <u32>count)) return;
  Output.reply = null;
  Output.set = null;
  Output.count = 0;
  intersect(limit && limit < <i64>u32.MAX_VALUE ? <u32>limit : u32.MAX_VALUE);
  Inputs.free();
  cmd.reply.integer(Output.count);
}

/** Walks the smallest input and asks the others, until `limit` members are found. */
function intersect(limit: u32): void {
  if (Inputs.anyMissing) return;
  Inputs.sort(0, true);
  const smallest = Inputs.at(0)!;
  const walk = SetWalk.main;
  walk.start(smallest.value, smallest.encoding);
  while (Output.count < limit && walk.next()) {
    if (Inputs.allHave(1, walk.ptr, walk.len)) Output.add(walk.ptr, walk.len);
  }
}

/** SUNION key [key …] → the members that any has. */
export function sunion(cmd: Command): void {
  if (!Inputs.read(cmd, 1, cmd.argc - 1)) return;
  const mark = cmd.reply.mark();
  Output.toReply(cmd);
  unite();
  cmd.reply.closeSet(mark, Output.count);
  Inputs.free();
}

/** A member is taken from the first input that has it, so nothing needs to be remembered for two or three. */
function unite(): void {
  const set = Output.set;
  const seen = set ? set : MemberTable.make();
  const walk = SetWalk.main;
  for (let i: u32 = 0; i < Inputs.count; i++) {
    const entry = Inputs.at(i);
    if (!entry) continue;
    walk.start(entry.value, entry.encoding);
    while (walk.next()) {
      if (set) {
        const before = set.count;
        Output.add(walk.ptr, walk.len);
        if (set.count == before) Output.count--;
      } else if (seen.add(walk.ptr, walk.len)) {
        Output.add(walk.ptr, walk.len);
      }
    }
  }
  if (!set) seen.freeSome(i32.MAX_VALUE);
}

/** SDIFF key [key …] → the members of the first that no other has. */
export function sdiff(cmd: Command): void {
  if (!Inputs.read(cmd, 1, cmd.argc - 1)) return;
  const mark = cmd.reply.mark();
  Output.toReply(cmd);
  subtract();
  cmd.reply.closeSet(mark, Output.count);
  Inputs.free();
}

/**
 * Either each member of the first is looked up in the others, or all the others' members are taken
 * out of a copy: whichever is less work.
 */
function subtract(): void {
  const first = Inputs.at(0);
  if (!first) return;
  const lookups = (<u64>Sets.length(first) * Inputs.count) / 2;
  const walk = SetWalk.main;
  if (lookups <= Inputs.members) {
    Inputs.sort(1, false);
    walk.start(first.value, first.encoding);
    while (walk.next()) if (!Inputs.anyHas(1, walk.ptr, walk.len)) Output.add(walk.ptr, walk.len);
    return;
  }
  const rest = MemberTable.make();
  walk.start(first.value, first.encoding);
  while (walk.next()) rest.add(walk.ptr, walk.len);
  for (let i: u32 = 1; i < Inputs.count && rest.count; i++) {
    const entry = Inputs.at(i);
    if (!entry) continue;
    walk.start(entry.value, entry.encoding);
    while (walk.next()) rest.delete(walk.ptr, walk.len);
  }
  walk.start(changetype<usize>(rest), Encoding.HASHTABLE);
  while (walk.next()) Output.add(walk.ptr, walk.len);
  rest.freeSome(i32.MAX_VALUE);
}

/** SINTERSTORE destination key [key …] → how many members the result has. */
export function sinterstore(cmd: Command): void {
  if (!beginStore(cmd)) return;
  intersect(u32.MAX_VALUE);
  finishStore(cmd, "sinterstore");
}

/** SUNIONSTORE destination key [key …] */
export function sunionstore(cmd: Command): void {
  if (!beginStore(cmd)) return;
  unite();
  finishStore(cmd, "sunionstore");
}

/** SDIFFSTORE destination key [key …] */
export function sdiffstore(cmd: Command): void {
  if (!beginStore(cmd)) return;
  subtract();
  finishStore(cmd, "sdiffstore");
}

/** Reads the inputs and makes sure that the result, which is built aside, will fit. */
function beginStore(cmd: Command): bool {
  if (!Inputs.read(cmd, 2, cmd.argc - 2)) return false;
  let bytes: u64 = 65536;
  for (let i: u32 = 0; i < Inputs.count; i++) {
    const entry = Inputs.at(i);
    if (entry) bytes += Types.size(Type.SET, entry.value, entry.encoding) * 4;
  }
  if (!cmd.room(bytes)) {
    Inputs.free();
    return false;
  }
  Output.toSet();
  return true;
}

function finishStore(cmd: Command, event: string): void {
  Inputs.free();
  const set = Output.set!;
  const old = cmd.write(1, Type.ANY);
  if (old) cmd.remove(1, old);
  const count = set.count;
  if (!count) {
    set.freeSome(i32.MAX_VALUE);
    if (old) cmd.changed(1, Notify.GENERIC, "del");
    return cmd.reply.integer(0);
  }
  const entry = cmd.add(1, Type.SET, Encoding.HASHTABLE, 4);
  entry.value = changetype<usize>(set);
  pack(entry, set);
  cmd.changed(1, Notify.SET, event);
  cmd.reply.integer(count);
}

/** Gives a small result the small form. */
function pack(entry: Entry, set: MemberTable): void {
  const isSmall =
    set.count <= <u32>Config.setMaxListpackEntries &&
    Output.longest <= <u32>Config.setMaxListpackValue;
  const integersFit = Output.onlyIntegers && set.count <= <u32>Config.setMaxIntsetEntries;
  if (!integersFit && !isSmall) return;
  let packed = integersFit ? IntSet.create() : Listpack.create();
  const walk = SetWalk.main;
  walk.start(changetype<usize>(set), Encoding.HASHTABLE);
  while (walk.next()) {
    if (!integersFit) packed = Listpack.append(packed, walk.ptr, walk.len);
    else if (Integer.parse(walk.ptr, walk.len)) packed = IntSet.add(packed, Integer.value);
  }
  Garbage.add(Type.SET, changetype<usize>(set), Encoding.HASHTABLE);
  entry.setKind(Type.SET, integersFit ? Encoding.INTSET : Encoding.LISTPACK);
  entry.value = packed;
}
