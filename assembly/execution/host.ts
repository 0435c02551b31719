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

// @ts-ignore: decorator
@external("host", "hear")
declare function hostHear(): u32;

// @ts-ignore: decorator
@external("host", "script")
declare function hostScript(task: u32, a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32): i32;

/** What the host is asked to do with Lua. */
export const enum ScriptTask {
  /** (address, length of a script) → a reference, or the length of what is wrong, negative; it is in the arena. */
  COMPILE = 0,
  /** (address, length of a library's code) → 0, or as above. */
  LOAD = 1,
  /** (of a function?, reference) → 0 */
  FORGET = 2,
  /** (reference, argv, keys, other arguments, address, length of the name, protocol) → 0; it has replied. */
  RUN_SCRIPT = 3,
  RUN_FUNCTION = 4,
  /** () → bytes that scripts take. */
  MEMORY = 5,
  /** (bytes) → 0: the most that scripts may take. */
  LIMIT = 6,
  /** (of functions?) → 0: nothing is left of the scripts, or of the libraries, that there were. */
  RESET = 7,
}

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

  /** A script runs for long: the host passes on what others have sent meanwhile; false where it cannot. */
  @inline static hear(): bool {
    return hostHear() != 0;
  }

  /** Lua is not there. */
  @inline static readonly NO_LUA: i32 = i32.MIN_VALUE;
  /** The interpreter broke and was thrown away; the next call finds a new one. */
  @inline static readonly LUA_BROKE: i32 = i32.MIN_VALUE + 1;

  /** Has the host do something with Lua. */
  @inline static script(
    task: ScriptTask,
    a: u32 = 0,
    b: u32 = 0,
    c: u32 = 0,
    d: u32 = 0,
    e: u32 = 0,
    f: u32 = 0,
    g: u32 = 0,
  ): i32 {
    return hostScript(task, a, b, c, d, e, f, g);
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
