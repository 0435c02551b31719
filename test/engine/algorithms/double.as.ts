import { Double } from "../../../assembly/algorithms/double";
export { arena } from "./arena.as";

export function scan(ptr: usize, len: u32): u32 {
  return Double.scan(ptr, len);
}
export function parse(ptr: usize, len: u32): bool {
  return Double.parse(ptr, len);
}
export function value(): f64 {
  return Double.value;
}
export function isOutOfRange(): bool {
  return Double.isOutOfRange;
}
export function format(number: f64, dst: usize): u32 {
  return Double.format(number, dst);
}
export function format17(number: f64, dst: usize): u32 {
  return Double.format17(number, dst);
}
