// Sorted sets in RDB: a listpack as it lies, or members with their scores as doubles.

import { Double } from "../algorithms/double";
import { Bytes } from "../memory/bytes";
import { Encoding, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbType } from "../persistence/rdb-format";
import { RdbState } from "../persistence/rdb-reader";
import { RdbWriter } from "../persistence/rdb-writer";
import { Capture } from "../persistence/capture";
import { TableCapture } from "../persistence/table-capture";
import { ScoredMember } from "../structures/scored-member";
import { Ziplist } from "../persistence/ziplist";
import { Listpack } from "../structures/listpack";
import { ListpackValidator } from "../structures/listpack-validate";
import { IndexedSortedSet } from "./indexed-sorted-set";
import { PackedSortedSet } from "./packed-sorted-set";
import { SortedSet } from "./sorted-set";
import { SortedSetRewrite } from "./sorted-set-rewrite";
import { SortedSetWalk } from "./sorted-set-walk";

function rdbType(_value: usize, encoding: u32): u32 {
  return encoding == Encoding.LISTPACK ? RdbType.ZSET_LISTPACK : RdbType.ZSET_2;
}

function save(out: RdbWriter, value: usize, encoding: u32): void {
  if (encoding == Encoding.LISTPACK) return out.string(value, Listpack.bytes(value));
  const set = changetype<IndexedSortedSet>(value);
  out.writeLength(set.length);
  const walk = SortedSetWalk.main;
  // From the highest on, as Redis does: it loads them so without a search.
  for (set.seekRank(set.length - 1, walk); walk.valid; walk.back()) {
    const item = walk.item;
    saveMember(out, item);
  }
}

/** A set beyond this is written bit by bit. */
const LARGE: usize = 65536;

function isLarge(value: usize, encoding: u32): bool {
  return encoding == Encoding.SKIPLIST && changetype<IndexedSortedSet>(value).size > LARGE;
}

function capture(capture: Capture): void {
  const set = changetype<IndexedSortedSet>(capture.value);
  if (capture.isCommands) {
    const head = SortedSetRewrite.head.index;
    const table = changetype<usize>(set.table);
    return TableCapture.beginCommands(capture, table, head, SortedSetRewrite.member.index);
  }
  capture.out.writeLength(set.length);
  TableCapture.begin(capture, changetype<usize>(set.table), saveMember.index);
}

function saveMember(out: RdbWriter, member: ScoredMember): void {
  out.string(member.keyPtr, member.keyLen);
  out.double(member.score);
}

// ── loading ──────────────────────────────────────────────────────────────────────────────────

function loadMembers(load: RdbLoad): void {
  if (load.stage == 0) {
    load.mark();
    load.left = load.length();
    if (!load.isOk) return load.rewind();
    if (!load.left) {
      load.state = RdbState.EMPTY;
      return;
    }
    load.make(Type.ZSET, Encoding.SKIPLIST, changetype<usize>(IndexedSortedSet.create()));
    load.stage = 1;
  }
  const set = changetype<IndexedSortedSet>(load.entry.value);
  for (; load.left; load.left--) {
    load.mark();
    load.string(0);
    const score = load.type == RdbType.ZSET_2 ? load.double() : load.textDouble();
    if (!load.isOk) return load.rewind();
    if (!enter(load, set, score, load.ptr, load.len)) return;
  }
  finish(load, set);
}

/** Adds a member. */
function enter(load: RdbLoad, set: IndexedSortedSet, score: f64, ptr: usize, len: u32): bool {
  if (isNaN(score)) {
    load.bad("a score is not a number");
    return false;
  }
  const hash = IndexedSortedSet.hash(ptr, len);
  if (set.find(ptr, len, hash)) {
    load.bad("a sorted set has a member twice");
    return false;
  }
  set.add(score, ptr, len, hash);
  return true;
}

/** A set that fits a listpack becomes one. */
function finish(load: RdbLoad, set: IndexedSortedSet): void {
  const lp = SortedSet.packedFrom(set);
  if (lp) {
    set.free(i32.MAX_VALUE);
    load.make(Type.ZSET, Encoding.LISTPACK, lp);
  }
  load.done = true;
}

