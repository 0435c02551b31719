// A hash table of 64-byte buckets, one cache line each.
//
//   0                      12      16                                             64
//   ├──────────────────────┼───────┼─────────────────────────────────────────────┤
//   │ 12 tags, a byte each │ link  │ 12 item pointers                            │
//   └──────────────────────┴───────┴─────────────────────────────────────────────┘
//
// A tag is the top byte of the hash (never 0; 0 is an empty slot): one SIMD comparison finds the
// candidates, so a lookup touches one bucket and, almost always, one item. A full bucket links to
// overflow buckets; the link's six low bits are free, since buckets are aligned. One of them, in the first
// bucket of a chain, says for a table that a snapshot writes bit by bit whether it has this chain.
//
// The table grows by linear hashing: one insert splits one bucket, one delete merges one, so no
// operation ever rehashes the table. Buckets lie in segments of 1024 (64 KB); the first segment
// begins small and doubles. Bucket `b` of a hash is `hash & mask`, or with one bit more where that
// bucket has been split already in this round:
//
//   0            split                    mask            mask + 1 + split
//   ├─ split ────┼─ not yet ──────────────┼─ their new ───┤
//
// The item class gives `keyPtr` and `keyLen`; everything else about items is their owner's.

import { SipHash } from "../algorithms/siphash";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";

const SLOTS: u32 = 12;
const SLOT_MASK: u32 = (1 << SLOTS) - 1;
const SEGMENT_SHIFT: u32 = 10;
const SEGMENT_BUCKETS: u32 = 1 << SEGMENT_SHIFT;
const FIRST_BUCKETS: u32 = 4;
/** Items a bucket at which one more bucket is made, and at which one is given back. */
const LOAD_MAX: u32 = 7;
const LOAD_MIN: u32 = 2;

/** The bit of a link that says whether the chain is written, and the bits of `Table.capture`. */
const WRITTEN: u32 = 1;
const KEEPS_BUCKETS: u32 = 2;
const CAPTURE: u32 = ~7;

/** What a snapshot puts in. */
export class TableHooks {
  /** `(capture, bucket)`: a chain that is not written is about to change. */
  static chain: u32 = 0;
}

/** One cache line of a table. */
@unmanaged
export class Bucket {
  /** Mask of the slots that hold an item. */
  @inline get filled(): u32 {
    return ~i8x16.bitmask(i8x16.eq(v128.load(changetype<usize>(this)), i8x16.splat(0))) & SLOT_MASK;
  }
  /** Mask of the slots whose tag is `tag`. */
  @inline matches(tag: u32): u32 {
    return (
      i8x16.bitmask(i8x16.eq(v128.load(changetype<usize>(this)), i8x16.splat(<i8>tag))) & SLOT_MASK
    );
  }
  /** The overflow bucket behind this one. */
  @inline get next(): Bucket | null {
    return changetype<Bucket | null>(<usize>(load<u32>(changetype<usize>(this), 12) & ~63));
  }


  @inline set next(bucket: Bucket | null) {
    const address = changetype<usize>(this);
    store<u32>(address, (load<u32>(address, 12) & 63) | (<u32>changetype<usize>(bucket)), 12);
  }
  /** The bit that says whether the snapshot has this chain. */
  @inline get written(): u32 {
    return load<u32>(changetype<usize>(this), 12) & WRITTEN;
  }


  @inline set written(bit: u32) {
    const address = changetype<usize>(this);
    store<u32>(address, (load<u32>(address, 12) & ~WRITTEN) | bit, 12);
  }
  /** Address of the item pointer in slot `index`. */
  @inline slot(index: u32): usize {
    return changetype<usize>(this) + 16 + (index << 2);
  }


  @inline item(index: u32): usize {
    return load<u32>(changetype<usize>(this) + (index << 2), 16);
  }


  @inline put(index: u32, tag: u32, item: usize): void {
    store<u8>(changetype<usize>(this) + index, tag);
    store<u32>(changetype<usize>(this) + (index << 2), item, 16);
  }


