import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Heap } from "../memory/heap";

/** A growing text that is put together piece by piece: INFO, CLIENT LIST. One at a time. */
export class TextBuffer {
  static pointer: usize = 0;
  static length: u32 = 0;
  private static capacity: u32 = 0;

  static begin(): void {
    TextBuffer.end();
    TextBuffer.capacity = 1024;
    TextBuffer.pointer = Heap.alloc(TextBuffer.capacity);
    TextBuffer.length = 0;
  }

  /** Gives the memory back. */
  static end(): void {
    if (TextBuffer.pointer) Heap.free(TextBuffer.pointer);
    TextBuffer.pointer = 0;
  }

  static text(text: string): void {
    const at = TextBuffer.room(text.length);
    TextBuffer.length += Bytes.put(at, text);
  }
  static bytes(pointer: usize, length: u32): void {
    memory.copy(TextBuffer.room(length), pointer, length);
    TextBuffer.length += length;
  }
  static char(char: u32): void {
    store<u8>(TextBuffer.room(1), char);
    TextBuffer.length++;
  }
  static integer(value: i64): void {
    const at = TextBuffer.room(24);
    TextBuffer.length += Integer.format(value, at);
  }
  /** A number with so many digits behind the point, rounded. */
  static fixed(value: f64, digits: u32): void {
    let scale: f64 = 1;
    for (let i: u32 = 0; i < digits; i++) scale *= 10;
    let whole = <i64>Math.round(Math.abs(value) * scale);
    if (value < 0 && whole) TextBuffer.char(45);
    const unit = <i64>scale;
    TextBuffer.integer(whole / unit);
    if (!digits) return;
    TextBuffer.char(46);
    whole %= unit;
    for (let place = unit / 10; place; place /= 10)
      TextBuffer.char(48 + <u32>((whole / place) % 10));
  }

  private static room(size: u32): usize {
    if (TextBuffer.length + size > TextBuffer.capacity) {
      while (TextBuffer.length + size > TextBuffer.capacity) TextBuffer.capacity <<= 1;
      TextBuffer.pointer = Heap.resize(TextBuffer.pointer, TextBuffer.capacity);
    }
    return TextBuffer.pointer + TextBuffer.length;
  }
}
