// Bytes that nobody can guess: SHA-256 over a key that the host gives and a count. The key is mixed with what
// the engine has of chance by itself, so that it is never empty.

import { Random } from "../algorithms/random";
import { Sha256 } from "../algorithms/sha256";
import { Slice } from "../memory/slice";

/** key: 32 bytes │ count: 8 │ chance: 8 │ what the host gives, up to 64 */
const pool: usize = memory.data(112, 8);
const GIVEN_MAX: u32 = 64;

export class Secret {
  /** Mixes bytes of the host into the key. */
  static mix(given: Slice): void {
    const length = min<u32>(given.len, GIVEN_MAX);
    memory.copy(pool + 48, given.ptr, length);
    store<u64>(pool, Random.next(), 40);
    Sha256.hash(pool, 48 + length, pool);
    memory.fill(pool + 48, 0, GIVEN_MAX);
  }

  /** Writes 32 bytes. */
  static fill(target: usize): void {
    store<u64>(pool, load<u64>(pool, 32) + 1, 32);
    store<u64>(pool, Random.next(), 40);
    Sha256.hash(pool, 48, target);
  }
}
