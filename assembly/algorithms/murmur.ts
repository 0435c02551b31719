// MurmurHash64A (Appleby), the hash of HyperLogLog elements. Which register an element sets depends
// on it, so that sketches made here and by Redis can be merged; it is no use where keys come from
// strangers.

const MULTIPLIER: u64 = 0xc6a4a7935bd1e995;

export class Murmur {
  static hash(ptr: usize, len: u32, seed: u64): u64 {
    let hash = seed ^ (len * MULTIPLIER);
    for (const end = ptr + (len & ~7); ptr < end; ptr += 8) {
      let word = load<u64>(ptr) * MULTIPLIER;
      word = (word ^ (word >> 47)) * MULTIPLIER;
      hash = (hash ^ word) * MULTIPLIER;
    }
    let rest = len & 7;
    if (rest) {
      let word: u64 = 0;
      while (rest--) word = (word << 8) | load<u8>(ptr + rest);
      hash = (hash ^ word) * MULTIPLIER;
    }
    hash = (hash ^ (hash >> 47)) * MULTIPLIER;
    return hash ^ (hash >> 47);
  }
}
