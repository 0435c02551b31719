// Natural numbers of any size up to 40,960 bits, for the conversions between decimal text and
// floating point that no shortcut decides. That is room for the longest number an argument may
// spell (5119 digits) beside the smallest long double (10^-4951).
//
//   0        4        8
//   ├────────┼────────┼────────┬────────┬───
//   │ count  │   –    │ limb[0]│ limb[1]│ …      32 bits each, the least significant first
//   └────────┴────────┴────────┴────────┴───
//
// The last limb is not zero; zero has no limbs. Numbers live in static memory (`space`), and every
// operation changes `this`.

import { Integer } from "./integer";

const CAPACITY: u32 = 1280;

/** 5^13 is the largest power of five in a limb. */
const FIVE_13: u32 = 1220703125;


@unmanaged
export class Natural {
  private count: u32;
  private pad: u32;

  /** Bytes a number needs. */
  @inline static readonly SIZE: i32 = 8 + 4 * CAPACITY;


  @inline private limb(index: u32): u32 {
    return load<u32>(changetype<usize>(this) + ((<usize>index) << 2), 8);
  }


  @inline private setLimb(index: u32, value: u32): void {
    store<u32>(changetype<usize>(this) + ((<usize>index) << 2), value, 8);
  }


  @inline get isZero(): bool {
    return this.count == 0;
  }

  set(value: u64): void {
    this.setLimb(0, <u32>value);
    this.setLimb(1, <u32>(value >> 32));
    this.count = value >> 32 ? 2 : u32(value != 0);
  }

  /** The number of bits up to the highest one that is set. */
  bits(): u32 {
    return this.count ? (this.count << 5) - <u32>clz(this.limb(this.count - 1)) : 0;
  }

  /** Whether one of the lowest `bits` bits is set. */
  hasBitBelow(bits: u32): bool {
    const whole = min(bits >> 5, this.count);
    for (let i: u32 = 0; i < whole; i++) if (this.limb(i)) return true;
    const rest = bits & 31;
    return whole < this.count && rest != 0 && this.limb(whole) << (32 - rest) != 0;
  }

  /** The 64 bits from `bit` upwards. */
  word(bit: u32): u64 {
    const index = bit >> 5;
    const low = (<u64>this.limbOrZero(index)) | ((<u64>this.limbOrZero(index + 1)) << 32);
    const shift = <u64>(bit & 31);
    if (!shift) return low;
    return (low >> shift) | ((<u64>this.limbOrZero(index + 2)) << (64 - shift));
  }


  @inline private limbOrZero(index: u32): u32 {
    return index < this.count ? this.limb(index) : 0;
  }

  /** this × factor + addend */
  multiplyAdd(factor: u32, addend: u32): void {
    let carry: u64 = addend;
    const count = this.count;
    for (let i: u32 = 0; i < count; i++) {
      carry += <u64>this.limb(i) * factor;
      this.setLimb(i, <u32>carry);
      carry >>= 32;
    }
    if (carry) {
      this.setLimb(count, <u32>carry);
      this.count = count + 1;
    }
  }

  /** this × 5^exponent */
  multiplyPowerOf5(exponent: u32): void {
    while (exponent >= 13) {
      this.multiplyAdd(FIVE_13, 0);
      exponent -= 13;
    }
    let factor: u32 = 1;
    for (; exponent; exponent--) factor *= 5;
    if (factor > 1) this.multiplyAdd(factor, 0);
  }

  /** this × 2^bits */
  shiftLeft(bits: u32): void {
    if (!this.count) return;
    const whole = bits >> 5;
    const shift = bits & 31;
    let index = this.count;
    if (shift) {
      const carry = this.limb(index - 1) >> (32 - shift);
      this.count = index + whole + u32(carry != 0);
      if (carry) this.setLimb(index + whole, carry);
      while (--index) {
        const value = (this.limb(index) << shift) | (this.limb(index - 1) >> (32 - shift));
        this.setLimb(index + whole, value);
      }
      this.setLimb(whole, this.limb(0) << shift);
    } else {
      this.count = index + whole;
      const limbs = changetype<usize>(this) + 8;
      memory.copy(limbs + ((<usize>whole) << 2), limbs, (<usize>index) << 2);
    }
    memory.fill(changetype<usize>(this) + 8, 0, (<usize>whole) << 2);
  }

  /** -1, 0 or 1 as this is below, equal to or above the other. */
  compare(other: Natural): i32 {
    if (this.count != other.count) return this.count < other.count ? -1 : 1;
    for (let i = this.count; i--;) {
      const a = this.limb(i);
      const b = other.limb(i);
      if (a != b) return a < b ? -1 : 1;
    }
    return 0;
  }

  /** this - other, which is not larger. */
  subtract(other: Natural): void {
    let borrow: i64 = 0;
    const count = this.count;
    for (let i: u32 = 0; i < count; i++) {
      borrow += <i64>(<u64>this.limb(i)) - <i64>(<u64>other.limbOrZero(i));
      this.setLimb(i, <u32>borrow);
      borrow >>= 32;
    }
    this.trim();
  }

  /** floor(this × 2^63 / divisor), and leaves what remains. This is below twice the divisor. */
  divide64(divisor: Natural): u64 {
    let quotient: u64 = 0;
    for (let bit = 0; bit < 64; bit++) {
      quotient <<= 1;
      if (bit) this.shiftLeft(1);
      if (this.compare(divisor) >= 0) {
        this.subtract(divisor);
        quotient |= 1;
      }
    }
    return quotient;
  }

  /** Divides and answers the remainder. */
  divide(divisor: u32): u32 {
    let remainder: u64 = 0;
    for (let i = this.count; i--;) {
      const value = (remainder << 32) | this.limb(i);
      const quotient = value / divisor;
      remainder = value - quotient * divisor;
      this.setLimb(i, <u32>quotient);
    }
    this.trim();
    return <u32>remainder;
  }

  /**
   * Writes the number in decimal, returns the length of the text, and is zero afterwards. The text
   * and the room it is made in take at most 10 bytes a limb, and 9.
   */
  format(dst: usize): u32 {
    // 32 bits are at most 9.64 digits. The groups are written backwards from a place where they
    // fit, and moved to the front.
    const end = dst + ((<usize>this.count * 10 + 9) / 9) * 9;
    let at = end;
    while (this.count > 2) {
      let group = this.divide(1000000000);
      at -= 9;
      for (let i: usize = 9; i--; group /= 10) store<u8>(at + i, 48 + (group % 10));
    }
    const length = Integer.formatUnsigned(this.word(0), dst);
    this.count = 0;
    memory.copy(dst + length, at, end - at);
    return length + <u32>(end - at);
  }

  private trim(): void {
    let count = this.count;
    while (count && !this.limb(count - 1)) count--;
    this.count = count;
  }
}
