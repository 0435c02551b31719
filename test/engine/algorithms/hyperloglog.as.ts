import { Cardinality } from "../../../assembly/algorithms/cardinality";
import { HyperLogLog } from "../../../assembly/algorithms/hyperloglog";
import { SparseRegisters } from "../../../assembly/algorithms/sparse-registers";
export { arena } from "./arena.as";

const raw: usize = memory.data(16384, 16);

export function isOne(ptr: usize, len: u32): bool {
  return HyperLogLog.isOne(ptr, len);
}
export function create(ptr: usize): u32 {
  SparseRegisters.create(ptr);
  return SparseRegisters.EMPTY_SIZE;
}
export function locate(ptr: usize, len: u32): u32 {
  HyperLogLog.locate(ptr, len);
  return (HyperLogLog.index << 8) | HyperLogLog.rank;
}
export function raise(ptr: usize, index: u32, rank: u32): bool {
  return HyperLogLog.raise(ptr, index, rank);
}
export function raiseSparse(ptr: usize, len: u32, index: u32, rank: u32, maxLen: u32): i32 {
  return SparseRegisters.raise(ptr, len, index, rank, maxLen);
}
export function forget(): void {
  SparseRegisters.forget();
}
export function length(): u32 {
  return SparseRegisters.length;
}
export function toDense(ptr: usize, len: u32, dense: usize): bool {
  return SparseRegisters.toDense(ptr, len, dense, raw);
}
export function invalidate(ptr: usize): void {
  HyperLogLog.invalidate(ptr);
}
export function estimate(ptr: usize, len: u32): bool {
  return Cardinality.of(ptr, len, raw);
}
export function cardinality(): i64 {
  return Cardinality.value;
}
export function clear(): void {
  memory.fill(raw, 0, 16384);
}
export function merge(ptr: usize, len: u32): bool {
  if (!HyperLogLog.isDense(ptr)) return SparseRegisters.merge(raw, ptr, len);
  HyperLogLog.mergeDense(raw, ptr);
  return true;
}
export function pack(ptr: usize): void {
  HyperLogLog.begin(ptr, true);
  HyperLogLog.packDense(ptr, raw);
}
export function rawAt(): usize {
  return raw;
}
