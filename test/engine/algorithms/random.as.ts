import { Random } from "../../../assembly/algorithms/random";

export function seed(value: u64): void {
  Random.seed(value);
}
export function next(): u64 {
  return Random.next();
}
export function below(limit: u32): u32 {
  return Random.below(limit);
}
export function real(): f64 {
  return Random.real();
}
