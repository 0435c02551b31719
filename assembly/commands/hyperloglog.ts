// HyperLogLogs: strings that estimate how many different elements were added to them.

import { Cardinality } from "../algorithms/cardinality";
import { HyperLogLog } from "../algorithms/hyperloglog";
import { Integer } from "../algorithms/integer";
import { Murmur } from "../algorithms/murmur";
import { Raised, SparseRegisters } from "../algorithms/sparse-registers";
import { Config } from "../generated/config";
import { Encoding, Entry, Type } from "../keyspace/entry";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";
import { Notify } from "../sessions/notify";
import { Strings } from "../types/string";
import { Command, Errors } from "../execution/command";

const CORRUPTED: string = "INVALIDOBJ Corrupted HLL object detected";

/** Registers that were taken out of HyperLogLogs, one a byte. */
const raw: usize = memory.data(16384, 16);

/** Whether the string is a HyperLogLog; replies the error when not. */
function isHyperLogLog(cmd: Command, entry: Entry): bool {
  Strings.view(entry);
  if (HyperLogLog.isOne(Strings.ptr, Strings.len)) return true;
  cmd.fail("WRONGTYPE Key is not a valid HyperLogLog string value.");
  return false;
}

/** A new key with a HyperLogLog that has seen nothing. */
function create(cmd: Command, index: i32): Entry {
  const entry = Strings.makeRaw(cmd, index, null, SparseRegisters.EMPTY_SIZE);
  SparseRegisters.create(entry.stringPtr);
  store<u32>(entry.area, SparseRegisters.EMPTY_SIZE);
  return entry;
}

/** Makes the HyperLogLog dense, if it is not; false when it is corrupted, which is replied. */
function makeDense(cmd: Command, index: i32, entry: Entry): bool {
  const ptr = entry.stringPtr;
  if (HyperLogLog.isDense(ptr)) return true;
  const dense = Heap.alloc(HyperLogLog.DENSE_SIZE);
  if (!SparseRegisters.toDense(ptr, entry.stringLen, dense, raw)) {
    Heap.free(dense);
    cmd.fail(CORRUPTED);
    return false;
  }
  Strings.adopt(cmd, index, entry, dense, HyperLogLog.DENSE_SIZE, true);
  return true;
}

/** PFADD key [element …] → 1 if the estimate may have changed. */
export function pfadd(cmd: Command): void {
  let entry = cmd.write(1, Type.STRING);
  if (cmd.failed || (entry && !isHyperLogLog(cmd, entry))) return;
  let changes: u32 = 0;
  if (!entry) {
    entry = create(cmd, 1);
    changes++;
  }
  entry = Strings.makeRaw(cmd, 1, entry, 0);
  SparseRegisters.forget();
  for (let i = 2; i < cmd.argc && !cmd.failed; i++) {
    const element = cmd.arg(i);
    HyperLogLog.locate(element.ptr, element.len);
    if (raise(cmd, entry)) changes++;
  }
  if (changes) {
    HyperLogLog.invalidate(entry.stringPtr);
    cmd.changed(1, Notify.STRING, "pfadd", changes);
  }
  if (!cmd.failed) cmd.reply.integer(changes ? 1 : 0);
}

/** Raises the located register, which may make the HyperLogLog dense; answers whether it was lower. */
function raise(cmd: Command, entry: Entry): bool {
  const index = HyperLogLog.index;
  const rank = HyperLogLog.rank;
  if (HyperLogLog.isDense(entry.stringPtr)) return HyperLogLog.raise(entry.stringPtr, index, rank);
  const raised = raiseSparse(cmd, entry, index, rank);
  if (raised == Raised.CORRUPTED) cmd.fail(CORRUPTED);
  if (raised != Raised.DENSE) return raised == Raised.YES;
  return makeDense(cmd, 1, entry) && HyperLogLog.raise(entry.stringPtr, index, rank);
}

function raiseSparse(cmd: Command, entry: Entry, index: u32, rank: u32): Raised {
  const length = entry.stringLen;
  Strings.makeRaw(cmd, 1, entry, length + SparseRegisters.GROWTH);
  const limit = Config.hllSparseMaxBytes;
  const raised = SparseRegisters.raise(entry.stringPtr, length, index, rank, limit);
  store<u32>(entry.area, SparseRegisters.length);
  return raised;
}

/** PFCOUNT key [key …] → the estimate; of several keys, that of their union. */
export function pfcount(cmd: Command): void {
  if (cmd.argc == 2) return countOne(cmd);
  memory.fill(raw, 0, HyperLogLog.REGISTERS);
  for (let i = 1; i < cmd.argc; i++) if (!merge(cmd, i)) return;
  Cardinality.ofRaw(raw);
  cmd.reply.integer(Cardinality.value);
}

