import { LongDouble } from "../../../assembly/algorithms/long-double";
export { arena } from "./arena.as";

const first = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));
const second = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));

export function parse(which: u32, ptr: usize, len: u32): bool {
  return (which ? second : first).parse(ptr, len);
}
export function setInteger(value: i64): void {
  first.setInteger(value);
}
export function setDouble(value: f64): void {
  first.setDouble(value);
}
export function add(): bool {
  return first.add(second);
}
export function format(dst: usize): u32 {
  return first.format(dst);
}