function loadPacked(load: RdbLoad): void {
  load.mark();
  const lp = load.block();
  if (!load.isOk) return load.rewind();
  const ok = ListpackValidator.validate(lp, load.len, true) && isOrdered(lp);
  if (!ok || !Listpack.first(lp)) {
    Heap.free(lp);
    if (ok) load.state = RdbState.EMPTY;
    else load.bad("a sorted set's listpack is broken");
    return;
  }
  const entry = load.make(Type.ZSET, Encoding.LISTPACK, lp);
  const count = PackedSortedSet.length(lp);
  const isLong = !SortedSet.fitsPacked(count, 0);
  if ((isLong || load.isStrict) && !ListpackValidator.isUnique(lp, 2))
    return load.bad("a sorted set has a member twice");
  if (isLong) SortedSet.index(entry);
  load.done = true;
}

/** Whether a listpack is pairs of members and scores in their order. */
function isOrdered(lp: usize): bool {
  let before: f64 = -Infinity;
  let beforeAt: usize = 0;
  const end = Listpack.end(lp);
  for (let p = lp + Listpack.HEADER; p != end;) {
    const scoreAt = Listpack.skip(p);
    if (scoreAt == end) return false;
    if (
      !Listpack.read(scoreAt) &&
      (!Double.parse(Listpack.ptr, Listpack.len) || isNaN(Double.value))
    )
      return false;
    const score = PackedSortedSet.scoreAt(scoreAt);
    if (score < before || (score == before && beforeAt && !isBefore(beforeAt, p))) return false;
    before = score;
    beforeAt = p;
    p = Listpack.skip(scoreAt);
  }
  return true;
}

const text: usize = memory.data(24);

/** Whether the member at `a` is below the one at `b`. */
function isBefore(a: usize, b: usize): bool {
  Listpack.text(a);
  let ptr = Listpack.ptr;
  const len = Listpack.len;
  // A number is spelled where the next one will be.
  if (Listpack.read(a)) {
    memory.copy(text, ptr, len);
    ptr = text;
  }
  Listpack.text(b);
  return Bytes.compare(ptr, len, Listpack.ptr, Listpack.len) < 0;
}

function loadZiplist(load: RdbLoad): void {
  load.mark();
  if (!load.string(0)) return load.rewind();
  const set = IndexedSortedSet.create();
  load.make(Type.ZSET, Encoding.SKIPLIST, changetype<usize>(set));
  Ziplist.open(load.ptr, load.len);
  while (Ziplist.next()) {
    const len = Ziplist.len;
    let ptr = Ziplist.ptr;
    if (len <= 24) {
      memory.copy(text, ptr, len);
      ptr = text;
    }
    if (!Ziplist.next()) return load.bad("a sorted set's ziplist is broken");
    if (!Double.parse(Ziplist.ptr, Ziplist.len)) return load.bad("a score is not a number");
    if (!enter(load, set, Double.value, ptr, len)) return;
  }
  if (!Ziplist.ok) return load.bad("a sorted set's ziplist is broken");
  if (!set.length) load.state = RdbState.EMPTY;
  else finish(load, set);
}

/** Once, when the engine boots. */
export function registerSortedSetRdb(): void {
  const info = Types.info(Type.ZSET);
  info.rdbType = rdbType.index;
  info.save = save.index;
  info.rewrite = SortedSetRewrite.value.index;
  info.isLarge = isLarge.index;
  info.capture = capture.index;
  info.captureSome = TableCapture.writeSome.index;
  info.captureEnd = TableCapture.end.index;
  RdbLoad.register(RdbType.ZSET, loadMembers.index);
  RdbLoad.register(RdbType.ZSET_2, loadMembers.index);
  RdbLoad.register(RdbType.ZSET_LISTPACK, loadPacked.index);
  RdbLoad.register(RdbType.ZSET_ZIPLIST, loadZiplist.index);
}
