// Loading a whole RDB file that comes in pieces of any size.
//
//   pieces ──► rest of the last piece + new piece ──► opcodes, keys ──► databases
//
// What a piece cuts in two waits in `rest`, but for a large collection, which goes on from its last whole
// element. The end is known when it comes: the checksum behind it is compared, and bytes behind that are
// not touched.

import { Crc64 } from "../algorithms/crc64";
import { Config } from "../generated/config";
import { Database } from "../keyspace/database";
import { Entry, Type } from "../keyspace/entry";
import { FieldExpiry } from "../keyspace/field-expiry";
import { Frequency } from "../keyspace/frequency";
import { Keyspace } from "../keyspace/keyspace";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { RDB_VERSION_MAX, RdbOpcode } from "./rdb-format";
import { RdbLoad } from "./rdb-load";
import { RdbReader, RdbState } from "./rdb-reader";

export const enum LoadState {
  IDLE,
  RUNNING,
  /** The end and its checksum were read. */
  COMPLETE,
  FAILED,
}

/** What `begin` is told. */
export const enum LoadOption {
  /** A key that is there already is replaced; else it is an error. */
  REPLACES = 1,
  /** Keys that are past their expiry stay out. */
  DROPS_EXPIRED = 2,
  /** All keys that are there go first. */
  EMPTIES = 4,
  /** What belongs to modules stays out; else it is an error. */
  SKIPS_MODULES = 8,
}

/** What the next bytes are. */
const enum Stage {
  HEADER,
  OPCODE,
  VALUE,
  CHECKSUM,
}

const HEADER: u32 = 9;
/** Versions before this end without a checksum. */
const FIRST_WITH_CHECKSUM: u32 = 5;

const loading: usize = memory.data(offsetof<RdbLoad>(), 8);

export class RdbFile {
  static state: LoadState = LoadState.IDLE;
  /** Keys that were loaded, that were past their expiry, and that had no elements. */
  static keys: u64 = 0;
  static expired: u64 = 0;
  static empty: u64 = 0;
  /** `(namePtr, nameLen, valuePtr, valueLen)`: a fact about the file. */
  static auxHook: u32 = 0;
  /** `(codePtr, codeLen) → accepted`: a library of functions. */
  static functionHook: u32 = 0;
  /** `(db, keyPtr, keyLen, hash, clock, loaded) → entry`: gives a key a loaded string. */
  static stringHook: u32 = 0;

  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: checksums of files and payloads are left alone. */
  static skipsChecksum: bool = false;
  private static options: u32 = 0;
  private static stage: Stage = Stage.HEADER;
  private static version: u32 = 0;
  private static db: u32 = 0;
  private static checksum: u64 = 0;
  /** Bytes of the file before the ones that are read now. */
  private static passed: f64 = 0.0;
  private static rest: usize = 0;
  private static restLength: u32 = 0;
  private static restCapacity: u32 = 0;
  /** So many bytes must be there before it is tried again. */
  private static wanted: u32 = 0;
  private static key: usize = 0;
  private static keyCapacity: u32 = 0;
  private static keyLength: u32 = 0;
  /** What was said about the next key; -1: nothing. */
  private static expiry: i64 = -1;
  private static idle: i64 = -1;
  private static frequency: i32 = -1;


  @inline private static get load(): RdbLoad {
    return changetype<RdbLoad>(loading);
  }

  static begin(options: u32): void {
    if (RdbFile.state == LoadState.RUNNING) RdbFile.end();
    RdbFile.state = LoadState.RUNNING;
    RdbFile.options = options;
    RdbFile.stage = Stage.HEADER;
    RdbFile.db = 0;
    RdbFile.checksum = 0;
    RdbFile.passed = 0.0;
    RdbFile.wanted = 0;
    RdbFile.keys = 0;
    RdbFile.expired = 0;
    RdbFile.empty = 0;
    RdbFile.forgetHints();
    const load = RdbFile.load;
    load.begin(0);
    load.isStrict = false;
    load.skipsModules = RdbFile.skipsModules;
    load.module = 0;
    load.state = RdbState.OK;
  }

