// What the host would say of itself in INFO, for commands that need one of its numbers.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { TextBuffer } from "../protocol/text-buffer";
import { Host } from "./host";

/** The section of INFO that the memory is in. */
const MEMORY: u32 = 2;

export class HostFacts {
  /** A number that the host has in INFO memory, by its field with the colon; `other` where it has none. */
  static number(field: string, other: i64): i64 {
    TextBuffer.begin();
    Host.info(MEMORY);
    const value = HostFacts.find(field, other);
    TextBuffer.end();
    return value;
  }

  private static find(field: string, other: i64): i64 {
    const length = <u32>field.length;
    const end = TextBuffer.pointer + TextBuffer.length;
    let line = TextBuffer.pointer;
    while (line < end) {
      const feed = Bytes.indexOf(line, end, 10);
      const next = feed ? feed + 1 : end;
      // A line ends with CR and LF.
      if (next - line > length + 2 && Bytes.is(line, length, field)) {
        const digits = <u32>(next - line) - length - 2;
        if (Integer.parse(line + length, digits)) return Integer.value;
      }
      line = next;
    }
    return other;
  }
}
