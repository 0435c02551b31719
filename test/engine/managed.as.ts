class Point {
  x: i32 = 1;
}

export function concatenates(a: i32): i32 {
  return ("x" + a.toString()).length;
}

export function creates(): i32 {
  return new Point().x;
}

export function reads(a: i32): i32 {
  return "a literal".length + a;
}
