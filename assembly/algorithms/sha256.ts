// SHA-256 (FIPS 180-4), the form in which passwords of users are kept.

/** The fractions of the cube roots of the first 64 primes. */
const constants: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
/** The fractions of the square roots of the first eight primes. */
const initial: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
/** The message schedule: 64 words. */
const schedule: usize = memory.data(4 * 64, 16);
/** The end of the message, padded: one or two blocks. */
const tail: usize = memory.data(128, 16);
const state: usize = memory.data(4 * 8, 16);

export class Sha256 {
  static readonly SIZE: u32 = 32;

  /** Writes the 32 bytes of the digest. */
  static hash(ptr: usize, len: usize, dst: usize): void {
    memory.copy(state, initial, Sha256.SIZE);
    const rest = len & 63;
    for (const end = ptr + len - rest; ptr < end; ptr += 64) Sha256.block(ptr);
    memory.copy(tail, ptr, rest);
    store<u8>(tail + rest, 0x80);
    const padded: usize = rest < 56 ? 64 : 128;
    memory.fill(tail + rest + 1, 0, padded - rest - 9);
    store<u64>(tail + padded - 8, bswap<u64>((<u64>len) << 3));
    for (let at: usize = 0; at < padded; at += 64) Sha256.block(tail + at);
    for (let at: usize = 0; at < 32; at += 4) store<u32>(dst + at, bswap(load<u32>(state + at)));
  }

  private static block(ptr: usize): void {
    for (let t: usize = 0; t < 64; t += 4) store<u32>(schedule + t, bswap(load<u32>(ptr + t)));
    for (let t: usize = schedule + 64; t < schedule + 256; t += 4) {
      const early = load<u32>(t - 60);
      const late = load<u32>(t - 8);
      const sigma0 = rotr(early, 7) ^ rotr(early, 18) ^ (early >> 3);
      const sigma1 = rotr(late, 17) ^ rotr(late, 19) ^ (late >> 10);
      store<u32>(t, load<u32>(t - 64) + sigma0 + load<u32>(t - 28) + sigma1);
    }
    let a = load<u32>(state);
    let b = load<u32>(state, 4);
    let c = load<u32>(state, 8);
    let d = load<u32>(state, 12);
    let e = load<u32>(state, 16);
    let f = load<u32>(state, 20);
    let g = load<u32>(state, 24);
    let h = load<u32>(state, 28);
    for (let t: usize = 0; t < 256; t += 4) {
      const sum1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
      const choice = g ^ (e & (f ^ g));
      const first = h + sum1 + choice + load<u32>(constants + t) + load<u32>(schedule + t);
      const sum0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
      const majority = (a & b) | (c & (a | b));
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + sum0 + majority;
    }
    store<u32>(state, load<u32>(state) + a);
    store<u32>(state, load<u32>(state, 4) + b, 4);
    store<u32>(state, load<u32>(state, 8) + c, 8);
    store<u32>(state, load<u32>(state, 12) + d, 12);
    store<u32>(state, load<u32>(state, 16) + e, 16);
    store<u32>(state, load<u32>(state, 20) + f, 20);
    store<u32>(state, load<u32>(state, 24) + g, 24);
    store<u32>(state, load<u32>(state, 28) + h, 28);
  }
}
