// The text of a floating point number, as C's strtod and strtold take it:
//
//   white space  sign  digits [ "." digits ] [ "e" sign digits ]
//                      "0x" hex digits [ "." hex digits ] [ "p" sign digits ]
//                      "inf" | "infinity" | "nan" [ "(" letters, digits, _ ")" ]
//
// `scan` takes the longest such text at the front and keeps what it read here: there is one
// number being parsed at a time. Decimal digits are collected in 64 bits as far as 19 of them fit.
// Most numbers need no more; for the others `exact` goes back to the text and works with numbers
// of any size.
//
// Both kinds of result are then `significand × 2^scale` with the top bit of the 64 set, and a
// word about what lies below the last bit: enough to round once, to 53 bits or to 64.

import { Integer } from "./integer";
import { Natural } from "./natural";

const DIGITS: u32 = 19;
const EXPONENT_LIMIT: i32 = 1000000000;
/** What a point gives when it is taken for a digit. */
const POINT: u32 = <u32>(46 - 48);

export enum Form {
  /** There is no number at the front of the text. */
  NONE,
  DECIMAL,
  HEXADECIMAL,
  INFINITY,
  NAN,
}

/** What lies below the last bit of a significand. */
export enum Rest {
  NOTHING,
  BELOW_HALF,
  HALF,
  ABOVE_HALF,
}

const numerator = changetype<Natural>(memory.data(Natural.SIZE, 8));
const denominator = changetype<Natural>(memory.data(Natural.SIZE, 8));

export class FloatText {
  static form: Form = Form.NONE;
  static negative: bool = false;
  /** Decimal: the first 19 significant digits, and the power of ten they are multiplied by. */
  static digits: u64 = 0;
  static exponent: i32 = 0;
  /** Whether digits were left out that are not all zero. */
  static isCut: bool = false;
  /** Hexadecimal, and after `exact`: the value. */
  static significand: u64 = 0;
  static scale: i32 = 0;
  static rest: Rest = Rest.NOTHING;

  /** The digits and the point among them. */
  private static digitsStart: usize = 0;
  private static digitsEnd: usize = 0;

  /** Reads the number at the front of the text and answers how many bytes it took; 0: none. */
  static scan(ptr: usize, len: u32): u32 {
    const end = ptr + len;
    let at = ptr;
    while (at < end && Integer.isSpace(load<u8>(at))) at++;
    FloatText.negative = false;
    if (at < end) {
      const sign: u32 = load<u8>(at);
      FloatText.negative = sign == 45;
      if (FloatText.negative || sign == 43) at++;
    }
    let stop = FloatText.decimal(at, end);
    if (!stop) stop = FloatText.word(at, end);
    else if (stop == at + 1 && load<u8>(at) == 48) {
      const hexadecimal = FloatText.hexadecimal(at, end);
      if (hexadecimal) stop = hexadecimal;
    }
    if (stop) return <u32>(stop - ptr);
    FloatText.form = Form.NONE;
    return 0;
  }

  /** Reads a decimal number; answers where it ends, 0 when there is none. */
  private static decimal(at: usize, end: usize): usize {
    FloatText.digitsStart = at;
    let value: u64 = 0;
    let taken: u32 = 0;
    let exponent: i32 = 0;
    let isCut = false;
    let point: usize = 0;
    while (at < end) {
      const digit: u32 = <u32>load<u8>(at) - 48;
      if (digit <= 9) {
        if (taken < DIGITS) {
          value = value * 10 + digit;
          taken += u32(value != 0);
          exponent -= i32(point != 0);
        } else {
          isCut = isCut || digit != 0;
          exponent += i32(point == 0);
        }
      } else if (digit == POINT && !point) {
        point = at;
      } else {
        break;
      }
      at++;
    }
    const start = FloatText.digitsStart;
    if (at == start || (point && at == start + 1)) return 0;
    FloatText.digitsEnd = at;
    FloatText.form = Form.DECIMAL;
    FloatText.digits = value;
    FloatText.isCut = isCut;
    if (at < end && (load<u8>(at) | 32) == 101) {
      const stop = FloatText.exponentAt(at + 1, end);
      if (stop) {
        at = stop;
        exponent += FloatText.explicitExponent;
      }
    }
    FloatText.exponent = exponent;
    return at;
  }

  private static explicitExponent: i32 = 0;

  /** Reads a sign and digits; answers where they end, 0 when there are none. */
  private static exponentAt(at: usize, end: usize): usize {
    let negative = false;
    if (at < end) {
      const sign: u32 = load<u8>(at);
      negative = sign == 45;
      if (negative || sign == 43) at++;
    }
    const start = at;
    let value: i32 = 0;
    while (at < end) {
      const digit: u32 = <u32>load<u8>(at) - 48;
      if (digit > 9) break;
      if (value < EXPONENT_LIMIT / 10) value = value * 10 + digit;
      else value = EXPONENT_LIMIT;
      at++;
    }
    FloatText.explicitExponent = negative ? -value : value;
    return at == start ? 0 : at;
  }

