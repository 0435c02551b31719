// The effects log: every effective write as one deterministic RESP command, in batch records.
//
//   0        4        8       16       24       32       40       48         56      60     64
//   ├────────┼────────┼───────┼────────┼────────┼────────┼────────┼──────────┼───────┼──────┼────────────
//   │ format │ length │ epoch │ origin │ origin │ time   │ offset │ CRC-64   │ count │ db   │ commands …
//   │ "WLB1" │ bytes  │       │ id     │ seq.   │ ms     │        │          │       │      │
//   └────────┴────────┴───────┴────────┴────────┴────────┴────────┴──────────┴───────┴──────┴────────────
//
// `length` counts the commands' bytes, `offset` is their place in the log (headers do not count),
// `db` the database that was selected before the first of them (all ones: none was). The checksum covers the first 48
// bytes and the commands. A record is sealed at the end of a `feed` or `tick`; the host then takes it.
//
//   buffer:  │ taken │ sealed records … │ open record: header, commands │ free │
//                    ▲ start            ▲ open                          ▲ end
//
// Several effects of one command, transaction or script are one *unit*: they are wrapped in
// MULTI … EXEC, so that no reader of the log ever sees half of them.

import { Crc64 } from "../algorithms/crc64";
import { Integer } from "../algorithms/integer";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Gate } from "../protocol/output";

const FORMAT: u32 = 0x31424c57;
const INITIAL: usize = 65536;
/** Beyond this the buffer grows by no more than it must where memory is short. */
const LARGE: usize = 1 << 20;


@unmanaged
class Batch {
  format: u32;
  length: u32;
  epoch: u64;
  originId: u64;
  originSequence: u64;
  timeMs: u64;
  offset: u64;
  checksum: u64;
  count: u32;
  db: u32;
}

export class Effects {
  /** Whether anyone reads the log. */
  static isOn: bool = false;
  /** The writer's epoch, given by the host: a reader refuses records of an older one. */
  static epoch: u64 = 0;
  /** Who asked for the writes of the current record, and the number of its request. */
  static originId: u64 = 0;
  static originSequence: u64 = 0;

  private static buffer: usize = 0;
  private static capacity: usize = 0;
  private static start: usize = 0;
  private static open: usize = 0;
  private static end: usize = 0;
  private static count: u32 = 0;
  private static openDb: u32 = 0;
  /** The database that the last command in the log selected. */
  private static db: u32 = u32.MAX_VALUE;

  private static depth: u32 = 0;
  /** Effects in the current unit, and where the first begins, as an offset from `open`. */
  static unitCount: u32 = 0;
  private static unitStart: usize = 0;

  /** Begins to write the log. */
  static enable(): void {
    if (Effects.isOn) return;
    Effects.isOn = true;
    Effects.capacity = INITIAL;
    Effects.buffer = Heap.alloc(INITIAL);
    Effects.start = 0;
    Effects.open = 0;
    Effects.end = 0;
    Effects.count = 0;
    Effects.db = u32.MAX_VALUE;
  }

  static disable(): void {
    if (!Effects.isOn) return;
    Effects.isOn = false;
    Heap.free(Effects.buffer);
    Effects.buffer = 0;
  }

  // ── one effect ─────────────────────────────────────────────────────────────────────────────

  /** Begins an effect of `argc` arguments; so many calls of the functions below follow. */
  static begin(db: u32, argc: u32): void {
    if (!Effects.isOn) return;
    if (Effects.db != db) {
      Effects.openRecord();
      Effects.db = db;
      Effects.header(42, 2);
      Effects.text("SELECT");
      Effects.integer(db);
    }
    Effects.openRecord();
    if (Effects.unitCount++ == 0) Effects.unitStart = Effects.end - Effects.open;
    Effects.count++;
    Effects.header(42, argc);
  }

  static bytes(pointer: usize, length: u32): void {
    if (!Effects.isOn) return;
    Effects.header(36, length);
    const at = Effects.room(length + 2);
    memory.copy(at, pointer, length);
    store<u16>(at + length, 0x0a0d);
    Effects.end += length + 2;
  }


  @inline static slice(slice: Slice): void {
    Effects.bytes(slice.ptr, slice.len);
  }

  static text(text: string): void {
    if (!Effects.isOn) return;
    const length = <u32>text.length;
    Effects.header(36, length);
    const at = Effects.room(length + 2);
    Bytes.put(at, text);
    store<u16>(at + length, 0x0a0d);
    Effects.end += length + 2;
  }

  static integer(value: i64): void {
    if (!Effects.isOn) return;
    Effects.header(36, Integer.length(value));
    const at = Effects.room(24);
    const length = Integer.format(value, at);
    store<u16>(at + length, 0x0a0d);
    Effects.end += length + 2;
  }

  // ── units and records ──────────────────────────────────────────────────────────────────────

