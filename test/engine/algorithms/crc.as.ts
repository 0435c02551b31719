import { Crc16 } from "../../../assembly/algorithms/crc16";
import { Crc64 } from "../../../assembly/algorithms/crc64";
export { arena } from "./arena.as";

export function crc16(ptr: usize, len: u32): u32 {
  return Crc16.of(ptr, len);
}
export function slot(ptr: usize, len: u32): u32 {
  return Crc16.slot(ptr, len);
}
export function crc64(crc: u64, ptr: usize, len: usize): u64 {
  return Crc64.update(crc, ptr, len);
}
