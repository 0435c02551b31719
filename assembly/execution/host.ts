// What the engine asks of its host. There is nothing else.

import { TextBuffer } from "../protocol/text-buffer";
import { Refusal } from "../settings/refusal";

// @ts-ignore: decorator
@external("host", "clock")
declare function hostClock(): f64;
// @ts-ignore: decorator
@external("host", "log")
declare function hostLog(level: u32, pointer: usize, length: u32): void;
// @ts-ignore: decorator
@external("host", "command")
declare function hostCommand(session: usize, number: u32): u32;
// @ts-ignore: decorator
@external("host", "configure")
declare function hostConfigure(name: usize, nameLength: u32, value: usize, valueLength: u32): u32;

// @ts-ignore: decorator
@external("host", "info")
declare function hostInfo(section: u32): void;

export const enum LogLevel {
  DEBUG,
  VERBOSE,
  NOTICE,
  WARNING,
}

export class Host {
  /** Monotonic time in µs, now. */
  @inline static clock(): f64 {
    return hostClock();
  }


  @inline static log(level: LogLevel, pointer: usize, length: u32): void {
    hostLog(level, pointer, length);
  }
  /** Asks the host to answer a command; whether it will do so later. */
  @inline static command(session: usize, number: u32): bool {
    return hostCommand(session, number) != 0;
  }

  /** Tells the host of a directive that it acts on; false when it refuses, perhaps with a reason in `Refusal`. */
  static configure(name: usize, nameLength: u32, value: usize, valueLength: u32): bool {
    Host.onAppend = refuse.index;
    const isAccepted = hostConfigure(name, nameLength, value, valueLength) == 0;
    Host.onAppend = 0;
    return isAccepted;
  }

  /** Lets the host act on a directive that it was told of; false as with `configure`. */
  @inline static apply(name: usize, nameLength: u32): bool {
    return Host.configure(name, nameLength, 0, 0);
  }

  /** Lets the host add its lines to a section of INFO, in the text buffer. */
  static info(section: u32): void {
    Host.onAppend = addText.index;
    hostInfo(section);
    Host.onAppend = 0;
  }

  /** `(pointer, length)`: takes what the host appends while the engine asks it something; else 0. */
  static onAppend: u32 = 0;
}

function addText(pointer: usize, length: u32): void {
  TextBuffer.bytes(pointer, length);
}

function refuse(pointer: usize, length: u32): void {
  Refusal.bytes(pointer, length);
}
