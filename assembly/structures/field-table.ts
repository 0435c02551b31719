// The fields of a large hash: a hash table of blocks that hold a field and its value.
//
//   0                    4            8                16
//   ├─────┬──────────────┼────────────┼────────────────┼───────┬───────
//   │ TTL │ field length │ value      │ expiry, ms     │ field │ value
//   │ 1   │ 31           │ length u32 │ i64, with TTL  │ bytes │ bytes
//   └─────┴──────────────┴────────────┴────────────────┴───────┴───────

import { SipHash } from "../algorithms/siphash";
import { Clock } from "../memory/clock";
import { Heap } from "../memory/heap";
import { Bucket, Table } from "./table";

const HAS_EXPIRY: u32 = 1 << 31;
const HEADER: u32 = 8;
const EXPIRY: u32 = 8;


@unmanaged
export class Field {
  private lead: u32;
  valueLen: u32;

  /** The latest expiry, in ms: 46 bits, as Redis keeps them. */
  static readonly LATEST_MS: i64 = ((<i64>1) << 46) - 2;

  static create(ptr: usize, len: u32, value: usize, valueLen: u32, expiry: i64): Field {
    const hasExpiry = expiry >= 0;
    const block = Heap.alloc(Field.bytes(len, valueLen, hasExpiry));
    const field = changetype<Field>(block);
    field.lead = hasExpiry ? len | HAS_EXPIRY : len;
    field.valueLen = valueLen;
    if (hasExpiry) store<i64>(block, expiry, HEADER);
    memory.copy(field.keyPtr, ptr, len);
    memory.copy(field.valuePtr, value, valueLen);
    return field;
  }

  /** Bytes of such a block. */
  @inline static bytes(len: u32, valueLen: u32, hasExpiry: bool): usize {
    return <usize>HEADER + (hasExpiry ? EXPIRY : 0) + len + valueLen;
  }


  @inline get hasExpiry(): bool {
    return (this.lead & HAS_EXPIRY) != 0;
  }
  /** Unix time in ms at which the field is gone; -1 for never. */
  @inline get expiry(): i64 {
    return this.hasExpiry ? load<i64>(changetype<usize>(this), HEADER) : -1;
  }

  /** Whether it is past its time: nobody sees it any more. */
  @inline get isDue(): bool {
    return this.hasExpiry && load<i64>(changetype<usize>(this), HEADER) < Clock.nowMs;
  }


  @inline set expiry(atMs: i64) {
    store<i64>(changetype<usize>(this), atMs, HEADER);
  }


  @inline get keyPtr(): usize {
    return changetype<usize>(this) + HEADER + (this.hasExpiry ? EXPIRY : 0);
  }


  @inline get keyLen(): u32 {
    return this.lead & ~HAS_EXPIRY;
  }


  @inline get valuePtr(): usize {
    return this.keyPtr + this.keyLen;
  }
}


@unmanaged
export class FieldTable extends Table<Field> {
  /** Bytes of the fields' blocks. */
  private fieldBytes: usize;
  /** Fields that have an expiry. */
  volatileCount: u32;
  /** The bucket that a sweep for due fields goes on with. */
  sweepPlace: u32;
  /** No field is due before this; meaningless without volatile fields. */
  firstExpiry: i64;
  /** The first expiry among those that the running sweep has seen. */
  private sweptExpiry: i64;

  static make(): FieldTable {
    const table = changetype<FieldTable>(Heap.alloc(offsetof<FieldTable>()));
    table.init();
    table.fieldBytes = 0;
    table.volatileCount = 0;
    table.sweepPlace = 0;
    table.firstExpiry = i64.MAX_VALUE;
    table.sweptExpiry = i64.MAX_VALUE;
    return table;
  }

  /** The field of that name that is not past its time, or null. */
  @inline get(ptr: usize, len: u32): Field | null {
    const field = this.find(ptr, len, SipHash.hash(ptr, len));
    return field && field.isDue ? null : field;
  }