  @inline clear(index: u32): void {
    store<u8>(changetype<usize>(this) + index, 0);
    store<u32>(changetype<usize>(this) + (index << 2), 0, 16);
  }
}

/** Items found by a byte-string key. `T` has `keyPtr: usize` and `keyLen: u32`. */
@unmanaged
export class Table<T> {
  count: u32;
  /** 2^level − 1: the buckets at the start of this round of splits, less one. */
  mask: u32;
  /** The bucket that is split next. */
  split: u32;
  overflowBuckets: u32;
  /** Array of segment addresses. */
  private directory: usize;
  private directorySize: u32;
  /** Buckets that the last segment has room for. */
  private capacity: u32;
  /** Address of the capture that a snapshot has of the table, with KEEPS_BUCKETS and the bit of written chains. */
  private capture: u32;
  /** Buckets whose overflow `freeOverflow` has given back. */
  private cleared: u32;
  /** Buckets whose items `freeSome` has freed. */
  private freed: u32;

  /** Makes the memory at `this` an empty table. */
  init(): void {
    this.count = 0;
    this.mask = FIRST_BUCKETS - 1;
    this.split = 0;
    this.overflowBuckets = 0;
    this.cleared = 0;
    this.freed = 0;
    this.directorySize = 4;
    this.directory = Heap.alloc(this.directorySize << 2);
    this.capacity = FIRST_BUCKETS;
    this.capture = 0;
    const segment = Heap.alloc(FIRST_BUCKETS << 6);
    memory.fill(segment, 0, FIRST_BUCKETS << 6);
    store<u32>(this.directory, segment);
  }

  static create<T>(): Table<T> {
    const table = changetype<Table<T>>(Heap.alloc(offsetof<Table<T>>()));
    table.init();
    return table;
  }

  /**
   * Gives the overflow buckets of a large table back in slices, which leaves `dispose` little to do: what is
   * left of the budget, above 0 when there are none any more. Nothing else may be done with the table then.
   */
  freeOverflow(budget: i32): i32 {
    const total = this.buckets;
    for (; this.overflowBuckets && this.cleared < total; this.cleared++) {
      if (--budget <= 0) return 0;
      this.freeChain(this.bucketAt(this.cleared));
    }
    return budget;
  }

  /**
   * Frees items that are one block each, for at most `budget` units of work, then the table itself; what is left,
   * above 0 only when all is freed. Nothing else may be done with the table then.
   */
  freeSome(budget: i32): i32 {
    let left = budget;
    const total = this.buckets;
    for (; this.freed < total; this.freed++) {
      if (left <= 0) return left;
      left--;
      for (let bucket: Bucket | null = this.bucketAt(this.freed); bucket; bucket = bucket.next) {
        for (let filled = bucket.filled; filled; filled &= filled - 1) {
          Heap.free(bucket.item(<u32>ctz(filled)));
          left--;
        }
      }
    }
    if (left > 0) left = this.freeOverflow(left);
    if (left <= 0) return left;
    this.dispose();
    Heap.free(changetype<usize>(this));
    return left;
  }

  /** Gives all buckets back; the items are their owner's to free, before. */
  dispose(): void {
    const total = this.buckets;
    for (let index: u32 = 0; index < total && this.overflowBuckets; index++)
      this.freeChain(this.bucketAt(index));
    const segments = (this.capacity + SEGMENT_BUCKETS - 1) >> SEGMENT_SHIFT;
    for (let i: u32 = 0; i < segments; i++) Heap.free(load<u32>(this.directory + (i << 2)));
    Heap.free(this.directory);
  }


  @inline get buckets(): u32 {
    return this.mask + 1 + this.split;
  }

  /** Bytes of the table itself, without the items. */
  get size(): usize {
    return (
      ((<usize>this.capacity) << 6) +
      ((<usize>this.overflowBuckets) << 6) +
      Heap.sizeOf(this.directory)
    );
  }


