// What the engine asks of its host. There is nothing else.

// @ts-ignore: decorator
@external("host", "clock")
declare function hostClock(): f64;
// @ts-ignore: decorator
@external("host", "log")
declare function hostLog(level: u32, pointer: usize, length: u32): void;
// @ts-ignore: decorator
@external("host", "command")
declare function hostCommand(session: usize, number: u32): u32;

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
}
