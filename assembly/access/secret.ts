// Bytes that nobody can guess: SHA-256 over a key that the host alone knows, and a count. Of the engine's own
// chance enough is seen by clients to tell what comes next, so it is only mixed in.

import { Random } from "../algorithms/random";
import { Sha256 } from "../algorithms/sha256";

//   0          32      40       48
//   ├──────────┼───────┼────────┤
//   │ key      │ count │ chance │
//   └──────────┴───────┴────────┘
const pool: usize = memory.data(48, 8);

export class Secret {
  /** Address of the key, 32 bytes, which the host fills. */
  static get key(): usize {
    return pool;
  }

  /** Writes 32 bytes. */
  static fill(target: usize): void {
    store<u64>(pool, load<u64>(pool, 32) + 1, 32);
    store<u64>(pool, Random.next(), 40);
    Sha256.hash(pool, 48, target);
  }
}
