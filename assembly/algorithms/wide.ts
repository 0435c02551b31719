// Products and quotients of 128 bits, which wasm has no instructions for.

export class Wide {
  /** The upper half of the last product. */
  static high: u64 = 0;
  /** What the last division left. */
  static remainder: u64 = 0;

  /** a × b: answers the lower half and leaves the upper one in `high`. */
  @inline static multiply(a: u64, b: u64): u64 {
    const aLow = a & 0xffffffff;
    const bLow = b & 0xffffffff;
    const aHigh = a >> 32;
    const bHigh = b >> 32;
    const lowest = aLow * bLow;
    const middle = aHigh * bLow + (lowest >> 32);
    const middle2 = aLow * bHigh + (middle & 0xffffffff);
    Wide.high = aHigh * bHigh + (middle >> 32) + (middle2 >> 32);
    return (middle2 << 32) | (lowest & 0xffffffff);
  }

  /**
   * (high × 2^64 + low) / divisor, the remainder in `remainder`. The divisor has its top bit set
   * and is above `high`, so that the quotient fits.
   */
  static divide(high: u64, low: u64, divisor: u64): u64 {
    // Schoolbook division by a two-digit number, digits of 32 bits (Knuth, 4.3.1, algorithm D).
    const upper = Wide.digit(high, <u32>(low >> 32), divisor);
    const lower = Wide.digit(Wide.remainder, <u32>low, divisor);
    return (upper << 32) | lower;
  }

  /** One digit of the quotient: (rest × 2^32 + next) / divisor. */
  @inline private static digit(rest: u64, next: u32, divisor: u64): u64 {
    const top = divisor >> 32;
    const bottom = divisor & 0xffffffff;
    let quotient = rest / top;
    let left = rest - quotient * top;
    while (quotient > u32.MAX_VALUE || quotient * bottom > ((left << 32) | next)) {
      quotient--;
      left += top;
      if (left > u32.MAX_VALUE) break;
    }
    Wide.remainder = ((rest << 32) | next) - quotient * divisor;
    return quotient;
  }
}