  /** Whether a field is there, be it past its time. */
  @inline has(ptr: usize, len: u32): bool {
    return this.findSlot(ptr, len, SipHash.hash(ptr, len)) != 0;
  }

  /** Sets a field, without or with an expiry (-1: none); whether it is new, or one that was due. */
  put(ptr: usize, len: u32, value: usize, valueLen: u32, expiry: i64): bool {
    const hash = SipHash.hash(ptr, len);
    const slot = this.findSlot(ptr, len, hash);
    if (!slot) {
      const made = Field.create(ptr, len, value, valueLen, expiry);
      this.account(made);
      this.insert(made, hash);
      return true;
    }
    this.touchChain(hash);
    const old = changetype<Field>(<usize>load<u32>(slot));
    const wasDue = old.isDue;
    const size = Field.bytes(len, valueLen, expiry >= 0);
    if (
      old.hasExpiry == expiry >= 0 &&
      Heap.goodSize(size) == Heap.sizeOf(changetype<usize>(old))
    ) {
      memory.copy(old.valuePtr, value, valueLen);
      old.valueLen = valueLen;
      if (expiry >= 0) {
        old.expiry = expiry;
        this.noteExpiry(expiry);
      }
      return wasDue;
    }
    // The new value may be the old one's bytes: it is copied before the old block goes.
    const made = Field.create(old.keyPtr, len, value, valueLen, expiry);
    this.account(made);
    store<u32>(slot, <u32>changetype<usize>(made));
    this.drop(old);
    return wasDue;
  }

  /** Gives a field another expiry (-1: none); its block may move. */
  setExpiry(field: Field, expiry: i64): void {
    if (field.hasExpiry && expiry >= 0) {
      this.touchChain(SipHash.hash(field.keyPtr, field.keyLen));
      field.expiry = expiry;
      this.noteExpiry(expiry);
      return;
    }
    this.put(field.keyPtr, field.keyLen, field.valuePtr, field.valueLen, expiry);
  }

  private noteExpiry(expiry: i64): void {
    this.firstExpiry = min(this.firstExpiry, expiry);
    this.sweptExpiry = min(this.sweptExpiry, expiry);
  }

  /** A sweep saw a field that stays, with its expiry. */
  @inline noteInSweep(expiry: i64): void {
    this.sweptExpiry = min(this.sweptExpiry, expiry);
  }

  /** A sweep is all around. */
  endSweep(): void {
    this.sweepPlace = 0;
    this.firstExpiry = this.sweptExpiry;
    this.sweptExpiry = i64.MAX_VALUE;
  }

  /** Whether some field may be past its time. */
  @inline get mayHaveDue(): bool {
    return this.volatileCount != 0 && this.firstExpiry < Clock.nowMs;
  }

  /** Removes a field; whether it was there and not past its time. */
  delete(ptr: usize, len: u32): bool {
    const field = this.remove(ptr, len, SipHash.hash(ptr, len));
    if (!field) return false;
    const wasDue = field.isDue;
    this.drop(field);
    return !wasDue;
  }

  /** Bytes of the table and its fields. */
  get bytes(): usize {
    return offsetof<FieldTable>() + this.size + this.fieldBytes;
  }

  copy(): FieldTable {
    const made = FieldTable.make();
    const total = this.buckets;
    for (let index: u32 = 0; index < total; index++) {
      for (let bucket: Bucket | null = this.bucketAt(index); bucket; bucket = bucket.next) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          const field = changetype<Field>(bucket.item(<u32>ctz(filled)));
          made.put(field.keyPtr, field.keyLen, field.valuePtr, field.valueLen, field.expiry);
        }
      }
    }
    return made;
  }

  private account(field: Field): void {
    this.fieldBytes += Heap.sizeOf(changetype<usize>(field));
    if (!field.hasExpiry) return;
    this.volatileCount++;
    this.noteExpiry(field.expiry);
  }

  private drop(field: Field): void {
    this.fieldBytes -= Heap.sizeOf(changetype<usize>(field));
    if (field.hasExpiry) this.volatileCount--;
    Heap.free(changetype<usize>(field));
  }
}
