// The dataset as one RDB file, or as commands, as it was at one moment, written in slices while commands go on.
//
// At that moment nothing is copied but the list of the databases' contents. A walk then goes over their
// tables. Each entry has a bit that says whether it is written; a command that is about to change or
// remove one that is not writes it first (`Keyspace.editHook`). So every key is written once, as it
// was, and in any order: the file says before each which database it belongs to.
//
//   walk      ───►│ bucket │ bucket │ bucket …      tables keep their buckets, so nothing moves behind it
//   commands      ────► entry that is not written ──┐
//   captures      large collections, bit by bit  ───┴──► stream ──► host
//
// While a large collection is in the stream, single keys wait in `side`. FLUSHALL puts contents aside
// that are still needed; they are freed when the walk is through.
//
// A snapshot that is given up walks on without writing, so that all bits agree again before the next.

import { Crc64 } from "../algorithms/crc64";
import { Config } from "../generated/config";
import { Database } from "../keyspace/database";
import { Detached } from "../keyspace/detached";
import { Encoding, Entry } from "../keyspace/entry";
import { Frequency } from "../keyspace/frequency";
import { Garbage } from "../keyspace/garbage";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Keyspace } from "../keyspace/keyspace";
import { Types } from "../keyspace/types";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Gate } from "../protocol/output";
import { REDIS_VERSION } from "../settings/version";
import { Block } from "../structures/block";
import { Bucket, TableHooks } from "../structures/table";
import { BlockCaptures } from "./block-captures";
import { Capture } from "./capture";
import { Effects } from "./effects";
import { LibraryFile } from "./libraries";
import { RDB_VERSION, RDB_VERSION_MAX, RdbOpcode } from "./rdb-format";
import { RdbSave } from "./rdb-save";
import { RdbWriter } from "./rdb-writer";
import { Rewrite } from "./rewrite";
import { TableCapture } from "./table-capture";

/** What `begin` is told. */
export const enum SnapshotOption {
  ON = 1,
  /** It is the base of an append-only file. */
  AOF_BASE = 2,
  /** Commands instead of an RDB. */
  COMMANDS = 4,
}

export const enum SnapshotState {
  IDLE,
  RUNNING,
  /** All is written; some of it may still wait for the host. */
  COMPLETE,
  /** It was given up: too much waited for the host, or there was no room. */
  FAILED,
}

/** So much may wait for the host before the walk rests. */
const AHEAD_MAX: u32 = 1 << 18;
/** With so much in all the snapshot is given up. */
const WAITING_MAX: u32 = 1 << 28;
/** What the stream takes beside a value. */
const ROOM: u32 = 131072;
/** Work that a bucket and an entry cost; bytes cost one unit for 64. */
const BUCKET_WORK: i32 = 1;
const ENTRY_WORK: i32 = 2;
/** What a capture writes before the stream's length is looked at. */
const PART_WORK: i32 = 4096;
const NO_DATABASE: u32 = u32.MAX_VALUE;

/** One database as it was at the start. */
@unmanaged
class Part {
  content: usize;
  tableCount: u32;
  index: u32;
  keys: u32;
  volatiles: u32;
  /** The content, put aside by FLUSHALL or FLUSHDB. */
  held: Database | null;
}

const side: usize = memory.data(offsetof<RdbWriter>(), 8);

export class Snapshot {
  static state: SnapshotState = SnapshotState.IDLE;
  /** Keys that were written, of how many. */
  static written: u64 = 0;
  static total: u64 = 0;
  /** The most bytes that ever waited in it, as seen when the host came for some. */
  static peak: u64 = 0;
  /** The same of the last one that ended: of a file by itself, and of the base of a log. */
  static lastPeak: u64 = 0;
  static lastBasePeak: u64 = 0;
  private static isBase: bool = false;

  private static isCommands: bool = false;
  /** Whether the walk goes on only to put the bits right. */
  private static isSilent: bool = false;
  /** Whether the walk goes on at all. */
  private static isWalking: bool = false;
  private static parts: usize = 0;
  private static partCount: u32 = 0;
  /** Where the walk is. */
  private static part: u32 = 0;
  private static slot: u32 = 0;
  private static bucket: u32 = 0;
  /** The database that the stream, and the side, last selected. */
  private static selected: u32 = NO_DATABASE;
  private static sideSelected: u32 = NO_DATABASE;
  private static active: Capture | null = null;
  private static waiting: Capture | null = null;
  private static lastWaiting: Capture | null = null;
  private static checksum: u64 = 0;
  /** Bytes that waiting captures had to write before their turn. */
  private static early: u64 = 0;
  /** Bytes of the stream that are in the checksum. */
  private static summed: u32 = 0;


