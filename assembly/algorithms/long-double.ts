// The 80-bit floating point number of x86, in which INCRBYFLOAT and HINCRBYFLOAT calculate: that is
// why 0.1 + 0.2 is 0.3 there. Its text is C's "%.17Lf" without the zeros at the end.
//
//   0              8            12       13       16
//   ├──────────────┼────────────┼────────┼────────┤
//   │ significand  │ exponent   │ sign   │   –    │      significand × 2^exponent
//   └──────────────┴────────────┴────────┴────────┘
//
// The top bit of the significand is set, but for zero and for numbers so small that the exponent
// cannot go lower. An infinity has an exponent above all others.

import { FloatText, Form, Rest } from "./float-text";
import { Integer } from "./integer";
import { Natural } from "./natural";
import { Wide } from "./wide";

const EXPONENT_MIN: i32 = -16445;
const EXPONENT_MAX: i32 = 16383 - 63;
const EXPONENT_INFINITE: i32 = EXPONENT_MAX + 1;
const TOP: u64 = 0x8000000000000000;
const TEN_17: u64 = 100000000000000000;

/** Redis reads such numbers from a buffer of 5 KB. */
const TEXT_LIMIT: u32 = 5120;

/** 5^0 … 5^27, which are below 2^63. */
const FIVES: usize = memory.data(8 * 28, 8);
let five: u64 = 1;
for (let i = 0; i < 28; i++) {
  store<u64>(FIVES + (i << 3), five);
  five *= 5;
}

const integer = changetype<Natural>(memory.data(Natural.SIZE, 8));


@unmanaged
export class LongDouble {
  private significand: u64;
  private exponent: i32;
  private negative: bool;

  /** Bytes a number takes. */
  @inline static readonly SIZE: i32 = 16;
  /** Room enough for any text that `format` writes, and for making it. */
  static readonly MAX_LENGTH: u32 = 5200;


  @inline get isFinite(): bool {
    return this.exponent != EXPONENT_INFINITE;
  }

  setInteger(value: i64): void {
    this.negative = value < 0;
    this.setRounded(<u64>(value < 0 ? -value : value), 0, Rest.NOTHING);
  }

  /** Sets the same number, which is finite. */
  setDouble(value: f64): void {
    const bits = reinterpret<u64>(value);
    const field = (<i32>(bits >> 52)) & 2047;
    const fraction = bits & 0x000fffffffffffff;
    this.negative = bits >> 63 != 0;
    this.setRounded(
      field ? fraction | 0x0010000000000000 : fraction,
      max(field, 1) - 1075,
      Rest.NOTHING,
    );
  }

  /**
   * Whether the whole text is a number, as INCRBYFLOAT takes one: shorter than 5 KB, no white
   * space before it, not NaN, neither too large nor too small. Infinities have their names.
   */
  parse(ptr: usize, len: u32): bool {
    if (len - 1 >= TEXT_LIMIT - 1 || Integer.isSpace(load<u8>(ptr))) return false;
    if (FloatText.scan(ptr, len) != len) return false;
    this.negative = FloatText.negative;
    switch (FloatText.form) {
      case Form.INFINITY:
        this.exponent = EXPONENT_INFINITE;
        return true;
      case Form.DECIMAL:
        if (!FloatText.digits) return this.setRounded(0, 0, Rest.NOTHING);
        return this.setDecimal(FloatText.digits, FloatText.exponent);
      case Form.HEXADECIMAL:
        if (!FloatText.significand) return this.setRounded(0, 0, Rest.NOTHING);
        return this.setRounded(FloatText.significand, FloatText.scale, FloatText.rest);
    }
    return false;
  }

  /** Sets digits × 10^exponent, digits not zero; false when it is out of range. */
  private setDecimal(digits: u64, exponent: i32): bool {
    if (<u32>(exponent + 27) <= 54 && !FloatText.isCut) {
      return exponent < 0 ? this.setQuotient(digits, -exponent) : this.setProduct(digits, exponent);
    }
    const order = exponent + <i32>Integer.digits(digits);
    if (order > 4933 || order < -4951) return false;
    FloatText.exact(TEXT_LIMIT);
    return this.setRounded(FloatText.significand, FloatText.scale, FloatText.rest);
  }

  /** Sets digits × 5^exponent × 2^exponent. */
  private setProduct(digits: u64, exponent: i32): bool {
    const low = Wide.multiply(digits, load<u64>(FIVES + (exponent << 3)));
    return this.setWide(Wide.high, low, exponent);
  }

  /** Sets digits / 5^exponent / 2^exponent. */
  private setQuotient(digits: u64, exponent: i32): bool {
    let divisor = load<u64>(FIVES + (exponent << 3));
    const divisorSpace = clz(divisor);
    const space = clz(digits);
    divisor <<= divisorSpace;
    const dividend = digits << space;
    const scale = <i32>divisorSpace - <i32>space - exponent - 64;
    const half = u64(dividend >= divisor);
    const quotient = Wide.divide(dividend >> half, half ? dividend << 63 : 0, divisor);
    const below = Wide.remainder;
    const above = divisor - below;
    const rest = !below
      ? Rest.NOTHING
      : below < above
        ? Rest.BELOW_HALF
        : below == above
          ? Rest.HALF
          : Rest.ABOVE_HALF;
    return this.setRounded(quotient, scale + <i32>half, rest);
  }

