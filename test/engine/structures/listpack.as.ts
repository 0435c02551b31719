import { Heap } from "../../../assembly/memory/heap";
import { Listpack } from "../../../assembly/structures/listpack";
import { ListpackValidator } from "../../../assembly/structures/listpack-validate";

export function boot(): void {
  Heap.boot(0);
}
export function alloc(size: usize): usize {
  return Heap.alloc(size);
}
export function free(block: usize): void {
  Heap.free(block);
}
export function used(): usize {
  return Heap.used;
}
export function sizeOf(block: usize): usize {
  return Heap.sizeOf(block);
}

export function create(capacity: u32): usize {
  return Listpack.create(capacity);
}
export function copy(lp: usize): usize {
  return Listpack.copy(lp);
}
export function trim(lp: usize): usize {
  return Listpack.trim(lp);
}
export function bytes(lp: usize): u32 {
  return Listpack.bytes(lp);
}
export function length(lp: usize): u32 {
  return Listpack.length(lp);
}
export function told(lp: usize): u32 {
  return Listpack.told(lp);
}
export function canGrow(lp: usize, added: f64): bool {
  return Listpack.canGrow(lp, <u64>added);
}

export function first(lp: usize): usize {
  return Listpack.first(lp);
}
export function last(lp: usize): usize {
  return Listpack.last(lp);
}
export function next(p: usize): usize {
  return Listpack.next(p);
}
export function prev(lp: usize, p: usize): usize {
  return Listpack.prev(lp, p);
}
export function end(lp: usize): usize {
  return Listpack.end(lp);
}
export function seek(lp: usize, index: i32): usize {
  return Listpack.seek(lp, index);
}
export function read(p: usize): bool {
  return Listpack.read(p);
}
export function text(p: usize): void {
  Listpack.text(p);
}
export function value(): i64 {
  return Listpack.value;
}
export function ptr(): usize {
  return Listpack.ptr;
}
export function len(): u32 {
  return Listpack.len;
}
export function at(): usize {
  return Listpack.at;
}
export function equals(p: usize, ptr: usize, len: u32): bool {
  return Listpack.equals(p, ptr, len);
}
export function find(p: usize, ptr: usize, len: u32, step: u32): usize {
  return Listpack.find(p, ptr, len, step);
}

export function append(lp: usize, ptr: usize, len: u32): usize {
  return Listpack.append(lp, ptr, len);
}
export function appendInteger(lp: usize, value: i64): usize {
  return Listpack.appendInteger(lp, value);
}
export function prepend(lp: usize, ptr: usize, len: u32): usize {
  return Listpack.prepend(lp, ptr, len);
}
export function insertBefore(lp: usize, p: usize, ptr: usize, len: u32): usize {
  return Listpack.insertBefore(lp, p, ptr, len);
}
export function insertAfter(lp: usize, p: usize, ptr: usize, len: u32): usize {
  return Listpack.insertAfter(lp, p, ptr, len);
}
export function insertIntegerBefore(lp: usize, p: usize, value: i64): usize {
  return Listpack.insertIntegerBefore(lp, p, value);
}
export function replace(lp: usize, p: usize, ptr: usize, len: u32): usize {
  return Listpack.replace(lp, p, ptr, len);
}
export function remove(lp: usize, p: usize): usize {
  return Listpack.delete(lp, p);
}
export function deleteRange(lp: usize, index: i32, count: u32): usize {
  return Listpack.deleteRange(lp, index, count);
}
export function appendBody(lp: usize, from: usize, body: u32, count: u32): usize {
  return Listpack.appendBody(lp, from, body, count);
}
export function split(lp: usize, p: usize): usize {
  return Listpack.split(lp, p);
}
export function entrySize(ptr: usize, len: u32): u32 {
  return Listpack.entrySize(ptr, len);
}
export function validate(ptr: usize, size: u32, deep: bool): bool {
  return ListpackValidator.validate(ptr, size, deep);
}