  @inline private static get stream(): RdbWriter {
    return Capture.stream;
  }


  @inline private static get side(): RdbWriter {
    return changetype<RdbWriter>(side);
  }


  @inline private static at(index: u32): Part {
    return changetype<Part>(Snapshot.parts + <usize>index * offsetof<Part>());
  }


  @inline static get isRunning(): bool {
    return Snapshot.state == SnapshotState.RUNNING;
  }

  /** Whether a snapshot can begin: the last one has left no trace. */
  private static get canBegin(): bool {
    return !Snapshot.isWalking && Snapshot.state != SnapshotState.COMPLETE;
  }

  /** Begins with the dataset as it is now; the offset of the log that belongs to it, or -1. */
  static begin(options: u32): f64 {
    if (Snapshot.isWalking && Snapshot.isSilent) Snapshot.walk(i32.MAX_VALUE);
    if (!Snapshot.canBegin) return -1;
    Effects.seal();
    Snapshot.state = SnapshotState.RUNNING;
    Snapshot.isBase = (options & SnapshotOption.AOF_BASE) != 0;
    Snapshot.isCommands = (options & SnapshotOption.COMMANDS) != 0;
    Snapshot.isSilent = false;
    Snapshot.isWalking = true;
    Snapshot.written = 0;
    Snapshot.peak = 0;
    Snapshot.total = Keyspace.keys;
    Snapshot.part = 0;
    Snapshot.slot = 0;
    Snapshot.bucket = 0;
    Snapshot.checksum = 0;
    Snapshot.summed = 0;
    Snapshot.early = 0;
    Snapshot.selected = NO_DATABASE;
    Snapshot.sideSelected = NO_DATABASE;
    Snapshot.stream.init();
    Snapshot.side.init();
    Snapshot.collectParts();
    Entry.turn();
    Block.epoch++;
    Keyspace.editHook = onEdit.index;
    Detached.holdHook = onDetach.index;
    Garbage.holdHook = onGarbage.index;
    TableHooks.chain = onChain.index;
    if (!Snapshot.isCommands) Snapshot.writeHeader(options);
    LibraryFile.write(Snapshot.stream, Snapshot.isCommands);
    return <f64>Gate.logEnd;
  }

  private static collectParts(): void {
    Snapshot.parts = Heap.alloc(Keyspace.databaseCount * offsetof<Part>());
    Snapshot.partCount = 0;
    for (let i: u32 = 0; i < Keyspace.databaseCount; i++) {
      const db = Keyspace.database(i);
      if (!db.count) continue;
      const part = Snapshot.at(Snapshot.partCount++);
      part.content = db.content;
      part.tableCount = db.tableCount;
      part.index = i;
      part.keys = db.count;
      part.volatiles = db.volatiles.count;
      part.held = null;
      for (let slot: u32 = 0; slot < db.tableCount; slot++) db.tableAt(slot).keepsBuckets = true;
    }
  }

  private static writeHeader(options: u32): void {
    const out = Snapshot.stream;
    const version = FieldExpiry.isAnywhere ? RDB_VERSION_MAX : RDB_VERSION;
    const at = out.room(9);
    store<u64>(at, 0x3030_3053_4944_4552); // "REDIS000"
    store<u8>(at, 48 + version / 10, 7);
    store<u8>(at, 48 + (version % 10), 8);
    out.advance(9);
    out.byte(RdbOpcode.AUX);
    out.text("redis-ver");
    out.text(REDIS_VERSION);
    Snapshot.aux("redis-bits", 64);
    Snapshot.aux("ctime", Clock.nowMs / 1000);
    Snapshot.aux("used-mem", Heap.used);
    Snapshot.aux("aof-base", i64((options & SnapshotOption.AOF_BASE) != 0));
  }

  private static aux(name: string, value: i64): void {
    Snapshot.stream.byte(RdbOpcode.AUX);
    Snapshot.stream.text(name);
    Snapshot.stream.integer(value);
  }

  // ── the walk ───────────────────────────────────────────────────────────────────────────────

