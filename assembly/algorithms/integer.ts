// Integers as text, the way the protocol and the commands read and write them.
//
// `parse` is the judge of "is this string an integer": INCR, OBJECT ENCODING and every
// numeric argument ask it. It accepts exactly one spelling for each number, so a value that
// parses can be stored as the number and printed back to the same bytes:
//
//   number  = "0" | [ "-" ] nonzero { digit }          within -2^63 … 2^63-1
//
// Eight digits are taken at a time: in a word that holds "12345678" (the first digit in the
// lowest byte) neighbours are merged to pairs, pairs to fours, fours to eights, by three
// multiplications. Text is written two digits at a time from a table of pairs, backwards from
// a length that is known first, so nothing has to be moved.

/** "00", "01" … "99". */
const PAIRS: usize = memory.data(200);
/** 10^0 … 10^19. */
const POWERS: usize = memory.data(160);

let power: u64 = 1;
for (let i = 0; i < 20; i++) {
  store<u64>(POWERS + (i << 3), power);
  power *= 10;
}
for (let i = 0; i < 100; i++) {
  store<u8>(PAIRS + (i << 1), 48 + i / 10);
  store<u8>(PAIRS + (i << 1), 48 + (i % 10), 1);
}

const ZEROS: u64 = 0x3030303030303030;
/** u64.MAX_VALUE is this and the digit 5. */
const MAX_TENTH: u64 = u64.MAX_VALUE / 10;

export class Integer {
  /** What the last successful `parse` read. */
  static value: i64 = 0;
  /** What the last successful `parseUnsigned` read. */
  static unsigned: u64 = 0;

  /** Room enough for any text `format` and `formatUnsigned` write. */
  static readonly MAX_LENGTH: u32 = 20;

  /** Whether the text is a signed 64-bit integer in its one spelling; it is then in `value`. */
  static parse(ptr: usize, len: u32): bool {
    if (len - 1 >= 20) return false;
    let first: u32 = load<u8>(ptr);
    const negative = first == 45;
    if (negative) {
      if (len == 1) return false;
      ptr++;
      len--;
      first = load<u8>(ptr);
    }
    if (first - 49 > 8) {
      if (first != 48 || len != 1 || negative) return false;
      Integer.value = 0;
      return true;
    }
    if (!Integer.digitsAt(ptr, len)) return false;
    const magnitude = Integer.magnitude;
    if (magnitude > <u64>i64.MAX_VALUE + u64(negative)) return false;
    Integer.value = negative ? -(<i64>magnitude) : <i64>magnitude;
    return true;
  }

  /**
   * Whether the text is an unsigned 64-bit integer as stream ids and cursors take it; it is
   * then in `unsigned`. Laxer than `parse`, as C's strtoull: white space and a sign may come
   * first, and zeros; only a negative number in its one spelling is refused, others wrap.
   */
  static parseUnsigned(ptr: usize, len: u32): bool {
    if (Integer.parse(ptr, len)) {
      Integer.unsigned = <u64>Integer.value;
      return Integer.value >= 0;
    }
    const end = ptr + len;
    while (ptr < end && Integer.isSpace(load<u8>(ptr))) ptr++;
    let negative = false;
    if (ptr < end) {
      const sign: u32 = load<u8>(ptr);
      negative = sign == 45;
      if (negative || sign == 43) ptr++;
    }
    if (ptr >= end) return false;
    while (ptr < end - 1 && load<u8>(ptr) == 48) ptr++;
    if (!Integer.digitsAt(ptr, <u32>(end - ptr))) return false;
    Integer.unsigned = negative ? 0 - Integer.magnitude : Integer.magnitude;
    return true;
  }

  /** Writes the number in decimal and returns the length of the text. */
  static format(value: i64, dst: usize): u32 {
    if (value >= 0) return Integer.formatUnsigned(<u64>value, dst);
    store<u8>(dst, 45);
    return Integer.formatUnsigned(0 - <u64>value, dst + 1) + 1;
  }

  /** Writes the number in decimal and returns the length of the text. */
  static formatUnsigned(value: u64, dst: usize): u32 {
    if (value < 10) {
      store<u8>(dst, 48 + <u32>value);
      return 1;
    }
    const length = Integer.digits(value);
    let at = dst + length;
    while (value > u32.MAX_VALUE) {
      const rest = value / 100;
      at -= 2;
      store<u16>(at, load<u16>(PAIRS + ((<usize>(value - rest * 100)) << 1)));
      value = rest;
    }
    let low = <u32>value;
    while (low >= 100) {
      const rest = low / 100;
      at -= 2;
      store<u16>(at, load<u16>(PAIRS + ((low - rest * 100) << 1)));
      low = rest;
    }
    if (low >= 10) store<u16>(dst, load<u16>(PAIRS + (low << 1)));
    else store<u8>(dst, 48 + low);
    return length;
  }

  /** How many decimal digits the number has; 1 for 0. */
  @inline static digits(value: u64): u32 {
    // 1233/4096 is just above log10(2): the estimate is right or one too small.
    const estimate = ((64 - <u32>clz(value | 1)) * 1233) >> 12;
    return estimate + u32(value >= load<u64>(POWERS + (estimate << 3))) + u32(value == 0);
  }

  /** How many bytes `format` writes. */
  @inline static length(value: i64): u32 {
    return value < 0 ? Integer.digits(0 - <u64>value) + 1 : Integer.digits(<u64>value);
  }

  /** 10^exponent, for exponents 0 to 19. */
  @inline static power10(exponent: u32): u64 {
    return load<u64>(POWERS + (exponent << 3));
  }

  /** The white space of C's isspace. */
  @inline static isSpace(byte: u32): bool {
    return byte == 32 || byte - 9 <= 4;
  }

  /** What the last successful `digitsAt` read. */
  private static magnitude: u64 = 0;

  /** Reads `len` (at least 1) digits; false at any other byte and above 2^64-1. */
  private static digitsAt(ptr: usize, len: u32): bool {
    if (len > 20) return false;
    const end = ptr + len;
    let result: u64 = 0;
    while (end - ptr >= 8) {
      const word = load<u64>(ptr);
      if (!Integer.areDigits(word)) return false;
      // At most twice in 20 digits, so this stays below 10^16.
      result = result * 100000000 + Integer.eightDigits(word);
      ptr += 8;
    }
    while (ptr < end) {
      const digit: u32 = <u32>load<u8>(ptr) - 48;
      if (digit > 9) return false;
      if (result >= MAX_TENTH && (result > MAX_TENTH || digit > 5)) return false;
      result = result * 10 + digit;
      ptr++;
    }
    Integer.magnitude = result;
    return true;
  }

  /** Whether all eight bytes are '0' … '9'. */
  @inline static areDigits(word: u64): bool {
    return (
      ((word & 0xf0f0f0f0f0f0f0f0) | (((word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) ==
      0x3333333333333333
    );
  }

  /** The number that eight digits in a word spell, the first one in the lowest byte. */
  @inline static eightDigits(word: u64): u64 {
    word -= ZEROS;
    word = word * 10 + (word >> 8);
    return (
      ((word & 0x000000ff000000ff) * 0x000f424000000064 +
        ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
      32
    );
  }
}
