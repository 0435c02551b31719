// A double as decimal text, in the two forms that Redis prints.
//
// `shortest` is Grisu2 (Loitsch, "Printing floating-point numbers quickly and accurately with
// integers", 2010), since that is what Redis 7.2 prints: the fewest digits that read back as the
// same number, but for about one number in a thousand, where it is one digit more. Which ones
// depends on details, so these are kept: a cached power for each eighth exponent, the first that
// brings the product's exponent to -60 … -32, and products rounded to 64 bits.
//
// `general17` is C's "%.17g": 17 digits, correctly rounded. The 64 bits of the significand times
// 128 bits of a power of ten decide nearly always; exact arithmetic decides the rest.

import { Integer } from "./integer";
import { Natural } from "./natural";
import { Powers } from "./powers";
import { Wide } from "./wide";

const LOG10_2: f64 = 0.30102999566398114;
const CACHED_FIRST: i32 = -348;
const CACHED_COUNT: i32 = 87;
const CACHED_STEP: i32 = 8;
const EXPONENT_MIN: i32 = -60;
const EXPONENT_MAX: i32 = -32;

const FRACTION: u64 = 0x000fffffffffffff;
const HIDDEN: u64 = 0x0010000000000000;
const TEN_17: u64 = 100000000000000000;

/** The digits of the number that is being written. */
const digits: usize = memory.data(24);
const numerator = changetype<Natural>(memory.data(Natural.SIZE, 8));
const denominator = changetype<Natural>(memory.data(Natural.SIZE, 8));

export class DoubleFormat {
  /** The power of ten that the digits, taken as an integer, are multiplied by. */
  private static exponent: i32 = 0;

  /** Integers in full, others with the fewest digits; returns the length. */
  static shortest(value: f64, dst: usize): u32 {
    if (abs(value) <= 4611686018427387904.0) {
      const integer = <i64>value;
      if (<f64>integer == value && (integer || reinterpret<i64>(value) >= 0)) {
        return Integer.format(integer, dst);
      }
    }
    const start = dst;
    if (reinterpret<i64>(value) < 0 && value == value) store<u8>(dst++, 45);
    const magnitude = abs(value);
    if (!(magnitude < Infinity)) return DoubleFormat.name(value, start);
    if (magnitude == 0.0) store<u8>(dst++, 48);
    else dst = DoubleFormat.plain(DoubleFormat.grisu(magnitude), dst);
    return <u32>(dst - start);
  }

  /** C's "%.17g"; returns the length. */
  static general17(value: f64, dst: usize): u32 {
    if (abs(value) < 1e17) {
      const integer = <i64>value;
      if (<f64>integer == value && (integer || reinterpret<i64>(value) >= 0)) {
        return Integer.format(integer, dst);
      }
    }
    const start = dst;
    if (reinterpret<i64>(value) < 0 && value == value) store<u8>(dst++, 45);
    const magnitude = abs(value);
    if (!(magnitude < Infinity)) return DoubleFormat.name(value, start);
    if (magnitude == 0.0) store<u8>(dst++, 48);
    else dst = DoubleFormat.general(magnitude, dst);
    return <u32>(dst - start);
  }

  private static name(value: f64, dst: usize): u32 {
    if (value != value) return DoubleFormat.word("nan", dst);
    return value < 0.0 ? DoubleFormat.word("-inf", dst) : DoubleFormat.word("inf", dst);
  }


  @inline private static word(text: string, dst: usize): u32 {
    for (let i: usize = 0; i < <usize>text.length; i++) {
      store<u8>(dst + i, load<u8>(changetype<usize>(text) + (i << 1)));
    }
    return text.length;
  }