  @inline bucketAt(index: u32): Bucket {
    return changetype<Bucket>(
      load<u32>(this.directory + ((index >> SEGMENT_SHIFT) << 2)) +
        ((index & (SEGMENT_BUCKETS - 1)) << 6),
    );
  }


  @inline bucketIndex(hash: u64): u32 {
    const index = (<u32>hash) & this.mask;
    return index < this.split ? (<u32>hash) & ((this.mask << 1) | 1) : index;
  }


  @inline bucketOf(hash: u64): Bucket {
    return this.bucketAt(this.bucketIndex(hash));
  }

  /** Address of the slot that points to the item with this key, or 0. */
  findSlot(pointer: usize, length: u32, hash: u64): usize {
    const tag = tagOf(hash);
    let bucket: Bucket | null = this.bucketOf(hash);
    do {
      for (let mask = bucket.matches(tag); mask; mask &= mask - 1) {
        const index = <u32>ctz(mask);
        const item = changetype<T>(bucket.item(index));
        if (item.keyLen == length && Bytes.equal(item.keyPtr, pointer, length))
          return bucket.slot(index);
      }
      bucket = bucket.next;
    } while (bucket);
    return 0;
  }

  /** The item with this key, or null. */
  @inline find(pointer: usize, length: u32, hash: u64): T | null {
    const slot = this.findSlot(pointer, length, hash);
    return slot ? changetype<T | null>(<usize>load<u32>(slot)) : null;
  }

  /** Loads the bucket of a hash, so that it is in the cache when the command comes. */
  @inline touchBucket(hash: u64): u32 {
    return load<u8>(changetype<usize>(this.bucketOf(hash)));
  }

  /** Loads the first item that may have this hash. */
  @inline touchItem(hash: u64): u32 {
    const bucket = this.bucketOf(hash);
    const mask = bucket.matches(tagOf(hash));
    return mask ? load<u32>(bucket.item(<u32>ctz(mask))) : 0;
  }

  // ── snapshots ──────────────────────────────────────────────────────────────────────────────

  /** Must be called before an item with this hash comes, changes or goes; `insert` and `removeSlot` do it. */
  @inline touchChain(hash: u64): void {
    if (this.capture > <u32>7) this.touch(this.bucketOf(hash));
  }

  private touch(first: Bucket): void {
    if (this.isWritten(first)) return;
    call_indirect<void>(TableHooks.chain, this.capture & CAPTURE, first);
    this.markWritten(first);
  }

  /** From now on no chain is written, and each is told to the capture before it changes. */
  beginCapture(capture: usize): void {
    this.capture = (<u32>capture) | KEEPS_BUCKETS | ((this.capture & WRITTEN) ^ WRITTEN);
  }

  /** All chains are written. */
  endCapture(): void {
    this.capture &= WRITTEN;
  }

  /** Whether no bucket is given back: who walks over the buckets then misses no item. */
  @inline set keepsBuckets(keeps: bool) {
    this.capture = keeps ? this.capture | KEEPS_BUCKETS : this.capture & ~KEEPS_BUCKETS;
  }


  @inline isWritten(first: Bucket): bool {
    return first.written == (this.capture & WRITTEN);
  }


  @inline markWritten(first: Bucket): void {
    first.written = this.capture & WRITTEN;
  }

  // ── changing ───────────────────────────────────────────────────────────────────────────────

  /** Adds an item whose key is not in the table. */
  insert(item: T, hash: u64): void {
    this.touchChain(hash);
    this.place(this.bucketOf(hash), tagOf(hash), changetype<usize>(item));
    if (++this.count > this.buckets * LOAD_MAX) this.splitOne();
  }

