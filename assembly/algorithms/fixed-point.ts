// A double with a fixed number of decimals, as C's "%.4f": the nearest such number, of two equally
// near ones the even one.

import { Integer } from "./integer";
import { LongDouble } from "./long-double";
import { Wide } from "./wide";

const FRACTION_BITS: u64 = 52;
const whole = changetype<LongDouble>(memory.data(LongDouble.SIZE, 8));

export class FixedPoint {
  /** Room enough for any number and nine decimals. */
  static readonly MAX_LENGTH: u32 = 328;

  /** Writes a number with 1 to 9 decimals; returns the length. */
  static format(value: f64, decimals: u32, dst: usize): u32 {
    const bits = reinterpret<u64>(value);
    let at = dst;
    if (bits >> 63) store<u8>(at++, 0x2d);
    const field = (<i32>(bits >> FRACTION_BITS)) & 2047;
    const fraction = bits & (((<u64>1) << FRACTION_BITS) - 1);
    if (field == 2047) return <u32>(FixedPoint.name(fraction != 0, at) - dst);
    const significand = field ? fraction | ((<u64>1) << FRACTION_BITS) : fraction;
    const scale = max(field, 1) - 1075;
    if (scale >= 0) {
      whole.setDouble(abs(value));
      at += whole.format(at);
      return <u32>(FixedPoint.point(0, decimals, at) - dst);
    }
    const shift = <u64>-scale;
    let integer: u64 = shift < 64 ? significand >> shift : 0;
    let ten: u64 = 1;
    for (let i: u32 = 0; i < decimals; i++) ten *= 10;
    let digits = FixedPoint.rounded(significand - (shift < 64 ? integer << shift : 0), ten, shift);
    if (digits == ten) {
      digits = 0;
      integer++;
    }
    at += Integer.formatUnsigned(integer, at);
    return <u32>(FixedPoint.point(digits, decimals, at) - dst);
  }

  /** fraction × ten ÷ 2^shift, rounded to the nearest; the quotient is at most `ten`. */
  private static rounded(fraction: u64, ten: u64, shift: u64): u64 {
    // The product has at most 83 bits: beyond that nothing is left of it.
    if (shift > 84) return 0;
    const low = Wide.multiply(fraction, ten);
    const high = Wide.high;
    let quotient: u64;
    let rest: u64;
    let sticky: bool;
    if (shift < 64) {
      quotient = (high << (64 - shift)) | (low >> shift);
      rest = low << (64 - shift);
      sticky = false;
    } else {
      const above = shift - 64;
      quotient = high >> above;
      rest = above ? (high << (64 - above)) | (low >> above) : low;
      sticky = above > 0 && low << (64 - above) != 0;
    }
    const half: u64 = 1 << 63;
    const isAbove = rest > half || (rest == half && (sticky || (quotient & 1) != 0));
    return quotient + u64(isAbove);
  }

  /** Writes the point and the decimals; answers where the text ends. */
  private static point(digits: u64, decimals: u32, at: usize): usize {
    store<u8>(at, 0x2e);
    let rest = digits;
    for (let i = decimals; i; i--) {
      store<u8>(at + i, 48 + <u32>(rest % 10));
      rest /= 10;
    }
    return at + 1 + decimals;
  }

  private static name(isNan: bool, at: usize): usize {
    store<u16>(at, isNan ? 0x616e : 0x6e69);
    store<u8>(at, isNan ? 0x6e : 0x66, 2);
    return at + 3;
  }
}
