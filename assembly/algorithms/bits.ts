// Strings as rows of bits. Bit 0 is the highest bit of the first byte, as in Redis.

const WORD: u32 = 64;

/** How `Bits.combine` combines two strings. */
export enum BitOperation {
  AND,
  OR,
  XOR,
}

export class Bits {
  /** How many of the bits from `first` to `last`, both included, are set. */
  static count(ptr: usize, first: u64, last: u64): u64 {
    const start = ptr + <usize>(first >> 3);
    const end = ptr + <usize>(last >> 3);
    const head = Bits.headMask(first);
    const tail = Bits.tailMask(last);
    if (start == end) return popcnt((<u32>load<u8>(start)) & head & tail);
    return (
      Bits.countBytes(start + 1, end) +
      popcnt((<u32>load<u8>(start)) & head) +
      popcnt((<u32>load<u8>(end)) & tail)
    );
  }

  private static countBytes(at: usize, end: usize): u64 {
    let a: u64 = 0;
    let b: u64 = 0;
    let c: u64 = 0;
    let d: u64 = 0;
    for (; end - at >= 32; at += 32) {
      a += popcnt(load<u64>(at));
      b += popcnt(load<u64>(at, 8));
      c += popcnt(load<u64>(at, 16));
      d += popcnt(load<u64>(at, 24));
    }
    for (; end - at >= 8; at += 8) a += popcnt(load<u64>(at));
    for (; at < end; at++) b += popcnt(<u32>load<u8>(at));
    return a + b + c + d;
  }

  /** The first of the bits from `first` to `last`, both included, that is `bit`; -1 when none is. */
  static position(ptr: usize, first: u64, last: u64, bit: u32): i64 {
    // With the bytes inverted where a clear bit is looked for, it is always a set one.
    const flip: u32 = bit ? 0 : 0xff;
    let at = ptr + <usize>(first >> 3);
    const end = ptr + <usize>(last >> 3);
    let byte = ((<u32>load<u8>(at)) ^ flip) & Bits.headMask(first);
    if (at < end && !byte) {
      at = Bits.otherByte(at + 1, end, flip);
      byte = (<u32>load<u8>(at)) ^ flip;
    }
    if (at == end) byte &= Bits.tailMask(last);
    return byte ? ((<i64>(at - ptr)) << 3) + clz(byte) - 24 : -1;
  }

  /** The first byte that is not `byte`, or `end`. */
  private static otherByte(at: usize, end: usize, byte: u32): usize {
    const pattern = i8x16.splat(<i8>byte);
    for (; end - at >= 64; at += 64) {
      const first = v128.or(v128.xor(v128.load(at), pattern), v128.xor(v128.load(at, 16), pattern));
      const second = v128.or(
        v128.xor(v128.load(at, 32), pattern),
        v128.xor(v128.load(at, 48), pattern),
      );
      if (v128.any_true(v128.or(first, second))) break;
    }
    for (; end - at >= 16; at += 16) {
      const same = i8x16.bitmask(i8x16.eq(v128.load(at), pattern));
      if (same != 0xffff) return at + ctz(~same);
    }
    while (at < end && load<u8>(at) == byte) at++;
    return at;
  }

  /** dst = a combined with b; dst may be a. */
  static combine(operation: BitOperation, dst: usize, a: usize, b: usize, len: u32): void {
    if (operation == BitOperation.AND) Bits.each(BitOperation.AND, dst, a, b, len);
    else if (operation == BitOperation.OR) Bits.each(BitOperation.OR, dst, a, b, len);
    else Bits.each(BitOperation.XOR, dst, a, b, len);
  }


  @inline private static each(
    operation: BitOperation,
    dst: usize,
    a: usize,
    b: usize,
    len: u32,
  ): void {
    const end = dst + len;
    for (; end - dst >= 32; dst += 32, a += 32, b += 32) {
      v128.store(dst, Bits.both(operation, v128.load(a), v128.load(b)));
      v128.store(dst, Bits.both(operation, v128.load(a, 16), v128.load(b, 16)), 16);
    }
    for (; dst < end; dst++, a++, b++) {
      const x: u32 = load<u8>(a);
      const y: u32 = load<u8>(b);
      store<u8>(
        dst,
        operation == BitOperation.AND ? x & y : operation == BitOperation.OR ? x | y : x ^ y,
      );
    }
  }


  @inline private static both(operation: BitOperation, a: v128, b: v128): v128 {
    if (operation == BitOperation.AND) return v128.and(a, b);
    return operation == BitOperation.OR ? v128.or(a, b) : v128.xor(a, b);
  }

  /** dst = a with every bit the other way. */
  static invert(dst: usize, a: usize, len: u32): void {
    const end = dst + len;
    for (; end - dst >= 32; dst += 32, a += 32) {
      v128.store(dst, v128.not(v128.load(a)));
      v128.store(dst, v128.not(v128.load(a, 16)), 16);
    }
    for (; dst < end; dst++, a++) store<u8>(dst, ~load<u8>(a));
  }

  /** The integer of `width` bits (1 to 64) at bit `offset`, the first bit highest; beyond the end are zeros. */
  static field(ptr: usize, len: u32, offset: u64, width: u32): u64 {
    const index = offset >> 3;
    const shift = (<u32>offset) & 7;
    let value: u64 = 0;
    let next: u64 = 0;
    if (index + 9 <= len) {
      const at = ptr + <usize>index;
      value = bswap(load<u64>(at));
      next = load<u8>(at, 8);
    } else {
      for (let i: u64 = 0; i < 8; i++) {
        value <<= 8;
        if (index + i < len) value |= load<u8>(ptr + <usize>(index + i));
      }
    }
    if (shift) value = (value << shift) | (next >> (8 - shift));
    return value >> (WORD - width);
  }

  /** As `field`, with the sign in the first bit. */
  static signedField(ptr: usize, len: u32, offset: u64, width: u32): i64 {
    const unused = WORD - width;
    return (<i64>(Bits.field(ptr, len, offset, width) << unused)) >> unused;
  }

  /** Writes the lowest `width` bits of a value at bit `offset`; the string reaches so far. */
  static setField(ptr: usize, offset: u64, width: u32, value: u64): void {
    let at = ptr + <usize>((offset + width - 1) >> 3);
    // From the last byte to the first, each takes as many bits as it has room for.
    let room = (<u32>(offset + width)) & 7;
    let below = room ? 8 - room : 0;
    if (!room) room = 8;
    while (width) {
      const taken = min(room, width);
      const mask = (((<u32>1) << taken) - 1) << below;
      store<u8>(at, ((<u32>load<u8>(at)) & ~mask) | (((<u32>value) << below) & mask));
      value >>= taken;
      width -= taken;
      below = 0;
      room = 8;
      at--;
    }
  }

  /** The bits of the first byte that belong to a range. */
  @inline private static headMask(first: u64): u32 {
    return (<u32>0xff) >> ((<u32>first) & 7);
  }

  /** The bits of the last byte that belong to a range. */
  @inline private static tailMask(last: u64): u32 {
    return (<u32>0xff) & ((<u32>0xff) << (7 - ((<u32>last) & 7)));
  }
}
