// Hashes in RDB: a listpack as it lies, or fields and values; with the expiry of fields only where a field
// has one, since servers before 7.4 do not know that.
//
//   HASH             count │ field, value │ …
//   HASH_METADATA    first expiry, ms │ count │ expiry - first + 1 or 0, field, value │ …

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
import { Ziplist } from "../persistence/ziplist";
import { Field, FieldTable } from "../structures/field-table";
import { Bucket } from "../structures/table";
import { Listpack } from "../structures/listpack";
import { ListpackValidator } from "../structures/listpack-validate";
import { Hashes } from "./hash";
import { HashRewrite } from "./hash-rewrite";
import { HashWalk } from "./hash-walk";

function rdbType(value: usize, encoding: u32): u32 {
  if (encoding == Encoding.LISTPACK) return RdbType.HASH_LISTPACK;
  return changetype<FieldTable>(value).volatileCount ? RdbType.HASH_METADATA : RdbType.HASH;
}

function save(out: RdbWriter, value: usize, encoding: u32): void {
  if (encoding == Encoding.LISTPACK) return out.string(value, Listpack.bytes(value));
  const table = changetype<FieldTable>(value);
  const hasExpiries = writeCount(out, table);
  for (let index: u32 = 0; index < table.buckets; index++) {
    for (let bucket: Bucket | null = table.bucketAt(index); bucket; bucket = bucket.next) {
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        const field = changetype<Field>(bucket.item(<u32>ctz(filled)));
        if (hasExpiries) saveVolatile(out, field);
        else saveField(out, field);
      }
    }
  }
}

/** Writes what is in front of the fields; whether each has its expiry. Expiries are written from the epoch on. */
function writeCount(out: RdbWriter, table: FieldTable): bool {
  const hasExpiries = table.volatileCount != 0;
  if (hasExpiries) {
    store<u64>(out.room(8), 0);
    out.advance(8);
  }
  out.writeLength(table.count);
  return hasExpiries;
}

function saveVolatile(out: RdbWriter, field: Field): void {
  out.writeLength(field.hasExpiry ? <u64>field.expiry + 1 : 0);
  saveField(out, field);
}

/** A table beyond this is written bit by bit. */
const LARGE: usize = 65536;

function isLarge(value: usize, encoding: u32): bool {
  return encoding == Encoding.HASHTABLE && changetype<FieldTable>(value).bytes > LARGE;
}

function capture(capture: Capture): void {
  const table = changetype<FieldTable>(capture.value);
  if (capture.isCommands) {
    const isVolatile = table.volatileCount != 0;
    const head = isVolatile ? 0 : HashRewrite.head.index;
    const writeField = isVolatile ? HashRewrite.captured.index : HashRewrite.field.index;
    return TableCapture.beginCommands(capture, capture.value, head, writeField);
  }
  const hasExpiries = writeCount(capture.out, table);
  TableCapture.begin(capture, capture.value, hasExpiries ? saveVolatile.index : saveField.index);
}

function saveField(out: RdbWriter, field: Field): void {
  out.string(field.keyPtr, field.keyLen);
  out.string(field.valuePtr, field.valueLen);
}

// ── loading ──────────────────────────────────────────────────────────────────────────────────

function loadFields(load: RdbLoad): void {
  if (load.stage == 0) {
    load.mark();
    load.left = load.length();
    if (!load.isOk) return load.rewind();
    if (!load.left) {
      load.state = RdbState.EMPTY;
      return;
    }
    start(load, load.left);
    load.stage = 1;
  }
  for (; load.left; load.left--) {
    load.mark();
    if (!load.string(0)) return load.rewind();
    const ptr = load.ptr;
    const len = load.len;
    if (!load.string(1)) return load.rewind();
    if (!put(load, ptr, len, load.ptr, load.len)) return;
  }
  load.done = true;
}

/** Fields with their expiries: those since 7.4. */
function loadVolatile(load: RdbLoad): void {
  if (load.stage == 0) {
    load.mark();
    // An expiry is counted from one before the first; it is the time itself in what came before 7.4.
    load.a = load.type == RdbType.HASH_METADATA ? <i64>load.u64() - 1 : 0;
    load.left = load.length();
    if (!load.isOk) return load.rewind();
    if (!load.left) {
      load.state = RdbState.EMPTY;
      return;
    }
    Hashes.toTable(load.make(Type.HASH, Encoding.LISTPACK, Listpack.create()));
    load.stage = 1;
  }
  const table = Hashes.table(load.entry);
  for (; load.left; load.left--) {
    load.mark();
    const after = <i64>load.length();
    if (!load.isOk || !load.string(0)) return load.rewind();
    const ptr = load.ptr;
    const len = load.len;
    if (!load.string(1)) return load.rewind();
    const expiry = after ? load.a + after : -1;
    if (after && expiry < 0) return load.bad("a field has no sane expiry");
    if (table.has(ptr, len)) return load.bad("a hash has a field twice");
    table.put(ptr, len, load.ptr, load.len, expiry);
  }
  load.done = true;
}