  /** Goes on for at most `work` units; the length of what the host may take. */
  static read(work: u32): u32 {
    Snapshot.peak = max(Snapshot.peak, Snapshot.size);
    if (Snapshot.isBase) Snapshot.lastBasePeak = Snapshot.peak;
    else Snapshot.lastPeak = Snapshot.peak;
    const kept = BlockCaptures.copied + Snapshot.early;
    if (Snapshot.state == SnapshotState.RUNNING && kept > WAITING_MAX) Snapshot.fail();
    if (Snapshot.state == SnapshotState.RUNNING) Snapshot.walk(<i32>min<u32>(work, i32.MAX_VALUE));
    return Snapshot.readable;
  }

  static get readable(): u32 {
    if (Snapshot.state == SnapshotState.FAILED || Snapshot.state == SnapshotState.IDLE) return 0;
    Snapshot.sum();
    return Snapshot.stream.length;
  }


  @inline static get bytes(): usize {
    return Snapshot.stream.bytes;
  }

  /** The host has copied so many bytes. */
  static taken(length: u32): void {
    Snapshot.summed -= length;
    Snapshot.stream.taken(length);
    if (Snapshot.state == SnapshotState.COMPLETE && !Snapshot.stream.length) Snapshot.leave();
  }

  /** Puts bits right after a snapshot that was given up, for at most `budget` units; what is left. */
  static tidy(budget: i32): i32 {
    return Snapshot.isWalking && Snapshot.isSilent ? Snapshot.walk(budget) : budget;
  }

  private static walk(budget: i32): i32 {
    let left = budget;
    while (left > 0 && Snapshot.isWalking && Snapshot.stream.length < AHEAD_MAX) {
      if (Snapshot.active) left = Snapshot.writeActive(left);
      else if (Snapshot.waiting) Snapshot.activate(Snapshot.takeWaiting());
      else if (Snapshot.part < Snapshot.partCount) left = Snapshot.walkBucket(left);
      else Snapshot.finish();
    }
    return left;
  }

  /** Writes what is left of the bucket where the walk is, and goes to the next when that is all. */
  private static walkBucket(budget: i32): i32 {
    const part = Snapshot.at(Snapshot.part);
    if (Snapshot.slot == 0 && Snapshot.bucket == 0) Snapshot.announce(part);
    const table = Database.tableOf(part.content, Snapshot.slot);
    if (Snapshot.bucket >= table.buckets) {
      table.keepsBuckets = false;
      Snapshot.bucket = 0;
      if (++Snapshot.slot == part.tableCount) Snapshot.endPart(part);
      return budget - BUCKET_WORK;
    }
    let left = budget - BUCKET_WORK;
    let bucket: Bucket | null = table.bucketAt(Snapshot.bucket);
    for (; bucket; bucket = bucket.next) {
      for (let filled = bucket.filled; filled; filled &= filled - 1) {
        const entry = changetype<Entry>(bucket.item(<u32>ctz(filled)));
        if (entry.isSaved) continue;
        // The same bucket again: what is written is passed over.
        if (left <= 0 || Snapshot.active) return left;
        const before = Snapshot.stream.length;
        Snapshot.save(part.index, entry, true);
        left -= ENTRY_WORK + ((<i32>(Snapshot.stream.length - before)) >> 6);
      }
    }
    Snapshot.bucket++;
    return left;
  }

  private static announce(part: Part): void {
    if (Snapshot.isSilent || Snapshot.isCommands) return;
    const out = Snapshot.stream;
    Snapshot.select(out, part.index);
    out.byte(RdbOpcode.RESIZE_DB);
    out.writeLength(part.keys);
    out.writeLength(part.volatiles);
  }

  private static endPart(part: Part): void {
    Snapshot.slot = 0;
    Snapshot.part++;
    part.content = 0;
    if (part.held) Detached.release(changetype<usize>(part.held));
  }

  private static finish(): void {
    Keyspace.editHook = 0;
    Detached.holdHook = 0;
    Garbage.holdHook = 0;
    TableHooks.chain = 0;
    Heap.free(Snapshot.parts);
    Snapshot.isWalking = false;
    if (Snapshot.isSilent) return;
    if (!Snapshot.isCommands) Snapshot.writeEnd();
    Snapshot.state = SnapshotState.COMPLETE;
    if (!Snapshot.stream.length) Snapshot.leave();
  }

  private static leave(): void {
    Snapshot.stream.dispose();
    Snapshot.state = SnapshotState.IDLE;
  }

  private static writeEnd(): void {
    const out = Snapshot.stream;
    out.byte(RdbOpcode.EOF);
    Snapshot.sum();
    out.u64(Config.rdbchecksum ? Snapshot.checksum : 0);
    Snapshot.summed += 8;
  }

