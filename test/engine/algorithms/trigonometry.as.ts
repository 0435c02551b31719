import { Trigonometry } from "../../../assembly/algorithms/trigonometry";

export function sin(x: f64): f64 {
  return Trigonometry.sin(x);
}
export function cos(x: f64): f64 {
  return Trigonometry.cos(x);
}
export function asin(x: f64): f64 {
  return Trigonometry.asin(x);
}
