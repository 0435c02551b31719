// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), the hash of
// every table. Keys come from strangers: with a secret seed they cannot choose collisions.
// One compression round a word and three at the end are enough for that, as in the tables of
// Rust, Python and Redis.
//
// The last word holds the 0 to 7 bytes that are left, and the length in its top byte. It is
// put together from loads that overlap, so that nothing outside the text is read.

/** What the four words of state start from, before the seed is mixed in. */
const INITIAL_0: u64 = 0x736f6d6570736575;
const INITIAL_1: u64 = 0x646f72616e646f6d;
const INITIAL_2: u64 = 0x6c7967656e657261;
const INITIAL_3: u64 = 0x7465646279746573;

export class SipHash {
  private static start0: u64 = INITIAL_0;
  private static start1: u64 = INITIAL_1;
  private static start2: u64 = INITIAL_2;
  private static start3: u64 = INITIAL_3;

  /** Sets the secret; hashes made before are worth nothing after. */
  static seed(k0: u64, k1: u64): void {
    SipHash.start0 = INITIAL_0 ^ k0;
    SipHash.start1 = INITIAL_1 ^ k1;
    SipHash.start2 = INITIAL_2 ^ k0;
    SipHash.start3 = INITIAL_3 ^ k1;
  }

  static hash(ptr: usize, len: u32): u64 {
    let v0 = SipHash.start0;
    let v1 = SipHash.start1;
    let v2 = SipHash.start2;
    let v3 = SipHash.start3;
    const tail = ptr + (len & ~7);
    let word: u64;
    do {
      word = ptr < tail ? load<u64>(ptr) : SipHash.lastWord(tail, len);
      if (ptr == tail) word |= (<u64>len) << 56;
      v3 ^= word;
      v0 += v1;
      v1 = rotl(v1, 13) ^ v0;
      v0 = rotl(v0, 32);
      v2 += v3;
      v3 = rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = rotl(v1, 17) ^ v2;
      v2 = rotl(v2, 32);
      v0 ^= word;
      ptr += 8;
    } while (ptr <= tail);
    v2 ^= 0xff;
    for (let round = 0; round < 3; round++) {
      v0 += v1;
      v1 = rotl(v1, 13) ^ v0;
      v0 = rotl(v0, 32);
      v2 += v3;
      v3 = rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = rotl(v1, 17) ^ v2;
      v2 = rotl(v2, 32);
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  /** The bytes after the whole words, the first one lowest. */
  @inline private static lastWord(tail: usize, len: u32): u64 {
    const rest = len & 7;
    if (rest == 0) return 0;
    if (len > 8) return load<u64>(tail + rest - 8) >> (64 - (rest << 3));
    if (rest >= 4) {
      return load<u32>(tail) | ((<u64>load<u32>(tail + rest - 4)) << ((rest - 4) << 3));
    }
    const middle = rest >> 1;
    return (
      (<u64>load<u8>(tail)) |
      ((<u64>load<u8>(tail + middle)) << (middle << 3)) |
      ((<u64>load<u8>(tail + rest - 1)) << ((rest - 1) << 3))
    );
  }
}
