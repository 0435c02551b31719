import { Lzf } from "../../../assembly/algorithms/lzf";
export { arena } from "./arena.as";

export function compress(src: usize, len: u32, dst: usize, room: u32): u32 {
  return Lzf.compress(src, len, dst, room);
}
export function decompress(src: usize, len: u32, dst: usize, size: u32): bool {
  return Lzf.decompress(src, len, dst, size);
}
