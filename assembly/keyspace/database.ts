// One database: its entries in a table (or one a hash slot), and the list of those with an expiry.
//
// Nothing here decides anything: no clock, no statistics, no events. It keeps the three places that
// know an entry's address (bucket, list of volatiles, the entry itself) in agreement while entries
// are made, moved and freed.

import { SipHash } from "../algorithms/siphash";
import { Heap } from "../memory/heap";
import { MemberTable } from "../structures/member-table";
import { Table } from "../structures/table";
import { Encoding, Entry } from "./entry";
import { Garbage } from "./garbage";
import { Types } from "./types";
import { Volatiles } from "./volatiles";


@unmanaged
export class Database {
  /** Its number, as SELECT knows it. */
  index: u32;
  /** 1, or 16384 where the host asked for a table a hash slot. */
  tableCount: u32;
  /** All keys, also those that are past their expiry and not yet removed. */
  count: u32;
  /** Where active expiry goes on. */
  expiryCursor: u32;
  /** The running average of what is left to live, in ms, as INFO shows it. */
  averageTtl: i64;
  /** Array of `tableCount` table addresses. */
  private tables: usize;
  volatiles: Volatiles;
  /** The names of hashes that have fields with an expiry: a `MemberTable`, or 0. */
  volatileHashes: usize;

  /** `(db, keyPtr, keyLen)`: a value goes; 0 while nobody waits for that. */
  static goneHook: u32 = 0;

  init(index: u32, tableCount: u32): void {
    this.index = index;
    this.tableCount = tableCount;
    this.count = 0;
    this.expiryCursor = 0;
    this.averageTtl = 0;
    this.tables = Heap.alloc(tableCount << 2);
    for (let i: u32 = 0; i < tableCount; i++) this.setTable(i, Table.create<Entry>());
    this.volatiles = changetype<Volatiles>(Heap.alloc(offsetof<Volatiles>()));
    this.volatiles.init();
    this.volatileHashes = 0;
  }

  /** What tells this content from any other, wherever SWAPDB or FLUSHALL put it. */
  @inline get content(): usize {
    return this.tables;
  }


  @inline tableAt(slot: u32): Table<Entry> {
    return changetype<Table<Entry>>(<usize>load<u32>(this.tables + (slot << 2)));
  }

  /** A table of a content, wherever that is now. */
  @inline static tableOf(content: usize, slot: u32): Table<Entry> {
    return changetype<Table<Entry>>(<usize>load<u32>(content + ((<usize>slot) << 2)));
  }


  @inline private setTable(slot: u32, table: Table<Entry>): void {
    store<u32>(this.tables + (slot << 2), changetype<usize>(table));
  }

  /** The table that a key belongs to. */
  @inline tableFor(_keyPtr: usize, _keyLen: u32): Table<Entry> {
    return this.tableAt(0);
  }


  @inline static hash(keyPtr: usize, keyLen: u32): u64 {
    return SipHash.hash(keyPtr, keyLen);
  }

  /** The entry of a key, whether or not it is past its expiry. */
  @inline find(keyPtr: usize, keyLen: u32, hash: u64): Entry | null {
    return this.tableFor(keyPtr, keyLen).find(keyPtr, keyLen, hash);
  }

  /** A new entry for a key that is not there, with `areaSize` bytes for its value, not yet written. */
  add(
    keyPtr: usize,
    keyLen: u32,
    hash: u64,
    type: u32,
    encoding: u32,
    areaSize: usize,
    lru: u32,
  ): Entry {
    const entry = changetype<Entry>(Heap.alloc(Entry.bytes(keyLen, false, areaSize)));
    entry.init(type, encoding, lru, keyPtr, keyLen);
    this.tableFor(keyPtr, keyLen).insert(entry, hash);
    this.count++;
    return entry;
  }

  /**
   * Gives an entry a value area of another size; the old value's blocks are the caller's to free before.
   * The entry may move; its area's content is lost.
   */
  resizeArea(entry: Entry, hash: u64, encoding: u32, areaSize: usize): Entry {
    const keyLen = entry.keyLen;
    const isVolatile = entry.isVolatile;
    const need = Entry.bytes(keyLen, isVolatile, areaSize);
    const have = Heap.sizeOf(changetype<usize>(entry));
    let kept = entry;
    if (need > have || need < have >> 1) {
      kept = changetype<Entry>(Heap.alloc(need));
      memory.copy(
        changetype<usize>(kept),
        changetype<usize>(entry),
        Entry.bytes(keyLen, isVolatile, 0),
      );
      this.relink(entry, kept, hash);
      Heap.free(changetype<usize>(entry));
    }
    kept.setKind(kept.type, encoding);
    return kept;
  }

