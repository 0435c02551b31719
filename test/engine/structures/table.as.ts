import { SipHash } from "../../../assembly/algorithms/siphash";
import { Heap } from "../../../assembly/memory/heap";
import { Bucket, Table } from "../../../assembly/structures/table";

/** A key of four bytes. */
@unmanaged
class Item {
  key: u32;


  @inline get keyPtr(): usize {
    return changetype<usize>(this);
  }


  @inline get keyLen(): u32 {
    return 4;
  }
}

const name: usize = memory.data(4);

function hashOf(key: u32): u64 {
  store<u32>(name, key);
  return SipHash.hash(name, 4);
}

export function boot(): void {
  Heap.boot(0);
  SipHash.seed(1, 2);
}
export function create(): Table<Item> {
  return Table.create<Item>();
}
export function add(table: Table<Item>, key: u32): void {
  const item = changetype<Item>(Heap.alloc(4));
  item.key = key;
  table.insert(item, hashOf(key));
}
export function has(table: Table<Item>, key: u32): bool {
  const hash = hashOf(key);
  return table.find(name, 4, hash) != null;
}
export function remove(table: Table<Item>, key: u32): bool {
  const hash = hashOf(key);
  const item = table.remove(name, 4, hash);
  if (item) Heap.free(changetype<usize>(item));
  return item != null;
}
export function count(table: Table<Item>): u32 {
  return table.count;
}
export function buckets(table: Table<Item>): u32 {
  return table.buckets;
}
export function size(table: Table<Item>): usize {
  return table.size;
}
export function random(table: Table<Item>, draw: u64): u32 {
  return table.randomItem(draw)!.key;
}
export function nextCursor(table: Table<Item>, cursor: u64): u64 {
  return table.nextCursor(cursor);
}
/** Writes the keys at a cursor to `out`; how many. */
export function keysAt(table: Table<Item>, cursor: u64, out: usize): u32 {
  let keys: u32 = 0;
  for (let bucket: Bucket | null = table.scanBucket(cursor); bucket; bucket = bucket.next) {
    for (let filled = bucket.filled; filled; filled &= filled - 1) {
      store<u32>(out + (keys++ << 2), changetype<Item>(bucket.item(<u32>ctz(filled))).key);
    }
  }
  return keys;
}
export function alloc(bytes: u32): usize {
  return Heap.alloc(bytes);
}
export function used(): usize {
  return Heap.used;
}