  /** Takes what is new in the stream into the checksum. */
  private static sum(): void {
    const out = Snapshot.stream;
    const length = out.length;
    if (length == Snapshot.summed) return;
    if (Config.rdbchecksum && !Snapshot.isCommands) {
      const from = out.bytes + Snapshot.summed;
      Snapshot.checksum = Crc64.update(Snapshot.checksum, from, length - Snapshot.summed);
    }
    Snapshot.summed = length;
  }

  // ── single keys ────────────────────────────────────────────────────────────────────────────

  /** A command is about to change an entry. */
  static edited(db: Database, entry: Entry): void {
    if (entry.isSaved) return;
    const content = db.content;
    for (let i = Snapshot.part; i < Snapshot.partCount; i++) {
      const part = Snapshot.at(i);
      if (part.content == content) return Snapshot.save(part.index, entry, false);
    }
    entry.markSaved();
  }

  /** Writes an entry, or captures it. */
  private static save(db: u32, entry: Entry, isWalk: bool): void {
    entry.markSaved();
    if (Snapshot.isSilent) return;
    const type = entry.type;
    const isLarge = Types.isCollection(type) && Types.isLarge(type, entry.value, entry.encoding);
    if (isLarge) return Snapshot.capture(db, entry, isWalk);
    const out = Snapshot.active ? Snapshot.side : Snapshot.stream;
    if (!(isWalk ? Snapshot.fits(entry) : Snapshot.hasRoom(entry))) return;
    Snapshot.select(out, db);
    if (Snapshot.isCommands) {
      Rewrite.entry(out, entry);
    } else {
      Snapshot.writeKey(out, entry);
      RdbSave.value(out, entry);
    }
    Snapshot.written++;
  }

  /** What comes before the value of a key. */
  private static writeKey(out: RdbWriter, entry: Entry): void {
    if (entry.isVolatile) {
      out.byte(RdbOpcode.EXPIRE_MS);
      out.u64(entry.expiry);
    }
    if (Keyspace.countsFrequency) {
      out.byte(RdbOpcode.FREQ);
      out.byte(Frequency.of(entry));
    } else if (Keyspace.ranksIdleness) {
      out.byte(RdbOpcode.IDLE);
      out.writeLength((Keyspace.accessClock() - entry.lru) & 0xffffff);
    }
    out.byte(RdbSave.typeOf(entry));
    out.string(entry.keyPtr, entry.keyLen);
  }

  private static select(out: RdbWriter, db: u32): void {
    const isSide = changetype<usize>(out) == side;
    if ((isSide ? Snapshot.sideSelected : Snapshot.selected) == db) return;
    if (Snapshot.isCommands) {
      Rewrite.select(out, db);
    } else {
      out.byte(RdbOpcode.SELECT_DB);
      out.writeLength(db);
    }
    if (isSide) Snapshot.sideSelected = db;
    else Snapshot.selected = db;
  }

  /** What the value of a string takes; collections are written in pieces, or are small. */
  private static sizeOf(entry: Entry): u64 {
    if (Types.isCollection(entry.type) || entry.encoding == Encoding.INT) return 0;
    return entry.stringLen;
  }

  /** Whether memory has room for what the walk writes of an entry; else the snapshot is given up. */
  private static fits(entry: Entry): bool {
    const need = <u64>Snapshot.stream.length + Snapshot.sizeOf(entry);
    if (Heap.hasRoom(need + (need >> 2) + ROOM)) return true;
    Snapshot.fail();
    return false;
  }

  /** Whether so much more may wait; else the snapshot is given up. */
  private static hasRoom(entry: Entry): bool {
    const waiting =
      <u64>Snapshot.stream.length + Snapshot.side.length + Snapshot.early + BlockCaptures.copied;
    const more = Snapshot.sizeOf(entry);
    if (waiting < WAITING_MAX && Heap.hasRoom((waiting + more) << 1)) return true;
    Snapshot.fail();
    return false;
  }

  // ── large collections ──────────────────────────────────────────────────────────────────────

  private static capture(db: u32, entry: Entry, isWalk: bool): void {
    const type = entry.type;
    const capture = Capture.create(type, entry.value, entry.encoding, db);
    if (isWalk && !Snapshot.active) {
      Snapshot.select(Snapshot.stream, db);
      capture.isActive = true;
      Snapshot.active = capture;
    } else {
      if (Snapshot.lastWaiting) Snapshot.lastWaiting!.next = capture;
      else Snapshot.waiting = capture;
      Snapshot.lastWaiting = capture;
    }
    if (Snapshot.isCommands) capture.keepKey(entry);
    else Snapshot.writeKey(capture.out, entry);
    call_indirect<void>(Types.info(type).capture, capture);
    Snapshot.early += capture.early.length;
    Snapshot.written++;
  }

