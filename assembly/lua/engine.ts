// What this side asks of the engine: its exports, bound to these imports without JavaScript in between. Each
// has a memory of its own; bytes go across 16 at a time in vector registers, and long texts through the host.

// @ts-ignore: decorator
@external("engine", "scriptArena")
export declare function arenaFor(length: u32): usize;
// @ts-ignore: decorator
@external("engine", "scriptPoke")
export declare function poke(pointer: usize, bytes: v128): void;
// @ts-ignore: decorator
@external("engine", "scriptPeek")
export declare function peek(pointer: usize): v128;
// @ts-ignore: decorator
@external("engine", "scriptCall")
export declare function callEngine(argc: u32, length: u32): u64;
// @ts-ignore: decorator
@external("engine", "scriptReply")
export declare function reply(length: u32, isCounted: bool): void;
// @ts-ignore: decorator
@external("engine", "scriptSet")
export declare function set(what: u32, value: u32): void;
// @ts-ignore: decorator
@external("engine", "scriptAsk")
export declare function ask(what: u32, argc: u32, length: u32): u32;
// @ts-ignore: decorator
@external("host", "toEngine")
declare function hostToEngine(target: usize, source: usize, length: u32): void;
// @ts-ignore: decorator
@external("host", "fromEngine")
declare function hostFromEngine(target: usize, source: usize, length: u32): void;
// @ts-ignore: decorator
@external("host", "clock")
export declare function clock(): f64;

/** What `set` sets. */
export const enum Setting {
  PROTOCOL = 0,
  REPLICATION = 1,
}

/** What `ask` asks. */
export const enum Question {
  /** Whether the running script must end, as a `Verdict`; `argc` instructions have passed. */
  MUST_STOP = 0,
  /** Writes a line of `length` bytes into the log, at level `argc`. */
  LOG = 1,
  /** Whether the user may run the command in the arena: 0 no, 1 yes, 2 there is no such command. */
  ACCESS = 2,
  /** Takes the function of a library that is described in the arena. */
  REGISTER = 3,
}

/** Whether the running script goes on. */
export const enum Verdict {
  GO_ON = 0,
  KILLED = 1,
  OVER_LIMIT = 2,
  LOADS_TOO_LONG = 3,
}

/** Texts up to this length are copied here, longer ones by the host. */
const SHORT: u32 = 512;

export class Engine {
  /** Copies bytes of this memory to the engine's; up to 15 bytes behind the target may be written too. */
  static write(target: usize, source: usize, length: u32): void {
    if (length > SHORT) return hostToEngine(target, source, length);
    for (let at: u32 = 0; at < length; at += 16) poke(target + at, v128.load(source + at));
  }

  /** Copies bytes of the engine's memory to this; up to 15 bytes behind the target may be written too. */
  static read(target: usize, source: usize, length: u32): void {
    if (length > SHORT) return hostFromEngine(target, source, length);
    for (let at: u32 = 0; at < length; at += 16) v128.store(target + at, peek(source + at));
  }
}
