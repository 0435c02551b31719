import { BitOperation, Bits } from "../../../assembly/algorithms/bits";
export { arena } from "./arena.as";

export function count(ptr: usize, first: u64, last: u64): u64 {
  return Bits.count(ptr, first, last);
}
export function position(ptr: usize, first: u64, last: u64, bit: u32): i64 {
  return Bits.position(ptr, first, last, bit);
}
export function combine(operation: u32, dst: usize, a: usize, b: usize, len: u32): void {
  Bits.combine(<BitOperation>operation, dst, a, b, len);
}
export function invert(dst: usize, a: usize, len: u32): void {
  Bits.invert(dst, a, len);
}
export function field(ptr: usize, len: u32, offset: u64, width: u32): u64 {
  return Bits.field(ptr, len, offset, width);
}
export function signedField(ptr: usize, len: u32, offset: u64, width: u32): i64 {
  return Bits.signedField(ptr, len, offset, width);
}
export function setField(ptr: usize, offset: u64, width: u32, value: u64): void {
  Bits.setField(ptr, offset, width, value);
}