  /** Lets go of what a load needs; a value that is half loaded goes. */
  static end(): void {
    RdbFile.load.drop();
    RdbReader.tidy(true);
    if (RdbFile.rest) Heap.free(RdbFile.rest);
    if (RdbFile.key) Heap.free(RdbFile.key);
    RdbFile.rest = 0;
    RdbFile.restLength = 0;
    RdbFile.restCapacity = 0;
    RdbFile.key = 0;
    RdbFile.keyCapacity = 0;
    RdbFile.state = LoadState.IDLE;
  }

  /** Bytes of the file that were read. */
  static get offset(): f64 {
    return RdbFile.passed;
  }

  /** Why it failed. */
  static get reason(): string {
    const load = RdbFile.load;
    if (load.state == RdbState.NO_ROOM) return "there is not enough memory";
    return load.state == RdbState.BAD ? load.reason : "the file ends too soon";
  }

  /** The id of the module that a value needs, or 0. */
  static get module(): u64 {
    return RdbFile.load.module;
  }

  /** Reads the next bytes. */
  static feed(ptr: usize, len: u32): void {
    if (RdbFile.state != LoadState.RUNNING) return;
    if (RdbFile.restLength && !RdbFile.append(ptr, len)) return;
    const isRest = RdbFile.restLength != 0;
    const from = isRest ? RdbFile.rest : ptr;
    const length = isRest ? RdbFile.restLength : len;
    if (length < RdbFile.wanted) {
      if (!isRest) RdbFile.append(ptr, len);
      return;
    }
    const load = RdbFile.load;
    load.open(from, length);
    RdbFile.read(from);
    const read = <u32>(load.at - from);
    RdbFile.passed += read;
    if (load.state == RdbState.SHORT) {
      RdbFile.wanted = load.wanted;
      RdbFile.keep(load.at, length - read, isRest);
    } else if (RdbFile.state == LoadState.RUNNING && load.state != RdbState.OK) {
      RdbFile.state = LoadState.FAILED;
    }
  }

  /** Adds bytes to those that wait. */
  private static append(ptr: usize, len: u32): bool {
    const need = RdbFile.restLength + len;
    if (need > RdbFile.restCapacity) {
      const size = max(need + (need >> 1), RdbFile.wanted);
      if (!Heap.hasRoom(size)) {
        RdbFile.load.state = RdbState.NO_ROOM;
        RdbFile.state = LoadState.FAILED;
        return false;
      }
      RdbFile.rest = RdbFile.rest ? Heap.resize(RdbFile.rest, size) : Heap.alloc(size);
      RdbFile.restCapacity = <u32>Heap.sizeOf(RdbFile.rest);
    }
    memory.copy(RdbFile.rest + RdbFile.restLength, ptr, len);
    RdbFile.restLength = need;
    return true;
  }

  /** What was not read waits for more. */
  private static keep(from: usize, length: u32, isRest: bool): void {
    if (!isRest) {
      RdbFile.append(from, length);
      return;
    }
    memory.copy(RdbFile.rest, from, length);
    RdbFile.restLength = length;
    if (length || RdbFile.restCapacity < KEPT) return;
    Heap.free(RdbFile.rest);
    RdbFile.rest = 0;
    RdbFile.restCapacity = 0;
  }

  // ── the file ───────────────────────────────────────────────────────────────────────────────

  private static read(from: usize): void {
    const load = RdbFile.load;
    let summed = from;
    load.mark();
    while (load.isOk && RdbFile.state == LoadState.RUNNING) {
      switch (RdbFile.stage) {
        case Stage.HEADER:
          load.mark();
          RdbFile.readHeader();
          break;
        case Stage.OPCODE:
          load.mark();
          RdbFile.readOpcode();
          break;
        case Stage.VALUE:
          RdbFile.readValue();
          break;
        default:
          // The checksum is not part of what it is about.
          RdbFile.checksum = Crc64.update(RdbFile.checksum, summed, load.at - summed);
          load.mark();
          summed = load.at;
          RdbFile.readChecksum();
          load.rewind();
          return;
      }
      load.rewind();
    }
    if (Config.rdbchecksum)
      RdbFile.checksum = Crc64.update(RdbFile.checksum, summed, load.at - summed);
  }

