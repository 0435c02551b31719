import { Heap } from "./heap";

const nothing: usize = memory.data<u32>([0]);

/**
 * A short text in a block of its own.
 *
 *   0        4
 *   ├────────┼────────
 *   │ length │ bytes …
 *   └────────┴────────
 */
@unmanaged
export class Text {
  length: u32;

  /** The text of no bytes; it owns no block. */
  @inline static get EMPTY(): Text {
    return changetype<Text>(nothing);
  }


  @inline get bytes(): usize {
    return changetype<usize>(this) + 4;
  }

  static of(pointer: usize, length: u32): Text {
    const text = Text.ofLength(length);
    memory.copy(text.bytes, pointer, length);
    return text;
  }

  /** A text of so many bytes that are still to be written. */
  static ofLength(length: u32): Text {
    if (!length) return Text.EMPTY;
    const text = changetype<Text>(Heap.alloc(4 + length));
    text.length = length;
    return text;
  }

  /** Whether all characters are printable ASCII and none is a space. */
  static isPrintable(pointer: usize, length: u32): bool {
    for (let i: u32 = 0; i < length; i++) if (load<u8>(pointer + i) - 33 > 93) return false;
    return true;
  }

  /** Gives the block back; the text is gone. */
  dispose(): void {
    if (changetype<usize>(this) != nothing) Heap.free(changetype<usize>(this));
  }
}
