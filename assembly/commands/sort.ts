// SORT: the elements of a list, a set or a sorted set in another order, by their own value or by
// what other keys say of them.

import { Permission } from "../access/permission";
import { Double } from "../algorithms/double";
import { Config } from "../generated/config";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Keyspace } from "../keyspace/keyspace";
import { Notify } from "../sessions/notify";
import { SessionFlag, SessionKind } from "../sessions/session";
import { IntSet } from "../structures/intset";
import { Listpack } from "../structures/listpack";
import { Quicklist } from "../structures/quicklist";
import { Lists } from "../types/list";
import { Sets } from "../types/set";
import { SetWalk } from "../types/set-walk";
import { SortItem, SortItems } from "../types/sort-items";
import { SortPattern } from "../types/sort-pattern";
import { SortedSet } from "../types/sorted-set";
import { SortedSetWalk } from "../types/sorted-set-walk";
import { Command } from "../execution/command";
import { Slots } from "../execution/slots";

/** Digits of an element for which a pattern is looked up. */
const digits: usize = memory.data(24);

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC | DESC] [ALPHA] [STORE destination] */
export function sort(cmd: Command): void {
  Sorting.run(cmd, true);
}

/** SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC | DESC] [ALPHA] */
export function sortRo(cmd: Command): void {
  Sorting.run(cmd, false);
}

/** Patterns lead to keys that are not among the arguments: only who may read all may use them. */
function mayReadAll(cmd: Command): bool {
  return !cmd.session.has(SessionFlag.RESTRICTED) || Permission.readsAnyKey(cmd);
}

/** The options and limits of the SORT that runs. */
class Sorting {
  /** Arguments with the BY pattern and the key to store to; 0: none. */
  private static by: i32 = 0;
  private static target: i32 = 0;
  /** How many GET there are, and the argument of the first one. */
  private static gets: i32 = 0;
  private static firstGet: i32 = 0;
  private static offset: i64 = 0;
  private static count: i64 = -1;
  /** The pattern has no star: the elements stay as they are. */
  private static keepsOrder: bool = false;
  /** The range of the results. */
  private static from: u32 = 0;
  private static to: u32 = 0;

  static run(cmd: Command, mayStore: bool): void {
    if (!Sorting.read(cmd, mayStore)) return;
    const entry = cmd.read(1, Type.ANY);
    if (entry && !isSortable(entry)) return cmd.failType();
    const length = entry ? lengthOf(entry) : 0;
    Sorting.limit(length);
    if (entry && entry.type == Type.SET && Sorting.keepsOrder && Sorting.needsAnOrder(cmd)) {
      Sorting.keepsOrder = false;
      Sorting.by = 0;
      SortItems.isAlpha = true;
    }
    if (entry && entry.type == Type.ZSET) unpack(cmd, entry);
    SortItems.hasWeights = Sorting.by != 0;
    SortItems.hasOrder = !entry || entry.type != Type.SET;
    if (!cmd.room(SortItems.bytesFor(length))) return;
    cmd.measure();
    SortItems.begin(length);
    if (entry) Sorting.load(entry, length);
    if (Sorting.weigh(cmd)) {
      if (!Sorting.keepsOrder) SortItems.sort(Sorting.from, Sorting.to);
      if (Sorting.target) Sorting.store(cmd);
      else Sorting.reply(cmd);
    }
    SortItems.end();
    SortPattern.end();
  }

  private static read(cmd: Command, mayStore: bool): bool {
    Sorting.by = 0;
    Sorting.target = 0;
    Sorting.gets = 0;
    Sorting.offset = 0;
    Sorting.count = -1;
    Sorting.keepsOrder = false;
    SortItems.isAlpha = false;
    SortItems.isDescending = false;
    for (let i = 2; i < cmd.argc; i++) {
      const left = cmd.argc - i - 1;
      if (cmd.is(i, "asc")) SortItems.isDescending = false;
      else if (cmd.is(i, "desc")) SortItems.isDescending = true;
      else if (cmd.is(i, "alpha")) SortItems.isAlpha = true;
      else if (cmd.is(i, "limit") && left >= 2) {
        Sorting.offset = cmd.integer(i + 1);
        if (cmd.failed) return false;
        Sorting.count = cmd.integer(i + 2);
        if (cmd.failed) return false;
        i += 2;
      } else if (mayStore && cmd.is(i, "store") && left >= 1) Sorting.target = ++i;
      else if (cmd.is(i, "by") && left >= 1) {
        Sorting.by = ++i;
        // One pattern without a star is enough, as in Redis.
        if (!SortPattern.hasStar(cmd.arg(i))) Sorting.keepsOrder = true;
        else if (Slots.isDivided) {
          cmd.fail("ERR BY option of SORT denied in Cluster mode.");
          return false;
        } else if (!mayReadAll(cmd)) {
          cmd.fail("ERR BY option of SORT denied due to insufficient ACL permissions.");
          return false;
        }
      } else if (cmd.is(i, "get") && left >= 1) {
        // `#` is the element itself, which Redis refuses with the others.
        if (Slots.isDivided && !cmd.is(i + 1, "#")) {
          cmd.fail("ERR GET option of SORT denied in Cluster mode.");
          return false;
        }
        if (!mayReadAll(cmd)) {
          cmd.fail("ERR GET option of SORT denied due to insufficient ACL permissions.");
          return false;
        }
        if (!Sorting.gets++) Sorting.firstGet = i + 1;
        i++;
      } else {
        cmd.failSyntax();
        return false;
      }
    }
    return true;
  }

