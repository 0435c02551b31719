export { arena } from "./arena.as";
import { FixedPoint } from "../../../assembly/algorithms/fixed-point";

export function format(value: f64, decimals: u32, dst: usize): u32 {
  return FixedPoint.format(value, decimals, dst);
}
