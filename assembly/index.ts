import "./memory/abort";
import { Heap } from "./memory/heap";
export function boot(maxPages: u32): void { Heap.boot(maxPages); }
export function alloc(n: u32): usize { return Heap.alloc(n); }
export function free(p: usize): void { Heap.free(p); }
export function resize(p: usize, n: u32): usize { return Heap.resize(p, n); }
export function used(): usize { return Heap.used; }
export function sizeOf(p:usize): usize { return Heap.sizeOf(p); }
export function idle(): usize { return Heap.idle; }
export function room(n: f64): bool { return Heap.hasRoom(<u64>n); }