/** Counts one HyperLogLog, and keeps the estimate in it for the next time. */
function countOne(cmd: Command): void {
  let entry = cmd.read(1, Type.STRING);
  if (cmd.failed) return;
  if (!entry) return cmd.reply.integer(0);
  if (!isHyperLogLog(cmd, entry)) return;
  if (HyperLogLog.hasEstimate(Strings.ptr) && entry.encoding == Encoding.RAW) {
    return cmd.reply.integer(HyperLogLog.estimateOf(Strings.ptr));
  }
  cmd.write(1, Type.ANY);
  entry = Strings.makeRaw(cmd, 1, entry, 0);
  const ptr = entry.stringPtr;
  if (HyperLogLog.hasEstimate(ptr)) return cmd.reply.integer(HyperLogLog.estimateOf(ptr));
  if (!Cardinality.of(ptr, entry.stringLen, raw)) return cmd.fail(CORRUPTED);
  HyperLogLog.setEstimate(ptr, Cardinality.value);
  cmd.changed(1, Notify.NOTHING, "");
  cmd.reply.integer(Cardinality.value);
}

/** Merges the key of an argument into the raw registers; false after an error. */
function merge(cmd: Command, index: i32): bool {
  const entry = cmd.read(index, Type.STRING);
  if (cmd.failed) return false;
  if (!entry) return true;
  if (!isHyperLogLog(cmd, entry)) return false;
  if (HyperLogLog.isDense(Strings.ptr)) HyperLogLog.mergeDense(raw, Strings.ptr);
  else if (!SparseRegisters.merge(raw, Strings.ptr, Strings.len)) cmd.fail(CORRUPTED);
  return !cmd.failed;
}

/** PFMERGE destkey [sourcekey …]: the union of all of them, the destination included. */
export function pfmerge(cmd: Command): void {
  memory.fill(raw, 0, HyperLogLog.REGISTERS);
  let isDense = false;
  for (let i = 1; i < cmd.argc; i++) {
    // A missing key leaves what `view` found before.
    Strings.len = 0;
    if (!merge(cmd, i)) return;
    if (Strings.len && HyperLogLog.isDense(Strings.ptr)) isDense = true;
  }
  let entry = cmd.write(1, Type.STRING);
  if (!entry) entry = create(cmd, 1);
  entry = Strings.makeRaw(cmd, 1, entry, 0);
  if (isDense || !raiseAll(cmd, entry)) {
    if (!HyperLogLog.isDense(entry.stringPtr)) {
      const dense = Heap.alloc(HyperLogLog.DENSE_SIZE);
      HyperLogLog.beginAs(dense, entry.stringPtr);
      Strings.adopt(cmd, 1, entry, dense, HyperLogLog.DENSE_SIZE, true);
    }
    HyperLogLog.packDense(entry.stringPtr, raw);
  }
  HyperLogLog.invalidate(entry.stringPtr);
  cmd.changed(1, Notify.STRING, "pfadd");
  cmd.reply.ok();
}

/** Raises the registers of a sparse HyperLogLog to the raw ones; false when it must be dense for that. */
function raiseAll(cmd: Command, entry: Entry): bool {
  SparseRegisters.forget();
  for (let index: u32 = 0; index < HyperLogLog.REGISTERS; index++) {
    if (!(index & 7) && !load<u64>(raw + index)) {
      index += 7;
      continue;
    }
    const rank: u32 = load<u8>(raw + index);
    if (rank && raiseSparse(cmd, entry, index, rank) == Raised.DENSE) return false;
  }
  return true;
}

/** PFDEBUG GETREG | DECODE | ENCODING | TODENSE key */
export function pfdebug(cmd: Command): void {
  let entry = cmd.write(2, Type.STRING);
  if (cmd.failed) return;
  if (!entry) return cmd.fail("ERR The specified key does not exist");
  if (!isHyperLogLog(cmd, entry)) return;
  entry = Strings.makeRaw(cmd, 2, entry, 0);
  const wasDense = HyperLogLog.isDense(entry.stringPtr);
  if (cmd.is(1, "encoding")) return cmd.reply.status(wasDense ? "dense" : "sparse");
  if (cmd.is(1, "decode")) {
    if (wasDense) return cmd.fail("ERR HLL encoding is not sparse");
    return replyRuns(cmd, entry);
  }
  const isGetreg = cmd.is(1, "getreg");
  if (!isGetreg && !cmd.is(1, "todense")) return failDebug(cmd);
  if (!makeDense(cmd, 2, entry)) return;
  if (!wasDense) cmd.dirty++;
  if (!isGetreg) return cmd.reply.integer(wasDense ? 0 : 1);
  memory.fill(raw, 0, HyperLogLog.REGISTERS);
  HyperLogLog.mergeDense(raw, entry.stringPtr);
  cmd.reply.array(HyperLogLog.REGISTERS);
  for (let i: u32 = 0; i < HyperLogLog.REGISTERS; i++) cmd.reply.integer(load<u8>(raw + i));
}

