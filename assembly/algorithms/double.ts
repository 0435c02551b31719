// Doubles as text: scores, increments, coordinates, timeouts.
//
// Every text gives the double nearest to what it says, as C's strtod does. Three ways lead there,
// each taking what the one before cannot decide:
//
// 1. Up to 2^53 and a power of ten up to 10^22 are both exact doubles, and one multiplication or
//    division rounds once (Clinger, 1990).
// 2. The digits times 128 bits of the power of ten. What was cut off the power moves the product by
//    less than one unit of its middle word; unless that carries, rounding does not see it (after Eisel and Lemire, "Number parsing at a gigabyte per second", 2021).
// 3. Exact arithmetic on numbers of any size.

import { DoubleFormat } from "./double-format";
import { FloatText, Form, Rest } from "./float-text";
import { Integer } from "./integer";
import { Powers } from "./powers";
import { Wide } from "./wide";

/** Above this many digits a double's exact neighbours differ: 767 decide every case. */
const MAX_DIGITS: u32 = 800;

const POWERS: usize = memory.data(8 * 23, 8);
let power: f64 = 1.0;
for (let i = 0; i < 23; i++) {
  store<f64>(POWERS + (i << 3), power);
  power *= 10.0;
}

export class Double {
  /** What the last successful `parse` or `scan` read. */
  static value: f64 = 0.0;
  /** Whether it is infinite or zero only because a double cannot be so large or so small. */
  static isOutOfRange: bool = false;

  /**
   * Whether the whole text is a number, as commands take one: no white space before it, not NaN,
   * not out of range. Infinities have their names. The number is then in `value`.
   */
  static parse(ptr: usize, len: u32): bool {
    if (len == 0 || Integer.isSpace(load<u8>(ptr))) return false;
    return Double.scan(ptr, len) == len && !Double.isOutOfRange && !isNaN(Double.value);
  }

  /** C's strtod: reads the number at the front, answers how many bytes it took; 0 and 0.0: none. */
  static scan(ptr: usize, len: u32): u32 {
    const taken = FloatText.scan(ptr, len);
    Double.isOutOfRange = false;
    const magnitude = Double.magnitude();
    Double.value = FloatText.negative && taken ? -magnitude : magnitude;
    return taken;
  }

  /** Writes the number as replies print it from Redis 7.2 on; returns the length. */
  @inline static format(value: f64, dst: usize): u32 {
    return DoubleFormat.shortest(value, dst);
  }

  /** Writes the number as C's `%.17g`; returns the length. */
  @inline static format17(value: f64, dst: usize): u32 {
    return DoubleFormat.general17(value, dst);
  }

  /** The value of what was scanned, without its sign. */
  private static magnitude(): f64 {
    switch (FloatText.form) {
      case Form.DECIMAL:
        return Double.decimal();
      case Form.HEXADECIMAL:
        return Double.rounded(FloatText.significand, FloatText.scale, FloatText.rest);
      case Form.INFINITY:
        return Infinity;
      case Form.NAN:
        return NaN;
    }
    return 0.0;
  }

  private static decimal(): f64 {
    const digits = FloatText.digits;
    const exponent = FloatText.exponent;
    const isCut = FloatText.isCut;
    if (!digits) return 0.0;
    if (digits <= 1 << 53 && <u32>(exponent + 22) <= 44 && !isCut) {
      if (exponent < 0) return <f64>digits / load<f64>(POWERS + (-exponent << 3));
      return <f64>digits * load<f64>(POWERS + (exponent << 3));
    }
    const order = exponent + <i32>Integer.digits(digits);
    if (order > 310) return Double.outOfRange(Infinity);
    if (order < -324) return Double.outOfRange(0.0);
    if (Double.approximate(digits, exponent)) {
      const value = Double.rounded(FloatText.significand, FloatText.scale, FloatText.rest);
      if (!isCut) return value;
      if (Double.approximate(digits + 1, exponent)) {
        if (Double.rounded(FloatText.significand, FloatText.scale, FloatText.rest) == value) {
          return value;
        }
      }
    }
    FloatText.exact(MAX_DIGITS);
    return Double.rounded(FloatText.significand, FloatText.scale, FloatText.rest);
  }

  /** Multiplies with the power of ten; false when what is cut off might count. */
  private static approximate(digits: u64, exponent: i32): bool {
    const power = Powers.of(exponent);
    const space = clz(digits);
    const factor = digits << space;
    let low = Wide.multiply(factor, load<u64>(power, 8));
    const carry = Wide.high;
    let middle = Wide.multiply(factor, load<u64>(power));
    let high = Wide.high;
    middle += carry;
    high += u64(middle < carry);
    let scale = Powers.log2(exponent) + 1 - <i32>space;
    if (high >> 63 == 0) {
      high = (high << 1) | (middle >> 63);
      middle = (middle << 1) | (low >> 63);
      low <<= 1;
      scale--;
    }
    FloatText.significand = high;
    FloatText.scale = scale;
    if (Powers.isExact(exponent)) {
      FloatText.rest = middle | low ? Rest.BELOW_HALF : Rest.NOTHING;
      return true;
    }
    FloatText.rest = Rest.BELOW_HALF;
    // One unit of the middle word, or two when it was shifted, must not carry.
    return middle < u64.MAX_VALUE - 1;
  }

  /**
   * The double nearest to significand × 2^scale, ties to even. The top bit of the significand is
   * set unless all is zero.
   */
  private static rounded(significand: u64, scale: i32, rest: Rest): f64 {
    if (!significand) return 0.0;
    // The exponent field of the result, and how many bits of the significand it has no room for.
    let exponent = scale + 63 + 1023;
    let drop = 11;
    if (exponent >= 2047) return Double.outOfRange(Infinity);
    if (exponent <= 0) {
      drop += 1 - exponent;
      exponent = 1;
      if (drop > 64) return Double.outOfRange(0.0);
    }
    const kept = drop == 64 ? 0 : significand >> drop;
    const below = drop == 64 ? significand : significand & (((<u64>1) << drop) - 1);
    const half = (<u64>1) << (drop - 1);
    const up = below > half || (below == half && (rest != Rest.NOTHING || (kept & 1) != 0));
    // The hidden bit, where there is one, adds the one that the exponent is short of; a carry out of
    // the significand adds the next.
    const bits = ((<u64>(exponent - 1)) << 52) + kept + u64(up);
    const value = reinterpret<f64>(bits);
    return value == Infinity || value == 0.0 ? Double.outOfRange(value) : value;
  }


  @inline private static outOfRange(value: f64): f64 {
    Double.isOutOfRange = true;
    return value;
  }
}
