// Ids of stream entries as text: `<ms>-<seq>`.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Slice } from "../memory/slice";
import { Effects } from "../persistence/effects";
import { Reply } from "../protocol/reply";
import { Command } from "../execution/command";

const DASH: u32 = 45;
const CRLF: u16 = 0x0a0d;
/** The longest text that is looked at as an id. */
const INPUT_MAX: u32 = 127;

const text: usize = memory.data(48);

export class StreamId {
  /** Room enough for any text that `write` makes. */
  static readonly TEXT_MAX: u32 = 48;

  /** What was read last. */
  static ms: u64 = 0;
  static seq: u64 = 0;
  /** Whether the second part was left open: `<ms>-*`. */
  static isOpen: bool = false;

  // --- reading ---

  /** Whether an argument is this one character. */
  @inline static is(slice: Slice, char: u32): bool {
    return slice.len == 1 && load<u8>(slice.ptr) == char;
  }

  /** Reads `<ms>-<seq>` or `<ms>`, where `seq` is then `missingSeq`. */
  static parse(slice: Slice, missingSeq: u64): bool {
    return StreamId.read(slice.ptr, slice.len, missingSeq, false);
  }

  /** An id in an argument; replies the error and sets `failed` when it is none. */
  static strict(cmd: Command, index: i32, missingSeq: u64 = 0): bool {
    return StreamId.parse(cmd.arg(index), missingSeq) || StreamId.fail(cmd);
  }

  /** As `strict`, and the second part may be left open. */
  static open(cmd: Command, index: i32): bool {
    const slice = cmd.arg(index);
    return StreamId.read(slice.ptr, slice.len, 0, true) || StreamId.fail(cmd);
  }

  /** As `strict`, and `-` and `+` are the lowest and the highest id. */
  static orEdge(cmd: Command, index: i32, missingSeq: u64): bool {
    const slice = cmd.arg(index);
    const isLowest = StreamId.is(slice, DASH);
    if (!isLowest && !StreamId.is(slice, 43)) return StreamId.strict(cmd, index, missingSeq);
    StreamId.ms = isLowest ? 0 : u64.MAX_VALUE;
    StreamId.seq = StreamId.ms;
    return true;
  }

  /** The start of a range: as `orEdge`, or `(` and an id that does not belong to it. */
  static first(cmd: Command, index: i32): bool {
    if (!StreamId.isExclusive(cmd, index)) return StreamId.orEdge(cmd, index, 0);
    if (!StreamId.inside(cmd, index, 0)) return false;
    return StreamId.increment() || StreamId.failWith(cmd, "ERR invalid start ID for the interval");
  }

  /** The end of a range; an id without a second part has all of them. */
  static last(cmd: Command, index: i32): bool {
    if (!StreamId.isExclusive(cmd, index)) return StreamId.orEdge(cmd, index, u64.MAX_VALUE);
    if (!StreamId.inside(cmd, index, u64.MAX_VALUE)) return false;
    return StreamId.decrement() || StreamId.failWith(cmd, "ERR invalid end ID for the interval");
  }


  @inline private static isExclusive(cmd: Command, index: i32): bool {
    const slice = cmd.arg(index);
    return slice.len > 1 && load<u8>(slice.ptr) == 40;
  }


  @inline private static inside(cmd: Command, index: i32, missingSeq: u64): bool {
    const slice = cmd.arg(index);
    return StreamId.read(slice.ptr + 1, slice.len - 1, missingSeq, false) || StreamId.fail(cmd);
  }

  private static read(ptr: usize, len: u32, missingSeq: u64, mayBeOpen: bool): bool {
    if (len > INPUT_MAX) return false;
    let end = ptr + len;
    // An id ends where a C string ends.
    const terminator = Bytes.indexOf(ptr, end, 0);
    if (terminator) end = terminator;
    const dash = Bytes.indexOf(ptr, end, DASH);
    if (!Integer.parseUnsigned(ptr, <u32>((dash ? dash : end) - ptr))) return false;
    const ms = Integer.unsigned;
    StreamId.isOpen = false;
    StreamId.seq = missingSeq;
    if (dash) {
      const rest = dash + 1;
      if (mayBeOpen && end - rest == 1 && load<u8>(rest) == 42) {
        StreamId.isOpen = true;
        StreamId.seq = 0;
      } else {
        if (!Integer.parseUnsigned(rest, <u32>(end - rest))) return false;
        StreamId.seq = Integer.unsigned;
      }
    }
    StreamId.ms = ms;
    return true;
  }

  private static fail(cmd: Command): bool {
    return StreamId.failWith(cmd, "ERR Invalid stream ID specified as stream command argument");
  }

  private static failWith(cmd: Command, error: string): bool {
    cmd.fail(error);
    return false;
  }

  // --- counting ---

  /** Makes it the next id; false when there is none. */
  static increment(): bool {
    if (++StreamId.seq) return true;
    return ++StreamId.ms != 0;
  }

  /** Makes it the id before; false when there is none. */
  static decrement(): bool {
    if (StreamId.seq--) return true;
    return StreamId.ms-- != 0;
  }

  // --- writing ---

  /** Writes an id as text and answers its length, at most 41. */
  static write(ms: u64, seq: u64, target: usize): u32 {
    const length = Integer.formatUnsigned(ms, target);
    store<u8>(target + length, DASH);
    return length + 1 + Integer.formatUnsigned(seq, target + length + 1);
  }

  static reply(reply: Reply, ms: u64, seq: u64): void {
    reply.advance(StreamId.writeBulk(reply.reserve(48), ms, seq));
  }

  /** Writes an id as a bulk string and answers its length, at most 48. */
  @inline static writeBulk(target: usize, ms: u64, seq: u64): u32 {
    const length = Integer.digits(ms) + Integer.digits(seq) + 1;
    store<u8>(target, 36);
    let at = target + 1;
    at += Integer.formatUnsigned(length, at);
    store<u16>(at, CRLF);
    at += 2 + StreamId.write(ms, seq, at + 2);
    store<u16>(at, CRLF);
    return <u32>(at + 2 - target);
  }

  /** The id as an argument of an effect. */
  static effect(ms: u64, seq: u64): void {
    Effects.bytes(text, StreamId.write(ms, seq, text));
  }
}