  private static readHeader(): void {
    const from = RdbFile.load;
    if (!from.has(HEADER)) return;
    const at = from.at;
    if (load<u32>(at) != 0x49444552 || <u32>load<u8>(at, 4) != 83)
      return from.bad("wrong signature");
    let version: u32 = 0;
    for (let i: u32 = 5; i < HEADER; i++) {
      const digit = <u32>load<u8>(at + i) - 48;
      if (digit > 9) return from.bad("the version is not a number");
      version = version * 10 + digit;
    }
    if (version < 1 || version > RDB_VERSION_MAX) return from.bad("the version is not known");
    from.at += HEADER;
    RdbFile.version = version;
    RdbFile.stage = Stage.OPCODE;
  }

  private static readOpcode(): void {
    const load = RdbFile.load;
    const opcode = load.byte();
    if (!load.isOk) return;
    switch (opcode) {
      case RdbOpcode.EXPIRE:
        RdbFile.setExpiry(<i64>(<i32>load.u32()) * 1000);
        return;
      case RdbOpcode.EXPIRE_MS:
        RdbFile.setExpiry(load.u64());
        return;
      case RdbOpcode.FREQ:
        RdbFile.setFrequency(load.byte());
        return;
      case RdbOpcode.IDLE:
        RdbFile.setIdle(load.length());
        return;
      case RdbOpcode.SELECT_DB:
        RdbFile.select(load.length());
        return;
      case RdbOpcode.RESIZE_DB:
        load.length();
        load.length();
        return;
      case RdbOpcode.SLOT_INFO:
        load.length();
        load.length();
        load.length();
        return;
      case RdbOpcode.AUX:
        return RdbFile.readAux();
      case RdbOpcode.FUNCTION_2:
        return RdbFile.readFunctions();
      case RdbOpcode.FUNCTION_PRE_GA:
        return load.bad("functions of a release candidate are not supported");
      case RdbOpcode.MODULE_AUX:
        return RdbFile.readModuleAux();
      case RdbOpcode.EOF:
        RdbFile.stage = Stage.CHECKSUM;
        return;
      default:
        return RdbFile.readKey(opcode);
    }
  }


  @inline private static setExpiry(at: i64): void {
    if (RdbFile.load.isOk) RdbFile.expiry = at;
  }


  @inline private static setFrequency(frequency: u32): void {
    if (RdbFile.load.isOk) RdbFile.frequency = frequency;
  }


  @inline private static setIdle(seconds: u64): void {
    if (RdbFile.load.isOk) RdbFile.idle = <i64>min<u64>(seconds, 0x7fffff);
  }

  private static forgetHints(): void {
    RdbFile.expiry = -1;
    RdbFile.idle = -1;
    RdbFile.frequency = -1;
  }

  private static select(index: u64): void {
    const load = RdbFile.load;
    if (!load.isOk) return;
    if (index >= <u64>Keyspace.databaseCount) return load.bad("there are not so many databases");
    RdbFile.db = <u32>index;
  }

  private static readAux(): void {
    const load = RdbFile.load;
    if (!load.string(0)) return;
    const ptr = load.ptr;
    const len = load.len;
    if (!load.string(1)) return;
    if (RdbFile.auxHook) call_indirect<void>(RdbFile.auxHook, ptr, len, load.ptr, load.len);
  }

  private static readFunctions(): void {
    const load = RdbFile.load;
    if (!load.string(0)) return;
    if (!RdbFile.functionHook) return;
    if (!call_indirect<bool>(RdbFile.functionHook, load.ptr, load.len))
      load.bad("a library of functions does not load");
  }

