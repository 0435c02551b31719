import { Murmur } from "../../../assembly/algorithms/murmur";
import { Sha1 } from "../../../assembly/algorithms/sha1";
import { Sha256 } from "../../../assembly/algorithms/sha256";
export { arena } from "./arena.as";

export function sha1(ptr: usize, len: usize, dst: usize): void {
  Sha1.hash(ptr, len, dst);
}
export function sha1Hex(ptr: usize, len: usize, dst: usize): void {
  Sha1.hex(ptr, len, dst);
}
export function sha256(ptr: usize, len: usize, dst: usize): void {
  Sha256.hash(ptr, len, dst);
}
export function murmur(ptr: usize, len: u32, seed: u64): u64 {
  return Murmur.hash(ptr, len, seed);
}
