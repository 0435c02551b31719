// The replies of one session, in RESP2 or RESP3: what a command says goes through here into the output.

import { Double } from "../algorithms/double";
import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Stats } from "../memory/stats";
import { Output } from "./output";

const CRLF: u16 = 0x0a0d;
/** Bulk strings below this are written in one piece. */
const SHORT: u32 = 256;


@unmanaged
export class Reply extends Output {
  /** 2 or 3. */
  protocol: u32;
  /** Error replies written so far, wrapping. */
  errors: u32;

  initReply(): void {
    this.initOutput();
    this.protocol = 2;
    this.errors = 0;
  }


  @inline get isResp3(): bool {
    return this.protocol == 3;
  }


  @inline ok(): void {
    const at = this.reserve(5);
    store<u32>(at, 0x0d4b4f2b); // +OK\r
    store<u8>(at, 0x0a, 4);
    this.advance(5);
  }

  /** A simple string. */
  status(text: string): void {
    const length = <u32>text.length;
    const at = this.reserve(length + 3);
    store<u8>(at, 43);
    Bytes.put(at + 1, text);
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
  }

  /** An error, with its code: `ERR syntax error`. */
  error(text: string): void {
    const length = <u32>text.length;
    const at = this.reserve(length + 3);
    store<u8>(at, 45);
    Bytes.put(at + 1, text);
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
    this.countError(at + 1, length);
  }

  /** An error whose text is in memory; line breaks in it become spaces. */
  errorBytes(pointer: usize, length: u32): void {
    const at = this.reserve(length + 3);
    store<u8>(at, 45);
    for (let i: u32 = 0; i < length; i++) {
      const char = load<u8>(pointer + i);
      store<u8>(at + i, char == 13 || char == 10 ? 32 : char, 1);
    }
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
    this.countError(at + 1, length);
  }

  integer(value: i64): void {
    this.number(58, value);
  }

  /** A type byte, a number and the line's end: the header of everything with a length. */
  number(kind: u32, value: i64): void {
    const at = this.reserve(24);
    store<u8>(at, kind);
    if (<u64>value < 10) {
      store<u8>(at, 48 + <u32>value, 1);
      store<u16>(at, CRLF, 2);
      this.advance(4);
      return;
    }
    const length = Integer.format(value, at + 1);
    store<u16>(at + length, CRLF, 1);
    this.advance(length + 3);
  }

  bulk(pointer: usize, length: u32): void {
    if (length < SHORT) {
      const at = this.reserve(length + 8);
      const start = at + Reply.shortHeader(at, length);
      Bytes.copy(start, pointer, length);
      store<u16>(start + length, CRLF);
      return this.advance(<u32>(start - at) + length + 2);
    }
    if (!this.hasRoomFor(length)) return;
    this.number(36, length);
    const at = this.reserve(length + 2);
    memory.copy(at, pointer, length);
    store<u16>(at + length, CRLF);
    this.advance(length + 2);
  }


  @inline slice(slice: Slice): void {
    this.bulk(slice.ptr, slice.len);
  }

  bulkText(text: string): void {
    this.number(36, text.length);
    this.text(text);
    this.text("\r\n");
  }

  bulkInteger(value: i64): void {
    const at = this.reserve(32);
    const start = at + Reply.shortHeader(at, Integer.length(value));
    const length = Integer.format(value, start);
    store<u16>(start + length, CRLF);
    this.advance(<u32>(start - at) + length + 2);
  }

  /** Writes `$length` with its line end for a length below 1000; how long that is. */
  @inline private static shortHeader(at: usize, length: u32): u32 {
    if (length < 10) {
      store<u32>(at, 0x0a0d3024 + (length << 8));
      return 4;
    }
    if (length >= 100) {
      const hundreds = length / 100;
      const rest = length - hundreds * 100;
      const tens = (rest * 205) >> 11;
      store<u32>(at, 0x30303024 + (hundreds << 8) + (tens << 16) + ((rest - tens * 10) << 24));
      store<u16>(at, CRLF, 4);
      return 6;
    }
    const tens = (length * 205) >> 11;
    store<u32>(at, 0x0d303024 + (tens << 8) + ((length - tens * 10) << 16));
    store<u8>(at, 0x0a, 4);
    return 5;
  }

  /** A verbatim string in RESP3, a bulk string in RESP2. `format` has three letters. */
  verbatim(format: string, pointer: usize, length: u32): void {
    if (this.protocol == 2) return this.bulk(pointer, length);
    this.number(61, length + 4);
    this.text(format);
    this.text(":");
    this.raw(pointer, length);
    this.text("\r\n");
  }

  /** A missing value. */
  @inline nil(): void {
    this.text(this.protocol == 3 ? "_\r\n" : "$-1\r\n");
  }

  /** A missing array. */
  @inline nilArray(): void {
    this.text(this.protocol == 3 ? "_\r\n" : "*-1\r\n");
  }


  @inline boolean(value: bool): void {
    if (this.protocol == 3) this.text(value ? "#t\r\n" : "#f\r\n");
    else this.integer(value ? 1 : 0);
  }

  /** A double in RESP3, a bulk string in RESP2. */
  double(value: f64): void {
    if (this.protocol == 3) {
      const at = this.reserve(40);
      store<u8>(at, 44);
      const length = Double.format(value, at + 1);
      store<u16>(at + length, CRLF, 1);
      this.advance(length + 3);
      return;
    }
    const at = this.reserve(48);
    const length = Double.format(value, at + 5);
    // The text was written behind the longer of the two headers.
    if (length < 10) v128.store(at, v128.load(at, 5), 4);
    const header = Reply.shortHeader(at, length);
    store<u16>(at + header + length, CRLF);
    this.advance(header + length + 2);
  }


  @inline array(count: u32): void {
    this.number(42, count);
  }

  /** `pairs` keys and values follow. */
  @inline map(pairs: u32): void {
    if (this.protocol == 3) this.number(37, pairs);
    else this.number(42, (<i64>pairs) << 1);
  }


  @inline set(count: u32): void {
    this.number(this.protocol == 3 ? 126 : 42, count);
  }

  /** Something that answers no command. */
  @inline push(count: u32): void {
    this.number(this.protocol == 3 ? 62 : 42, count);
  }


  @inline emptyArray(): void {
    this.text("*0\r\n");
  }

  // ── lengths known late: the place is a `mark` ──────────────────────────────────────────────

  @inline closeArray(mark: u64, count: u32): void {
    this.close(mark, 42, count);
  }


  @inline closeMap(mark: u64, pairs: u32): void {
    if (this.protocol == 3) this.close(mark, 37, pairs);
    else this.close(mark, 42, (<u64>pairs) << 1);
  }


  @inline closeSet(mark: u64, count: u32): void {
    this.close(mark, this.protocol == 3 ? 126 : 42, count);
  }

  private countError(pointer: usize, length: u32): void {
    this.errors++;
    Stats.errorReplies++;
    ErrorStats.count(pointer, length);
  }
}

/** Error replies by their code, as INFO errorstats shows them. */
export class ErrorStats {
  /** `(pointer, length)`: set by the table of error codes; 0 until it exists. */
  static hook: u32 = 0;


  @inline static count(pointer: usize, length: u32): void {
    if (ErrorStats.hook) call_indirect<void>(ErrorStats.hook, pointer, length);
  }
}
