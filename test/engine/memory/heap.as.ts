import { Heap } from "../../../assembly/memory/heap";

export function boot(pages: u32): void {
  Heap.boot(pages);
}
export function alloc(size: u32): usize {
  return Heap.alloc(size);
}
export function free(block: usize): void {
  Heap.free(block);
}
export function resize(block: usize, size: u32): usize {
  return Heap.resize(block, size);
}
export function sizeOf(block: usize): usize {
  return Heap.sizeOf(block);
}
export function goodSize(size: u32): usize {
  return Heap.goodSize(size);
}
export function used(): usize {
  return Heap.used;
}
export function idle(): usize {
  return Heap.idle;
}
export function committed(): usize {
  return Heap.committed;
}
export function hasRoom(bytes: f64): bool {
  return Heap.hasRoom(<u64>bytes);
}