  /** Sets when a key is gone (Unix time in ms). The entry may move. */
  setExpiry(entry: Entry, hash: u64, atMs: i64): Entry {
    if (entry.isVolatile) {
      entry.setExpiryInPlace(atMs);
      return entry;
    }
    const moved = this.rehead(entry, hash, true);
    moved.setExpiryInPlace(atMs);
    this.volatiles.add(moved);
    return moved;
  }

  /** Makes a key live for ever. The entry may move. */
  clearExpiry(entry: Entry, hash: u64): Entry {
    if (!entry.isVolatile) return entry;
    this.volatiles.remove(entry);
    return this.rehead(entry, hash, false);
  }

  /** Takes an entry out and frees it; a big value is freed in slices. */
  remove(entry: Entry, hash: u64): void {
    this.unlink(entry, hash);
    Database.free(entry);
  }

  /** Takes an entry out without freeing it. */
  unlink(entry: Entry, hash: u64): void {
    const keyPtr = entry.keyPtr;
    const keyLen = entry.keyLen;
    if (Database.goneHook) call_indirect<void>(Database.goneHook, this, keyPtr, keyLen);
    const table = this.tableFor(keyPtr, keyLen);
    table.removeSlot(table.findSlot(keyPtr, keyLen, hash), hash);
    if (entry.isVolatile) this.volatiles.remove(entry);
    this.count--;
  }

  /** Frees the blocks of the value, not the entry. */
  static freeValue(entry: Entry): void {
    const type = entry.type;
    if (Types.isCollection(type)) Garbage.add(type, entry.value, entry.encoding);
    else if (entry.encoding == Encoding.RAW) Heap.free(entry.stringPtr);
  }

  static free(entry: Entry): void {
    Database.freeValue(entry);
    Heap.free(changetype<usize>(entry));
  }

  /** Gives all the tables' memory back; the entries must be gone. */
  dispose(): void {
    for (let i: u32 = 0; i < this.tableCount; i++) {
      const table = this.tableAt(i);
      table.dispose();
      Heap.free(changetype<usize>(table));
    }
    Heap.free(this.tables);
    this.volatiles.dispose();
    Heap.free(changetype<usize>(this.volatiles));
    if (this.volatileHashes) changetype<MemberTable>(this.volatileHashes).freeSome(i32.MAX_VALUE);
  }

  /** Exchanges all keys with another database. */
  exchange(other: Database): void {
    const count = this.count;
    const cursor = this.expiryCursor;
    const averageTtl = this.averageTtl;
    const tables = this.tables;
    const volatiles = this.volatiles;
    this.count = other.count;
    this.expiryCursor = other.expiryCursor;
    this.averageTtl = other.averageTtl;
    this.tables = other.tables;
    this.volatiles = other.volatiles;
    const volatileHashes = this.volatileHashes;
    this.volatileHashes = other.volatileHashes;
    other.volatileHashes = volatileHashes;
    other.count = count;
    other.expiryCursor = cursor;
    other.averageTtl = averageTtl;
    other.tables = tables;
    other.volatiles = volatiles;
  }

  /** Bytes of the tables and lists, without the entries. */
  get overhead(): usize {
    let bytes = this.volatiles.size + ((<usize>this.tableCount) << 2);
    for (let i: u32 = 0; i < this.tableCount; i++) bytes += this.tableAt(i).size;
    return bytes;
  }

  /** Copies an entry into one with or without room for an expiry. */
  private rehead(entry: Entry, hash: u64, isVolatile: bool): Entry {
    const keyLen = entry.keyLen;
    const areaSize = entry.areaSize;
    const moved = changetype<Entry>(Heap.alloc(Entry.bytes(keyLen, isVolatile, areaSize)));
    moved.copyHeader(entry, isVolatile);
    memory.copy(moved.keyPtr, entry.keyPtr, <usize>keyLen + areaSize);
    const table = this.tableFor(entry.keyPtr, keyLen);
    store<u32>(table.findSlot(entry.keyPtr, keyLen, hash), changetype<usize>(moved));
    Heap.free(changetype<usize>(entry));
    return moved;
  }

  private relink(entry: Entry, moved: Entry, hash: u64): void {
    const keyPtr = entry.keyPtr;
    const keyLen = entry.keyLen;
    const table = this.tableFor(keyPtr, keyLen);
    store<u32>(table.findSlot(keyPtr, keyLen, hash), changetype<usize>(moved));
    if (moved.isVolatile) this.volatiles.moved(moved);
  }
}