function failDebug(cmd: Command): void {
  const name = cmd.arg(1);
  Errors.begin();
  Errors.text("ERR Unknown PFDEBUG subcommand '");
  Errors.bytes(name.ptr, name.len);
  Errors.text("'");
  Errors.send(cmd.reply);
  cmd.failed = true;
}

/** Replies the runs of a sparse HyperLogLog: z:count, Z:count, v:rank,count. */
function replyRuns(cmd: Command, entry: Entry): void {
  const start = entry.stringPtr;
  const end = start + entry.stringLen;
  const text = Heap.alloc(8 * entry.stringLen);
  let out = text;
  for (let at = start + HyperLogLog.HEADER; at < end; at += SparseRegisters.size(at)) {
    const code: u32 = load<u8>(at);
    const isValue = SparseRegisters.isValue(code);
    // "v:", "Z:" or "z:"
    store<u16>(out, isValue ? 0x3a76 : SparseRegisters.isLong(code) ? 0x3a5a : 0x3a7a);
    out += 2;
    if (isValue) {
      out += Integer.formatUnsigned(SparseRegisters.rank(code), out);
      store<u8>(out++, 44);
    }
    out += Integer.formatUnsigned(SparseRegisters.span(at, end), out);
    store<u8>(out++, 32);
  }
  cmd.reply.bulk(text, out > text ? <u32>(out - text) - 1 : 0);
  Heap.free(text);
}

/** PFSELFTEST: whether registers keep what is written, and estimates are near. */
export function pfselftest(cmd: Command): void {
  const dense = Heap.alloc(HyperLogLog.DENSE_SIZE);
  if (!keepsRegisters(dense)) cmd.fail("ERR TESTFAILED A register is not what was written");
  else if (!estimatesWell(dense)) cmd.fail("ERR TESTFAILED Too big error");
  else cmd.reply.ok();
  Heap.free(dense);
}

/** A number that looks random, for each seed another. */
function scrambled(seed: u64): u64 {
  store<u64>(raw, seed);
  return Murmur.hash(raw, 8, seed);
}

/** Whether every register, raised alone and in any order, has its rank and no other one changes. */
function keepsRegisters(dense: usize): bool {
  HyperLogLog.begin(dense, true);
  memory.fill(dense + HyperLogLog.HEADER, 0, HyperLogLog.DENSE_BYTES);
  for (let i: u32 = 0; i < HyperLogLog.REGISTERS; i++) {
    // 4099 is odd, so every register comes once.
    const index = (i * 4099) & (HyperLogLog.REGISTERS - 1);
    HyperLogLog.raise(dense, index, (<u32>scrambled(index)) & 63);
  }
  const expected = Heap.alloc(HyperLogLog.REGISTERS);
  for (let i: u32 = 0; i < HyperLogLog.REGISTERS; i++) {
    store<u8>(expected + i, (<u32>scrambled(i)) & 63);
  }
  memory.fill(raw, 0, HyperLogLog.REGISTERS);
  HyperLogLog.mergeDense(raw, dense);
  const isSame = Bytes.equal(raw, expected, HyperLogLog.REGISTERS);
  Heap.free(expected);
  return isSame;
}

/** Whether the estimate stays within six times the standard error of 1.04 / √16384. */
function estimatesWell(dense: usize): bool {
  HyperLogLog.begin(dense, true);
  memory.fill(dense + HyperLogLog.HEADER, 0, HyperLogLog.DENSE_BYTES);
  let next: u64 = 1;
  for (let element: u64 = 1; element <= 100000; element++) {
    store<u64>(raw, scrambled(element));
    HyperLogLog.locate(raw, 8);
    HyperLogLog.raise(dense, HyperLogLog.index, HyperLogLog.rank);
    if (element < next) continue;
    next *= 10;
    Cardinality.of(dense, HyperLogLog.DENSE_SIZE, raw);
    if (abs(Cardinality.value - <i64>element) > <i64>element / 20) return false;
  }
  return true;
}
