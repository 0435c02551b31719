// Writes commands to a buffer: values as what a client could have sent to make them.
//
//   *3\r\n $4\r\nSADD\r\n $1\r\nk\r\n $1\r\nm\r\n        begin(out, 3); text(out, "SADD"); bulk(out, …); …
//
// A collection becomes commands of at most `ITEMS` elements each.

import { Double } from "../algorithms/double";
import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { RdbWriter } from "./rdb-writer";

const DOLLAR: u32 = 36;
const STAR: u32 = 42;
const LINE_END: u32 = 0x0a0d;
/** A mark, a number and the end of the line. */
const HEAD_MAX: u32 = 24;

export class CommandWriter {
  /** Elements that a command takes at most. */
  static readonly ITEMS: u32 = 64;

  /** Begins a command of so many arguments, of which the first is its name. */
  static begin(out: RdbWriter, argc: u32, name: string): void {
    CommandWriter.head(out, STAR, argc);
    CommandWriter.text(out, name);
  }

  static bulk(out: RdbWriter, ptr: usize, len: u32): void {
    CommandWriter.head(out, DOLLAR, len);
    const at = out.room(len + 2);
    memory.copy(at, ptr, len);
    store<u16>(at + len, LINE_END);
    out.advance(len + 2);
  }

  /** An argument that is ASCII. */
  static text(out: RdbWriter, text: string): void {
    const len = <u32>text.length;
    CommandWriter.head(out, DOLLAR, len);
    const at = out.room(len + 2);
    Bytes.put(at, text);
    store<u16>(at + len, LINE_END);
    out.advance(len + 2);
  }

  static integer(out: RdbWriter, value: i64): void {
    const digits = scratch;
    CommandWriter.bulk(out, digits, Integer.format(value, digits));
  }

  static double(out: RdbWriter, value: f64): void {
    const digits = scratch;
    CommandWriter.bulk(out, digits, Double.format(value, digits));
  }

  /** The id of a stream's entry: `ms-seq`. */
  static id(out: RdbWriter, ms: u64, seq: u64): void {
    const digits = scratch;
    let len = Integer.formatUnsigned(ms, digits);
    store<u8>(digits + len++, 45);
    len += Integer.formatUnsigned(seq, digits + len);
    CommandWriter.bulk(out, digits, len);
  }

  private static head(out: RdbWriter, mark: u32, value: u32): void {
    const at = out.room(HEAD_MAX);
    store<u8>(at, mark);
    const length = 1 + Integer.formatUnsigned(value, at + 1);
    store<u16>(at + length, LINE_END);
    out.advance(length + 2);
  }
}

const scratch: usize = memory.data(48);