  /** Sets (high × 2^64 + low) × 2^scale, which is not zero. */
  private setWide(high: u64, low: u64, scale: i32): bool {
    if (!high) return this.setRounded(low, scale, Rest.NOTHING);
    const space = clz(high);
    if (space) {
      high = (high << space) | (low >> (64 - space));
      low <<= space;
    }
    return this.setRounded(high, scale + 64 - <i32>space, LongDouble.restOf(low));
  }


  @inline private static restOf(below: u64): Rest {
    if (!below) return Rest.NOTHING;
    if (below == TOP) return Rest.HALF;
    return below < TOP ? Rest.BELOW_HALF : Rest.ABOVE_HALF;
  }

  /**
   * Sets significand × 2^scale rounded to the nearest, ties to even; false when a number that is
   * not zero becomes zero or infinite by that. Where something lies below the significand, its
   * top bit is set.
   */
  private setRounded(significand: u64, scale: i32, rest: Rest): bool {
    if (!significand) {
      this.significand = 0;
      this.exponent = EXPONENT_MIN;
      return true;
    }
    const space = <i32>clz(significand);
    significand <<= space;
    scale -= space;
    let up = rest == Rest.ABOVE_HALF || (rest == Rest.HALF && (significand & 1) != 0);
    if (scale < EXPONENT_MIN) {
      const drop = EXPONENT_MIN - scale;
      const below = drop < 64 ? significand & (((<u64>1) << drop) - 1) : significand;
      const half = drop <= 64 ? (<u64>1) << (drop - 1) : u64.MAX_VALUE;
      significand = drop < 64 ? significand >> drop : 0;
      const isOdd = (significand & 1) != 0;
      up = below > half || (below == half && drop <= 64 && (rest != Rest.NOTHING || isOdd));
      scale = EXPONENT_MIN;
    }
    if (up && !++significand) {
      significand = TOP;
      scale++;
    }
    this.significand = significand;
    this.exponent = min(scale, EXPONENT_INFINITE);
    return significand != 0 && scale <= EXPONENT_MAX;
  }

  /** this + other; false when that is not a finite number. */
  add(other: LongDouble): bool {
    if (!this.isFinite || !other.isFinite) {
      this.exponent = EXPONENT_INFINITE;
      return false;
    }
    if (!other.significand) return true;
    let big = this as LongDouble;
    let small = other;
    if (
      big.exponent < small.exponent ||
      (big.exponent == small.exponent && big.significand < small.significand)
    ) {
      big = other;
      small = this as LongDouble;
    }
    // The smaller one, brought to the exponent of the larger: `low` holds 64 bits more, and one
    // that is set for all that is lost below them.
    const distance = <u32>(big.exponent - small.exponent);
    let high = small.significand;
    let low: u64 = 0;
    if (distance >= 128) {
      low = u64(high != 0);
      high = 0;
    } else if (distance >= 64) {
      low = high >> (distance - 64);
      low |= u64(low << (distance - 64) != high);
      high = 0;
    } else if (distance) {
      low = high << (64 - distance);
      high >>= distance;
    }
    const exponent = big.exponent;
    const negative = big.negative;
    if (negative == small.negative) {
      high += big.significand;
      if (high < big.significand) {
        this.negative = negative;
        return this.setRounded(
          (high >> 1) | TOP,
          exponent + 1,
          LongDouble.restOf((high << 63) | (low >> 1) | (low & 1)),
        );
      }
    } else {
      high = big.significand - high - u64(low != 0);
      low = 0 - low;
      if (!high && !low) {
        this.negative = false;
        return this.setRounded(0, 0, Rest.NOTHING);
      }
    }
    this.negative = negative;
    return this.setWide(high, low, exponent - 64);
  }

  /** Writes the number, which is finite, and returns the length of the text. */
  format(dst: usize): u32 {
    const significand = this.significand;
    const exponent = this.exponent;
    const start = dst;
    let whole: u64 = 0;
    let fraction: u64 = 0;
    if (exponent > 0) {
      if (this.negative) store<u8>(dst++, 45);
      integer.set(significand);
      integer.shiftLeft(exponent);
      return <u32>(dst - start) + integer.format(dst);
    }
    // The fraction in units of 10^-17: exact in 128 bits, rounded to the nearest, ties to even.
    const shift = <u32>-exponent;
    if (shift == 0) {
      whole = significand;
    } else if (shift <= 64) {
      whole = shift < 64 ? significand >> shift : 0;
      const low = Wide.multiply(shift < 64 ? significand << (64 - shift) : significand, TEN_17);
      fraction = Wide.high;
      fraction += u64(low > TOP || (low == TOP && (fraction & 1) != 0));
    } else if (shift < 128) {
      const low = Wide.multiply(significand, TEN_17);
      const drop = shift - 64;
      const below = Wide.high & (((<u64>1) << drop) - 1);
      const half = (<u64>1) << (drop - 1);
      fraction = Wide.high >> drop;
      fraction += u64(below > half || (below == half && (low != 0 || (fraction & 1) != 0)));
    }
    if (fraction == TEN_17) {
      whole++;
      fraction = 0;
    }
    if (this.negative && (whole | fraction) != 0) store<u8>(dst++, 45);
    dst += Integer.formatUnsigned(whole, dst);
    if (fraction) {
      // The leading 1 keeps the zeros, and its place is the point's.
      dst += Integer.formatUnsigned(fraction + TEN_17, dst);
      store<u8>(dst - 18, 46);
      while (load<u8>(dst - 1) == 48) dst--;
    }
    return <u32>(dst - start);
  }
}
