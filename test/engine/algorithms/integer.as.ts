export { arena } from "./arena.as";
import { Integer } from "../../../assembly/algorithms/integer";

export function parse(ptr: usize, len: u32): bool {
  return Integer.parse(ptr, len);
}
export function parseUnsigned(ptr: usize, len: u32): bool {
  return Integer.parseUnsigned(ptr, len);
}
export function value(): i64 {
  return Integer.value;
}
export function unsigned(): u64 {
  return Integer.unsigned;
}
export function format(number: i64, dst: usize): u32 {
  return Integer.format(number, dst);
}
export function formatUnsigned(number: u64, dst: usize): u32 {
  return Integer.formatUnsigned(number, dst);
}
export function length(number: i64): u32 {
  return Integer.length(number);
}