  /** What a module keeps beside keys. */
  private static readModuleAux(): void {
    const load = RdbFile.load;
    const id = load.length();
    load.length();
    load.length();
    if (RdbFile.skipsModules) return load.skipModule();
    if (!load.isOk) return;
    load.module = id;
    load.bad("there is data of a module");
  }


  @inline private static get skipsModules(): bool {
    return (RdbFile.options & LoadOption.SKIPS_MODULES) != 0;
  }

  // ── keys ───────────────────────────────────────────────────────────────────────────────────

  private static readKey(type: u32): void {
    const load = RdbFile.load;
    if (!load.string(0)) return;
    if (load.len > Entry.KEY_MAX) return load.bad("a key is too long");
    if (load.len > RdbFile.keyCapacity || !RdbFile.key) {
      if (!load.hasRoom(load.len)) return;
      if (RdbFile.key) Heap.free(RdbFile.key);
      RdbFile.key = Heap.alloc(max(load.len, 64));
      RdbFile.keyCapacity = <u32>Heap.sizeOf(RdbFile.key);
    }
    memory.copy(RdbFile.key, load.ptr, load.len);
    RdbFile.keyLength = load.len;
    load.begin(type);
    RdbFile.stage = Stage.VALUE;
  }

  private static readValue(): void {
    const load = RdbFile.load;
    load.read();
    if (load.state == RdbState.EMPTY) {
      load.state = RdbState.OK;
      load.drop();
      RdbFile.empty++;
    } else if (load.done) {
      RdbFile.settle();
    } else {
      return;
    }
    RdbFile.forgetHints();
    RdbFile.stage = Stage.OPCODE;
  }

  /** Puts the loaded value in its database. */
  private static settle(): void {
    const load = RdbFile.load;
    const expiry = RdbFile.expiry;
    if (expiry >= 0 && expiry < Clock.nowMs && RdbFile.options & LoadOption.DROPS_EXPIRED) {
      load.drop();
      RdbFile.expired++;
      return;
    }
    const db = Keyspace.database(RdbFile.db);
    const key = RdbFile.key;
    const len = RdbFile.keyLength;
    const hash = Database.hash(key, len);
    const old = db.find(key, len, hash);
    if (old) {
      if (!(RdbFile.options & LoadOption.REPLACES)) return load.bad("a key is there twice");
      Keyspace.edit(db, old);
      db.remove(old, hash);
    }
    const entry = RdbFile.add(db, hash);
    if (Keyspace.countsFrequency) {
      if (RdbFile.frequency >= 0) entry.lru = Frequency.withCount(RdbFile.frequency);
    } else if (RdbFile.idle >= 0) {
      entry.lru = (Keyspace.accessClock() - <u32>RdbFile.idle) & 0xffffff;
    }
    FieldExpiry.noteEntry(db, entry);
    if (expiry >= 0) db.setExpiry(entry, hash, expiry);
    load.hasValue = false;
    RdbFile.keys++;
  }

  private static add(db: Database, hash: u64): Entry {
    const loaded = RdbFile.load.entry;
    const key = RdbFile.key;
    const len = RdbFile.keyLength;
    const clock = Keyspace.initialClock();
    if (loaded.type == Type.STRING)
      return call_indirect<Entry>(RdbFile.stringHook, db, key, len, hash, clock, loaded);
    const made = db.add(key, len, hash, loaded.type, loaded.encoding, 4, clock);
    made.value = loaded.value;
    return made;
  }

  private static readChecksum(): void {
    const load = RdbFile.load;
    const checksum = RdbFile.version >= FIRST_WITH_CHECKSUM ? load.u64() : 0;
    if (!load.isOk) return;
    const isChecked = Config.rdbchecksum && !RdbFile.skipsChecksum;
    if (isChecked && checksum && checksum != RdbFile.checksum)
      return load.bad("the checksum is wrong");
    RdbFile.state = LoadState.COMPLETE;
  }
}

/** A buffer that was larger than this is given back once it is empty. */
const KEPT: u32 = 1 << 20;
