import { Heap } from "../../../assembly/memory/heap";
import { Listpack } from "../../../assembly/structures/listpack";
import { Quicklist } from "../../../assembly/structures/quicklist";

export function boot(): void {
  Heap.boot(0);
}
export function alloc(size: usize): usize {
  return Heap.alloc(size);
}
export function used(): usize {
  return Heap.used;
}

export function create(fill: i32): Quicklist {
  return Quicklist.create(fill);
}
export function copy(list: Quicklist): Quicklist {
  return list.copy();
}
export function free(list: Quicklist, limit: u32): bool {
  return list.free(limit);
}
export function count(list: Quicklist): u32 {
  return list.count;
}
export function nodes(list: Quicklist): u32 {
  return list.nodes;
}
export function memoryBytes(list: Quicklist): usize {
  return list.memoryBytes;
}
export function isListpack(list: Quicklist, half: bool): bool {
  return list.isListpack(half);
}
export function toListpack(list: Quicklist): usize {
  return list.toListpack();
}
export function appendListpack(list: Quicklist, lp: usize): void {
  list.appendListpack(lp);
}
export function nodeStart(list: Quicklist, index: u32): u32 {
  return list.at(index).start;
}
export function nodeCount(list: Quicklist, index: u32): u32 {
  return list.at(index).count;
}
export function nodeBytes(list: Quicklist, index: u32): u32 {
  return list.at(index).bytes;
}
export function nodeIsLarge(list: Quicklist, index: u32): bool {
  return list.at(index).isLarge;
}

export function pushLast(list: Quicklist, ptr: usize, len: u32): void {
  list.pushLast(ptr, len);
}
export function pushFirst(list: Quicklist, ptr: usize, len: u32): void {
  list.pushFirst(ptr, len);
}
export function dropFirst(list: Quicklist): void {
  list.dropFirst();
}
export function dropLast(list: Quicklist): void {
  list.dropLast();
}

export function seek(list: Quicklist, index: u32): void {
  list.seek(index);
}
export function next(list: Quicklist): bool {
  return list.next();
}
export function previous(list: Quicklist): bool {
  return list.previous();
}
/** Reads the element as text, into `textPtr` and `textLen`. */
export function read(list: Quicklist): void {
  if (list.read()) Listpack.text(Quicklist.entry);
}
export function textPtr(): usize {
  return Listpack.ptr;
}
export function textLen(): u32 {
  return Listpack.len;
}
export function isElement(list: Quicklist, ptr: usize, len: u32): bool {
  Listpack.want(ptr, len);
  return list.isWanted();
}

export function insert(list: Quicklist, ptr: usize, len: u32, after: bool): void {
  list.insert(ptr, len, after);
}
export function replace(list: Quicklist, index: u32, ptr: usize, len: u32): void {
  list.replace(index, ptr, len);
}
export function remove(list: Quicklist, index: u32, count: u32): usize {
  return list.remove(index, count);
}
export function removeWanted(
  list: Quicklist,
  ptr: usize,
  len: u32,
  limit: u32,
  backwards: bool,
): u32 {
  Listpack.want(ptr, len);
  return list.removeWanted(limit, backwards);
}

export function createListpack(): usize {
  return Listpack.create();
}
export function appendTo(lp: usize, ptr: usize, len: u32): usize {
  return Listpack.append(lp, ptr, len);
}
export function listpackLength(lp: usize): u32 {
  return Listpack.length(lp);
}
export function freeListpack(lp: usize): void {
  Listpack.free(lp);
}
