// SHA-1 (FIPS 180-4). It names scripts (EVALSHA) and sums up datasets (DEBUG DIGEST); nothing rests
// on its security.

import { Hex } from "./hex";

/** The message schedule: 80 words. */
const schedule: usize = memory.data(4 * 80, 16);
/** The end of the message, padded: one or two blocks. */
const tail: usize = memory.data(128, 16);

export class Sha1 {
  static readonly SIZE: u32 = 20;

  private static h0: u32 = 0;
  private static h1: u32 = 0;
  private static h2: u32 = 0;
  private static h3: u32 = 0;
  private static h4: u32 = 0;

  /** Writes the 20 bytes of the digest. */
  static hash(ptr: usize, len: usize, dst: usize): void {
    Sha1.h0 = 0x67452301;
    Sha1.h1 = 0xefcdab89;
    Sha1.h2 = 0x98badcfe;
    Sha1.h3 = 0x10325476;
    Sha1.h4 = 0xc3d2e1f0;
    const rest = len & 63;
    for (const end = ptr + len - rest; ptr < end; ptr += 64) Sha1.block(ptr);
    memory.copy(tail, ptr, rest);
    store<u8>(tail + rest, 0x80);
    const padded: usize = rest < 56 ? 64 : 128;
    memory.fill(tail + rest + 1, 0, padded - rest - 9);
    store<u64>(tail + padded - 8, bswap<u64>((<u64>len) << 3));
    for (let at: usize = 0; at < padded; at += 64) Sha1.block(tail + at);
    store<u32>(dst, bswap(Sha1.h0));
    store<u32>(dst, bswap(Sha1.h1), 4);
    store<u32>(dst, bswap(Sha1.h2), 8);
    store<u32>(dst, bswap(Sha1.h3), 12);
    store<u32>(dst, bswap(Sha1.h4), 16);
  }

  /** Writes the digest as 40 hexadecimal digits. */
  static hex(ptr: usize, len: usize, dst: usize): void {
    Sha1.hash(ptr, len, dst);
    Hex.expand(dst, Sha1.SIZE);
  }

  private static block(ptr: usize): void {
    for (let t: usize = 0; t < 64; t += 4) store<u32>(schedule + t, bswap(load<u32>(ptr + t)));
    for (let t: usize = schedule + 64; t < schedule + 320; t += 4) {
      const mixed = load<u32>(t - 12) ^ load<u32>(t - 32) ^ load<u32>(t - 56) ^ load<u32>(t - 64);
      store<u32>(t, rotl(mixed, 1));
    }
    let a = Sha1.h0;
    let b = Sha1.h1;
    let c = Sha1.h2;
    let d = Sha1.h3;
    let e = Sha1.h4;
    let t: usize = schedule;
    for (; t < schedule + 80; t += 4) {
      const next = rotl(a, 5) + (d ^ (b & (c ^ d))) + e + 0x5a827999 + load<u32>(t);
      e = d;
      d = c;
      c = rotl(b, 30);
      b = a;
      a = next;
    }
    for (; t < schedule + 160; t += 4) {
      const next = rotl(a, 5) + (b ^ c ^ d) + e + 0x6ed9eba1 + load<u32>(t);
      e = d;
      d = c;
      c = rotl(b, 30);
      b = a;
      a = next;
    }
    for (; t < schedule + 240; t += 4) {
      const next = rotl(a, 5) + ((b & c) | (d & (b | c))) + e + 0x8f1bbcdc + load<u32>(t);
      e = d;
      d = c;
      c = rotl(b, 30);
      b = a;
      a = next;
    }
    for (; t < schedule + 320; t += 4) {
      const next = rotl(a, 5) + (b ^ c ^ d) + e + 0xca62c1d6 + load<u32>(t);
      e = d;
      d = c;
      c = rotl(b, 30);
      b = a;
      a = next;
    }
    Sha1.h0 += a;
    Sha1.h1 += b;
    Sha1.h2 += c;
    Sha1.h3 += d;
    Sha1.h4 += e;
  }
}
