// How often a key is used, for the LFU policies: in the 24 bits of the entry's access clock.
//
//   ├────────────────────┬─────────┤
//   │ last decay, min 16 │ count 8 │
//   └────────────────────┴─────────┘
//
// The counter is logarithmic: it grows with a chance that falls as it grows (lfu-log-factor), and
// loses one for every lfu-decay-time minutes (Morris, 1978).

import { Random } from "../algorithms/random";
import { Config } from "../generated/config";
import { Clock } from "../memory/clock";
import { Entry } from "./entry";

const INITIAL: u32 = 5;
const MAXIMUM: u32 = 255;

export class Frequency {

  @inline private static minutes(): u32 {
    return (<u32>(Clock.nowMs / 60000)) & 0xffff;
  }

  /** What a new entry begins with: it must not be the first to go. */
  @inline static initial(): u32 {
    return Frequency.withCount(INITIAL);
  }

  /** The clock of an entry whose counter is this, now. */
  @inline static withCount(count: u32): u32 {
    return (Frequency.minutes() << 8) | count;
  }

  /** The counter, as it is after the time that has passed. */
  static of(entry: Entry): u32 {
    const clock = entry.lru;
    const counter = clock & 255;
    const period = <u32>Config.lfuDecayTime;
    if (!period) return counter;
    const passed = (Frequency.minutes() - (clock >> 8)) & 0xffff;
    return counter - min(counter, passed / period);
  }

  /** The clock of an entry that is used once more. */
  static used(entry: Entry): u32 {
    let counter = Frequency.of(entry);
    if (counter < MAXIMUM) {
      const base = <f64>(counter > INITIAL ? counter - INITIAL : 0);
      if (Random.real() < 1 / (base * <f64>Config.lfuLogFactor + 1)) counter++;
    }
    return (Frequency.minutes() << 8) | counter;
  }
}
