import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { realloc } from "./api";

/** Bytes that may be read and written behind the end of a buffer. */
const SLACK: u32 = 32;
const KEPT: u32 = 1 << 20;

/** A growing block of bytes in the interpreter's memory, outside of what scripts may take. */
@unmanaged
export class Buffer {
  pointer: usize;
  length: u32;
  private capacity: u32;

  /** The memory cannot grow: the script must end. */
  static isFull: bool = false;


  @inline begin(): void {
    this.length = 0;
    if (this.capacity > KEPT) this.grow(KEPT >> 4, true);
  }

  /** Where so many more bytes can be written; `advance` then says how many there are. */
  @inline room(size: u32): usize {
    if (<u64>this.length + size + SLACK > this.capacity) this.grow(<u64>this.length + size, false);
    return this.pointer + this.length;
  }


  @inline advance(size: u32): void {
    this.length += size;
  }

  private grow(size: u64, isExact: bool): void {
    const wanted = isExact ? size : max<u64>(size + SLACK, (<u64>this.capacity) << 1);
    const capacity = wanted < 256 ? 256 : wanted;
    const moved = capacity < 0x7f000000 ? realloc(this.pointer, <usize>capacity) : 0;
    if (!moved) {
      // What cannot be kept is written over: the caller asks `isFull` before it uses any of it.
      Buffer.isFull = true;
      this.length = 0;
      return;
    }
    this.pointer = moved;
    this.capacity = <u32>capacity;
  }

  bytes(pointer: usize, length: u32): void {
    const at = this.room(length);
    if (Buffer.isFull) return;
    Bytes.copy(at, pointer, length);
    this.length += length;
  }


  @inline byte(value: u32): void {
    store<u8>(this.room(1), value);
    this.length++;
  }
  text(text: string): void {
    this.length += Bytes.put(this.room(text.length), text);
  }
  integer(value: i64): void {
    const at = this.room(24);
    this.length += Integer.format(value, at);
  }

  /** A type byte, a number and the line's end. */
  header(kind: u32, value: i64): void {
    const at = this.room(24);
    store<u8>(at, kind);
    const length = Integer.format(value, at + 1);
    store<u16>(at + length, 0x0a0d, 1);
    this.length += length + 3;
  }
}

/** The arguments of a command that a script calls, and its reply; what a script answers; texts that libraries make. */
export const block = changetype<Buffer>(memory.data(12, 8));
export const answer = changetype<Buffer>(memory.data(12, 8));
export const output = changetype<Buffer>(memory.data(12, 8));
