// Random numbers for SPOP, RANDOMKEY, eviction samples and skip levels: xoshiro256** (Blackman and
// Vigna, 2018), its state filled from the host's seed by splitmix64. It is fast and even, and no
// secret: what must not be guessed comes from the host.

export class Random {
  private static s0: u64 = 1;
  private static s1: u64 = 0;
  private static s2: u64 = 0;
  private static s3: u64 = 0;

  /** Starts the sequence that belongs to this seed. */
  static seed(seed: u64): void {
    Random.s0 = Random.splitMix(seed, 1);
    Random.s1 = Random.splitMix(seed, 2);
    Random.s2 = Random.splitMix(seed, 3);
    Random.s3 = Random.splitMix(seed, 4);
  }

  /** 64 random bits. */
  static next(): u64 {
    const s1 = Random.s1;
    const result = rotl(s1 * 5, 7) * 9;
    const s2 = Random.s2 ^ Random.s0;
    const s3 = Random.s3 ^ s1;
    Random.s1 = s1 ^ s2;
    Random.s0 ^= s3;
    Random.s2 = s2 ^ (s1 << 17);
    Random.s3 = rotl(s3, 45);
    return result;
  }

  /** A number from 0 to limit - 1, each equally likely; `limit` is at least 1. */
  static below(limit: u32): u32 {
    // Lemire's method: the upper half of a product, drawn again in the rare uneven rest.
    let product = (Random.next() >> 32) * limit;
    if (<u32>product < limit) {
      const uneven = (<u32>0 - limit) % limit;
      while (<u32>product < uneven) product = (Random.next() >> 32) * limit;
    }
    return <u32>(product >> 32);
  }

  /** A number from 0 up to, not including, 1. */
  static real(): f64 {
    return <f64>(Random.next() >> 11) * (1.0 / 9007199254740992.0);
  }

  /** The nth output of splitmix64 started at `seed`. */
  private static splitMix(seed: u64, n: u64): u64 {
    let z = seed + n * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
}