/** A listpack of field, value and expiry. */
function loadPackedVolatile(load: RdbLoad): void {
  load.mark();
  if (load.type == RdbType.HASH_LISTPACK_EX) load.u64();
  const lp = load.block();
  if (!load.isOk) return load.rewind();
  if (!ListpackValidator.validate(lp, load.len, true) || Listpack.length(lp) % 3) {
    Heap.free(lp);
    return load.bad("a hash's listpack is broken");
  }
  Hashes.toTable(load.make(Type.HASH, Encoding.LISTPACK, Listpack.create()));
  const table = Hashes.table(load.entry);
  const walk = HashWalk.spare;
  let p = Listpack.first(lp);
  while (p) {
    const last = walk.setPacked(p);
    const expiry = Listpack.read(last) && Listpack.value > 0 ? Listpack.value : -1;
    if (table.has(walk.ptr, walk.len)) {
      Heap.free(lp);
      return load.bad("a hash has a field twice");
    }
    table.put(walk.ptr, walk.len, walk.valuePtr, walk.valueLen, expiry);
    p = Listpack.next(last);
  }
  Heap.free(lp);
  if (table.count) load.done = true;
  else load.state = RdbState.EMPTY;
}

/** Makes the value an empty hash for so many fields. */
function start(load: RdbLoad, count: u64): void {
  const entry = load.make(Type.HASH, Encoding.LISTPACK, Listpack.create());
  if (count > <u64>Config.hashMaxListpackEntries) Hashes.toTable(entry);
}

/** Adds a field. */
function put(load: RdbLoad, ptr: usize, len: u32, value: usize, valueLen: u32): bool {
  const entry = load.entry;
  if (
    Hashes.isPacked(entry) &&
    (<u64>max(len, valueLen) > <u64>Config.hashMaxListpackValue ||
      !Listpack.canGrow(entry.value, <u64>len + valueLen + 32))
  ) {
    Hashes.toTable(entry);
  }
  if (Hashes.set(entry, ptr, len, value, valueLen)) return true;
  load.bad("a hash has a field twice");
  return false;
}

function loadPacked(load: RdbLoad): void {
  load.mark();
  const lp = load.block();
  if (!load.isOk) return load.rewind();
  const ok = ListpackValidator.validate(lp, load.len, true) && !(Listpack.length(lp) & 1);
  if (!ok || !Listpack.first(lp)) {
    Heap.free(lp);
    if (ok) load.state = RdbState.EMPTY;
    else load.bad("a hash's listpack is broken");
    return;
  }
  const entry = load.make(Type.HASH, Encoding.LISTPACK, lp);
  const count = Listpack.length(lp) >> 1;
  if (count > <u32>Config.hashMaxListpackEntries) {
    Hashes.toTable(entry);
    if (Hashes.length(entry) != count) return load.bad("a hash has a field twice");
  } else if (load.isStrict && !ListpackValidator.isUnique(lp, 2)) {
    return load.bad("a hash has a field twice");
  }
  load.done = true;
}

/** Where a field that is a number is kept while its value is read. */
const text: usize = memory.data(24);

/** Ziplists and zipmaps. */
function loadOld(load: RdbLoad): void {
  load.mark();
  if (!load.string(0)) return load.rewind();
  const isMap = load.type == RdbType.HASH_ZIPMAP;
  start(load, 0);
  if (isMap) Ziplist.openMap(load.ptr, load.len);
  else Ziplist.open(load.ptr, load.len);
  while (isMap ? Ziplist.nextOfMap(false) : Ziplist.next()) {
    const len = Ziplist.len;
    let ptr = Ziplist.ptr;
    if (len <= 24) {
      memory.copy(text, ptr, len);
      ptr = text;
    }
    if (!(isMap ? Ziplist.nextOfMap(true) : Ziplist.next())) {
      Ziplist.ok = false;
      break;
    }
    if (!put(load, ptr, len, Ziplist.ptr, Ziplist.len)) return;
  }
  if (!Ziplist.ok) load.bad("a hash's ziplist is broken");
  else if (!Hashes.length(load.entry)) load.state = RdbState.EMPTY;
  else load.done = true;
}

/** Once, when the engine boots. */
export function registerHashRdb(): void {
  const info = Types.info(Type.HASH);
  info.rdbType = rdbType.index;
  info.save = save.index;
  info.rewrite = HashRewrite.value.index;
  info.isLarge = isLarge.index;
  info.capture = capture.index;
  info.captureSome = TableCapture.writeSome.index;
  info.captureEnd = TableCapture.end.index;
  RdbLoad.register(RdbType.HASH, loadFields.index);
  RdbLoad.register(RdbType.HASH_LISTPACK, loadPacked.index);
  RdbLoad.register(RdbType.HASH_METADATA, loadVolatile.index);
  RdbLoad.register(RdbType.HASH_METADATA_PRE_GA, loadVolatile.index);
  RdbLoad.register(RdbType.HASH_LISTPACK_EX, loadPackedVolatile.index);
  RdbLoad.register(RdbType.HASH_LISTPACK_EX_PRE_GA, loadPackedVolatile.index);
  RdbLoad.register(RdbType.HASH_ZIPLIST, loadOld.index);
  RdbLoad.register(RdbType.HASH_ZIPMAP, loadOld.index);
}