  /** Leaves the fewest digits in `digits` and answers how many they are. */
  private static grisu(value: f64): u32 {
    const bits = reinterpret<u64>(value);
    const field = <i32>(bits >> 52);
    const fraction = field ? (bits & FRACTION) | HIDDEN : bits;
    // The value and the two midpoints to its neighbours, all × 2^exponent. Below a power of two
    // the neighbour is half as far.
    const space = <i64>clz(fraction);
    const exponent = max(field, 1) - 1075 - <i32>space;
    const lower = fraction == HIDDEN ? (fraction << 2) - 1 : (fraction << 1) - 1;
    const lowerShift = space - (fraction == HIDDEN ? 2 : 1);

    const k = DoubleFormat.cachedPower(exponent);
    const address = Powers.of(k);
    const power = load<u64>(address) + (load<u64>(address, 8) >> 63);
    const one = -(exponent + Powers.log2(k) - 63 + 64);
    const scaled = DoubleFormat.product(fraction << space, power);
    const high = DoubleFormat.product(((fraction << 1) + 1) << (space - 1), power) - 1;
    const low = DoubleFormat.product(lower << lowerShift, power) + 1;
    return DoubleFormat.generate(scaled, high, high - low, one, k);
  }

  /**
   * Writes digits of `high` until what is left of it is less than `delta`, then lowers the last
   * one while that brings it closer to `scaled`. All are in units of 2^-one.
   */
  private static generate(scaled: u64, high: u64, delta: u64, one: i32, k: i32): u32 {
    const unit = (<u64>1) << one;
    const distance = high - scaled;
    let integer = <u32>(high >> one);
    let rest = high & (unit - 1);
    let count: u32 = 0;
    let kappa = <i32>Integer.digits(integer);
    while (kappa > 0) {
      const divisor = <u32>Integer.power10(--kappa);
      const digit = integer / divisor;
      integer -= digit * divisor;
      store<u8>(digits + count++, 48 + digit);
      const left = ((<u64>integer) << one) + rest;
      if (left <= delta) {
        DoubleFormat.exponent = kappa - k;
        DoubleFormat.roundLast(count, delta, left, (<u64>divisor) << one, distance);
        return count;
      }
    }
    let scale: u64 = 1;
    while (true) {
      rest *= 10;
      delta *= 10;
      scale *= 10;
      kappa--;
      store<u8>(digits + count++, 48 + <u32>(rest >> one));
      rest &= unit - 1;
      if (rest < delta) {
        DoubleFormat.exponent = kappa - k;
        DoubleFormat.roundLast(count, delta, rest, unit, distance * scale);
        return count;
      }
    }
  }

  private static roundLast(count: u32, delta: u64, rest: u64, step: u64, distance: u64): void {
    const last = digits + count - 1;
    while (
      rest < distance &&
      delta - rest >= step &&
      (rest + step < distance || distance - rest > rest + step - distance)
    ) {
      store<u8>(last, load<u8>(last) - 1);
      rest += step;
    }
  }

  /** The exponent of the cached power of ten for numbers of 64 bits × 2^exponent. */
  private static cachedPower(exponent: i32): i32 {
    const estimate = <i32>(-(<f64>(exponent + CACHED_COUNT)) * LOG10_2);
    let k = CACHED_FIRST + ((estimate - CACHED_FIRST) / CACHED_STEP) * CACHED_STEP;
    while (true) {
      const result = exponent + Powers.log2(k) - 63 + 64;
      if (result < EXPONENT_MIN) k += CACHED_STEP;
      else if (result > EXPONENT_MAX) k -= CACHED_STEP;
      else return k;
    }
  }

  /** The upper 64 bits of a × b, rounded. */
  @inline private static product(a: u64, b: u64): u64 {
    const low = Wide.multiply(a, b);
    return Wide.high + (low >> 63);
  }

  /** Writes `count` digits × 10^exponent; returns where the text ends. */
  private static plain(count: u32, dst: usize): usize {
    const exponent = DoubleFormat.exponent;
    const order = exponent + <i32>count - 1;
    const distance = abs(order);
    if (exponent >= 0 && distance < <i32>count + 7) {
      memory.copy(dst, digits, count);
      memory.fill(dst + count, 48, exponent);
      return dst + count + exponent;
    }
    if (exponent < 0 && (exponent > -7 || distance < 4)) {
      return DoubleFormat.fixed(count, order, dst);
    }
    return DoubleFormat.scientific(count, order, 1, dst);
  }

