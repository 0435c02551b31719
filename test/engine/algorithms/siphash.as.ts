export { arena } from "./arena.as";
import { SipHash } from "../../../assembly/algorithms/siphash";

export function seed(k0: u64, k1: u64): void {
  SipHash.seed(k0, k1);
}
export function hash(ptr: usize, len: u32): u64 {
  return SipHash.hash(ptr, len);
}
/** For timing: hashes texts of one length that begin at each of 64 bytes in turn. */
export function many(ptr: usize, len: u32, times: u32): u64 {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < times; i++) sum += SipHash.hash(ptr + (i & 63), len);
  return sum;
}
