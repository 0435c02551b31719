// Sets in RDB: an intset as it lies, or the members. (The listpack of 7.2 has no way in version 10.)

import { Config } from "../generated/config";
import { Encoding, Type } from "../keyspace/entry";
import { Types } from "../keyspace/types";
import { Heap } from "../memory/heap";
import { RdbLoad } from "../persistence/rdb-load";
import { RdbType } from "../persistence/rdb-format";
import { RdbState } from "../persistence/rdb-reader";
import { RdbWriter } from "../persistence/rdb-writer";
import { Capture } from "../persistence/capture";
import { TableCapture } from "../persistence/table-capture";
import { Member, MemberTable } from "../structures/member-table";
import { IntSet } from "../structures/intset";
import { Listpack } from "../structures/listpack";
import { ListpackValidator } from "../structures/listpack-validate";
import { Sets } from "./set";
import { SetRewrite } from "./set-rewrite";
import { SetWalk } from "./set-walk";

function rdbType(_value: usize, encoding: u32): u32 {
  return encoding == Encoding.INTSET ? RdbType.SET_INTSET : RdbType.SET;
}

function save(out: RdbWriter, value: usize, encoding: u32): void {
  if (encoding == Encoding.INTSET) return out.string(value, IntSet.bytes(value));
  out.writeLength(Types.length(Type.SET, value, encoding));
  const walk = SetWalk.spare;
  walk.start(value, encoding);
  while (walk.next()) out.string(walk.ptr, walk.len);
}

/** A table beyond this is written bit by bit. */
const LARGE: usize = 65536;

function isLarge(value: usize, encoding: u32): bool {
  return encoding == Encoding.HASHTABLE && changetype<MemberTable>(value).bytes > LARGE;
}

function capture(capture: Capture): void {
  if (capture.isCommands) {
    const head = SetRewrite.head.index;
    return TableCapture.beginCommands(capture, capture.value, head, SetRewrite.member.index);
  }
  capture.out.writeLength(changetype<MemberTable>(capture.value).count);
  TableCapture.begin(capture, capture.value, saveMember.index);
}

function saveMember(out: RdbWriter, member: Member): void {
  out.string(member.keyPtr, member.keyLen);
}

// ── loading ──────────────────────────────────────────────────────────────────────────────────

function loadMembers(load: RdbLoad): void {
  if (load.stage == 0) {
    load.mark();
    const count = load.length();
    if (!load.isOk) return load.rewind();
    if (!count) {
      load.state = RdbState.EMPTY;
      return;
    }
    load.left = count;
    const isSmall = count <= max<u64>(Config.setMaxIntsetEntries, Config.setMaxListpackEntries);
    const entry = load.make(Type.SET, Encoding.INTSET, 0);
    Sets.setUp(entry, isSmall, isSmall ? 0 : u32.MAX_VALUE);
    load.stage = 1;
  }
  const entry = load.entry;
  for (; load.left; load.left--) {
    load.mark();
    if (!load.string(0)) return load.rewind();
    if (!Sets.add(entry, load.ptr, load.len)) return load.bad("a set has a member twice");
  }
  load.done = true;
}

function loadIntegers(load: RdbLoad): void {
  load.mark();
  const set = load.block();
  if (!load.isOk) return load.rewind();
  const size = load.len;
  if (!IntSet.validate(set, size, true)) {
    Heap.free(set);
    return load.bad("an intset is broken");
  }
  const entry = load.make(Type.SET, Encoding.INTSET, set);
  if (IntSet.length(set) > <u32>Config.setMaxIntsetEntries) Sets.toTable(entry);
  load.done = true;
}

function loadPacked(load: RdbLoad): void {
  load.mark();
  const lp = load.block();
  if (!load.isOk) return load.rewind();
  const ok = ListpackValidator.validate(lp, load.len, true);
  if (!ok || !Listpack.first(lp)) {
    Heap.free(lp);
    if (ok) load.state = RdbState.EMPTY;
    else load.bad("a set's listpack is broken");
    return;
  }
  const isLong = Listpack.length(lp) > <u32>Config.setMaxListpackEntries;
  const entry = load.make(Type.SET, Encoding.LISTPACK, lp);
  if (isLong) {
    const count = Listpack.length(lp);
    Sets.toTable(entry);
    if (Sets.length(entry) != count) return load.bad("a set has a member twice");
  } else if (load.isStrict && !ListpackValidator.isUnique(lp, 1)) {
    return load.bad("a set has a member twice");
  }
  load.done = true;
}

/** Once, when the engine boots. */
export function registerSetRdb(): void {
  const info = Types.info(Type.SET);
  info.rdbType = rdbType.index;
  info.save = save.index;
  info.rewrite = SetRewrite.value.index;
  info.isLarge = isLarge.index;
  info.capture = capture.index;
  info.captureSome = TableCapture.writeSome.index;
  info.captureEnd = TableCapture.end.index;
  RdbLoad.register(RdbType.SET, loadMembers.index);
  RdbLoad.register(RdbType.SET_INTSET, loadIntegers.index);
  RdbLoad.register(RdbType.SET_LISTPACK, loadPacked.index);
}
