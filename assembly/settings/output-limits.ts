// client-output-buffer-limit: how many bytes may wait for a client of each class, at once (hard) or
// for some seconds (soft). 0 means no limit.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";
import { Text } from "../memory/text";
import { Units } from "./units";

/** Classes of clients with limits of their own. */
export class OutputClass {
  static readonly NORMAL: u32 = 0;
  static readonly REPLICA: u32 = 1;
  static readonly PUBSUB: u32 = 2;
  static readonly COUNT: u32 = 3;
}


@unmanaged
class OutputLimit {
  hard: u64;
  soft: u64;
  softSeconds: i64;
}

/** The limits in force, then those that a running CONFIG SET puts together. */
const limits: usize = memory.data(6 * 24, 8);

export class OutputLimits {

  @inline static of(kind: u32): OutputLimit {
    return changetype<OutputLimit>(limits + kind * offsetof<OutputLimit>());
  }


  @inline private static changed(kind: u32): OutputLimit {
    return OutputLimits.of(OutputClass.COUNT + kind);
  }

  /** The class of that name, or -1. */
  static classOf(pointer: usize, length: u32): i32 {
    if (Bytes.is(pointer, length, "normal")) return OutputClass.NORMAL;
    if (Bytes.is(pointer, length, "slave") || Bytes.is(pointer, length, "replica"))
      return OutputClass.REPLICA;
    if (Bytes.is(pointer, length, "pubsub")) return OutputClass.PUBSUB;
    return -1;
  }

  static beginChange(): void {
    memory.copy(
      limits + OutputClass.COUNT * offsetof<OutputLimit>(),
      limits,
      OutputClass.COUNT * offsetof<OutputLimit>(),
    );
  }

  static change(kind: u32, hard: u64, soft: u64, softSeconds: i64): void {
    const limit = OutputLimits.changed(kind);
    limit.hard = hard;
    limit.soft = soft;
    limit.softSeconds = softSeconds;
  }

  /** Writes the changed limits as CONFIG GET shows them; returns the length. */
  static writeChanged(target: usize): u32 {
    let at = target;
    for (let kind: u32 = 0; kind < OutputClass.COUNT; kind++) {
      const limit = OutputLimits.changed(kind);
      if (kind) store<u8>(at++, 32);
      at += Bytes.put(
        at,
        kind == OutputClass.NORMAL ? "normal " : kind == OutputClass.REPLICA ? "slave " : "pubsub ",
      );
      at += Integer.formatUnsigned(limit.hard, at);
      store<u8>(at++, 32);
      at += Integer.formatUnsigned(limit.soft, at);
      store<u8>(at++, 32);
      at += Integer.format(limit.softSeconds, at);
    }
    return <u32>(at - target);
  }

  /** Writes the limits of one class as a configuration file has them, from such a text; returns the length. */
  static writeLine(target: usize, text: Text, kind: u32): u32 {
    OutputLimits.readTo(text, OutputClass.COUNT);
    const limit = OutputLimits.changed(kind);
    let at = target;
    at += Bytes.put(
      at,
      kind == OutputClass.NORMAL ? "normal " : kind == OutputClass.REPLICA ? "replica " : "pubsub ",
    );
    at += Units.writeMemory(at, limit.hard);
    store<u8>(at++, 32);
    at += Units.writeMemory(at, limit.soft);
    store<u8>(at++, 32);
    at += Integer.format(limit.softSeconds, at);
    return <u32>(at - target);
  }

  /** Takes the limits in force from a text that `writeChanged` wrote. */
  @inline static read(text: Text): void {
    OutputLimits.readTo(text, 0);
  }

  private static readTo(text: Text, first: u32): void {
    let at = text.bytes;
    for (let kind: u32 = 0; kind < OutputClass.COUNT; kind++) {
      const limit = OutputLimits.of(first + kind);
      while (load<u8>(at) != 32) at++;
      at = OutputLimits.readNumber(at);
      limit.hard = OutputLimits.number;
      at = OutputLimits.readNumber(at);
      limit.soft = OutputLimits.number;
      at = OutputLimits.readNumber(at);
      limit.softSeconds = OutputLimits.number;
      at++;
    }
  }

  private static number: u64 = 0;

  /** Reads the digits after a blank; returns where they end. */
  private static readNumber(pointer: usize): usize {
    let at = pointer + 1;
    let value: u64 = 0;
    for (let digit: u32 = load<u8>(at) - 48; digit < 10; digit = load<u8>(++at) - 48)
      value = value * 10 + digit;
    OutputLimits.number = value;
    return at;
  }
}