  /** What is stored must not depend on how a set's table happens to lie. */
  private static needsAnOrder(cmd: Command): bool {
    return Sorting.target != 0 || cmd.session.kind == SessionKind.SCRIPT;
  }

  private static limit(length: u32): void {
    const from = min<i64>(max<i64>(Sorting.offset, 0), length);
    const count = min<i64>(max<i64>(Sorting.count, -1), length);
    Sorting.from = <u32>from;
    Sorting.to = count < 0 ? length : <u32>min<i64>(from + count, length);
  }

  // ── loading ────────────────────────────────────────────────────────────────────────────────

  private static load(entry: Entry, length: u32): void {
    if (entry.type == Type.SET) return loadSet(entry);
    let from: u32 = 0;
    let count = length;
    if (Sorting.keepsOrder) {
      // Only what is wanted is read; it is then all there is.
      from = Sorting.from;
      count = Sorting.to - from;
      Sorting.from = 0;
      Sorting.to = count;
    }
    if (!count) return;
    const backwards = Sorting.keepsOrder && SortItems.isDescending;
    const first = backwards ? length - 1 - from : from;
    if (entry.type == Type.LIST) loadList(entry, first, count, backwards);
    else loadSortedSet(entry, first, count, backwards);
  }

  // ── weights ────────────────────────────────────────────────────────────────────────────────

  /** Gives each element what it is sorted by; false when one has no number. */
  private static weigh(cmd: Command): bool {
    if (Sorting.keepsOrder || (SortItems.isAlpha && !Sorting.by)) return true;
    let areNumbers = true;
    const count = SortItems.count;
    for (let i: u32 = 0; i < count; i++) {
      const item = SortItems.at(i);
      if (!Sorting.by && item.isInteger) {
        item.score = <f64>item.integer;
        continue;
      }
      item.read();
      let ptr = SortItem.ptr;
      let len = SortItem.len;
      if (Sorting.by) {
        if (!SortPattern.find(cmd, cmd.arg(Sorting.by), ptr, len)) continue;
        ptr = SortPattern.ptr;
        len = SortPattern.len;
      }
      if (SortItems.isAlpha) item.weigh(ptr, len);
      else if (isNumber(ptr, len)) item.score = Double.value;
      else areNumbers = false;
    }
    if (!areNumbers) cmd.fail("ERR One or more scores can't be converted into double");
    return areNumbers;
  }

  // ── results ────────────────────────────────────────────────────────────────────────────────

  @inline private static get results(): u64 {
    const count = <u64>(Sorting.to - Sorting.from);
    return Sorting.gets ? count * Sorting.gets : count;
  }

  private static reply(cmd: Command): void {
    const reply = cmd.reply;
    reply.array(<u32>Sorting.results);
    for (let i = Sorting.from; i < Sorting.to; i++) {
      const item = SortItems.at(i);
      if (!Sorting.gets) {
        if (item.isInteger) {
          reply.bulkInteger(item.integer);
        } else {
          item.read();
          reply.bulk(SortItem.ptr, SortItem.len);
        }
        continue;
      }
      for (let get = Sorting.nextGet(cmd, 0); get; get = Sorting.nextGet(cmd, get)) {
        if (Sorting.find(cmd, item, get)) reply.bulk(SortPattern.ptr, SortPattern.len);
        else reply.nil();
      }
    }
  }

