// Lines of INFO: a name, a colon, a value.

import { TextBuffer } from "../../protocol/text-buffer";

export function text(name: string, value: string): void {
  TextBuffer.text(name);
  TextBuffer.char(58);
  TextBuffer.text(value);
  TextBuffer.text("\r\n");
}

export function number(name: string, value: i64): void {
  TextBuffer.text(name);
  TextBuffer.char(58);
  TextBuffer.integer(value);
  TextBuffer.text("\r\n");
}

export function real(name: string, value: f64, digits: u32): void {
  TextBuffer.text(name);
  TextBuffer.char(58);
  TextBuffer.fixed(value, digits);
  TextBuffer.text("\r\n");
}

/** Bytes as people read them: 1.50M. */
export function human(name: string, bytes: u64): void {
  TextBuffer.text(name);
  TextBuffer.char(58);
  if (bytes < 1024) {
    TextBuffer.integer(bytes);
    TextBuffer.char(66);
  } else {
    const units = "KMGT";
    let unit = 0;
    let value = <f64>bytes / 1024;
    while (value >= 1024 && unit < 3) {
      value /= 1024;
      unit++;
    }
    TextBuffer.fixed(value, 2);
    TextBuffer.char(units.charCodeAt(unit));
  }
  TextBuffer.text("\r\n");
}
