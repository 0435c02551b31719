/** The time, as the host gave it with the current call. */
export class Clock {
  /** Unix time in ms. */
  static nowMs: i64 = 0;
  /** Unix time in µs. */
  static nowUs: i64 = 0;
  /** Monotonic time in µs: for durations only. */
  static monotonicUs: f64 = 0;


  @inline static get nowSeconds(): i64 {
    return Clock.nowMs / 1000;
  }
}