  /** Digits with a point among or before them; the first digit stands for 10^order. */
  private static fixed(count: u32, order: i32, dst: usize): usize {
    if (order < 0) {
      store<u16>(dst, 0x2e30);
      memory.fill(dst + 2, 48, -order - 1);
      dst += 1 - order;
      memory.copy(dst, digits, count);
      return dst + count;
    }
    const whole = <u32>order + 1;
    if (whole >= count) {
      memory.copy(dst, digits, count);
      memory.fill(dst + count, 48, whole - count);
      return dst + whole;
    }
    memory.copy(dst, digits, whole);
    store<u8>(dst + whole, 46);
    memory.copy(dst + whole + 1, digits + whole, count - whole);
    return dst + count + 1;
  }

  /** One digit before the point, and an exponent with at least so many digits. */
  private static scientific(count: u32, order: i32, exponentDigits: u32, dst: usize): usize {
    store<u8>(dst++, load<u8>(digits));
    if (count > 1) {
      store<u8>(dst++, 46);
      memory.copy(dst, digits + 1, count - 1);
      dst += count - 1;
    }
    store<u8>(dst++, 101);
    store<u8>(dst++, order < 0 ? 45 : 43);
    const distance = <u32>abs(order);
    if (distance < 10 && exponentDigits > 1) store<u8>(dst++, 48);
    return dst + Integer.formatUnsigned(distance, dst);
  }

  /** Writes a positive number as "%.17g"; returns where the text ends. */
  private static general(value: f64, dst: usize): usize {
    const bits = reinterpret<u64>(value);
    const field = <i32>(bits >> 52);
    const fraction = field ? (bits & FRACTION) | HIDDEN : bits;
    const scale = max(field, 1) - 1075;
    let order = Powers.log10(scale + 63 - <i32>clz(fraction));
    let rounded = DoubleFormat.scaled(fraction, scale, 16 - order);
    if (!rounded) rounded = DoubleFormat.scaled(fraction, scale, 16 - ++order);
    if (rounded == TEN_17) {
      rounded = TEN_17 / 10;
      order++;
    }
    let count: u32 = 17;
    Integer.formatUnsigned(rounded, digits);
    while (load<u8>(digits + count - 1) == 48) count--;
    if (order >= -4 && order < 17) return DoubleFormat.fixed(count, order, dst);
    return DoubleFormat.scientific(count, order, 2, dst);
  }

  /**
   * fraction × 2^scale × 10^k rounded to an integer, ties to even, which should have 17 digits; 0
   * when it has more before it is rounded.
   */
  private static scaled(fraction: u64, scale: i32, k: i32): u64 {
    const power = Powers.of(k);
    const space = clz(fraction);
    const factor = fraction << space;
    const low = Wide.multiply(factor, load<u64>(power, 8));
    const carry = Wide.high;
    let middle = Wide.multiply(factor, load<u64>(power));
    let high = Wide.high;
    middle += carry;
    high += u64(middle < carry);
    // The value is high.middle.low × 2^-shift, with 3 to 11 bits to drop from the high word.
    const shift = -(scale - <i32>space + Powers.log2(k) + 1);
    const whole = high >> shift;
    if (whole >= TEN_17) return 0;
    const below = high & (((<u64>1) << shift) - 1);
    const half = (<u64>1) << (shift - 1);
    if (Powers.isExact(k)) {
      if (below != half || (middle | low) != 0) return whole + u64(below >= half);
      return whole + (whole & 1);
    }
    // What was cut off the power is more than nothing and less than one unit of the middle word.
    if (below == half - 1 && middle == u64.MAX_VALUE) {
      return DoubleFormat.scaledExactly(fraction, scale, k);
    }
    return whole + u64(below >= half);
  }

  private static scaledExactly(fraction: u64, scale: i32, k: i32): u64 {
    numerator.set(fraction);
    denominator.set(1);
    if (k >= 0) numerator.multiplyPowerOf5(k);
    else denominator.multiplyPowerOf5(-k);
    const twos = scale + k;
    if (twos >= 0) numerator.shiftLeft(twos);
    else denominator.shiftLeft(-twos);
    denominator.shiftLeft(63);
    const whole = numerator.divide64(denominator);
    numerator.shiftLeft(1);
    const order = numerator.compare(denominator);
    return whole + u64(order > 0 || (order == 0 && (whole & 1) != 0));
  }
}
