import { Heap } from "../../../assembly/memory/heap";
import { IntSet } from "../../../assembly/structures/intset";

export function boot(): void {
  Heap.boot(0);
}
export function alloc(size: usize): usize {
  return Heap.alloc(size);
}
export function used(): usize {
  return Heap.used;
}
export function sizeOf(block: usize): usize {
  return Heap.sizeOf(block);
}
export function create(): usize {
  return IntSet.create();
}
export function free(set: usize): void {
  IntSet.free(set);
}
export function copy(set: usize): usize {
  return IntSet.copy(set);
}
export function length(set: usize): u32 {
  return IntSet.length(set);
}
export function bytes(set: usize): u32 {
  return IntSet.bytes(set);
}
export function at(set: usize, index: u32): i64 {
  return IntSet.at(set, index);
}
export function has(set: usize, value: i64): bool {
  return IntSet.has(set, value);
}
export function indexOf(set: usize, value: i64): i32 {
  return IntSet.indexOf(set, value);
}
export function add(set: usize, value: i64): usize {
  return IntSet.add(set, value);
}
export function remove(set: usize, value: i64): usize {
  return IntSet.remove(set, value);
}
export function removeAt(set: usize, index: u32): usize {
  return IntSet.removeAt(set, index);
}
export function changed(): bool {
  return IntSet.changed;
}
export function validate(ptr: usize, size: u32, deep: bool): bool {
  return IntSet.validate(ptr, size, deep);
}