  /** Empties a slot that `findSlot` gave for this hash, and closes the gap. */
  removeSlot(slot: usize, hash: u64): void {
    this.touchChain(hash);
    // The last item of the chain moves into the gap, so that only the last bucket is not full.
    let last = this.bucketOf(hash);
    let before: Bucket | null = null;
    for (let next = last.next; next; next = last.next) {
      before = last;
      last = next;
    }
    const lastIndex = 31 - <u32>clz(last.filled);
    const bucket = changetype<Bucket>(slot & ~63);
    const index = (<u32>((slot & 63) - 16)) >> 2;
    if (before) {
      bucket.put(index, load<u8>(changetype<usize>(last) + lastIndex), last.item(lastIndex));
      last.clear(lastIndex);
      if (!last.filled) {
        before.next = null;
        Heap.free(changetype<usize>(last));
        this.overflowBuckets--;
      }
    } else {
      bucket.clear(index);
    }
    this.count--;
    if (this.count < this.buckets * LOAD_MIN && this.buckets > FIRST_BUCKETS) {
      if (!(this.capture & KEEPS_BUCKETS)) this.mergeOne();
    }
  }

  /** Takes the item with this key out; null if there is none. */
  remove(pointer: usize, length: u32, hash: u64): T | null {
    const slot = this.findSlot(pointer, length, hash);
    if (!slot) return null;
    const item = changetype<T>(<usize>load<u32>(slot));
    this.removeSlot(slot, hash);
    return item;
  }

  /** An item chosen with equal chance: `random` is 64 random bits, called anew until a slot is hit. */
  randomItem(draw: u64): T | null {
    // Draws (bucket, slot) pairs until one is filled; a chain counts as one bucket of 24 slots, which
    // leaves out an item only where a chain is longer than that.
    const total = this.buckets;
    let state = draw;
    for (let tries = 0; tries < 64; tries++) {
      state = state * 6364136223846793005 + 1442695040888963407;
      const random = state ^ (state >> 29);
      let bucket: Bucket | null = this.bucketAt(<u32>(((random & 0xffffffff) * <u64>total) >> 32));
      let index = <u32>((random >> 32) % (SLOTS * 2));
      if (index >= SLOTS) {
        bucket = bucket.next;
        index -= SLOTS;
      }
      if (bucket && (bucket.filled >> index) & 1) return changetype<T>(bucket.item(index));
    }
    const start = <u32>(((state >> 32) * <u64>total) >> 32);
    for (let i: u32 = 0; i < total; i++) {
      const bucket = this.bucketAt(start + i < total ? start + i : start + i - total);
      const filled = bucket.filled;
      if (filled) return changetype<T>(bucket.item(<u32>ctz(filled)));
    }
    return null;
  }

  /** The chain that a scan cursor stands on. */
  @inline scanBucket(cursor: u64): Bucket {
    return this.bucketOf(cursor);
  }

  /**
   * The cursor behind `cursor`; 0 ends the scan. It counts in reversed bits, so that a bucket which is
   * split or merged between two calls loses no item that was there all the time.
   */
  nextCursor(cursor: u64): u64 {
    const narrow = (cursor & (<u64>this.mask)) >= <u64>this.split;
    const mask = narrow ? <u64>this.mask : ((<u64>this.mask) << 1) | 1;
    return reverse64(reverse64(cursor | ~mask) + 1);
  }

  private place(first: Bucket, tag: u32, item: usize): void {
    let bucket = first;
    for (;;) {
      const free = ~bucket.filled & SLOT_MASK;
      if (free) {
        bucket.put(<u32>ctz(free), tag, item);
        return;
      }
      const next = bucket.next;
      if (!next) break;
      bucket = next;
    }
    const added = changetype<Bucket>(Heap.alloc(64));
    memory.fill(changetype<usize>(added), 0, 64);
    added.put(0, tag, item);
    bucket.next = added;
    this.overflowBuckets++;
  }

  private freeChain(first: Bucket): void {
    let bucket = first.next;
    first.next = null;
    while (bucket) {
      const next = bucket.next;
      Heap.free(changetype<usize>(bucket));
      this.overflowBuckets--;
      bucket = next;
    }
  }

