// A value as the lines of a configuration file have it: texts in quotation marks, amounts of memory
// with their unit, some directives on several lines.

import { Setting } from "../generated/config";
import { Bytes } from "../memory/bytes";
import { Text } from "../memory/text";
import { Directive, Kind } from "./directive";
import { OutputClass, OutputLimits } from "./output-limits";

const HEX: string = "0123456789abcdef";

export class ConfLine {
  /** How many lines a value takes. */
  static count(directive: Directive): u32 {
    const number = directive.number;
    if (number == Setting.clientOutputBufferLimit) return OutputClass.COUNT;
    if (number == Setting.save) return max<u32>(1, (ConfLine.blanks(directive.text) + 1) >> 1);
    return 1;
  }

  /** Bytes that a line may take at most. */
  static room(directive: Directive): u32 {
    if (!directive.isText) return Directive.WIDEST;
    return max(directive.text.length, directive.initialText.length) * 4 + 128;
  }

  /** Writes one line of the value; returns its length. */
  static write(target: usize, directive: Directive, index: u32): u32 {
    const number = directive.number;
    if (number == Setting.save && directive.text.length)
      return ConfLine.pair(target, directive.text, index);
    return ConfLine.writeOf(target, directive, directive.text, false, index);
  }

  /** Writes the value that the directive began with; of several lines, each or all on one. */
  static writeInitial(target: usize, directive: Directive, index: u32): u32 {
    return ConfLine.writeOf(target, directive, directive.initialText, true, index);
  }

  private static writeOf(
    target: usize,
    directive: Directive,
    text: Text,
    initial: bool,
    index: u32,
  ): u32 {
    const number = directive.number;
    if (!directive.isText) return directive.writeLine(target, initial);
    if (number == Setting.clientOutputBufferLimit)
      return OutputLimits.writeLine(target, text, index);
    const isWords =
      directive.kind == Kind.SPECIAL &&
      number != Setting.notifyKeyspaceEvents &&
      number != Setting.dir;
    if (!isWords || !text.length) return ConfLine.quoted(target, text);
    memory.copy(target, text.bytes, text.length);
    return text.length;
  }

  private static blanks(text: Text): u32 {
    let count: u32 = 0;
    for (let i: u32 = 0; i < text.length; i++) if (load<u8>(text.bytes + i) == 32) count++;
    return count;
  }

  /** The pair of words at that place. */
  private static pair(target: usize, text: Text, index: u32): u32 {
    let start: u32 = 0;
    for (let skip = index * 2; skip; skip--) {
      while (load<u8>(text.bytes + start) != 32) start++;
      start++;
    }
    let end = start;
    for (let blanks = 0; end < text.length; end++) {
      if (load<u8>(text.bytes + end) == 32 && ++blanks == 2) break;
    }
    memory.copy(target, text.bytes + start, end - start);
    return end - start;
  }

  /** A text in quotation marks, with escapes for what would not be readable. */
  private static quoted(target: usize, text: Text): u32 {
    let at = target;
    store<u8>(at++, 34);
    for (let i: u32 = 0; i < text.length; i++) {
      const byte: u32 = load<u8>(text.bytes + i);
      const escape = ConfLine.escape(byte);
      if (escape) {
        store<u16>(at, <u16>(92 | (escape << 8)));
        at += 2;
      } else if (byte - 32 < 95) {
        store<u8>(at++, byte);
      } else {
        at += Bytes.put(at, "\\x");
        store<u8>(at++, HEX.charCodeAt(byte >> 4));
        store<u8>(at++, HEX.charCodeAt(byte & 15));
      }
    }
    store<u8>(at++, 34);
    return <u32>(at - target);
  }

  /** The letter of a byte that has an escape of its own, or 0. */
  private static escape(byte: u32): u32 {
    if (byte == 92 || byte == 34) return byte;
    if (byte == 10) return 110;
    if (byte == 13) return 114;
    if (byte == 9) return 116;
    if (byte == 7) return 97;
    if (byte == 8) return 98;
    return 0;
  }
}
