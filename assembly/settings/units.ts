// Numbers as configuration files write them: amounts of memory with a unit, percentages, octal
// permissions, and whole numbers read as leniently as C reads them.

import { Integer } from "../algorithms/integer";
import { Bytes } from "../memory/bytes";

/** Digits that an amount of memory may have. */
const DIGITS_MAX: u32 = 127;

export class Units {
  /** What the last successful reading read. */
  static value: u64 = 0;
  /** The same for `long`, which reads negative numbers too. */
  static signed: i64 = 0;

  /** Room enough for any text that `writeOctal` writes. */
  static readonly OCTAL_LENGTH: u32 = 24;

  /**
   * An amount of memory: digits, then perhaps a unit of b, k, kb, m, mb, g or gb in any letter
   * case; k is 1000 and kb 1024 bytes. No digits are 0, and a product beyond 64 bits wraps, as in
   * Redis.
   */
  static memory(pointer: usize, length: u32): bool {
    let digits: u32 = 0;
    while (digits < length && Units.isDigit(load<u8>(pointer + digits))) digits++;
    if (digits > DIGITS_MAX) return false;
    const unit = Units.unit(pointer + digits, length - digits);
    if (!unit) return false;
    Units.value = Units.saturated(pointer, digits) * unit;
    return true;
  }

  private static unit(pointer: usize, length: u32): u64 {
    if (!length || Bytes.is(pointer, length, "b")) return 1;
    if (Bytes.is(pointer, length, "k")) return 1000;
    if (Bytes.is(pointer, length, "kb")) return 1 << 10;
    if (Bytes.is(pointer, length, "m")) return 1000_000;
    if (Bytes.is(pointer, length, "mb")) return 1 << 20;
    if (Bytes.is(pointer, length, "g")) return 1000_000_000;
    if (Bytes.is(pointer, length, "gb")) return 1 << 30;
    return 0;
  }

  /** The number that the digits spell, or 2^64 - 1 when it is larger. */
  private static saturated(pointer: usize, length: u32): u64 {
    let value: u64 = 0;
    for (let i: u32 = 0; i < length; i++) {
      const digit: u64 = load<u8>(pointer + i) - 48;
      if (value > (u64.MAX_VALUE - digit) / 10) return u64.MAX_VALUE;
      value = value * 10 + digit;
    }
    return value;
  }

  /** `70%`: a number that is not negative, then the sign. */
  static percent(pointer: usize, length: u32): bool {
    if (length < 2 || load<u8>(pointer + length - 1) != 37) return false;
    if (!Integer.parse(pointer, length - 1) || Integer.value < 0) return false;
    Units.value = Integer.value;
    return true;
  }

  static octal(pointer: usize, length: u32): bool {
    let value: u64 = 0;
    for (let i: u32 = 0; i < length; i++) {
      const digit: u64 = load<u8>(pointer + i) - 48;
      if (digit > 7 || value >> 60) return false;
      value = (value << 3) | digit;
    }
    Units.value = value;
    return true;
  }

  /** As C's strtoll: white space and a sign may come first; no digits are 0; anything behind fails. */
  static long(pointer: usize, length: u32): bool {
    let at = pointer;
    const end = pointer + length;
    while (at < end && Integer.isSpace(load<u8>(at))) at++;
    const sign: u32 = at < end ? load<u8>(at) : 0;
    if (sign == 43 || sign == 45) at++;
    const digits = at;
    while (at < end && Units.isDigit(load<u8>(at))) at++;
    if (at == digits ? length : <u32>(at != end)) return false;
    const value = Units.saturated(digits, <u32>(at - digits));
    if (sign == 45) Units.signed = value > <u64>i64.MAX_VALUE ? i64.MIN_VALUE : -(<i64>value);
    else Units.signed = value > <u64>i64.MAX_VALUE ? i64.MAX_VALUE : <i64>value;
    return true;
  }

  /** Writes a number in octal digits; returns their count. */
  static writeOctal(target: usize, value: i64): u32 {
    let digits: u32 = 1;
    for (let rest = (<u64>value) >> 3; rest; rest >>= 3) digits++;
    let rest = <u64>value;
    for (let i = digits; i; i--, rest >>= 3) store<u8>(target + i - 1, 48 + <u32>(rest & 7));
    return digits;
  }

  /** Writes an amount of memory in the largest unit that divides it; returns the length. */
  static writeMemory(target: usize, value: u64): u32 {
    const shift = value ? <u32>min<u64>(ctz(value) / 10, 3) : 0;
    const length = Integer.formatUnsigned(value >> (shift * 10), target);
    if (!shift) return length;
    store<u8>(target + length, shift == 1 ? 107 : shift == 2 ? 109 : 103);
    store<u8>(target + length, 98, 1);
    return length + 2;
  }


  @inline private static isDigit(byte: u32): bool {
    return byte - 48 < 10;
  }
}