  /** Begins a unit, or a part of the one that is open. */
  @inline static beginUnit(): void {
    if (Effects.depth++ == 0) Effects.unitCount = 0;
  }

  static endUnit(): void {
    if (--Effects.depth != 0 || Effects.unitCount < 2 || !Effects.isOn) return;
    const size: usize = 15;
    const from = Effects.buffer + Effects.open + Effects.unitStart;
    const length = Effects.buffer + Effects.end - from;
    Effects.room(40);
    const at = Effects.buffer + Effects.open + Effects.unitStart;
    memory.copy(at + size, at, length);
    Bytes.put(at, "*1\r\n$5\r\nMULTI\r\n");
    Bytes.put(at + size + length, "*1\r\n$4\r\nEXEC\r\n");
    Effects.end += size + 14;
    Effects.count += 2;
  }

  /** The process is about to end: what the open unit has logged stays out of the log, and all that follows. */
  static abandon(): void {
    if (!Effects.isOn) return;
    if (Effects.unitCount) {
      Effects.end = Effects.open + Effects.unitStart;
      Effects.count -= Effects.unitCount;
    }
    Effects.isOn = false;
  }

  /** A batch ends: closes the open record, so that the host can take it, and the gate for what was written. */
  static seal(): void {
    if (Effects.count) Effects.sealRecord();
    if (Gate.isOn) Gate.endBatch();
  }

  private static sealRecord(): void {
    const batch = changetype<Batch>(Effects.buffer + Effects.open);
    const commands = Effects.buffer + Effects.open + offsetof<Batch>();
    const length = <u32>(Effects.end - Effects.open - offsetof<Batch>());
    batch.format = FORMAT;
    batch.length = length;
    batch.epoch = Effects.epoch;
    batch.originId = Effects.originId;
    batch.originSequence = Effects.originSequence;
    batch.timeMs = <u64>Clock.nowMs;
    batch.offset = Gate.logEnd;
    batch.count = Effects.count;
    batch.db = Effects.openDb;
    batch.checksum = Crc64.update(Crc64.update(0, changetype<usize>(batch), 48), commands, length);
    Gate.logEnd += length;
    Effects.count = 0;
    Effects.open = Effects.end;
  }

  /** Bytes of sealed records that the host has not taken; they stand at `sealedAt`. */
  @inline static get sealedLength(): u32 {
    return <u32>(Effects.open - Effects.start);
  }


  @inline static get sealedAt(): usize {
    return Effects.buffer + Effects.start;
  }

  /** The host has copied so many bytes. */
  static taken(length: u32): void {
    Effects.start += length;
    if (Effects.start != Effects.end) return;
    Effects.start = 0;
    Effects.open = 0;
    Effects.end = 0;
    if (Effects.capacity > INITIAL << 4) {
      Heap.free(Effects.buffer);
      Effects.buffer = Heap.alloc(INITIAL);
      Effects.capacity = INITIAL;
    }
  }

  /** Bytes that the log's buffer takes. */
  @inline static get size(): usize {
    return Effects.isOn ? Effects.capacity : 0;
  }

  private static openRecord(): void {
    if (Effects.end != Effects.open) return;
    Effects.room(offsetof<Batch>());
    Effects.openDb = Effects.db;
    Effects.end += offsetof<Batch>();
  }

  private static header(kind: u32, value: u32): void {
    const at = Effects.room(16);
    store<u8>(at, kind);
    const length = Integer.formatUnsigned(value, at + 1);
    store<u16>(at + length, 0x0a0d, 1);
    Effects.end += length + 3;
  }

  /** Sees to it that effects of so many bytes find room, before a command changes anything; false: memory has none. */
  @inline static reserve(size: u32): bool {
    return !Effects.isOn || Effects.end + size <= Effects.capacity || Effects.growFor(size);
  }

  private static growFor(size: u32): bool {
    const need = Effects.end + size;
    const want = need + (need >> 3);
    if (!Heap.hasRoom(want)) return false;
    Effects.resize(Heap.goodSize(want));
    return true;
  }

  /** Where the next bytes go, with room for so many. */
  private static room(size: usize): usize {
    if (Effects.end + size > Effects.capacity) Effects.grow(Effects.end + size);
    return Effects.buffer + Effects.end;
  }

  /** Makes the buffer larger: to twice its size where memory has much left, and to what is needed where not. */
  private static grow(need: usize): void {
    let capacity = Effects.capacity;
    while (need > capacity) capacity <<= 1;
    if (need > LARGE && !Heap.hasRoom((<u64>capacity) << 1)) capacity = Heap.goodSize(need);
    Effects.resize(capacity);
  }

  private static resize(capacity: usize): void {
    Effects.buffer = Heap.resize(Effects.buffer, capacity);
    Effects.capacity = capacity;
  }
}