  /** Room for one bucket more, zeroed. */
  private extend(): Bucket {
    const index = this.buckets;
    if (index == this.capacity) {
      if (index < SEGMENT_BUCKETS) {
        const segment = Heap.resize(load<u32>(this.directory), (<usize>index) << 7);
        store<u32>(this.directory, segment);
        this.capacity = index << 1;
      } else {
        const number = index >> SEGMENT_SHIFT;
        if (number == this.directorySize) {
          this.directorySize <<= 1;
          this.directory = Heap.resize(this.directory, (<usize>this.directorySize) << 2);
        }
        store<u32>(this.directory + (number << 2), Heap.alloc(SEGMENT_BUCKETS << 6));
        this.capacity += SEGMENT_BUCKETS;
      }
    }
    const bucket = this.bucketAt(index);
    memory.fill(changetype<usize>(bucket), 0, 64);
    return bucket;
  }

  private splitOne(): void {
    const target = this.extend();
    const source = this.bucketAt(this.split);
    target.written = source.written;
    const bit = <u64>this.mask + 1;
    if (++this.split > this.mask) {
      this.mask = (this.mask << 1) | 1;
      this.split = 0;
    }
    // Items that stay are packed to the front of the chain while the others move.
    let to = source;
    let toIndex: u32 = 0;
    for (let from: Bucket | null = source; from; from = from.next) {
      for (let mask = from.filled; mask; mask &= mask - 1) {
        const index = <u32>ctz(mask);
        const tag = load<u8>(changetype<usize>(from) + index);
        const item = from.item(index);
        const key = changetype<T>(item);
        from.clear(index);
        if (SipHash.hash(key.keyPtr, key.keyLen) & bit) {
          this.place(target, tag, item);
        } else {
          if (toIndex == SLOTS) {
            to = changetype<Bucket>(to.next);
            toIndex = 0;
          }
          to.put(toIndex++, tag, item);
        }
      }
    }
    this.freeChain(to);
  }

  private mergeOne(): void {
    if (this.split == 0) {
      this.mask >>= 1;
      this.split = this.mask + 1;
    }
    this.split--;
    const source = this.bucketAt(this.mask + 1 + this.split);
    const target = this.bucketAt(this.split);
    for (let from: Bucket | null = source; from; from = from.next) {
      for (let mask = from.filled; mask; mask &= mask - 1) {
        const index = <u32>ctz(mask);
        this.place(target, load<u8>(changetype<usize>(from) + index), from.item(index));
      }
    }
    this.freeChain(source);
    this.giveBack();
  }

  /** Frees room that is far beyond what is used. */
  private giveBack(): void {
    const total = this.buckets;
    if (this.capacity > SEGMENT_BUCKETS) {
      if (this.capacity - total < SEGMENT_BUCKETS + (SEGMENT_BUCKETS >> 1)) return;
      this.capacity -= SEGMENT_BUCKETS;
      Heap.free(load<u32>(this.directory + ((this.capacity >> SEGMENT_SHIFT) << 2)));
    } else if (total << 2 <= this.capacity) {
      this.capacity >>= 1;
      store<u32>(
        this.directory,
        Heap.resize(load<u32>(this.directory), (<usize>this.capacity) << 6),
      );
    }
  }
}

// @ts-ignore: decorator
@inline
function tagOf(hash: u64): u32 {
  const tag = <u32>(hash >> 56);
  return tag ? tag : 1;
}

function reverse64(value: u64): u64 {
  let v = value;
  v = ((v >> 1) & 0x5555555555555555) | ((v & 0x5555555555555555) << 1);
  v = ((v >> 2) & 0x3333333333333333) | ((v & 0x3333333333333333) << 2);
  v = ((v >> 4) & 0x0f0f0f0f0f0f0f0f) | ((v & 0x0f0f0f0f0f0f0f0f) << 4);
  return bswap(v);
}