  private static store(cmd: Command): void {
    const length = Sorting.results;
    if (!length) return Sorting.storeNothing(cmd);
    const list = Quicklist.create(<i32>Config.listMaxListpackSize);
    for (let i = Sorting.from; i < Sorting.to; i++) {
      const item = SortItems.at(i);
      if (!Sorting.gets) {
        item.read();
        if (!Sorting.push(cmd, list, SortItem.ptr, SortItem.len)) return;
        continue;
      }
      for (let get = Sorting.nextGet(cmd, 0); get; get = Sorting.nextGet(cmd, get)) {
        const isThere = Sorting.find(cmd, item, get);
        if (!Sorting.push(cmd, list, SortPattern.ptr, isThere ? SortPattern.len : 0)) return;
      }
    }
    const target = Sorting.target;
    const before = cmd.write(target, Type.ANY);
    const isPacked = list.isListpack(false);
    const encoding = isPacked ? Encoding.LISTPACK : Encoding.QUICKLIST;
    const entry = cmd.put(target, before, Type.LIST, encoding, 4, false);
    entry.value = isPacked ? list.toListpack() : changetype<usize>(list);
    cmd.changed(target, Notify.LIST, "sortstore", <u32>length);
    cmd.reply.integer(length);
  }

  /** Adds to the list that is stored; false when there is no room for that, and the list is gone. */
  private static push(cmd: Command, list: Quicklist, ptr: usize, len: u32): bool {
    if (cmd.room(<u64>len + 16384)) {
      list.pushLast(ptr, len);
      return true;
    }
    while (!list.free(1024));
    return false;
  }

  private static storeNothing(cmd: Command): void {
    const entry = cmd.write(Sorting.target, Type.ANY);
    if (entry) {
      cmd.remove(Sorting.target, entry);
      cmd.changed(Sorting.target, Notify.GENERIC, "del");
    }
    cmd.reply.integer(0);
  }

  /** The argument with the pattern of the next GET; 0 behind the last one. */
  private static nextGet(cmd: Command, get: i32): i32 {
    if (!get) return Sorting.firstGet;
    for (let i = get + 1; i < cmd.argc; i++) {
      if (cmd.is(i, "limit")) i += 2;
      else if (cmd.is(i, "by") || cmd.is(i, "store")) i++;
      else if (cmd.is(i, "get")) return i + 1;
    }
    return 0;
  }

  private static find(cmd: Command, item: SortItem, get: i32): bool {
    item.read();
    const len = SortItem.len;
    let ptr = SortItem.ptr;
    if (item.isInteger) {
      memory.copy(digits, ptr, len);
      ptr = digits;
    }
    return SortPattern.find(cmd, cmd.arg(get), ptr, len);
  }
}

function isSortable(entry: Entry): bool {
  return entry.type == Type.LIST || entry.type == Type.SET || entry.type == Type.ZSET;
}

function lengthOf(entry: Entry): u32 {
  if (entry.type == Type.LIST) return Lists.length(entry);
  return entry.type == Type.SET ? Sets.length(entry) : SortedSet.length(entry);
}

/** As C reads a number: to the end of the text or a zero byte; an empty text is 0. */
function isNumber(ptr: usize, len: u32): bool {
  const taken = Double.scan(ptr, len);
  if (Double.isOutOfRange || isNaN(Double.value)) return false;
  return taken == len || load<u8>(ptr + taken) == 0;
}

/** What was sorted is no listpack any more, as in Redis: OBJECT ENCODING shows it. */
function unpack(cmd: Command, entry: Entry): void {
  if (!SortedSet.isPacked(entry) || !SortedSet.hasRoomToIndex(entry.value)) return;
  Keyspace.edit(cmd.session.db, entry);
  SortedSet.index(entry);
}

function loadSet(entry: Entry): void {
  if (entry.encoding == Encoding.INTSET) {
    const count = IntSet.length(entry.value);
    for (let i: u32 = 0; i < count; i++) SortItems.addInteger(IntSet.at(entry.value, i));
    return;
  }
  const walk = SetWalk.main;
  walk.start(entry.value, entry.encoding);
  while (walk.next()) SortItems.add(walk.ptr, walk.len);
}

function loadList(entry: Entry, first: u32, count: u32, backwards: bool): void {
  Lists.seek(entry, first);
  for (let left = count; left; left--) {
    if (Lists.read()) SortItems.addInteger(Listpack.value);
    else SortItems.add(Listpack.ptr, Listpack.len);
    if (backwards) Lists.previous();
    else Lists.next();
  }
}

function loadSortedSet(entry: Entry, first: u32, count: u32, backwards: bool): void {
  const walk = SortedSetWalk.main;
  walk.start(entry, first, backwards);
  for (let left = count; ;) {
    walk.read();
    SortItems.add(walk.ptr, walk.len);
    if (!--left) return;
    walk.step();
  }
}