  /** A chain of a table in a capture is about to change. */
  static changing(capture: Capture, first: Bucket): void {
    if (capture.isSilent) return;
    const early = capture.early;
    const before = early.length;
    TableCapture.writeChain(capture, first);
    Snapshot.early += early.length - before;
    if (Snapshot.early > WAITING_MAX) Snapshot.fail();
  }

  private static takeWaiting(): Capture {
    const capture = Snapshot.waiting!;
    Snapshot.waiting = capture.next;
    if (!Snapshot.waiting) Snapshot.lastWaiting = null;
    return capture;
  }

  /** The turn of a capture has come. */
  private static activate(capture: Capture): void {
    Snapshot.active = capture;
    if (!capture.isSilent) {
      const out = Snapshot.stream;
      Snapshot.select(out, capture.db);
      out.raw(capture.early.bytes, capture.early.length);
      Snapshot.early -= capture.early.length;
      capture.early.dispose();
    }
    capture.isActive = true;
  }

  private static writeActive(budget: i32): i32 {
    const capture = Snapshot.active!;
    const part = min(budget, PART_WORK);
    const left = budget - part + capture.writeSome(part);
    if (!capture.done) return left;
    if (capture.isCommands && !capture.isSilent) Rewrite.end(capture);
    capture.release();
    Snapshot.active = null;
    if (!Snapshot.side.length) return left;
    Snapshot.stream.raw(Snapshot.side.bytes, Snapshot.side.length);
    Snapshot.selected = Snapshot.sideSelected;
    Snapshot.sideSelected = NO_DATABASE;
    Snapshot.side.dispose();
    return left;
  }

  /** A collection loses its key: whether a capture has it now. */
  static holds(type: u32, value: usize, encoding: u32): bool {
    if (Snapshot.active && Snapshot.owns(Snapshot.active!, type, value, encoding)) return true;
    for (let each: Capture | null = Snapshot.waiting; each; each = each!.next) {
      if (Snapshot.owns(each, type, value, encoding)) return true;
    }
    return false;
  }

  private static owns(capture: Capture, type: u32, value: usize, encoding: u32): bool {
    if (capture.value != value || capture.type != type) return false;
    capture.isOwned = true;
    capture.encoding = encoding;
    return true;
  }

  /** A content is put aside: whether the walk still needs it. */
  static detached(db: Database): bool {
    for (let i = Snapshot.part; i < Snapshot.partCount; i++) {
      const part = Snapshot.at(i);
      if (part.content != db.content) continue;
      part.held = db;
      return true;
    }
    return false;
  }

  // ── giving up ──────────────────────────────────────────────────────────────────────────────

  /** Ends it on the host's wish. */
  static abort(): void {
    if (Snapshot.state == SnapshotState.COMPLETE) Snapshot.stream.dispose();
    else if (Snapshot.state == SnapshotState.RUNNING) Snapshot.fail();
    Snapshot.state = SnapshotState.IDLE;
  }

  private static fail(): void {
    Snapshot.state = SnapshotState.FAILED;
    Snapshot.isSilent = true;
    Snapshot.stream.dispose();
    Snapshot.side.dispose();
    if (Snapshot.active) Snapshot.active!.isSilent = true;
    for (let each: Capture | null = Snapshot.waiting; each; each = each!.next) {
      each.isSilent = true;
      each.early.dispose();
    }
  }

  /** Bytes that wait for the host or for their turn. */
  static get size(): u64 {
    let bytes = <u64>Snapshot.stream.size + Snapshot.side.size + BlockCaptures.copied;
    for (let each: Capture | null = Snapshot.waiting; each; each = each!.next)
      bytes += each.early.size;
    return bytes;
  }
}

function onEdit(db: Database, entry: Entry): void {
  Snapshot.edited(db, entry);
}

function onDetach(db: Database): bool {
  return Snapshot.detached(db);
}

function onGarbage(type: u32, value: usize, encoding: u32): bool {
  return Snapshot.holds(type, value, encoding);
}

function onChain(capture: Capture, bucket: Bucket): void {
  Snapshot.changing(capture, bucket);
}