  /** Reads "0x" and what must follow it; answers where it ends, 0 when it is not there. */
  private static hexadecimal(at: usize, end: usize): usize {
    at++;
    if (at >= end || (load<u8>(at) | 32) != 120) return 0;
    at++;
    let value: u64 = 0;
    let scale: i64 = 0;
    let rest = Rest.NOTHING;
    let isFull = false;
    let any = false;
    let point = false;
    while (at < end) {
      const byte: u32 = load<u8>(at);
      const digit = FloatText.hexDigit(byte);
      if (digit < 16) {
        any = true;
        if (point) scale -= 4;
        if (value >> 60 == 0) {
          value = (value << 4) | digit;
        } else if (!isFull) {
          // The upper bits of this digit fill the word, the others are the first below it.
          const space = <u32>clz(value);
          const half = (<u32>8) >> space;
          const below = digit & (2 * half - 1);
          value = (value << space) | (digit >> (4 - space));
          scale += 4 - space;
          rest = !below
            ? Rest.NOTHING
            : below < half
              ? Rest.BELOW_HALF
              : below == half
                ? Rest.HALF
                : Rest.ABOVE_HALF;
          isFull = true;
        } else {
          scale += 4;
          if (digit && rest == Rest.NOTHING) rest = Rest.BELOW_HALF;
          else if (digit && rest == Rest.HALF) rest = Rest.ABOVE_HALF;
        }
      } else if (byte == 46 && !point) {
        point = true;
      } else {
        break;
      }
      at++;
    }
    if (!any) return 0;
    if (at < end && (load<u8>(at) | 32) == 112) {
      const stop = FloatText.exponentAt(at + 1, end);
      if (stop) {
        at = stop;
        scale += FloatText.explicitExponent;
      }
    }
    const space = value ? clz(value) : 0;
    FloatText.form = Form.HEXADECIMAL;
    FloatText.significand = value << space;
    FloatText.scale = <i32>max<i64>(-EXPONENT_LIMIT, min<i64>(EXPONENT_LIMIT, scale - <i64>space));
    FloatText.rest = rest;
    return at;
  }


  @inline private static hexDigit(byte: u32): u32 {
    const decimal = byte - 48;
    if (decimal <= 9) return decimal;
    const letter = (byte | 32) - 97;
    return letter <= 5 ? letter + 10 : 16;
  }

  /** Reads an infinity or a NaN; answers where it ends, 0 when it is neither. */
  private static word(at: usize, end: usize): usize {
    if (FloatText.isWord(at, end, "inf")) {
      FloatText.form = Form.INFINITY;
      return FloatText.isWord(at, end, "infinity") ? at + 8 : at + 3;
    }
    if (!FloatText.isWord(at, end, "nan")) return 0;
    FloatText.form = Form.NAN;
    at += 3;
    if (at >= end || load<u8>(at) != 40) return at;
    let close = at + 1;
    while (close < end && FloatText.isWordByte(load<u8>(close))) close++;
    return close < end && load<u8>(close) == 41 ? close + 1 : at;
  }

  private static isWord(at: usize, end: usize, word: string): bool {
    const length = <usize>word.length;
    if (end - at < length || at > end) return false;
    for (let i: usize = 0; i < length; i++) {
      if ((load<u8>(at + i) | 32) != load<u8>(changetype<usize>(word) + (i << 1))) return false;
    }
    return true;
  }


  @inline private static isWordByte(byte: u32): bool {
    return byte - 48 <= 9 || (byte | 32) - 97 <= 25 || byte == 95;
  }

  /**
   * Works the decimal number out to the last bit, from its text, which must still be there. More
   * than `maxDigits` significant digits count as if one more, not zero, followed. The value must
   * be between 10^-5000 and 10^5000, and `maxDigits` at most 5120.
   */
  static exact(maxDigits: u32): void {
    let exponent = FloatText.exponent;
    if (FloatText.isCut) exponent -= FloatText.collect(maxDigits);
    else numerator.set(FloatText.digits);
    // The number is numerator × 5^exponent × 2^scale.
    let scale = exponent;
    if (exponent >= 0) {
      numerator.multiplyPowerOf5(exponent);
      const bits = numerator.bits();
      if (bits <= 64) {
        FloatText.significand = numerator.word(0) << (64 - bits);
        FloatText.rest = Rest.NOTHING;
      } else {
        const half = bits - 65;
        const below = numerator.hasBitBelow(half);
        FloatText.significand = numerator.word(half + 1);
        FloatText.rest =
          numerator.word(half) & 1
            ? below
              ? Rest.ABOVE_HALF
              : Rest.HALF
            : below
              ? Rest.BELOW_HALF
              : Rest.NOTHING;
      }
      FloatText.scale = scale + <i32>bits - 64;
      return;
    }
    denominator.set(1);
    denominator.multiplyPowerOf5(-exponent);
    const longer = <i32>numerator.bits() - <i32>denominator.bits();
    if (longer >= 0) denominator.shiftLeft(longer);
    else numerator.shiftLeft(-longer);
    scale += longer;
    if (numerator.compare(denominator) < 0) {
      numerator.shiftLeft(1);
      scale--;
    }
    FloatText.significand = numerator.divide64(denominator);
    FloatText.scale = scale - 63;
    if (numerator.isZero) {
      FloatText.rest = Rest.NOTHING;
      return;
    }
    numerator.shiftLeft(1);
    FloatText.rest = Rest.HALF + numerator.compare(denominator);
  }

  /** Puts the digits of the text into the numerator; answers how many more than the first 19. */
  private static collect(maxDigits: u32): i32 {
    numerator.set(0);
    let taken: u32 = 0;
    let group: u32 = 0;
    let weight: u32 = 1;
    for (let at = FloatText.digitsStart; at < FloatText.digitsEnd; at++) {
      let digit: u32 = <u32>load<u8>(at) - 48;
      if (digit > 9 || (!digit && !taken)) continue;
      if (taken >= maxDigits) {
        if (!digit) continue;
        digit = 1;
      }
      group = group * 10 + digit;
      weight *= 10;
      taken++;
      if (taken > maxDigits) break;
      if (weight == 1000000000) {
        numerator.multiplyAdd(weight, group);
        group = 0;
        weight = 1;
      }
    }
    numerator.multiplyAdd(weight, group);
    return <i32>(taken - DIGITS);
  }
}
