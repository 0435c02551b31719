// The powers of ten from 10^-348 to 10^347, 128 bits of each:
//
//   10^k = significand × 2^(floor(log2(10^k)) - 127)      with the top bit of the significand set
//
// Those from 10^0 to 10^55 are exact; the others are cut off, so the true power is above by less
// than one unit of the last bit. The table is made when the first number needs it: 5^k by
// multiplying a number of any size, and 2^1024 / 5^k by dividing one, where cutting off at each
// step gives the same as cutting off at the end.

import { Natural } from "./natural";

const FIRST: i32 = -348;
const LAST: i32 = 347;

const table: usize = memory.data(16 * (LAST - FIRST + 1), 16);
const work = changetype<Natural>(memory.data(Natural.SIZE, 8));

export class Powers {
  private static isMade: bool = false;

  /** The address of the significand of 10^k: its upper 64 bits, then its lower. */
  static of(k: i32): usize {
    if (!Powers.isMade) Powers.make();
    return table + ((<usize>(k - FIRST)) << 4);
  }

  /** floor(log2(10^k)) */
  @inline static log2(k: i32): i32 {
    return (k * 217706) >> 16;
  }

  /** floor(log10(2^b)), which is floor(log10(x)) or one less for x from 2^b to 2^(b+1). */
  @inline static log10(b: i32): i32 {
    return (b * 78913) >> 18;
  }

  /** Whether nothing was cut off. */
  @inline static isExact(k: i32): bool {
    return <u32>k <= 55;
  }

  private static make(): void {
    work.set(1);
    work.shiftLeft(128);
    for (let k = 0; k <= LAST; k++) {
      Powers.keep(k);
      work.multiplyAdd(5, 0);
    }
    work.set(1);
    work.shiftLeft(1024);
    for (let k = -1; k >= FIRST; k--) {
      work.divide(5);
      Powers.keep(k);
    }
    Powers.isMade = true;
  }

  private static keep(k: i32): void {
    const at = table + ((<usize>(k - FIRST)) << 4);
    const bits = work.bits();
    store<u64>(at, work.word(bits - 64));
    store<u64>(at, work.word(bits - 128), 8);
  }
}
